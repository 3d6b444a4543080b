/* How fast a vision tower encodes images on the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-bench-vision.h"

#include <stdio.h>
#include <stdlib.h>

#include <json-glib/json-glib.h>

#include "app/cli/iv-cli-clock.h"
#include "app/cli/iv-cli-model.h"
#include "app/cli/iv-cli-vision-shape.h"
#include "model/files/iv-json.h"
#include "model/nets/iv-vision.h"

/* MATMUL_ROWS: those that pass through a layer of a large image together. */
enum { MAX_DISPATCHES = 16384, MATMUL_ROWS = 1024, N_MATMULS = 5 };

typedef struct {
  const IvCliBenchVisionParams *params;
  IvEngineContext *context;
  IvDataType type;
  IvCliVisionShape *shape;
  /* What is measured. */
  char *device;
  double load_seconds;
  IvCliTime first, image; /* with the compilers' work; the median of later ones */
  guint n_rows;
  double flops;
  IvCliTime matmul; /* median, of the largest matrix of a layer alone, N_MATMULS times */
  double matmul_flops;
  double fraction; /* median of the runs' own, in which the two follow one another */
  GString *profile;
} Bench;

static gboolean
encode (Bench *bench, IvVision *vision, IvCliTime *time, GError **error)
{
  const IvVisionConfig *c = iv_vision_get_config (vision);
  guint side = iv_cli_vision_shape_get_side (bench->shape);
  gsize n = (gsize) c->n_channels * side * side;
  g_autofree float *pixels = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    pixels[i] = (float) (i * 7919 % 1000) / 500 - 1;
  IvVisionInput input = { pixels, 1, c->n_channels, side, side };
  IvCliTime start = iv_cli_time_now ();
  g_autoptr (IvImageEmbedding) embedding =
      iv_vision_encode (vision, &input, iv_engine_context_get_cancellable (bench->context), error);
  if (embedding == NULL)
    return FALSE;
  *time = iv_cli_time_since (start);
  bench->n_rows = embedding->n_rows;
  return TRUE;
}

static gboolean
run_profile (Bench *bench, IvVision *vision, IvVkDevice *device, GError **error)
{
  IvCliTime time;
  g_autoptr (IvVkProfile) profile = iv_vk_profile_new (device, MAX_DISPATCHES, error);
  if (profile == NULL)
    return FALSE;
  iv_vision_set_profile (vision, profile);
  gboolean done = encode (bench, vision, &time, error);
  iv_vision_set_profile (vision, NULL);
  g_autoptr (GArray) rows = iv_vk_profile_get_rows (profile);
  bench->profile = g_string_new (NULL);
  for (guint i = 0; i < rows->len; i++) {
    const IvVkProfileRow *row = &g_array_index (rows, IvVkProfileRow, i);
    g_string_append_printf (bench->profile,
                            "  %-28s %6u × %9.1f ms\n",
                            row->name,
                            row->n_dispatches,
                            row->seconds * 1e3);
  }
  return done;
}

/* The first layer's up matrix with many rows, as a layer of the tower runs it. */
typedef struct {
  IvLinear *linear;
  IvVkCommands *commands;
  IvRows x, y;
} Matmul;

static gboolean
matmul_init (Matmul *matmul, Bench *bench, IvOps *ops, GError **error)
{
  const IvTensor *tensor = iv_cli_vision_shape_find ("v.blk.0.ffn_up.weight", bench->shape);
  guint n_out = (guint) tensor->shape[0], n_in = (guint) tensor->shape[1];
  IvLinearParams params = { "matmul", .parts = { tensor }, .n_parts = 1 };
  bench->matmul_flops = 2.0 * n_in * n_out * MATMUL_ROWS * N_MATMULS;
  matmul->linear = iv_linear_new (ops, &params, error);
  if (matmul->linear == NULL)
    return FALSE;
  matmul->commands = iv_vk_commands_new (iv_ops_get_device (ops), error);
  return matmul->commands != NULL &&
         iv_rows_init (&matmul->x, ops, &(IvRowsParams){ "x", MATMUL_ROWS, n_in }, error) &&
         iv_rows_init (&matmul->y, ops, &(IvRowsParams){ "y", MATMUL_ROWS, n_out }, error);
}

