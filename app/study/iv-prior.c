/* Choice of the prior by patient, body part, view and date, with the reason in words.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-prior.h"

#include <glib/gi18n-lib.h>

#define CHEST_PATTERN "chest|thora|lung|\\bcxr\\b|ribs?\\b|흉부|胸"
#define OTHER_PATTERN                                                                              \
  "abd|pelvis|\\bhip\\b|knee|hand|wrist|elbow|shoulder|ankle|foot|feet|skull|head|sinus|neck|"     \
  "spine|\\b[clt]-?sp|lumb|cerv|femur|tibia|humerus|forearm|finger|toe|breast|mammo|dental|teeth|" \
  "extremit|복부|골반|무릎|척추|어깨"

void
iv_prior_free (IvPrior *prior)
{
  g_clear_object (&prior->image);
  g_free (prior->reason);
  g_free (prior);
}

static gboolean
matches (const char *pattern, const char *text)
{
  return text != NULL && g_regex_match_simple (pattern, text, G_REGEX_CASELESS, 0);
}

gboolean
iv_prior_is_chest_film (const IvRadiographInfo *info)
{
  static const char *const modalities[] = { "CR", "DX", "DR", "RG", "RF", "XA", "OT", "SC", NULL };
  if (info->modality != NULL && !g_strv_contains (modalities, info->modality))
    return FALSE;
  if (info->body_part != NULL)
    return matches (CHEST_PATTERN, info->body_part);
  gboolean says_chest = matches (CHEST_PATTERN, info->series_description) ||
                        matches (CHEST_PATTERN, info->study_description);
  gboolean says_other = matches (OTHER_PATTERN, info->series_description) ||
                        matches (OTHER_PATTERN, info->study_description);
  return says_chest || !says_other;
}

static gboolean
is_frontal (IvView view)
{
  return view == IV_VIEW_PA || view == IV_VIEW_AP;
}

/* A film that does not state its view may be either. */
static gboolean
are_comparable (IvView a, IvView b)
{
  return a == b || (is_frontal (a) && is_frontal (b)) || a == IV_VIEW_UNKNOWN ||
         b == IV_VIEW_UNKNOWN;
}

static gboolean
is_earlier (IvImage *a, IvImage *b)
{
  const char *study_a = iv_image_get_info (a)->study_instance_uid;
  const char *study_b = iv_image_get_info (b)->study_instance_uid;
  if (study_a != NULL && g_strcmp0 (study_a, study_b) == 0)
    return FALSE;
  GDateTime *date_a = iv_image_get_date (a), *date_b = iv_image_get_date (b);
  if ((date_a == NULL) != (date_b == NULL))
    return FALSE;
  if (date_a != NULL && g_date_time_compare (date_a, date_b) != 0)
    return g_date_time_compare (date_a, date_b) < 0;
  /* Without dates, the order in which pictures were given is all there is. */
  return iv_image_is_picture (a) && iv_image_get_order (a) < iv_image_get_order (b);
}

static gint
count_days (IvImage *prior, IvImage *current)
{
  GDateTime *a = iv_image_get_date (prior), *b = iv_image_get_date (current);
  if (a == NULL || b == NULL)
    return 0;
  GDate from, to;
  g_date_clear (&from, 1);
  g_date_clear (&to, 1);
  g_date_set_dmy (
      &from, g_date_time_get_day_of_month (b), g_date_time_get_month (b), g_date_time_get_year (b));
  g_date_set_dmy (
      &to, g_date_time_get_day_of_month (a), g_date_time_get_month (a), g_date_time_get_year (a));
  return g_date_days_between (&from, &to);
}

static char *
describe_views (IvView prior, IvView current)
{
  if (prior == current && prior != IV_VIEW_UNKNOWN)
    return g_strdup (iv_view_to_string (prior));
  if (prior == IV_VIEW_UNKNOWN && current == IV_VIEW_UNKNOWN)
    return g_strdup (_ ("view not stated"));
  if (prior == IV_VIEW_UNKNOWN)
    return g_strdup_printf (_ ("view of the prior not stated (current %s)"),
                            iv_view_to_string (current));
  if (current == IV_VIEW_UNKNOWN)
    return g_strdup_printf (_ ("%s, view of the current film not stated"),
                            iv_view_to_string (prior));
  /* Translators: projections, as in "AP prior against PA current" */
  return g_strdup_printf (
      _ ("%s prior against %s current"), iv_view_to_string (prior), iv_view_to_string (current));
}

static char *
describe_same_day (IvImage *prior, IvImage *current)
{
  if (!iv_image_has_time (prior) || !iv_image_has_time (current))
    return g_strdup (_ ("same day"));
  GTimeSpan span = g_date_time_difference (iv_image_get_date (current), iv_image_get_date (prior));
  gint minutes = (gint) (ABS (span) / G_TIME_SPAN_MINUTE), hours = minutes / 60;
  if (hours == 0)
    return span >= 0 ? g_strdup_printf (
                           ngettext ("%d minute earlier", "%d minutes earlier", minutes), minutes)
                     : g_strdup_printf (ngettext ("%d minute later", "%d minutes later", minutes),
                                        minutes);
  return span >= 0
             ? g_strdup_printf (ngettext ("%d hour earlier", "%d hours earlier", hours), hours)
             : g_strdup_printf (ngettext ("%d hour later", "%d hours later", hours), hours);
}

