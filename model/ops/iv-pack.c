/* Weights from the layout of their file into the layout that the kernels of a class read.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-pack.h"

#include <string.h>

#include "model/files/iv-half.h"
#include "model/ops/iv-pack-block.h"

/* Of a block of 32: texels of weights; scale texels for eight rows in the CPU layout; bytes of
 * scales in the GPU layout. */
static const struct {
  const char *name;
  guint texels;
  guint cpu_scales;
  guint gpu_scale_bytes;
} formats[IV_N_FORMATS] = {
  [IV_FORMAT_F32] = { "f32", 8, 0, 0 },   [IV_FORMAT_F16] = { "f16", 4, 0, 0 },
  [IV_FORMAT_BF16] = { "bf16", 4, 0, 0 }, [IV_FORMAT_Q8] = { "q8", 2, 1, 2 },
  [IV_FORMAT_Q8S] = { "q8s", 2, 4, 8 },   [IV_FORMAT_Q8M] = { "q8m", 2, 8, 16 },
  [IV_FORMAT_Q4] = { "q4", 1, 1, 2 },     [IV_FORMAT_Q4S] = { "q4s", 1, 4, 8 },
};

guint
iv_pack_get_format (IvDataType type)
{
  switch (type) {
  case IV_TYPE_F32:
    return IV_FORMAT_F32;
  case IV_TYPE_F16:
    return IV_FORMAT_F16;
  case IV_TYPE_BF16:
    return IV_FORMAT_BF16;
  case IV_TYPE_Q8_0:
  case IV_TYPE_IQ4_NL:
    return IV_FORMAT_Q8;
  case IV_TYPE_Q4_0:
    return IV_FORMAT_Q4;
  case IV_TYPE_Q4_1:
  case IV_TYPE_Q4_K:
    return IV_FORMAT_Q4S;
  case IV_TYPE_Q5_1:
  case IV_TYPE_Q5_K:
  case IV_TYPE_Q2_K:
    return IV_FORMAT_Q8M;
  case IV_TYPE_Q5_0:
  case IV_TYPE_Q3_K:
  case IV_TYPE_Q6_K:
  case IV_TYPE_IQ4_XS:
    return IV_FORMAT_Q8S;
  }
  g_return_val_if_reached (IV_FORMAT_F32);
}

const char *
iv_pack_format_to_string (guint format)
{
  return formats[format].name;
}

void
iv_pack_layout_init (IvPackLayout *layout,
                     IvVkDeviceClass device_class,
                     guint lanes,
                     guint format,
                     guint n_in)
{
  gboolean cpu = device_class == IV_VK_CLASS_CPU;
  guint n_blocks = (n_in + 31) / 32;
  guint tile_rows = cpu ? lanes * IV_TILE_GROUPS : 64;
  gsize blocks = (gsize) n_blocks * tile_rows;
  *layout = (IvPackLayout){
    .device_class = device_class,
    .format = format,
    .lanes = lanes,
    .n_blocks = n_blocks,
    .tile_rows = tile_rows,
    .tile_weights = blocks * formats[format].texels * 16,
    .tile_scales = cpu ? blocks / IV_TILE_GROUPS * formats[format].cpu_scales * 16
                       : blocks * formats[format].gpu_scale_bytes,
  };
}

/* A row in its tile: where texels and F16 scales of the first block lie, and how far apart. */
typedef struct {
  const IvPackRow *row;
  guint8 *texels;
  gsize texel_step, block_step;
  guint8 *half;
  gsize half_step;
} Cursor;

static Cursor
make_cursor (const IvPackLayout *layout, const IvPackRow *row)
{
  guint texels = formats[layout->format].texels;
  Cursor cursor = { row };
  if (layout->device_class == IV_VK_CLASS_CPU) {
    guint group = row->row / layout->lanes, lane = row->row % layout->lanes;
    cursor.texels = row->weights + 16 * ((gsize) group * layout->lanes + lane);
    cursor.texel_step = (gsize) 16 * IV_TILE_GROUPS * layout->lanes;
    cursor.half = row->scales + 16 * (gsize) lane + 2 * group;
    cursor.half_step = (gsize) 16 * layout->lanes;
  } else {
    gsize first = (gsize) row->row * layout->n_blocks;
    cursor.texels = row->weights + 16 * first * texels;
    cursor.texel_step = 16;
    cursor.half = row->scales + 2 * first;
    cursor.half_step = 2;
  }
  cursor.block_step = cursor.texel_step * texels;
  return cursor;
}

static void
put_float (guint8 *bytes, float value)
{
  guint32 bits = GUINT32_TO_LE (iv_float_bits (value));
  memcpy (bytes, &bits, sizeof bits);
}

/* Entry s of the row's block: F32 of the CPU layout. */
static void
put_cpu_scale (const IvPackLayout *layout, const IvPackRow *source, guint block, guint s, float v)
{
  guint group = source->row / layout->lanes, lane = source->row % layout->lanes;
  gsize texel = (gsize) block * formats[layout->format].cpu_scales + 2 * s + group / 4;
  put_float (source->scales + 16 * (texel * layout->lanes + lane) + 4 * (group % 4), v);
}

