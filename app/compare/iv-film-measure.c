/* Areas of the lung fields, chest width, doubts, and the ratio from the heart's borders.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-film-measure.h"

#include <math.h>

#include <glib/gi18n-lib.h>

#include "app/compare/iv-heart-border.h"

/* Below it the lung fields are too poor to measure from; between both they are a doubt. Good films
 * have 0.8 and more. */
#define LEAST_QUALITY 0.25
#define GOOD_QUALITY 0.6
/* Of the upper lung widths: more than on any of the PA films measured in docs/COMPARE.md. */
#define MOST_ASYMMETRY 0.10
/* Mean step along a border, of the contrast inside of the lungs: docs/COMPARE.md. */
#define LEAST_STEP 0.15
#define GOOD_STEP 0.3
/* Rows between the apices and the hila, of the lungs' height. */
#define UPPER_FIRST 0.15
#define UPPER_LAST 0.40
#define EDGE 1.5 /* working pixels: a lung this near to the film's edge is cut */

typedef struct {
  const char *name;
  IvMeasureDoubt doubt;
  const char *text;
} Doubt;

static const Doubt doubts_table[] = {
  { "ap", IV_DOUBT_AP, N_ ("AP film: the heart appears larger than on a PA film") },
  { "view", IV_DOUBT_VIEW, N_ ("The file does not say whether the film is PA or AP") },
  { "rotated", IV_DOUBT_ROTATED, N_ ("The lungs differ in width: the patient may be rotated") },
  { "lungs", IV_DOUBT_LUNGS, N_ ("The outlines of the lungs are uncertain") },
  { "cut", IV_DOUBT_CUT, N_ ("A lung reaches the edge of the film") },
  { "heart", IV_DOUBT_HEART, N_ ("The borders of the heart are weak") },
  { "lateral", IV_DOUBT_LATERAL, N_ ("Not a frontal film") },
  { "no-lungs", IV_DOUBT_NO_LUNGS, N_ ("Two lungs were not found") },
  { "no-heart", IV_DOUBT_NO_HEART, N_ ("The borders of the heart were not found") },
};

const char *
iv_measure_doubt_to_string (IvMeasureDoubt doubt)
{
  for (guint i = 0; i < G_N_ELEMENTS (doubts_table); i++)
    if (doubts_table[i].doubt == doubt)
      return doubts_table[i].name;
  return NULL;
}

char *
iv_film_measure_describe_doubts (guint doubts)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (doubts_table); i++)
    if (doubts & doubts_table[i].doubt)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", _ (doubts_table[i].text));
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static IvPoint
to_film (const IvFilmMeasureInput *input, double x, double y)
{
  return (IvPoint){ (x + 0.5) * input->pitch - 0.5, (y + 0.5) * input->pitch - 0.5 };
}

static guint
doubts_of_view (IvView view)
{
  switch (view) {
  case IV_VIEW_PA:
    return 0;
  case IV_VIEW_AP:
    return IV_DOUBT_AP;
  case IV_VIEW_LATERAL:
    return IV_DOUBT_LATERAL;
  case IV_VIEW_UNKNOWN:
  default:
    return IV_DOUBT_VIEW;
  }
}

static void
measure_areas (IvFilmMeasure *self, const IvFilmMeasureInput *input)
{
  const IvRadiographInfo *info = input->info;
  gboolean has_mm = info->spacing_source != IV_SPACING_NONE && info->row_spacing > 0;
  double pixel = input->pitch * input->pitch;

  self->source = has_mm ? info->spacing_source : IV_SPACING_NONE;
  for (gsize i = 0; i < (gsize) input->width * input->height; i++)
    if (input->lungs[i] == 1 || input->lungs[i] == 2)
      self->lung_px[input->lungs[i] - 1] += pixel;
  for (guint side = 0; side < 2; side++)
    self->lung_mm2[side] =
        has_mm ? self->lung_px[side] * info->row_spacing * info->column_spacing : NAN;
}