static char *
describe_interval (IvImage *prior, IvImage *current)
{
  gint days = count_days (prior, current);
  if (iv_image_get_date (prior) == NULL || iv_image_get_date (current) == NULL)
    return g_strdup (iv_image_get_order (prior) < iv_image_get_order (current)
                         ? _ ("given before the current film, no dates")
                         : _ ("given after the current film, no dates"));
  if (days == 0)
    return describe_same_day (prior, current);
  if (days < 0)
    return g_strdup_printf (ngettext ("%d day earlier", "%d days earlier", -days), -days);
  return g_strdup_printf (ngettext ("%d day later", "%d days later", days), days);
}

static const char *
describe_identity (IvPatient *patient, IvImage *current)
{
  if (iv_image_is_picture (current))
    return _ ("opened together, no patient data");
  return *iv_patient_get_id (patient) != '\0' ? _ ("same patient ID")
                                              : _ ("same name, no patient ID");
}

static gboolean
differ (const char *a, const char *b)
{
  if (a == NULL || b == NULL)
    return FALSE;
  g_autofree char *folded_a = g_utf8_casefold (a, -1);
  g_autofree char *folded_b = g_utf8_casefold (b, -1);
  return !g_str_equal (folded_a, folded_b);
}

/* An ID may have been given twice: a name or sex that differs must be seen. */
static void
add_warnings (GPtrArray *parts, const IvRadiographInfo *prior, const IvRadiographInfo *current)
{
  if (differ (prior->patient_name, current->patient_name) &&
      differ (prior->patient_name_alphabetic, current->patient_name_alphabetic))
    g_ptr_array_add (parts, g_strdup (_ ("but the names differ")));
  if (differ (prior->patient_sex, current->patient_sex))
    g_ptr_array_add (parts, g_strdup (_ ("but the sex differs")));
  if (!iv_prior_is_chest_film (prior))
    g_ptr_array_add (parts, g_strdup (_ ("not a chest film")));
}

IvPrior *
iv_prior_describe (IvPatient *patient, IvImage *current, IvImage *chosen)
{
  const IvRadiographInfo *prior_info = iv_image_get_info (chosen);
  const IvRadiographInfo *current_info = iv_image_get_info (current);
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (parts, describe_views (prior_info->view, current_info->view));
  g_ptr_array_add (parts, describe_interval (chosen, current));
  g_ptr_array_add (parts, g_strdup (describe_identity (patient, current)));
  add_warnings (parts, prior_info, current_info);
  g_ptr_array_add (parts, NULL);
  IvPrior *prior = g_new0 (IvPrior, 1);
  prior->image = g_object_ref (chosen);
  prior->reason = g_strjoinv (", ", (char **) parts->pdata);
  prior->days = count_days (chosen, current);
  prior->is_exact_view =
      prior_info->view == current_info->view && prior_info->view != IV_VIEW_UNKNOWN;
  return prior;
}

static IvPrior *
explain_none (const char *reason)
{
  IvPrior *prior = g_new0 (IvPrior, 1);
  prior->reason = g_strdup (reason);
  return prior;
}

/* Of two candidates: the later day; on the same day the same view; then the later time. */
static gboolean
is_better (IvImage *candidate, IvImage *best, IvImage *current)
{
  if (best == NULL)
    return TRUE;
  gint days = count_days (candidate, best);
  if (days != 0)
    return days > 0;
  IvView wanted = iv_image_get_info (current)->view;
  gboolean exact = iv_image_get_info (candidate)->view == wanted;
  if (exact != (iv_image_get_info (best)->view == wanted))
    return exact;
  return iv_image_compare (candidate, best) > 0;
}

IvPrior *
iv_prior_choose (IvPatient *patient, IvImage *current)
{
  const IvRadiographInfo *info = iv_image_get_info (current);
  IvImage *best = NULL;
  guint n_earlier = 0, n_chest = 0;
  if (!iv_prior_is_chest_film (info))
    return explain_none (_ ("The current image is not a chest film"));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (patient)); i++) {
    g_autoptr (IvImage) image = g_list_model_get_item (G_LIST_MODEL (patient), i);
    if (image == current || !is_earlier (image, current))
      continue;
    n_earlier++;
    if (!iv_prior_is_chest_film (iv_image_get_info (image)))
      continue;
    n_chest++;
    if (are_comparable (iv_image_get_info (image)->view, info->view) &&
        is_better (image, best, current))
      best = image; /* the patient holds it */
  }
  if (best != NULL)
    return iv_prior_describe (patient, current, best);
  if (n_earlier == 0)
    return explain_none (iv_image_get_date (current) == NULL && !iv_image_is_picture (current)
                             ? _ ("The current film has no date")
                             : _ ("No earlier film of this patient"));
  if (n_chest == 0)
    return explain_none (_ ("The earlier images are not chest films"));
  return explain_none (is_frontal (info->view) ? _ ("The earlier chest films are all lateral")
                                               : _ ("The earlier chest films are all frontal"));
}
