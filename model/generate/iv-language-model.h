/* A language model ready for work: weights on the device, tokenizer, warmed-up kernels.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-tokenizer.h"
#include "model/generate/iv-image-encoder.h"
#include "model/generate/constrain/iv-token-trie.h"
#include "model/nets/iv-decoder-plan.h"

G_BEGIN_DECLS

/* Thread-safety of all in this header: engine thread. */

typedef struct IvLanguageModel IvLanguageModel;

typedef struct {
  const char *file;   /* GGUF or directory */
  const char *mmproj; /* file or directory with its vision tower, perhaps the same; NULL: none */
  guint n_context;    /* of its sessions; 0: the model's own, at most 8192, less when memory
                         is short */
  IvDecoderCacheType cache_type;
  IvDecoderWeightsType weights_type;
  guint64 memory_limit;        /* bytes that may be planned with; 0: what the device has free */
  IvLoadProgressFunc progress; /* optional */
  gpointer progress_data;
} IvLanguageModelParams;

/* Seconds that loading took, told apart. */
typedef struct {
  double open_seconds;     /* reading and checking the file, tokenizer */
  double load_seconds;     /* weights to the device */
  double load_cpu_seconds; /* the same in processor time of all threads */
  double warm_up_seconds;  /* compilers */
} IvLoadTimes;

/* Errors: IV_MODEL_ERROR naming what is wrong with a file, that the two do not belong together, or
 * that the model does not fit the device;
 * those of the device; G_IO_ERROR_CANCELLED. device must outlive the model. */
IvLanguageModel *iv_language_model_new (IvVkDevice *device,
                                        const IvLanguageModelParams *params,
                                        GCancellable *cancellable,
                                        GError **error);
/* What that would plan, without loading. Errors: the same, but for those of loading. */
gboolean iv_language_model_plan (IvVkDevice *device,
                                 const IvLanguageModelParams *params,
                                 IvDecoderPlan *plan,
                                 GError **error);
void iv_language_model_free (IvLanguageModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvLanguageModel, iv_language_model_free)

/* (transfer none) all. */
IvTokenizer *iv_language_model_get_tokenizer (IvLanguageModel *model);
IvWeights *iv_language_model_get_weights (IvLanguageModel *model);
/* Of the tokenizer; made when first asked for. */
const IvTokenTrie *iv_language_model_get_token_trie (IvLanguageModel *model);
IvDecoder *iv_language_model_get_decoder (IvLanguageModel *model);
/* NULL for a model without a vision tower. */
IvImageEncoder *iv_language_model_get_encoder (IvLanguageModel *model);
guint iv_language_model_get_n_vocab (IvLanguageModel *model);
/* Of a session that asks for no size of its own. */
guint iv_language_model_get_n_context (IvLanguageModel *model);
const IvDecoderPlan *iv_language_model_get_plan (IvLanguageModel *model);
/* (transfer full) What the weights are for those who read it: the file's type of most bytes, and
 * what it became while it was loaded: "BF16", "BF16 → Q8_0". */
char *iv_language_model_describe_weights (IvLanguageModel *model);
IvDataType iv_language_model_get_cache_type (IvLanguageModel *model);
IvLoadTimes iv_language_model_get_load_times (IvLanguageModel *model);

G_END_DECLS
