/* The vision-language model that drafts reports, and what goes with it between drafts.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"
#include "model/files/iv-chat-template.h"
#include "model/files/iv-image-processor-config.h"
#include "model/generate/iv-session.h"

G_BEGIN_DECLS

/* Belongs to the resident model; all of it is alive until the job ends or asks for another model.
 */
typedef struct {
  char *file, *mmproj;
  IvLanguageModel *model;
  IvSession *session;
  IvChatTemplate *chat_template; /* guessed where the files have none */
  IvImageProcessorConfig processor;
  const char *projector; /* IvVisionConfig.projector */
} IvDraftModel;

/* (transfer full) Where the vision tower of a model is: the directory itself, mmproj-NAME.gguf or
 * the only mmproj file beside a GGUF file. Errors: IV_READ_ERROR_NO_MODEL says what is missing.
 * Thread-safety: any. */
char *iv_draft_model_find_mmproj (const char *file, GError **error);

/* The resident model of these files, or loads it. mmproj: NULL to look for it. Errors: those of
 * iv_engine_models_get (), IV_READ_ERROR_NO_MODEL for one without a vision tower. (transfer none)
 * Thread-safety: engine thread. */
IvDraftModel *iv_draft_model_ensure (IvEngineContext *context,
                                     const char *file,
                                     const char *mmproj,
                                     GError **error);

G_END_DECLS
