/* Rules on single sentences: places that do not exist, lengths that cannot be, comparison with
 * nothing, repetitions, what a template left.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "app/read/check/iv-check-private.h"
#include "app/read/report/iv-report-private.h"

/* No length on a chest film exceeds the detector, 43 × 43 cm, by its diagonal. */
#define FILM_MM 610.0

static void
add (IvCheck *check,
     guint sentence,
     IvTextSpan span,
     const char *rule,
     const char *kind,
     IvRemarkLevel level,
     const char *reason)
{
  IvRemarkParams params = {
    .rule = rule, .kind = kind, .level = level, .sentence = sentence, .span = span
  };
  iv_check_add (check, &params, "%s", reason);
}

static const IvTerm *
get_place (const GArray *items, guint i)
{
  const IvReportItem *item = &g_array_index (items, IvReportItem, i);
  return item->term != NULL && item->term->kind == IV_TERM_PLACE ? item->term : NULL;
}

/* The side said right before or behind a place ("left middle lobe", "middle lobe of the left
 * lung"); 0 when none is. */
static guint
find_own_side (const GArray *items, guint place)
{
  const IvTerm *term = get_place (items, place);
  if (term->sides != 0)
    return term->sides;
  if (place > 0 && get_place (items, place - 1) != NULL)
    return get_place (items, place - 1)->sides;
  gboolean is_of =
      place + 1 < items->len && g_array_index (items, IvReportItem, place + 1).is_preposition;
  for (guint i = place + 1; is_of && i < items->len && i <= place + 3; i++)
    if (get_place (items, i) != NULL)
      return get_place (items, i)->sides;
  return 0;
}

static void
check_anatomy (IvCheck *check, guint index)
{
  const IvSentence *sentence = iv_report_get_sentence (check->report, index);
  g_autoptr (GArray) items = iv_report_cut (
      iv_report_get_text (check->report), sentence->span, iv_report_get_lexicon (check->report));
  for (guint i = 0; i < items->len; i++) {
    const IvTerm *place = get_place (items, i);
    if (place == NULL || place->only_side == 0)
      continue;
    guint side = find_own_side (items, i);
    if ((side & ~place->only_side) == 0)
      continue;
    IvTextSpan span = g_array_index (items, IvReportItem, i).span;
    g_autofree char *name = iv_report_copy_span (check->report, span);
    g_autofree char *reason = g_strdup_printf (
        "“%s” is on the %s side only.", name, iv_check_side_to_string (place->only_side));
    add (check, index, span, "anatomy-side", "anatomy", IV_REMARK_ERROR, reason);
  }
}

/* (transfer full) Why a length cannot be; NULL when it can. */
static char *
judge_length (const IvMeasurement *one)
{
  const char *title = one->concept != NULL ? one->concept->title : "This length";
  double mm = one->largest_mm;
  if (one->unit == IV_UNIT_NONE)
    return g_strdup ("The measurement has no unit.");
  if (one->unit == IV_UNIT_M)
    return g_strdup_printf ("A length of %g m cannot be on a chest film.", one->values[0]);
  if (mm <= 0 || mm > FILM_MM)
    return g_strdup_printf ("%g mm cannot be a length on a chest film.", mm);
  if (one->concept == NULL)
    return NULL;
  if (one->is_distance) {
    const double *range = one->concept->carina_mm;
    if (mm < range[0] || mm > range[1])
      return g_strdup_printf ("%s: %g mm from the carina is implausible.", title, mm);
    return NULL;
  }
  if (mm > one->concept->max_mm)
    return g_strdup_printf (
        "%s: %g mm is implausible, at most %g mm is usual.", title, mm, one->concept->max_mm);
  return NULL;
}

static void
check_lengths (IvCheck *check, guint index)
{
  const IvSentence *sentence = iv_report_get_sentence (check->report, index);
  for (guint i = 0; i < sentence->measurements->len; i++) {
    const IvMeasurement *one = &g_array_index (sentence->measurements, IvMeasurement, i);
    g_autofree char *reason = judge_length (one);
    const char *rule = one->unit == IV_UNIT_NONE ? "measurement-unit" : "measurement-range";
    if (reason != NULL)
      add (check, index, one->span, rule, "measurement", IV_REMARK_WARNING, reason);
  }
}

/* What dictation and de-identification leave: "[ ]", "[size]", "___", "XXX", "***", "???", "{x}".
 */
#define LEFTOVERS                                                                   \
  "\\[[^\\]\\n]{0,30}\\]|_{2,}|\\b[Xx]{3,}\\b|\\*{3,}|\\?{2,}|\\{[^}\\n]{0,30}\\}|" \
  "<[A-Za-z_ ]{1,30}>|\\b(?:TODO|TBD|FIXME)\\b|(?i:\\blorem ipsum\\b)"

static void
check_leftovers (IvCheck *check, guint index)
{
  const IvSentence *sentence = iv_report_get_sentence (check->report, index);
  static GRegex *leftovers;
  static gsize once;
  g_autofree char *text = iv_report_copy_span (check->report, sentence->span);
  g_autoptr (GMatchInfo) match = NULL;
  int start = 0, end = 0;
  if (g_once_init_enter (&once)) {
    leftovers = g_regex_new (LEFTOVERS, G_REGEX_OPTIMIZE, 0, NULL);
    g_once_init_leave (&once, 1);
  }
  for (g_regex_match (leftovers, text, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL)) {
    g_match_info_fetch_pos (match, 0, &start, &end);
    IvTextSpan span = { sentence->span.start + (guint) start, sentence->span.start + (guint) end };
    add (check,
         index,
         span,
         "leftover",
         "leftover",
         IV_REMARK_WARNING,
         "A place of a template was not filled in.");
  }
}

