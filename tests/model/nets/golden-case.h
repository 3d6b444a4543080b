/* Golden cases: inputs and what other engines compute for them; how results are compared.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One model file with its truth. */
typedef struct {
  char *name;  /* "text/llama", "quant/llama Q4_K" */
  char *model; /* file or directory */
  gint32 *ids;
  guint n_ids;
  float *logits; /* [n_logits, n_vocab] after the positions from first_logit on */
  guint first_logit;
  guint n_logits;
  guint n_vocab;
  gint32 *greedy_ids;
  guint n_greedy; /* as far as the truth is clear */
  double nmse;    /* tolerance for F32 activations */
} GoldenCase;

void golden_case_free (GoldenCase *golden);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GoldenCase, golden_case_free)

/* The folder "golden/…": in ../shared, else in tests/data; NULL when it is in neither. */
char *golden_find (const char *folder);
/* All cases of case.json in that folder, one for each variant of a quantised one whose file is
 * there. (transfer full) of GoldenCase. */
GPtrArray *golden_load (const char *folder);

/* sum((x - y)^2) / sum(y^2) */
double golden_nmse (const float *x, const float *y, gsize n);

G_END_DECLS
