/* The rows of the table of measures, and the table as text.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/measure/iv-measure-table.h"

#include <math.h>

#include <glib/gi18n-lib.h>

#define NO_VALUE "–"

/* One value on both films. */
typedef struct {
  IvMeasureRowKind kind;
  const char *name;
  double current, prior;
  double scale; /* from the values to what is shown */
  int digits;
  const char *unit;
  gboolean is_comparable;
} Values;

static void
row_free (gpointer data)
{
  IvMeasureRow *row = data;

  g_free (row->name);
  g_free (row->current);
  g_free (row->prior);
  g_free (row->difference);
  g_free (row->unit);
  g_free (row->note);
  g_free (row);
}

const char *
iv_measure_source_to_string (IvSpacingSource source)
{
  switch (source) {
  case IV_SPACING_DETECTOR:
    return _ ("at the detector, magnification not corrected");
  case IV_SPACING_CORRECTED:
    return _ ("corrected for magnification");
  case IV_SPACING_CALIBRATED:
    return _ ("calibrated");
  case IV_SPACING_UNSPECIFIED:
    return _ ("pixel spacing of unstated calibration");
  case IV_SPACING_SCANNED:
    return _ ("on the digitised film");
  case IV_SPACING_NONE:
  default:
    return _ ("no pixel spacing: in pixels of each film");
  }
}

static char *
format_value (double value, int digits)
{
  return isfinite (value) ? g_strdup_printf ("%.*f", digits, value) : g_strdup (NO_VALUE);
}

/* Of the values as they are shown, so that the table adds up. */
static char *
format_difference (const Values *values)
{
  double parts = pow (10, values->digits);
  double difference = (round (values->current * values->scale * parts) -
                       round (values->prior * values->scale * parts)) /
                      parts;

  if (!values->is_comparable || !isfinite (difference))
    return g_strdup (NO_VALUE);
  return g_strdup_printf ("%s%.*f",
                          difference < 0   ? "−"
                          : difference > 0 ? "+"
                                           : "",
                          values->digits,
                          fabs (difference));
}

static void
append_doubts (GString *note, const char *film, guint doubts)
{
  g_autofree char *text = iv_film_measure_describe_doubts (doubts);

  if (text != NULL)
    g_string_append_printf (note, "%s%s: %s", note->len > 0 ? "\n" : "", film, text);
}

static char *
make_note (IvComparison *comparison, const Values *values)
{
  const IvFilmMeasure *current = iv_comparison_get_current_measure (comparison);
  const IvFilmMeasure *prior = iv_comparison_get_prior_measure (comparison);
  GString *note = g_string_new (NULL);

  if (values->kind != IV_MEASURE_ROW_RATIO) {
    g_string_append_printf (
        note, "%s: %s", _ ("Current"), iv_measure_source_to_string (current->source));
    g_string_append_printf (
        note, "\n%s: %s", _ ("Prior"), iv_measure_source_to_string (prior->source));
  } else {
    g_string_append (note, _ ("Found by the program: check the lines on the films"));
  }
  append_doubts (note, _ ("Current"), current->doubts);
  append_doubts (note, _ ("Prior"), prior->doubts);
  return g_string_free (note, FALSE);
}

static void
add_row (GPtrArray *rows, IvComparison *comparison, const Values *values)
{
  IvMeasureRow *row = g_new0 (IvMeasureRow, 1);

  row->kind = values->kind;
  row->name = g_strdup (values->name);
  row->current = format_value (values->current * values->scale, values->digits);
  row->prior = format_value (values->prior * values->scale, values->digits);
  row->difference = format_difference (values);
  row->unit = g_strdup (values->unit);
  row->note = make_note (comparison, values);
  row->is_doubtful = (iv_comparison_get_current_measure (comparison)->doubts |
                      iv_comparison_get_prior_measure (comparison)->doubts) != 0;
  g_ptr_array_add (rows, row);
}

