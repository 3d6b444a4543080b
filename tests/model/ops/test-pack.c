/* Packed weights read back by the words of iv-shared-linear.h: no type loses a bit, and none takes
 * much more room than its file.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-half.h"
#include "model/ops/iv-pack.h"

enum { N_ROWS = 70, N_IN = 768, N_BLOCKS = N_IN / 32, N_SUPERS = N_BLOCKS / 8 };

/* room: bytes of a tile over bytes of its rows in the file, at most; bytes for 5 and 6 bits and
 * bytes for the scales of both halves cost what exceeds 1. */
static const struct {
  IvDataType type;
  double room;
} types[] = {
  { IV_TYPE_F32, 1 },     { IV_TYPE_F16, 1 },     { IV_TYPE_BF16, 1 },
  { IV_TYPE_Q8_0, 1 },    { IV_TYPE_Q4_0, 1 },    { IV_TYPE_Q4_1, 1 },
  { IV_TYPE_Q5_0, 1.55 }, { IV_TYPE_Q5_1, 1.5 },  { IV_TYPE_IQ4_NL, 1.89 },
  { IV_TYPE_Q2_K, 3.5 },  { IV_TYPE_Q3_K, 2.51 }, { IV_TYPE_Q4_K, 1.03 },
  { IV_TYPE_Q5_K, 1.66 }, { IV_TYPE_Q6_K, 1.32 }, { IV_TYPE_IQ4_XS, 2.03 },
};

/* Random bytes; F16 and BF16 scales and values are made finite by clearing an exponent's bit in
 * every second byte that may be one's upper half. */
static guint8 *
make_data (IvDataType type, gsize size)
{
  guint8 *data = g_malloc (size);
  guint block = iv_data_type_get_block_bytes (type);
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) g_test_rand_int ();
  static const struct {
    IvDataType type;
    guint scales[2];
  } halves[] = {
    { IV_TYPE_Q8_0, { 0 } },   { IV_TYPE_Q4_0, { 0 } },      { IV_TYPE_Q4_1, { 0, 2 } },
    { IV_TYPE_Q5_0, { 0 } },   { IV_TYPE_Q5_1, { 0, 2 } },   { IV_TYPE_IQ4_NL, { 0 } },
    { IV_TYPE_Q3_K, { 108 } }, { IV_TYPE_Q2_K, { 80, 82 } }, { IV_TYPE_Q4_K, { 0, 2 } },
    { IV_TYPE_Q6_K, { 208 } }, { IV_TYPE_Q5_K, { 0, 2 } },   { IV_TYPE_IQ4_XS, { 0 } },
    { IV_TYPE_F16, { 0 } },    { IV_TYPE_BF16, { 0 } },      { IV_TYPE_F32, { 2 } },
  };
  for (guint t = 0; t < G_N_ELEMENTS (halves); t++)
    for (gsize at = 0; halves[t].type == type && at < size; at += block)
      for (guint s = 0; s < 2 && (s == 0 || halves[t].scales[s] > 0); s++)
        data[at + halves[t].scales[s] + 1] &= 0xbf;
  return data;
}

typedef struct {
  IvPackLayout layout;
  const guint8 *weights, *scales;
} Packed;

/* Where texel j of a block of a row lies. */
static const guint8 *
get_texel (const Packed *p, guint row, guint block, guint j, guint texels)
{
  guint lanes = p->layout.lanes;
  gsize at = ((gsize) row * N_BLOCKS + block) * texels + j;
  if (p->layout.device_class == IV_VK_CLASS_CPU)
    at = ((((gsize) row / (lanes * 8) * N_BLOCKS + block) * texels + j) * 8 + row / lanes % 8) *
             lanes +
         row % lanes;
  return p->weights + 16 * at;
}

/* Scale texel i of the row's lane. */
static const guint8 *
get_scales (const Packed *p, guint row, gsize i)
{
  guint lanes = p->layout.lanes;
  return p->scales + row / (lanes * 8) * p->layout.tile_scales + 16 * (i * lanes + row % lanes);
}

/* Scale, minimum and offset of half h of a block. */
typedef struct {
  float scale, minimum;
  int bias;
} Scale;

static Scale
read_cpu_scale (const Packed *p, guint row, guint block, guint h)
{
  guint r = row / p->layout.lanes % 8, b = block % 8;
  gsize super = block / 8;
  const guint8 *t;
  switch (p->layout.format) {
  case IV_FORMAT_Q8:
  case IV_FORMAT_Q4:
    t = get_scales (p, row, block);
    return (Scale){ iv_half_load (t + 2 * r), 0, p->layout.format == IV_FORMAT_Q8 ? 128 : 8 };
  case IV_FORMAT_Q8M:
  case IV_FORMAT_Q4M:
    return (Scale){ iv_half_load (get_scales (p, row, 2 * (gsize) block) + 2 * r),
                    iv_half_load (get_scales (p, row, 2 * (gsize) block + 1) + 2 * r),
                    0 };
  case IV_FORMAT_Q8S:
    t = get_scales (p, row, 9 * super + 1 + b);
    return (Scale){ iv_half_load (get_scales (p, row, 9 * super) + 2 * r) * (gint8) t[8 * h + r],
                    0,
                    128 };
  case IV_FORMAT_Q8SM:
    t = get_scales (p, row, 18 * super + 2 + 2 * b);
    return (Scale){ iv_half_load (get_scales (p, row, 18 * super) + 2 * r) * t[8 * h + r],
                    iv_half_load (get_scales (p, row, 18 * super + 1) + 2 * r) *
                        get_scales (p, row, 18 * super + 3 + 2 * b)[8 * h + r],
                    0 };
  default:
    t = get_scales (p, row, 10 * super + 2 + b);
    return (Scale){ iv_half_load (get_scales (p, row, 10 * super) + 2 * r) * t[r],
                    iv_half_load (get_scales (p, row, 10 * super + 1) + 2 * r) * t[8 + r],
                    0 };
  }
}

