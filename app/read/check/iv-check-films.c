/* Rules that hold a report against the films: what changed where, and what the files say.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "app/read/check/iv-check-private.h"

/* Changes from this score on are shown to the reader, and only they are held against him. */
#define SHOWN 0.5
/* A change that speaks against "unchanged". */
#define PLAIN 0.8

static guint
side_of (IvZone zone)
{
  return zone <= IV_ZONE_RIGHT_LOWER ? IV_SIDE_RIGHT : IV_SIDE_LEFT;
}

static guint
zone_of (IvZone zone)
{
  static const guint zones[] = { IV_ZONES_UPPER, IV_ZONES_MID, IV_ZONES_LOWER };
  return zones[zone % 3];
}

/* The direction of opacity that a mention says; FALSE when it says none. */
static gboolean
find_direction (const IvMention *mention, IvChangeDirection *direction)
{
  gboolean is_more;
  switch (mention->course) {
  case IV_SAID_NEW:
  case IV_SAID_INCREASED:
    is_more = TRUE;
    break;
  case IV_SAID_DECREASED:
  case IV_SAID_RESOLVED:
    is_more = FALSE;
    break;
  case IV_SAID_NONE:
  case IV_SAID_UNCHANGED:
  case IV_SAID_PERSISTENT:
  case IV_SAID_REMOVED:
  default:
    return FALSE;
  }
  if (mention->concept->density == IV_DENSITY_UNKNOWN)
    return FALSE;
  if (mention->concept->density == IV_DENSITY_LESS)
    is_more = !is_more;
  *direction = is_more ? IV_CHANGE_INCREASED : IV_CHANGE_DECREASED;
  return TRUE;
}

/* Shown changes of the lungs, by side (0 right, 1 left) and direction, within the zones. */
typedef struct {
  guint n[2][2];
  const IvChange *plainest[2]; /* by side */
} Counts;

static void
count_changes (const GPtrArray *changes, guint zones, Counts *counts)
{
  *counts = (Counts){ .n = { { 0 } } };
  for (guint i = 0; i < changes->len; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);
    guint side = side_of (change->zone) == IV_SIDE_LEFT;
    if (change->score < SHOWN || change->kind == IV_CHANGE_CONTOUR ||
        (zones != 0 && (zone_of (change->zone) & zones) == 0))
      continue;
    counts->n[side][change->direction]++;
    if (counts->plainest[side] == NULL || counts->plainest[side]->score < change->score)
      counts->plainest[side] = change;
  }
}

static void
add_claim_remark (IvCheck *check,
                  const IvClaim *claim,
                  const char *rule,
                  IvRemarkLevel level,
                  char *reason)
{
  IvRemarkParams params = {
    .rule = rule,
    .kind = "film",
    .level = level,
    .sentence = claim->sentence,
    .span = claim->mention->span,
  };
  iv_check_add (check, &params, "%s", reason);
  g_free (reason);
}

static void
check_unchanged (IvCheck *check, const IvClaim *claim, guint side, const Counts *counts)
{
  const IvChange *change = counts->plainest[side];
  if (change != NULL && change->score >= PLAIN)
    add_claim_remark (check,
                      claim,
                      "film-unchanged",
                      IV_REMARK_NOTE,
                      g_strdup_printf ("%s is called unchanged; the films differ in the %s zone "
                                       "(score %.2f).",
                                       claim->mention->concept->title,
                                       iv_zone_to_string (change->zone),
                                       change->score));
}

