/* Heart borders as best paths through the step from dense to lucent, by dynamic programming.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-heart-border.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_ROWS 20
/* Of the lungs' height below the apices: the borders are followed from the hila on; the right one
 * counts from below the hilar vessels. */
#define START 0.42
#define RIGHT_START 0.60
/* The step is looked at over two lengths, of the chest's width. */
#define FINE 0.012
#define COARSE 0.035
#define FINE_SHARE 0.5
/* The apex lies beside the spine: the left border is at least this far from the field's medial edge
 * at the diaphragm (of the chest's width), in proportion above it. */
#define LEFT_LEAN 0.12
/* Where the border may end, of the chest's width from the middle: no apex seen lay less far. Nearer
 * to the spine a column's lowest lung pixel is the field's medial edge, not the diaphragm. */
#define LEFT_END 0.20
/* Of the chest's width above the field's lower edge: from there the path follows the diaphragm;
 * the heart's border is carried on with its slope a little further. */
#define DIAPHRAGM 0.05
#define CARRY_ON 0.03
#define CARRY_ROWS 0.05
#define STEEPEST 1.5 /* columns a row */
/* The right border lies in the medial part of the right lung, of the row's width, more likely close
 * to its edge; of the chest's width beyond it. */
#define RIGHT_REACH 0.45
#define RIGHT_BEYOND 0.03
#define RIGHT_PULL 0.2
/* Beside the right border lies lung, not heart: the step counts up to a limit and by how lucent the
 * side away from the spine is, to this power, so that the edge of the spine, often the stronger
 * one, gives way. */
#define RIGHT_LIMIT 0.5
#define RIGHT_LUCENCY 0.5
#define RIGHT_MEDIAL 0.6 /* columns from here on show where the diaphragm lies */
#define NOWHERE (-1e9f)

/* A search from row first to row last between two columns of each row. */
typedef struct {
  int width, first, last;
  const float *gain;         /* [height, width] */
  double *low, *high;        /* [height] */
  int least_move, most_move; /* columns a row */
  float bend;                /* what a column of move costs */
} Corridor;

typedef struct {
  float *sum;   /* [rows, width] */
  gint8 *moves; /* [rows, width] */
} Paths;

void
iv_lung_rows_free (IvLungRows *self)
{
  if (self == NULL)
    return;
  g_free (self->rows);
  g_free (self->floor[0]);
  g_free (self->floor[1]);
  g_free (self);
}

static void
scan_rows (IvLungRows *self, const IvFilmMeasureInput *input)
{
  for (int y = 0; y < (int) input->height; y++) {
    self->rows[y] = (IvLungRow){ { -1, -1 }, { -1, -1 } };
    for (int x = 0; x < (int) input->width; x++) {
      int side = input->lungs[(gsize) y * input->width + x] - 1;

      if (side != 0 && side != 1)
        continue;
      if (self->rows[y].first[side] < 0)
        self->rows[y].first[side] = x;
      self->rows[y].last[side] = x;
      self->floor[side][x] = y;
      self->lowest[side] = y;
      self->top = MIN (self->top, y);
    }
  }
}

/* Middle of the gap between the lungs, its mean over the rows above the heart. */
static gboolean
find_middle (IvLungRows *self)
{
  int end = (int) (self->top + RIGHT_START * (self->bottom - self->top)), n = 0;
  double sum = 0;

  for (int y = self->top; y <= end; y++) {
    const IvLungRow *row = &self->rows[y];

    if (row->last[0] < 0 || row->first[1] < 0)
      continue;
    sum += 0.5 * (row->last[0] + row->first[1]);
    n++;
  }
  self->middle = sum / MAX (n, 1);
  return n > 0;
}

IvLungRows *
iv_lung_rows_new (const IvFilmMeasureInput *input)
{
  g_autoptr (IvLungRows) self = g_new0 (IvLungRows, 1);

  self->rows = g_new (IvLungRow, input->height);
  self->lowest[0] = self->lowest[1] = -1;
  self->top = (int) input->height;
  for (guint side = 0; side < 2; side++) {
    self->floor[side] = g_new (int, input->width);
    for (guint x = 0; x < input->width; x++)
      self->floor[side][x] = -1;
  }
  scan_rows (self, input);
  self->bottom = (self->lowest[0] + self->lowest[1]) / 2;
  if (MIN (self->lowest[0], self->lowest[1]) < self->top + LEAST_ROWS || !find_middle (self))
    return NULL;
  for (guint y = 0; y < input->height; y++)
    if (self->rows[y].first[0] >= 0 && self->rows[y].last[1] >= 0)
      self->width = MAX (self->width, self->rows[y].last[1] - self->rows[y].first[0] + 1);
  return self->width >= LEAST_ROWS ? g_steal_pointer (&self) : NULL;
}

