/* Sizes of a picture on its way into a vision tower, by each of the known rules.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-image-layout.h"

#include <math.h>

#include "model/files/iv-model-error.h"
#include "model/nets/iv-image-resample.h"

#define MOST_ASPECT 200 /* of smart resizing */

static gboolean
fail (const IvImageLayout *layout, const char *problem, GError **error)
{
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_INPUT,
               "an image of %u × %u pixels %s",
               layout->picture.width,
               layout->picture.height,
               problem);
  return FALSE;
}

static guint
to_multiple (double units, guint factor)
{
  return (guint) CLAMP (units, 0, IV_PICTURE_MAX_SIDE) * factor;
}

/* To the nearest multiples of factor (halves to even); beyond the limits, shrunk to multiples below
 * or grown to multiples above. */
static gboolean
fit_smart (IvImageLayout *layout, const IvImageProcessorConfig *config, GError **error)
{
  double width = layout->padded.width, height = layout->padded.height;
  guint factor = config->factor;
  if (MAX (width, height) / MIN (width, height) > MOST_ASPECT)
    return fail (layout, "is more than 200 times as long as wide", error);
  IvImageSize size = { to_multiple (rint (width / factor), factor),
                       to_multiple (rint (height / factor), factor) };
  guint64 area = (guint64) size.width * size.height;
  if (area > config->max_pixels) {
    double beta = sqrt (width * height / (double) config->max_pixels);
    size.width = MAX (factor, to_multiple (floor (width / beta / factor), factor));
    size.height = MAX (factor, to_multiple (floor (height / beta / factor), factor));
  } else if (area < config->min_pixels) {
    double beta = sqrt ((double) config->min_pixels / (width * height));
    size.width = to_multiple (ceil (width * beta / factor), factor);
    size.height = to_multiple (ceil (height * beta / factor), factor);
  }
  layout->resized = size;
  return TRUE;
}

static void
fit_shortest_edge (IvImageLayout *layout, const IvImageProcessorConfig *config)
{
  guint64 width = layout->padded.width, height = layout->padded.height;
  guint64 across = MIN (width, height), along = MAX (width, height);
  /* Of a ratio below 2^20 the division is exact enough to be cut off as Python does. */
  guint longer =
      (guint) MIN ((double) (config->edge * along) / (double) across, IV_PICTURE_MAX_SIDE + 1.0);
  layout->resized = width <= height ? (IvImageSize){ config->edge, longer }
                                    : (IvImageSize){ longer, config->edge };
}

/* The grid whose proportions are nearest; of two as near, the larger one when the picture has more
 * than half its pixels. */
static void
fit_tiles (IvImageLayout *layout, const IvImageProcessorConfig *config)
{
  double area = (double) layout->padded.width * layout->padded.height;
  double aspect = (double) layout->padded.width / layout->padded.height;
  double tile = (double) config->size.width * config->size.height;
  double best = G_MAXDOUBLE;
  for (guint n = config->min_tiles; n <= config->max_tiles; n++)
    for (guint columns = 1; columns <= n; columns++) {
      guint rows = n / columns;
      double difference = fabs (aspect - (double) columns / rows);
      if (rows * columns != n || difference > best ||
          (difference == best && area <= 0.5 * tile * n))
        continue;
      best = difference;
      layout->columns = columns;
      layout->rows = rows;
    }
  layout->tile = config->size;
  layout->resized =
      (IvImageSize){ layout->tile.width * layout->columns, layout->tile.height * layout->rows };
  if (config->has_overview && layout->columns * layout->rows > 1)
    layout->overview = IV_IMAGE_OVERVIEW_LAST;
}

/* The grid that keeps most of the picture's pixels, and of those the one with least to spare. */
static IvImageSize
choose_grid (const IvImageLayout *layout, const IvImageProcessorConfig *config)
{
  guint64 width = layout->padded.width, height = layout->padded.height;
  guint64 most = 0, least_waste = G_MAXUINT64;
  IvImageSize best = config->grids[0];
  for (guint i = 0; i < config->n_grids; i++) {
    const IvImageSize *grid = &config->grids[i];
    double scale = MIN ((double) grid->width / width, (double) grid->height / height);
    guint64 scaled = (guint64) (width * scale) * (guint64) (height * scale);
    guint64 kept = MIN (scaled, width * height);
    guint64 waste = (guint64) grid->width * grid->height - kept;
    if (kept < most || (kept == most && waste >= least_waste))
      continue;
    most = kept;
    least_waste = waste;
    best = *grid;
  }
  return best;
}

