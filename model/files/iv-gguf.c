/* GGUF version 2 and 3: header, metadata and tensor table of one file or a split set.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-weights-private.h"

#include <string.h>

#include "model/files/iv-gguf-metadata.h"
#include "model/files/iv-model-error.h"

enum {
  DEFAULT_ALIGNMENT = 32,
  LEAST_ALIGNMENT = 4,
  MOST_ALIGNMENT = 65536,
  MOST_NAME = 64,
  MOST_DIMENSIONS = 4,
  LEAST_PAIR = 13,   /* bytes: key length, value type, a one-byte value */
  LEAST_TENSOR = 33, /* bytes: name length, one letter, n_dims, one dimension, type, offset */
  MOST_PARTS = 1024,
};

/* One file of a set. */
typedef struct {
  IvByteReader reader;
  guint64 n_tensors, n_pairs;
  guint64 data_offset;
  guint64 alignment;
  GArray *tensors; /* of IvTensor, their data still NULL and size set */
  GArray *offsets; /* of guint64, in the data section */
  GPtrArray *names;
} Part;

static void
part_clear (Part *part)
{
  g_array_unref (part->tensors);
  g_array_unref (part->offsets);
  g_ptr_array_unref (part->names);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Part, part_clear)

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
read_version (IvByteReader *reader, GError **error)
{
  guint32 magic, version;
  if (!iv_byte_reader_u32 (reader, "the magic number", &magic, error))
    return FALSE;
  if (magic != 0x46554747) /* "GGUF" */
    return fail (error,
                 IV_MODEL_ERROR_FORMAT,
                 magic == 0x47475546 ? "a big-endian GGUF file (magic %08x); only little-endian "
                                       "files are read"
                                     : "not a GGUF file (magic %08x)",
                 magic);
  if (!iv_byte_reader_u32 (reader, "the version", &version, error))
    return FALSE;
  if (version == 2 || version == 3)
    return TRUE;
  if (version != 0 && (version & 0xffff) == 0)
    return fail (error,
                 IV_MODEL_ERROR_FORMAT,
                 "a big-endian GGUF file (version %08x); only little-endian files are read",
                 version);
  return fail (error,
               IV_MODEL_ERROR_UNSUPPORTED,
               "GGUF version %u; versions 2 and 3 are supported",
               version);
}

/* A count is believed only when that many of the smallest entries could still follow. */
static gboolean
read_count (IvByteReader *reader, const char *field, gsize least, guint64 *count, GError **error)
{
  if (!iv_byte_reader_u64 (reader, field, count, error))
    return FALSE;
  if (*count <= iv_byte_reader_left (reader) / least)
    return TRUE;
  return fail (error,
               IV_MODEL_ERROR_FORMAT,
               "%s is %" G_GUINT64_FORMAT ", too many for a file of %" G_GSIZE_FORMAT " bytes",
               field,
               *count,
               reader->size);
}

static gboolean
read_alignment (Part *part, GHashTable *metadata, GError **error)
{
  const IvMeta *meta = g_hash_table_lookup (metadata, "general.alignment");
  part->alignment = DEFAULT_ALIGNMENT;
  if (meta == NULL)
    return TRUE;
  if (meta->type != IV_META_U32 && meta->type != IV_META_U64)
    return fail (error, IV_MODEL_ERROR_FORMAT, "general.alignment is not an unsigned number");
  part->alignment = meta->unsigned_value;
  if (part->alignment >= LEAST_ALIGNMENT && part->alignment <= MOST_ALIGNMENT &&
      (part->alignment & (part->alignment - 1)) == 0)
    return TRUE;
  return fail (error,
               IV_MODEL_ERROR_FORMAT,
               "general.alignment is %" G_GUINT64_FORMAT ", not a power of two from %d to %d",
               part->alignment,
               LEAST_ALIGNMENT,
               MOST_ALIGNMENT);
}

static gboolean
read_name (IvByteReader *reader, guint64 index, char **name, GError **error)
{
  const char *bytes;
  gsize length;
  g_autofree char *field = g_strdup_printf ("the name of tensor %" G_GUINT64_FORMAT, index);
  if (!iv_byte_reader_string (reader, field, &bytes, &length, error))
    return FALSE;
  if (length == 0 || length > MOST_NAME)
    return fail (error,
                 IV_MODEL_ERROR_FORMAT,
                 "%s has %" G_GSIZE_FORMAT " bytes, not 1 to %d",
                 field,
                 length,
                 MOST_NAME);
  if (!g_utf8_validate_len (bytes, length, NULL))
    return fail (error, IV_MODEL_ERROR_FORMAT, "%s is not UTF-8", field);
  *name = g_strndup (bytes, length);
  return TRUE;
}

