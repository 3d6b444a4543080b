/* The facts of a case in words, as a language model and a reader get them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-case.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static gboolean
parse_date (const char *date, int *year, int *month, int *day)
{
  if (date == NULL || strlen (date) != 8 || strspn (date, "0123456789") != 8)
    return FALSE;
  return sscanf (date, "%4d%2d%2d", year, month, day) == 3;
}

int
iv_case_get_age (const char *birth_date, const char *on_date)
{
  int birth_year, birth_month, birth_day, year, month, day, age;

  if (!parse_date (birth_date, &birth_year, &birth_month, &birth_day) ||
      !parse_date (on_date, &year, &month, &day))
    return -1;
  age = year - birth_year;
  if (month < birth_month || (month == birth_month && day < birth_day))
    age--;
  return age >= 0 && age < 130 ? age : -1;
}

static const char *
sex_in_words (const char *sex)
{
  if (g_strcmp0 (sex, "F") == 0)
    return "female";
  if (g_strcmp0 (sex, "M") == 0)
    return "male";
  return "sex not stated";
}

static const char *
view_in_words (IvView view)
{
  switch (view) {
  case IV_VIEW_PA:
    return "PA chest radiograph";
  case IV_VIEW_AP:
    return "AP chest radiograph";
  case IV_VIEW_LATERAL:
    return "lateral chest radiograph";
  case IV_VIEW_UNKNOWN:
  default:
    return "chest radiograph, view not stated";
  }
}

static const char *
kind_in_words (IvChangeKind kind)
{
  switch (kind) {
  case IV_CHANGE_TEXTURE:
    return "fine markings changed";
  case IV_CHANGE_CONTOUR:
    return "a border moved";
  case IV_CHANGE_OPACITY:
  default:
    return "density changed";
  }
}

static void
append_patient (GString *text, const IvRadiographInfo *current)
{
  const char *date =
      current->acquisition_date != NULL ? current->acquisition_date : current->study_date;
  int age = iv_case_get_age (current->patient_birth_date, date);

  g_string_append (text, "Patient: ");
  if (age >= 0)
    g_string_append_printf (text, "%d years, ", age);
  else
    g_string_append (text, "age not stated, ");
  g_string_append_printf (text, "%s.\n", sex_in_words (current->patient_sex));
}

static void
append_films (GString *text, const IvCase *facts)
{
  g_string_append_printf (text, "Current film: %s.\n", view_in_words (facts->current->view));
  if (facts->prior == NULL) {
    g_string_append (text, "There is no prior film. Do not compare with an earlier one.\n");
    return;
  }
  g_string_append_printf (text, "Prior film: %s, ", view_in_words (facts->prior->view));
  if (facts->days < 0)
    g_string_append_printf (text, "%d days earlier.\n", -facts->days);
  else if (facts->days > 0)
    g_string_append_printf (text, "%d days later than the current one.\n", facts->days);
  else
    g_string_append (text, "same day or date not known.\n");
}

static char *
format_size (const IvChange *change)
{
  if (isnan (change->area_mm2))
    return g_strdup_printf ("%.0f px (no pixel spacing)", change->area_px);
  return g_strdup_printf ("%.0f mm²", change->area_mm2);
}

static void
append_changes (GString *text, IvComparison *comparison, double threshold)
{
  GPtrArray *changes = iv_comparison_get_changes (comparison);
  const char *caution = iv_comparison_get_caution (comparison);
  guint n_listed = 0, n_weak = 0;

  for (guint i = 0; changes != NULL && i < changes->len; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);
    g_autofree char *size = NULL;

    if (change->score < threshold) {
      n_weak++;
      continue;
    }
    if (n_listed++ == 0)
      g_string_append (text, "Changes since the prior film (score 0 to 1):\n");
    size = format_size (change);
    g_string_append_printf (text,
                            "%u. opacity %s, %s zone, %s, %s, score %.2f\n",
                            n_listed,
                            change->direction == IV_CHANGE_INCREASED ? "increased" : "decreased",
                            iv_zone_to_string (change->zone),
                            size,
                            kind_in_words (change->kind),
                            change->score);
  }
  if (caution != NULL)
    g_string_append_printf (text, "Caution: %s.\n", caution);
  if (n_listed == 0)
    g_string_append_printf (
        text, "No change reached a score of %.2f. This does not exclude one.\n", threshold);
  if (n_weak > 0)
    g_string_append_printf (text, "Weaker candidates not listed: %u.\n", n_weak);
}

char *
iv_case_describe (const IvCase *facts)
{
  GString *text = g_string_new (NULL);

  if (facts->current == NULL) {
    g_string_append (text, "No film is open.\n");
    return g_string_free (text, FALSE);
  }
  append_patient (text, facts->current);
  append_films (text, facts);
  if (facts->current->is_simulated)
    g_string_append (text, "The films are simulated, for demonstration.\n");
  if (facts->prior == NULL)
    return g_string_free (text, FALSE);
  if (facts->comparison == NULL)
    g_string_append (text, "The films have not been compared.\n");
  else if (!iv_comparison_is_ok (facts->comparison))
    g_string_append_printf (text,
                            "The films could not be registered, so changes are unknown: %s\n",
                            iv_comparison_get_reason (facts->comparison));
  else
    append_changes (text, facts->comparison, facts->threshold);
  return g_string_free (text, FALSE);
}

char *
iv_case_list_changes (IvComparison *comparison, double threshold)
{
  GPtrArray *changes;
  GString *text;

  if (comparison == NULL || !iv_comparison_is_ok (comparison))
    return NULL;
  changes = iv_comparison_get_changes (comparison);
  text = g_string_new ("direction\tkind\tzone\tarea_mm2\tarea_px\tscore\n");
  for (guint i = 0; i < changes->len; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);
    g_autofree char *area = NULL;

    if (change->score < threshold)
      continue;
    area = isnan (change->area_mm2) ? g_strdup ("") : g_strdup_printf ("%.0f", change->area_mm2);
    g_string_append_printf (text,
                            "%s\t%s\t%s\t%s\t%.0f\t%.2f\n",
                            change->direction == IV_CHANGE_INCREASED ? "increased" : "decreased",
                            kind_in_words (change->kind),
                            iv_zone_to_string (change->zone),
                            area,
                            change->area_px,
                            change->score);
  }
  return g_string_free (text, FALSE);
}