/* [height + 1, width + 1] sums of all pixels above and to the left. */
static double *
integrate (const IvFilmMeasureInput *input)
{
  gsize w = input->width, stride = w + 1;
  double *sums = g_new0 (double, stride *(input->height + 1));

  for (gsize y = 0; y < input->height; y++) {
    double row = 0;

    for (gsize x = 0; x < w; x++) {
      row += input->density[y * w + x];
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
    }
  }
  return sums;
}

/* Mean of columns x0 … x1 and rows y0 … y1, cut at the film's edges. */
static double
mean_of (const double *sums, const IvFilmMeasureInput *input, const int box[4])
{
  int w = (int) input->width, h = (int) input->height, stride = w + 1;
  int x0 = CLAMP (box[0], 0, w - 1), x1 = CLAMP (box[1], 0, w - 1) + 1;
  int y0 = CLAMP (box[2], 0, h - 1), y1 = CLAMP (box[3], 0, h - 1) + 1;
  double sum = sums[y1 * stride + x1] - sums[y0 * stride + x1] - sums[y1 * stride + x0] +
               sums[y0 * stride + x0];

  return sum / ((x1 - x0) * (y1 - y0));
}

/* Adds what density rises from left to right over boxes of that many columns. */
static void
add_step (float *out, const double *sums, const IvFilmMeasureInput *input, const double how[2])
{
  int size = MAX (2, (int) round (how[0])), tall = (int) round (0.87 * size);

  for (int y = 0; y < (int) input->height; y++)
    for (int x = 0; x < (int) input->width; x++) {
      const int before[] = { x - size, x - 1, y - tall, y + tall };
      const int behind[] = { x + 1, x + size, y - tall, y + tall };

      out[(gsize) y * input->width + x] +=
          (float) (how[1] * (mean_of (sums, input, behind) - mean_of (sums, input, before)));
    }
}

static int
compare_floats (gconstpointer a, gconstpointer b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return (x > y) - (x < y);
}

/* 10th and 90th percentile of density inside of the lungs. */
static void
range_of_lungs (const IvFilmMeasureInput *input, double range[2])
{
  gsize n = 0, all = (gsize) input->width * input->height;
  g_autofree float *values = g_new (float, all);

  for (gsize i = 0; i < all; i++)
    if (input->lungs[i] != 0)
      values[n++] = input->density[i];
  qsort (values, n, sizeof (float), compare_floats);
  range[0] = n > 10 ? values[n / 10] : 0;
  range[1] = n > 10 ? values[n * 9 / 10] : 0;
}

/* What the borders are looked for in, [height, width] each. */
typedef struct {
  float *fall;    /* (owned) its negative */
  float *rise;    /* (owned) of density from left to right, in units of the lungs' contrast */
  float *lucency; /* (owned) 0 … 1 of what lies left of a pixel */
} Maps;

static void
maps_clear (Maps *maps)
{
  g_free (maps->rise);
  g_free (maps->fall);
  g_free (maps->lucency);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Maps, maps_clear)

/* FALSE on a film without contrast. */
static gboolean
maps_init (Maps *maps, const IvFilmMeasureInput *input, const IvLungRows *rows)
{
  gsize n = (gsize) input->width * input->height;
  int size = MAX (2, (int) round (COARSE * rows->width));
  double range[2], contrast;
  g_autofree double *sums = integrate (input);

  range_of_lungs (input, range);
  contrast = range[1] - range[0];
  if (!(contrast > 1e-6))
    return FALSE;
  maps->rise = g_new0 (float, n);
  maps->fall = g_new (float, n);
  maps->lucency = g_new (float, n);
  add_step (maps->rise, sums, input, (const double[]){ FINE * rows->width, FINE_SHARE / contrast });
  add_step (maps->rise, sums, input, (const double[]){ COARSE * rows->width, 1 / contrast });
  for (int y = 0; y < (int) input->height; y++)
    for (int x = 0; x < (int) input->width; x++) {
      const int beside[] = { x - size, x - 1, y - 2, y + 2 };

      maps->lucency[(gsize) y * input->width + x] = (float) pow (
          CLAMP ((range[1] - mean_of (sums, input, beside)) / contrast, 0, 1), RIGHT_LUCENCY);
    }
  return TRUE;
}

