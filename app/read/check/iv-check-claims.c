/* Rules that hold two statements of a report against each other.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "app/read/check/iv-check-private.h"

static const IvClaim *
get (const IvCheck *check, guint i)
{
  return &g_array_index (check->claims, IvClaim, i);
}

static gboolean
is_there (const IvMention *mention)
{
  return mention->assertion == IV_ASSERTION_PRESENT || mention->assertion == IV_ASSERTION_UNCERTAIN;
}

/* Asserted for itself: an opacity that is explained counts as its explanation only. What has
 * resolved was there, and has its side. */
static gboolean
has_place (const IvMention *mention)
{
  return (is_there (mention) && !mention->is_explained) || mention->course == IV_SAID_RESOLVED;
}

static gboolean
share_family (const IvConcept *a, const IvConcept *b)
{
  return a->family != NULL && g_strcmp0 (a->family, b->family) == 0;
}

/* May the two mean the same thing on the film? */
static gboolean
match (const IvMention *a, const IvMention *b)
{
  return iv_concept_is (a->concept, b->concept) || iv_concept_is (b->concept, a->concept) ||
         share_family (a->concept, b->concept);
}

static gboolean
sides_meet (const IvMention *a, const IvMention *b)
{
  return a->sides == 0 || b->sides == 0 || (a->sides & b->sides) != 0;
}

/* Lobes are held against lobes; a zone against what a lobe can cover. */
static gboolean
places_meet (const IvMention *a, const IvMention *b)
{
  if (a->zones == 0 || b->zones == 0)
    return TRUE;
  if (a->lobes != 0 && b->lobes != 0)
    return (a->lobes & b->lobes) != 0;
  return (a->zones & b->zones) != 0;
}

static gboolean
has_id (const IvConcept *concept, const char *id)
{
  return g_str_equal (concept->id, id);
}

static gboolean
is_in (const GPtrArray *concepts, const IvConcept *concept)
{
  for (guint i = 0; i < concepts->len; i++)
    if (iv_concept_is (concept, g_ptr_array_index (concepts, i)))
      return TRUE;
  return FALSE;
}

/* A small or known finding does not speak against "no acute process". */
static gboolean
is_acute (const IvMention *mention)
{
  gboolean is_known = mention->course == IV_SAID_UNCHANGED ||
                      mention->course == IV_SAID_PERSISTENT || mention->course == IV_SAID_DECREASED;
  gboolean is_small = mention->grade_high == 1 || mention->grade_high == 2;
  return mention->concept->is_critical || (!is_known && !is_small);
}

/* Does denying a deny what b asserts, whatever their places? */
static gboolean
denies_concept (const IvClaim *a, const IvClaim *b)
{
  const IvMention *no = a->mention, *yes = b->mention;
  if (is_in (no->concept->excludes, yes->concept))
    return is_acute (yes);
  if (!iv_concept_is (yes->concept, no->concept))
    return FALSE;
  /* "The lungs are clear" is also said with a streak of atelectasis in sight. */
  gboolean is_minor = no->concept != yes->concept && !has_id (no->concept, "lung-opacity") &&
                      (has_id (yes->concept, "atelectasis") || has_id (yes->concept, "congestion"));
  if (is_minor && yes->grade_high < 3)
    return a->is_impression != b->is_impression && yes->grade_high == 0;
  return TRUE;
}

/* A denial in part speaks against what it names only: "no large effusion" against a large one. */
static gboolean
denies_degree (const IvMention *no, const IvMention *yes)
{
  if (!no->is_qualified)
    return TRUE;
  if (no->grade_low > 0)
    return yes->grade_low >= no->grade_low;
  if (no->course == IV_SAID_NONE && no->concept == yes->concept && yes->grade_low >= 3)
    return TRUE; /* "no overt edema" against a moderate one */
  return no->course == IV_SAID_NEW && yes->course == IV_SAID_NEW;
}

/* "Old", "healed": what a denial of today does not mean. */
static gboolean
is_past (const IvReport *report, guint sentence)
{
  g_autofree char *text =
      iv_report_copy_span (report, iv_report_get_sentence (report, sentence)->span);
  g_auto (GStrv) words = g_strsplit_set (text, " ,;.-", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' &&
        iv_lexicon_has (iv_report_get_lexicon (report), "prior past", words[i], -1))
      return TRUE;
  return FALSE;
}

