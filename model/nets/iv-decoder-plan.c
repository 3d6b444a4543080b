/* What of a decoder goes to the device's memory, and how long a context is left.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-decoder-plan.h"

/* A conversation about a study seldom needs more, and the cache of some models is large. */
#define DEFAULT_CONTEXT 8192
/* Below this a session is of no use. */
#define LEAST_CONTEXT 256
/* A case, a question and its answer: weights are made narrower before this is given up. */
#define WORTHY_CONTEXT 2048
/* The part of the memory that may go to wider keys and values. */
#define CACHE_SHARE 8
/* Rounding and alignment of many buffers, pipelines, staging. */
#define SPARE_BYTES (G_GUINT64_CONSTANT (64) << 20)

typedef struct {
  IvDecoderPlan *plan;
  const IvDecoderPlanParams *params;
  const IvDecoderMemory *memory;
  IvDecoderWeightsParams weights;
} Planner;

static guint64
estimate_cache (const Planner *p, guint n_slots)
{
  const IvDecoderConfig *c = p->params->config;
  IvKvCacheParams cache = { c->n_layers, c->n_kv, c->head_dim, n_slots, p->plan->cache_type };
  return iv_kv_cache_estimate_size (p->memory->device_class, &cache);
}

static guint64
estimate_activations (const Planner *p)
{
  const IvDecoderConfig *c = p->params->config;
  guint64 n_batch = iv_decoder_get_default_batch (p->memory->device_class);
  guint64 width = 2 * (guint64) c->n_embd + 2 * (guint64) (c->n_head + c->n_kv) * c->head_dim +
                  2 * (guint64) c->n_ffn + 2 * (guint64) c->head_dim;
  return sizeof (float) * (n_batch * width + c->n_vocab);
}

static gboolean
fits (const Planner *p, guint n_context)
{
  const IvDecoderPlan *plan = p->plan;
  return plan->device_weights + plan->activations + estimate_cache (p, n_context) + SPARE_BYTES <=
         plan->available;
}

static void
move_to_host (Planner *p, guint64 size)
{
  p->plan->device_weights -= size;
  p->plan->host_weights += size;
}

/* Until a context of n fits, or nothing more can go. The embedding table goes first: one row of it
 * is read for a token. */
static void
relieve_device (Planner *p, guint n, guint64 table)
{
  IvDecoderPlan *plan = p->plan;
  const IvDecoderConfig *c = p->params->config;
  if (table > 0 && !fits (p, n)) {
    plan->host_table = TRUE;
    move_to_host (p, table);
  }
  while (!fits (p, n) && plan->n_host_layers < c->n_layers) {
    guint layer = c->n_layers - ++plan->n_host_layers;
    move_to_host (p,
                  iv_decoder_weights_estimate_layer (p->memory->device_class, &p->weights, layer));
  }
}

/* The largest context up to most that fits, by halving the interval. */
static guint
find_context (const Planner *p, guint most)
{
  guint low = 0, high = most;
  while (low < high) {
    guint middle = low + (high - low + 1) / 2;
    if (fits (p, middle))
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

static gboolean
refuse (const Planner *p, guint n, GError **error)
{
  const IvDecoderPlan *plan = p->plan;
  g_autofree char *need = g_format_size_full (plan->device_weights + plan->activations +
                                                  estimate_cache (p, n) + SPARE_BYTES,
                                              G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *have = g_format_size_full (plan->available, G_FORMAT_SIZE_IEC_UNITS);
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_MEMORY,
               "the model needs %s with a context of %u tokens, but %s has %s free",
               need,
               n,
               p->memory->device,
               have);
  return FALSE;
}

IvDecoderMemory
iv_decoder_memory_of_device (IvVkDevice *device)
{
  const IvVkDeviceInfo *info = iv_vk_device_get_info (device);
  IvDecoderMemory memory = { info->name,
                             iv_vk_device_get_class (device),
                             .unified = info->unified };
  guint64 used;
  iv_vk_device_get_memory (device, &used, &memory.available);
  return memory;
}

gboolean
iv_decoder_weights_type_parse (IvDecoderWeightsType *type, const char *name, GError **error)
{
  *type = (IvDecoderWeightsType){ 0 };
  if (name == NULL || *name == '\0' || g_ascii_strcasecmp (name, "auto") == 0)
    return TRUE;
  type->is_fixed = TRUE;
  if (g_ascii_strcasecmp (name, "file") == 0)
    return TRUE;
  type->recipe = iv_quant_recipe_find_for_loading (name);
  if (type->recipe != NULL)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_INPUT,
               "weights cannot be loaded as “%s”; there are auto, file, q8_0, q4_k and q4_0",
               name);
  return FALSE;
}

gboolean
iv_decoder_cache_type_parse (IvDecoderCacheType *type, const char *name, GError **error)
{
  *type = (IvDecoderCacheType){ 0 };
  if (name == NULL || *name == '\0' || g_ascii_strcasecmp (name, "auto") == 0)
    return TRUE;
  type->is_fixed = TRUE;
  if (iv_data_type_from_string (name, &type->type) &&
      (type->type == IV_TYPE_F32 || type->type == IV_TYPE_F16 || type->type == IV_TYPE_Q8_0))
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_INPUT,
               "keys and values cannot be kept as “%s”; there are auto, f32, f16 and q8_0",
               name);
  return FALSE;
}

