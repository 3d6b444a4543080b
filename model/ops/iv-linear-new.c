/* Matrices of weights on the device: made from tensors, packed, freed.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-linear-private.h"

/* Larger pieces gain nothing and stretch what drivers allow one allocation to be. */
#define PIECE_SIZE ((gsize) 1 << 30)
/* Bytes packed in host memory before they are written to a card. */
#define BATCH_SIZE ((gsize) 16 << 20)
/* Bytes that keep a thread busy for some milliseconds. */
#define THREAD_SIZE ((gsize) 2 << 20)

static guint
count_rows (const IvTensor *tensor)
{
  return tensor->n_dims > 1 ? (guint) tensor->shape[0] : 1;
}

static guint
count_columns (const IvTensor *tensor)
{
  gint64 n = 1;
  for (guint i = tensor->n_dims > 1 ? 1 : 0; i < tensor->n_dims; i++)
    n *= tensor->shape[i];
  return (guint) n;
}

static gboolean
check_parts (const IvLinearParams *params, GError **error)
{
  guint n_in = count_columns (params->parts[0]);
  for (guint i = 0; i < params->n_parts; i++) {
    const IvTensor *part = params->parts[i], *bias = params->biases[i];
    if (count_columns (part) != n_in) {
      g_set_error (error,
                   IV_MODEL_ERROR,
                   IV_MODEL_ERROR_MISMATCH,
                   "%s has %u columns, %s has %u",
                   part->name,
                   count_columns (part),
                   params->parts[0]->name,
                   n_in);
      return FALSE;
    }
    guint n_bias = bias != NULL ? count_rows (bias) * count_columns (bias) : count_rows (part);
    if (n_bias != count_rows (part)) {
      g_set_error (error,
                   IV_MODEL_ERROR,
                   IV_MODEL_ERROR_MISMATCH,
                   "%s has %u values for the %u rows of %s",
                   bias->name,
                   n_bias,
                   count_rows (part),
                   part->name);
      return FALSE;
    }
  }
  return TRUE;
}

/* The type a part is packed from. */
static IvDataType
get_type (const IvLinearParams *params, guint i)
{
  const IvTensor *part = params->parts[i];
  gboolean can_convert = params->types[i] != IV_TYPE_F32 &&
                         iv_data_type_get_size (params->types[i], count_columns (part)) > 0;
  return can_convert ? params->types[i] : part->type;
}

/* The part that row lies in; row becomes its number there. */
static guint
find_part (const IvLinearParams *params, guint *row)
{
  guint i = 0;
  while (*row >= count_rows (params->parts[i]))
    *row -= count_rows (params->parts[i++]);
  return i;
}

/* Rows packed together, and their data where it is converted, for one thread. */
typedef struct {
  IvPackRow rows[IV_PACK_MOST_ROWS];
  float *values;
  guint8 *data;
  gsize row_size; /* of converted data */
} Packer;

static void
packer_init (Packer *packer, const IvLinearParams *params)
{
  guint n = count_columns (params->parts[0]);
  *packer = (Packer){ 0 };
  for (guint i = 0; i < params->n_parts; i++)
    if (get_type (params, i) != params->parts[i]->type)
      packer->row_size = MAX (packer->row_size, iv_data_type_get_size (get_type (params, i), n));
  if (packer->row_size > 0) {
    packer->values = g_new (float, n);
    packer->data = g_malloc (IV_PACK_MOST_ROWS * packer->row_size);
  }
}

