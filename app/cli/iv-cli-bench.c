/* interval-cli bench: how fast a language model reads and writes on the device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli.h"

#include <stdio.h>

#include <json-glib/json-glib.h>

#include "app/cli/iv-cli-bench-vision.h"
#include "app/cli/iv-cli-clock.h"
#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli-model.h"
#include "app/cli/iv-cli-shape.h"
#include "app/cli/iv-cli-tuning.h"
#include "model/files/iv-json.h"

typedef struct {
  char *model, *shape, *vision, *type, *weights_type, *cache_type;
  int device, n_prefill, n_decode, n_runs, n_before;
  gboolean json, profile;
} Options;

typedef struct {
  const Options *options;
  IvEngineContext *context;
  IvDecoder *decoder;
  IvDataType cache_type;
  /* What is measured. */
  char *device;
  IvLoadTimes load;
  IvCliTime prefill, decode; /* medians, of all tokens */
  guint64 bytes_per_token;
  double device_bandwidth; /* bytes / s */
  GString *profile;        /* a table of operations, or NULL */
  GArray *tuning;          /* IvTuningRow */
} Bench;

/* A matrix so large that no cache holds it. */
/* Of one recording: enough for a hundred layers. */
enum { MAX_DISPATCHES = 4096 };
enum { PROBE_ROWS = 16384, PROBE_COLUMNS = 4096, N_PROBES = 4 };

/* --- what the device can read --------------------------------------------------------------- */

/* The best rate at which a matrix × vector in F32 reads its matrix. */
static gboolean
time_probe (IvOps *ops, IvLinear *linear, double *bandwidth, GError **error)
{
  g_auto (IvRows) x = { 0 }, y = { 0 };
  g_autoptr (IvVkCommands) commands = iv_vk_commands_new (iv_ops_get_device (ops), error);
  if (commands == NULL ||
      !iv_rows_init (&x, ops, &(IvRowsParams){ "x", 1, PROBE_COLUMNS }, error) ||
      !iv_rows_init (&y, ops, &(IvRowsParams){ "y", 1, PROBE_ROWS }, error))
    return FALSE;
  double best = 0;
  for (guint i = 0; i < N_PROBES; i++) {
    if (!iv_vk_commands_begin (commands, error))
      return FALSE;
    iv_op_linear (ops, commands, &(IvOpLinear){ linear, x, y, 1 });
    IvCliTime start = iv_cli_time_now ();
    if (!iv_vk_commands_run (commands, error))
      return FALSE;
    best = MAX (best, (double) iv_linear_get_size (linear) / iv_cli_time_since (start).wall);
  }
  *bandwidth = best;
  return TRUE;
}

static gboolean
measure_bandwidth (IvVkDevice *device, double *bandwidth, GError **error)
{
  gsize n = (gsize) PROBE_ROWS * PROBE_COLUMNS;
  g_autofree float *values = g_new0 (float, n);
  IvTensor tensor = { .name = "probe",
                      .type = IV_TYPE_F32,
                      .n_dims = 2,
                      .shape = { PROBE_ROWS, PROBE_COLUMNS },
                      .data = values,
                      .size = n * sizeof (float) };
  IvLinearParams params = { "probe", .parts = { &tensor }, .n_parts = 1 };
  g_autoptr (IvOps) ops = iv_ops_new (device, error);
  g_autoptr (IvLinear) linear = ops != NULL ? iv_linear_new (ops, &params, error) : NULL;
  return linear != NULL && time_probe (ops, linear, bandwidth, error);
}

/* --- one run -------------------------------------------------------------------------------- */

static gboolean
evaluate (Bench *bench, IvKvCache *cache, guint first, guint n, float *logits, GError **error)
{
  guint n_vocab = iv_decoder_get_config (bench->decoder)->n_vocab;
  g_autofree gint32 *ids = g_new (gint32, n);
  /* Any tokens will do: what they are changes nothing in the work. */
  for (guint i = 0; i < n; i++)
    ids[i] = (gint32) ((first + i) * 7919u % n_vocab);
  IvDecoderBatch batch = { .cache = cache, .slot = first, .n_tokens = n, .ids = ids };
  batch.logits = logits != NULL ? IV_DECODER_LOGITS_LAST : IV_DECODER_LOGITS_NONE;
  return iv_decoder_evaluate (
      bench->decoder, &batch, logits, iv_engine_context_get_cancellable (bench->context), error);
}