static gboolean
contradicts (const IvReport *report, const IvClaim *a, const IvClaim *b)
{
  const IvMention *no = a->mention, *yes = b->mention;
  if (no->assertion != IV_ASSERTION_ABSENT || yes->assertion != IV_ASSERTION_PRESENT ||
      yes->is_explained)
    return FALSE;
  /* One sentence may name an exception: "clear except for an opacity". */
  if (a->sentence == b->sentence || no->course == IV_SAID_REMOVED)
    return FALSE;
  if (!denies_concept (a, b) || !denies_degree (no, yes))
    return FALSE;
  if (no->sides != 0 && no->sides != IV_SIDE_BOTH && (no->sides & yes->sides) == 0)
    return FALSE;
  if (no->zones != 0 && (yes->zones == 0 || !places_meet (no, yes)))
    return FALSE;
  return !is_past (report, b->sentence);
}

static void
check_negation (IvCheck *check)
{
  for (guint i = 0; i < check->claims->len; i++)
    for (guint k = 0; k < check->claims->len; k++) {
      const IvClaim *a = get (check, i), *b = get (check, k);
      if (!contradicts (check->report, a, b))
        continue;
      const IvClaim *later = a->sentence > b->sentence ? a : b;
      const IvClaim *earlier = later == a ? b : a;
      gboolean crosses = a->is_impression != b->is_impression;
      iv_check_add (check,
                    &(IvRemarkParams){
                        .rule = crosses ? "negation-impression" : "negation-sentences",
                        .kind = "negation",
                        .level = IV_REMARK_ERROR,
                        .sentence = later->sentence,
                        .span = later->mention->span,
                        .other = earlier,
                    },
                    "%s is %s here and %s %s.",
                    later->mention->concept->title,
                    later == a ? "denied" : "asserted",
                    later == a ? "asserted" : "denied",
                    crosses ? "in the Findings" : "in another sentence");
    }
}

/* An Impression that names pneumonia after Findings that deny every consolidation. */
static void
check_family (IvCheck *check, const IvClaim *claim)
{
  const IvClaim *denial = NULL;
  for (guint i = 0; i < check->claims->len; i++) {
    const IvClaim *other = get (check, i);
    if (other->is_impression || !share_family (other->mention->concept, claim->mention->concept))
      continue;
    if (is_there (other->mention))
      return;
    if (!other->mention->is_qualified && other->mention->sides == 0)
      denial = other;
  }
  if (denial != NULL && denial->mention->concept != claim->mention->concept)
    iv_check_add (check,
                  &(IvRemarkParams){
                      .rule = "negation-impression",
                      .kind = "negation",
                      .level = IV_REMARK_WARNING,
                      .sentence = claim->sentence,
                      .span = claim->mention->span,
                      .other = denial,
                  },
                  "The Impression names %s, the Findings deny %s.",
                  claim->mention->concept->title,
                  denial->mention->concept->title);
}

/* Side: what the Impression says must be among what the Findings say. Returns TRUE on a remark. */
static gboolean
check_side (IvCheck *check, const IvClaim *claim)
{
  const IvMention *mention = claim->mention;
  const IvClaim *other = NULL;
  guint sides = 0;
  for (guint i = 0; i < check->claims->len && mention->sides != 0; i++) {
    const IvClaim *one = get (check, i);
    if (one->is_impression || !has_place (one->mention) || !match (one->mention, mention))
      continue;
    sides |= one->mention->sides;
    if (one->mention->sides != 0 && other == NULL)
      other = one;
  }
  if (sides == 0 || (mention->sides & ~sides) == 0)
    return FALSE;
  iv_check_add (check,
                &(IvRemarkParams){
                    .rule = "side-impression",
                    .kind = "side",
                    .level = (mention->sides & sides) == 0 ? IV_REMARK_ERROR : IV_REMARK_WARNING,
                    .sentence = claim->sentence,
                    .span = mention->span,
                    .other = other,
                },
                "%s is %s in the Impression and %s in the Findings.",
                mention->concept->title,
                iv_check_side_to_string (mention->sides),
                iv_check_side_to_string (sides));
  return TRUE;
}

