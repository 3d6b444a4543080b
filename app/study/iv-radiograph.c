/* The radiograph object: stored values, what is counted over them, density.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-radiograph.h"

#include <math.h>

#include "app/study/iv-decode-pool.h"
#include "app/study/iv-grayscale.h"

struct _IvRadiograph {
  GObject parent_instance;
  IvRadiographInfo *info;
  GBytes *pixels;
  guint32 *histogram; /* [65536] */
  gint32 min, max;
  char *digest; /* made on first demand, under once */
  gsize digest_once;
};

G_DEFINE_FINAL_TYPE (IvRadiograph, iv_radiograph, G_TYPE_OBJECT)

static void
iv_radiograph_finalize (GObject *object)
{
  IvRadiograph *self = IV_RADIOGRAPH (object);
  iv_radiograph_info_free (self->info);
  g_bytes_unref (self->pixels);
  g_free (self->histogram);
  g_free (self->digest);
  G_OBJECT_CLASS (iv_radiograph_parent_class)->finalize (object);
}

static void
iv_radiograph_class_init (IvRadiographClass *class)
{
  G_OBJECT_CLASS (class)->finalize = iv_radiograph_finalize;
}

static void
iv_radiograph_init (IvRadiograph *self)
{
}

static gint32
stored_value (const IvRadiographInfo *info, guint pattern)
{
  return info->is_signed ? (gint16) pattern : (gint32) pattern;
}

static gboolean
is_padding (const IvRadiographInfo *info, gint32 value)
{
  return info->has_padding && value >= info->padding_low && value <= info->padding_high;
}

static void
count_values (IvRadiograph *self)
{
  const guint16 *pixels = iv_radiograph_get_pixels (self);
  gsize n = (gsize) self->info->rows * self->info->columns;
  self->histogram = g_new0 (guint32, 65536);
  for (gsize i = 0; i < n; i++)
    self->histogram[pixels[i]]++;
  gboolean found = FALSE;
  for (guint pattern = 0; pattern < 65536; pattern++) {
    if (self->histogram[pattern] == 0)
      continue;
    gint32 value = stored_value (self->info, pattern);
    if (is_padding (self->info, value)) {
      self->histogram[pattern] = 0;
      continue;
    }
    self->min = found ? MIN (self->min, value) : value;
    self->max = found ? MAX (self->max, value) : value;
    found = TRUE;
  }
}

IvRadiograph *
iv_radiograph_new (IvRadiographInfo *info, GBytes *pixels, GError **error)
{
  g_autoptr (IvRadiograph) self = g_object_new (IV_TYPE_RADIOGRAPH, NULL);
  self->info = info;
  self->pixels = pixels;
  gsize expected = sizeof (guint16) * (gsize) info->rows * info->columns;
  if (expected == 0 || g_bytes_get_size (pixels) != expected) {
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_DAMAGED,
                 "%s: %u × %u pixels need %" G_GSIZE_FORMAT " bytes, there are %" G_GSIZE_FORMAT,
                 info->file != NULL ? info->file : "radiograph",
                 info->columns,
                 info->rows,
                 expected,
                 g_bytes_get_size (pixels));
    return NULL;
  }
  count_values (self);
  return g_steal_pointer (&self);
}

const IvRadiographInfo *
iv_radiograph_get_info (IvRadiograph *self)
{
  return self->info;
}

guint
iv_radiograph_get_columns (IvRadiograph *self)
{
  return self->info->columns;
}

guint
iv_radiograph_get_rows (IvRadiograph *self)
{
  return self->info->rows;
}

const guint16 *
iv_radiograph_get_pixels (IvRadiograph *self)
{
  return g_bytes_get_data (self->pixels, NULL);
}

void
iv_radiograph_get_range (IvRadiograph *self, gint32 *min, gint32 *max)
{
  *min = self->min;
  *max = self->max;
}

const guint32 *
iv_radiograph_get_histogram (IvRadiograph *self)
{
  return self->histogram;
}

double
iv_radiograph_get_modality_value (IvRadiograph *self, gint32 stored)
{
  const IvLut *lut = self->info->modality_lut;
  if (lut != NULL) {
    gint64 index = (gint64) stored - lut->first;
    return lut->entries[CLAMP (index, 0, (gint64) lut->n_entries - 1)];
  }
  return stored * self->info->rescale_slope + self->info->rescale_intercept;
}

static char *
compute_digest (IvRadiograph *self)
{
  const guint16 *pixels = iv_radiograph_get_pixels (self);
  gsize n = (gsize) self->info->rows * self->info->columns;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 buffer[8192];
  gsize width = self->info->bits_allocated > 8 ? 2 : 1;
  for (gsize start = 0; start < n; start += sizeof buffer / 2) {
    gsize count = MIN (sizeof buffer / 2, n - start);
    for (gsize i = 0; i < count; i++) {
      buffer[i * width] = pixels[start + i] & 0xff;
      if (width == 2)
        buffer[i * 2 + 1] = pixels[start + i] >> 8;
    }
    g_checksum_update (checksum, buffer, count * width);
  }
  return g_strndup (g_checksum_get_string (checksum), 16);
}

