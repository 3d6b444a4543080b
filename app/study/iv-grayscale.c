/* The grayscale pipeline as one table, and how windows are found.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-grayscale.h"

#include <math.h>
#include <string.h>

/* Windows beyond this are as good as flat or as a step, and 1e300 breaks the arithmetic. */
#define LARGEST_VALUE 1e9

static gint32
stored_value (const IvRadiographInfo *info, guint pattern)
{
  return info->is_signed ? (gint16) pattern : (gint32) pattern;
}

/* PS3.3 C.11.2.1.2.1, C.11.2.1.3.2, C.11.2.1.3.1; 0 … 1. */
static double
apply_window (const IvWindow *window, double x)
{
  double c = CLAMP (window->center, -LARGEST_VALUE, LARGEST_VALUE);
  double w = CLAMP (window->width, 0, LARGEST_VALUE);
  switch (window->function) {
  case IV_VOI_SIGMOID:
    return 1 / (1 + exp (-4 * (x - c) / MAX (w, 1e-6)));
  case IV_VOI_LINEAR_EXACT:
    if (w <= 0)
      return x > c;
    return CLAMP ((x - c) / w + 0.5, 0, 1);
  case IV_VOI_LINEAR:
  default:
    /* A width of 1 is a step at centre - 0.5; smaller ones are not allowed and mean the same. */
    if (w <= 1)
      return x > c - 0.5;
    return CLAMP ((x - (c - 0.5)) / (w - 1) + 0.5, 0, 1);
  }
}

static double
apply_lut (const IvLut *lut, double x)
{
  double index = CLAMP (round (x) - lut->first, 0, (double) lut->n_entries - 1);
  double full = (double) ((1u << lut->bits) - 1);
  return MIN (lut->entries[(guint) index] / full, 1);
}

void
iv_grayscale_build_table (IvRadiograph *radiograph,
                          const IvGrayscale *grayscale,
                          guint8 table[65536])
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  gboolean inverted = info->is_inverted != (grayscale->invert != FALSE);
  for (guint pattern = 0; pattern < 65536; pattern++) {
    gint32 stored = stored_value (info, pattern);
    double x = iv_radiograph_get_modality_value (radiograph, stored);
    double y = grayscale->voi_lut != NULL ? apply_lut (grayscale->voi_lut, x)
                                          : apply_window (&grayscale->window, x);
    table[pattern] = (guint8) lrint (255 * (inverted ? 1 - y : y));
  }
  if (!info->has_padding)
    return;
  for (gint32 value = MAX (info->padding_low, -32768); value <= MIN (info->padding_high, 65535);
       value++)
    table[value & 0xffff] = 0;
}

/* LINEAR maps centre - 0.5 ∓ (width - 1) / 2 to black and white: solved for both ends. */
static IvWindow
window_between (double low, double high)
{
  if (high < low) {
    double swap = low;
    low = high;
    high = swap;
  }
  return (IvWindow){ .center = (low + high) / 2 + 0.5, .width = MAX (high - low + 1, 2) };
}

/* Counts the stored values inside a rectangle, padding left out. */
static guint64
count_rectangle (IvRadiograph *radiograph, const guint r[4], guint32 *histogram)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  const guint16 *pixels = iv_radiograph_get_pixels (radiograph);
  guint64 n = 0;
  for (guint y = r[1]; y < r[3]; y++)
    for (guint x = r[0]; x < r[2]; x++)
      histogram[pixels[(gsize) y * info->columns + x]]++;
  for (guint pattern = 0; pattern < 65536; pattern++) {
    gint32 value = stored_value (info, pattern);
    if (info->has_padding && value >= info->padding_low && value <= info->padding_high)
      histogram[pattern] = 0;
    n += histogram[pattern];
  }
  return n;
}

/* Stored value below which a fraction of the counted pixels lies. */
static gint32
find_fraction (const IvRadiographInfo *info, const guint32 *histogram, guint64 n, double fraction)
{
  guint64 rank = (guint64) (fraction * (n - 1)), seen = 0;
  guint start = info->is_signed ? 32768 : 0;
  for (guint i = 0; i < 65536; i++) {
    guint pattern = (start + i) & 0xffff;
    seen += histogram[pattern];
    if (seen > rank)
      return stored_value (info, pattern);
  }
  return stored_value (info, (start - 1) & 0xffff);
}

typedef struct {
  double low, high; /* fractions of the counted pixels, dark to dense */
} Fractions;

static IvWindow
window_of_rectangle (IvRadiograph *radiograph, const guint rectangle[4], Fractions fractions)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  g_autofree guint32 *histogram = g_new0 (guint32, 65536);
  guint64 n = count_rectangle (radiograph, rectangle, histogram);
  gint32 low, high;
  if (n == 0) {
    iv_radiograph_get_range (radiograph, &low, &high);
  } else {
    /* Fractions count from air to bone, also where air has the high values. */
    Fractions f = fractions;
    if (info->is_inverted)
      f = (Fractions){ 1 - fractions.high, 1 - fractions.low };
    low = find_fraction (info, histogram, n, f.low);
    high = find_fraction (info, histogram, n, f.high);
  }
  return window_between (iv_radiograph_get_modality_value (radiograph, low),
                         iv_radiograph_get_modality_value (radiograph, high));
}

