/* What the commands that run a language model share: the engine, the model, its options.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"
#include "model/generate/iv-session.h"

G_BEGIN_DECLS

/* Runs a job and waits for it, with SIGINT as below. (transfer full) */
gpointer iv_cli_run_job (IvEngine *engine, const IvEngineJob *job, GError **error);
/* Runs a job on the device of that number and waits for it. Interrupting the program (SIGINT)
 * cancels it the first time and ends the program the second. (transfer full) */
gpointer iv_cli_run_on_device (int device, IvEngineFunc run, gpointer data, GError **error);

typedef struct {
  const char *file;
  guint n_context;
  const char *cache_type;   /* see iv_decoder_cache_type_parse () */
  const char *weights_type; /* see iv_decoder_weights_type_parse () */
  const char *mmproj;       /* with the vision tower; NULL: no images */
} IvCliModelParams;

/* The options that go with them: text points to a string. */
#define IV_CLI_CACHE_TYPE(text)                                                                   \
  {                                                                                               \
    "cache-type", 0, 0, G_OPTION_ARG_STRING, text, "keys, values: auto, f32, f16 or q8_0", "TYPE" \
  }
#define IV_CLI_WEIGHTS_TYPE(text)                                                             \
  {                                                                                           \
    "weights-type", 0, 0, G_OPTION_ARG_STRING, text, "auto, file, q8_0, q4_k or q4_0", "TYPE" \
  }

/* On the engine thread; progress goes to standard error when that is a terminal. */
IvLanguageModel *
iv_cli_load_model (IvEngineContext *context, const IvCliModelParams *params, GError **error);

/* "1 2 3" or "1,2,3" to gint32. (transfer full) */
GArray *iv_cli_parse_ids (const char *text, GError **error);

G_END_DECLS
