/* How far denials and doubts reach in a sentence. Rules of our own, in the tradition of NegEx
 * (Chapman et al. 2001): cues act within a clause, forwards or backwards, along lists.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/report/iv-report-private.h"

typedef enum { DENY, DOUBT, SUPPOSE } Effect;

/* Words and marks that a cue reaches at most: more than any sentence has, so that a text that is
 * not one costs no more than its length. */
#define REACH 200

static IvReportItem *
get (GArray *items, guint i)
{
  return &g_array_index (items, IvReportItem, i);
}

static gboolean
is_cue (const IvReportItem *item, IvCue cue)
{
  return item->term != NULL && item->term->kind == IV_TERM_CUE && item->term->cue == cue;
}

/* Something that can be denied: a finding, a device, or what is said of anatomy. */
static gboolean
is_deniable (const IvReportItem *item)
{
  if (item->term == NULL)
    return FALSE;
  if (item->term->kind == IV_TERM_CONCEPT)
  return item->term->concept->kind != IV_CONCEPT_ANATOMY;
  return item->term->kind == IV_TERM_STATE;
}

/* A cue whose scope begins behind it. */
static gboolean
is_forward_cue (const IvReportItem *item)
{
  return is_cue (item, IV_CUE_DENY_AFTER) || is_cue (item, IV_CUE_DOUBT_AFTER) ||
         is_cue (item, IV_CUE_SUPPOSE_AFTER);
}

static gboolean
is_list_join (const IvReportItem *item)
{
  return item->join == IV_JOIN_COMMA || item->join == IV_JOIN_AND || item->join == IV_JOIN_OR;
}

/* A clause begins at a stop or a break, once the one before has said something: "on the left there
 * is an effusion" is one clause. */
static void
number_clauses (GArray *items)
{
  guint clause = 0;
  gboolean has_said = FALSE;
  for (guint i = 0; i < items->len; i++) {
    IvReportItem *item = get (items, i);
    if (item->join == IV_JOIN_STOP || (has_said && is_cue (item, IV_CUE_BREAK))) {
      clause++;
      has_said = FALSE;
    }
    item->clause = clause;
    has_said |= item->term != NULL &&
                (item->term->kind == IV_TERM_CONCEPT || item->term->kind == IV_TERM_STATE);
  }
}

/* The end of the clause of an item, as far as a cue there can reach. */
static guint
clause_end (GArray *items, guint i)
{
  guint end = i;
  while (end < items->len && end < i + REACH && get (items, end)->clause == get (items, i)->clause)
    end++;
  return end;
}

/* "or" comes later in the list, before any verb: all of it is one list. */
static gboolean
has_or_later (GArray *items, guint from, guint end)
{
  for (guint i = from; i < end; i++) {
    if (get (items, i)->join == IV_JOIN_OR)
      return TRUE;
    if (is_cue (get (items, i), IV_CUE_VERB) || is_forward_cue (get (items, i)))
      return FALSE;
  }
  return FALSE;
}

/* Whether the list that a cue reaches goes on behind the comma or "and" at join. */
static gboolean
goes_on (GArray *items, guint join, guint end)
{
  gboolean has_thing = FALSE, has_modifier = FALSE;
  guint i = join + 1;
  if (get (items, join)->join == IV_JOIN_OR)
    return TRUE;
  for (; i < end && !is_list_join (get (items, i)) && get (items, i)->join != IV_JOIN_WITH; i++) {
    const IvReportItem *item = get (items, i);
    if (is_forward_cue (item) || is_cue (item, IV_CUE_ARTICLE))
      return FALSE;
    if (is_cue (item, IV_CUE_VERB))
      return FALSE;
    if (item->term == NULL)
      continue;
    has_thing |= is_deniable (item);
    has_modifier |=
        item->term->kind == IV_TERM_COURSE || item->term->kind == IV_TERM_SEVERITY ||
        (item->term->kind == IV_TERM_PLACE && item->term->sides != 0) ||
        (item->term->kind == IV_TERM_STATE && item->term->polarity != IV_POLARITY_ABNORMAL);
  }
  if (!has_thing)
    return i < end || !has_modifier; /* "…, right or left, …" belongs to the list */
  return !has_modifier || has_or_later (items, join + 1, end);
}

static void
mark (IvReportItem *item, Effect effect)
{
  if (effect == DENY)
    item->is_denied = TRUE;
  else if (effect == DOUBT)
    item->is_doubted = TRUE;
  else
    item->is_supposed = TRUE;
}

/* Returns whether anything deniable was reached. */
static gboolean
reach_forward (GArray *items, guint cue, Effect effect)
{
  guint end = clause_end (items, cue);
  gboolean reached = FALSE, is_qualified = FALSE;
  for (guint i = cue + 1; i < end; i++) {
    IvReportItem *item = get (items, i);
    if (reached && item->join == IV_JOIN_WITH)
      break;
    if (reached && is_list_join (item) && !goes_on (items, i, end))
      break;
    if (is_cue (item, IV_CUE_QUALIFY))
      is_qualified = TRUE;
    if (is_cue (item, IV_CUE_SUPPOSE_AFTER) && effect != SUPPOSE)
      break;
    mark (item, effect);
    item->is_qualified |= is_qualified && effect == DENY;
    reached |= is_deniable (item);
  }
  return reached;
}

static gboolean
reach_backward (GArray *items, guint cue, Effect effect)
{
  gboolean reached = FALSE;
  for (guint i = cue;
       i-- > 0 && cue - i < REACH && get (items, i)->clause == get (items, cue)->clause;) {
    IvReportItem *item = get (items, i);
    gboolean ends = is_cue (item, IV_CUE_VERB) || is_cue (item, IV_CUE_DENY_BEFORE) ||
                    is_cue (item, IV_CUE_DOUBT_BEFORE) || item->join == IV_JOIN_WITH ||
                    (item->term != NULL &&
                     (item->term->kind == IV_TERM_STATE || item->term->kind == IV_TERM_COURSE));
    if (reached && ends)
      break;
    if (is_deniable (item)) {
      mark (item, effect);
      reached = TRUE;
    }
  }
  return reached;
}

/* Denials first: a doubt inside of a denial ("no opacity to suggest …") is denied with it. */
static void
apply_cues (GArray *items, Effect effect, IvCue after, int before)
{
  for (guint i = 0; i < items->len; i++) {
    IvReportItem *item = get (items, i);
    if (is_cue (item, after) && !(effect == DOUBT && item->is_denied))
      reach_forward (items, i, effect);
    else if (before >= 0 && is_cue (item, (IvCue) before) && !reach_backward (items, i, effect))
      reach_forward (items, i, effect); /* "absent effusion", "this is likely …" */
  }
}

/* "Otherwise clear", "the remaining lung": said only in part, whatever denies it. */
static void
apply_qualifiers (GArray *items)
{
  for (guint i = 0; i < items->len; i++) {
    if (!is_cue (get (items, i), IV_CUE_QUALIFY))
      continue;
    for (guint k = i + 1; k < clause_end (items, i) && !is_list_join (get (items, k)); k++)
      get (items, k)->is_qualified = TRUE;
  }
}

void
iv_report_find_scopes (GArray *items)
{
  number_clauses (items);
  apply_cues (items, DENY, IV_CUE_DENY_AFTER, IV_CUE_DENY_BEFORE);
  apply_cues (items, DOUBT, IV_CUE_DOUBT_AFTER, IV_CUE_DOUBT_BEFORE);
  apply_cues (items, SUPPOSE, IV_CUE_SUPPOSE_AFTER, -1);
  apply_qualifiers (items);
}