static gboolean
read_prompt (Bench *bench, IvKvCache *cache, guint first, guint n, float *logits, GError **error)
{
  for (guint done = 0, part; done < n; done += part) {
    part = MIN (n - done, iv_decoder_get_n_batch (bench->decoder));
    float *wanted = done + part == n ? logits : NULL;
    if (!evaluate (bench, cache, first + done, part, wanted, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
run_once (Bench *bench, IvKvCache *cache, IvCliTime *prefill, IvCliTime *decode, GError **error)
{
  const Options *o = bench->options;
  g_autofree float *logits = g_new (float, iv_decoder_get_config (bench->decoder)->n_vocab);
  guint before = (guint) o->n_before, n = (guint) o->n_prefill;
  if (!read_prompt (bench, cache, 0, before, NULL, error))
    return FALSE;
  IvCliTime start = iv_cli_time_now ();
  if (!read_prompt (bench, cache, before, n, logits, error))
    return FALSE;
  *prefill = iv_cli_time_since (start);
  start = iv_cli_time_now ();
  for (guint i = 0; i < (guint) o->n_decode; i++)
    if (!evaluate (bench, cache, before + n + i, 1, logits, error) ||
        g_cancellable_set_error_if_cancelled (iv_engine_context_get_cancellable (bench->context),
                                              error))
      return FALSE;
  *decode = iv_cli_time_since (start);
  return TRUE;
}

/* --- which operations take the time --------------------------------------------------------- */

static void
append_rows (GString *table, const char *title, IvVkProfile *profile)
{
  g_autoptr (GArray) rows = iv_vk_profile_get_rows (profile);
  g_string_append_printf (table, "%s\n", title);
  for (guint i = 0; i < rows->len; i++) {
    const IvVkProfileRow *row = &g_array_index (rows, IvVkProfileRow, i);
    g_string_append_printf (
        table, "  %-28s %5u × %9.3f ms\n", row->name, row->n_dispatches, row->seconds * 1e3);
  }
  iv_vk_profile_reset (profile);
}

/* One batch and one token, after the measurement, which timestamps would disturb. */
static gboolean
run_profile (Bench *bench, GError **error)
{
  IvVkDevice *device = iv_engine_context_get_device (bench->context, error);
  g_autoptr (IvVkProfile) profile =
      device != NULL ? iv_vk_profile_new (device, MAX_DISPATCHES, error) : NULL;
  guint n = MIN ((guint) bench->options->n_prefill, iv_decoder_get_n_batch (bench->decoder));
  g_autoptr (IvKvCache) cache =
      profile != NULL ? iv_decoder_new_cache (bench->decoder, n + 1, bench->cache_type, error)
                      : NULL;
  g_autofree float *logits = g_new (float, iv_decoder_get_config (bench->decoder)->n_vocab);
  if (cache == NULL)
    return FALSE;
  bench->profile = g_string_new (NULL);
  iv_decoder_set_profile (bench->decoder, profile);
  gboolean done = evaluate (bench, cache, 0, n, logits, error);
  append_rows (bench->profile, "a batch of the prompt", profile);
  done = done && evaluate (bench, cache, n, 1, logits, error);
  append_rows (bench->profile, "a token", profile);
  iv_decoder_set_profile (bench->decoder, NULL);
  return done;
}

/* --- all runs ------------------------------------------------------------------------------- */

static gboolean
run_all (Bench *bench, GError **error)
{
  const Options *o = bench->options;
  guint n_slots = (guint) (o->n_before + o->n_prefill + o->n_decode);
  g_autofree IvCliTime *prefill = g_new (IvCliTime, o->n_runs);
  g_autofree IvCliTime *decode = g_new (IvCliTime, o->n_runs);
  g_autoptr (IvKvCache) cache =
      iv_decoder_new_cache (bench->decoder, n_slots, bench->cache_type, error);
  if (cache == NULL)
    return FALSE;
  for (int i = 0; i < o->n_runs; i++)
    if (!run_once (bench, cache, &prefill[i], &decode[i], error))
      return FALSE;
  bench->prefill = iv_cli_time_median (prefill, (guint) o->n_runs);
  bench->decode = iv_cli_time_median (decode, (guint) o->n_runs);
  bench->tuning = iv_ops_get_tuning (iv_decoder_get_ops (bench->decoder));
  IvDecoderSize size = iv_decoder_get_size (bench->decoder);
  guint64 filled = iv_kv_cache_get_size (cache) * (guint64) (n_slots - o->n_decode / 2) / n_slots;
  bench->bytes_per_token = size.layers + size.output + filled;
  return !o->profile || run_profile (bench, error);
}

/* --- model or shape ------------------------------------------------------------------------- */

static gboolean
bench_model (Bench *bench, GError **error)
{
  const Options *o = bench->options;
  guint n_context = (guint) (o->n_before + o->n_prefill + o->n_decode);
  IvCliModelParams params = { o->model, n_context, o->cache_type, o->weights_type };
  g_autoptr (IvLanguageModel) model = iv_cli_load_model (bench->context, &params, error);
  if (model == NULL)
    return FALSE;
  bench->load = iv_language_model_get_load_times (model);
  bench->decoder = iv_language_model_get_decoder (model);
  bench->cache_type = iv_language_model_get_cache_type (model);
  return run_all (bench, error);
}

/* For a shape, which has no plan: what was asked for, else what a plan begins with. */
static gboolean
choose_cache_type (Bench *bench, IvVkDevice *device, GError **error)
{
  IvDecoderCacheType type;
  gboolean is_cpu = iv_vk_device_get_class (device) == IV_VK_CLASS_CPU;
  if (!iv_decoder_cache_type_parse (&type, bench->options->cache_type, error))
    return FALSE;
  bench->cache_type = type.is_fixed ? type.type : is_cpu ? IV_TYPE_F32 : IV_TYPE_F16;
  return TRUE;
}

static gboolean
bench_shape (Bench *bench, IvVkDevice *device, IvDataType type, GError **error)
{
  if (!choose_cache_type (bench, device, error))
    return FALSE;
  IvCliTime start = iv_cli_time_now ();
  g_autoptr (IvCliShape) shape = iv_cli_shape_new (bench->options->shape, type, error);
  g_autoptr (IvOps) ops = shape != NULL ? iv_ops_new (device, error) : NULL;
  if (ops == NULL)
    return FALSE;
  bench->load.open_seconds = iv_cli_time_since (start).wall;
  IvDecoderParams params = { .weights = { .config = iv_cli_shape_get_config (shape),
                                          .find = iv_cli_shape_find,
                                          .find_data = shape } };
  start = iv_cli_time_now ();
  g_autoptr (IvDecoder) decoder =
      iv_decoder_new (ops, &params, iv_engine_context_get_cancellable (bench->context), error);
  if (decoder == NULL)
    return FALSE;
  bench->load.load_seconds = iv_cli_time_since (start).wall;
  bench->load.load_cpu_seconds = iv_cli_time_since (start).cpu;
  start = iv_cli_time_now ();
  GCancellable *cancellable = iv_engine_context_get_cancellable (bench->context);
  if (!iv_decoder_tune (decoder, NULL, NULL, error) ||
      !iv_decoder_warm_up (decoder, bench->cache_type, cancellable, error))
    return FALSE;
  bench->load.warm_up_seconds = iv_cli_time_since (start).wall;
  bench->decoder = decoder;
  return run_all (bench, error);
}

static gpointer
run_bench (IvEngineContext *context, gpointer data, GError **error)
{
  Bench *bench = data;
  const Options *o = bench->options;
  IvDataType type = IV_TYPE_Q8_0;
  bench->context = context;
  if (o->type != NULL && !iv_data_type_from_string (o->type, &type)) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_INPUT,
                 "there is no type “%s”; there are %s",
                 o->type,
                 iv_data_type_list ());
    return NULL;
  }
  IvVkDevice *device = iv_engine_context_get_device (context, error);
  if (device == NULL)
    return NULL;
  bench->device = g_strdup (iv_vk_device_get_info (device)->name);
  gboolean done =
      o->shape != NULL ? bench_shape (bench, device, type, error) : bench_model (bench, error);
  return done && measure_bandwidth (device, &bench->device_bandwidth, error) ? bench : NULL;
}

/* --- what is printed ------------------------------------------------------------------------ */

typedef struct {
  const char *name, *unit;
  double value;
} Figure;

static double
per_second (int n, double seconds)
{
  return seconds > 0 ? n / seconds : 0;
}

#define N_FIGURES 12

static void
fill_figures (const Bench *bench, Figure *figures)
{
  const Options *o = bench->options;
  double rate = per_second (o->n_decode, bench->decode.wall);
  double bandwidth = rate * (double) bench->bytes_per_token;
  const Figure all[N_FIGURES] = {
    { "open_s", "s", bench->load.open_seconds },
    { "load_s", "s", bench->load.load_seconds },
    { "load_cpu_s", "s", bench->load.load_cpu_seconds },
    { "warm_up_s", "s", bench->load.warm_up_seconds },
    { "prefill_tokens_per_s", "tokens/s", per_second (o->n_prefill, bench->prefill.wall) },
    { "prefill_cpu_s", "s", bench->prefill.cpu },
    { "decode_tokens_per_s", "tokens/s", rate },
    { "decode_cpu_s", "s", bench->decode.cpu },
    { "bytes_per_token", "bytes", (double) bench->bytes_per_token },
    { "bandwidth_gb_per_s", "GB/s", bandwidth * 1e-9 },
    { "device_bandwidth_gb_per_s", "GB/s", bench->device_bandwidth * 1e-9 },
    { "bandwidth_fraction", "", bandwidth / bench->device_bandwidth },
  };
  for (guint i = 0; i < N_FIGURES; i++)
    figures[i] = all[i];
}

static void
print_json (const Bench *bench, const Figure *figures)
{
  const Options *o = bench->options;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "device");
  json_builder_add_string_value (builder, bench->device);
  json_builder_set_member_name (builder, o->shape != NULL ? "shape" : "model");
  json_builder_add_string_value (builder, o->shape != NULL ? o->shape : o->model);
  if (o->shape != NULL) {
    json_builder_set_member_name (builder, "type");
    json_builder_add_string_value (builder, o->type != NULL ? o->type : "q8_0");
  }
  const int counts[] = { o->n_prefill, o->n_decode, o->n_runs, o->n_before };
  const char *const names[] = { "prefill", "decode", "runs", "before" };
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    json_builder_set_member_name (builder, names[i]);
    json_builder_add_int_value (builder, counts[i]);
  }
  for (guint i = 0; i < N_FIGURES; i++) {
    json_builder_set_member_name (builder, figures[i].name);
    json_builder_add_double_value (builder, figures[i].value);
  }
  iv_cli_tuning_add (builder, bench->tuning);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, FALSE);
  puts (text);
}

