/* A language model ready for work: weights on the device, tokenizer, warmed-up kernels.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-language-model.h"

#include <time.h>

struct IvLanguageModel {
  IvWeights *weights;
  IvTokenizer *tokenizer;
  IvTokenTrie *token_trie; /* NULL until asked for */
  IvOps *ops;
  IvImageEncoder *encoder; /* or NULL */
  IvDecoder *decoder;
  IvDecoderPlan plan;
  IvLoadTimes times;
};

static const IvTensor *
find_tensor (const char *name, gpointer user_data)
{
  return iv_weights_find (user_data, name);
}

static void
release_tensor (const IvTensor *tensor, gpointer find_data)
{
  iv_weights_release (find_data, tensor);
}

static gboolean
open_files (IvLanguageModel *model,
            const IvLanguageModelParams *params,
            IvDecoderConfig *config,
            GError **error)
{
  model->weights = iv_weights_open (params->file, error);
  if (model->weights == NULL || !iv_decoder_config_read (model->weights, config, error))
    return FALSE;
  model->tokenizer = iv_tokenizer_new (model->weights, error);
  return model->tokenizer != NULL;
}

/* The rows that come out of the tower must be what the decoder takes. */
static gboolean
check_pair (const IvLanguageModelParams *params,
            const IvDecoderConfig *config,
            const IvVisionConfig *vision,
            GError **error)
{
  if (vision->n_out == config->n_embd && vision->n_deepstack == config->n_deepstack)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_MISMATCH,
               "%s gives rows of %u values and %u rows more for each, %s takes %u and %u",
               params->mmproj,
               vision->n_out,
               vision->n_deepstack,
               params->file,
               config->n_embd,
               config->n_deepstack);
  return FALSE;
}

/* Before the plan, which then counts with the memory that is left. */
static gboolean
load_encoder (IvLanguageModel *model,
              const IvLanguageModelParams *params,
              const IvDecoderConfig *config,
              GCancellable *cancellable,
              GError **error)
{
  if (params->mmproj == NULL)
    return TRUE;
  g_autoptr (IvWeights) weights = g_strcmp0 (params->mmproj, params->file) == 0
                                      ? iv_weights_ref (model->weights)
                                      : iv_weights_open (params->mmproj, error);
  if (weights == NULL)
    return FALSE;
  IvImageEncoderParams encoder = { .weights = weights };
  model->encoder = iv_image_encoder_new (model->ops, &encoder, cancellable, error);
  return model->encoder != NULL &&
         check_pair (params, config, iv_image_encoder_get_config (model->encoder), error);
}

/* An image whose rows see one another both ways is one batch. */
static guint
get_n_batch (IvLanguageModel *model, IvVkDevice *device, const IvDecoderConfig *config)
{
  guint n_batch = iv_decoder_get_default_batch (iv_vk_device_get_class (device));
  if (model->encoder == NULL || config->family != IV_DECODER_GEMMA3)
    return n_batch;
  const IvVisionConfig *vision = iv_image_encoder_get_config (model->encoder);
  guint side = vision->table_side / vision->merge;
  return MAX (n_batch, side * side);
}

static gboolean
make_plan (IvVkDevice *device,
           const IvLanguageModelParams *params,
           IvWeights *weights,
           const IvDecoderConfig *config,
           IvDecoderPlan *plan,
           GError **error)
{
  IvDecoderPlanParams wanted = { .config = config,
                                 .find = find_tensor,
                                 .find_data = weights,
                                 .n_context = params->n_context,
                                 .cache_type = params->cache_type,
                                 .weights_type = params->weights_type };
  IvDecoderMemory memory = iv_decoder_memory_of_device (device);
  if (params->memory_limit > 0)
    memory.available = MIN (memory.available, params->memory_limit);
  if (iv_decoder_plan_make (plan, &memory, &wanted, error))
    return TRUE;
  g_prefix_error (error, "%s: ", params->file);
  return FALSE;
}

gboolean
iv_language_model_plan (IvVkDevice *device,
                        const IvLanguageModelParams *params,
                        IvDecoderPlan *plan,
                        GError **error)
{
  IvDecoderConfig config;
  g_autoptr (IvWeights) weights = iv_weights_open (params->file, error);
  return weights != NULL && iv_decoder_config_read (weights, &config, error) &&
         make_plan (device, params, weights, &config, plan, error);
}

static double
get_processor_seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

static double
seconds_since (gint64 *start)
{
  gint64 now = g_get_monotonic_time ();
  double seconds = (double) (now - *start) / G_USEC_PER_SEC;
  *start = now;
  return seconds;
}