static void
matmul_clear (Matmul *matmul)
{
  g_clear_pointer (&matmul->commands, iv_vk_commands_free);
  g_clear_pointer (&matmul->linear, iv_linear_free);
  iv_rows_clear (&matmul->x);
  iv_rows_clear (&matmul->y);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Matmul, matmul_clear)

static gboolean
matmul_run (const Matmul *matmul, IvOps *ops, IvCliTime *time, GError **error)
{
  if (!iv_vk_commands_begin (matmul->commands, error))
    return FALSE;
  for (guint k = 0; k < N_MATMULS; k++)
    iv_op_linear (
        ops, matmul->commands, &(IvOpLinear){ matmul->linear, matmul->x, matmul->y, MATMUL_ROWS });
  IvCliTime start = iv_cli_time_now ();
  gboolean done = iv_vk_commands_run (matmul->commands, error);
  *time = iv_cli_time_since (start);
  return done;
}

static int
compare_doubles (const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* The rate of the image beside that of the matrix before and after it. Software Vulkan is compared
 * by processor time: both shares of a busy machine differ from moment to moment. */
static double
find_fraction (const Bench *bench, IvCliTime image, IvCliTime before, IvCliTime after)
{
  gboolean is_software = image.cpu > image.wall / 4;
  double alone = is_software ? (before.cpu + after.cpu) / 2 : (before.wall + after.wall) / 2;
  return bench->flops / (is_software ? image.cpu : image.wall) / (bench->matmul_flops / alone);
}

static gboolean
run_all (Bench *bench, IvVision *vision, IvOps *ops, GError **error)
{
  guint n = (guint) bench->params->n_runs;
  g_autofree IvCliTime *images = g_new (IvCliTime, n);
  g_autofree IvCliTime *matmuls = g_new (IvCliTime, n + 1);
  g_autofree double *fractions = g_new (double, n);
  g_auto (Matmul) matmul = { 0 };
  if (!matmul_init (&matmul, bench, ops, error) ||
      !matmul_run (&matmul, ops, &matmuls[0], error) || /* compilers */
      !encode (bench, vision, &bench->first, error) ||
      !matmul_run (&matmul, ops, &matmuls[0], error))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    if (!encode (bench, vision, &images[i], error) ||
        !matmul_run (&matmul, ops, &matmuls[i + 1], error))
      return FALSE;
    fractions[i] = find_fraction (bench, images[i], matmuls[i], matmuls[i + 1]);
  }
  qsort (fractions, n, sizeof *fractions, compare_doubles);
  bench->fraction = fractions[n / 2];
  bench->image = iv_cli_time_median (images, n);
  bench->matmul = iv_cli_time_median (matmuls, n + 1);
  return TRUE;
}

static gboolean
measure (Bench *bench, IvVkDevice *device, GError **error)
{
  IvCliTime start = iv_cli_time_now ();
  g_autoptr (IvOps) ops = iv_ops_new (device, error);
  bench->shape =
      ops != NULL ? iv_cli_vision_shape_new (bench->params->shape, bench->type, error) : NULL;
  if (bench->shape == NULL)
    return FALSE;
  IvVisionParams params = { .weights = { .config = iv_cli_vision_shape_get_config (bench->shape),
                                         .find = iv_cli_vision_shape_find,
                                         .find_data = bench->shape } };
  GCancellable *cancellable = iv_engine_context_get_cancellable (bench->context);
  g_autoptr (IvVision) vision = iv_vision_new (ops, &params, cancellable, error);
  if (vision == NULL)
    return FALSE;
  bench->flops = iv_cli_vision_shape_count_flops (bench->shape);
  bench->load_seconds = iv_cli_time_since (start).wall;
  return run_all (bench, vision, ops, error) &&
         (!bench->params->profile || run_profile (bench, vision, device, error));
}

