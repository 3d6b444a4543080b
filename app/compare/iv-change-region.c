/* Small binary regions of an image: flooding, opening, holes, rings.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-region.h"

#include <math.h>
#include <string.h>

IvChangeRegion *
iv_change_region_new (IvMaskView image)
{
  gint x0 = image.width, y0 = image.height, x1 = -1, y1 = -1;

  for (gint y = 0; y < image.height; y++)
    for (gint x = 0; x < image.width; x++)
      if (image.data[y * image.width + x]) {
        x0 = MIN (x0, x);
        x1 = MAX (x1, x);
        y0 = MIN (y0, y);
        y1 = y;
      }
  if (x1 < 0)
    return NULL;

  IvChangeRegion *self = g_new0 (IvChangeRegion, 1);
  self->x = x0;
  self->y = y0;
  self->width = x1 - x0 + 1;
  self->height = y1 - y0 + 1;
  self->mask = g_malloc ((gsize) self->width * self->height);
  for (gint y = 0; y < self->height; y++)
    for (gint x = 0; x < self->width; x++) {
      guint8 set = image.data[(y + y0) * image.width + x + x0] != 0;
      self->mask[y * self->width + x] = set;
      self->area += set;
    }
  return self;
}

/* Takes a mask whose first pixel lies at (x, y) of the image. */
static IvChangeRegion *
new_at (IvMaskView image, gint x, gint y)
{
  IvChangeRegion *self = iv_change_region_new (image);
  if (self) {
    self->x += x;
    self->y += y;
  }
  return self;
}

IvChangeRegion *
iv_change_region_copy (const IvChangeRegion *self)
{
  IvChangeRegion *copy = g_memdup2 (self, sizeof *self);
  copy->mask = g_memdup2 (self->mask, (gsize) self->width * self->height);
  return copy;
}

void
iv_change_region_free (IvChangeRegion *self)
{
  if (!self)
    return;
  g_free (self->mask);
  g_free (self);
}

/* The mask with a frame of unset pixels around it. */
static guint8 *
padded (const IvChangeRegion *self, gint frame, IvMaskView *view)
{
  gint width = self->width + 2 * frame, height = self->height + 2 * frame;
  guint8 *out = g_malloc0 ((gsize) width * height);
  for (gint y = 0; y < self->height; y++)
    memcpy (out + (gsize) (y + frame) * width + frame,
            self->mask + (gsize) y * self->width,
            self->width);
  *view = (IvMaskView){ width, height, out };
  return out;
}

/* Marks with `label` what is 4-connected to the start and holds `value`; returns how many. */
static guint
spread (guint8 *pixels, gint width, gint height, gint start, guint8 value, guint8 label)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (gint));
  guint n = 0;

  if (pixels[start] != value)
    return 0;
  pixels[start] = label;
  g_array_append_val (stack, start);
  while (stack->len) {
    gint at = g_array_index (stack, gint, stack->len - 1);
    g_array_set_size (stack, stack->len - 1);
    n++;
    gint x = at % width, y = at / width;
    const gint next[4] = { x > 0 ? at - 1 : -1,
                           x < width - 1 ? at + 1 : -1,
                           y > 0 ? at - width : -1,
                           y < height - 1 ? at + width : -1 };
    for (guint i = 0; i < 4; i++)
      if (next[i] >= 0 && pixels[next[i]] == value) {
        pixels[next[i]] = label;
        g_array_append_val (stack, next[i]);
      }
  }
  return n;
}

/* Leaves 1 where the pixel holds `label`, 0 elsewhere. */
static void
keep_label (guint8 *pixels, gsize n, guint8 label)
{
  for (gsize i = 0; i < n; i++)
    pixels[i] = pixels[i] == label;
}

IvChangeRegion *
iv_change_region_flood (const IvFloodParams *params)
{
  gint width = params->allowed.width, height = params->allowed.height;
  gsize n = (gsize) width * height;
  g_autofree guint8 *pixels = g_malloc (n);

  for (gsize i = 0; i < n; i++)
    pixels[i] = params->allowed.data[i] && params->sign * params->values[i] > params->threshold;
  if (!spread (pixels, width, height, params->y * width + params->x, 1, 2))
    return NULL;
  keep_label (pixels, n, 2);
  return iv_change_region_new ((IvMaskView){ width, height, pixels });
}