static gboolean
load (IvLanguageModel *model,
      const IvLanguageModelParams *params,
      const IvDecoderConfig *config,
      GCancellable *cancellable,
      GError **error)
{
  IvVkDevice *device = iv_ops_get_device (model->ops);
  IvDecoderParams decoder = { .weights = { .config = config,
                                           .find = find_tensor,
                                           .find_data = model->weights,
                                           .host_table = model->plan.host_table,
                                           .n_host_layers = model->plan.n_host_layers,
                                           .recipe = model->plan.recipe,
                                           .release = release_tensor,
                                           .progress = params->progress,
                                           .progress_data = params->progress_data },
                              .n_batch = get_n_batch (model, device, config) };
  model->decoder = iv_decoder_new (model->ops, &decoder, cancellable, error);
  return model->decoder != NULL;
}

IvLanguageModel *
iv_language_model_new (IvVkDevice *device,
                       const IvLanguageModelParams *params,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (IvLanguageModel) model = g_new0 (IvLanguageModel, 1);
  IvDecoderConfig config;
  gint64 start = g_get_monotonic_time ();
  if (!open_files (model, params, &config, error))
    return NULL;
  model->times.open_seconds = seconds_since (&start);
  double cpu_start = get_processor_seconds ();
  model->ops = iv_ops_new (device, error);
  if (model->ops == NULL || !load_encoder (model, params, &config, cancellable, error) ||
      !make_plan (device, params, model->weights, &config, &model->plan, error) ||
      !load (model, params, &config, cancellable, error))
    return NULL;
  model->times.load_seconds = seconds_since (&start);
  model->times.load_cpu_seconds = get_processor_seconds () - cpu_start;
  if (!iv_decoder_tune (model->decoder, params->progress, params->progress_data, error))
    return NULL;
  if (params->progress != NULL)
    params->progress (1, "preparing the kernels", params->progress_data);
  if (!iv_decoder_warm_up (model->decoder, model->plan.cache_type, cancellable, error))
    return NULL;
  model->times.warm_up_seconds = seconds_since (&start);
  return g_steal_pointer (&model);
}

void
iv_language_model_free (IvLanguageModel *model)
{
  g_clear_pointer (&model->decoder, iv_decoder_free);
  g_clear_pointer (&model->encoder, iv_image_encoder_free);
  g_clear_pointer (&model->ops, iv_ops_free);
  g_clear_pointer (&model->token_trie, iv_token_trie_free);
  g_clear_pointer (&model->tokenizer, iv_tokenizer_free);
  g_clear_pointer (&model->weights, iv_weights_unref);
  g_free (model);
}

const IvTokenTrie *
iv_language_model_get_token_trie (IvLanguageModel *model)
{
  if (model->token_trie == NULL)
    model->token_trie = iv_token_trie_new (model->tokenizer);
  return model->token_trie;
}

IvTokenizer *
iv_language_model_get_tokenizer (IvLanguageModel *model)
{
  return model->tokenizer;
}

IvWeights *
iv_language_model_get_weights (IvLanguageModel *model)
{
  return model->weights;
}

IvDecoder *
iv_language_model_get_decoder (IvLanguageModel *model)
{
  return model->decoder;
}

IvImageEncoder *
iv_language_model_get_encoder (IvLanguageModel *model)
{
  return model->encoder;
}

guint
iv_language_model_get_n_vocab (IvLanguageModel *model)
{
  return iv_decoder_get_config (model->decoder)->n_vocab;
}

guint
iv_language_model_get_n_context (IvLanguageModel *model)
{
  return model->plan.n_context;
}

const IvDecoderPlan *
iv_language_model_get_plan (IvLanguageModel *model)
{
  return &model->plan;
}

/* The type that most of the bytes have; norms and embeddings are often kept wider. */
static IvDataType
find_main_type (IvWeights *weights)
{
  gsize sizes[64] = { 0 };
  guint most = 0;
  for (guint i = 0; i < iv_weights_get_n_tensors (weights); i++) {
    const IvTensor *tensor = iv_weights_get_tensor (weights, i);
    if ((guint) tensor->type < G_N_ELEMENTS (sizes))
      sizes[tensor->type] += tensor->size;
  }
  for (guint i = 1; i < G_N_ELEMENTS (sizes); i++)
    if (sizes[i] > sizes[most])
      most = i;
  return (IvDataType) most;
}

char *
iv_language_model_describe_weights (IvLanguageModel *model)
{
  const char *type = iv_data_type_to_string (find_main_type (model->weights));
  const IvQuantRecipe *recipe = model->plan.recipe;
  if (recipe == NULL)
    return g_strdup (type);
  return g_strdup_printf ("%s → %s", type, iv_data_type_to_string (recipe->type));
}

IvDataType
iv_language_model_get_cache_type (IvLanguageModel *model)
{
  return model->plan.cache_type;
}

IvLoadTimes
iv_language_model_get_load_times (IvLanguageModel *model)
{
  return model->times;
}
