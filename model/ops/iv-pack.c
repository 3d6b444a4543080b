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

/* Where texel j of a block of the row begins. */
static guint8 *
locate_texel (const IvPackLayout *layout, const IvPackRow *source, guint block, guint j)
{
  guint texels = formats[layout->format].texels;
  gsize at;
  if (layout->device_class == IV_VK_CLASS_CPU) {
    guint group = source->row / layout->lanes, lane = source->row % layout->lanes;
    at = (((gsize) block * texels + j) * IV_TILE_GROUPS + group) * layout->lanes + lane;
  } else {
    at = ((gsize) source->row * layout->n_blocks + block) * texels + j;
  }
  return source->weights + 16 * at;
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
put_half_scale (const IvPackLayout *layout, const IvPackRow *source, guint block, float v)
{
  guint group = source->row / layout->lanes, lane = source->row % layout->lanes;
  gsize at = layout->device_class == IV_VK_CLASS_CPU
                 ? 16 * ((gsize) block * layout->lanes + lane) + 2 * group
                 : 2 * ((gsize) source->row * layout->n_blocks + block);
  iv_half_store (source->scales + at, v);
}

static void
put_scales (const IvPackLayout *layout,
            const IvPackRow *source,
            guint block,
            const IvPackBlock *unpacked)
{
  float entries[4] = { unpacked->scale[0] };
  guint n = formats[layout->format].gpu_scale_bytes / 4;
  switch (layout->format) {
  case IV_FORMAT_Q8:
  case IV_FORMAT_Q4:
    put_half_scale (layout, source, block, unpacked->scale[0]);
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
            const IvPackRow *source,
            guint block,
            const IvPackBlock *unpacked)
{
  if (formats[layout->format].texels == 2) {
    for (guint j = 0; j < 2; j++) {
      guint8 *texel = locate_texel (layout, source, block, j);
      for (guint i = 0; i < 16; i++)
        texel[i] = (guint8) (unpacked->q[16 * j + i] + 128);
    }
    return;
  }
  /* Word w, half h, nibble c is weight 8 w + 4 h + c: two to a byte in order. */
  int bias = layout->format == IV_FORMAT_Q4 ? 8 : 0;
  guint8 *texel = locate_texel (layout, source, block, 0);
  for (guint i = 0; i < 16; i++)
    texel[i] = (guint8) ((unpacked->q[2 * i] + bias) | (unpacked->q[2 * i + 1] + bias) << 4);
}

static void
pack_quantised (const IvPackLayout *layout, const IvPackRow *source)
{
  guint n = (source->n_in + 31) / 32;
  for (guint block = 0; block < n; block++) {
    IvPackBlock unpacked;
    iv_pack_block_read (source->type, source->data, block, &unpacked);
    put_quants (layout, source, block, &unpacked);
    put_scales (layout, source, block, &unpacked);
  }
}

void
iv_pack_row (const IvPackLayout *layout, const IvPackRow *source)
{
  if (layout->format >= IV_FORMAT_Q8) {
    pack_quantised (layout, source);
    return;
  }
  gsize size = (gsize) source->n_in * (layout->format == IV_FORMAT_F32 ? 4 : 2);
  guint texels = formats[layout->format].texels;
  for (gsize done = 0; done < size; done += 16) {
    guint texel = (guint) (done / 16);
    memcpy (locate_texel (layout, source, texel / texels, texel % texels),
            source->data + done,
            MIN (size - done, 16));
  }
}
