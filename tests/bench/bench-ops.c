/* Times the operations of a decoder layer at the shape of a model, one by one.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "model/ops/iv-attention.h"
#include "model/ops/iv-elementwise.h"
#include "model/ops/iv-linear.h"
#include "model/ops/iv-norm.h"

/* Software Vulkan runs on all cores: process time over cores is steadier than the clock when
 * something else runs too. */
static double
get_cpu_time (void)
{
  struct timespec t;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

typedef struct {
  IvOps *ops;
  IvVkCommands *commands;
  guint n_cores;
} Bench;

static void
check (gboolean ok, GError *error)
{
  if (!ok)
    g_error ("%s", error->message);
}

/* Seconds of the recording, the least of some runs; the first, which compiles, apart. */
static double
run (Bench *bench, double *first)
{
  GError *error = NULL;
  double best = G_MAXDOUBLE, spent = 0;
  for (guint i = 0; i < 30 && (i < 4 || spent < 0.6); i++) {
    double cpu = get_cpu_time ();
    gint64 wall = g_get_monotonic_time ();
    check (iv_vk_commands_run (bench->commands, &error), error);
    cpu = (get_cpu_time () - cpu) / bench->n_cores;
    double seconds = bench->n_cores > 0 ? cpu : 1e-6 * (double) (g_get_monotonic_time () - wall);
    spent += seconds;
    if (i == 0)
      *first = seconds;
    else
      best = MIN (best, seconds);
  }
  return best;
}

static IvRows
new_rows (Bench *bench, guint n_rows, guint n)
{
  GError *error = NULL;
  IvRows rows;
  IvRowsParams params = { .name = "bench", .n_rows = n_rows, .n = n };
  check (iv_rows_init (&rows, bench->ops, &params, &error), error);
  g_autofree float *values = g_new (float, (gsize) n_rows *n);
  for (gsize i = 0; i < (gsize) n_rows * n; i++)
    values[i] = (float) (i % 17) / 17 - 0.5f;
  check (iv_rows_write (&rows, n_rows, n, values, &error), error);
  return rows;
}

static void
bench_linear (Bench *bench, IvDataType type, guint n_out, guint n_in, guint n_tokens)
{
  GError *error = NULL;
  guint block = iv_data_type_get_block_elements (type);
  n_in = (n_in + block - 1) / block * block; /* rows are whole blocks: 1024 for 896 of a K type */
  gsize n = (gsize) n_out * n_in;
  gsize size = iv_data_type_get_size (type, (gint64) n);
  g_autofree guint8 *data = g_malloc0 (size);
  IvTensor tensor = { "bench", type, 2, { n_out, n_in }, data, size };
  IvLinearParams params = { .name = "bench", .parts = { &tensor }, .n_parts = 1 };
  double load = get_cpu_time ();
  gint64 load_wall = g_get_monotonic_time ();
  g_autoptr (IvLinear) linear = iv_linear_new (bench->ops, &params, &error);
  check (linear != NULL, error);
  load = get_cpu_time () - load;
  load_wall = g_get_monotonic_time () - load_wall;
  g_print ("pack %.0f MB/s of the file (%.0f by the clock)\n",
           1e-6 * (double) size / load,
           (double) size / (double) load_wall);
  g_auto (IvRows) x = new_rows (bench, n_tokens, n_in);
  g_auto (IvRows) y = new_rows (bench, n_tokens, n_out);
  /* Repeated, so that one submission's cost does not count. */
  guint n_repeats = (guint) CLAMP (4e8 / ((double) n * n_tokens), 1, 50);
  check (iv_vk_commands_begin (bench->commands, &error), error);
  for (guint i = 0; i < n_repeats; i++)
    iv_op_linear (bench->ops, bench->commands, &(IvOpLinear){ linear, x, y, n_tokens, FALSE });
  double first, seconds = run (bench, &first) / n_repeats;
  g_print ("linear %-6s %6u x %5u, %3u tokens: %8.3f ms, %6.1f GFLOP/s, %5.1f GB/s, first %.2f s\n",
           iv_data_type_to_string (type),
           n_out,
           n_in,
           n_tokens,
           1e3 * seconds,
           2e-9 * (double) n * n_tokens / seconds,
           1e-9 * (double) iv_linear_get_size (linear) / seconds,
           first);
}

static void
bench_attention (Bench *bench, IvDataType type, guint n_slots, guint n_tokens)
{
  enum { N_HEADS = 14, N_KV = 2, DIM = 64 };
  GError *error = NULL;
  IvKvCacheParams params = { 1, N_KV, DIM, n_slots, type };
  g_autoptr (IvKvCache) cache = iv_kv_cache_new (bench->ops, &params, &error);
  check (cache != NULL, error);
  g_auto (IvRows) q = new_rows (bench, n_tokens, N_HEADS * DIM);
  g_auto (IvRows) y = new_rows (bench, n_tokens, N_HEADS * DIM);
  guint n_repeats = 10;
  check (iv_vk_commands_begin (bench->commands, &error), error);
  for (guint i = 0; i < n_repeats; i++)
    iv_op_attention (bench->ops,
                     bench->commands,
                     &(IvOpAttention){ .cache = cache,
                                       .q = q,
                                       .y = y,
                                       .n_tokens = n_tokens,
                                       .n_heads = N_HEADS,
                                       .end = n_slots,
                                       .causal = TRUE });
  double first, seconds = run (bench, &first) / n_repeats;
  g_print ("attention %-4s %u tokens on %u slots: %.3f ms, first %.2f s\n",
           iv_data_type_to_string (type),
           n_tokens,
           n_slots,
           1e3 * seconds,
           first);
}

static void
bench_rows (Bench *bench, guint n_tokens)
{
  GError *error = NULL;
  g_auto (IvRows) x = new_rows (bench, n_tokens, 2 * 4864);
  g_auto (IvRows) y = new_rows (bench, n_tokens, 4864);
  double first, seconds;
  check (iv_vk_commands_begin (bench->commands, &error), error);
  for (guint i = 0; i < 10; i++)
    iv_op_norm (bench->ops,
                bench->commands,
                &(IvOpNorm){ .x = x, .y = y, .n_rows = n_tokens, .n = 896, .epsilon = 1e-6f });
  seconds = run (bench, &first) / 10;
  g_print ("norm 896, %u rows: %.3f ms, first %.2f s\n", n_tokens, 1e3 * seconds, first);
  check (iv_vk_commands_begin (bench->commands, &error), error);
  for (guint i = 0; i < 10; i++)
    iv_op_activation (
        bench->ops,
        bench->commands,
        &(IvOpActivation){
            .x = x, .up = iv_rows_from_column (&x, 4864), .y = y, .n_rows = n_tokens, .n = 4864 });
  seconds = run (bench, &first) / 10;
  g_print ("SiLU, up 4864, %u rows: %.3f ms, first %.2f s\n", n_tokens, 1e3 * seconds, first);
  check (iv_vk_commands_begin (bench->commands, &error), error);
  for (guint i = 0; i < 10; i++)
    iv_op_add (bench->ops, bench->commands, &(IvOpAdd){ x, y, n_tokens, 896, 0, FALSE });
  seconds = run (bench, &first) / 10;
  g_print ("add 896, %u rows: %.3f ms, first %.2f s\n", n_tokens, 1e3 * seconds, first);
}

static void
bench_type (Bench *bench, IvDataType type, guint n_tokens)
{
  /* The matrices of Qwen2.5-0.5B: q, k, v; o; gate, up; down; output. */
  bench_linear (bench, type, 1152, 896, n_tokens);
  bench_linear (bench, type, 896, 896, n_tokens);
  bench_linear (bench, type, 9728, 896, n_tokens);
  bench_linear (bench, type, 896, 4864, n_tokens);
  if (n_tokens == 1)
    bench_linear (bench, type, 151936, 896, n_tokens);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  IvVkDeviceParams params = { .index = -1 };
  g_autoptr (IvVkDevice) device = iv_vk_device_new (&params, &error);
  check (device != NULL, error);
  g_autoptr (IvOps) ops = iv_ops_new (device, &error);
  check (ops != NULL, error);
  g_autoptr (IvVkCommands) commands = iv_vk_commands_new (device, &error);
  check (commands != NULL, error);
  gboolean cpu = iv_vk_device_get_info (device)->type == IV_VK_DEVICE_CPU;
  Bench bench = { ops, commands, cpu ? g_get_num_processors () : 0 };
  g_print ("%s; %s\n",
           iv_vk_device_get_description (device),
           cpu ? "process time / cores" : "elapsed time");
  if (argc < 2 || g_str_equal (argv[1], "rows")) {
    bench_rows (&bench, 1);
    bench_rows (&bench, 128);
    static const IvDataType types[] = { IV_TYPE_F32, IV_TYPE_F16, IV_TYPE_Q8_0 };
    for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
      bench_attention (&bench, types[i], 128, 1);
      bench_attention (&bench, types[i], 1024, 1);
      bench_attention (&bench, types[i], 8192, 1);
      bench_attention (&bench, types[i], 128, 128);
      bench_attention (&bench, types[i], 1024, 128);
    }
    return 0;
  }
  IvDataType type;
  if (!iv_data_type_from_string (argv[1], &type))
    g_error ("no type %s", argv[1]);
  guint n_tokens = argc > 2 ? (guint) atoi (argv[2]) : 1;
  bench_type (&bench, type, n_tokens);
  return 0;
}