/* The row where the lungs reach widest, and the inner chest wall there. */
static double
measure_chest (IvFilmMeasure *self, const IvFilmMeasureInput *input, const IvLungRows *rows)
{
  int best = -1, widest = 0;

  for (int y = 0; y < (int) input->height; y++) {
    const IvLungRow *row = &rows->rows[y];

    if (row->first[0] >= 0 && row->last[1] >= 0 && row->last[1] - row->first[0] + 1 > widest) {
      widest = row->last[1] - row->first[0] + 1;
      best = y;
    }
  }
  if (best < 0)
    return 0;
  /* Walls lie on the outer edges of the outermost lung pixels. */
  self->thorax[0] = to_film (input, rows->rows[best].first[0] - 0.5, best);
  self->thorax[1] = to_film (input, rows->rows[best].last[1] + 0.5, best);
  if (rows->rows[best].first[0] < EDGE || rows->rows[best].last[1] > input->width - 1 - EDGE)
    self->doubts |= IV_DOUBT_CUT;
  return widest;
}

/* Turning the chest widens one lung above the heart and narrows the other. */
static double
measure_asymmetry (const IvLungRows *rows)
{
  double width[2] = { 0, 0 };
  int first = (int) (rows->top + UPPER_FIRST * (rows->bottom - rows->top));
  int last = (int) (rows->top + UPPER_LAST * (rows->bottom - rows->top));

  for (int y = first; y <= last; y++)
    for (guint side = 0; side < 2; side++)
      if (rows->rows[y].first[side] >= 0)
        width[side] += rows->rows[y].last[side] - rows->rows[y].first[side] + 1;
  return width[0] + width[1] > 0 ? (width[0] - width[1]) / (width[0] + width[1]) : NAN;
}

static void
measure_heart (IvFilmMeasure *self, const IvFilmMeasureInput *input, const IvLungRows *rows)
{
  IvHeartBorders heart;
  const IvRadiographInfo *info = input->info;

  if (!iv_heart_borders_find (input, rows, &heart) ||
      MIN (heart.step[0], heart.step[1]) < LEAST_STEP) {
    self->doubts |= IV_DOUBT_NO_HEART;
    return;
  }
  if (MIN (heart.step[0], heart.step[1]) < GOOD_STEP)
    self->doubts |= IV_DOUBT_HEART;
  for (guint side = 0; side < 2; side++)
    self->heart[side] = to_film (input, heart.x[side], heart.y[side]);
  double width = self->heart[1].x - self->heart[0].x;
  double chest = self->thorax[1].x - self->thorax[0].x;
  self->ratio = width / chest;
  if (self->source != IV_SPACING_NONE) {
    self->heart_mm = width * info->column_spacing;
    self->thorax_mm = chest * info->column_spacing;
  }
}

IvFilmMeasure
iv_film_measure (const IvFilmMeasureInput *input)
{
  IvFilmMeasure self = {
    .ratio = NAN, .heart_mm = NAN, .thorax_mm = NAN, .middle = NAN, .asymmetry = NAN
  };
  g_autoptr (IvLungRows) rows = iv_lung_rows_new (input);

  self.doubts = doubts_of_view (input->info->view);
  measure_areas (&self, input);
  if (rows == NULL || input->lung_quality < LEAST_QUALITY) {
    self.doubts |= IV_DOUBT_NO_LUNGS;
    return self;
  }
  if (input->lung_quality < GOOD_QUALITY)
    self.doubts |= IV_DOUBT_LUNGS;
  self.middle = to_film (input, rows->middle, 0).x;
  self.asymmetry = measure_asymmetry (rows);
  if (!(fabs (self.asymmetry) <= MOST_ASYMMETRY))
    self.doubts |= IV_DOUBT_ROTATED;
  if (measure_chest (&self, input, rows) > 0 && !(self.doubts & IV_DOUBT_REFUSES))
    measure_heart (&self, input, rows);
  return self;
}
