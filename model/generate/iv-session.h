/* One conversation with a loaded language model: KV cache, prefix reuse, sampling, stop rules.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/generate/iv-image-prompt.h"
#include "model/generate/iv-language-model.h"
#include "model/generate/iv-lookup.h"
#include "model/generate/iv-sampler.h"

G_BEGIN_DECLS

/* Thread-safety of all in this header: engine thread. */

typedef struct IvSession IvSession;

/* n_context: tokens it holds; 0: the model's. The model must outlive the session. */
IvSession *iv_session_new (IvLanguageModel *model, guint n_context, GError **error);
void iv_session_free (IvSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvSession, iv_session_free)

/* Called after every token; FALSE stops at once. piece: whole UTF-8 characters only, may be "";
 * what was held back (half a character, the beginning of a stop text) comes at the end with id -1.
 */
typedef gboolean (*IvTokenFunc) (gint32 id, const char *piece, gpointer user_data);
/* Called while the prompt is read: tokens done, of those that are not in the cache. */
typedef void (*IvPrefillFunc) (guint n_done, guint n_all, gpointer user_data);

typedef enum {
  IV_STOP_END,          /* the model ended its turn, or a stop text came */
  IV_STOP_LENGTH,       /* max_tokens */
  IV_STOP_CANCELLED,    /* by the cancellable or the token function */
  IV_STOP_CONTEXT_FULL, /* also when the prompt alone does not fit: nothing is generated then */
} IvStopReason;
const char *iv_stop_reason_to_string (IvStopReason reason); /* "context-full" */

typedef struct {
  guint n_evaluated; /* prompt tokens computed */
  guint n_reused;    /* prompt tokens taken from the cache */
  guint n_generated;
  guint n_drafted;        /* tokens of drafts that the network judged */
  guint n_accepted;       /* of these, what it would have chosen too */
  double prefill_seconds; /* to the first token */
  double decode_seconds;  /* from then on */
  IvStopReason stop;
} IvGenerateStats;

typedef struct {
  const gint32 *ids; /* the whole conversation so far; the common prefix with the cache is not
                        computed again */
  guint n_ids;
  const IvPromptImage *images; /* optional: what stands in place of ids, in their order. An image
                                  is the one in the cache when it has the same key, not "" */
  guint n_images;
  IvSampling sampling;
  const IvLogitConstraint *constraint; /* optional */
  guint max_tokens;                    /* 0: until the context is full */
  gboolean ignore_stop;                /* end tokens are tokens like others */
  IvLookupMode lookup;                 /* changes the time, never the answer */
  const char *const *stop_texts;       /* optional, NULL-terminated */
  IvTokenFunc token;                   /* optional */
  gpointer token_data;
  IvPrefillFunc prefill; /* optional */
  gpointer prefill_data;
} IvGenerateParams;

/* (transfer full) gint32, the generated ids without the end token. Cancelling is no error:
 * stats->stop says it. Errors: IV_MODEL_ERROR_INPUT for an id outside the vocabulary, no id at all
 * or images that do not lie apart and within the ids; IV_MODEL_ERROR_MISMATCH for rows of another
 * width than the decoder's; those of the device and of the sampler. */
GArray *iv_session_generate (IvSession *session,
                             const IvGenerateParams *params,
                             IvGenerateStats *stats,
                             GCancellable *cancellable,
                             GError **error);
/* Reads the prompt of params (its ids, images and prefill) and gives the logits [n_vocab] after its
 * last token; nothing is generated. Errors: as above; IV_MODEL_ERROR_INPUT for a prompt that does
 * not fit the context; G_IO_ERROR_CANCELLED. */
gboolean iv_session_read (IvSession *session,
                          const IvGenerateParams *params,
                          float *logits,
                          IvGenerateStats *stats,
                          GCancellable *cancellable,
                          GError **error);
/* Logits after every position: [n_ids, n_vocab]. (transfer full) */
float *iv_session_logits (IvSession *session, const gint32 *ids, guint n_ids, GError **error);
guint iv_session_get_n_context (IvSession *session);
guint iv_session_get_n_used (IvSession *session);

G_END_DECLS
