/* From what a model wrote to the text of a report: sections, and no comparison without a prior.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/draft/iv-draft-text.h"

#include <stdio.h>
#include <string.h>

/* --- facts ---------------------------------------------------------------------------------- */

char *
iv_draft_describe_technique (const IvRadiographInfo *const *current, guint n)
{
  g_autoptr (GString) views = g_string_new (NULL);
  for (guint i = 0; i < n; i++) {
    const char *view = iv_view_to_string (current[i]->view);
    if (current[i]->view == IV_VIEW_LATERAL)
      view = "lateral";
    if (*view == '\0')
      continue;
    if (views->len > 0)
      g_string_append (views, i + 1 == n ? " and " : ", ");
    g_string_append (views, view);
  }
  if (views->len == 0)
    return g_strdup ("Chest radiograph, view not stated.");
  g_autofree char *text = g_strdup_printf ("%s chest radiograph.", views->str);
  text[0] = g_ascii_toupper (text[0]);
  return g_steal_pointer (&text);
}

static const char *
get_date (const IvRadiographInfo *info)
{
  return info->acquisition_date != NULL ? info->acquisition_date : info->study_date;
}

/* DICOM's YYYYMMDD. */
static gboolean
parse_date (const char *text, GDate *date)
{
  guint year, month, day;
  if (text == NULL || strlen (text) != 8 || strspn (text, "0123456789") != 8 ||
      sscanf (text, "%4u%2u%2u", &year, &month, &day) != 3 ||
      !g_date_valid_dmy ((GDateDay) day, (GDateMonth) month, (GDateYear) year))
    return FALSE;
  g_date_set_dmy (date, (GDateDay) day, (GDateMonth) month, (GDateYear) year);
  return TRUE;
}

int
iv_draft_count_days (const IvRadiographInfo *current, const IvRadiographInfo *prior)
{
  GDate now, then;
  g_date_clear (&now, 1);
  g_date_clear (&then, 1);
  if (!parse_date (get_date (current), &now) || !parse_date (get_date (prior), &then))
    return -1;
  return MAX (g_date_days_between (&then, &now), -1);
}

char *
iv_draft_describe_prior (const IvRadiographInfo *prior, int days)
{
  const char *date = get_date (prior);
  g_autoptr (GString) text = g_string_new ("Chest radiograph");
  if (date != NULL && strlen (date) == 8)
    g_string_append_printf (text, " of %.4s-%.2s-%.2s", date, date + 4, date + 6);
  if (days >= 0)
    g_string_append_printf (text, days == 1 ? ", %d day earlier" : ", %d days earlier", days);
  g_string_append_c (text, '.');
  return g_strdup (text->str);
}

/* --- what the model said -------------------------------------------------------------------- */

char *
iv_draft_strip_thoughts (const char *raw)
{
  static const char *const marks[] = { "<answer>", "</answer>" };
  const char *end = strstr (raw, "</think>");
  /* Thoughts come first or not at all; their beginning may be the template's. */
  if (end == NULL && g_str_has_prefix (raw + strspn (raw, " \n"), "<think>"))
    return g_strdup (""); /* still thinking */
  g_autoptr (GString) text = g_string_new (end != NULL ? end + strlen ("</think>") : raw);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    g_string_replace (text, marks[i], "", 0);
  return g_strstrip (g_strdup (text->str));
}

void
iv_draft_strip_tokens (char *text)
{
  char *to = text;
  for (const char *from = text; *from != '\0';) {
    const char *end = g_str_has_prefix (from, "<|") ? strstr (from, "|>") : NULL;
    if (end != NULL && end - from < 48)
      from = end + 2;
    else if ((guint8) *from < 0x20 && *from != '\n' && *from != '\t')
      from++;
    else
      *to++ = *from++;
  }
  *to = '\0';
}

static void
append_section (GString *text, const char *heading, const char *body)
{
  if (text->len > 0)
    g_string_append (text, "\n\n");
  g_string_append_printf (text, "%s: %s", heading, body);
}

typedef struct {
  const IvReport *said;
  const IvComparisonWords *words;
  GArray *removals;
} Composing;