/* One side of one claim against the changes. */
static void
check_change (IvCheck *check, const IvClaim *claim, guint side)
{
  const IvMention *mention = claim->mention;
  IvChangeDirection direction;
  Counts counts;
  count_changes (check->films->changes, mention->zones, &counts);
  if (mention->course == IV_SAID_UNCHANGED && mention->concept->density != IV_DENSITY_UNKNOWN)
    check_unchanged (check, claim, side, &counts);
  if (!find_direction (mention, &direction) || counts.n[side][direction] > 0)
    return;
  const char *word = direction == IV_CHANGE_INCREASED ? "more" : "less";
  const char *side_name = side == 0 ? "right" : "left";
  if (counts.n[side][!direction] > 0)
    add_claim_remark (check,
                      claim,
                      "film-direction",
                      IV_REMARK_ERROR,
                      g_strdup_printf ("%s speaks for %s opacity on the %s; the films show the "
                                       "opposite there.",
                                       mention->concept->title,
                                       word,
                                       side_name));
  else if (counts.n[!side][direction] > 0 && mention->sides != IV_SIDE_BOTH)
    add_claim_remark (check,
                      claim,
                      "film-side",
                      IV_REMARK_WARNING,
                      g_strdup_printf ("%s speaks for %s opacity on the %s; the films show it on "
                                       "the other side only.",
                                       mention->concept->title,
                                       word,
                                       side_name));
}

static void
check_changes (IvCheck *check)
{
  for (guint i = 0; i < check->claims->len; i++) {
    const IvClaim *claim = &g_array_index (check->claims, IvClaim, i);
    gboolean is_gone = claim->mention->assertion == IV_ASSERTION_ABSENT &&
                       claim->mention->course == IV_SAID_RESOLVED;
    if (claim->mention->assertion != IV_ASSERTION_PRESENT && !is_gone)
      continue;
    if ((claim->mention->sides & IV_SIDE_RIGHT) != 0)
      check_change (check, claim, 0);
    if ((claim->mention->sides & IV_SIDE_LEFT) != 0)
      check_change (check, claim, 1);
  }
}

/* The file's own ImageLaterality, which films of one side carry. */
static void
check_laterality (IvCheck *check)
{
  const char *laterality = check->films->current->image_laterality;
  guint side = g_strcmp0 (laterality, "R") == 0   ? IV_SIDE_RIGHT
               : g_strcmp0 (laterality, "L") == 0 ? IV_SIDE_LEFT
                                                  : 0;
  for (guint i = 0; side != 0 && i < check->claims->len; i++) {
    const IvClaim *claim = &g_array_index (check->claims, IvClaim, i);
    if (claim->mention->sides != 0 && (claim->mention->sides & side) == 0)
      add_claim_remark (check,
                        claim,
                        "film-laterality",
                        IV_REMARK_WARNING,
                        g_strdup_printf ("%s is on the %s; the file says that the film shows the "
                                         "%s side.",
                                         claim->mention->concept->title,
                                         iv_check_side_to_string (claim->mention->sides),
                                         iv_check_side_to_string (side)));
  }
}

static gboolean
has_word (const char *text, const char *word)
{
  gsize length = strlen (word);
  for (const char *at = strstr (text, word); at != NULL; at = strstr (at + 1, word))
    if ((at == text || !g_ascii_isalnum (at[-1])) && !g_ascii_isalnum (at[length]))
      return TRUE;
  return FALSE;
}

/* The Technique calls the film PA, its file AP, or the other way round. */
static void
check_view (IvCheck *check)
{
  IvView view = check->films->current->view;
  for (guint i = 0; i < iv_report_get_sentences (check->report)->len; i++) {
    const IvSentence *sentence = iv_report_get_sentence (check->report, i);
    g_autofree char *text = iv_report_copy_span (check->report, sentence->span);
    gboolean is_pa = has_word (text, "PA"), is_ap = has_word (text, "AP");
    gboolean differs = (view == IV_VIEW_PA && is_ap) || (view == IV_VIEW_AP && is_pa);
    if (iv_report_get_section_kind (check->report, sentence) != IV_SECTION_TECHNIQUE ||
        is_pa == is_ap || !differs)
      continue;
    iv_check_add (check,
                  &(IvRemarkParams){
                      .rule = "film-view",
                      .kind = "film",
                      .level = IV_REMARK_WARNING,
                      .sentence = i,
                      .span = sentence->span,
                  },
                  "The report calls the film %s, its file %s.",
                  is_pa ? "PA" : "AP",
                  iv_view_to_string (view));
  }
}

void
iv_check_against_films (IvCheck *check)
{
  check_laterality (check);
  check_view (check);
  if (check->films->changes != NULL)
    check_changes (check);
}
