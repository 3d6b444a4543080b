/* What a sentence says of each finding: its side, place, severity and course, and whether it is
 * there at all.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/report/iv-report-private.h"

#include <string.h>

/* What stands around a finding. */
typedef struct {
  guint sides, zones, lobes, only_side;
  IvTextSpan place;
  guint grade_low, grade_high;
  IvSaidCourse course;
  IvTextSpan course_span;
} Modifiers;

/* A finding or device that the sentence names, or asserts by a state of anatomy. */
typedef struct {
  guint item;
  IvTextSpan span;
  const IvConcept *concept;
  IvAssertion assertion;
  gboolean is_qualified;
  gboolean is_explained;
  gboolean is_linked; /* names again what stands before: "opacity, likely pneumonia" */
  Modifiers own;
  GArray *variants; /* Modifiers: further places of the same finding */
} Thing;

/* One clause while it is bound. */
typedef struct {
  const GArray *items;
  GArray *things;   /* Thing, of the clause */
  GArray *pending;  /* Modifiers that wait for the next finding */
  guint start, end; /* items of the clause */
  IvLexicon *lexicon;
} Clause;

static const IvReportItem *
get (const GArray *items, guint i)
{
  return &g_array_index (items, IvReportItem, i);
}

static gboolean
is_kind (const IvReportItem *item, IvTermKind kind)
{
  return item->term != NULL && item->term->kind == kind;
}

static gboolean
is_cue (const IvReportItem *item, IvCue cue)
{
  return is_kind (item, IV_TERM_CUE) && item->term->cue == cue;
}

static gboolean
is_anatomy (const IvReportItem *item)
{
  return is_kind (item, IV_TERM_CONCEPT) && item->term->concept->kind == IV_CONCEPT_ANATOMY;
}

static gboolean
is_finding (const IvReportItem *item)
{
  return is_kind (item, IV_TERM_CONCEPT) && item->term->concept->kind != IV_CONCEPT_ANATOMY;
}

static gboolean
is_modifier (const IvReportItem *item)
{
  return is_kind (item, IV_TERM_PLACE) || is_kind (item, IV_TERM_SEVERITY) ||
         is_kind (item, IV_TERM_COURSE);
}

static void
extend (IvTextSpan *span, IvTextSpan by)
{
  if (span->end == 0)
    *span = by;
  span->start = MIN (span->start, by.start);
  span->end = MAX (span->end, by.end);
}

static void
add_modifier (Modifiers *to, const IvReportItem *item, gboolean is_thing_denied)
{
  const IvTerm *term = item->term;
  if (term->kind == IV_TERM_PLACE) {
    to->sides |= term->sides;
    to->zones |= term->zones;
    to->lobes |= term->lobes;
    to->only_side |= term->only_side;
    extend (&to->place, item->span);
  } else if (term->kind == IV_TERM_SEVERITY) {
    to->grade_low = to->grade_low == 0 ? term->grade_low : MIN (to->grade_low, term->grade_low);
    to->grade_high = MAX (to->grade_high, term->grade_high);
  } else {
    IvSaidCourse course = term->course;
    if (item->is_denied && !is_thing_denied) /* "has not increased", "not resolved" */
      course = course == IV_SAID_RESOLVED ? IV_SAID_PERSISTENT : IV_SAID_UNCHANGED;
    /* The first word of course decides, except that "persistent" gives way to a direction. */
    if (to->course == IV_SAID_NONE || to->course == IV_SAID_PERSISTENT)
      to->course = course;
    extend (&to->course_span, item->span);
  }
}

static void
merge (Modifiers *to, const Modifiers *from)
{
  to->sides |= from->sides;
  to->zones |= from->zones;
  to->lobes |= from->lobes;
  to->only_side |= from->only_side;
  if (from->place.end > 0)
    extend (&to->place, from->place);
  if (to->grade_low == 0) {
    to->grade_low = from->grade_low;
    to->grade_high = from->grade_high;
  }
  if (to->course == IV_SAID_NONE) {
    to->course = from->course;
    to->course_span = from->course_span;
  }
}

static void
add_thing (Clause *clause, guint item, IvTextSpan span, const IvConcept *concept, IvAssertion is)
{
  Thing thing = { .item = item, .span = span, .concept = concept, .assertion = is };
  thing.is_qualified = get (clause->items, item)->is_qualified;
  thing.variants = g_array_new (FALSE, FALSE, sizeof (Modifiers));
  g_array_append_val (clause->things, thing);
}