/* Answers whether a claim agrees with one of the Findings. */
typedef gboolean (*AgreeFunc) (const IvMention *claim, const IvMention *finding, gboolean *applies);

/* The first of the Findings that a claim of the Impression disagrees with, NULL when one agrees or
 * none applies. */
static const IvClaim *
find_disagreement (const IvCheck *check, const IvClaim *claim, AgreeFunc agree)
{
  const IvClaim *against = NULL;
  for (guint i = 0; i < check->claims->len; i++) {
    const IvClaim *one = get (check, i);
    gboolean applies = FALSE;
    if (one->is_impression || !match (one->mention, claim->mention) ||
        !sides_meet (one->mention, claim->mention))
      continue;
    gboolean agrees = agree (claim->mention, one->mention, &applies);
    if (applies && agrees)
      return NULL;
    if (applies && against == NULL)
      against = one;
  }
  return against;
}

static gboolean
agree_place (const IvMention *claim, const IvMention *finding, gboolean *applies)
{
  *applies = is_there (finding) && claim->zones != 0 && finding->zones != 0;
  return places_meet (claim, finding);
}

static gboolean
agree_severity (const IvMention *claim, const IvMention *finding, gboolean *applies)
{
  *applies = is_there (finding) && claim->concept == finding->concept && claim->grade_low > 0 &&
             finding->grade_low > 0;
  if (claim->grade_high <= 2 && finding->grade_high <= 2)
    return TRUE; /* trace, small, mild and minimal are used for each other */
  return claim->grade_low <= finding->grade_high && finding->grade_low <= claim->grade_high;
}

static int
direction (IvSaidCourse course)
{
  switch (course) {
  case IV_SAID_NEW:
  case IV_SAID_INCREASED:
    return 1;
  case IV_SAID_DECREASED:
  case IV_SAID_RESOLVED:
    return -1;
  case IV_SAID_UNCHANGED:
  default:
    return 0;
  }
}

static gboolean
agree_course (const IvMention *claim, const IvMention *finding, gboolean *applies)
{
  *applies = claim->concept == finding->concept && claim->concept->kind == IV_CONCEPT_FINDING &&
             claim->course != IV_SAID_NONE && claim->course != IV_SAID_PERSISTENT &&
             finding->course != IV_SAID_NONE && finding->course != IV_SAID_PERSISTENT;
  return direction (claim->course) == direction (finding->course);
}

static void
add_disagreement (IvCheck *check,
                  const IvClaim *claim,
                  const IvClaim *other,
                  const char *rule,
                  const char *kind,
                  const char *what)
{
  iv_check_add (check,
                &(IvRemarkParams){
                    .rule = rule,
                    .kind = kind,
                    .level = IV_REMARK_ERROR,
                    .sentence = claim->sentence,
                    .span = claim->mention->span,
                    .other = other,
                },
                "The Impression gives %s another %s than the Findings.",
                claim->mention->concept->title,
                what);
}

static void
check_agreement (IvCheck *check, const IvClaim *claim)
{
  const IvClaim *other = find_disagreement (check, claim, agree_place);
  if (other != NULL)
    add_disagreement (check, claim, other, "lobe-impression", "lobe", "place");
  other = find_disagreement (check, claim, agree_severity);
  if (other != NULL)
    add_disagreement (check, claim, other, "severity-impression", "severity", "severity");
  other = find_disagreement (check, claim, agree_course);
  if (other != NULL)
    add_disagreement (check, claim, other, "course-impression", "course", "course");
}

/* TRUE when the section that is not the claim's own mentions the finding, or denies all that is
 * acute. */
static gboolean
is_mentioned (const IvCheck *check, const IvClaim *claim)
{
  for (guint i = 0; i < check->claims->len; i++) {
    const IvClaim *one = get (check, i);
    if (one->is_impression != claim->is_impression &&
        (match (one->mention, claim->mention) ||
         is_in (one->mention->concept->excludes, claim->mention->concept)))
      return TRUE;
  }
  return FALSE;
}

