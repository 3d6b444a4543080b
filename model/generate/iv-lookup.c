/* Prompt lookup: tokens that may come next, drafted from what was said before.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-lookup.h"

/* Longer matches than this are as good as this. */
#define LONGEST_MATCH 8
/* One token that occurred before says little. */
#define SHORTEST_MATCH 2
/* Share of the newest batch in the running means. */
#define NEWEST 0.25
/* Batches that are drafted before the figures count, and tokens that drafting then rests for. */
#define FIRST_TRIES 2
#define REST 32
#define LONGEST_REST 512

struct IvLookup {
  IvLookupMode mode;
  guint n_most, n_vocab;
  GArray *ids; /* gint32 */
  /* Running means; 0: not known yet. */
  double single; /* seconds of a token without a draft */
  double batch;  /* seconds of a batch with a draft */
  double gained; /* tokens accepted in a batch, besides the one that a token gives too */
  guint n_tries; /* batches since the last rest */
  guint rest;    /* tokens to go without a draft */
  guint next_rest;
};

IvLookup *
iv_lookup_new (IvLookupMode mode, guint n_most, guint n_vocab)
{
  IvLookup *lookup = g_new0 (IvLookup, 1);
  lookup->mode = mode;
  lookup->n_most = MIN (n_most, IV_LOOKUP_MOST);
  lookup->n_vocab = n_vocab;
  lookup->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  lookup->next_rest = REST;
  return lookup;
}

void
iv_lookup_free (IvLookup *lookup)
{
  g_array_unref (lookup->ids);
  g_free (lookup);
}

void
iv_lookup_see (IvLookup *lookup, const gint32 *ids, guint n_ids)
{
  if (lookup->mode != IV_LOOKUP_OFF)
    g_array_append_vals (lookup->ids, ids, n_ids);
}

/* How many tokens before end are the last ones too. */
static guint
match (const gint32 *ids, guint n_ids, guint end)
{
  guint n = 0;
  while (n < LONGEST_MATCH && n < end && ids[end - 1 - n] == ids[n_ids - 1 - n])
    n++;
  return n;
}

/* Where the draft begins; the number of ids when there is none. */
static guint
find_draft (const gint32 *ids, guint n_ids)
{
  guint best = SHORTEST_MATCH - 1, at = n_ids;
  for (guint end = n_ids; end-- > SHORTEST_MATCH;) {
    guint n = match (ids, n_ids, end);
    if (n > best) {
      best = n;
      at = end;
    }
    if (best == LONGEST_MATCH)
      break;
  }
  return at;
}

guint
iv_lookup_draft (IvLookup *lookup, guint n_most, gint32 *draft)
{
  const gint32 *ids = (const gint32 *) (gpointer) lookup->ids->data;
  guint n_ids = lookup->ids->len, n = 0;
  if (lookup->mode == IV_LOOKUP_OFF || lookup->rest > 0)
    return 0;
  /* The time of a token is wanted to compare with. */
  if (lookup->mode == IV_LOOKUP_AUTO && lookup->single == 0)
    return 0;
  n_most = MIN (n_most, lookup->n_most);
  guint at = find_draft (ids, n_ids);
  for (; at < n_ids && n < n_most; n++) {
    /* Text that repeats itself goes on from the draft. */
    gint32 id = at + n < n_ids ? ids[at + n] : draft[at + n - n_ids];
    if (id < 0 || (guint) id >= lookup->n_vocab)
      break;
    draft[n] = id;
  }
  return n;
}

static void
blend (double *mean, double value)
{
  *mean = *mean == 0 ? value : *mean + NEWEST * (value - *mean);
}

static gboolean
pays (const IvLookup *lookup)
{
  return (1 + lookup->gained) * lookup->single > lookup->batch;
}

void
iv_lookup_learn (IvLookup *lookup, guint n_drafted, guint n_accepted, double seconds)
{
  if (n_drafted == 0) {
    blend (&lookup->single, seconds);
    if (lookup->rest > 0)
      lookup->rest--;
    return;
  }
  blend (&lookup->batch, seconds);
  lookup->gained += (lookup->n_tries == 0 ? 1 : NEWEST) * (n_accepted - lookup->gained);
  lookup->n_tries++;
  if (lookup->mode == IV_LOOKUP_ALWAYS || lookup->n_tries < FIRST_TRIES)
    return;
  if (pays (lookup)) {
    lookup->next_rest = REST;
    return;
  }
  lookup->rest = lookup->next_rest;
  lookup->next_rest = MIN (2 * lookup->next_rest, LONGEST_REST);
  lookup->n_tries = 0;
  lookup->batch = 0;
}