static void
fit_anyres (IvImageLayout *layout, const IvImageProcessorConfig *config)
{
  IvImageSize grid = choose_grid (layout, config);
  double width = layout->padded.width, height = layout->padded.height;
  double across = grid.width / width, down = grid.height / height;
  layout->resized = grid;
  if (across < down)
    layout->resized.height = (guint) MIN (ceil (height * across), grid.height);
  else
    layout->resized.width = (guint) MIN (ceil (width * down), grid.width);
  layout->tile = config->size;
  layout->columns = grid.width / layout->tile.width;
  layout->rows = grid.height / layout->tile.height;
  layout->canvas = grid;
  layout->x = (gint) (grid.width - layout->resized.width) / 2;
  layout->y = (gint) (grid.height - layout->resized.height) / 2;
  layout->overview = IV_IMAGE_OVERVIEW_FIRST;
}

/* Offset of size on a canvas about the same centre: rounded so that the spare pixel of an odd
 * margin lies behind when it is cut off, and in front when it is added. */
static gint
center_on (guint size, guint canvas)
{
  return size >= canvas ? -(gint) ((size - canvas) / 2) : (gint) ((canvas - size + 1) / 2);
}

static void
find_shown (IvImageLayout *layout)
{
  double across = (double) layout->padded.width / layout->resized.width;
  double down = (double) layout->padded.height / layout->resized.height;
  layout->shown.x = -layout->x * across - (layout->padded.width - layout->picture.width) / 2;
  layout->shown.y = -layout->y * down - (layout->padded.height - layout->picture.height) / 2;
  layout->shown.width = layout->canvas.width * across;
  layout->shown.height = layout->canvas.height * down;
}

static gboolean
fit (IvImageLayout *layout, const IvImageProcessorConfig *config, GError **error)
{
  switch (config->fit) {
  case IV_IMAGE_FIT_SQUASH:
    layout->resized = config->size;
    break;
  case IV_IMAGE_FIT_SHORTEST_EDGE:
    fit_shortest_edge (layout, config);
    break;
  case IV_IMAGE_FIT_SMART:
    return fit_smart (layout, config, error);
  case IV_IMAGE_FIT_TILES:
    fit_tiles (layout, config);
    break;
  case IV_IMAGE_FIT_ANYRES:
    fit_anyres (layout, config);
    break;
  case IV_IMAGE_FIT_NONE:
    break;
  }
  return TRUE;
}

gboolean
iv_image_layout_init (IvImageLayout *layout,
                      const IvImageProcessorConfig *config,
                      IvImageSize picture,
                      GError **error)
{
  guint side = MAX (picture.width, picture.height);
  *layout = (IvImageLayout){ .picture = picture, .columns = 1, .rows = 1 };
  if (MIN (picture.width, picture.height) < 1)
    return fail (layout, "is empty", error);
  layout->padded = config->pads ? (IvImageSize){ side, side } : picture;
  layout->resized = layout->padded;
  if (!fit (layout, config, error))
    return FALSE;
  const IvImageSize *resized = &layout->resized;
  if (MAX (resized->width, resized->height) > IV_PICTURE_MAX_SIDE ||
      (guint64) resized->width * resized->height > IV_PICTURE_MAX_PIXELS)
    return fail (layout, "is too long and narrow for this model", error);
  if (layout->canvas.width == 0)
    layout->canvas = *resized;
  if (config->crop.width > 0) {
    layout->canvas = config->crop;
    layout->x = center_on (resized->width, config->crop.width);
    layout->y = center_on (resized->height, config->crop.height);
  }
  if (layout->tile.width == 0)
    layout->tile = layout->canvas;
  layout->n_tiles =
      layout->columns * layout->rows + (layout->overview != IV_IMAGE_OVERVIEW_NONE ? 1 : 0);
  find_shown (layout);
  return TRUE;
}
