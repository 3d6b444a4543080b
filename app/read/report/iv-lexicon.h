/* The words of chest radiograph reports: findings, devices, anatomy, places, and the cues around
 * them, read from a text file that the reader may replace.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum { IV_SIDE_RIGHT = 1, IV_SIDE_LEFT = 2, IV_SIDE_BOTH = 3 } IvSide;     /* bits */
typedef enum { IV_ZONES_UPPER = 1, IV_ZONES_MID = 2, IV_ZONES_LOWER = 4 } IvZones; /* bits */
typedef enum {
  IV_LOBES_UPPER = 1,
  IV_LOBES_MIDDLE = 2,
  IV_LOBES_LOWER = 4,
  IV_LOBES_LINGULA = 8
} IvLobes; /* bits */

typedef enum {
  IV_SAID_NONE,
  IV_SAID_NEW,
  IV_SAID_INCREASED,
  IV_SAID_DECREASED,
  IV_SAID_UNCHANGED,
  IV_SAID_PERSISTENT, /* still there, better or worse not said */
  IV_SAID_RESOLVED,
  IV_SAID_REMOVED,
} IvSaidCourse;
const char *iv_said_course_to_string (IvSaidCourse course); /* "increased", stable, untranslated */

typedef enum { IV_CONCEPT_FINDING, IV_CONCEPT_DEVICE, IV_CONCEPT_ANATOMY } IvConceptKind;

typedef enum { IV_DENSITY_UNKNOWN, IV_DENSITY_MORE, IV_DENSITY_LESS } IvDensity;

/* Something a report can mention. Owned by its lexicon; one concept has one address. */
typedef struct {
  char *id;    /* "pleural-effusion", stable */
  char *title; /* "pleural effusion" */
  IvConceptKind kind;
  char *label;   /* of the 14 CheXpert labels, or NULL */
  char *family;  /* findings that sentences may call by each other's names share one, or NULL */
  GPtrArray *is; /* IvConcept *: what it is as well */
  GPtrArray *excludes; /* IvConcept *: what denying it denies besides its kinds */
  IvDensity density;   /* how it changes a film */
  gboolean is_critical;
  double max_mm;       /* longest plausible length, INFINITY when not given */
  double carina_mm[2]; /* plausible distances of a tip from the carina, NAN when not given */
} IvConcept;

typedef enum {
  IV_TERM_CONCEPT,
  IV_TERM_STATE,
  IV_TERM_PLACE, /* a side, a zone, a lobe, or several at once */
  IV_TERM_SEVERITY,
  IV_TERM_COURSE,
  IV_TERM_CUE,
} IvTermKind;

typedef enum { IV_POLARITY_ABNORMAL, IV_POLARITY_NORMAL, IV_POLARITY_BORDERLINE } IvPolarity;

typedef enum {
  IV_CUE_DENY_AFTER,
  IV_CUE_DENY_BEFORE,
  IV_CUE_DOUBT_AFTER,
  IV_CUE_DOUBT_BEFORE,
  IV_CUE_SUPPOSE_AFTER,
  IV_CUE_LINK,
  IV_CUE_BREAK,
  IV_CUE_QUALIFY,
  IV_CUE_VERB,
  IV_CUE_ARTICLE,
} IvCue;

/* What a spelling means. Owned by the lexicon. */
typedef struct {
  IvTermKind kind;
  const IvConcept *concept;    /* IV_TERM_CONCEPT */
  char *state;                 /* IV_TERM_STATE: key of anatomy, "enlarged" */
  IvPolarity polarity;         /* IV_TERM_STATE */
  guint sides, zones, lobes;   /* IV_TERM_PLACE */
  guint only_side;             /* IV_TERM_PLACE */
  guint grade_low, grade_high; /* IV_TERM_SEVERITY */
  IvSaidCourse course;         /* IV_TERM_COURSE */
  IvCue cue;                   /* IV_TERM_CUE */
} IvTerm;

/* Immutable. Thread-safety: any. */
typedef struct _IvLexicon IvLexicon;

/* NULL with error (IV_READ_ERROR_INVALID) that names the group and the key. */
IvLexicon *iv_lexicon_new (const char *text, const char *source, GError **error);
/* (transfer none) The reader's own lexicon, CONFIG/interval/lexicon.txt, or the one that ships;
 * read once. A lexicon of the reader's that cannot be used is reported by iv_lexicon_get_problem
 * (). */
IvLexicon *iv_lexicon_get_default (void);
const GError *iv_lexicon_get_problem (void);
/* (transfer full) The lexicon that ships. */
IvLexicon *iv_lexicon_new_shipped (void);
IvLexicon *iv_lexicon_ref (IvLexicon *self);
void iv_lexicon_unref (IvLexicon *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvLexicon, iv_lexicon_unref)

const IvConcept *iv_lexicon_find_concept (const IvLexicon *self, const char *id);
/* (transfer none) All of them, IvConcept *. */
const GPtrArray *iv_lexicon_get_concepts (const IvLexicon *self);
/* What a state says of anatomy, IvConcept *; NULL when nothing. */
const GPtrArray *
iv_lexicon_get_state (const IvLexicon *self, const IvConcept *anatomy, const char *state);

/* TRUE when a is b or a kind of b. */
gboolean iv_concept_is (const IvConcept *a, const IvConcept *b);

/* (transfer full) A word as the lexicon compares it: lower case, singular, American spelling. */
char *iv_lexicon_normalise (const char *word, gssize length);
/* The longest spelling that begins at the first of n words (as normalised); its number of words
 * goes to length. NULL when there is none. */
const IvTerm *
iv_lexicon_match (const IvLexicon *self, const char *const *words, guint n, guint *length);

/* Whether a group of plain words ("section findings", "prior none") has this text, whatever its
 * case. */
gboolean iv_lexicon_has (const IvLexicon *self, const char *group, const char *text, gssize length);
/* The section (name behind "section ") whose heading this is, or NULL. */
const char *iv_lexicon_find_section (const IvLexicon *self, const char *heading, gssize length);

G_END_DECLS