static void
paths_clear (Paths *paths)
{
  g_free (paths->sum);
  g_free (paths->moves);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Paths, paths_clear)

/* The best sum of gains on a way to each pixel, and the last move of that way. */
static void
paths_fill (Paths *paths, const Corridor *corridor)
{
  int w = corridor->width, n = corridor->last - corridor->first + 1;

  paths->sum = g_new (float, (gsize) w *n);
  paths->moves = g_new0 (gint8, (gsize) w * n);
  for (int row = 0; row < n; row++) {
    int y = corridor->first + row;
    float *sum = paths->sum + (gsize) row * w;

    for (int x = 0; x < w; x++) {
      float best = row == 0 ? 0 : NOWHERE;

      sum[x] = NOWHERE;
      if (x < corridor->low[y] || x > corridor->high[y])
        continue;
      for (int move = corridor->least_move; row > 0 && move <= corridor->most_move; move++) {
        int from = x - move;
        float value =
            from >= 0 && from < w ? sum[from - w] - corridor->bend * (float) abs (move) : NOWHERE;

        if (value > best) {
          best = value;
          paths->moves[(gsize) row * w + x] = (gint8) move;
        }
      }
      if (best > NOWHERE / 2)
        sum[x] = best + corridor->gain[(gsize) y * w + x];
    }
  }
}

/* Columns of the path that ends at column x of row y, from the corridor's first row on. (transfer
 * full) [y - first + 1] */
static int *
paths_trace (const Paths *paths, const Corridor *corridor, int x, int y)
{
  int *path = g_new (int, y - corridor->first + 1);

  for (int row = y - corridor->first; row >= 0; row--) {
    path[row] = x;
    x -= paths->moves[(gsize) row * corridor->width + x];
  }
  return path;
}

static double
mean_step (const Corridor *corridor, const int *path, int n)
{
  double sum = 0;

  for (int i = 0; i < n; i++)
    sum += corridor->gain[(gsize) (corridor->first + i) * corridor->width + path[i]];
  return sum / MAX (n, 1);
}

/* The end of the best path that reaches the lower edge of the left field. */
static gboolean
find_left_end (const Paths *paths, const Corridor *corridor, const IvLungRows *rows, int end[2])
{
  float best = NOWHERE / 2;

  for (int y = corridor->first + LEAST_ROWS / 2; y <= corridor->last; y++)
    for (int x = MAX (0, (int) corridor->low[y]); x <= corridor->high[y]; x++) {
      int above = rows->floor[1][x] - y;
      float sum = paths->sum[(gsize) (y - corridor->first) * corridor->width + x];

      if (x < rows->middle + LEFT_END * rows->width || above < 0 || above > 3 || sum <= best)
        continue;
      best = sum;
      end[0] = x;
      end[1] = y;
    }
  return best > NOWHERE / 2;
}

/* Cuts the path where it begins to follow the diaphragm, carries the border on a little, and takes
 * its farthest point. */
static void
measure_left (const Corridor *corridor,
              const IvLungRows *rows,
              const int *path,
              int n,
              IvHeartBorders *out)
{
  int last = 0, back;
  double slope, x;

  while (last < n - 1 &&
         (path[last] < rows->middle + LEFT_END * rows->width ||
          rows->floor[1][path[last]] - (corridor->first + last) > DIAPHRAGM * rows->width))
    last++;
  out->step[1] = mean_step (corridor, path, last + 1);
  out->x[1] = -1;
  for (int i = 0; i <= last; i++)
    if (path[i] > out->x[1]) {
      out->x[1] = path[i];
      out->y[1] = corridor->first + i;
    }
  back = MIN (last, (int) (CARRY_ROWS * rows->width));
  slope = back > 0 ? CLAMP ((path[last] - path[last - back]) / (double) back, 0, STEEPEST) : 0;
  x = path[last];
  for (int y = corridor->first + last; y < corridor->last && x < corridor->high[y]; y++) {
    if (rows->floor[1][(int) x] - y <= CARRY_ON * rows->width)
      break;
    x += slope;
    if (x > out->x[1]) {
      out->x[1] = x;
      out->y[1] = y + 1;
    }
  }
}

