/* Finds the dark, flat border of a film on a coarse grid, and the lines that are nothing else.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-film-border.h"

#include <math.h>

#include "app/compare/iv-labels.h"

#define SIDE 160       /* of the coarse grid */
#define LEAST_SIDE 64  /* of a picture that is looked at */
#define DARK 0.02      /* of the picture's range */
#define STEP 0.005     /* change a pixel, of that range */
#define PART 0.005     /* of the grid, that a piece of border covers */
#define LINE 0.95      /* of a line, that is border */
#define LEAST_CUT 0.02 /* of a side */
#define LEAST_LEFT 0.25

/* Tones at the two fractions of the pixels that span the picture's range. */
static void
find_range (const IvPicture *gray, double range[2])
{
  static const double fractions[] = { 0.005, 0.99 };
  gsize n = (gsize) gray->width * gray->height, counts[256] = { 0 };
  for (gsize i = 0; i < n; i++)
    counts[gray->pixels[i]]++;
  for (guint i = 0; i < G_N_ELEMENTS (fractions); i++) {
    gsize rank = (gsize) (fractions[i] * (double) (n - 1)), seen = counts[0];
    guint tone = 0;
    while (seen <= rank && tone < 255)
      seen += counts[++tone];
    range[i] = tone;
  }
}

static void
mark_border (const IvPicture *gray, IvMask *border)
{
  guint w = gray->width, h = gray->height;
  const guint8 *v = gray->pixels;
  double range[2];
  find_range (gray, range);
  double span = MAX (range[1] - range[0], 1);
  /* Means over squares of 8-bit values are known to half a level. */
  double dark = range[0] + MAX (DARK * span, 1), step = MAX (2 * STEP * span, 1);
  for (guint y = 0; y < h; y++)
    for (guint x = 0; x < w; x++) {
      guint i = y * w + x;
      int across = v[i + (x + 1 < w ? 1 : 0)] - v[i - (x > 0 ? 1 : 0)];
      int down = v[i + (y + 1 < h ? w : 0)] - v[i - (y > 0 ? w : 0)];
      border->pixels[i] = v[i] <= dark && hypot (across, down) <= step;
    }
  iv_mask_keep_border (border, (guint) ceil (PART * w * h));
}

/* Whether the line (a row, or with is_column a column) is border inside the area. */
static gboolean
is_border_line (const IvMask *border, const IvFilmArea *area, gboolean is_column, guint line)
{
  guint n = is_column ? area->height : area->width, n_border = 0;
  for (guint i = 0; i < n; i++) {
    guint x = is_column ? line : area->x + i, y = is_column ? area->y + i : line;
    n_border += border->pixels[y * border->width + x] != 0;
  }
  return n_border >= LINE * n;
}

/* Takes border lines away from all four edges until none is left. */
static void
shrink (const IvMask *border, IvFilmArea *area)
{
  gboolean is_smaller = TRUE;
  while (is_smaller && area->width > 1 && area->height > 1) {
    IvFilmArea before = *area;
    if (is_border_line (border, area, TRUE, area->x)) {
      area->x++;
      area->width--;
    }
    if (is_border_line (border, area, TRUE, area->x + area->width - 1))
      area->width--;
    if (is_border_line (border, area, FALSE, area->y)) {
      area->y++;
      area->height--;
    }
    if (is_border_line (border, area, FALSE, area->y + area->height - 1))
      area->height--;
    is_smaller = before.width != area->width || before.height != area->height;
  }
}

/* One side from the grid to the picture, outwards, so that nothing of the film is lost. */
static void
enlarge (guint grid, guint picture, guint *start, guint *length)
{
  double scale = (double) picture / grid;
  guint from = (guint) floor (*start * scale);
  guint to = MIN ((guint) ceil ((*start + *length) * scale), picture);
  *start = from;
  *length = to - from;
}

gboolean
iv_film_border_find (const IvPicture *gray, IvFilmArea *area)
{
  const IvFilmArea whole = { 0, 0, gray->width, gray->height };
  double scale = MAX (gray->width, gray->height) / (double) SIDE;
  *area = whole;
  if (MIN (gray->width, gray->height) < LEAST_SIDE)
    return FALSE;
  IvImageSize size = { gray->width, gray->height };
  if (scale > 1)
    size = (IvImageSize){ MAX ((guint) (gray->width / scale), 1),
                          MAX ((guint) (gray->height / scale), 1) };
  g_autoptr (IvPicture) small = iv_picture_resize (gray, size, IV_RESAMPLE_BOX, NULL);
  if (small == NULL)
    return FALSE;
  g_autofree guint8 *pixels = g_new0 (guint8, (gsize) size.width * size.height);
  IvMask border = { size.width, size.height, pixels };
  IvFilmArea found = { 0, 0, size.width, size.height };
  mark_border (small, &border);
  shrink (&border, &found);
  enlarge (size.width, whole.width, &found.x, &found.width);
  enlarge (size.height, whole.height, &found.y, &found.height);
  if ((double) found.width * found.height < LEAST_LEFT * whole.width * whole.height ||
      (found.width > (1 - LEAST_CUT) * whole.width &&
       found.height > (1 - LEAST_CUT) * whole.height))
    return FALSE;
  *area = found;
  return TRUE;
}
