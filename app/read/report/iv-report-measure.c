/* Lengths in a sentence: sizes and distances, and of what.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/report/iv-report-private.h"

#include <math.h>
#include <string.h>

/* "1.5 x 2 cm", "3-4 mm", "2 by 3 cm"; a number behind "measuring" may lack its unit. */
#define NUMBER "(?<![\\w./,])(\\d+(?:[.,]\\d+)?)"
#define MORE "(?:\\s*(?:mm|cm|m)?\\s*(?:x|×|\\*|by|to|-|–)\\s*(\\d+(?:[.,]\\d+)?))?"
#define UNIT                                                                      \
  "\\s*-?\\s*(millimet(?:er|re)s?|centimet(?:er|re)s?|met(?:er|re)s?|inch(?:es)?" \
  "|mm|cm|(?-i:m))\\b(?![²2])"
#define BARE                                                                           \
  "(?:measur(?:ing|es|ed)|size of|diameter of)(?: (?:approximately|about|up to|at))? " \
  "(\\d+(?:\\.\\d+)?)(?![\\w.]|\\s*(?:mm|cm|m|x|×|by|to|-|%|meters?|metres?|inch|millim|centim))"

static GRegex *
get_regex (gboolean bare)
{
  static GRegex *with_unit, *without;
  static gsize once;
  if (g_once_init_enter (&once)) {
    with_unit = g_regex_new (NUMBER MORE MORE UNIT, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
    without = g_regex_new (BARE, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
    g_once_init_leave (&once, 1);
  }
  return bare ? without : with_unit;
}

static IvUnit
parse_unit (const char *unit, double *mm)
{
  static const struct {
    const char *prefix;
    IvUnit unit;
    double mm;
  } units[] = {
    { "mm", IV_UNIT_MM, 1 },      { "millim", IV_UNIT_MM, 1 }, { "cm", IV_UNIT_CM, 10 },
    { "centim", IV_UNIT_CM, 10 }, { "m", IV_UNIT_M, 1000 },    { "inch", IV_UNIT_INCH, 25.4 },
  };
  g_autofree char *lower = g_ascii_strdown (unit, -1);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_str_has_prefix (lower, units[i].prefix)) {
      *mm = units[i].mm;
      return units[i].unit;
    }
  *mm = NAN;
  return IV_UNIT_NONE;
}

/* "… cm above the carina" within the next words. */
static gboolean
is_distance (const char *text, IvTextSpan sentence, guint end)
{
  static const char *const words[] = {
    "above",    "below",  "from",     "beyond", "superior",
    "proximal", "distal", "inferior", "past",   "to the carina"
  };
  g_autofree char *rest = g_ascii_strdown (text + end, MIN (sentence.end - end, 24));
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (rest, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* The nearest finding or device; one that stands before wins over one behind. */
static const IvMention *
find_measured (const IvSentence *sentence, IvTextSpan span)
{
  const IvMention *best = NULL;
  guint least = G_MAXUINT;
  for (guint i = 0; i < sentence->mentions->len; i++) {
    const IvMention *mention = &g_array_index (sentence->mentions, IvMention, i);
    guint distance = mention->span.end <= span.start   ? span.start - mention->span.end
                     : mention->span.start >= span.end ? mention->span.start - span.end + 1
                                                       : 0;
    if (distance < least) {
      best = mention;
      least = distance;
    }
  }
  return best;
}

static void
add_number (IvMeasurement *to, GMatchInfo *match, int group)
{
  g_autofree char *number = g_match_info_fetch (match, group);
  if (number == NULL || *number == '\0')
    return;
  g_strdelimit (number, ",", '.');
  to->values[to->n_values++] = g_ascii_strtod (number, NULL);
}

static void
add_matches (IvSentence *sentence, const char *text, gboolean bare)
{
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *own =
      g_strndup (text + sentence->span.start, sentence->span.end - sentence->span.start);
  g_regex_match (get_regex (bare), own, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL)) {
    IvMeasurement one = { .largest_mm = NAN };
    int start = 0, end = 0;
    g_match_info_fetch_pos (match, bare ? 1 : 0, &start, &end);
    one.span =
        (IvTextSpan){ sentence->span.start + (guint) start, sentence->span.start + (guint) end };
    for (int k = 1; k <= (bare ? 1 : 3); k++)
      add_number (&one, match, k);
    if (!bare) {
      g_autofree char *unit = g_match_info_fetch (match, 4);
      double mm;
      one.unit = parse_unit (unit, &mm);
      for (guint k = 0; k < one.n_values; k++)
        one.largest_mm = fmax (one.largest_mm, one.values[k] * mm);
    }
    one.is_distance = is_distance (text, sentence->span, one.span.end);
    const IvMention *measured = find_measured (sentence, one.span);
    one.concept = measured != NULL ? measured->concept : NULL;
    one.sides = measured != NULL ? measured->sides : 0;
    g_array_append_val (sentence->measurements, one);
  }
}

void
iv_report_add_measurements (IvSentence *sentence, const char *text)
{
  gboolean has_digit = FALSE;
  for (guint i = sentence->span.start; i < sentence->span.end && !has_digit; i++)
    has_digit = g_ascii_isdigit (text[i]);
  if (!has_digit)
    return;
  add_matches (sentence, text, FALSE);
  add_matches (sentence, text, TRUE);
}
