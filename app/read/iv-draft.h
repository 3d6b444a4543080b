/* A drafted report: what the model wrote, what is shown of it, where each sentence's place is, and
 * what made it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

#include "app/compare/iv-comparison.h"
#include "app/read/draft/iv-model-boxes.h"
#include "app/read/iv-report.h"
#include "model/generate/iv-sampler.h"

G_BEGIN_DECLS

typedef enum {
  IV_DRAFT_WHOLE,
  IV_DRAFT_STOPPED, /* by the reader */
  IV_DRAFT_CUT_OFF, /* the longest answer or the context was reached */
} IvDraftEnd;
const char *iv_draft_end_to_string (IvDraftEnd end); /* "whole", stable */

/* What says where a sentence's finding is. */
typedef enum {
  IV_EVIDENCE_MODEL,  /* a box of the model */
  IV_EVIDENCE_CHANGE, /* a region of change whose side, zone and direction match its words */
} IvEvidence;
const char *iv_evidence_to_string (IvEvidence evidence); /* "model", stable */

typedef struct {
  IvEvidence evidence;
  IvFilmBox box; /* pixels of the current film */
} IvDraftPlace;

/* A sentence that was taken out of the text. */
typedef struct {
  char *sentence;
  char *word; /* of comparison, without a prior to compare with */
} IvDraftRemoval;

/* Everything that made a draft. Strings are "" where they are not known. */
typedef struct {
  char *model; /* general.name, or the file's name */
  char *file;
  char *architecture;  /* "qwen2vl" */
  char *quantisation;  /* "BF16 → Q8_0" */
  char *digest;        /* of metadata and samples of the weights: see iv_weights_get_digest () */
  char *sha256;        /* of the file, or of a directory's index */
  char *prompt;        /* family of the template */
  char *prompt_source; /* its file */
  char *device;        /* device and driver */
  char *version;       /* of Interval */
  char *time;          /* ISO 8601, local */
  char **films;        /* SOP instance UIDs in the prompt's order; the pixels' digest without one */
  gboolean has_prior, has_prior_report; /* told to the model */
  IvSampling sampling;
  guint max_tokens;
  guint n_prompt, n_generated; /* tokens */
  double seconds;
} IvDraftProvenance;

/* Immutable, reference counted. Thread-safety of all in this header: any. */
typedef struct {
  gatomicrefcount references;
  IvDraftEnd end;
  char *raw;         /* all that the model wrote, its thoughts and boxes as well */
  char *text;        /* the report */
  IvReport *report;  /* text, parsed */
  GPtrArray *places; /* GArray of IvDraftPlace for each sentence of report; empty: no image
                        evidence */
  GArray *removals;  /* IvDraftRemoval */
  IvDraftProvenance provenance;
} IvDraft;

/* What a draft is made of; taken. places may be NULL: none for any sentence. */
typedef struct {
  IvDraftEnd end;
  char *raw, *text;
  GPtrArray *places;
  GArray *removals;
  IvDraftProvenance provenance;
} IvDraftParams;

/* (transfer full) An empty list of IvDraftRemoval, and of places for n sentences. */
GArray *iv_draft_removals_new (void);
GPtrArray *iv_draft_places_new (guint n_sentences);
IvDraft *iv_draft_new (IvDraftParams *params);
IvDraft *iv_draft_ref (IvDraft *draft);
void iv_draft_unref (IvDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvDraft, iv_draft_unref)

/* (transfer full) The draft as an object: "text", "sections", "sentences" with their places,
 * "removed", "raw", "end", "provenance". */
JsonNode *iv_draft_to_json (const IvDraft *draft);
/* Back from it. Errors: IV_READ_ERROR_INVALID names the member. (transfer full) */
IvDraft *iv_draft_from_json (JsonNode *node, GError **error);

G_END_DECLS
