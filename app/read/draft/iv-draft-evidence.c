/* Where the finding of a sentence is: boxes of the model, or regions of change its words match.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/draft/iv-draft-evidence.h"

#include <string.h>

/* --- words and changes ---------------------------------------------------------------------- */

static guint
get_change_side (const IvChange *change)
{
  return change->zone <= IV_ZONE_RIGHT_LOWER ? IV_SIDE_RIGHT : IV_SIDE_LEFT;
}

static guint
get_change_zone (const IvChange *change)
{
  switch (change->zone) {
  case IV_ZONE_RIGHT_UPPER:
  case IV_ZONE_LEFT_UPPER:
    return IV_ZONES_UPPER;
  case IV_ZONE_RIGHT_MID:
  case IV_ZONE_LEFT_MID:
    return IV_ZONES_MID;
  case IV_ZONE_RIGHT_LOWER:
  case IV_ZONE_LEFT_LOWER:
  default:
    return IV_ZONES_LOWER;
  }
}

/* The thirds of a lung that a lobe reaches on a frontal film. */
static guint
get_zones (const IvMention *mention)
{
  guint zones = mention->zones;
  if ((mention->lobes & IV_LOBES_UPPER) != 0)
    zones |= IV_ZONES_UPPER | IV_ZONES_MID;
  if ((mention->lobes & (IV_LOBES_MIDDLE | IV_LOBES_LINGULA | IV_LOBES_LOWER)) != 0)
    zones |= IV_ZONES_MID | IV_ZONES_LOWER;
  return zones;
}

/* Whether the finding's course and the change's direction can be the same thing. */
static gboolean
is_direction (const IvMention *mention, IvChangeDirection direction)
{
  gboolean is_more = mention->course == IV_SAID_NEW || mention->course == IV_SAID_INCREASED;
  gboolean is_less = mention->course == IV_SAID_DECREASED || mention->course == IV_SAID_RESOLVED ||
                     mention->course == IV_SAID_REMOVED;
  if (mention->course == IV_SAID_UNCHANGED)
    return FALSE;
  if ((!is_more && !is_less) || mention->concept->density == IV_DENSITY_UNKNOWN)
    return TRUE;
  /* A growing pneumothorax makes a film less opaque. */
  gboolean is_opaque = (mention->concept->density == IV_DENSITY_MORE) == is_more;
  return is_opaque == (direction == IV_CHANGE_INCREASED);
}

gboolean
iv_draft_mention_matches (const IvMention *mention, const IvChange *change)
{
  guint sides = mention->sides | mention->only_side, zones = get_zones (mention);
  gboolean is_gone = mention->course == IV_SAID_RESOLVED || mention->course == IV_SAID_REMOVED;
  if (mention->assertion == IV_ASSERTION_SUPPOSED ||
      (mention->assertion == IV_ASSERTION_ABSENT && !is_gone))
    return FALSE;
  if (!is_direction (mention, change->direction))
    return FALSE;
  if (g_strcmp0 (mention->concept->label, "Cardiomegaly") == 0)
    return change->kind == IV_CHANGE_CONTOUR;
  /* Without a side every region would do. */
  if ((sides & get_change_side (change)) == 0)
    return FALSE;
  return zones == 0 || (zones & get_change_zone (change)) != 0;
}

static gboolean
matches_any (const IvSentence *sentence, const IvChange *change)
{
  for (guint i = 0; i < sentence->mentions->len; i++)
    if (iv_draft_mention_matches (&g_array_index (sentence->mentions, IvMention, i), change))
      return TRUE;
  return FALSE;
}

