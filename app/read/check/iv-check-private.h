/* Shared by the rules of the report check.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/check/iv-report-check.h"

G_BEGIN_DECLS

/* A mention and where it stands; sentences that do not describe the film are left out, and so is
 * what is only supposed. */
typedef struct {
  const IvMention *mention;
  guint sentence;
  gboolean is_impression;
} IvClaim;

typedef struct {
  const IvReport *report;
  const IvCheckFilms *films; /* never NULL */
  GArray *claims;            /* IvClaim, in the order of the text */
  gboolean has_findings, has_impression;
  GPtrArray *remarks; /* IvRemark * */
} IvCheck;

/* What a remark is about; other: the claim it goes against, or NULL. */
typedef struct {
  const char *rule, *kind;
  IvRemarkLevel level;
  guint sentence;
  IvTextSpan span;
  const IvClaim *other;
} IvRemarkParams;

/* Adds a remark unless the same rule has named these two sentences already. */
void iv_check_add (IvCheck *check, const IvRemarkParams *params, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

const char *iv_check_side_to_string (guint sides); /* "right", "left", "bilateral", "" */
gboolean iv_check_is_prior_denied (const IvCheck *check);
/* The Comparison section names an earlier film. */
gboolean iv_check_is_prior_named (const IvCheck *check);

/* The rules, a file each. */
void iv_check_claims (IvCheck *check);
void iv_check_sentences (IvCheck *check);
void iv_check_against_films (IvCheck *check);

G_END_DECLS
