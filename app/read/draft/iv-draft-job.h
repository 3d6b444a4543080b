/* The part of report drafting that runs on the engine thread.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"
#include "app/read/draft/iv-draft-template.h"
#include "app/read/iv-draft.h"

G_BEGIN_DECLS

/* A film that the model is to see. */
typedef struct {
  IvRadiograph *radiograph; /* (owned) */
  IvDraftParts part;
} IvDraftRequestFilm;

/* One draft that is asked for. */
typedef struct {
  char *model;                     /* GGUF file or directory */
  char *mmproj;                    /* NULL: see iv_draft_model_find_mmproj () */
  char *family;                    /* of the prompt; NULL: by the model's files */
  GArray *films;                   /* IvDraftRequestFilm; the first is the current frontal one */
  char *indication, *prior_report; /* or NULL */
  int days;                        /* prior to current, negative when not known */
  IvComparison *comparison;        /* (owned) or NULL */
  double threshold;                /* of its changes */
  gboolean has_sampling;           /* else the template's */
  IvSampling sampling;
  guint max_tokens;     /* 0: the template's */
  gboolean is_unplaced; /* asks for no boxes */
} IvDraftRequest;
IvDraftRequest *iv_draft_request_new (const char *model);
void
iv_draft_request_add_film (IvDraftRequest *request, IvRadiograph *radiograph, IvDraftParts part);
void iv_draft_request_free (IvDraftRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvDraftRequest, iv_draft_request_free)

typedef enum {
  IV_DRAFT_STAGE_LOADING,  /* the model */
  IV_DRAFT_STAGE_LOOKING,  /* at the films */
  IV_DRAFT_STAGE_READING,  /* the prompt */
  IV_DRAFT_STAGE_WRITING,  /* text comes */
  IV_DRAFT_STAGE_LOCATING, /* boxes are asked for */
} IvDraftStage;

/* Streamed while a draft is written. */
typedef struct {
  IvDraftStage stage;
  char *text; /* what the model wrote next, may be "" */
} IvDraftPiece;
void iv_draft_piece_free (IvDraftPiece *piece);

/* IvEngineFunc. data: IvDraftRequest. Streams IvDraftPiece. Result: IvDraft. A request that is
 * cancelled while it writes gives what is there as IV_DRAFT_STOPPED; before that,
 * G_IO_ERROR_CANCELLED. Errors: those of the model, of the template, IV_READ_ERROR_CONTEXT_FULL. */
gpointer iv_draft_job_run (IvEngineContext *context, gpointer data, GError **error);

G_END_DECLS