static void
print_table (const Bench *bench, const Figure *figures)
{
  printf ("%-26s %s\n", "device", bench->device);
  for (guint i = 0; i < N_FIGURES; i++)
    printf ("%-26s %.4g %s\n", figures[i].name, figures[i].value, figures[i].unit);
  iv_cli_tuning_print (bench->tuning);
  if (bench->profile != NULL)
    fputs (bench->profile->str, stdout);
}

/* --- the options ---------------------------------------------------------------------------- */

static void
options_clear (Options *options)
{
  g_free (options->model);
  g_free (options->shape);
  g_free (options->vision);
  g_free (options->type);
  g_free (options->weights_type);
  g_free (options->cache_type);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
bench_clear (Bench *bench)
{
  g_free (bench->device);
  g_clear_pointer (&bench->tuning, g_array_unref);
  if (bench->profile != NULL)
    g_string_free (bench->profile, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

static int
run_with (const IvCliCommand *command, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_auto (Bench) bench = { .options = options };
  Figure figures[N_FIGURES];
  gpointer done = iv_cli_run_on_device (options->device, run_bench, &bench, &error);
  if (done == NULL)
    return iv_cli_fail (command->name, error);
  fill_figures (&bench, figures);
  if (options->json)
    print_json (&bench, figures);
  else
    print_table (&bench, figures);
  return IV_CLI_DONE;
}

int
iv_cli_run_bench (int argc, char **argv)
{
  g_auto (Options) o = { .device = -1, .n_prefill = 128, .n_decode = 32, .n_runs = 3 };
  const GOptionEntry entries[] = {
    { "shape", 0, 0, G_OPTION_ARG_STRING, &o.shape, "random weights: qwen2.5-0.5b …", "NAME" },
    { "vision", 0, 0, G_OPTION_ARG_STRING, &o.vision, "a tower: siglip-so400m …", "NAME" },
    { "type", 0, 0, G_OPTION_ARG_STRING, &o.type, "of random weights (q8_0; f16)", "TYPE" },
    { "prefill", 0, 0, G_OPTION_ARG_INT, &o.n_prefill, "prompt tokens (128)", "N" },
    { "decode", 0, 0, G_OPTION_ARG_INT, &o.n_decode, "tokens written (32)", "N" },
    { "before", 0, 0, G_OPTION_ARG_INT, &o.n_before, "tokens read before, untimed (0)", "N" },
    { "runs", 0, 0, G_OPTION_ARG_INT, &o.n_runs, "of which the median counts (3)", "N" },
    IV_CLI_CACHE_TYPE (&o.cache_type),
    IV_CLI_WEIGHTS_TYPE (&o.weights_type),
    { "device", 0, 0, G_OPTION_ARG_INT, &o.device, "number in “devices”", "N" },
    { "profile", 0, 0, G_OPTION_ARG_NONE, &o.profile, "time per operation (no JSON)" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o.json, "one JSON object" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("bench");
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  o.model = argc > 1 ? g_strdup (argv[1]) : NULL;
  if (argc > 2 || (o.model != NULL) + (o.shape != NULL) + (o.vision != NULL) != 1)
    return iv_cli_usage (command, "one model, --shape or --vision is wanted");
  if (o.n_prefill < 1 || o.n_decode < 1 || o.n_runs < 1 || o.n_before < 0 ||
      o.n_prefill > 1 << 20 || o.n_decode > 1 << 20 || o.n_before > 1 << 20 || o.n_runs > 1000)
    return iv_cli_usage (command, "--prefill, --decode and --runs are 1 or more");
  if (o.vision != NULL)
    return iv_cli_bench_vision (
        command,
        &(IvCliBenchVisionParams){ o.vision, o.type, o.device, o.n_runs, o.json, o.profile });
  return run_with (command, &o);
}
