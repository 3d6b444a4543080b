/* Prompt lookup: what is drafted, and when drafting rests.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-lookup.h"

enum { N_VOCAB = 100, N_MOST = 4 };

static IvLookup *
new_lookup (IvLookupMode mode, const gint32 *ids, guint n)
{
  IvLookup *lookup = iv_lookup_new (mode, N_MOST, N_VOCAB);
  iv_lookup_see (lookup, ids, n);
  return lookup;
}

static void
assert_draft (IvLookup *lookup, const gint32 *expected, guint n)
{
  gint32 draft[IV_LOOKUP_MOST];
  guint n_draft = iv_lookup_draft (lookup, IV_LOOKUP_MOST, draft);
  g_assert_cmpmem (draft, n_draft * sizeof (gint32), expected, n * sizeof (gint32));
}

/* “1 2 3” stood once, “2 3” later again: the longer match counts. */
static void
test_longest (void)
{
  const gint32 ids[] = { 1, 2, 3, 4, 5, 6, 7, 8, 2, 3, 50, 51, 1, 2, 3 };
  g_autoptr (IvLookup) lookup = new_lookup (IV_LOOKUP_ALWAYS, ids, G_N_ELEMENTS (ids));
  assert_draft (lookup, (const gint32[]){ 4, 5, 6, 7 }, 4);
  gint32 draft[2];
  g_assert_cmpuint (iv_lookup_draft (lookup, 2, draft), ==, 2);
  g_assert_cmpuint (iv_lookup_draft (lookup, 0, draft), ==, 0);
}

static void
test_latest (void)
{
  const gint32 ids[] = { 2, 3, 10, 9, 2, 3, 20, 8, 2, 3 };
  g_autoptr (IvLookup) lookup = new_lookup (IV_LOOKUP_ALWAYS, ids, G_N_ELEMENTS (ids));
  assert_draft (lookup, (const gint32[]){ 20, 8, 2, 3 }, 4);
}

/* A draft that runs into the tokens it was found for goes on from itself. */
static void
test_loop (void)
{
  const gint32 ids[] = { 7, 7, 7 };
  g_autoptr (IvLookup) lookup = new_lookup (IV_LOOKUP_ALWAYS, ids, G_N_ELEMENTS (ids));
  assert_draft (lookup, (const gint32[]){ 7, 7, 7, 7 }, 4);
  const gint32 verse[] = { 5, 1, 2, 3, 1, 2, 3, 1, 2, 3 };
  g_autoptr (IvLookup) song = new_lookup (IV_LOOKUP_ALWAYS, verse, G_N_ELEMENTS (verse));
  assert_draft (song, (const gint32[]){ 1, 2, 3, 1 }, 4);
}

static void
test_nothing (void)
{
  const gint32 ids[] = { 1, 2, 3, 4, 2 };
  g_autoptr (IvLookup) lookup = new_lookup (IV_LOOKUP_ALWAYS, ids, G_N_ELEMENTS (ids));
  assert_draft (lookup, NULL, 0);
  g_autoptr (IvLookup) empty = new_lookup (IV_LOOKUP_ALWAYS, NULL, 0);
  assert_draft (empty, NULL, 0);
  const gint32 pair[] = { 1, 2, 1, 2 };
  g_autoptr (IvLookup) off = new_lookup (IV_LOOKUP_OFF, pair, G_N_ELEMENTS (pair));
  assert_draft (off, NULL, 0);
}

/* Slots of images may hold any number. */
static void
test_outside (void)
{
  const gint32 ids[] = { 1, 2, 3, N_VOCAB, 4, 1, 2 };
  g_autoptr (IvLookup) lookup = new_lookup (IV_LOOKUP_ALWAYS, ids, G_N_ELEMENTS (ids));
  assert_draft (lookup, (const gint32[]){ 3 }, 1);
  const gint32 negative[] = { 1, 2, -1, 4, 1, 2 };
  g_autoptr (IvLookup) none = new_lookup (IV_LOOKUP_ALWAYS, negative, G_N_ELEMENTS (negative));
  assert_draft (none, NULL, 0);
}

static const gint32 repeated[] = { 1, 2, 3, 4, 1, 2 };
static const gint32 following[] = { 3, 4, 1, 2 };

static gboolean
drafts (IvLookup *lookup)
{
  gint32 draft[IV_LOOKUP_MOST];
  return iv_lookup_draft (lookup, N_MOST, draft) > 0;
}

/* A batch costs three tokens: one accepted is too few, three are enough. */
static void
test_pays (void)
{
  g_autoptr (IvLookup) lookup = new_lookup (IV_LOOKUP_AUTO, repeated, G_N_ELEMENTS (repeated));
  /* Not before the time of a token is known. */
  assert_draft (lookup, NULL, 0);
  iv_lookup_learn (lookup, 0, 0, 0.1);
  assert_draft (lookup, following, 4);
  for (guint i = 0; i < 50; i++) {
    iv_lookup_learn (lookup, 4, 3, 0.3);
    g_assert_true (drafts (lookup));
  }
}

static guint
count_rest (IvLookup *lookup)
{
  guint n = 0;
  for (; !drafts (lookup); n++)
    iv_lookup_learn (lookup, 0, 0, 0.1);
  return n;
}

static void
test_rest (void)
{
  g_autoptr (IvLookup) lookup = new_lookup (IV_LOOKUP_AUTO, repeated, G_N_ELEMENTS (repeated));
  iv_lookup_learn (lookup, 0, 0, 0.1);
  /* Two tries, then a rest that grows as long as drafting never pays. */
  guint last = 0;
  for (guint i = 0; i < 8; i++) {
    g_assert_true (drafts (lookup));
    iv_lookup_learn (lookup, 4, 1, 0.3);
    g_assert_true (drafts (lookup));
    iv_lookup_learn (lookup, 4, 1, 0.3);
    g_assert_false (drafts (lookup));
    guint rest = count_rest (lookup);
    g_assert_cmpuint (rest, >=, MAX (last, 16));
    g_assert_cmpuint (rest, <=, 1024);
    last = rest;
  }
  g_assert_cmpuint (last, >, 64);
  /* Once it pays, a later rest is short again. */
  iv_lookup_learn (lookup, 4, 4, 0.3);
  iv_lookup_learn (lookup, 4, 4, 0.3);
  for (guint i = 0; i < 20 && drafts (lookup); i++)
    iv_lookup_learn (lookup, 4, 0, 0.3);
  g_assert_cmpuint (count_rest (lookup), <, last);
}

/* Nothing accepted and any cost: tests rely on it. */
static void
test_always (void)
{
  g_autoptr (IvLookup) lookup = new_lookup (IV_LOOKUP_ALWAYS, repeated, G_N_ELEMENTS (repeated));
  for (guint i = 0; i < 20; i++) {
    g_assert_true (drafts (lookup));
    iv_lookup_learn (lookup, 4, 0, 9);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lookup/longest", test_longest);
  g_test_add_func ("/lookup/latest", test_latest);
  g_test_add_func ("/lookup/loop", test_loop);
  g_test_add_func ("/lookup/nothing", test_nothing);
  g_test_add_func ("/lookup/outside", test_outside);
  g_test_add_func ("/lookup/pays", test_pays);
  g_test_add_func ("/lookup/rest", test_rest);
  g_test_add_func ("/lookup/always", test_always);
  return g_test_run ();
}