static IvAssertion
find_assertion (const IvReportItem *item)
{
  if (item->is_supposed)
    return IV_ASSERTION_SUPPOSED;
  if (item->is_doubted)
    return IV_ASSERTION_UNCERTAIN;
  return item->is_denied ? IV_ASSERTION_ABSENT : IV_ASSERTION_PRESENT;
}

/* What a state says: normal denies, borderline doubts, anything else asserts. */
static IvAssertion
find_state_assertion (const IvReportItem *item)
{
  IvAssertion assertion = find_assertion (item);
  if (assertion != IV_ASSERTION_PRESENT && assertion != IV_ASSERTION_ABSENT)
    return assertion;
  switch (item->term->polarity) {
  case IV_POLARITY_NORMAL: /* "not normal" is not precise enough to assert */
    return assertion == IV_ASSERTION_PRESENT ? IV_ASSERTION_ABSENT : IV_ASSERTION_UNCERTAIN;
  case IV_POLARITY_BORDERLINE:
    return assertion == IV_ASSERTION_PRESENT ? IV_ASSERTION_UNCERTAIN : assertion;
  case IV_POLARITY_ABNORMAL:
  default:
    return assertion;
  }
}

/* The anatomy a state is said of: all that stands before it in the clause up to another state or
 * finding, else the next one behind it. */
static void
add_state (Clause *clause, guint state)
{
  const IvReportItem *item = get (clause->items, state);
  gboolean found = FALSE;
  guint i = state;
  int step = -1;
  for (;;) {
    if (step < 0 && (i == clause->start || is_finding (get (clause->items, i - 1)) ||
                     is_kind (get (clause->items, i - 1), IV_TERM_STATE))) {
      if (found)
        return;
      step = 1;
      i = state;
    }
    if (step > 0 && (i + 1 >= clause->end || is_finding (get (clause->items, i + 1)) ||
                     is_kind (get (clause->items, i + 1), IV_TERM_STATE)))
      return;
    i += (guint) step;
    const IvReportItem *other = get (clause->items, i);
    if (!is_anatomy (other))
      continue;
    const GPtrArray *says =
        iv_lexicon_get_state (clause->lexicon, other->term->concept, item->term->state);
    IvTextSpan span = item->span;
    extend (&span, other->span);
    found = TRUE;
    for (guint k = 0; says != NULL && k < says->len; k++)
      add_thing (clause, state, span, says->pdata[k], find_state_assertion (item));
  }
}

static void
find_things (Clause *clause)
{
  for (guint i = clause->start; i < clause->end; i++) {
    const IvReportItem *item = get (clause->items, i);
    if (is_finding (item))
      add_thing (clause, i, item->span, item->term->concept, find_assertion (item));
    else if (is_kind (item, IV_TERM_STATE))
      add_state (clause, i);
  }
}

/* Things of one item share its modifiers. The first thing in items from … end - 1; -1: none. */
static int
find_thing (const Clause *clause, guint from, guint end)
{
  for (guint i = 0; i < clause->things->len; i++) {
    guint item = g_array_index (clause->things, Thing, i).item;
    if (item >= from && item < end)
      return (int) i;
  }
  return -1;
}

static int
find_last_thing (const Clause *clause, guint from, guint end)
{
  int found = -1;
  for (int i = find_thing (clause, from, end); i >= 0 && i < (int) clause->things->len; i++)
    if (g_array_index (clause->things, Thing, i).item < end)
      found = i;
  return found;
}

static Thing *
thing_at (const Clause *clause, int i)
{
  return &g_array_index (clause->things, Thing, i);
}

static gboolean
has_preposition (const Clause *clause, guint from, guint end)
{
  for (guint i = from; i < end; i++)
    if (get (clause->items, i)->is_preposition)
      return TRUE;
  return FALSE;
}

static void
give_pending (Clause *clause, Thing *thing)
{
  for (guint i = 0; i < clause->pending->len; i++) {
    Modifiers *one = &g_array_index (clause->pending, Modifiers, i);
    if (one->sides != 0)
      g_array_append_val (thing->variants, *one);
    else
      merge (&thing->own, one);
  }
}

