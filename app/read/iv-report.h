/* A radiology report as the rest of Interval sees it: sections, sentences, and what each says.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/report/iv-lexicon.h"

G_BEGIN_DECLS

/* Bytes start … end of the report's text, end exclusive. */
typedef struct {
  guint start, end;
} IvTextSpan;

typedef enum {
  IV_SECTION_BODY, /* text under no heading; counts as findings */
  IV_SECTION_INDICATION,
  IV_SECTION_TECHNIQUE,
  IV_SECTION_COMPARISON,
  IV_SECTION_FINDINGS,
  IV_SECTION_IMPRESSION,
  IV_SECTION_OTHER, /* recommendations, signatures */
} IvSectionKind;
const char *iv_section_kind_to_string (IvSectionKind kind); /* "findings", stable, untranslated */

typedef struct {
  IvSectionKind kind;
  IvTextSpan heading; /* empty for IV_SECTION_BODY */
  IvTextSpan body;    /* without blanks around it */
} IvSection;

typedef enum {
  IV_ASSERTION_PRESENT,
  IV_ASSERTION_ABSENT,
  IV_ASSERTION_UNCERTAIN,
  IV_ASSERTION_SUPPOSED, /* asked for, advised or past: says nothing of this film */
} IvAssertion;
const char *iv_assertion_to_string (IvAssertion assertion);

/* What one sentence says of one finding, device or anatomy. "Small left and large right effusions"
 * are two mentions of the same words. */
typedef struct {
  IvTextSpan span;          /* the words that name it */
  const IvConcept *concept; /* of the report's lexicon */
  IvAssertion assertion;
  gboolean is_qualified; /* "no new …", "no large …", "otherwise clear": denied only in part */
  gboolean is_explained; /* what it is follows: the opacity in "opacity consistent with effusion" */
  guint sides;           /* IvSide bits; 0 not said. The patient's. */
  guint zones;           /* IvZones bits; 0 not said */
  guint lobes;           /* IvLobes bits; 0 not said */
  guint only_side;       /* the only side that has the place named, 0 for any */
  IvTextSpan place;      /* the words of the side or the place, empty when not said */
  guint grade_low, grade_high; /* 1 trace, 2 small, 3 moderate, 4 large; 0 not said */
  IvSaidCourse course;
  IvTextSpan course_span; /* empty when not said */
} IvMention;

typedef enum {
  IV_UNIT_NONE, /* "measuring 8" */
  IV_UNIT_MM,
  IV_UNIT_CM,
  IV_UNIT_M,
  IV_UNIT_INCH,
} IvUnit;

typedef struct {
  IvTextSpan span;
  double values[3]; /* as written */
  guint n_values;   /* 1 … 3 */
  IvUnit unit;
  double largest_mm;        /* NAN without a unit */
  gboolean is_distance;     /* "above the carina", not a size */
  const IvConcept *concept; /* of what is measured, or NULL */
  guint sides;              /* of what is measured */
} IvMeasurement;

typedef struct {
  IvTextSpan span;      /* without list marks and blanks */
  guint section;        /* index of the report's section */
  GArray *mentions;     /* IvMention, in the order of the text */
  GArray *measurements; /* IvMeasurement */
  GArray *comparisons;  /* IvTextSpan of words of comparison: new, increased, unchanged … */
  gboolean names_prior; /* refers to an earlier film */
} IvSentence;

/* A parsed report. Immutable; holds its text and its lexicon. Thread-safety: any. */
typedef struct _IvReport IvReport;

/* Never fails: what is not understood is left out. text: UTF-8 (bytes that are not become U+FFFD).
 * lexicon: NULL for iv_lexicon_get_default (). */
IvReport *iv_report_new (const char *text, IvLexicon *lexicon);
IvReport *iv_report_ref (IvReport *self);
void iv_report_unref (IvReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvReport, iv_report_unref)

const char *iv_report_get_text (const IvReport *self);
IvLexicon *iv_report_get_lexicon (const IvReport *self);
const GArray *iv_report_get_sections (const IvReport *self);  /* IvSection, in order */
const GArray *iv_report_get_sentences (const IvReport *self); /* IvSentence, in order */
const IvSentence *iv_report_get_sentence (const IvReport *self, guint i);
IvSectionKind iv_report_get_section_kind (const IvReport *self, const IvSentence *sentence);
/* The first section of a kind, or NULL. */
const IvSection *iv_report_find_section (const IvReport *self, IvSectionKind kind);
/* The sentence that holds a byte of the text, for clicks; -1 when none does. */
int iv_report_find_sentence_at (const IvReport *self, guint offset);
/* (transfer full) */
char *iv_report_copy_span (const IvReport *self, IvTextSpan span);

/* TRUE for sentences that describe the film: findings, impression, text under no heading. */
gboolean iv_report_is_statement (const IvReport *self, const IvSentence *sentence);

G_END_DECLS