static gboolean
read_dimensions (IvByteReader *reader,
                 const char *subject,
                 guint32 *n_dims,
                 guint64 *shape,
                 GError **error)
{
  if (!iv_byte_reader_u32 (reader, subject, n_dims, error))
    return FALSE;
  if (*n_dims < 1 || *n_dims > MOST_DIMENSIONS)
    return fail (error,
                 IV_MODEL_ERROR_FORMAT,
                 "%s has %u dimensions, which is not 1 to %d",
                 subject,
                 *n_dims,
                 MOST_DIMENSIONS);
  /* The file begins with the contiguous dimension. */
  for (guint i = 0; i < *n_dims; i++)
    if (!iv_byte_reader_u64 (reader, subject, &shape[*n_dims - 1 - i], error))
      return FALSE;
  return TRUE;
}

static gboolean
read_tensor (Part *part, guint64 index, GError **error)
{
  IvTensor tensor = { 0 };
  guint64 shape[MOST_DIMENSIONS], offset;
  guint32 n_dims, type;
  char *name = NULL;
  if (!read_name (&part->reader, index, &name, error))
    return FALSE;
  g_ptr_array_add (part->names, name);
  g_autofree char *subject = g_strdup_printf ("tensor %s", name);
  if (!read_dimensions (&part->reader, subject, &n_dims, shape, error) ||
      !iv_byte_reader_u32 (&part->reader, subject, &type, error) ||
      !iv_byte_reader_u64 (&part->reader, subject, &offset, error))
    return FALSE;
  if (!iv_data_type_is_known (type))
    return fail (error,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "%s has type %u; supported are %s",
                 subject,
                 type,
                 iv_data_type_list ());
  tensor.name = name;
  tensor.type = (IvDataType) type;
  if (!iv_tensor_set_shape (&tensor, subject, n_dims, shape, error))
    return FALSE;
  if (offset % part->alignment != 0)
    return fail (error,
                 IV_MODEL_ERROR_FORMAT,
                 "%s has offset %" G_GUINT64_FORMAT
                 ", no multiple of the alignment %" G_GUINT64_FORMAT,
                 subject,
                 offset,
                 part->alignment);
  g_array_append_val (part->tensors, tensor);
  g_array_append_val (part->offsets, offset);
  return TRUE;
}

static gboolean
place_tensors (Part *part, GError **error)
{
  gsize size = part->reader.size;
  for (guint i = 0; i < part->tensors->len; i++) {
    IvTensor *tensor = &g_array_index (part->tensors, IvTensor, i);
    guint64 offset = g_array_index (part->offsets, guint64, i);
    guint64 n_data = size > part->data_offset ? size - part->data_offset : 0;
    if (offset > n_data || tensor->size > n_data - offset)
      return fail (error,
                   IV_MODEL_ERROR_FORMAT,
                   "tensor %s ends behind the end of the file: offset %" G_GUINT64_FORMAT
                   " and %" G_GSIZE_FORMAT " bytes in %" G_GUINT64_FORMAT " bytes of data",
                   tensor->name,
                   offset,
                   tensor->size,
                   n_data);
    tensor->data = part->reader.data + part->data_offset + offset;
  }
  return TRUE;
}

static gint
compare_places (gconstpointer a, gconstpointer b)
{
  const IvTensor *first = a, *second = b;
  return first->data < second->data ? -1 : first->data > second->data;
}

static gboolean
check_overlaps (const Part *part, GError **error)
{
  g_autoptr (GArray) sorted = g_array_copy (part->tensors);
  g_array_sort (sorted, compare_places);
  for (guint i = 1; i < sorted->len; i++) {
    const IvTensor *before = &g_array_index (sorted, IvTensor, i - 1);
    const IvTensor *tensor = &g_array_index (sorted, IvTensor, i);
    if ((const guint8 *) before->data + before->size > (const guint8 *) tensor->data)
      return fail (
          error, IV_MODEL_ERROR_FORMAT, "tensors %s and %s overlap", before->name, tensor->name);
  }
  return TRUE;
}

/* Everything of one file; its metadata go into the table given. */
static gboolean
read_part (Part *part, GHashTable *metadata, GError **error)
{
  IvByteReader *reader = &part->reader;
  if (!read_version (reader, error) ||
      !read_count (reader, "the number of tensors", LEAST_TENSOR, &part->n_tensors, error) ||
      !read_count (reader, "the number of metadata entries", LEAST_PAIR, &part->n_pairs, error) ||
      !iv_gguf_read_metadata (reader, part->n_pairs, metadata, error) ||
      !read_alignment (part, metadata, error))
    return FALSE;
  for (guint64 i = 0; i < part->n_tensors; i++)
    if (!read_tensor (part, i, error))
      return FALSE;
  part->data_offset = (reader->position + part->alignment - 1) / part->alignment * part->alignment;
  return place_tensors (part, error) && check_overlaps (part, error);
}