static Scale
read_gpu_scale (const Packed *p, guint row, guint block, guint h)
{
  gsize i = (gsize) row * N_BLOCKS + block, super = (gsize) row * N_SUPERS + block / 8;
  guint b = block % 8;
  const guint8 *t;
  switch (p->layout.format) {
  case IV_FORMAT_Q8:
    return (Scale){ iv_half_load (p->scales + 2 * i), 0, 128 };
  case IV_FORMAT_Q4:
    return (Scale){ iv_half_load (p->scales + 2 * i), 0, 8 };
  case IV_FORMAT_Q8M:
  case IV_FORMAT_Q4M:
    t = p->scales + 4 * i;
    return (Scale){ iv_half_load (t), iv_half_load (t + 2), 0 };
  case IV_FORMAT_Q8S:
    t = p->scales + 20 * super;
    return (Scale){ iv_half_load (t) * (gint8) t[4 + 2 * b + h], 0, 128 };
  case IV_FORMAT_Q8SM:
    t = p->scales + 36 * super;
    return (Scale){ iv_half_load (t) * t[4 + 4 * b + h],
                    iv_half_load (t + 2) * t[4 + 4 * b + 2 + h],
                    0 };
  default:
    t = p->scales + 20 * super;
    return (Scale){ iv_half_load (t) * t[4 + 2 * b], iv_half_load (t + 2) * t[4 + 2 * b + 1], 0 };
  }
}

static float
read_weight (const Packed *p, guint row, guint k)
{
  guint block = k / 32, i = k % 32;
  gboolean cpu = p->layout.device_class == IV_VK_CLASS_CPU;
  if (p->layout.format == IV_FORMAT_F32) {
    float value;
    memcpy (&value, get_texel (p, row, block, i / 4, 8) + 4 * (i % 4), sizeof value);
    return value;
  }
  if (p->layout.format == IV_FORMAT_F16)
    return iv_half_load (get_texel (p, row, block, i / 8, 4) + 2 * (i % 8));
  if (p->layout.format == IV_FORMAT_BF16)
    return iv_bf16_load (get_texel (p, row, block, i / 8, 4) + 2 * (i % 8));
  Scale s = cpu ? read_cpu_scale (p, row, block, i / 16) : read_gpu_scale (p, row, block, i / 16);
  int q;
  if (p->layout.format >= IV_FORMAT_Q4)
    q = get_texel (p, row, block, 0, 1)[i / 2] >> (4 * (i % 2)) & 15;
  else
    q = get_texel (p, row, block, i / 16, 2)[i % 16];
  return s.scale * (float) (q - s.bias) - s.minimum;
}

static void
check_type (guint t, IvVkDeviceClass device_class, guint lanes)
{
  IvDataType type = types[t].type;
  gsize row_size = iv_data_type_get_size (type, N_IN);
  Packed p;
  iv_pack_layout_init (&p.layout, device_class, lanes, iv_pack_get_format (type), N_IN);
  double room = (double) (p.layout.tile_weights + p.layout.tile_scales) /
                (double) (row_size * p.layout.tile_rows);
  g_assert_cmpfloat (room, <=, types[t].room);
  guint n_tiles = (N_ROWS + p.layout.tile_rows - 1) / p.layout.tile_rows;
  g_autofree guint8 *weights = g_malloc0 (n_tiles * p.layout.tile_weights);
  g_autofree guint8 *scales = g_malloc0 (n_tiles * p.layout.tile_scales + 1);
  g_autofree guint8 *data = make_data (type, N_ROWS * row_size);
  g_autofree float *truth = g_new (float, N_ROWS *N_IN);
  iv_data_type_to_f32 (type, data, truth, N_ROWS * N_IN);
  p.weights = weights;
  p.scales = scales;
  for (guint row = 0; row < N_ROWS; row++) {
    guint tile = row / p.layout.tile_rows;
    IvPackRow packed = { .type = type,
                         .data = data + row * row_size,
                         .n_in = N_IN,
                         .row = row % p.layout.tile_rows,
                         .weights = weights + tile * p.layout.tile_weights,
                         .scales = scales + tile * p.layout.tile_scales };
    iv_pack_rows (&p.layout, &packed, 1);
  }
  for (guint i = 0; i < N_ROWS * N_IN; i++) {
    float value = read_weight (&p, i / N_IN, i % N_IN);
    if (value != truth[i])
      g_error ("%s, weight %u: %a, not %a", iv_data_type_to_string (type), i, value, truth[i]);
  }
}

static void
test_exact (void)
{
  for (guint t = 0; t < G_N_ELEMENTS (types); t++) {
    check_type (t, IV_VK_CLASS_CPU, 8);
    check_type (t, IV_VK_CLASS_CPU, 4);
    check_type (t, IV_VK_CLASS_GPU_SUBGROUP, 32);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pack/exact", test_exact);
  return g_test_run ();
}