void
iv_draft_match_changes (const IvReport *report,
                        IvComparison *comparison,
                        double threshold,
                        GPtrArray *places)
{
  const GArray *sentences = iv_report_get_sentences (report);
  GPtrArray *changes = comparison != NULL && iv_comparison_is_ok (comparison)
                           ? iv_comparison_get_changes (comparison)
                           : NULL;
  for (guint i = 0; changes != NULL && i < sentences->len; i++) {
    const IvSentence *sentence = &g_array_index (sentences, IvSentence, i);
    GArray *list = g_ptr_array_index (places, i);
    if (list->len > 0 || !iv_report_is_statement (report, sentence))
      continue;
    for (guint k = 0; k < changes->len; k++) {
      const IvChange *change = g_ptr_array_index (changes, k);
      IvDraftPlace place = { IV_EVIDENCE_CHANGE,
                             { change->x, change->y, change->width, change->height } };
      if (change->score >= threshold && matches_any (sentence, change))
        g_array_append_val (list, place);
    }
  }
}

/* --- boxes ---------------------------------------------------------------------------------- */

/* A sentence that says that something is there. */
static gboolean
asserts (const IvSentence *sentence)
{
  for (guint i = 0; i < sentence->mentions->len; i++) {
    IvAssertion assertion = g_array_index (sentence->mentions, IvMention, i).assertion;
    if (assertion == IV_ASSERTION_PRESENT || assertion == IV_ASSERTION_UNCERTAIN)
      return TRUE;
  }
  return FALSE;
}

char *
iv_draft_list_statements (const IvReport *report, GArray **sentences)
{
  const GArray *all = iv_report_get_sentences (report);
  GString *list = g_string_new (NULL);
  *sentences = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < all->len; i++) {
    const IvSentence *sentence = &g_array_index (all, IvSentence, i);
    if (!iv_report_is_statement (report, sentence) || !asserts (sentence))
      continue;
    g_autofree char *text = iv_report_copy_span (report, sentence->span);
    g_strdelimit (text, "\r\n", ' ');
    g_array_append_val (*sentences, i);
    g_string_append_printf (list, "%s%u. %s", list->len > 0 ? "\n" : "", (*sentences)->len, text);
  }
  return g_string_free (list, FALSE);
}

static void
add_box (GPtrArray *places, guint sentence, const IvModelBox *box, const IvImageLayout *layout)
{
  IvDraftPlace place = { .evidence = IV_EVIDENCE_MODEL };
  if (iv_model_box_to_film (box, layout, &place.box))
    g_array_append_val (g_ptr_array_index (places, sentence), place);
}

void
iv_draft_place_boxes (const GArray *boxes,
                      const IvImageLayout *layout,
                      const GArray *sentences,
                      GPtrArray *places)
{
  for (guint i = 0; i < boxes->len; i++) {
    const IvModelBox *box = &g_array_index (boxes, IvModelBox, i);
    char *end;
    guint64 number = g_ascii_strtoull (box->label, &end, 10);
    if (end == box->label || number < 1 || number > sentences->len)
      continue;
    add_box (places, g_array_index (sentences, guint, number - 1), box, layout);
  }
}

/* Letters and digits alone, in lower case: layout may have moved the rest. */
static char *
fold (const char *text, gsize length)
{
  GString *folded = g_string_new (NULL);
  for (gsize i = 0; i < length; i++)
    if (g_ascii_isalnum (text[i]) || (guint8) text[i] >= 0x80)
      g_string_append_c (folded, g_ascii_tolower (text[i]));
  return g_string_free (folded, FALSE);
}

void
iv_draft_place_phrases (const GArray *boxes,
                        const char *said,
                        const IvImageLayout *layout,
                        const IvReport *report,
                        GPtrArray *places)
{
  const GArray *sentences = iv_report_get_sentences (report);
  const char *text = iv_report_get_text (report);
  for (guint i = 0; i < boxes->len; i++) {
    const IvModelBox *box = &g_array_index (boxes, IvModelBox, i);
    g_autofree char *phrase = fold (said + box->start, box->end - box->start);
    for (guint k = 0; *phrase != '\0' && k < sentences->len; k++) {
      const IvSentence *sentence = &g_array_index (sentences, IvSentence, k);
      g_autofree char *words =
          fold (text + sentence->span.start, sentence->span.end - sentence->span.start);
      if (!iv_report_is_statement (report, sentence) || *words == '\0' ||
          (strstr (phrase, words) == NULL && strstr (words, phrase) == NULL))
        continue;
      add_box (places, k, box, layout);
    }
  }
}