/* (transfer full) The words in lower case, single blanks; "" for fewer than three. */
static char *
fold (const char *text)
{
  g_autofree char *lower = g_utf8_strdown (text, -1);
  GString *words = g_string_new (NULL);
  guint n = 0;
  gboolean is_inside = FALSE;
  for (const char *at = lower; *at != '\0'; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);
    if (g_unichar_isalnum (c)) {
      if (!is_inside && n++ > 0)
        g_string_append_c (words, ' ');
      g_string_append_unichar (words, c);
    }
    is_inside = g_unichar_isalnum (c);
  }
  if (n < 3)
    g_string_truncate (words, 0);
  return g_string_free (words, FALSE);
}

static void
check_duplicates (IvCheck *check)
{
  const GArray *sentences = iv_report_get_sentences (check->report);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < sentences->len; i++) {
    const IvSentence *sentence = iv_report_get_sentence (check->report, i);
    g_autofree char *text = iv_report_copy_span (check->report, sentence->span);
    g_autofree char *folded = fold (text);
    char *key = g_strdup_printf (
        "%d %s", (int) iv_report_get_section_kind (check->report, sentence), folded);
    if (*folded != '\0' && g_hash_table_contains (seen, key))
      add (check,
           i,
           sentence->span,
           "duplicate",
           "duplicate",
           IV_REMARK_WARNING,
           "The same sentence stands in this section already.");
    g_hash_table_add (seen, key);
  }
}

static char *
copy_comparison (const IvCheck *check)
{
  const IvSection *section = iv_report_find_section (check->report, IV_SECTION_COMPARISON);
  return section != NULL ? iv_report_copy_span (check->report, section->body) : g_strdup ("");
}

static gboolean
says_none (const IvCheck *check, const char *text)
{
  static const char *const phrases[] = { "no prior",   "no previous",   "no comparison",
                                         "none",       "not available", "without comparison",
                                         "no earlier", "unavailable",   "no old",
                                         "없음" };
  g_autofree char *lower = g_utf8_strdown (text, -1);
  if (iv_lexicon_has (iv_report_get_lexicon (check->report), "prior none", text, -1))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (phrases); i++)
    if (g_str_has_prefix (lower, phrases[i]))
      return TRUE;
  return FALSE;
}

gboolean
iv_check_is_prior_named (const IvCheck *check)
{
  g_autofree char *text = copy_comparison (check);
  return *text != '\0' && !says_none (check, text);
}

/* The report itself says that there is nothing to compare with. */
gboolean
iv_check_is_prior_denied (const IvCheck *check)
{
  static const char *const phrases[] = { "no prior", "no previous", "no comparison", "no earlier" };
  g_autofree char *section = copy_comparison (check);
  if (*section != '\0')
    return says_none (check, section);
  for (guint i = 0; i < iv_report_get_sentences (check->report)->len; i++) {
    g_autofree char *text =
        iv_report_copy_span (check->report, iv_report_get_sentence (check->report, i)->span);
    g_autofree char *lower = g_utf8_strdown (text, -1);
    for (guint k = 0; k < G_N_ELEMENTS (phrases); k++) {
      const char *at = strstr (lower, phrases[k]);
      if (at != NULL && strstr (at, "available") != NULL)
        return TRUE;
    }
  }
  return FALSE;
}

static void
check_comparison (IvCheck *check)
{
  gboolean has_nothing = iv_check_is_prior_denied (check) ||
                         (check->films->current != NULL && check->films->prior == NULL &&
                          !iv_check_is_prior_named (check));
  for (guint i = 0; has_nothing && i < iv_report_get_sentences (check->report)->len; i++) {
    const IvSentence *sentence = iv_report_get_sentence (check->report, i);
    if (iv_report_is_statement (check->report, sentence) && sentence->comparisons->len > 0)
      add (check,
           i,
           g_array_index (sentence->comparisons, IvTextSpan, 0),
           "comparison-without-prior",
           "comparison",
           IV_REMARK_ERROR,
           "A word of comparison, but there is no earlier film to compare with.");
  }
}

/* An earlier film is named and something was found, yet nothing is compared. */
static void
check_unused_prior (IvCheck *check)
{
  gboolean has_finding = FALSE;
  guint first = 0;
  if (!iv_check_is_prior_named (check))
    return;
  for (guint i = iv_report_get_sentences (check->report)->len; i-- > 0;) {
    const IvSentence *sentence = iv_report_get_sentence (check->report, i);
    if (iv_report_get_section_kind (check->report, sentence) == IV_SECTION_COMPARISON)
      first = i;
    if (iv_report_is_statement (check->report, sentence) &&
        (sentence->comparisons->len > 0 || sentence->names_prior))
      return;
  }
  for (guint i = 0; i < check->claims->len; i++) {
    const IvMention *mention = g_array_index (check->claims, IvClaim, i).mention;
    has_finding |=
        mention->assertion == IV_ASSERTION_PRESENT && mention->concept->kind == IV_CONCEPT_FINDING;
  }
  if (has_finding)
    add (check,
         first,
         iv_report_get_sentence (check->report, first)->span,
         "prior-unused",
         "comparison",
         IV_REMARK_NOTE,
         "An earlier film is named, but no finding is compared with it.");
}

void
iv_check_sentences (IvCheck *check)
{
  for (guint i = 0; i < iv_report_get_sentences (check->report)->len; i++) {
    const IvSentence *sentence = iv_report_get_sentence (check->report, i);
    check_leftovers (check, i);
    if (!iv_report_is_statement (check->report, sentence))
      continue;
    check_anatomy (check, i);
    check_lengths (check, i);
  }
  check_duplicates (check);
  check_comparison (check);
  check_unused_prior (check);
}