static void
put_scales (const IvPackLayout *layout,
            const Cursor *cursor,
            guint block,
            const IvPackBlock *unpacked)
{
  const IvPackRow *source = cursor->row;
  float entries[4] = { unpacked->scale[0] };
  guint n = formats[layout->format].gpu_scale_bytes / 4;
  switch (layout->format) {
  case IV_FORMAT_Q8:
  case IV_FORMAT_Q4:
    iv_half_store (cursor->half + block * cursor->half_step, unpacked->scale[0]);
    return;
  case IV_FORMAT_Q4S:
    entries[1] = unpacked->minimum[0];
    break;
  default:
    entries[1] = unpacked->scale[1];
    entries[2] = unpacked->minimum[0];
    entries[3] = unpacked->minimum[1];
    break;
  }
  for (guint s = 0; s < n; s++)
    if (layout->device_class == IV_VK_CLASS_CPU)
      put_cpu_scale (layout, source, block, s, entries[s]);
    else
      put_float (source->scales + 4 * (((gsize) source->row * layout->n_blocks + block) * n + s),
                 entries[s]);
}

static void
put_quants (const IvPackLayout *layout,
            const Cursor *cursor,
            guint block,
            const IvPackBlock *unpacked)
{
  guint8 *texel = cursor->texels + block * cursor->block_step;
  if (formats[layout->format].texels == 2) {
    for (guint j = 0; j < 2; j++, texel += cursor->texel_step)
      for (guint i = 0; i < 16; i++)
        texel[i] = (guint8) (unpacked->q[16 * j + i] + 128);
    return;
  }
  /* Word w, half h, nibble c is weight 8 w + 4 h + c: two to a byte in order. */
  int bias = layout->format == IV_FORMAT_Q4 ? 8 : 0;
  for (guint i = 0; i < 16; i++)
    texel[i] = (guint8) ((unpacked->q[2 * i] + bias) | (unpacked->q[2 * i + 1] + bias) << 4);
}

/* The two commonest types without taking their blocks apart; see put_quants (). */

static void
pack_q8_0 (const Cursor *cursor, guint block)
{
  const guint8 *data = cursor->row->data + (gsize) 34 * block;
  guint8 *texel = cursor->texels + block * cursor->block_step;
  memcpy (cursor->half + block * cursor->half_step, data, 2);
  for (guint j = 0; j < 2; j++, texel += cursor->texel_step) {
    guint64 words[2];
    memcpy (words, data + 2 + 16 * j, sizeof words);
    words[0] ^= G_GUINT64_CONSTANT (0x8080808080808080);
    words[1] ^= G_GUINT64_CONSTANT (0x8080808080808080);
    memcpy (texel, words, sizeof words);
  }
}

static void
pack_q4_0 (const Cursor *cursor, guint block)
{
  const guint8 *data = cursor->row->data + (gsize) 18 * block;
  guint8 *texel = cursor->texels + block * cursor->block_step;
  memcpy (cursor->half + block * cursor->half_step, data, 2);
  for (guint i = 0; i < 8; i++) {
    guint8 a = data[2 + 2 * i], b = data[3 + 2 * i];
    texel[i] = (guint8) ((a & 15) | (b & 15) << 4);
    texel[i + 8] = (guint8) (a >> 4 | (b & 0xf0));
  }
}

/* F32, F16 and BF16 as they are; the last block of a row may be short. */
static void
pack_plain (const IvPackLayout *layout, const Cursor *cursor, guint block)
{
  guint texels = formats[layout->format].texels;
  gsize size = (gsize) cursor->row->n_in * (layout->format == IV_FORMAT_F32 ? 4 : 2);
  guint8 *texel = cursor->texels + block * cursor->block_step;
  for (guint j = 0; j < texels; j++, texel += cursor->texel_step) {
    gsize at = ((gsize) block * texels + j) * 16;
    if (at + 16 <= size)
      memcpy (texel, cursor->row->data + at, 16);
    else if (at < size)
      memcpy (texel, cursor->row->data + at, size - at);
  }
}

static void
pack_block (const IvPackLayout *layout, const Cursor *cursor, guint block)
{
  IvPackBlock unpacked;
  if (layout->format < IV_FORMAT_Q8) {
    pack_plain (layout, cursor, block);
    return;
  }
  switch (cursor->row->type) {
  case IV_TYPE_Q8_0:
    pack_q8_0 (cursor, block);
    return;
  case IV_TYPE_Q4_0:
    pack_q4_0 (cursor, block);
    return;
  default:
    iv_pack_block_read (cursor->row->type, cursor->row->data, block, &unpacked);
    put_quants (layout, cursor, block, &unpacked);
    put_scales (layout, cursor, block, &unpacked);
  }
}

void
iv_pack_rows (const IvPackLayout *layout, const IvPackRow *rows, guint n)
{
  g_return_if_fail (n <= IV_PACK_MOST_ROWS);
  Cursor cursors[IV_PACK_MOST_ROWS];
  for (guint i = 0; i < n; i++)
    cursors[i] = make_cursor (layout, &rows[i]);
  if (layout->device_class == IV_VK_CLASS_CPU) {
    /* Neighbouring rows share cache lines. */
    for (guint block = 0; block < layout->n_blocks; block++)
      for (guint i = 0; i < n; i++)
        pack_block (layout, &cursors[i], block);
    return;
  }
  for (guint i = 0; i < n; i++)
    for (guint block = 0; block < layout->n_blocks; block++)
      pack_block (layout, &cursors[i], block);
}