static gboolean
find_left (Corridor *corridor, const IvLungRows *rows, IvHeartBorders *out)
{
  g_auto (Paths) paths = { NULL };
  int end[2] = { 0, 0 };

  for (int y = corridor->first; y <= rows->lowest[1]; y++) {
    double down = (y - corridor->first) / (double) MAX (1, rows->lowest[1] - corridor->first);

    if (rows->rows[y].first[1] < 0)
      break;
    corridor->low[y] = MAX (rows->rows[y].first[1], rows->middle) + LEFT_LEAN * rows->width * down;
    corridor->high[y] = rows->rows[y].last[1] - 2;
    corridor->last = y;
  }
  corridor->least_move = -1;
  corridor->most_move = 2;
  corridor->bend = 0.01f;
  if (corridor->last < corridor->first + LEAST_ROWS)
    return FALSE;
  paths_fill (&paths, corridor);
  if (!find_left_end (&paths, corridor, rows, end))
    return FALSE;
  g_autofree int *path = paths_trace (&paths, corridor, end[0], end[1]);
  measure_left (corridor, rows, path, end[1] - corridor->first + 1, out);
  return TRUE;
}

static int
compare_ints (gconstpointer a, gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

/* Row of the diaphragm in the medial part of the right lung. */
static int
find_right_floor (const IvLungRows *rows, int width)
{
  g_autofree int *floors = g_new (int, width);
  int first = width, last = -1, n = 0;

  for (int x = 0; x < width; x++)
    if (rows->floor[0][x] >= 0) {
      first = MIN (first, x);
      last = x;
    }
  for (int x = (int) (first + RIGHT_MEDIAL * (last - first)); x <= last; x++)
    if (rows->floor[0][x] >= 0)
      floors[n++] = rows->floor[0][x];
  qsort (floors, n, sizeof (int), compare_ints);
  return floors[n / 2];
}

static gboolean
find_right (Corridor *corridor, const Maps *maps, const IvLungRows *rows, IvHeartBorders *out)
{
  float *gain = maps->rise;
  g_auto (Paths) paths = { NULL };
  int w = corridor->width, best = -1, floor = find_right_floor (rows, w);
  int counted = (int) (rows->top + RIGHT_START * (rows->bottom - rows->top));

  for (int y = corridor->first; y <= floor; y++) {
    const IvLungRow *row = &rows->rows[y];
    double wide = row->last[0] - row->first[0];

    if (row->last[0] < 0)
      break;
    corridor->low[y] = row->last[0] - RIGHT_REACH * wide;
    corridor->high[y] = row->last[0] + RIGHT_BEYOND * rows->width;
    for (int x = MAX (0, (int) corridor->low[y]); x <= MIN (w - 1, corridor->high[y]); x++) {
      gsize at = (gsize) y * w + x;
      double pull = CLAMP ((corridor->high[y] - x) / MAX (1, wide), 0, 1);

      gain[at] = MIN (gain[at], RIGHT_LIMIT) * maps->lucency[at] - (float) (RIGHT_PULL * pull);
    }
    corridor->last = y;
  }
  corridor->least_move = -1;
  corridor->most_move = 1;
  corridor->bend = 0.02f;
  if (corridor->last < MAX (counted, corridor->first + LEAST_ROWS))
    return FALSE;
  paths_fill (&paths, corridor);
  const float *sums = paths.sum + (gsize) (corridor->last - corridor->first) * w;
  for (int x = 0; x < w; x++)
    if (sums[x] > NOWHERE / 2 && (best < 0 || sums[x] > sums[best]))
      best = x;
  if (best < 0)
    return FALSE;
  g_autofree int *path = paths_trace (&paths, corridor, best, corridor->last);
  corridor->gain = maps->fall;
  out->step[0] = -mean_step (corridor, path, corridor->last - corridor->first + 1);
  out->x[0] = w;
  for (int y = counted; y <= corridor->last; y++)
    if (path[y - corridor->first] < out->x[0]) {
      out->x[0] = path[y - corridor->first];
      out->y[0] = y;
    }
  return TRUE;
}

gboolean
iv_heart_borders_find (const IvFilmMeasureInput *input,
                       const IvLungRows *rows,
                       IvHeartBorders *borders)
{
  gsize n = (gsize) input->width * input->height;
  int first = (int) (rows->top + START * (rows->bottom - rows->top));
  g_auto (Maps) maps = { NULL };
  g_autofree double *low = g_new0 (double, input->height);
  g_autofree double *high = g_new0 (double, input->height);
  Corridor corridor = {
    .width = (int) input->width, .first = first, .last = first, .low = low, .high = high
  };

  if (!maps_init (&maps, input, rows))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    maps.fall[i] = -maps.rise[i];
  corridor.gain = maps.fall;
  if (!find_left (&corridor, rows, borders))
    return FALSE;
  corridor.gain = maps.rise;
  corridor.last = first;
  return find_right (&corridor, &maps, rows, borders) && borders->x[0] < borders->x[1];
}