/* TRUE: it compares with nothing. */
static gboolean
is_removed (Composing *composing, IvTextSpan span)
{
  gsize start, end;
  if (composing->words == NULL)
    return FALSE;
  g_autofree char *sentence = iv_report_copy_span (composing->said, span);
  if (!iv_comparison_words_find (composing->words, sentence, 0, &start, &end))
    return FALSE;
  if (composing->removals != NULL) {
    IvDraftRemoval removal = { g_strdup (sentence), g_strndup (sentence + start, end - start) };
    g_array_append_val (composing->removals, removal);
  }
  return TRUE;
}

/* What lies between two sentences that stay: the model's own line breaks, or a blank. */
static void
append_gap (const char *text, guint start, guint end, GString *body)
{
  if (body->len == 0)
    return;
  for (guint i = start; i < end; i++)
    if (text[i] == '\n') {
      g_string_append_c (body, '\n');
      return;
    }
  g_string_append_c (body, ' ');
}

/* The sentences of the sections of one kind that stay. (transfer full) */
static char *
collect (Composing *composing, guint section)
{
  const char *text = iv_report_get_text (composing->said);
  const GArray *sentences = iv_report_get_sentences (composing->said);
  GString *body = g_string_new (NULL);
  guint last = 0;
  for (guint i = 0; i < sentences->len; i++) {
    const IvSentence *sentence = &g_array_index (sentences, IvSentence, i);
    if (sentence->section != section || is_removed (composing, sentence->span))
      continue;
    append_gap (text, last, sentence->span.start, body);
    g_string_append_len (
        body, text + sentence->span.start, sentence->span.end - sentence->span.start);
    last = sentence->span.end;
  }
  return g_string_free (body, FALSE);
}

/* Sections of the kinds, in their order, as one text; NULL: there is none. */
static char *
collect_kinds (Composing *composing, IvSectionKind kind, IvSectionKind other)
{
  const GArray *sections = iv_report_get_sections (composing->said);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < sections->len; i++) {
    IvSectionKind it = g_array_index (sections, IvSection, i).kind;
    if (it != kind && it != other)
      continue;
    g_autofree char *body = collect (composing, i);
    if (*body == '\0')
      continue;
    if (text->len > 0)
      g_string_append_c (text, '\n');
    g_string_append (text, body);
  }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

static void
append_others (Composing *composing, GString *text)
{
  const GArray *sections = iv_report_get_sections (composing->said);
  for (guint i = 0; i < sections->len; i++) {
    const IvSection *section = &g_array_index (sections, IvSection, i);
    if (section->kind != IV_SECTION_OTHER)
      continue;
    g_autofree char *body = collect (composing, i);
    g_autofree char *heading = iv_report_copy_span (composing->said, section->heading);
    g_strchomp (heading);
    if (g_str_has_suffix (heading, ":"))
      heading[strlen (heading) - 1] = '\0';
    if (*body != '\0')
      append_section (text, heading, body);
  }
}

char *
iv_draft_compose (const IvDraftFacts *facts,
                  const char *said,
                  const IvComparisonWords *words,
                  GArray *removals)
{
  g_autoptr (IvReport) report = iv_report_new (said, NULL);
  Composing composing = { report, words, removals };
  g_autoptr (GString) text = g_string_new (NULL);
  if (facts->indication != NULL && *facts->indication != '\0')
    append_section (text, "INDICATION", facts->indication);
  if (facts->technique != NULL)
    append_section (text, "TECHNIQUE", facts->technique);
  append_section (text, "COMPARISON", facts->comparison != NULL ? facts->comparison : "None.");
  g_autofree char *findings = collect_kinds (&composing, IV_SECTION_FINDINGS, IV_SECTION_BODY);
  g_autofree char *impression =
      collect_kinds (&composing, IV_SECTION_IMPRESSION, IV_SECTION_IMPRESSION);
  append_section (text, "FINDINGS", findings != NULL ? findings : "");
  if (impression != NULL)
    append_section (text, "IMPRESSION", impression);
  append_others (&composing, text);
  return g_strchomp (g_strdup (text->str));
}