const char *
iv_radiograph_get_digest (IvRadiograph *self)
{
  if (g_once_init_enter (&self->digest_once)) {
    self->digest = compute_digest (self);
    g_once_init_leave (&self->digest_once, 1);
  }
  return self->digest;
}

typedef struct {
  float value;
  guint32 count;
} Level;

static int
compare_levels (gconstpointer a, gconstpointer b)
{
  float difference = ((const Level *) a)->value - ((const Level *) b)->value;
  return difference < 0 ? -1 : difference > 0;
}

static float
find_percentile (const Level *levels, guint n_levels, guint64 total, double fraction)
{
  guint64 rank = (guint64) (fraction * (total - 1));
  guint64 seen = 0;
  for (guint i = 0; i < n_levels; i++) {
    seen += levels[i].count;
    if (seen > rank)
      return levels[i].value;
  }
  return levels[n_levels - 1].value;
}

/* Modality values, dense tissue high, for every pattern; then percentiles over those that occur. */
static void
build_density_table (IvRadiograph *self, float *table)
{
  g_autofree Level *levels = g_new (Level, 65536);
  guint n_levels = 0;
  guint64 total = 0;
  float sign = self->info->is_inverted ? -1 : 1;
  for (guint pattern = 0; pattern < 65536; pattern++) {
    gint32 stored = stored_value (self->info, pattern);
    table[pattern] = sign * (float) iv_radiograph_get_modality_value (self, stored);
    if (self->histogram[pattern] == 0)
      continue;
    levels[n_levels++] = (Level){ table[pattern], self->histogram[pattern] };
    total += self->histogram[pattern];
  }
  if (n_levels == 0)
    levels[n_levels++] = (Level){ 0, 1 };
  qsort (levels, n_levels, sizeof (Level), compare_levels);
  float low = find_percentile (levels, n_levels, MAX (total, 1), 0.001);
  float high = find_percentile (levels, n_levels, MAX (total, 1), 0.999);
  float scale = high > low ? 1 / (high - low) : 0;
  for (guint pattern = 0; pattern < 65536; pattern++) {
    gboolean padding = is_padding (self->info, stored_value (self->info, pattern));
    table[pattern] = padding ? 0 : CLAMP ((table[pattern] - low) * scale, -0.5f, 1.5f);
  }
}

float *
iv_radiograph_get_density (IvRadiograph *self)
{
  const guint16 *pixels = iv_radiograph_get_pixels (self);
  gsize n = (gsize) self->info->rows * self->info->columns;
  g_autofree float *table = g_new (float, 65536);
  build_density_table (self, table);
  float *density = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    density[i] = table[pixels[i]];
  return density;
}

/* Mean over each small pixel's box; the table maps stored values to display values first. */
static guint8
average_box (IvRadiograph *self, const guint8 *table, gsize x0, gsize x1, gsize y0, gsize y1)
{
  const guint16 *pixels = iv_radiograph_get_pixels (self);
  guint64 sum = 0;
  for (gsize y = y0; y < y1; y++)
    for (gsize x = x0; x < x1; x++)
      sum += table[pixels[y * self->info->columns + x]];
  return sum / ((x1 - x0) * (y1 - y0));
}

GBytes *
iv_radiograph_render_small (IvRadiograph *self, guint size, guint *width, guint *height)
{
  gsize columns = self->info->columns, rows = self->info->rows;
  double scale = MIN (1.0, (double) MAX (size, 1) / MAX (columns, rows));
  gsize w = MAX (1, (gsize) floor (columns * scale));
  gsize h = MAX (1, (gsize) floor (rows * scale));
  g_autofree guint8 *table = g_malloc (65536);
  IvGrayscale grayscale;
  iv_grayscale_init_preset (&grayscale, self, IV_PRESET_FILE);
  iv_grayscale_build_table (self, &grayscale, table);
  guint8 *small = g_malloc (w * h);
  for (gsize y = 0; y < h; y++)
    for (gsize x = 0; x < w; x++)
      small[y * w + x] = average_box (
          self, table, x * columns / w, (x + 1) * columns / w, y * rows / h, (y + 1) * rows / h);
  *width = w;
  *height = h;
  return g_bytes_new_take (small, w * h);
}

static void
load_in_pool (GTask *task, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  IvRadiograph *radiograph = iv_radiograph_load (data, cancellable, &error);
  if (radiograph != NULL)
    g_task_return_pointer (task, radiograph, g_object_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
iv_radiograph_load_async (const char *file,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, iv_radiograph_load_async);
  g_task_set_task_data (task, g_strdup (file), g_free);
  iv_decode_pool_push (task, load_in_pool);
}

IvRadiograph *
iv_radiograph_load_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

IvRadiograph *
iv_radiograph_load (const char *file, GCancellable *cancellable, GError **error)
{
  g_autoptr (IvDecodeResult) result =
      iv_decode_pool_run (file, IV_DECODE_PIXELS, cancellable, error);
  if (result == NULL)
    return NULL;
  if (result->pixels == NULL) {
    g_set_error (error, IV_STUDY_ERROR, IV_STUDY_ERROR_NO_IMAGE, "%s: is a DICOMDIR", file);
    return NULL;
  }
  return iv_radiograph_new (
      g_steal_pointer (&result->info), g_steal_pointer (&result->pixels), error);
}