static guint64
look_up_uint (GHashTable *metadata, const char *key, guint64 fallback)
{
  const IvMeta *meta = g_hash_table_lookup (metadata, key);
  if (meta == NULL)
    return fallback;
  switch (meta->type) {
  case IV_META_U8:
  case IV_META_U16:
  case IV_META_U32:
  case IV_META_U64:
    return meta->unsigned_value;
  case IV_META_I8:
  case IV_META_I16:
  case IV_META_I32:
  case IV_META_I64:
    return meta->signed_value < 0 ? G_MAXUINT64 : (guint64) meta->signed_value;
  default:
    return G_MAXUINT64;
  }
}

/* The first part tells their count. */
static gboolean
check_part_number (GHashTable *metadata, guint64 number, guint64 *n_parts, GError **error)
{
  guint64 its_number = look_up_uint (metadata, "split.no", 0);
  guint64 its_count = MAX (look_up_uint (metadata, "split.count", 1), 1);
  if (number == 0)
    *n_parts = its_count;
  if (its_number == number && its_count == *n_parts && its_count <= MOST_PARTS)
    return TRUE;
  return fail (error,
               IV_MODEL_ERROR_MISMATCH,
               "split.no is %" G_GUINT64_FORMAT " and split.count %" G_GUINT64_FORMAT
               " where part %" G_GUINT64_FORMAT " (from 0) of at most %d is wanted",
               its_number,
               its_count,
               number,
               MOST_PARTS);
}

/* Reads file, which must be part number of n_parts, into weights. */
static gboolean
add_part (IvWeights *weights,
          const char *file,
          GHashTable *metadata,
          guint64 number,
          guint64 *n_parts,
          GError **error)
{
  g_autoptr (GBytes) bytes = iv_weights_map_file (file, error);
  if (bytes == NULL)
    return FALSE;
  g_auto (Part) part = {
    .tensors = g_array_new (FALSE, FALSE, sizeof (IvTensor)),
    .offsets = g_array_new (FALSE, FALSE, sizeof (guint64)),
    .names = g_ptr_array_new_with_free_func (g_free),
  };
  part.reader.data = g_bytes_get_data (bytes, &part.reader.size);
  gboolean is_read =
      read_part (&part, metadata, error) && check_part_number (metadata, number, n_parts, error);
  for (guint i = 0; is_read && i < part.tensors->len; i++)
    is_read = iv_weights_add_tensor (weights, &g_array_index (part.tensors, IvTensor, i), error);
  if (!is_read) {
    g_prefix_error (error, "%s: ", file);
    return FALSE;
  }
  iv_weights_take_mapping (weights, g_steal_pointer (&bytes), part.data_offset);
  return TRUE;
}

/* "NAME-00001-of-00003.gguf" to "NAME-00002-of-00003.gguf"; NULL when the name is not of that
 * form. */
static char *
name_part (const char *file, guint64 number, guint64 n_parts)
{
  g_autofree char *ending = g_strdup_printf ("-00001-of-%05u.gguf", (guint) n_parts);
  if (!g_str_has_suffix (file, ending))
    return NULL;
  g_autofree char *stem = g_strndup (file, strlen (file) - strlen (ending));
  return g_strdup_printf ("%s-%05u-of-%05u.gguf", stem, (guint) number + 1, (guint) n_parts);
}

static gboolean
add_other_parts (IvWeights *weights, const char *file, guint64 n_parts, GError **error)
{
  for (guint64 number = 1; number < n_parts; number++) {
    g_autoptr (GHashTable) metadata =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) iv_meta_free);
    g_autofree char *name = name_part (file, number, n_parts);
    if (name == NULL)
      return fail (error,
                   IV_MODEL_ERROR_MISMATCH,
                   "%s: split.count is %" G_GUINT64_FORMAT
                   ", but the name does not end in -00001-of-%05u.gguf",
                   file,
                   n_parts,
                   (guint) n_parts);
    if (!add_part (weights, name, metadata, number, &n_parts, error))
      return FALSE;
  }
  guint64 n_tensors = iv_weights_get_n_tensors (weights);
  guint64 expected =
      look_up_uint (iv_weights_get_metadata (weights), "split.tensors.count", n_tensors);
  if (n_parts == 1 || expected == n_tensors)
    return TRUE;
  return fail (error,
               IV_MODEL_ERROR_MISMATCH,
               "%s: split.tensors.count is %" G_GUINT64_FORMAT ", but the %" G_GUINT64_FORMAT
               " parts hold %" G_GUINT64_FORMAT " tensors",
               file,
               expected,
               n_parts,
               n_tensors);
}

gboolean
iv_gguf_read (IvWeights *weights, const char *file, GError **error)
{
  guint64 n_parts = 1;
  return add_part (weights, file, iv_weights_get_metadata (weights), 0, &n_parts, error) &&
         add_other_parts (weights, file, n_parts, error);
}
