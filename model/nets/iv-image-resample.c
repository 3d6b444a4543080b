/* 8-bit pictures, and resizing them to the last bit as PIL does.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-image-resample.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-model-error.h"

/* Weights are whole numbers of 2^-22: a sum of weights near 1 times 8-bit values, with room for the
 * overshoot of cubic and Lanczos weights, stays inside 32 bits. */
#define FRACTION_BITS 22
/* Rows that one step of the pass along rows works on: a vector of bytes. */
#define BAND 16

IvPicture *
iv_picture_new (guint width, guint height, guint channels, GError **error)
{
  if (width < 1 || height < 1 || width > IV_PICTURE_MAX_SIDE || height > IV_PICTURE_MAX_SIDE ||
      (guint64) width * height > IV_PICTURE_MAX_PIXELS || (channels != 1 && channels != 3)) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_INPUT,
                 "a picture of %u × %u pixels with %u channels is not supported",
                 width,
                 height,
                 channels);
    return NULL;
  }
  guint8 *pixels = g_try_malloc0 ((gsize) width * height * channels);
  if (pixels == NULL) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_MEMORY,
                 "no memory for a picture of %u × %u pixels",
                 width,
                 height);
    return NULL;
  }
  IvPicture *picture = g_new (IvPicture, 1);
  *picture = (IvPicture){ width, height, channels, pixels };
  return picture;
}

void
iv_picture_free (IvPicture *picture)
{
  if (picture == NULL)
    return;
  g_free (picture->pixels);
  g_free (picture);
}

IvPicture *
iv_picture_to_gray (const IvPicture *picture, GError **error)
{
  IvPicture *gray = iv_picture_new (picture->width, picture->height, 1, error);
  gsize n = (gsize) picture->width * picture->height;
  if (gray == NULL)
    return NULL;
  if (picture->channels == 1) {
    memcpy (gray->pixels, picture->pixels, n);
    return gray;
  }
  const guint8 *rgb = picture->pixels;
  for (gsize i = 0; i < n; i++, rgb += 3)
    gray->pixels[i] = (19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 0x8000) >> 16;
  return gray;
}

IvPicture *
iv_picture_to_rgb (const IvPicture *gray, GError **error)
{
  IvPicture *rgb = iv_picture_new (gray->width, gray->height, 3, error);
  gsize n = (gsize) gray->width * gray->height;
  for (gsize i = 0; rgb != NULL && i < n; i++)
    memset (rgb->pixels + i * 3, gray->pixels[i], 3);
  return rgb;
}

IvPicture *
iv_picture_place (const IvPicture *picture, const IvPicturePlace *place, GError **error)
{
  guint channels = picture->channels;
  IvPicture *canvas = iv_picture_new (place->size.width, place->size.height, channels, error);
  if (canvas == NULL)
    return NULL;
  for (gsize i = 0; i < (gsize) canvas->width * canvas->height; i++)
    memcpy (canvas->pixels + i * channels, place->fill, channels);
  gint64 x0 = MAX (place->x, 0), y0 = MAX (place->y, 0);
  gint64 x1 = MIN ((gint64) place->x + picture->width, canvas->width);
  gint64 y1 = MIN ((gint64) place->y + picture->height, canvas->height);
  for (gint64 y = y0; x0 < x1 && y < y1; y++)
    memcpy (canvas->pixels + (y * canvas->width + x0) * channels,
            picture->pixels + ((y - place->y) * picture->width + x0 - place->x) * channels,
            (gsize) (x1 - x0) * channels);
  return canvas;
}

/* Filters: weight at a distance from the centre, 0 beyond the support. */

static double
weigh_box (double x)
{
  return x > -0.5 && x <= 0.5 ? 1 : 0;
}

static double
weigh_triangle (double x)
{
  x = fabs (x);
  return x < 1 ? 1 - x : 0;
}

static double
weigh_hamming (double x)
{
  x = fabs (x);
  if (x == 0)
    return 1;
  if (x >= 1)
    return 0;
  x *= G_PI;
  return sin (x) / x * (0.54f + 0.46f * cos (x));
}