/* Collimation borders and burnt-in markers lie at the edges: the middle 80 % decides. */
static IvWindow
window_of_center (IvRadiograph *radiograph, Fractions fractions)
{
  guint columns = iv_radiograph_get_columns (radiograph);
  guint rows = iv_radiograph_get_rows (radiograph);
  guint rectangle[4] = { columns / 10, rows / 10, columns - columns / 10, rows - rows / 10 };
  return window_of_rectangle (radiograph, rectangle, fractions);
}

gboolean
iv_grayscale_init_file_window (IvGrayscale *grayscale, IvRadiograph *radiograph, guint n)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (radiograph);
  memset (grayscale, 0, sizeof *grayscale);
  if (n < info->voi_luts->len) {
    grayscale->voi_lut = g_ptr_array_index (info->voi_luts, n);
    grayscale->window = iv_window_from_lut (grayscale->voi_lut);
    return TRUE;
  }
  n -= info->voi_luts->len;
  if (n >= info->windows->len)
    return FALSE;
  grayscale->window = g_array_index (info->windows, IvWindow, n);
  return TRUE;
}

void
iv_grayscale_init_preset (IvGrayscale *grayscale, IvRadiograph *radiograph, IvPreset preset)
{
  gint32 min, max;
  if (preset == IV_PRESET_FILE && iv_grayscale_init_file_window (grayscale, radiograph, 0))
    return;
  memset (grayscale, 0, sizeof *grayscale);
  switch (preset) {
  case IV_PRESET_LUNG:
    grayscale->window = window_of_center (radiograph, (Fractions){ 0.005, 0.75 });
    break;
  case IV_PRESET_SOFT_TISSUE:
    grayscale->window = window_of_center (radiograph, (Fractions){ 0.25, 0.99 });
    break;
  case IV_PRESET_BONE:
    grayscale->window = window_of_center (radiograph, (Fractions){ 0.45, 0.999 });
    break;
  case IV_PRESET_FULL:
    iv_radiograph_get_range (radiograph, &min, &max);
    grayscale->window = window_between (iv_radiograph_get_modality_value (radiograph, min),
                                        iv_radiograph_get_modality_value (radiograph, max));
    break;
  case IV_PRESET_FILE:
  case IV_PRESET_AUTO:
  default:
    grayscale->window = window_of_center (radiograph, (Fractions){ 0.01, 0.99 });
    break;
  }
}

void
iv_grayscale_init_region (IvGrayscale *grayscale,
                          IvRadiograph *radiograph,
                          double x,
                          double y,
                          double width,
                          double height)
{
  double columns = iv_radiograph_get_columns (radiograph);
  double rows = iv_radiograph_get_rows (radiograph);
  guint rectangle[4] = {
    (guint) CLAMP (floor (MIN (x, x + width)), 0, columns - 1),
    (guint) CLAMP (floor (MIN (y, y + height)), 0, rows - 1),
    (guint) CLAMP (ceil (MAX (x, x + width)), 1, columns),
    (guint) CLAMP (ceil (MAX (y, y + height)), 1, rows),
  };
  memset (grayscale, 0, sizeof *grayscale);
  grayscale->window = window_of_rectangle (radiograph, rectangle, (Fractions){ 0.01, 0.99 });
}

IvWindow
iv_window_from_lut (const IvLut *lut)
{
  guint first = lut->entries[0], last = lut->entries[lut->n_entries - 1];
  guint low = MIN (first, last), span = MAX (first, last) - low;
  guint from = lut->n_entries, to = 0;
  for (guint i = 0; i < lut->n_entries; i++) {
    double y = span > 0 ? ((double) lut->entries[i] - low) / span : 0.5;
    if (y < 0.01 || y > 0.99)
      continue;
    from = MIN (from, i);
    to = MAX (to, i);
  }
  if (from >= to) {
    from = 0;
    to = lut->n_entries - 1;
  }
  return window_between ((double) lut->first + from, (double) lut->first + to);
}

void
iv_grayscale_drag (IvGrayscale *grayscale,
                   IvRadiograph *radiograph,
                   double d_width,
                   double d_center)
{
  gint32 min, max;
  iv_radiograph_get_range (radiograph, &min, &max);
  double a = iv_radiograph_get_modality_value (radiograph, min);
  double b = iv_radiograph_get_modality_value (radiograph, max);
  IvWindow *window = &grayscale->window;
  if (grayscale->voi_lut != NULL) {
    *window = iv_window_from_lut (grayscale->voi_lut);
    grayscale->voi_lut = NULL;
  }
  double range = MAX (fabs (b - a), 1);
  double widest = MAX (8 * range, window->width);
  window->width = CLAMP (window->width + d_width, 2, widest);
  /* The window never leaves the film's values behind: the next drag always shows something. */
  double half = window->width / 2;
  window->center = CLAMP (window->center + d_center, MIN (a, b) - half, MAX (a, b) + half);
}