static void
packer_clear (Packer *packer)
{
  g_free (packer->values);
  g_free (packer->data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Packer, packer_clear)

/* Row of the whole matrix as number i of those packed together. */
static void
take_row (Packer *packer, const IvLinearParams *params, guint row, guint i)
{
  guint k = find_part (params, &row);
  const IvTensor *part = params->parts[k];
  IvPackRow *packed = &packer->rows[i];
  packed->type = get_type (params, k);
  packed->n_in = count_columns (part);
  packed->data = (const guint8 *) part->data + row * (part->size / count_rows (part));
  if (packed->type == part->type)
    return;
  guint8 *converted = packer->data + i * packer->row_size;
  iv_data_type_to_f32 (part->type, packed->data, packer->values, packed->n_in);
  iv_data_type_from_f32 (packed->type, packer->values, converted, packed->n_in);
  packed->data = converted;
}

static void
pack_tile (const IvLinearParams *params,
           const IvLinearPiece *piece,
           guint tile,
           Packer *packer,
           guint8 *weights,
           guint8 *scales)
{
  const IvPackLayout *layout = &piece->layout;
  guint first = tile * layout->tile_rows, step = MIN (layout->lanes, IV_PACK_MOST_ROWS);
  guint n = MIN (piece->n_rows - first, layout->tile_rows);
  if (n < layout->tile_rows || count_columns (params->parts[0]) % 32 != 0) {
    memset (weights, 0, layout->tile_weights);
    memset (scales, 0, layout->tile_scales);
  }
  for (guint r = 0; r < n; r += step) {
    guint m = MIN (step, n - r);
    for (guint i = 0; i < m; i++) {
      packer->rows[i] = (IvPackRow){ .row = r + i, .weights = weights, .scales = scales };
      take_row (packer, params, piece->first_row + first + r + i, i);
    }
    iv_pack_rows (layout, packer->rows, m);
  }
}

/* Tiles first … first + n - 1, shared out among threads as they come. */
typedef struct {
  const IvLinearParams *params;
  const IvLinearPiece *piece;
  guint first, n;
  guint8 *weights, *scales; /* of tile first */
  gint next;                /* atomic: how many are taken */
} Packing;

static gpointer
pack_some (gpointer data)
{
  Packing *packing = data;
  const IvPackLayout *layout = &packing->piece->layout;
  g_auto (Packer) packer;
  packer_init (&packer, packing->params);
  for (;;) {
    guint i = (guint) g_atomic_int_add (&packing->next, 1);
    if (i >= packing->n)
      return NULL;
    pack_tile (packing->params,
               packing->piece,
               packing->first + i,
               &packer,
               packing->weights + i * layout->tile_weights,
               packing->scales + i * layout->tile_scales);
  }
}

/* Small matrices are not worth a thread. */
static void
pack_tiles (Packing *packing)
{
  gsize size = packing->n * packing->piece->layout.tile_weights;
  guint n_threads = (guint) MIN (size / THREAD_SIZE, g_get_num_processors () - 1);
  g_autofree GThread **threads = g_new (GThread *, n_threads + 1);
  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("pack weights", pack_some, packing);
  pack_some (packing);
  for (guint i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
}

/* Straight into mapped memory; else through host memory, some tiles at a time. */
static gboolean
upload (const IvLinearParams *params, const IvLinearPiece *piece, GError **error)
{
  const IvPackLayout *layout = &piece->layout;
  guint8 *weights = iv_vk_buffer_get_mapped (piece->weights);
  guint8 *scales = iv_vk_buffer_get_mapped (piece->scales);
  guint n_tiles = (piece->n_rows + layout->tile_rows - 1) / layout->tile_rows;
  if (weights != NULL && scales != NULL) {
    Packing packing = { params, piece, 0, n_tiles, weights, scales, 0 };
    pack_tiles (&packing);
    return TRUE;
  }
  guint most = (guint) CLAMP (BATCH_SIZE / layout->tile_weights, 1, n_tiles);
  g_autofree guint8 *own = g_malloc (most * (layout->tile_weights + layout->tile_scales));
  guint8 *own_scales = own + most * layout->tile_weights;
  for (guint tile = 0; tile < n_tiles; tile += most) {
    guint n = MIN (most, n_tiles - tile);
    Packing packing = { params, piece, tile, n, own, own_scales, 0 };
    pack_tiles (&packing);
    if (!iv_vk_buffer_write (
            piece->weights, tile * layout->tile_weights, own, n * layout->tile_weights, error) ||
        !iv_vk_buffer_write (
            piece->scales, tile * layout->tile_scales, own_scales, n * layout->tile_scales, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_piece (IvOps *ops,
           IvLinear *linear,
           const IvLinearParams *params,
           IvLinearPiece piece,
           GError **error)
{
  const IvPackLayout *layout = &piece.layout;
  gsize n_tiles = (piece.n_rows + layout->tile_rows - 1) / layout->tile_rows;
  IvVkBufferParams weights = { params->name, n_tiles * layout->tile_weights, params->place };
  IvVkBufferParams scales = { params->name, n_tiles * layout->tile_scales, params->place };
  piece.weights = iv_vk_buffer_new (ops->device, &weights, error);
  if (piece.weights == NULL)
    return FALSE;
  if (layout->tile_scales > 0)
    piece.scales = iv_vk_buffer_new (ops->device, &scales, error);
  else
    piece.scales = iv_vk_buffer_ref (ops->nothing);
  if (piece.scales == NULL) {
    iv_vk_buffer_unref (piece.weights);
    return FALSE;
  }
  g_array_append_val (linear->pieces, piece);
  return upload (params, &piece, error);
}

/* The most rows of a piece: what one binding and one allocation may hold, in whole tiles. */
static guint
get_most_rows (IvOps *ops, const IvPackLayout *layout)
{
  const IvVkDeviceInfo *info = iv_vk_device_get_info (ops->device);
  guint64 most = MIN (PIECE_SIZE, info->max_allocation);
  if (ops->device_class == IV_VK_CLASS_CPU)
    most = MIN (most, info->max_texel_elements * 16);
  else
    most = MIN (most, info->max_storage_range);
  return (guint) MAX (most / layout->tile_weights, 1) * layout->tile_rows;
}

static gboolean
add_pieces (IvOps *ops, IvLinear *linear, const IvLinearParams *params, GError **error)
{
  guint row = 0;
  for (guint i = 0; i < params->n_parts;) {
    /* Neighbouring parts of one format make one piece. */
    guint format = iv_pack_get_format (get_type (params, i));
    guint n_rows = 0;
    while (i < params->n_parts && iv_pack_get_format (get_type (params, i)) == format)
      n_rows += count_rows (params->parts[i++]);
    IvLinearPiece piece = { .first_row = row };
    iv_pack_layout_init (&piece.layout, ops->device_class, ops->lanes, format, linear->n_in);
    guint most = get_most_rows (ops, &piece.layout);
    for (guint done = 0; done < n_rows; done += piece.n_rows) {
      piece.first_row = row + done;
      piece.n_rows = MIN (n_rows - done, most);
      if (!add_piece (ops, linear, params, piece, error))
        return FALSE;
    }
    row += n_rows;
  }
  return TRUE;
}

static gboolean
add_bias (IvOps *ops, IvLinear *linear, const IvLinearParams *params, GError **error)
{
  gboolean any = FALSE;
  for (guint i = 0; i < params->n_parts; i++)
    any |= params->biases[i] != NULL;
  if (!any)
    return TRUE;
  g_autofree float *values = g_new0 (float, linear->n_out);
  guint row = 0;
  for (guint i = 0; i < params->n_parts; i++) {
    const IvTensor *bias = params->biases[i];
    guint n = count_rows (params->parts[i]);
    if (bias != NULL)
      iv_data_type_to_f32 (bias->type, bias->data, values + row, n);
    row += n;
  }
  gsize size = linear->n_out * sizeof (float);
  IvVkBufferParams buffer = { .name = params->name, .size = size };
  linear->bias = iv_vk_buffer_new (ops->device, &buffer, error);
  return linear->bias != NULL && iv_vk_buffer_write (linear->bias, 0, values, size, error);
}

IvLinear *
iv_linear_new (IvOps *ops, const IvLinearParams *params, GError **error)
{
  g_return_val_if_fail (params->n_parts >= 1 && params->n_parts <= IV_LINEAR_MAX_PARTS, NULL);
  if (!check_parts (params, error))
    return NULL;
  g_autoptr (IvLinear) linear = g_new0 (IvLinear, 1);
  linear->n_in = count_columns (params->parts[0]);
  for (guint i = 0; i < params->n_parts; i++)
    linear->n_out += count_rows (params->parts[i]);
  linear->pieces = g_array_new (FALSE, TRUE, sizeof (IvLinearPiece));
  if (!add_pieces (ops, linear, params, error) || !add_bias (ops, linear, params, error))
    return NULL;
  return g_steal_pointer (&linear);
}

void
iv_linear_free (IvLinear *linear)
{
  for (guint i = 0; i < linear->pieces->len; i++) {
    IvLinearPiece *piece = &g_array_index (linear->pieces, IvLinearPiece, i);
    iv_vk_buffer_unref (piece->weights);
    iv_vk_buffer_unref (piece->scales);
  }
  g_array_unref (linear->pieces);
  g_clear_pointer (&linear->bias, iv_vk_buffer_unref);
  g_free (linear);
}

guint
iv_linear_get_n_in (IvLinear *linear)
{
  return linear->n_in;
}

guint
iv_linear_get_n_out (IvLinear *linear)
{
  return linear->n_out;
}

guint64
iv_linear_get_size (IvLinear *linear)
{
  guint64 size = linear->bias != NULL ? linear->n_out * sizeof (float) : 0;
  for (guint i = 0; i < linear->pieces->len; i++) {
    const IvLinearPiece *piece = &g_array_index (linear->pieces, IvLinearPiece, i);
    const IvPackLayout *layout = &piece->layout;
    guint64 n_tiles = (piece->n_rows + layout->tile_rows - 1) / layout->tile_rows;
    size += n_tiles * (layout->tile_weights + layout->tile_scales);
  }
  return size;
}

guint64
iv_linear_estimate_size (IvVkDeviceClass device_class, IvDataType type, guint n_out, guint n_in)
{
  IvPackLayout layout;
  /* Tiles of the usual subgroup of software Vulkan; the sum hardly depends on it. */
  iv_pack_layout_init (&layout, device_class, 8, iv_pack_get_format (type), n_in);
  guint64 n_tiles = ((guint64) n_out + layout.tile_rows - 1) / layout.tile_rows;
  return n_tiles * (layout.tile_weights + layout.tile_scales);
}
