/* Weights from the layout of their file into the layout that the kernels of a class read.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/ops/iv-pack.h"

#include <string.h>

#include "model/files/iv-half.h"
#include "model/ops/iv-pack-block.h"

/* Of a block of 32: texels of weights; of its scales, texels for eight rows in the CPU layout and
 * bytes in the GPU layout, and of eight blocks the same. bias: what is added to signed weights. */
static const struct {
  const char *name;
  guint texels;
  guint cpu_scales, cpu_supers;
  guint gpu_scales, gpu_supers;
  int bias;
} formats[IV_N_FORMATS] = {
  [IV_FORMAT_F32] = { .name = "f32", .texels = 8 },
  [IV_FORMAT_F16] = { .name = "f16", .texels = 4 },
  [IV_FORMAT_BF16] = { .name = "bf16", .texels = 4 },
  [IV_FORMAT_Q8] = { "q8", 2, 1, 0, 2, 0, 128 },
  [IV_FORMAT_Q8M] = { "q8m", 2, 2, 0, 4, 0, 0 },
  [IV_FORMAT_Q8S] = { "q8s", 2, 1, 1, 2, 4, 128 },
  [IV_FORMAT_Q8SM] = { "q8sm", 2, 2, 2, 4, 4, 0 },
  [IV_FORMAT_Q4] = { "q4", 1, 1, 0, 2, 0, 8 },
  [IV_FORMAT_Q4M] = { "q4m", 1, 2, 0, 4, 0, 0 },
  [IV_FORMAT_Q4SM] = { "q4sm", 1, 1, 2, 2, 4, 0 },
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
  case IV_TYPE_Q5_0:
  case IV_TYPE_IQ4_NL:
    return IV_FORMAT_Q8;
  case IV_TYPE_Q5_1:
    return IV_FORMAT_Q8M;
  case IV_TYPE_Q3_K:
  case IV_TYPE_Q6_K:
  case IV_TYPE_IQ4_XS:
    return IV_FORMAT_Q8S;
  case IV_TYPE_Q2_K:
  case IV_TYPE_Q5_K:
    return IV_FORMAT_Q8SM;
  case IV_TYPE_Q4_0:
    return IV_FORMAT_Q4;
  case IV_TYPE_Q4_1:
    return IV_FORMAT_Q4M;
  case IV_TYPE_Q4_K:
    return IV_FORMAT_Q4SM;
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
  guint n_supers = (n_blocks + IV_SUPER_BLOCKS - 1) / IV_SUPER_BLOCKS;
  gsize cpu_texels =
      (gsize) n_blocks * formats[format].cpu_scales + (gsize) n_supers * formats[format].cpu_supers;
  gsize gpu_bytes =
      (gsize) n_blocks * formats[format].gpu_scales + (gsize) n_supers * formats[format].gpu_supers;
  *layout = (IvPackLayout){
    .device_class = device_class,
    .format = format,
    .lanes = lanes,
    .n_blocks = n_blocks,
    .tile_rows = tile_rows,
    .tile_weights = (gsize) n_blocks * tile_rows * formats[format].texels * 16,
    .tile_scales = cpu ? cpu_texels * lanes * 16 : gpu_bytes * tile_rows,
  };
}

/* A row in its tile: where texels of the first block lie and, of formats with one F16 for a block
 * and nothing else, the scales; and how far apart. */
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

/* CPU layout: a number of the row is two bytes, or one, in each texel of its lane. */
static void
put_cpu_scales (const IvPackLayout *layout, const IvPackRow *row, guint block, const IvPackBlock *b)
{
  guint n_scales = formats[layout->format].cpu_scales;
  guint n_supers = formats[layout->format].cpu_supers;
  guint group = row->row / layout->lanes, lane = row->row % layout->lanes;
  gsize step = (gsize) 16 * layout->lanes;
  guint8 *lane_texels = row->scales + 16 * (gsize) lane;
  guint8 *super = lane_texels +
                  block / IV_SUPER_BLOCKS * (gsize) (n_supers + IV_SUPER_BLOCKS * n_scales) * step;
  guint8 *texel =
      lane_texels + ((gsize) block * n_scales + (block / IV_SUPER_BLOCKS + 1) * n_supers) * step;
  guint8 *halves = n_supers > 0 ? super : texel;
  if (n_supers == 0 || block % IV_SUPER_BLOCKS == 0) {
    iv_u16_store (halves + 2 * group, b->d);
    if (MAX (n_supers, n_scales) > 1)
      iv_u16_store (halves + step + 2 * group, b->m);
  }
  if (n_supers == 0)
    return;
  texel[group] = (guint8) b->scale[0];
  texel[8 + group] = (guint8) (layout->format == IV_FORMAT_Q4SM ? b->minimum[0] : b->scale[1]);
  if (layout->format == IV_FORMAT_Q8SM) {
    texel[step + group] = (guint8) b->minimum[0];
    texel[step + 8 + group] = (guint8) b->minimum[1];
  }
}

/* GPU layout: a row's numbers follow each other. */
static void
put_gpu_scales (const IvPackLayout *layout, const IvPackRow *row, guint block, const IvPackBlock *b)
{
  guint n_scales = formats[layout->format].gpu_scales;
  guint n_supers = formats[layout->format].gpu_supers;
  guint super = block / IV_SUPER_BLOCKS;
  gsize super_size = IV_SUPER_BLOCKS * n_scales + n_supers;
  guint8 *at = row->scales + (gsize) row->row * layout->n_blocks * n_scales +
               (gsize) row->row * (layout->n_blocks / IV_SUPER_BLOCKS) * n_supers;
  guint8 *bytes = at + (gsize) block * n_scales + (super + 1) * n_supers;
  guint8 *halves = n_supers > 0 ? at + super * super_size : bytes;
  if (n_supers == 0 || block % IV_SUPER_BLOCKS == 0) {
    iv_u16_store (halves, b->d);
    if (MAX (n_supers, n_scales) > 2)
      iv_u16_store (halves + 2, b->m);
  }
  if (n_supers == 0)
    return;
  bytes[0] = (guint8) b->scale[0];
  bytes[1] = (guint8) (layout->format == IV_FORMAT_Q4SM ? b->minimum[0] : b->scale[1]);
  if (layout->format == IV_FORMAT_Q8SM) {
    bytes[2] = (guint8) b->minimum[0];
    bytes[3] = (guint8) b->minimum[1];
  }
}

static void
put_scales (const IvPackLayout *layout,
            const Cursor *cursor,
            guint block,
            const IvPackBlock *unpacked)
{
  if (layout->device_class == IV_VK_CLASS_CPU)
    put_cpu_scales (layout, cursor->row, block, unpacked);
  else
    put_gpu_scales (layout, cursor->row, block, unpacked);
}

static void
put_quants (const IvPackLayout *layout,
            const Cursor *cursor,
            guint block,
            const IvPackBlock *unpacked)
{
  guint8 *texel = cursor->texels + block * cursor->block_step;
  int bias = formats[layout->format].bias;
  if (formats[layout->format].texels == 2) {
    for (guint j = 0; j < 2; j++, texel += cursor->texel_step)
      for (guint i = 0; i < 16; i++)
        texel[i] = (guint8) (unpacked->q[16 * j + i] + bias);
    return;
  }
  /* Word w, half h, nibble c is weight 8 w + 4 h + c: two to a byte in order. */
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
