/* A Hugging Face directory: its files, and its tensors under GGUF's names.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-hf.h"

#include <string.h>

#include "model/files/iv-model-error.h"

#define INDEX "model.safetensors.index.json"
#define SINGLE "model.safetensors"

static gboolean
fail (GError **error, IvModelError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (GError **error, IvModelError code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autoptr (GError) problem = g_error_new_valist (IV_MODEL_ERROR, (gint) code, format, arguments);
  va_end (arguments);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
has_file (const IvHf *hf, const char *name)
{
  g_autofree char *file = g_build_filename (hf->folder, name, NULL);
  return g_file_test (file, G_FILE_TEST_EXISTS);
}

gboolean
iv_hf_load_json (IvHf *hf, const char *name, JsonNode **root, GError **error)
{
  g_autofree char *file = g_build_filename (hf->folder, name, NULL);
  gsize size;
  *root = NULL;
  if (!has_file (hf, name))
    return TRUE;
  g_autoptr (GBytes) bytes = iv_weights_map_file (file, error);
  if (bytes == NULL)
    return FALSE;
  const char *text = g_bytes_get_data (bytes, &size);
  *root = iv_json_parse (text, size, error);
  if (*root == NULL) {
    g_prefix_error (error, "%s: ", name);
    return FALSE;
  }
  iv_weights_take_bytes (hf->weights, g_steal_pointer (&bytes), size);
  return TRUE;
}

/* Tensors. */

static gboolean
add_view (IvHf *hf, IvTensor *view, guint n_dims, const guint64 *shape, GError **error)
{
  g_autofree char *subject = g_strdup_printf ("tensor %s", view->name);
  return iv_tensor_set_shape (view, subject, n_dims, shape, error) &&
         iv_weights_add_tensor (hf->weights, view, error);
}

/* Three views of a third of the rows each. */
static gboolean
add_qkv (IvHf *hf, const IvSafetensor *tensor, const char *name, GError **error)
{
  static const char *const letters[] = { "attn_q", "attn_k", "attn_v" };
  guint64 shape[2] = { tensor->shape[0] / 3, tensor->n_dims > 1 ? tensor->shape[1] : 1 };
  const char *part = strstr (name, "attn_qkv");
  if (part == NULL || tensor->n_dims < 1 || tensor->n_dims > 2 || tensor->shape[0] % 3 != 0)
    return fail (
        error, IV_MODEL_ERROR_MISMATCH, "tensor %s cannot be split into three parts", tensor->name);
  for (guint i = 0; i < G_N_ELEMENTS (letters); i++) {
    g_autofree char *ours = g_strdup_printf (
        "%.*s%s%s", (gint) (part - name), name, letters[i], part + strlen ("attn_qkv"));
    IvTensor view = { .name = ours, .type = tensor->type };
    view.data = tensor->data + tensor->size / 3 * i;
    if (!add_view (hf, &view, tensor->n_dims, shape, error))
      return FALSE;
  }
  return TRUE;
}

