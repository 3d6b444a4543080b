/* Inside of a lexicon, shared by reading and matching it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/report/iv-lexicon.h"

G_BEGIN_DECLS

/* Spellings that share their first words share the way to here. */
typedef struct {
  GHashTable *next;   /* word (owned) → IvLexiconNode * (owned), or NULL */
  const IvTerm *term; /* of the spelling that ends here, or NULL */
  const char *group;  /* that it came from */
} IvLexiconNode;

struct _IvLexicon {
  gatomicrefcount references;
  IvLexiconNode *root;
  GPtrArray *concepts;  /* IvConcept * (owned) */
  GHashTable *by_id;    /* id → IvConcept * */
  GPtrArray *terms;     /* IvTerm * (owned) */
  GHashTable *states;   /* "anatomy state" (owned) → GPtrArray of IvConcept * (owned) */
  GHashTable *groups;   /* "prior none" (owned) → set of folded texts (owned) */
  GHashTable *headings; /* folded heading (owned) → section's name (owned) */
  GPtrArray *names;     /* char * (owned): names of groups */
};

/* (transfer full) As plain groups and headings are compared. */
char *iv_lexicon_fold (const char *text, gssize length);

G_END_DECLS
