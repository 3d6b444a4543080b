/* The patches of one image: their order, their places, what each takes of the table of positions.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-vision-grid.h"

#include <math.h>
#include <string.h>

/* --- order ---------------------------------------------------------------------------------- */

/* Unit (row, column) of the image becomes the next of the tower. */
static void
add_unit (IvVisionGrid *grid, guint merge, guint row, guint column)
{
  guint patch = grid->n_units * merge * merge;
  gint32 *rows = grid->places, *columns = grid->places + grid->n_patches;
  grid->units[grid->n_units++] = row * (grid->n_columns / merge) + column;
  for (guint dy = 0; dy < merge; dy++)
    for (guint dx = 0; dx < merge; dx++, patch++) {
      rows[patch] = (gint32) (row * merge + dy);
      columns[patch] = (gint32) (column * merge + dx);
    }
}

/* Those at the right and lower edge are smaller when the image is no multiple of the window. */
static void
add_window (IvVisionGrid *grid, guint merge, guint side, guint row0, guint column0)
{
  guint n_rows = grid->n_rows / merge, n_columns = grid->n_columns / merge;
  guint first = grid->n_first + grid->n_units * merge * merge;
  g_array_append_val (grid->windows, first);
  for (guint row = row0; row < MIN (row0 + side, n_rows); row++)
    for (guint column = column0; column < MIN (column0 + side, n_columns); column++)
      add_unit (grid, merge, row, column);
}

IvVisionGrid *
iv_vision_grid_new (const IvVisionConfig *config, guint height, guint width)
{
  IvVisionGrid *grid = g_new0 (IvVisionGrid, 1);
  guint merge = config->merge;
  grid->n_rows = height / config->patch;
  grid->n_columns = width / config->patch;
  grid->n_patches = grid->n_rows * grid->n_columns;
  grid->n_first = config->has_class ? 1 : 0;
  grid->n_tokens = grid->n_first + grid->n_patches;
  grid->places = g_new (gint32, (gsize) 2 * grid->n_patches);
  grid->units = g_new (guint, grid->n_patches / (merge * merge));
  grid->windows = g_array_new (FALSE, FALSE, sizeof (guint));
  guint n_rows = grid->n_rows / merge, n_columns = grid->n_columns / merge;
  guint side = config->window > 0 ? config->window : MAX (n_rows, n_columns);
  for (guint row = 0; row < n_rows; row += side)
    for (guint column = 0; column < n_columns; column += side)
      add_window (grid, merge, side, row, column);
  if (config->window == 0) /* the class row is seen too */
    g_array_index (grid->windows, guint, 0) = 0;
  g_array_append_val (grid->windows, grid->n_tokens);
  return grid;
}

void
iv_vision_grid_free (IvVisionGrid *grid)
{
  g_free (grid->places);
  g_free (grid->units);
  g_array_unref (grid->windows);
  g_free (grid);
}

void
iv_vision_grid_cut (const IvVisionGrid *grid,
                    const IvVisionConfig *config,
                    const float *pixels,
                    float *rows)
{
  gsize patch = config->patch, width = grid->n_columns * patch;
  gsize plane = width * grid->n_rows * patch;
  for (guint i = 0; i < grid->n_patches; i++) {
    gsize y0 = (gsize) grid->places[i] * patch;
    gsize x0 = (gsize) grid->places[grid->n_patches + i] * patch;
    for (guint channel = 0; channel < config->n_channels; channel++)
      for (gsize y = 0; y < patch; y++, rows += patch)
        memcpy (rows, pixels + channel * plane + (y0 + y) * width + x0, patch * sizeof (float));
  }
}

/* --- positions ------------------------------------------------------------------------------ */

/* What one axis takes of the table: up to 4 neighbours. */
typedef struct {
  guint at[4];
  double weight[4];
} Taps;

static double
cubic (double distance)
{
  const double a = -0.75;
  double d = fabs (distance);
  if (d <= 1)
    return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

static void
fill_taps (const IvVisionConfig *config, guint n_terms, guint i, guint n, Taps *taps)
{
  guint side = config->table_side, last = side - 1;
  if (n_terms == 1) {
    *taps = (Taps){ { i }, { 1 } };
  } else if (n_terms == 4) {
    double at = n > 1 ? (double) i * last / (n - 1) : 0;
    guint low = MIN ((guint) at, last);
    *taps = (Taps){ { low, MIN (low + 1, last) }, { 1 - (at - low), at - low } };
  } else {
    double at = (i + 0.5) * side / n - 0.5, low = floor (at);
    for (gint k = 0; k < 4; k++) {
      taps->at[k] = (guint) CLAMP ((gint) low - 1 + k, 0, (gint) last);
      taps->weight[k] = cubic (at - low + 1 - k);
    }
  }
}

guint
iv_vision_grid_count_terms (const IvVisionGrid *grid, const IvVisionConfig *config)
{
  if (config->positions == IV_VISION_POSITIONS_NONE)
    return 0;
  if (grid->n_rows == config->table_side && grid->n_columns == config->table_side)
    return 1;
  return config->positions == IV_VISION_POSITIONS_CORNERS ? 4 : 16;
}

void
iv_vision_grid_place (const IvVisionGrid *grid, const IvVisionConfig *config, IvBlendTerm *terms)
{
  guint n_terms = iv_vision_grid_count_terms (grid, config);
  guint n_taps = n_terms == 16 ? 4 : n_terms == 4 ? 2 : 1;
  for (guint i = 0; i < grid->n_first * n_terms; i++)
    *terms++ = (IvBlendTerm){ 0, i == 0 ? 1 : 0 };
  for (guint i = 0; i < grid->n_patches; i++) {
    Taps y, x;
    fill_taps (config, n_terms, (guint) grid->places[i], grid->n_rows, &y);
    fill_taps (config, n_terms, (guint) grid->places[grid->n_patches + i], grid->n_columns, &x);
    for (guint v = 0; v < n_taps; v++)
      for (guint h = 0; h < n_taps; h++)
        *terms++ = (IvBlendTerm){ grid->n_first + y.at[v] * config->table_side + x.at[h],
                                  (float) (y.weight[v] * x.weight[h]) };
  }
}
