/* A report draft's prompt from its template: texts with the images' marks, and their order.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/draft/iv-draft-template.h"
#include "app/read/iv-chat-job.h"

G_BEGIN_DECLS

/* A film that the model may be shown. */
typedef struct {
  IvDraftParts part; /* IV_DRAFT_CURRENT, _LATERAL (any further view of today) or _PRIOR */
  IvView view;
} IvDraftFilm;

/* Borrowed; NULL or negative where it is not known. */
typedef struct {
  const IvDraftFilm *films;
  guint n_films;
  const char *indication, *technique, *prior_report, *sex, *language;
  int days; /* between the films */
  int age;  /* years */
  /* Control tokens in these texts are made harmless: see iv_chat_neutralise (). Optional. */
  IvControlTokenFunc is_control;
  gpointer control_data;
} IvDraftPromptInput;

typedef struct {
  char *system;  /* NULL: none */
  char *user;    /* with one IV_IMAGE_MARK for each film shown */
  GArray *shown; /* guint: the film behind each mark */
  guint used;    /* IvDraftParts that the prompt speaks of */
} IvDraftPrompt;

/* What is there and the template has no place for is left out; used says so. Errors:
 * IV_READ_ERROR_INVALID without a current film. (transfer full) Thread-safety: any. */
IvDraftPrompt *iv_draft_prompt_new (const IvDraftTemplate *template,
                                    const IvDraftPromptInput *input,
                                    GError **error);
void iv_draft_prompt_free (IvDraftPrompt *prompt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvDraftPrompt, iv_draft_prompt_free)

/* (transfer full) The question behind the draft, where the sentences are: "1. …" one a line. NULL
 * when the template has none. */
char *iv_draft_prompt_locate (const IvDraftTemplate *template,
                              const IvDraftPromptInput *input,
                              const char *sentences);

G_END_DECLS
