/* Tiles laid together: order, margins, reduction, newlines.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-model-error.h"
#include "model/nets/iv-image-tiles.h"

enum { SIDE = 3, WIDTH = 4 };

/* Rows that say where they are: x and y of the map, and which of its tiles; -1 for the picture. */
static IvImageEmbedding *
make_tiles (guint columns, guint rows)
{
  IvImageEmbedding *tiles = iv_image_embedding_new ((columns * rows + 1) * SIDE * SIDE, WIDTH, 0);
  for (guint i = 0; i < tiles->n_rows; i++) {
    guint tile = i / (SIDE * SIDE), local = i % (SIDE * SIDE);
    float *row = tiles->rows + (gsize) i * WIDTH;
    guint grid = MAX (tile, 1) - 1;
    row[0] = (float) (grid % columns * SIDE + local % SIDE);
    row[1] = (float) (grid / columns * SIDE + local / SIDE);
    row[2] = tile > 0 ? (float) grid : -1;
    row[3] = 1;
  }
  return tiles;
}

static const float newline[WIDTH] = { -7, -7, -7, -7 };

static IvImageEmbedding *
join (guint columns, guint rows, guint picture_width, guint picture_height, guint max_tiles)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvImageEmbedding) tiles = make_tiles (columns, rows);
  IvImageTiles layout = { SIDE, columns, rows, picture_width, picture_height, newline, max_tiles };
  IvImageEmbedding *joined = iv_image_tiles_join (tiles, &layout, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < SIDE * SIDE; i++)
    g_assert_cmpfloat (joined->rows[i * WIDTH + 2], ==, -1);
  return joined;
}

/* The map of width × height from (x0, y0) on, in steps. */
static void
check_map (const IvImageEmbedding *joined,
           guint width,
           guint height,
           const double *start,
           double step)
{
  const float *row = joined->rows + SIDE * SIDE * WIDTH;
  g_assert_cmpuint (joined->n_rows, ==, SIDE * SIDE + height * (width + 1));
  for (guint y = 0; y < height; y++) {
    for (guint x = 0; x < width; x++, row += WIDTH) {
      g_assert_cmpfloat_with_epsilon (row[0], start[0] + x * step, 1e-5);
      g_assert_cmpfloat_with_epsilon (row[1], start[1] + y * step, 1e-5);
      g_assert_cmpfloat (row[3], ==, 1);
    }
    g_assert_cmpfloat (row[0], ==, -7);
    row += WIDTH;
  }
}

static void
test_order (void)
{
  g_autoptr (IvImageEmbedding) joined = join (2, 3, 200, 300, 9);
  check_map (joined, 6, 9, (const double[]){ 0, 0 }, 1);
  g_assert_cmpfloat (joined->rows[(SIDE * SIDE + 5) * WIDTH + 2], ==, 1);
}

/* A wide picture on a square grid has margins above and below, a tall one left and right. */
static void
test_margins (void)
{
  g_autoptr (IvImageEmbedding) wide = join (2, 2, 300, 100, 9);
  check_map (wide, 6, 2, (const double[]){ 0, 2 }, 1);
  g_autoptr (IvImageEmbedding) tall = join (2, 2, 100, 200, 9);
  check_map (tall, 4, 6, (const double[]){ 1, 0 }, 1); /* (6 - 3) / 2 = 1 on either side */
}

/* A map of 36 tiles for 9: half as large, each row in the middle of four. */
static void
test_reduction (void)
{
  g_autoptr (IvImageEmbedding) reduced = join (6, 6, 100, 100, 9);
  check_map (reduced, 9, 9, (const double[]){ 0.5, 0.5 }, 2);
  g_autoptr (IvImageEmbedding) whole = join (6, 6, 100, 100, 0);
  check_map (whole, 18, 18, (const double[]){ 0, 0 }, 1);
}

static void
test_refusal (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvImageEmbedding) tiles = make_tiles (2, 2);
  IvImageTiles layout = { SIDE, 2, 3, 10, 10, newline, 9 };
  g_assert_null (iv_image_tiles_join (tiles, &layout, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image-tiles/order", test_order);
  g_test_add_func ("/image-tiles/margins", test_margins);
  g_test_add_func ("/image-tiles/reduction", test_reduction);
  g_test_add_func ("/image-tiles/refusal", test_refusal);
  return g_test_run ();
}