/* Binds the modifiers of a piece that names at least one finding. */
static void
bind_piece (Clause *clause, guint start, guint end, gboolean is_linked)
{
  int first = find_thing (clause, start, end);
  for (guint i = start; i < end; i++) {
    const IvReportItem *item = get (clause->items, i);
    if (!is_modifier (item))
      continue;
    int before = find_last_thing (clause, start, i), after = find_thing (clause, i + 1, end);
    gboolean goes_back =
        before >= 0 && (after < 0 || has_preposition (clause, thing_at (clause, before)->item, i));
    guint owner = thing_at (clause, goes_back ? before : after)->item;
    for (guint k = 0; k < clause->things->len; k++) {
      Thing *thing = thing_at (clause, (int) k);
      if (thing->item == owner)
        add_modifier (&thing->own, item, thing->assertion == IV_ASSERTION_ABSENT);
    }
  }
  for (guint k = (guint) first; k < clause->things->len; k++) {
    Thing *thing = thing_at (clause, (int) k);
    if (thing->item == thing_at (clause, first)->item)
      give_pending (clause, thing);
    if (thing->item < end)
      thing->is_linked = is_linked;
  }
  g_array_set_size (clause->pending, 0);
}

/* A piece without a finding belongs to the next one ("small left and large right effusions"), or to
 * the one before ("effusions, small on the left and large on the right"). */
static void
bind_loose_piece (Clause *clause, guint start, guint end, guint floor)
{
  Modifiers loose = { 0 };
  int before = find_last_thing (clause, floor, start),
      after = find_thing (clause, end, clause->end);
  gboolean is_adjectival = FALSE;
  guint n = 0;
  for (guint i = start; i < end; i++)
    if (is_modifier (get (clause->items, i))) {
      add_modifier (&loose, get (clause->items, i), FALSE);
      is_adjectival = n++ == 0 ? !has_preposition (clause, start, i) : is_adjectival;
    }
  if (n == 0)
    return;
  gboolean ends_with_modifier = is_modifier (get (clause->items, end - 1));
  gboolean next_is_and = end < clause->end && (get (clause->items, end)->join == IV_JOIN_AND ||
                                               get (clause->items, end)->join == IV_JOIN_COMMA);
  if (after >= 0 &&
      (before < 0 || (is_adjectival && ends_with_modifier && next_is_and && end + 1 < clause->end &&
                      is_modifier (get (clause->items, end + 1))))) {
    g_array_append_val (clause->pending, loose);
    return;
  }
  if (before < 0)
    return;
  for (guint k = 0; k < clause->things->len; k++) {
    Thing *thing = thing_at (clause, (int) k);
    if (thing->item != thing_at (clause, before)->item)
      continue;
    if (loose.sides != 0)
      g_array_append_val (thing->variants, loose);
    else
      merge (&thing->own, &loose);
  }
}

static gboolean
parts (const IvReportItem *item)
{
  return item->join != IV_JOIN_NONE || is_cue (item, IV_CUE_LINK) ||
         is_cue (item, IV_CUE_DOUBT_AFTER) || is_cue (item, IV_CUE_SUPPOSE_AFTER) ||
         is_cue (item, IV_CUE_DENY_AFTER) || is_cue (item, IV_CUE_BREAK);
}

/* The last finding before a link is what the next one says. */
static void
explain (Clause *clause, guint link)
{
  int before = find_last_thing (clause, clause->start, link);
  if (before >= 0 && find_thing (clause, link, clause->end) >= 0)
    thing_at (clause, before)->is_explained = TRUE;
}

static void
bind_clause (Clause *clause)
{
  gboolean is_linked = FALSE;
  for (guint start = clause->start; start < clause->end;) {
    guint end = start;
    while (end < clause->end && !parts (get (clause->items, end)))
      end++;
    if (end > start && find_thing (clause, start, end) >= 0)
      bind_piece (clause, start, end, is_linked);
    else if (end > start)
      bind_loose_piece (clause, start, end, clause->start);
    if (end < clause->end) {
      const IvReportItem *part = get (clause->items, end);
      if (is_cue (part, IV_CUE_LINK))
        explain (clause, end);
      if (is_cue (part, IV_CUE_LINK) || is_cue (part, IV_CUE_DOUBT_AFTER))
        is_linked = clause->things->len > 0 && thing_at (clause, 0)->item < end;
      else if (part->join == IV_JOIN_WITH || is_cue (part, IV_CUE_DENY_AFTER))
        is_linked = FALSE;
    }
    start = end + 1;
  }
}

