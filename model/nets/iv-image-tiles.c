/* Tiles of one image laid together again behind the projector, as LLaVA-OneVision does.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-image-tiles.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-model-error.h"

/* Below this a reduction is not worth its loss. */
#define LEAST_REDUCTION 1.1

/* The part of the map that shows the picture, and the size it is reduced to. */
typedef struct {
  guint x, y, width, height;
  guint out_width, out_height;
} Map;

/* Seven decimals, so that a product that is whole on paper is not cut to the number below. */
static guint
cut_to_whole (double value)
{
  return (guint) floor (round (value * 1e7) / 1e7);
}

/* The picture fills the grid along one side; along the other equal margins are dropped. */
static Map
find_map (const IvImageTiles *l)
{
  guint width = l->columns * l->side, height = l->rows * l->side;
  double w = l->picture_width, h = l->picture_height;
  Map map = { 0, 0, width, height };
  if (w / h > (double) width / height) {
    map.y = (height - MIN (cut_to_whole (h * (width / w)), height)) / 2;
    map.height -= 2 * map.y;
  } else {
    map.x = (width - MIN (cut_to_whole (w * (height / h)), width)) / 2;
    map.width -= 2 * map.x;
  }
  map.out_width = map.width;
  map.out_height = map.height;
  if (l->max_tiles == 0)
    return map;
  double factor =
      sqrt ((double) map.width * map.height / ((double) l->max_tiles * l->side * l->side));
  if (factor > LEAST_REDUCTION) {
    map.out_width = MAX ((guint) (map.width / factor), 1);
    map.out_height = MAX ((guint) (map.height / factor), 1);
  }
  return map;
}

/* The row of the tiles' embedding at a place of the map. */
static const float *
locate (const IvImageEmbedding *tiles, const IvImageTiles *l, guint x, guint y)
{
  guint tile = 1 + y / l->side * l->columns + x / l->side;
  gsize row = ((gsize) tile * l->side + y % l->side) * l->side + x % l->side;
  return tiles->rows + row * tiles->n_embd;
}

/* Two neighbours along an axis and the weight of the second. */
typedef struct {
  guint low, high;
  float weight;
} Tap;

static Tap
find_tap (guint i, guint n_out, guint n_in, guint first)
{
  double at = MAX ((i + 0.5) * n_in / n_out - 0.5, 0);
  guint low = MIN ((guint) at, n_in - 1);
  return (Tap){ first + low, first + MIN (low + 1, n_in - 1), (float) (at - low) };
}

static void
fill_row (const IvImageEmbedding *tiles, const IvImageTiles *l, Tap x, Tap y, float *out)
{
  const float *a = locate (tiles, l, x.low, y.low), *b = locate (tiles, l, x.high, y.low);
  const float *c = locate (tiles, l, x.low, y.high), *d = locate (tiles, l, x.high, y.high);
  for (guint i = 0; i < tiles->n_embd; i++) {
    float top = a[i] + x.weight * (b[i] - a[i]), bottom = c[i] + x.weight * (d[i] - c[i]);
    out[i] = top + y.weight * (bottom - top);
  }
}

static gboolean
check (const IvImageEmbedding *tiles, const IvImageTiles *l, GError **error)
{
  guint64 n = ((guint64) l->columns * l->rows + 1) * l->side * l->side;
  if (n == tiles->n_rows && tiles->n_deepstack == 0 && l->columns > 0 && l->rows > 0 &&
      l->picture_width > 0 && l->picture_height > 0)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_INPUT,
               "%u rows are no picture and %u × %u tiles of %u × %u rows",
               tiles->n_rows,
               l->columns,
               l->rows,
               l->side,
               l->side);
  return FALSE;
}

IvImageEmbedding *
iv_image_tiles_join (const IvImageEmbedding *tiles, const IvImageTiles *layout, GError **error)
{
  if (!check (tiles, layout, error))
    return NULL;
  Map map = find_map (layout);
  gsize n = tiles->n_embd, n_base = (gsize) layout->side * layout->side;
  guint n_rows = (guint) n_base + map.out_height * (map.out_width + 1);
  IvImageEmbedding *joined = iv_image_embedding_new (n_rows, tiles->n_embd, 0);
  float *out = joined->rows + n_base * n;
  memcpy (joined->key, tiles->key, sizeof joined->key);
  memcpy (joined->rows, tiles->rows, n_base * n * sizeof (float));
  for (guint y = 0; y < map.out_height; y++) {
    Tap down = find_tap (y, map.out_height, map.height, map.y);
    for (guint x = 0; x < map.out_width; x++, out += n)
      fill_row (tiles, layout, find_tap (x, map.out_width, map.width, map.x), down, out);
    memcpy (out, layout->newline, n * sizeof (float));
    out += n;
  }
  return joined;
}
