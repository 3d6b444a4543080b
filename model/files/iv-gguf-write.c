/* Writes weights as a GGUF file, in other element types where asked.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-gguf-write.h"

#include <gio/gio.h>
#include <string.h>

#include "model/files/iv-model-error.h"
#include "model/files/iv-weights-private.h"

enum { ALIGNMENT = 32, VERSION = 3, QUANTIZATION_VERSION = 2 };
/* Bytes converted at a time, and values that are worth threads. */
enum { CHUNK_SIZE = 8 << 20, THREAD_VALUES = 1 << 16 };

typedef struct {
  IvWeights *weights;
  const IvGgufWriteParams *params;
  GPtrArray *tensors;                             /* of const IvTensor *, those of the part */
  guint64 n_permuted_heads_q, n_permuted_heads_k; /* 0: rows stay in their order */
  guint n_layers;                                 /* 0 in a file without a decoder */
  gboolean is_tied;
} Writer;

static gboolean
is_tower_name (const char *name)
{
  return g_str_has_prefix (name, "v.") || g_str_has_prefix (name, "mm.");
}

static gboolean
is_tower_key (const char *key)
{
  return g_str_has_prefix (key, "clip.");
}

gboolean
iv_gguf_has_part (IvWeights *weights, IvGgufPart part)
{
  for (guint i = 0; i < iv_weights_get_n_tensors (weights); i++)
    if (is_tower_name (iv_weights_get_tensor (weights, i)->name) == (part == IV_GGUF_TOWER))
      return TRUE;
  return FALSE;
}

/* The header, in memory. */

static void
put_number (GByteArray *bytes, guint64 value, guint size)
{
  for (guint i = 0; i < size; i++) {
    guint8 byte = (guint8) (value >> (8 * i));
    g_byte_array_append (bytes, &byte, 1);
  }
}

static void
put_string (GByteArray *bytes, const char *text)
{
  put_number (bytes, strlen (text), 8);
  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
}

static void
put_float (GByteArray *bytes, double value)
{
  float single = (float) value;
  guint32 bits;
  memcpy (&bits, &single, sizeof bits);
  put_number (bytes, bits, 4);
}

static void
put_array (GByteArray *bytes, const IvMeta *meta)
{
  guint item_size = iv_meta_type_get_size (meta->array.item_type);
  gsize size = meta->array.n * item_size;
  put_number (bytes, meta->array.item_type, 4);
  put_number (bytes, meta->array.n, 8);
  if (meta->array.item_type == IV_META_STRING && meta->array.n > 0) {
    gsize last = meta->array.offsets[meta->array.n - 1];
    guint64 length = 0;
    for (guint i = 0; i < 8; i++)
      length |= (guint64) meta->array.items[last + i] << (8 * i);
    size = last + 8 + (gsize) length;
  }
  g_byte_array_append (bytes, meta->array.items, (guint) size);
}

/* Numbers as other readers want them: 32 bits where they suffice. */
static void
put_value (GByteArray *bytes, const IvMeta *meta)
{
  gboolean is_small = meta->type == IV_META_U64 && meta->unsigned_value <= G_MAXUINT32;
  IvMetaType type = is_small ? IV_META_U32 : meta->type == IV_META_F64 ? IV_META_F32 : meta->type;
  put_number (bytes, type, 4);
  if (type == IV_META_STRING)
    put_string (bytes, meta->string);
  else if (type == IV_META_ARRAY)
    put_array (bytes, meta);
  else if (type == IV_META_F32)
    put_float (bytes, meta->float_value);
  else
    put_number (bytes, meta->unsigned_value, iv_meta_type_get_size (type));
}

/* The key belongs to this part, and is not one that is written anew. Arrays of arrays are left out:
 * nothing reads them. */
static gboolean
is_wanted_key (const Writer *writer, const char *key, const IvMeta *meta)
{
  static const char *const anew[] = {
    "general.architecture",         "general.alignment", "general.file_type",
    "general.quantization_version", "split.no",          "split.count",
    "split.tensors.count"
  };
  for (guint i = 0; i < G_N_ELEMENTS (anew); i++)
    if (g_str_equal (anew[i], key))
      return FALSE;
  if (meta->type == IV_META_ARRAY && meta->array.item_type == IV_META_ARRAY)
    return FALSE;
  return g_str_has_prefix (key, "general.") ||
         is_tower_key (key) == (writer->params->part == IV_GGUF_TOWER);
}

static gint
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static guint64
put_metadata (const Writer *writer, GByteArray *bytes)
{
  GHashTable *metadata = iv_weights_get_metadata (writer->weights);
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (metadata), compare_keys);
  gboolean is_tower = writer->params->part == IV_GGUF_TOWER;
  guint64 n = 2;
  put_string (bytes, "general.architecture");
  put_number (bytes, IV_META_STRING, 4);
  put_string (bytes, is_tower ? "clip" : iv_weights_get_architecture (writer->weights));
  put_string (bytes, "general.quantization_version");
  put_number (bytes, IV_META_U32, 4);
  put_number (bytes, QUANTIZATION_VERSION, 4);
  if (writer->params->recipe != NULL) {
    put_string (bytes, "general.file_type");
    put_number (bytes, IV_META_U32, 4);
    put_number (bytes, writer->params->recipe->gguf_number, 4);
    n++;
  }
  for (GList *item = keys; item != NULL; item = item->next) {
    const IvMeta *meta = g_hash_table_lookup (metadata, item->data);
    if (!is_wanted_key (writer, item->data, meta))
      continue;
    put_string (bytes, item->data);
    put_value (bytes, meta);
    n++;
  }
  return n;
}

