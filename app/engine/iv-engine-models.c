/* Language models that stay on the engine thread between jobs and share one memory.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/engine/iv-engine-models.h"

#include <string.h>
#include <sys/stat.h>

#define KEPT "language-models"

typedef struct {
  char *name;
  gpointer value;
  GDestroyNotify free_func;
} Attached;

typedef struct {
  char *identity;
  IvLanguageModel *model;
  guint64 size; /* bytes that its plan counts with */
  GPtrArray *attached;
} Resident;

static void
attached_free (Attached *attached)
{
  if (attached->free_func != NULL)
    attached->free_func (attached->value);
  g_free (attached->name);
  g_free (attached);
}

static void
resident_free (Resident *resident)
{
  g_ptr_array_unref (resident->attached);
  iv_language_model_free (resident->model);
  g_free (resident->identity);
  g_free (resident);
}

/* --- which file it is --------------------------------------------------------------------- */

static void
append_status (GString *identity, const char *path)
{
  struct stat status;
  if (stat (path, &status) == 0)
    g_string_append_printf (identity,
                            "|%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT
                            " %" G_GINT64_FORMAT ".%09ld",
                            path,
                            (guint64) status.st_dev,
                            (guint64) status.st_ino,
                            (gint64) status.st_size,
                            (gint64) status.st_mtim.tv_sec,
                            status.st_mtim.tv_nsec);
  else
    g_string_append_printf (identity, "|%s", path);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* A directory is the files in it, in the order of their names. */
static void
append_path (GString *identity, const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  append_status (identity, path);
  for (const char *name; folder != NULL && (name = g_dir_read_name (folder)) != NULL;)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    append_status (identity, names->pdata[i]);
}

static char *
identify (const IvLanguageModelParams *params)
{
  const IvQuantRecipe *recipe = params->weights_type.recipe;
  GString *identity = g_string_new (NULL);
  g_string_append_printf (identity,
                          "%u %d %s %d %d",
                          params->n_context,
                          params->weights_type.is_fixed,
                          recipe != NULL ? recipe->name : "",
                          params->cache_type.is_fixed,
                          params->cache_type.type);
  append_path (identity, params->file);
  if (params->mmproj != NULL)
    append_path (identity, params->mmproj);
  return g_string_free (identity, FALSE);
}

/* --- who stays ---------------------------------------------------------------------------- */

/* Resident *, the least recently used first. */
static GPtrArray *
get_residents (IvEngineContext *context)
{
  GPtrArray *residents = iv_engine_context_get_kept (context, KEPT);
  if (residents == NULL) {
    residents = g_ptr_array_new_with_free_func ((GDestroyNotify) resident_free);
    iv_engine_context_keep (context, KEPT, residents, (GDestroyNotify) g_ptr_array_unref);
  }
  return residents;
}

static Resident *
find_model (GPtrArray *residents, IvLanguageModel *model)
{
  for (guint i = 0; i < residents->len; i++) {
    Resident *resident = residents->pdata[i];
    if (resident->model == model)
      return resident;
  }
  return NULL;
}

/* Makes it the last used. */
static Resident *
find_identity (GPtrArray *residents, const char *identity)
{
  for (guint i = 0; i < residents->len; i++) {
    Resident *resident = residents->pdata[i];
    if (!g_str_equal (resident->identity, identity))
      continue;
    g_ptr_array_steal_index (residents, i);
    g_ptr_array_add (residents, resident);
    return resident;
  }
  return NULL;
}

static guint64
sum_sizes (GPtrArray *residents)
{
  guint64 size = 0;
  for (guint i = 0; i < residents->len; i++)
    size += ((const Resident *) residents->pdata[i])->size;
  return size;
}

/* What is left of the limit; 1 when it is used up, since 0 is no limit. */
static guint64
get_rest (GPtrArray *residents, guint64 limit)
{
  guint64 used = sum_sizes (residents);
  if (limit == 0)
    return 0;
  return limit > used ? limit - used : 1;
}

/* Frees the least recently used until the model has all it asked for, or none is left. */
static void
make_room (GPtrArray *residents, IvVkDevice *device, const IvLanguageModelParams *params)
{
  while (residents->len > 0) {
    IvLanguageModelParams rest = *params;
    IvDecoderPlan plan;
    rest.memory_limit = get_rest (residents, params->memory_limit);
    if (iv_language_model_plan (device, &rest, &plan, NULL) && plan.is_ample)
      return;
    g_ptr_array_remove_index (residents, 0);
  }
}

/* The engine's types where the job asks for none. */
static gboolean
complete_params (IvEngineContext *context, IvLanguageModelParams *params, GError **error)
{
  const IvEngineParams *engine = iv_engine_context_get_params (context);
  return (params->weights_type.is_fixed ||
          iv_decoder_weights_type_parse (&params->weights_type, engine->weights_type, error)) &&
         (params->cache_type.is_fixed ||
          iv_decoder_cache_type_parse (&params->cache_type, engine->cache_type, error));
}

/* Bytes on the device, of the decoder and of the tower. */
static guint64
get_size (IvLanguageModel *model)
{
  IvImageEncoder *encoder = iv_language_model_get_encoder (model);
  guint64 tower = encoder != NULL ? iv_vision_get_size (iv_image_encoder_get_vision (encoder)) : 0;
  return iv_decoder_plan_get_size (iv_language_model_get_plan (model)) + tower;
}

IvLanguageModel *
iv_engine_models_get (IvEngineContext *context, const IvLanguageModelParams *asked, GError **error)
{
  IvLanguageModelParams complete = *asked, *params = &complete;
  IvVkDevice *device = iv_engine_context_get_device (context, error);
  if (device == NULL || !complete_params (context, params, error))
    return NULL;
  GPtrArray *residents = get_residents (context);
  g_autofree char *identity = identify (params);
  Resident *resident = find_identity (residents, identity);
  if (resident != NULL)
    return resident->model;
  make_room (residents, device, params);
  IvLanguageModelParams rest = *params;
  rest.memory_limit = get_rest (residents, params->memory_limit);
  IvLanguageModel *model =
      iv_language_model_new (device, &rest, iv_engine_context_get_cancellable (context), error);
  if (model == NULL)
    return NULL;
  resident = g_new0 (Resident, 1);
  resident->identity = g_steal_pointer (&identity);
  resident->model = model;
  resident->size = get_size (model);
  resident->attached = g_ptr_array_new_with_free_func ((GDestroyNotify) attached_free);
  g_ptr_array_add (residents, resident);
  return model;
}

/* --- what belongs to them ----------------------------------------------------------------- */

gpointer
iv_engine_models_get_attached (IvEngineContext *context, IvLanguageModel *model, const char *name)
{
  Resident *resident = find_model (get_residents (context), model);
  for (guint i = 0; resident != NULL && i < resident->attached->len; i++) {
    const Attached *attached = resident->attached->pdata[i];
    if (g_str_equal (attached->name, name))
      return attached->value;
  }
  return NULL;
}

void
iv_engine_models_attach (IvEngineContext *context,
                         IvLanguageModel *model,
                         const char *name,
                         gpointer value,
                         GDestroyNotify free_func)
{
  Resident *resident = find_model (get_residents (context), model);
  g_return_if_fail (resident != NULL);
  for (guint i = resident->attached->len; i > 0; i--) {
    const Attached *attached = resident->attached->pdata[i - 1];
    if (g_str_equal (attached->name, name))
      g_ptr_array_remove_index (resident->attached, i - 1);
  }
  Attached *attached = g_new (Attached, 1);
  *attached = (Attached){ g_strdup (name), value, free_func };
  g_ptr_array_add (resident->attached, attached);
}

guint
iv_engine_models_count (IvEngineContext *context)
{
  return get_residents (context)->len;
}

void
iv_engine_models_drop (IvEngineContext *context)
{
  iv_engine_context_keep (context, KEPT, NULL, NULL);
}