static double
length_of (const IvPoint ends[2])
{
  return ends[1].x - ends[0].x;
}

static void
add_lengths (GPtrArray *rows, IvComparison *comparison, gboolean has_mm)
{
  const IvFilmMeasure *c = iv_comparison_get_current_measure (comparison);
  const IvFilmMeasure *p = iv_comparison_get_prior_measure (comparison);
  const char *unit = has_mm ? "mm" : "px";
  gboolean has[2] = { isfinite (c->ratio), isfinite (p->ratio) };

  add_row (rows,
           comparison,
           &(Values){ .kind = IV_MEASURE_ROW_HEART,
                      .name = _ ("Heart width"),
                      .current = has_mm   ? c->heart_mm
                                 : has[0] ? length_of (c->heart)
                                          : NAN,
                      .prior = has_mm   ? p->heart_mm
                               : has[1] ? length_of (p->heart)
                                        : NAN,
                      .scale = 1,
                      .unit = unit,
                      .is_comparable = has_mm });
  add_row (rows,
           comparison,
           &(Values){ .kind = IV_MEASURE_ROW_CHEST,
                      .name = _ ("Chest width"),
                      .current = has_mm   ? c->thorax_mm
                                 : has[0] ? length_of (c->thorax)
                                          : NAN,
                      .prior = has_mm   ? p->thorax_mm
                               : has[1] ? length_of (p->thorax)
                                        : NAN,
                      .scale = 1,
                      .unit = unit,
                      .is_comparable = has_mm });
}

static double
none_when_zero (double area)
{
  return area > 0 ? area : NAN;
}

GPtrArray *
iv_measure_table_list (IvComparison *comparison)
{
  const IvFilmMeasure *c = iv_comparison_get_current_measure (comparison);
  const IvFilmMeasure *p = iv_comparison_get_prior_measure (comparison);
  gboolean has_mm = c->source != IV_SPACING_NONE && p->source != IV_SPACING_NONE;
  GPtrArray *rows = g_ptr_array_new_with_free_func (row_free);

  add_row (rows,
           comparison,
           &(Values){ .kind = IV_MEASURE_ROW_RATIO,
                      .name = _ ("Cardiothoracic ratio"),
                      .current = c->ratio,
                      .prior = p->ratio,
                      .scale = 1,
                      .digits = 2,
                      .unit = "",
                      .is_comparable = TRUE });
  add_lengths (rows, comparison, has_mm);
  for (guint side = 0; side < 2; side++)
    add_row (rows,
             comparison,
             &(Values){ .kind = side == 0 ? IV_MEASURE_ROW_RIGHT_LUNG : IV_MEASURE_ROW_LEFT_LUNG,
                        .name = side == 0 ? _ ("Right lung field") : _ ("Left lung field"),
                        .current = none_when_zero (has_mm ? c->lung_mm2[side] : c->lung_px[side]),
                        .prior = none_when_zero (has_mm ? p->lung_mm2[side] : p->lung_px[side]),
                        .scale = has_mm ? 0.01 : 0.001,
                        .unit = has_mm ? "cm²" : "10³ px",
                        .is_comparable = has_mm });
  return rows;
}

/* A line of cells; the first line of a table is its header. */
static void
add_line (GString *text, IvTableForm form, const char *const *cells, gboolean is_header)
{
  guint n = g_strv_length ((char **) cells);

  for (guint i = 0; i < n; i++)
    if (form == IV_TABLE_MARKDOWN)
      g_string_append_printf (text, "%s%s |", i == 0 ? "| " : " ", cells[i]);
    else
      g_string_append_printf (text, "%s%s", i > 0 ? "\t" : "", cells[i]);
  g_string_append_c (text, '\n');
  for (guint i = 0; is_header && form == IV_TABLE_MARKDOWN && i < n; i++)
    g_string_append (text, i == 0 ? "|---|" : i + 1 < n ? "---:|" : "---|\n");
}