static IvDataType
find_type (const Writer *writer, const IvTensor *tensor)
{
  const IvQuantRecipe *recipe = writer->params->recipe;
  return recipe != NULL ? iv_quant_recipe_choose (recipe, tensor, writer->n_layers, writer->is_tied)
                        : tensor->type;
}

static gsize
find_size (const Writer *writer, const IvTensor *tensor)
{
  gint64 n = 1;
  for (guint i = 0; i < tensor->n_dims; i++)
    n *= tensor->shape[i];
  return iv_data_type_get_size (find_type (writer, tensor), n);
}

static gsize
pad (gsize size)
{
  return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static GByteArray *
make_header (const Writer *writer)
{
  g_autoptr (GByteArray) metadata = g_byte_array_new ();
  GByteArray *bytes = g_byte_array_new ();
  guint64 n_pairs = put_metadata (writer, metadata);
  gsize offset = 0;
  g_byte_array_append (bytes, (const guint8 *) "GGUF", 4);
  put_number (bytes, VERSION, 4);
  put_number (bytes, writer->tensors->len, 8);
  put_number (bytes, n_pairs, 8);
  g_byte_array_append (bytes, metadata->data, metadata->len);
  for (guint i = 0; i < writer->tensors->len; i++) {
    const IvTensor *tensor = g_ptr_array_index (writer->tensors, i);
    put_string (bytes, tensor->name);
    put_number (bytes, tensor->n_dims, 4);
    for (guint k = tensor->n_dims; k > 0; k--)
      put_number (bytes, (guint64) tensor->shape[k - 1], 8);
    put_number (bytes, find_type (writer, tensor), 4);
    put_number (bytes, offset, 8);
    offset += pad (find_size (writer, tensor));
  }
  put_number (bytes, 0, 1);
  g_byte_array_set_size (bytes, (guint) pad (bytes->len - 1));
  return bytes;
}

/* The data, row by row. */

/* The heads among which the rows of this tensor are to be permuted, 0 for none. */
static guint64
find_heads (const Writer *writer, const IvTensor *tensor)
{
  guint64 n = g_str_has_suffix (tensor->name, ".attn_q.weight")   ? writer->n_permuted_heads_q
              : g_str_has_suffix (tensor->name, ".attn_k.weight") ? writer->n_permuted_heads_k
                                                                  : 0;
  /* Heads of an odd width have no pairs; such a decoder is refused when it is loaded. */
  gboolean has_pairs = n > 0 && n <= G_MAXINT32 && tensor->shape[0] % (gint64) (2 * n) == 0;
  return has_pairs ? n : 0;
}

/* Where row of the file stands in the half-split order: pairs side by side come from the two
 * halves of a head. */
static gint64
find_source (gint64 row, gint64 rows, guint64 n_heads)
{
  gint64 width = n_heads > 0 ? rows / (gint64) n_heads : 0;
  if (n_heads == 0)
    return row;
  gint64 place = row % width;
  return row - place + place % 2 * (width / 2) + place / 2;
}

/* Rows first … first + n - 1 of a tensor to their new type, shared out among threads. */
typedef struct {
  const IvTensor *tensor;
  IvDataType type;
  gint64 rows, columns;
  guint64 n_heads; /* of find_heads () */
  gint64 first, n;
  guint8 *converted;
  gint next; /* atomic: how many are taken */
} Conversion;

static const guint8 *
get_source (const Conversion *c, gint64 row)
{
  gint64 size = (gint64) (c->tensor->size / (gsize) c->rows);
  return (const guint8 *) c->tensor->data + find_source (row, c->rows, c->n_heads) * size;
}

static gpointer
convert_some (gpointer data)
{
  Conversion *c = data;
  gsize n = (gsize) c->columns, size = iv_data_type_get_size (c->type, c->columns);
  g_autofree float *values = g_new (float, n);
  for (;;) {
    gint64 i = g_atomic_int_add (&c->next, 1);
    if (i >= c->n)
      return NULL;
    guint8 *converted = c->converted + (gsize) i * size;
    if (c->type == c->tensor->type) {
      memcpy (converted, get_source (c, c->first + i), size);
      continue;
    }
    iv_data_type_to_f32 (c->tensor->type, get_source (c, c->first + i), values, n);
    iv_data_type_from_f32 (c->type, values, converted, n);
  }
}

static void
convert_rows (Conversion *c)
{
  gboolean is_work = c->type != c->tensor->type && c->n * c->columns > THREAD_VALUES;
  guint n_threads = is_work ? g_get_num_processors () - 1 : 0;
  g_autofree GThread **threads = g_new (GThread *, n_threads + 1);
  c->next = 0;
  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("convert weights", convert_some, c);
  convert_some (c);
  for (guint i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
}

static gboolean
write_rows (const Writer *writer, const IvTensor *tensor, GOutputStream *stream, GError **error)
{
  Conversion c = { .tensor = tensor,
                   .type = find_type (writer, tensor),
                   .rows = 1,
                   .columns = tensor->shape[tensor->n_dims - 1],
                   .n_heads = find_heads (writer, tensor) };
  for (guint i = 0; i + 1 < tensor->n_dims; i++)
    c.rows *= tensor->shape[i];
  gsize size = iv_data_type_get_size (c.type, c.columns);
  gint64 most = (gint64) CLAMP (CHUNK_SIZE / size, 1, (gsize) c.rows);
  g_autofree guint8 *converted = g_malloc ((gsize) most * size);
  c.converted = converted;
  for (; c.first < c.rows; c.first += most) {
    c.n = MIN (most, c.rows - c.first);
    convert_rows (&c);
    if (!g_output_stream_write_all (stream, converted, (gsize) c.n * size, NULL, NULL, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
write_all (const Writer *writer, GOutputStream *stream, GError **error)
{
  static const guint8 zeros[ALIGNMENT] = { 0 };
  g_autoptr (GByteArray) header = make_header (writer);
  if (!g_output_stream_write_all (stream, header->data, header->len, NULL, NULL, error))
    return FALSE;
  for (guint i = 0; i < writer->tensors->len; i++) {
    const IvTensor *tensor = g_ptr_array_index (writer->tensors, i);
    gsize size = find_size (writer, tensor);
    if (!write_rows (writer, tensor, stream, error) ||
        !g_output_stream_write_all (stream, zeros, pad (size) - size, NULL, NULL, error))
      return FALSE;
  }
  return TRUE;
}

static void
find_permutation (Writer *writer)
{
  if (!iv_weights_is_half_split (writer->weights) ||
      !g_str_equal (iv_weights_get_architecture (writer->weights), "llama") ||
      writer->params->part != IV_GGUF_DECODER)
    return;
  iv_weights_get_uint (writer->weights, "llama.attention.head_count", &writer->n_permuted_heads_q);
  writer->n_permuted_heads_k = writer->n_permuted_heads_q;
  iv_weights_get_uint (
      writer->weights, "llama.attention.head_count_kv", &writer->n_permuted_heads_k);
}

static gboolean
replace_file (const Writer *writer, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (writer->params->file);
  g_autoptr (GCancellable) give_up = g_cancellable_new ();
  g_autoptr (GFileOutputStream) stream =
      g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, error);
  if (stream == NULL)
    return FALSE;
  if (write_all (writer, G_OUTPUT_STREAM (stream), error))
    return g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, error);
  /* Closing it cancelled leaves what was there before. */
  g_cancellable_cancel (give_up);
  g_output_stream_close (G_OUTPUT_STREAM (stream), give_up, NULL);
  return FALSE;
}

static void
find_layers (Writer *writer)
{
  guint64 n_layers = 0;
  g_autofree char *key =
      g_strconcat (iv_weights_get_architecture (writer->weights), ".block_count", NULL);
  iv_weights_get_uint (writer->weights, key, &n_layers);
  writer->n_layers = (guint) MIN (n_layers, G_MAXINT32);
  writer->is_tied = iv_weights_find (writer->weights, "output.weight") == NULL;
}

static guint
count_substitutes (const Writer *writer)
{
  guint n = 0;
  for (guint i = 0; writer->params->recipe != NULL && i < writer->tensors->len; i++) {
    const IvTensor *tensor = g_ptr_array_index (writer->tensors, i);
    n += tensor->n_dims == 2 &&
         iv_quant_recipe_is_substitute (writer->params->recipe, find_type (writer, tensor));
  }
  return n;
}

gboolean
iv_gguf_write (IvWeights *weights, const IvGgufWriteParams *params, GError **error)
{
  g_autoptr (GPtrArray) tensors = g_ptr_array_new ();
  g_autoptr (GError) problem = NULL;
  Writer writer = { .weights = weights, .params = params, .tensors = tensors };
  for (guint i = 0; i < iv_weights_get_n_tensors (weights); i++) {
    const IvTensor *tensor = iv_weights_get_tensor (weights, i);
    if (is_tower_name (tensor->name) == (params->part == IV_GGUF_TOWER))
      g_ptr_array_add (tensors, (gpointer) tensor);
  }
  find_permutation (&writer);
  find_layers (&writer);
  if (params->n_substitutes != NULL)
    *params->n_substitutes += count_substitutes (&writer);
  if (replace_file (&writer, &problem))
    return TRUE;
  g_set_error (
      error, IV_MODEL_ERROR, IV_MODEL_ERROR_FILE, "%s: %s", params->file, problem->message);
  return FALSE;
}