static gpointer
run_bench (IvEngineContext *context, gpointer data, GError **error)
{
  Bench *bench = data;
  const char *type = bench->params->type;
  bench->context = context;
  bench->type = IV_TYPE_F16;
  if (type != NULL && !iv_data_type_from_string (type, &bench->type)) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_INPUT,
                 "there is no type “%s”; there are %s",
                 type,
                 iv_data_type_list ());
    return NULL;
  }
  IvVkDevice *device = iv_engine_context_get_device (context, error);
  if (device == NULL)
    return NULL;
  bench->device = g_strdup (iv_vk_device_get_info (device)->name);
  return measure (bench, device, error) ? bench : NULL;
}

/* --- what is printed ------------------------------------------------------------------------ */

typedef struct {
  const char *name, *unit;
  double value;
} Figure;

enum { N_FIGURES = 9 };

static void
fill_figures (const Bench *bench, Figure *figures)
{
  double wall = bench->flops / bench->image.wall;
  double wall_alone = bench->matmul_flops / bench->matmul.wall;
  const Figure all[N_FIGURES] = {
    { "load_s", "s", bench->load_seconds },
    { "first_image_s", "s", bench->first.wall },
    { "image_s", "s", bench->image.wall },
    { "image_cpu_s", "s", bench->image.cpu },
    { "images_per_s", "images/s", 1 / bench->image.wall },
    { "gflop_per_image", "GFLOP", bench->flops * 1e-9 },
    { "gflops", "GFLOP/s", wall * 1e-9 },
    { "matmul_gflops", "GFLOP/s", wall_alone * 1e-9 },
    { "matmul_fraction", "", bench->fraction },
  };
  for (guint i = 0; i < N_FIGURES; i++)
    figures[i] = all[i];
}

static void
print_json (const Bench *bench, const Figure *figures)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "device");
  json_builder_add_string_value (builder, bench->device);
  json_builder_set_member_name (builder, "vision");
  json_builder_add_string_value (builder, bench->params->shape);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, iv_data_type_to_string (bench->type));
  json_builder_set_member_name (builder, "rows");
  json_builder_add_int_value (builder, bench->n_rows);
  for (guint i = 0; i < N_FIGURES; i++) {
    json_builder_set_member_name (builder, figures[i].name);
    json_builder_add_double_value (builder, figures[i].value);
  }
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, FALSE);
  puts (text);
}

static void
print_table (const Bench *bench, const Figure *figures)
{
  printf ("%-16s %s\n%-16s %s, %s, %u rows\n",
          "device",
          bench->device,
          "tower",
          bench->params->shape,
          iv_data_type_to_string (bench->type),
          bench->n_rows);
  for (guint i = 0; i < N_FIGURES; i++)
    printf ("%-16s %.4g %s\n", figures[i].name, figures[i].value, figures[i].unit);
  if (bench->profile != NULL)
    fputs (bench->profile->str, stdout);
}

int
iv_cli_bench_vision (const IvCliCommand *command, const IvCliBenchVisionParams *params)
{
  g_autoptr (GError) error = NULL;
  Bench bench = { .params = params };
  Figure figures[N_FIGURES];
  gboolean done = iv_cli_run_on_device (params->device, run_bench, &bench, &error) != NULL;
  if (done)
    fill_figures (&bench, figures);
  if (done && params->json)
    print_json (&bench, figures);
  else if (done)
    print_table (&bench, figures);
  g_clear_pointer (&bench.shape, iv_cli_vision_shape_free);
  g_free (bench.device);
  if (bench.profile != NULL)
    g_string_free (bench.profile, TRUE);
  return done ? IV_CLI_DONE : iv_cli_fail (command->name, error);
}