/* Keys' cubic with a = -1/2. */
static double
weigh_cubic (double x)
{
  const double a = -0.5;
  x = fabs (x);
  if (x < 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

static double
sinc (double x)
{
  x *= G_PI;
  return x == 0 ? 1 : sin (x) / x;
}

static double
weigh_lanczos (double x)
{
  return x >= -3 && x < 3 ? sinc (x) * sinc (x / 3) : 0;
}

typedef struct {
  double (*weigh) (double x);
  double support;
} Filter;

static const Filter filters[] = {
  [IV_RESAMPLE_LANCZOS] = { weigh_lanczos, 3 }, [IV_RESAMPLE_BILINEAR] = { weigh_triangle, 1 },
  [IV_RESAMPLE_BICUBIC] = { weigh_cubic, 2 },   [IV_RESAMPLE_BOX] = { weigh_box, 0.5 },
  [IV_RESAMPLE_HAMMING] = { weigh_hamming, 1 },
};

/* For each of n outputs: count[i] inputs from first[i] on, weighted by weights[i * n_taps …]. */
typedef struct {
  guint n, n_taps;
  guint *first, *count;
  gint32 *weights;
} Taps;

static void
taps_clear (Taps *taps)
{
  g_free (taps->first);
  g_free (taps->count);
  g_free (taps->weights);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Taps, taps_clear)

/* One output's weights, in floating point, into sums of 1; then in whole numbers. */
static void
fill_taps (Taps *taps, guint i, const Filter *filter, double scale, double *weights)
{
  double stretch = MAX (scale, 1), step = 1 / stretch, sum = 0;
  double center = (i + 0.5) * scale;
  for (guint k = 0; k < taps->count[i]; k++) {
    weights[k] = filter->weigh (((double) k + taps->first[i] - center + 0.5) * step);
    sum += weights[k];
  }
  for (guint k = 0; k < taps->count[i]; k++) {
    double weight = (sum != 0 ? weights[k] / sum : weights[k]) * (1 << FRACTION_BITS);
    taps->weights[(gsize) i * taps->n_taps + k] = (gint32) (weight + (weight < 0 ? -0.5 : 0.5));
  }
}

static gboolean
taps_init (Taps *taps, const Filter *filter, guint n_in, guint n_out, GError **error)
{
  double scale = (double) n_in / n_out, reach = filter->support * MAX (scale, 1);
  taps->n = n_out;
  taps->n_taps = (guint) ceil (reach) * 2 + 1;
  taps->first = g_new (guint, n_out);
  taps->count = g_new (guint, n_out);
  taps->weights = g_try_malloc0_n ((gsize) n_out * taps->n_taps, sizeof (gint32));
  if (taps->weights == NULL) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_MEMORY,
                 "no memory to resize %u pixels to %u",
                 n_in,
                 n_out);
    return FALSE;
  }
  g_autofree double *weights = g_new (double, taps->n_taps);
  for (guint i = 0; i < n_out; i++) {
    double center = (i + 0.5) * scale;
    taps->first[i] = (guint) MAX ((gint64) (center - reach + 0.5), 0);
    taps->count[i] = (guint) MIN ((gint64) (center + reach + 0.5), (gint64) n_in) - taps->first[i];
    fill_taps (taps, i, filter, scale, weights);
  }
  return TRUE;
}

static inline guint8
round_and_clip (gint32 sum)
{
  return (guint8) CLAMP (sum >> FRACTION_BITS, 0, 255);
}

/* sums[j] = half + sum over k of weights[k] * in[k * stride + j], to out[j]. */
static void
weigh_band (const gint32 *weights, guint n_taps, const guint8 *in, guint8 out[BAND])
{
  gint32 sums[BAND];
  for (guint j = 0; j < BAND; j++)
    sums[j] = 1 << (FRACTION_BITS - 1);
  for (guint k = 0; k < n_taps; k++)
    for (guint j = 0; j < BAND; j++)
      sums[j] += weights[k] * in[k * BAND + j];
  for (guint j = 0; j < BAND; j++)
    out[j] = round_and_clip (sums[j]);
}