static void
erode (const guint8 *in, guint8 *out, gint width, gint height)
{
  for (gint y = 1; y < height - 1; y++)
    for (gint x = 1; x < width - 1; x++) {
      gint i = y * width + x;
      out[i] = in[i] && in[i - 1] && in[i + 1] && in[i - width] && in[i + width];
    }
}

static void
dilate (const guint8 *in, guint8 *out, gint width, gint height)
{
  for (gint y = 1; y < height - 1; y++)
    for (gint x = 1; x < width - 1; x++) {
      gint i = y * width + x;
      out[i] = in[i] || in[i - 1] || in[i + 1] || in[i - width] || in[i + width];
    }
}

IvChangeRegion *
iv_change_region_open (const IvChangeRegion *self)
{
  IvMaskView view;
  g_autofree guint8 *in = padded (self, 2, &view);
  g_autofree guint8 *thin = g_malloc0 ((gsize) view.width * view.height);
  g_autofree guint8 *out = g_malloc0 ((gsize) view.width * view.height);

  erode (in, thin, view.width, view.height);
  dilate (thin, out, view.width, view.height);
  return new_at ((IvMaskView){ view.width, view.height, out }, self->x - 2, self->y - 2);
}

IvChangeRegion *
iv_change_region_fill (const IvChangeRegion *self)
{
  IvMaskView view;
  g_autofree guint8 *pixels = padded (self, 1, &view);
  gsize n = (gsize) view.width * view.height;

  spread (pixels, view.width, view.height, 0, 0, 2);
  for (gsize i = 0; i < n; i++)
    pixels[i] = pixels[i] != 2;
  return new_at ((IvMaskView){ view.width, view.height, pixels }, self->x - 1, self->y - 1);
}

IvChangeRegion *
iv_change_region_largest (const IvChangeRegion *self)
{
  gsize n = (gsize) self->width * self->height;
  g_autofree guint8 *pixels = g_memdup2 (self->mask, n);
  guint most = 0;
  gint start = 0;

  for (gsize i = 0; i < n; i++)
    if (pixels[i] == 1) {
      guint found = spread (pixels, self->width, self->height, i, 1, 3);
      if (found > most) {
        most = found;
        start = i;
      }
    }
  spread (pixels, self->width, self->height, start, 3, 2);
  keep_label (pixels, n, 2);
  return new_at ((IvMaskView){ self->width, self->height, pixels }, self->x, self->y);
}

IvChangeRegion *
iv_change_region_ring (const IvChangeRegion *self, float inner, float outer, IvMaskView allowed)
{
  IvMaskView view;
  gint frame = (gint) ceilf (outer) + 1;
  g_autofree guint8 *pixels = padded (self, frame, &view);
  g_autofree float *distance = iv_distance_squared (view);

  for (gint y = 0; y < view.height; y++)
    for (gint x = 0; x < view.width; x++) {
      gint at = y * view.width + x, u = x + self->x - frame, v = y + self->y - frame;
      gboolean inside = u >= 0 && v >= 0 && u < allowed.width && v < allowed.height;
      pixels[at] = inside && allowed.data[v * allowed.width + u] && distance[at] > inner * inner &&
                   distance[at] <= outer * outer;
    }
  return new_at (view, self->x - frame, self->y - frame);
}

IvChangeRegion *
iv_change_region_rim (const IvChangeRegion *self, float width)
{
  IvMaskView view;
  g_autofree guint8 *pixels = padded (self, 1, &view);
  gsize n = (gsize) view.width * view.height;
  g_autofree guint8 *outside = g_malloc (n);

  for (gsize i = 0; i < n; i++)
    outside[i] = !pixels[i];
  g_autofree float *distance =
      iv_distance_squared ((IvMaskView){ view.width, view.height, outside });
  for (gsize i = 0; i < n; i++)
    pixels[i] = pixels[i] && distance[i] <= width * width;
  return new_at (view, self->x - 1, self->y - 1);
}