/* Takes the place of the first finding before the link. */
static void
inherit_places (Clause *clause)
{
  const Thing *anchor = NULL;
  for (guint i = 0; i < clause->things->len; i++) {
    Thing *thing = thing_at (clause, (int) i);
    if (!thing->is_linked || anchor == NULL) {
      anchor = thing;
      continue;
    }
    gboolean are_findings =
        thing->concept->kind == IV_CONCEPT_FINDING && anchor->concept->kind == IV_CONCEPT_FINDING;
    if (are_findings && thing->own.sides == 0 && thing->own.zones == 0 &&
        thing->variants->len == 0) {
      Modifiers *own = &thing->own;
      own->sides = anchor->own.sides;
      own->zones = anchor->own.zones;
      own->lobes = anchor->own.lobes;
    }
  }
}

static void
emit (IvSentence *sentence, const Thing *thing, const Modifiers *modifiers)
{
  IvMention mention = {
    .span = thing->span,
    .concept = thing->concept,
    .assertion = thing->assertion,
    .is_qualified = thing->is_qualified,
    .is_explained = thing->is_explained,
    .sides = modifiers->sides,
    .zones = modifiers->zones,
    .lobes = modifiers->lobes,
    .only_side = modifiers->only_side,
    .place = modifiers->place,
    .grade_low = modifiers->grade_low,
    .grade_high = modifiers->grade_high,
    .course = modifiers->course,
    .course_span = modifiers->course_span,
  };
  if (mention.sides == 0) /* the lingula is on the left */
    mention.sides = mention.only_side;
  gboolean is_gone = mention.course == IV_SAID_RESOLVED || mention.course == IV_SAID_REMOVED;
  if (mention.assertion == IV_ASSERTION_PRESENT && is_gone)
    mention.assertion = IV_ASSERTION_ABSENT;
  /* "No large …", "no new …" leave smaller and older ones open. */
  if (mention.assertion == IV_ASSERTION_ABSENT &&
      (mention.grade_low > 0 || mention.course == IV_SAID_NEW ||
       mention.course == IV_SAID_INCREASED))
    mention.is_qualified = TRUE;
  g_array_append_val (sentence->mentions, mention);
}

static gboolean
differs (const Modifiers *a, const Modifiers *b)
{
  return a->grade_low != b->grade_low || a->grade_high != b->grade_high || a->zones != b->zones ||
         a->lobes != b->lobes || a->course != b->course;
}

/* One mention for each place that differs in more than its side. */
static void
emit_thing (IvSentence *sentence, const Thing *thing)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Modifiers));
  if (thing->own.sides != 0 || thing->variants->len == 0)
    g_array_append_val (all, thing->own);
  for (guint i = 0; i < thing->variants->len; i++) {
    Modifiers one = g_array_index (thing->variants, Modifiers, i);
    if (one.grade_low == 0) {
      one.grade_low = thing->own.grade_low;
      one.grade_high = thing->own.grade_high;
    }
    if (one.course == IV_SAID_NONE)
      one.course = thing->own.course;
    if (one.zones == 0 && thing->own.sides == 0) {
      one.zones = thing->own.zones;
      one.lobes = thing->own.lobes;
    }
    guint k = 0;
    while (k < all->len && differs (&g_array_index (all, Modifiers, k), &one))
      k++;
    if (k < all->len) {
      g_array_index (all, Modifiers, k).sides |= one.sides;
      extend (&g_array_index (all, Modifiers, k).place, one.place);
    } else
      g_array_append_val (all, one);
  }
  for (guint i = 0; i < all->len; i++)
    emit (sentence, thing, &g_array_index (all, Modifiers, i));
}

void
iv_report_add_mentions (IvSentence *sentence, const GArray *items, IvLexicon *lexicon)
{
  for (guint i = 0; i < items->len; i++)
    if (is_kind (get (items, i), IV_TERM_COURSE))
      g_array_append_val (sentence->comparisons, get (items, i)->span);
  for (guint start = 0; start < items->len;) {
    g_autoptr (GArray) things = g_array_new (FALSE, FALSE, sizeof (Thing));
    g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (Modifiers));
    guint end = start;
    while (end < items->len && get (items, end)->clause == get (items, start)->clause)
      end++;
    Clause clause = { items, things, pending, start, end, lexicon };
    find_things (&clause);
    bind_clause (&clause);
    inherit_places (&clause);
    for (guint i = 0; i < things->len; i++) {
      emit_thing (sentence, thing_at (&clause, (int) i));
      g_array_unref (thing_at (&clause, (int) i)->variants);
    }
    start = end;
  }
}