static const char *
course_in_words (const IvChange *change)
{
  switch (iv_change_get_course (change)) {
  case IV_COURSE_INCREASED:
    return _ ("increased");
  case IV_COURSE_DECREASED:
    return _ ("decreased");
  case IV_COURSE_UNCHANGED:
  default:
    return _ ("unchanged");
  }
}

static const char *
zone_in_words (IvZone zone)
{
  static const char *const names[] = { N_ ("right upper zone"), N_ ("right middle zone"),
                                       N_ ("right lower zone"), N_ ("left upper zone"),
                                       N_ ("left middle zone"), N_ ("left lower zone") };

  return zone < G_N_ELEMENTS (names) ? _ (names[zone]) : "";
}

static const char *
swap_in_words (const IvSwapCheck *check, guint i)
{
  switch (check != NULL ? g_array_index (check->marks, IvSwapMark, i) : IV_SWAP_UNKNOWN) {
  case IV_SWAP_CONSISTENT:
    return _ ("yes");
  case IV_SWAP_INCONSISTENT:
    return _ ("no");
  case IV_SWAP_UNKNOWN:
  default:
    return NO_VALUE;
  }
}

static void
add_change (GString *text, const IvMeasureTableParams *params, guint i)
{
  const IvChange *change = g_ptr_array_index (iv_comparison_get_changes (params->comparison), i);
  gboolean has_mm = isfinite (change->area_mm2);
  g_autofree char *number = g_strdup_printf ("%u", i + 1);
  g_autofree char *area = format_value (has_mm ? change->area_mm2 : change->area_px, 0);
  g_autofree char *normalised = format_value (change->mean_normalised, 2);
  g_autofree char *relative = format_value (change->mean_relative, 2);
  g_autofree char *score = format_value (change->score, 2);
  const char *cells[] = { number,
                          course_in_words (change),
                          zone_in_words (change->zone),
                          area,
                          has_mm ? "mm²" : "px",
                          normalised,
                          relative,
                          score,
                          swap_in_words (params->check, i),
                          NULL };

  add_line (text, params->form, cells, FALSE);
}

static void
add_changes (GString *text, const IvMeasureTableParams *params)
{
  GPtrArray *changes = iv_comparison_get_changes (params->comparison);
  const char *header[] = { _ ("No."),
                           _ ("Opacity"),
                           _ ("Zone"),
                           _ ("Area"),
                           _ ("Unit"),
                           _ ("Mean difference (local deviations)"),
                           _ ("Mean difference (deviations of the lungs)"),
                           _ ("Score"),
                           _ ("Holds when the films are exchanged"),
                           NULL };
  gboolean has_header = FALSE;

  for (guint i = 0; i < changes->len; i++) {
    if (((IvChange *) g_ptr_array_index (changes, i))->score < params->threshold)
      continue;
    if (!has_header) {
      g_string_append_c (text, '\n');
      add_line (text, params->form, header, TRUE);
    }
    has_header = TRUE;
    add_change (text, params, i);
  }
}

char *
iv_measure_table_format (const IvMeasureTableParams *params)
{
  const char *header[] = { _ ("Measure"),    _ ("Current"), _ ("Prior"),
                           _ ("Difference"), _ ("Unit"),    NULL };
  GString *text = g_string_new (NULL);
  g_autoptr (GPtrArray) rows = iv_measure_table_list (params->comparison);
  const IvMeasureRow *ratio = g_ptr_array_index (rows, 0);
  const IvMeasureRow *length = g_ptr_array_index (rows, 1);

  add_line (text, params->form, header, TRUE);
  for (guint i = 0; i < rows->len; i++) {
    const IvMeasureRow *row = g_ptr_array_index (rows, i);
    const char *cells[] = { row->name, row->current, row->prior, row->difference, row->unit, NULL };

    add_line (text, params->form, cells, FALSE);
  }
  add_changes (text, params);
  g_string_append_printf (text, "\n%s\n%s\n", ratio->note, length->note);
  return g_string_free (text, FALSE);
}