IvChangeRegion *
iv_change_region_mirror (const IvChangeRegion *self, float x, gint width)
{
  gint left = (gint) lrintf (2 * x) - (self->x + self->width - 1);
  gint first = MAX (0, -left), end = MIN (self->width, width - left);
  if (first >= end)
    return NULL;

  g_autofree guint8 *pixels = g_malloc0 ((gsize) self->width * self->height);
  for (gint v = 0; v < self->height; v++)
    for (gint u = first; u < end; u++)
      pixels[v * self->width + u] = self->mask[v * self->width + self->width - 1 - u];
  return new_at ((IvMaskView){ self->width, self->height, pixels }, left, self->y);
}

guint
iv_change_region_overlap (const IvChangeRegion *a, const IvChangeRegion *b)
{
  gint x0 = MAX (a->x, b->x), x1 = MIN (a->x + a->width, b->x + b->width);
  gint y0 = MAX (a->y, b->y), y1 = MIN (a->y + a->height, b->y + b->height);
  guint n = 0;

  for (gint y = y0; y < y1; y++)
    for (gint x = x0; x < x1; x++)
      n += a->mask[(y - a->y) * a->width + x - a->x] & b->mask[(y - b->y) * b->width + x - b->x];
  return n;
}

IvPoint
iv_change_region_centroid (const IvChangeRegion *self)
{
  double sx = 0, sy = 0;

  for (gint y = 0; y < self->height; y++)
    for (gint x = 0; x < self->width; x++)
      if (self->mask[y * self->width + x]) {
        sx += x;
        sy += y;
      }
  return (IvPoint){ self->x + sx / self->area, self->y + sy / self->area };
}

double
iv_change_region_mean (const IvChangeRegion *self, const float *values, gint stride)
{
  double sum = 0;

  for (gint y = 0; y < self->height; y++)
    for (gint x = 0; x < self->width; x++)
      if (self->mask[y * self->width + x])
        sum += values[(y + self->y) * stride + x + self->x];
  return sum / self->area;
}

double
iv_change_region_deviation (const IvChangeRegion *self, const float *values, gint stride)
{
  double mean = iv_change_region_mean (self, values, stride), sum = 0;

  for (gint y = 0; y < self->height; y++)
    for (gint x = 0; x < self->width; x++)
      if (self->mask[y * self->width + x]) {
        double d = values[(y + self->y) * stride + x + self->x] - mean;
        sum += d * d;
      }
  return sqrt (sum / self->area);
}

/* Lower envelope of the parabolas f[i] + (x - i)², in place. */
static void
distance_line (float *f, gint n, gint step, gint *apex, float *bound, float *copy)
{
  gint k = -1;

  for (gint i = 0; i < n; i++)
    copy[i] = f[i * step];
  for (gint i = 0; i < n; i++) {
    if (copy[i] == G_MAXFLOAT)
      continue;
    float s = -G_MAXFLOAT;
    for (; k >= 0; k--) {
      gint j = apex[k];
      s = ((copy[i] + (float) i * i) - (copy[j] + (float) j * j)) / (2.0f * (i - j));
      if (s > bound[k])
        break;
      s = -G_MAXFLOAT;
    }
    apex[++k] = i;
    bound[k] = s;
  }
  for (gint i = 0, at = 0; i < n && k >= 0; i++) {
    while (at < k && bound[at + 1] < i)
      at++;
    float d = i - apex[at];
    f[i * step] = copy[apex[at]] + d * d;
  }
}

float *
iv_distance_squared (IvMaskView image)
{
  gint longest = MAX (image.width, image.height);
  float *out = g_new (float, (gsize) image.width *image.height);
  g_autofree gint *apex = g_new (gint, longest + 1);
  g_autofree float *bound = g_new (float, longest + 1);
  g_autofree float *copy = g_new (float, longest);

  for (gsize i = 0; i < (gsize) image.width * image.height; i++)
    out[i] = image.data[i] ? 0 : G_MAXFLOAT;
  for (gint x = 0; x < image.width; x++)
    distance_line (out + x, image.height, image.width, apex, bound, copy);
  for (gint y = 0; y < image.height; y++)
    distance_line (out + (gsize) y * image.width, image.width, 1, apex, bound, copy);
  return out;
}