/* Along each row. BAND rows are laid side by side, so that one weight meets BAND values. */
static void
resize_rows (const IvPicture *in, IvPicture *out, const Taps *taps)
{
  guint channels = in->channels;
  gsize in_row = (gsize) in->width * channels, out_row = (gsize) out->width * channels;
  g_autofree guint8 *band = g_malloc0 ((gsize) in->width * BAND);
  guint8 results[BAND];
  for (guint y = 0; y < in->height; y += BAND)
    for (guint c = 0; c < channels; c++) {
      guint n = MIN (BAND, in->height - y);
      for (guint j = 0; j < n; j++)
        for (gsize x = 0; x < in->width; x++)
          band[x * BAND + j] = in->pixels[(y + j) * in_row + x * channels + c];
      for (guint x = 0; x < taps->n; x++) {
        weigh_band (taps->weights + (gsize) x * taps->n_taps,
                    taps->count[x],
                    band + (gsize) taps->first[x] * BAND,
                    results);
        for (guint j = 0; j < n; j++)
          out->pixels[(y + j) * out_row + (gsize) x * channels + c] = results[j];
      }
    }
}

static void
resize_columns (const IvPicture *in, IvPicture *out, const Taps *taps)
{
  gsize row = (gsize) in->width * in->channels;
  g_autofree gint32 *sums = g_new (gint32, row);
  for (guint y = 0; y < taps->n; y++) {
    for (gsize x = 0; x < row; x++)
      sums[x] = 1 << (FRACTION_BITS - 1);
    for (guint k = 0; k < taps->count[y]; k++) {
      const guint8 *from = in->pixels + (taps->first[y] + k) * row;
      gint32 weight = taps->weights[(gsize) y * taps->n_taps + k];
      for (gsize x = 0; x < row; x++)
        sums[x] += weight * from[x];
    }
    for (gsize x = 0; x < row; x++)
      out->pixels[y * row + x] = round_and_clip (sums[x]);
  }
}

/* The input pixel at each output pixel's centre, found by adding steps up as PIL does: the rounding
 * of the sum decides at ties. (transfer full) */
static guint *
find_nearest (guint n_in, guint n_out)
{
  double step = (double) n_in / n_out, position = step * 0.5;
  guint *nearest = g_new (guint, n_out);
  for (guint i = 0; i < n_out; i++, position += step)
    nearest[i] = MIN ((guint) position, n_in - 1);
  return nearest;
}

static void
resize_nearest (const IvPicture *in, IvPicture *out)
{
  g_autofree guint *columns = find_nearest (in->width, out->width);
  g_autofree guint *rows = find_nearest (in->height, out->height);
  guint8 *to = out->pixels;
  for (guint y = 0; y < out->height; y++)
    for (guint x = 0; x < out->width; x++, to += in->channels)
      memcpy (
          to, in->pixels + ((gsize) rows[y] * in->width + columns[x]) * in->channels, in->channels);
}

IvPicture *
iv_picture_resize (const IvPicture *picture, IvImageSize size, IvResample resample, GError **error)
{
  g_auto (Taps) across = { 0 }, down = { 0 };
  g_autoptr (IvPicture) out = iv_picture_new (size.width, size.height, picture->channels, error);
  if (out == NULL)
    return NULL;
  if (resample == IV_RESAMPLE_NEAREST) {
    resize_nearest (picture, out);
    return g_steal_pointer (&out);
  }
  const Filter *filter = &filters[resample];
  g_autoptr (IvPicture) middle = NULL;
  if (size.width != picture->width) {
    middle = iv_picture_new (size.width, picture->height, picture->channels, error);
    if (middle == NULL || !taps_init (&across, filter, picture->width, size.width, error))
      return NULL;
    resize_rows (picture, middle, &across);
  }
  const IvPicture *from = middle != NULL ? middle : picture;
  if (size.height == picture->height) {
    memcpy (out->pixels, from->pixels, (gsize) out->width * out->height * out->channels);
    return g_steal_pointer (&out);
  }
  if (!taps_init (&down, filter, picture->height, size.height, error))
    return NULL;
  resize_columns (from, out, &down);
  return g_steal_pointer (&out);
}