/* [n, channels, time, y, x] to one [n, channels, y, x] for each time slice. */
static gboolean
add_patch (IvHf *hf, const IvSafetensor *tensor, const char *name, GError **error)
{
  if (tensor->n_dims != 5 || tensor->shape[2] < 1 || tensor->shape[2] > 2)
    return fail (error,
                 IV_MODEL_ERROR_MISMATCH,
                 "tensor %s is not of the shape [n, channels, 2, y, x]",
                 tensor->name);
  guint64 shape[4] = { tensor->shape[0], tensor->shape[1], tensor->shape[3], tensor->shape[4] };
  gsize n_slices = tensor->shape[2], n_planes = tensor->shape[0] * tensor->shape[1];
  gsize plane = tensor->size / n_planes / n_slices;
  for (gsize slice = 0; slice < n_slices; slice++) {
    g_autofree char *ours = slice == 0 ? g_strdup (name) : g_strconcat (name, ".1", NULL);
    guint8 *values = g_malloc (n_planes * plane);
    for (gsize i = 0; i < n_planes; i++)
      memcpy (values + i * plane, tensor->data + (i * n_slices + slice) * plane, plane);
    IvTensor view = { .name = ours, .type = tensor->type, .data = values };
    iv_weights_take_bytes (hf->weights, g_bytes_new_take (values, n_planes * plane), 0);
    if (!add_view (hf, &view, G_N_ELEMENTS (shape), shape, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_plus_one (IvHf *hf, const IvSafetensor *tensor, const char *name, GError **error)
{
  gsize n = tensor->size / iv_data_type_get_block_bytes (tensor->type);
  float *values = g_new (float, n);
  iv_data_type_to_f32 (tensor->type, tensor->data, values, n);
  for (gsize i = 0; i < n; i++)
    values[i] += 1;
  IvTensor view = { .name = name, .type = IV_TYPE_F32, .data = values };
  iv_weights_take_bytes (hf->weights, g_bytes_new_take (values, n * sizeof (float)), 0);
  return add_view (hf, &view, tensor->n_dims, tensor->shape, error);
}

/* Whether config.json says this about tie_word_embeddings; FALSE when it is silent. */
static gboolean
says_tied (const IvHf *hf, gboolean wanted)
{
  gboolean is_tied;
  return (iv_json_get_bool (hf->text, "tie_word_embeddings", &is_tied) ||
          iv_json_get_bool (hf->config, "tie_word_embeddings", &is_tied)) &&
         is_tied == wanted;
}

gboolean
iv_hf_add_tensor (IvHf *hf, const IvSafetensor *tensor, GError **error)
{
  static const guint64 one[] = { 1 };
  IvHfChange change;
  g_autofree char *name = iv_hf_translate_name (hf, tensor->name, &change);
  if (name == NULL && change == IV_HF_DROP)
    return TRUE;
  /* Some files write the shared matrix twice. */
  if (g_strcmp0 (name, "output.weight") == 0 && says_tied (hf, TRUE))
    return TRUE;
  if (name == NULL || !tensor->is_weight)
    return fail (error,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 name == NULL ? "tensor %s has no place in a decoder of its architecture"
                              : "tensor %s is not of type F32, F16 or BF16",
                 tensor->name);
  if (change == IV_HF_SPLIT_QKV)
    return add_qkv (hf, tensor, name, error);
  if (change == IV_HF_ADD_ONE)
    return add_plus_one (hf, tensor, name, error);
  if (change == IV_HF_SPLIT_PATCH && g_str_has_suffix (name, ".weight"))
    return add_patch (hf, tensor, name, error);
  IvTensor view = { .name = name, .type = tensor->type, .data = tensor->data };
  return tensor->n_dims == 0 ? add_view (hf, &view, 1, one, error)
                             : add_view (hf, &view, tensor->n_dims, tensor->shape, error);
}

/* Shards. */

static gboolean
read_shard (IvHf *hf, const char *name, GPtrArray *tensors, GError **error)
{
  g_autofree char *file = g_build_filename (hf->folder, name, NULL);
  guint start = tensors->len;
  gsize n_header;
  g_autoptr (GBytes) bytes = iv_weights_map_file (file, error);
  if (bytes == NULL)
    return FALSE;
  gboolean is_read = iv_safetensors_read (bytes, tensors, &n_header, error);
  if (is_read)
    iv_weights_take_mapping (hf->weights, g_steal_pointer (&bytes), n_header);
  for (guint i = start; is_read && i < tensors->len; i++)
    is_read = iv_hf_add_tensor (hf, g_ptr_array_index (tensors, i), error);
  if (!is_read)
    g_prefix_error (error, "%s: ", name);
  return is_read;
}

/* The names of the shards, sorted. A name that leaves the directory is no name of a shard. */
static GPtrArray *
list_shards (JsonObject *map, GError **error)
{
  g_autoptr (GPtrArray) shards = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GList) members = json_object_get_members (map);
  for (GList *item = members; item != NULL; item = item->next) {
    const char *name = iv_json_get_string (map, item->data);
    if (name == NULL || *name == '\0' || strchr (name, '/') != NULL || *name == '.') {
      fail (error,
            IV_MODEL_ERROR_FORMAT,
            INDEX ": weight_map names “%s” for %s, which is no file of the directory",
            name != NULL ? name : "",
            (const char *) item->data);
      return NULL;
    }
    if (g_hash_table_add (seen, (gpointer) name))
      g_ptr_array_add (shards, (gpointer) name);
  }
  return g_steal_pointer (&shards);
}

static gint
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
check_all_found (JsonObject *map, GPtrArray *tensors, GError **error)
{
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GList) members = json_object_get_members (map);
  for (guint i = 0; i < tensors->len; i++)
    g_hash_table_add (found, ((IvSafetensor *) g_ptr_array_index (tensors, i))->name);
  for (GList *item = members; item != NULL; item = item->next)
    if (!g_hash_table_contains (found, item->data))
      return fail (error,
                   IV_MODEL_ERROR_MISMATCH,
                   "%s: tensor %s is missing, which " INDEX " names",
                   iv_json_get_string (map, item->data),
                   (const char *) item->data);
  return TRUE;
}

static gboolean
read_index (IvHf *hf, JsonObject *index, GPtrArray *tensors, GError **error)
{
  JsonObject *map = iv_json_get_object (index, "weight_map");
  if (map == NULL)
    return fail (error, IV_MODEL_ERROR_FORMAT, INDEX ": weight_map is missing or no object");
  g_autoptr (GPtrArray) shards = list_shards (map, error);
  if (shards == NULL)
    return FALSE;
  g_ptr_array_sort (shards, compare_strings);
  for (guint i = 0; i < shards->len; i++)
    if (!read_shard (hf, g_ptr_array_index (shards, i), tensors, error))
      return FALSE;
  return check_all_found (map, tensors, error);
}

static gboolean
read_tensors (IvHf *hf, GError **error)
{
  g_autoptr (GPtrArray) tensors =
      g_ptr_array_new_with_free_func ((GDestroyNotify) iv_safetensor_free);
  g_autoptr (JsonNode) index = NULL;
  if (has_file (hf, SINGLE))
    return read_shard (hf, SINGLE, tensors, error);
  if (!iv_hf_load_json (hf, INDEX, &index, error))
    return FALSE;
  if (index != NULL)
    return read_index (hf, json_node_get_object (index), tensors, error);
  if (has_file (hf, "adapter_config.json"))
    return fail (error,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "only an adapter (LoRA): it has to be merged into its base model first");
  return fail (error,
               IV_MODEL_ERROR_FILE,
               has_file (hf, "pytorch_model.bin") || has_file (hf, "pytorch_model.bin.index.json")
                   ? "only pytorch_model.bin is there; " SINGLE " is wanted"
                   : "neither " SINGLE " nor " INDEX " is there");
}

/* A file without lm_head shares its embeddings, and config.json must agree. */
static gboolean
check_tied (IvHf *hf, GError **error)
{
  if (iv_weights_find (hf->weights, "output.weight") != NULL || !says_tied (hf, FALSE))
    return TRUE;
  return fail (error,
               IV_MODEL_ERROR_MISMATCH,
               "tensor lm_head.weight is missing, though tie_word_embeddings is false");
}

static gboolean
read_all (IvHf *hf, GError **error)
{
  if (!iv_hf_load_json (hf, "config.json", &hf->root, error))
    return FALSE;
  if (hf->root == NULL)
    return fail (error, IV_MODEL_ERROR_FILE, "a directory without config.json is no model");
  hf->config = json_node_get_object (hf->root);
  return iv_hf_read_config (hf, error) && read_tensors (hf, error) && check_tied (hf, error) &&
         iv_hf_read_vision_config (hf, error) && iv_hf_read_tokenizer (hf, error);
}

gboolean
iv_hf_read (IvWeights *weights, const char *folder, GError **error)
{
  IvHf hf = { .weights = weights, .folder = g_strdup (folder) };
  g_autoptr (GError) problem = NULL;
  iv_weights_set_half_split (weights, TRUE);
  gboolean is_read = read_all (&hf, &problem);
  /* What could not be opened is already named with its path. */
  if (!is_read && g_str_has_prefix (problem->message, folder))
    g_propagate_error (error, g_steal_pointer (&problem));
  else if (!is_read)
    g_propagate_prefixed_error (error, g_steal_pointer (&problem), "%s: ", folder);
  g_clear_pointer (&hf.root, json_node_unref);
  g_free (hf.folder);
  return is_read;
}