static void
check_critical (IvCheck *check, const IvClaim *claim)
{
  if (!claim->mention->concept->is_critical || claim->mention->assertion != IV_ASSERTION_PRESENT ||
      !check->has_findings || !check->has_impression || is_mentioned (check, claim))
    return;
  iv_check_add (check,
                &(IvRemarkParams){
                    .rule = claim->is_impression ? "missing-findings" : "missing-impression",
                    .kind = "missing",
                    .level = IV_REMARK_WARNING,
                    .sentence = claim->sentence,
                    .span = claim->mention->span,
                },
                "%s is not mentioned in the %s.",
                claim->mention->concept->title,
                claim->is_impression ? "Findings" : "Impression");
}

/* "This right effusion" after a sentence that has it on the left. */
static void
check_reference (IvCheck *check, guint index)
{
  const IvClaim *claim = get (check, index);
  const IvSentence *sentence = iv_report_get_sentence (check->report, claim->sentence);
  g_autofree char *text = iv_report_copy_span (check->report, sentence->span);
  const IvClaim *before = NULL;
  if (claim->mention->sides == 0 ||
      (g_ascii_strncasecmp (text, "this ", 5) != 0 && g_ascii_strncasecmp (text, "these ", 6) != 0))
    return;
  for (guint i = 0; i < index; i++) {
    const IvClaim *one = get (check, i);
    if (one->is_impression == claim->is_impression && one->sentence < claim->sentence &&
        is_there (one->mention) && match (one->mention, claim->mention))
      before = one;
  }
  if (before != NULL && !sides_meet (before->mention, claim->mention))
    iv_check_add (check,
                  &(IvRemarkParams){
                      .rule = "side-sentences",
                      .kind = "side",
                      .level = IV_REMARK_ERROR,
                      .sentence = claim->sentence,
                      .span = claim->mention->span,
                      .other = before,
                  },
                  "%s is %s here and %s in the sentence that this one refers to.",
                  claim->mention->concept->title,
                  iv_check_side_to_string (claim->mention->sides),
                  iv_check_side_to_string (before->mention->sides));
}

/* One finding measured in both sections must have about one size. */
static void
check_sizes (IvCheck *check, const IvClaim *claim)
{
  const GArray *own = iv_report_get_sentence (check->report, claim->sentence)->measurements;
  for (guint i = 0; i < check->claims->len; i++) {
    const IvClaim *one = get (check, i);
    const GArray *theirs = iv_report_get_sentence (check->report, one->sentence)->measurements;
    if (one->is_impression || one->mention->concept != claim->mention->concept ||
        !sides_meet (one->mention, claim->mention) || own->len != 1 || theirs->len != 1)
      continue;
    const IvMeasurement *a = &g_array_index (own, IvMeasurement, 0);
    const IvMeasurement *b = &g_array_index (theirs, IvMeasurement, 0);
    /* Rounding to half a centimetre may move a size by a fifth. */
    if (a->concept != b->concept || a->concept != claim->mention->concept ||
        !(fabs (a->largest_mm - b->largest_mm) > 0.2 * fmax (a->largest_mm, b->largest_mm)))
      continue;
    iv_check_add (check,
                  &(IvRemarkParams){
                      .rule = "measurement-impression",
                      .kind = "measurement",
                      .level = IV_REMARK_WARNING,
                      .sentence = claim->sentence,
                      .span = a->span,
                      .other = one,
                  },
                  "The Impression measures %s at %g mm, the Findings at %g mm.",
                  claim->mention->concept->title,
                  a->largest_mm,
                  b->largest_mm);
  }
}

void
iv_check_claims (IvCheck *check)
{
  check_negation (check);
  for (guint i = 0; i < check->claims->len; i++) {
    const IvClaim *claim = get (check, i);
    check_critical (check, claim);
    check_reference (check, i);
    if (!claim->is_impression || !check->has_findings)
      continue;
    if (is_there (claim->mention)) {
      if (claim->mention->assertion == IV_ASSERTION_PRESENT)
        check_family (check, claim);
      if (!check_side (check, claim))
        check_agreement (check, claim);
      check_sizes (check, claim);
    } else if (claim->mention->course == IV_SAID_RESOLVED && !check_side (check, claim))
      check_agreement (check, claim);
  }
}
