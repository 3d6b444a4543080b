/* Checks a report against itself and against the films, by rules.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"
#include "app/read/iv-report.h"
#include "app/study/iv-radiograph-info.h"

G_BEGIN_DECLS

typedef enum {
  IV_REMARK_NOTE,    /* worth a look */
  IV_REMARK_WARNING, /* probably a slip */
  IV_REMARK_ERROR,   /* two statements that cannot both hold, or one that cannot */
} IvRemarkLevel;
const char *iv_remark_level_to_string (IvRemarkLevel level); /* "note", "warning", "error" */

/* One thing to look at again. */
typedef struct {
  const char *rule; /* stable, "side-impression"; docs/SCORES.md lists them */
  const char *kind; /* "negation", "side", "lobe", "severity", "course", "measurement", "anatomy",
                       "comparison", "missing", "duplicate", "leftover", "film" */
  IvRemarkLevel level;
  guint sentence;  /* of the report */
  IvTextSpan span; /* the words meant */
  int other;       /* the sentence that it goes against, -1 when there is none */
  char *reason;    /* one English sentence */
} IvRemark;

/* What is known of the films; everything may be missing. Borrowed. */
typedef struct {
  const IvRadiographInfo *current; /* NULL: no film is given, nothing is checked against films */
  const IvRadiographInfo *prior;
  const GPtrArray *changes; /* IvChange *, of a comparison that succeeded, or NULL */
} IvCheckFilms;

/* (transfer full) IvRemark *, in the order of the text; empty when there is nothing to say, which
 * does not make the report right. films: NULL for none. Thread-safety: any. */
GPtrArray *iv_report_check (const IvReport *report, const IvCheckFilms *films);

void iv_remark_free (IvRemark *remark);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvRemark, iv_remark_free)

G_END_DECLS
