/* One conversation with a loaded language model: KV cache, prefix reuse, sampling, stop rules.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "model/files/iv-tokenizer.h"
#include "model/generate/iv-sampler.h"
#include "vulkan/iv-vk-device.h"

G_BEGIN_DECLS

/* Thread-safety of all in this header: engine thread. */

typedef struct IvLanguageModel IvLanguageModel; /* weights on the device, shared by sessions */

typedef void (*IvLoadProgressFunc) (double fraction, const char *what, gpointer user_data);

typedef struct {
  const char *file;            /* GGUF or directory */
  guint n_context;             /* 0: the model's own, at most 8192 unless memory allows more */
  IvLoadProgressFunc progress; /* optional */
  gpointer progress_data;
} IvLanguageModelParams;

IvLanguageModel *iv_language_model_new (IvVkDevice *device,
                                        const IvLanguageModelParams *params,
                                        GCancellable *cancellable,
                                        GError **error);
void iv_language_model_free (IvLanguageModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvLanguageModel, iv_language_model_free)
IvTokenizer *iv_language_model_get_tokenizer (IvLanguageModel *model);
IvWeights *iv_language_model_get_weights (IvLanguageModel *model);
guint iv_language_model_get_n_vocab (IvLanguageModel *model);

typedef struct IvSession IvSession;
IvSession *iv_session_new (IvLanguageModel *model, guint n_context, GError **error);
void iv_session_free (IvSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvSession, iv_session_free)

/* Called after every token; FALSE stops at once. piece: whole UTF-8 characters only, may be "". */
typedef gboolean (*IvTokenFunc) (gint32 id, const char *piece, gpointer user_data);

typedef enum { IV_STOP_END, IV_STOP_LENGTH, IV_STOP_CANCELLED, IV_STOP_CONTEXT_FULL } IvStopReason;

typedef struct {
  guint n_evaluated, n_reused,
      n_generated; /* prompt tokens computed, taken from the cache; tokens made */
  double prefill_seconds, decode_seconds;
  IvStopReason stop;
} IvGenerateStats;

typedef struct {
  const gint32 *ids; /* the whole conversation so far; the common prefix with the cache is not
                        computed again */
  guint n_ids;
  IvSampling sampling;
  guint max_tokens; /* 0: until the context is full */
  gboolean ignore_stop;
  IvTokenFunc token;
  gpointer token_data;
} IvGenerateParams;

/* (transfer full) the generated ids. Cancelling is no error: stats->stop says it. */
GArray *iv_session_generate (IvSession *session,
                             const IvGenerateParams *params,
                             IvGenerateStats *stats,
                             GCancellable *cancellable,
                             GError **error);
/* Logits after every position: [n_ids, n_vocab]. (transfer full) */
float *iv_session_logits (IvSession *session, const gint32 *ids, guint n_ids, GError **error);
guint iv_session_get_n_context (IvSession *session);
guint iv_session_get_n_used (IvSession *session);

G_END_DECLS
