/* The weights and the metadata of a model: opening, look-up, digest.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-weights.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/files/iv-model-error.h"
#include "model/files/iv-weights-private.h"

/* Bytes of a file that the digest covers: its header and this many samples of its data. */
enum { N_SAMPLES = 64, SAMPLE_SIZE = 4096 };

typedef struct {
  GBytes *bytes;
  gsize n_header;
  gboolean is_mapped;
} Block;

struct IvWeights {
  gatomicrefcount ref_count;
  char *file;
  GArray *blocks; /* of Block: mapped files and computed tensors */
  GStringChunk *names;
  GArray *tensors;      /* of IvTensor */
  GHashTable *by_name;  /* name to index + 1 */
  GHashTable *metadata; /* char * to IvMeta * */
  gboolean half_split;
  char *digest; /* computed at the first question, guarded by digest_lock */
  GMutex digest_lock;
};

static void
clear_block (gpointer data)
{
  g_bytes_unref (((Block *) data)->bytes);
}

IvWeights *
iv_weights_new_empty (const char *file)
{
  IvWeights *weights = g_new0 (IvWeights, 1);
  g_atomic_ref_count_init (&weights->ref_count);
  g_mutex_init (&weights->digest_lock);
  weights->file = g_strdup (file);
  weights->blocks = g_array_new (FALSE, FALSE, sizeof (Block));
  g_array_set_clear_func (weights->blocks, clear_block);
  weights->names = g_string_chunk_new (4096);
  weights->tensors = g_array_new (FALSE, FALSE, sizeof (IvTensor));
  weights->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  weights->metadata =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) iv_meta_free);
  return weights;
}

IvWeights *
iv_weights_ref (IvWeights *weights)
{
  g_atomic_ref_count_inc (&weights->ref_count);
  return weights;
}

void
iv_weights_unref (IvWeights *weights)
{
  if (!g_atomic_ref_count_dec (&weights->ref_count))
    return;
  g_hash_table_unref (weights->metadata);
  g_hash_table_unref (weights->by_name);
  g_array_unref (weights->tensors);
  g_string_chunk_free (weights->names);
  g_array_unref (weights->blocks);
  g_mutex_clear (&weights->digest_lock);
  g_free (weights->digest);
  g_free (weights->file);
  g_free (weights);
}

IvWeights *
iv_weights_open (const char *file, GError **error)
{
  g_autoptr (IvWeights) weights = iv_weights_new_empty (file);
  gboolean is_folder = g_file_test (file, G_FILE_TEST_IS_DIR);
  if (is_folder ? !iv_hf_read (weights, file, error) : !iv_gguf_read (weights, file, error))
    return NULL;
  if (!iv_weights_finish (weights, error)) {
    g_prefix_error (error, "%s: ", file);
    return NULL;
  }
  return g_steal_pointer (&weights);
}

gboolean
iv_weights_finish (IvWeights *weights, GError **error)
{
  if (iv_weights_get_string (weights, "general.architecture") != NULL)
    return TRUE;
  gboolean is_there = iv_weights_has (weights, "general.architecture");
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "general.architecture is %s",
               is_there ? "not a string" : "missing");
  return FALSE;
}

GBytes *
iv_weights_map_file (const char *file, GError **error)
{
  g_autoptr (GError) problem = NULL;
  /* A pipe or a device would block or never end. */
  if (!g_file_test (file, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_FILE,
                 "%s: %s",
                 file,
                 g_file_test (file, G_FILE_TEST_EXISTS) ? "not a regular file"
                                                        : "there is no such file");
    return NULL;
  }
  g_autoptr (GMappedFile) mapping = g_mapped_file_new (file, FALSE, &problem);
  if (mapping == NULL) {
    g_set_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FILE, "%s", problem->message);
    return NULL;
  }
  if (g_mapped_file_get_length (mapping) > 0)
    return g_mapped_file_get_bytes (mapping);
  g_set_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT, "%s: the file is empty", file);
  return NULL;
}

/* Filling. */

GHashTable *
iv_weights_get_metadata (IvWeights *weights)
{
  return weights->metadata;
}

void
iv_weights_set_half_split (IvWeights *weights, gboolean half_split)
{
  weights->half_split = half_split;
}

void
iv_weights_take_bytes (IvWeights *weights, GBytes *bytes, gsize n_header)
{
  Block block = { bytes, n_header };
  g_array_append_val (weights->blocks, block);
}

void
iv_weights_take_mapping (IvWeights *weights, GBytes *bytes, gsize n_header)
{
  Block block = { bytes, n_header, .is_mapped = TRUE };
  g_array_append_val (weights->blocks, block);
}

gboolean
iv_weights_add_tensor (IvWeights *weights, const IvTensor *tensor, GError **error)
{
  if (g_hash_table_contains (weights->by_name, tensor->name)) {
    g_set_error (
        error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT, "tensor %s occurs twice", tensor->name);
    return FALSE;
  }
  IvTensor copy = *tensor;
  copy.name = g_string_chunk_insert (weights->names, tensor->name);
  g_array_append_val (weights->tensors, copy);
  g_hash_table_insert (
      weights->by_name, (gpointer) copy.name, GUINT_TO_POINTER (weights->tensors->len));
  return TRUE;
}

