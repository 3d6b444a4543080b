/* The tensor table of a safetensors file: u64 length, JSON of that length, data.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-safetensors.h"

#include "model/files/iv-byte-reader.h"
#include "model/files/iv-json.h"
#include "model/files/iv-model-error.h"

/* The format's own limit of a header. */
enum { MOST_HEADER = 100000000 };

static const struct {
  const char *name;
  guint bits;
  gboolean is_weight;
  IvDataType type;
} dtypes[] = {
  { "F32", 32, TRUE, IV_TYPE_F32 },
  { "F16", 16, TRUE, IV_TYPE_F16 },
  { "BF16", 16, TRUE, IV_TYPE_BF16 },
  { "F64", 64 },
  { "F8_E4M3", 8 },
  { "F8_E5M2", 8 },
  { "I64", 64 },
  { "I32", 32 },
  { "I16", 16 },
  { "I8", 8 },
  { "U64", 64 },
  { "U32", 32 },
  { "U16", 16 },
  { "U8", 8 },
  { "BOOL", 8 },
};

void
iv_safetensor_free (IvSafetensor *tensor)
{
  g_free (tensor->name);
  g_free (tensor);
}

static gboolean
fail (GError **error, const char *name, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (GError **error, const char *name, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT, "tensor %s: %s", name, problem);
  return FALSE;
}

static gboolean
read_dtype (IvSafetensor *tensor, JsonObject *entry, guint *bits, GError **error)
{
  const char *dtype = iv_json_get_string (entry, "dtype");
  if (dtype == NULL)
    return fail (error, tensor->name, "dtype is missing or no string");
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (g_str_equal (dtypes[i].name, dtype)) {
      tensor->is_weight = dtypes[i].is_weight;
      tensor->type = dtypes[i].type;
      *bits = dtypes[i].bits;
      return TRUE;
    }
  return fail (error, tensor->name, "the dtype “%s” is not known", dtype);
}

static gboolean
read_shape (IvSafetensor *tensor, JsonObject *entry, guint64 *n_elements, GError **error)
{
  JsonArray *shape = iv_json_get_array (entry, "shape");
  if (shape == NULL || json_array_get_length (shape) > IV_SAFETENSOR_MOST_DIMENSIONS)
    return fail (error,
                 tensor->name,
                 "shape is missing or no array of at most %d sizes",
                 IV_SAFETENSOR_MOST_DIMENSIONS);
  tensor->n_dims = json_array_get_length (shape);
  *n_elements = 1;
  for (guint i = 0; i < tensor->n_dims; i++)
    if (!iv_json_node_get_uint (json_array_get_element (shape, i), &tensor->shape[i]) ||
        tensor->shape[i] == 0 ||
        !g_uint64_checked_mul (n_elements, *n_elements, tensor->shape[i]) ||
        *n_elements > G_MAXINT64 / 64)
      return fail (error, tensor->name, "shape[%u] is not a possible size", i);
  return TRUE;
}

static gboolean
read_place (IvSafetensor *tensor, JsonObject *entry, const guint8 *data, gsize size, GError **error)
{
  guint64 begin, end;
  JsonArray *offsets = iv_json_get_array (entry, "data_offsets");
  if (offsets == NULL || json_array_get_length (offsets) != 2 ||
      !iv_json_node_get_uint (json_array_get_element (offsets, 0), &begin) ||
      !iv_json_node_get_uint (json_array_get_element (offsets, 1), &end))
    return fail (error, tensor->name, "data_offsets is missing or no pair of whole numbers");
  if (begin > end || end > size)
    return fail (error,
                 tensor->name,
                 "data_offsets [%" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
                 "] do not lie in the %" G_GSIZE_FORMAT " bytes of data",
                 begin,
                 end,
                 size);
  tensor->data = data + begin;
  tensor->size = (gsize) (end - begin);
  return TRUE;
}

static gboolean
read_entry (IvSafetensor *tensor, JsonNode *node, const guint8 *data, gsize size, GError **error)
{
  guint bits = 0;
  guint64 n_elements = 0;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fail (error, tensor->name, "the entry is no object");
  JsonObject *entry = json_node_get_object (node);
  if (!read_dtype (tensor, entry, &bits, error) ||
      !read_shape (tensor, entry, &n_elements, error) ||
      !read_place (tensor, entry, data, size, error))
    return FALSE;
  if (tensor->size == n_elements * bits / 8)
    return TRUE;
  return fail (error,
               tensor->name,
               "data_offsets span %" G_GSIZE_FORMAT " bytes where dtype and shape ask for "
               "%" G_GUINT64_FORMAT,
               tensor->size,
               n_elements * bits / 8);
}

static gint
compare_places (gconstpointer a, gconstpointer b)
{
  const IvSafetensor *first = *(IvSafetensor *const *) a, *second = *(IvSafetensor *const *) b;
  return first->data < second->data ? -1 : first->data > second->data;
}

/* Of the tensors from start on, which are those of one file. */
static gboolean
check_overlaps (GPtrArray *tensors, guint start, GError **error)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  for (guint i = start; i < tensors->len; i++)
    g_ptr_array_add (sorted, g_ptr_array_index (tensors, i));
  g_ptr_array_sort (sorted, compare_places);
  for (guint i = 1; i < sorted->len; i++) {
    const IvSafetensor *before = g_ptr_array_index (sorted, i - 1);
    const IvSafetensor *tensor = g_ptr_array_index (sorted, i);
    if (before->data + before->size > tensor->data)
      return fail (error, tensor->name, "its data overlap those of %s", before->name);
  }
  return TRUE;
}

static gboolean
read_header (IvByteReader *reader, guint64 *n_json, GError **error)
{
  if (!iv_byte_reader_u64 (reader, "the header's length", n_json, error))
    return FALSE;
  if (*n_json <= MOST_HEADER && *n_json >= 2 && *n_json <= iv_byte_reader_left (reader))
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "the header's length is %" G_GUINT64_FORMAT " in a file of %" G_GSIZE_FORMAT
               " bytes",
               *n_json,
               reader->size);
  return FALSE;
}

gboolean
iv_safetensors_read (GBytes *bytes, GPtrArray *tensors, gsize *n_header, GError **error)
{
  IvByteReader reader = { 0 };
  guint64 n_json;
  guint start = tensors->len;
  reader.data = g_bytes_get_data (bytes, &reader.size);
  if (!read_header (&reader, &n_json, error))
    return FALSE;
  g_autoptr (JsonNode) root =
      iv_json_parse ((const char *) reader.data + reader.position, (gsize) n_json, error);
  if (root == NULL)
    return FALSE;
  *n_header = reader.position + (gsize) n_json;
  JsonObject *table = json_node_get_object (root);
  g_autoptr (GList) names = json_object_get_members (table);
  for (GList *item = names; item != NULL; item = item->next) {
    const char *name = item->data;
    if (g_str_equal (name, "__metadata__"))
      continue;
    IvSafetensor *tensor = g_new0 (IvSafetensor, 1);
    tensor->name = g_strdup (name);
    g_ptr_array_add (tensors, tensor);
    if (!read_entry (tensor,
                     json_object_get_member (table, name),
                     reader.data + *n_header,
                     reader.size - *n_header,
                     error))
      return FALSE;
  }
  return check_overlaps (tensors, start, error);
}
