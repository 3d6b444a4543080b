/* Checks a report against itself and against the films, by rules.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/check/iv-report-check.h"

#include <string.h>

#include "app/read/check/iv-check-private.h"

const char *
iv_remark_level_to_string (IvRemarkLevel level)
{
  static const char *const names[] = { "note", "warning", "error" };
  return names[level];
}

void
iv_remark_free (IvRemark *remark)
{
  if (remark == NULL)
    return;
  g_free (remark->reason);
  g_free (remark);
}

const char *
iv_check_side_to_string (guint sides)
{
  static const char *const names[] = { "", "right", "left", "bilateral" };
  return names[sides & IV_SIDE_BOTH];
}

static gboolean
is_known (const IvCheck *check, const IvRemarkParams *params)
{
  int other = params->other != NULL ? (int) params->other->sentence : -1;
  for (guint i = 0; i < check->remarks->len; i++) {
    const IvRemark *remark = g_ptr_array_index (check->remarks, i);
    if (g_str_equal (remark->rule, params->rule) && remark->sentence == params->sentence &&
        remark->other == other && (other >= 0 || remark->span.start == params->span.start))
      return TRUE;
  }
  return FALSE;
}

void
iv_check_add (IvCheck *check, const IvRemarkParams *params, const char *format, ...)
{
  va_list arguments;
  if (is_known (check, params))
    return;
  IvRemark *remark = g_new0 (IvRemark, 1);
  remark->rule = params->rule;
  remark->kind = params->kind;
  remark->level = params->level;
  remark->sentence = params->sentence;
  remark->span = params->span;
  remark->other = params->other != NULL ? (int) params->other->sentence : -1;
  va_start (arguments, format);
  remark->reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (check->remarks, remark);
}

static void
collect_claims (IvCheck *check)
{
  const GArray *sentences = iv_report_get_sentences (check->report);
  for (guint i = 0; i < sentences->len; i++) {
    const IvSentence *sentence = iv_report_get_sentence (check->report, i);
    gboolean is_impression =
        iv_report_get_section_kind (check->report, sentence) == IV_SECTION_IMPRESSION;
    if (!iv_report_is_statement (check->report, sentence))
      continue;
    check->has_impression |= is_impression;
    check->has_findings |= !is_impression;
    for (guint k = 0; k < sentence->mentions->len; k++) {
      IvClaim claim = { &g_array_index (sentence->mentions, IvMention, k), i, is_impression };
      if (claim.mention->assertion != IV_ASSERTION_SUPPOSED)
        g_array_append_val (check->claims, claim);
    }
  }
}

static int
compare_cb (gconstpointer a, gconstpointer b)
{
  const IvRemark *x = *(const IvRemark *const *) a, *y = *(const IvRemark *const *) b;
  if (x->span.start != y->span.start)
    return x->span.start < y->span.start ? -1 : 1;
  return strcmp (x->rule, y->rule);
}

GPtrArray *
iv_report_check (const IvReport *report, const IvCheckFilms *films)
{
  static const IvCheckFilms no_films = { NULL };
  g_autoptr (GArray) claims = g_array_new (FALSE, FALSE, sizeof (IvClaim));
  IvCheck check = {
    .report = report,
    .films = films != NULL ? films : &no_films,
    .claims = claims,
    .remarks = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_remark_free),
  };
  collect_claims (&check);
  iv_check_claims (&check);
  iv_check_sentences (&check);
  if (check.films->current != NULL)
    iv_check_against_films (&check);
  g_ptr_array_sort (check.remarks, compare_cb);
  return check.remarks;
}