static gboolean
multiply_dimensions (const guint64 *shape, guint n_dims, guint64 *product)
{
  *product = 1;
  for (guint i = 0; i < n_dims; i++)
    if (shape[i] == 0 || shape[i] > G_MAXINT64 ||
        !g_uint64_checked_mul (product, *product, shape[i]))
      return FALSE;
  return *product <= G_MAXINT64;
}

gboolean
iv_tensor_set_shape (IvTensor *tensor,
                     const char *subject,
                     guint n_dims,
                     const guint64 *shape,
                     GError **error)
{
  guint64 n_elements;
  if (n_dims < 1 || n_dims > G_N_ELEMENTS (tensor->shape)) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_FORMAT,
                 "%s has %u dimensions, which is not 1 to 4",
                 subject,
                 n_dims);
    return FALSE;
  }
  tensor->n_dims = n_dims;
  for (guint i = 0; i < n_dims; i++)
    tensor->shape[i] = (gint64) shape[i];
  if (multiply_dimensions (shape, n_dims, &n_elements)) {
    /* A row that is no whole number of blocks cannot be read alone. */
    if (iv_data_type_get_size (tensor->type, tensor->shape[n_dims - 1]) > 0)
      tensor->size = iv_data_type_get_size (tensor->type, (gint64) n_elements);
    if (tensor->size > 0)
      return TRUE;
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_FORMAT,
                 "%s has rows of %" G_GINT64_FORMAT
                 " values, which is no multiple of %u as %s asks",
                 subject,
                 tensor->shape[n_dims - 1],
                 iv_data_type_get_block_elements (tensor->type),
                 iv_data_type_to_string (tensor->type));
    return FALSE;
  }
  g_autoptr (GString) dimensions = g_string_new (NULL);
  for (guint i = 0; i < n_dims; i++)
    g_string_append_printf (dimensions, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "", shape[i]);
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "%s has the impossible shape [%s]",
               subject,
               dimensions->str);
  return FALSE;
}

/* Tensors. */

const IvTensor *
iv_weights_find (IvWeights *weights, const char *name)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (weights->by_name, name));
  return index > 0 ? &g_array_index (weights->tensors, IvTensor, index - 1) : NULL;
}

guint
iv_weights_get_n_tensors (IvWeights *weights)
{
  return weights->tensors->len;
}

const IvTensor *
iv_weights_get_tensor (IvWeights *weights, guint i)
{
  g_return_val_if_fail (i < weights->tensors->len, NULL);
  return &g_array_index (weights->tensors, IvTensor, i);
}

/* The whole. */

const char *
iv_weights_get_architecture (IvWeights *weights)
{
  return iv_weights_get_string (weights, "general.architecture");
}

const char *
iv_weights_get_file (IvWeights *weights)
{
  return weights->file;
}

gboolean
iv_weights_is_half_split (IvWeights *weights)
{
  return weights->half_split;
}

/* Whole pages of a mapping alone: dropping those of ordinary memory would clear it. */
void
iv_weights_release (IvWeights *weights, const IvTensor *tensor)
{
  guintptr page = (guintptr) sysconf (_SC_PAGESIZE);
  guintptr start = (guintptr) tensor->data, end = start + tensor->size;
  for (guint i = 0; i < weights->blocks->len; i++) {
    const Block *block = &g_array_index (weights->blocks, Block, i);
    gsize size;
    guintptr first = (guintptr) g_bytes_get_data (block->bytes, &size);
    if (!block->is_mapped || start < first || end > first + size)
      continue;
    start = (start + page - 1) / page * page;
    end = end / page * page;
    /* Advice: when it is not taken, the pages stay until the system wants them. */
    if (start < end)
      madvise ((void *) start, end - start, MADV_DONTNEED);
    return;
  }
}

static void
add_block_to_digest (GChecksum *checksum, const Block *block)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (block->bytes, &size);
  guint64 length = GUINT64_TO_LE ((guint64) size);
  g_checksum_update (checksum, (const guchar *) &length, sizeof length);
  gsize n_header = MIN (block->n_header, size), n_data = size - n_header;
  /* g_checksum_update takes a gssize, which a mapping never exceeds. */
  g_checksum_update (checksum, data, (gssize) n_header);
  data += n_header;
  if (n_data <= (gsize) N_SAMPLES * SAMPLE_SIZE) {
    g_checksum_update (checksum, data, (gssize) n_data);
    return;
  }
  for (guint i = 0; i < N_SAMPLES; i++) {
    gsize start = (n_data - SAMPLE_SIZE) / (N_SAMPLES - 1) * i;
    g_checksum_update (checksum, data + start, SAMPLE_SIZE);
  }
}

const char *
iv_weights_get_digest (IvWeights *weights)
{
  g_mutex_lock (&weights->digest_lock);
  if (weights->digest == NULL) {
    g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
    for (guint i = 0; i < weights->blocks->len; i++)
      add_block_to_digest (checksum, &g_array_index (weights->blocks, Block, i));
    weights->digest = g_strdup (g_checksum_get_string (checksum));
  }
  g_mutex_unlock (&weights->digest_lock);
  return weights->digest;
}
