/* The values of a film at full size and halved again and again, for drawing it at any zoom.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-pyramid.h"

#include <math.h>

#define MAX_LEVELS 16
#define SMALLEST 4 /* pixels of the longer side of the last level */
#define WARP_STEP 8

struct _IvFilmPyramid {
  gatomicrefcount ref_count;
  gint32 min;
  guint base, shift;
  guint max_code;
  gboolean is_signed;
  gboolean has_void;
  guint n_levels;
  guint columns[MAX_LEVELS], rows[MAX_LEVELS];
  guint16 *codes[MAX_LEVELS]; /* (owned) */
};

static IvFilmPyramid *
pyramid_alloc (guint columns, guint rows)
{
  IvFilmPyramid *self = g_new0 (IvFilmPyramid, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->n_levels = 1;
  self->columns[0] = columns;
  self->rows[0] = rows;
  self->codes[0] = g_new (guint16, (gsize) columns * rows);
  return self;
}

/* The mean of those of four codes that are film; void only when all are. */
static inline guint16
mean_without_void (guint a, guint b, guint c, guint d)
{
  const guint n = (a != 0) + (b != 0) + (c != 0) + (d != 0);

  return n == 0 ? 0 : (guint16) ((a + b + c + d + n / 2) / n);
}

static void
halve (IvFilmPyramid *self, guint level)
{
  const guint columns = self->columns[level - 1], rows = self->rows[level - 1];
  const guint half_columns = (columns + 1) / 2, half_rows = (rows + 1) / 2;
  const guint16 *from = self->codes[level - 1];
  guint16 *to = g_new (guint16, (gsize) half_columns * half_rows);

  for (guint y = 0; y < half_rows; y++) {
    const guint16 *upper = from + (gsize) columns * (2 * y);
    const guint16 *lower = 2 * y + 1 < rows ? upper + columns : upper;
    guint16 *out = to + (gsize) half_columns * y;

    if (self->has_void) {
      for (guint x = 0; x < half_columns; x++) {
        const guint left = 2 * x, right = MIN (2 * x + 1, columns - 1);
        out[x] = mean_without_void (upper[left], upper[right], lower[left], lower[right]);
      }
    } else {
      for (guint x = 0; x < columns / 2; x++)
        out[x] = (guint16) (((guint) upper[2 * x] + upper[2 * x + 1] + lower[2 * x] +
                             lower[2 * x + 1] + 2) /
                            4);
      if (columns % 2 == 1)
        out[half_columns - 1] =
            (guint16) (((guint) upper[columns - 1] + lower[columns - 1] + 1) / 2);
    }
  }
  self->columns[level] = half_columns;
  self->rows[level] = half_rows;
  self->codes[level] = to;
}

static void
build_levels (IvFilmPyramid *self)
{
  while (self->n_levels < MAX_LEVELS &&
         MAX (self->columns[self->n_levels - 1], self->rows[self->n_levels - 1]) > SMALLEST) {
    halve (self, self->n_levels);
    self->n_levels++;
  }
}

IvFilmPyramid *
iv_film_pyramid_new (const IvFilmPyramidParams *params)
{
  IvFilmPyramid *self = pyramid_alloc (params->columns, params->rows);
  const gsize n_pixels = (gsize) params->columns * params->rows;
  const guint range = (guint) CLAMP (params->max - params->min, 0, 65535);
  g_autofree guint16 *code_of = g_new (guint16, 65536);

  self->min = params->min;
  self->is_signed = params->is_signed;
  /* Void takes a code unless the values need them all. */
  self->base = range < 65535 ? 1 : 0;
  self->has_void = params->has_padding && self->base == 1;
  while (self->base + ((range << (self->shift + 1)) | 1) <= 65535 && self->shift < 8)
    self->shift++;
  self->max_code = self->base + (range << self->shift);

  for (gint32 pattern = 0; pattern < 65536; pattern++) {
    const gint32 value = params->is_signed ? (gint16) (guint16) pattern : pattern;
    if (self->has_void && value >= params->padding_low && value <= params->padding_high)
      code_of[pattern] = 0;
    else
      code_of[pattern] =
          (guint16) (self->base +
                     ((guint) CLAMP (value - params->min, 0, (gint32) range) << self->shift));
  }
  for (gsize i = 0; i < n_pixels; i++)
    self->codes[0][i] = code_of[params->pixels[i]];
  build_levels (self);
  return self;
}

IvFilmPyramid *
iv_film_pyramid_new_for_field (const float *values, guint columns, guint rows, const float range[2])
{
  IvFilmPyramid *self = pyramid_alloc (columns, rows);
  const float scale = 65534.0f / (range[1] - range[0]);

  self->min = 1;
  self->base = 1;
  self->max_code = 65535;
  for (gsize i = 0; i < (gsize) columns * rows; i++) {
    const float code = (values[i] - range[0]) * scale;
    self->has_void |= isnan (code);
    self->codes[0][i] = isnan (code) ? 0 : (guint16) (1.5f + CLAMP (code, 0.0f, 65534.0f));
  }
  build_levels (self);
  return self;
}

/* Bilinear; next to void the nearest pixel decides. */
static guint16
sample (IvFilmPyramid *self, double x, double y)
{
  const guint columns = self->columns[0], rows = self->rows[0];
  const guint16 *codes = self->codes[0];

  if (!(x >= -0.5 && y >= -0.5 && x <= columns - 0.5 && y <= rows - 0.5))
    return 0;

  x = CLAMP (x, 0, columns - 1.0);
  y = CLAMP (y, 0, rows - 1.0);
  const guint x0 = (guint) x, y0 = (guint) y;
  const guint x1 = MIN (x0 + 1, columns - 1), y1 = MIN (y0 + 1, rows - 1);
  const float fx = (float) (x - x0), fy = (float) (y - y0);
  const guint16 a = codes[(gsize) y0 * columns + x0], b = codes[(gsize) y0 * columns + x1];
  const guint16 c = codes[(gsize) y1 * columns + x0], d = codes[(gsize) y1 * columns + x1];

  if (self->has_void && (a == 0 || b == 0 || c == 0 || d == 0))
    return fy < 0.5f ? (fx < 0.5f ? a : b) : (fx < 0.5f ? c : d);
  return (guint16) ((a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy + 0.5f);
}

/* Source points of the corners of one row of blocks. */
static void
map_row (const IvFilmWarpParams *params, guint y, guint n, IvPoint *points)
{
  for (guint i = 0; i < n; i++)
    points[i] = params->map (params->user_data, (IvPoint){ i * WARP_STEP, y });
}

static void
warp_block_row (IvFilmPyramid *self,
                const IvFilmWarpParams *params,
                guint block_y,
                const IvPoint *const corners[2])
{
  const guint y_end = MIN ((block_y + 1) * WARP_STEP, self->rows[0]);

  for (guint y = block_y * WARP_STEP; y < y_end; y++) {
    const double fy = (double) (y % WARP_STEP) / WARP_STEP;
    guint16 *out = self->codes[0] + (gsize) y * self->columns[0];

    for (guint x = 0; x < self->columns[0]; x++) {
      const guint i = x / WARP_STEP;
      const double fx = (double) (x % WARP_STEP) / WARP_STEP;
      const IvPoint a = corners[0][i], b = corners[0][i + 1];
      const IvPoint c = corners[1][i], d = corners[1][i + 1];
      const double sx = (a.x * (1 - fx) + b.x * fx) * (1 - fy) + (c.x * (1 - fx) + d.x * fx) * fy;
      const double sy = (a.y * (1 - fx) + b.y * fx) * (1 - fy) + (c.y * (1 - fx) + d.y * fx) * fy;

      out[x] = sample (params->source, sx, sy);
    }
  }
}

IvFilmPyramid *
iv_film_pyramid_new_warped (const IvFilmWarpParams *params, GCancellable *cancellable)
{
  g_autoptr (IvFilmPyramid) self = pyramid_alloc (params->columns, params->rows);
  const guint n = (params->columns + WARP_STEP - 1) / WARP_STEP + 1;
  const guint n_rows = (params->rows + WARP_STEP - 1) / WARP_STEP;
  g_autofree IvPoint *upper = g_new (IvPoint, n);
  g_autofree IvPoint *lower = g_new (IvPoint, n);

  self->min = params->source->min;
  self->base = params->source->base;
  self->shift = params->source->shift;
  self->max_code = params->source->max_code;
  self->is_signed = params->source->is_signed;
  self->has_void = self->base == 1;

  map_row (params, 0, n, lower);
  for (guint block_y = 0; block_y < n_rows; block_y++) {
    if (g_cancellable_is_cancelled (cancellable))
      return NULL;
    IvPoint *spare = upper;
    upper = lower;
    lower = spare;
    map_row (params, (block_y + 1) * WARP_STEP, n, lower);
    warp_block_row (self, params, block_y, (const IvPoint *const[]){ upper, lower });
  }
  build_levels (self);
  return g_steal_pointer (&self);
}

IvFilmPyramid *
iv_film_pyramid_ref (IvFilmPyramid *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
iv_film_pyramid_unref (IvFilmPyramid *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < self->n_levels; i++)
    g_free (self->codes[i]);
  g_free (self);
}

guint
iv_film_pyramid_get_n_levels (IvFilmPyramid *self)
{
  return self->n_levels;
}

IvFilmLevel
iv_film_pyramid_get_level (IvFilmPyramid *self, guint level)
{
  level = MIN (level, self->n_levels - 1);
  return (IvFilmLevel){ self->columns[level], self->rows[level], self->codes[level] };
}

gboolean
iv_film_pyramid_has_void (IvFilmPyramid *self)
{
  return self->has_void;
}

void
iv_film_pyramid_build_table (IvFilmPyramid *self, const guint8 stored[65536], guint8 codes[65536])
{
  const guint one = 1u << self->shift, half = one >> 1;

  for (guint code = 0; code < 65536; code++) {
    const guint offset = CLAMP (code, self->base, self->max_code) - self->base;
    const gint32 value = self->min + (gint32) (offset >> self->shift);
    const guint fraction = offset & (one - 1);
    const guint low = stored[(guint16) value];
    const guint high = fraction > 0 ? stored[(guint16) (value + 1)] : low;

    codes[code] = (guint8) ((low * (one - fraction) + high * fraction + half) >> self->shift);
  }
  if (self->has_void)
    codes[0] = 0;
}

gint32
iv_film_pyramid_decode (IvFilmPyramid *self, guint16 code)
{
  const guint offset = CLAMP (code, self->base, self->max_code) - self->base;

  return self->min + (gint32) ((offset + ((1u << self->shift) >> 1)) >> self->shift);
}