/* The type to begin with: F32, which costs nothing in time on CPU devices, while it costs little
 * memory. */
static IvDataType
choose_cache (Planner *p, guint n)
{
  p->plan->cache_type = IV_TYPE_F32;
  gboolean is_cheap = p->memory->device_class == IV_VK_CLASS_CPU &&
                      estimate_cache (p, n) <= p->plan->available / CACHE_SHARE;
  return is_cheap ? IV_TYPE_F32 : IV_TYPE_F16;
}

/* Q8_0 where a context of n fits only so. */
static void
narrow_cache (Planner *p, guint n)
{
  if (p->params->cache_type.is_fixed || fits (p, n) || p->params->config->head_dim % 32 != 0)
    return;
  p->plan->cache_type = IV_TYPE_Q8_0;
}

/* Takes a recipe up. The table of the result is what the host may hold instead. */
static guint64
use_recipe (Planner *p, const IvQuantRecipe *recipe)
{
  p->weights.recipe = recipe;
  IvDecoderSize size = iv_decoder_weights_estimate (p->memory->device_class, &p->weights);
  p->plan->recipe = recipe;
  p->plan->device_weights = size.table + size.output + size.layers;
  p->plan->converted = recipe != NULL ? iv_decoder_weights_count_converted (&p->weights) : 0;
  if (p->plan->converted == 0)
    p->plan->recipe = NULL;
  return size.table;
}

/* The widest weights with which a context of n fits; else the narrowest that change anything. */
static guint64
choose_weights (Planner *p, guint n)
{
  static const char *const narrower[] = { "q8_0", "q4_k" };
  const IvDecoderWeightsType *type = &p->params->weights_type;
  guint64 table = use_recipe (p, type->is_fixed ? type->recipe : NULL);
  for (guint i = 0; !type->is_fixed && i < G_N_ELEMENTS (narrower) && !fits (p, n); i++)
    table = use_recipe (p, iv_quant_recipe_find_for_loading (narrower[i]));
  return table;
}

gboolean
iv_decoder_plan_make (IvDecoderPlan *plan,
                      const IvDecoderMemory *memory,
                      const IvDecoderPlanParams *params,
                      GError **error)
{
  const IvDecoderConfig *c = params->config;
  Planner p = { plan, params, memory };
  p.weights =
      (IvDecoderWeightsParams){ .config = c, .find = params->find, .find_data = params->find_data };
  *plan = (IvDecoderPlan){ .available = memory->available };
  plan->activations = estimate_activations (&p);
  guint wanted = params->n_context > 0 ? params->n_context : MIN (c->n_context, DEFAULT_CONTEXT);
  guint least = params->n_context > 0 ? wanted : MIN (wanted, LEAST_CONTEXT);
  plan->cache_type =
      params->cache_type.is_fixed ? params->cache_type.type : choose_cache (&p, wanted);
  guint64 table =
      choose_weights (&p, params->n_context > 0 ? wanted : MIN (wanted, WORTHY_CONTEXT));
  narrow_cache (&p, wanted);
  /* A cache is padded once: two points tell what a token adds. */
  plan->cache_per_token = (estimate_cache (&p, 2048) - estimate_cache (&p, 1024)) / 1024;
  if (!memory->unified)
    relieve_device (&p, least, table);
  if (!fits (&p, least))
    return refuse (&p, least, error);
  plan->n_context_fits = find_context (&p, MAX (c->n_context, wanted));
  plan->n_context = MIN (wanted, plan->n_context_fits);
  gboolean is_narrow = (plan->recipe != NULL && !params->weights_type.is_fixed) ||
                       (plan->cache_type == IV_TYPE_Q8_0 && !params->cache_type.is_fixed);
  plan->is_ample = !is_narrow && plan->host_weights == 0 && plan->n_context == wanted;
  return TRUE;
}

guint64
iv_decoder_plan_get_size (const IvDecoderPlan *plan)
{
  return plan->device_weights + plan->activations + plan->cache_per_token * plan->n_context +
         SPARE_BYTES;
}
