/* Measuring which variants of the matrices' kernels are fastest on this device.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "model/ops/iv-tuning-private.h"
#include "model/ops/iv-tuning.h"

#define DEFAULT_BUDGET (2 * G_USEC_PER_SEC)
/* Odd, so that the median is one of them. */
enum { N_RUNS = 5 };
/* Of the default's time: noise must not choose. */
#define GAIN 0.95

/* What a run works on: a token reads more weights than caches hold, as it does in use; batches are
 * bound by arithmetic, where less will do. */
static const struct {
  guint n_tokens;
  gsize n_bytes;
} works[IV_N_KNOBS] = {
  [IV_KNOB_TOUCH] = { 1, 128 << 20 },   [IV_KNOB_SHARE] = { 4, 16 << 20 },
  [IV_KNOB_THREADS] = { 1, 256 << 20 }, [IV_KNOB_ROWS] = { 1, 256 << 20 },
  [IV_KNOB_TILE] = { 128, 64 << 20 },
};
/* Values of y in a run: an output matrix of a large vocabulary is left to single tokens. */
#define MOST_VALUES (8u << 20)

typedef struct {
  IvLinear *linear;
  const IvLinearPiece *piece;
} Part;

typedef struct {
  IvOps *ops;
  guint format, knob;
  GArray *parts; /* Part, of this format */
  IvRows x, y;
} Trial;

static void
trial_clear (Trial *trial)
{
  g_clear_pointer (&trial->parts, g_array_unref);
  iv_rows_clear (&trial->x);
  iv_rows_clear (&trial->y);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trial, trial_clear)

static gsize
get_size (const IvLinearPiece *piece)
{
  return piece->layout.tile_weights * (piece->n_rows / piece->layout.tile_rows + 1);
}

/* Matrices of the format until there is work enough. The first layers come first: they are on the
 * card when others are not. */
static GArray *
list_parts (const IvTuneParams *params, guint format, guint knob)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (Part));
  gsize size = 0;
  for (guint i = 0; i < params->n_linears; i++) {
    IvLinear *linear = params->linears[i];
    for (guint j = 0; j < linear->pieces->len && size < works[knob].n_bytes; j++) {
      Part part = { linear, &g_array_index (linear->pieces, IvLinearPiece, j) };
      if (part.piece->layout.format != format ||
          (guint64) linear->n_out * works[knob].n_tokens > MOST_VALUES)
        continue;
      size += get_size (part.piece);
      g_array_append_val (parts, part);
    }
  }
  return parts;
}

/* Software Vulkan competes with everything else for the cores: its own time says more than the
 * clock. A GPU's work is not this process's time. */
static double
get_time (IvOps *ops)
{
  struct timespec now;
  gboolean cpu = ops->device_class == IV_VK_CLASS_CPU;
  clock_gettime (cpu ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

static gboolean
make_rows (Trial *trial, GError **error)
{
  guint n_in = 0, n_out = 0, n_tokens = works[trial->knob].n_tokens;
  for (guint i = 0; i < trial->parts->len; i++) {
    const Part *part = &g_array_index (trial->parts, Part, i);
    n_in = MAX (n_in, part->linear->n_in);
    n_out = MAX (n_out, part->linear->n_out);
  }
  IvRowsParams x = { .name = "tuning x", .n_rows = n_tokens, .n = n_in };
  IvRowsParams y = { .name = "tuning y", .n_rows = n_tokens, .n = n_out };
  return iv_rows_init (&trial->x, trial->ops, &x, error) &&
         iv_rows_init (&trial->y, trial->ops, &y, error);
}

/* (transfer full) The work with a value of the knob, recorded and run once, which compiles. */
static IvVkCommands *
record (Trial *trial, guint value, GError **error)
{
  g_autoptr (IvVkCommands) commands = iv_vk_commands_new (trial->ops->device, error);
  if (commands == NULL || !iv_vk_commands_begin (commands, error))
    return NULL;
  IvKnob *knob = &trial->ops->knobs[trial->format][trial->knob];
  IvKnob before = *knob;
  knob->value = value;
  /* 0.5 everywhere: what lay there before might be slow to compute with. */
  iv_vk_commands_fill (commands, trial->x.buffer, 0, 0, 0x3f000000);
  for (guint i = 0; i < trial->parts->len; i++) {
    const Part *part = &g_array_index (trial->parts, Part, i);
    IvOpLinear op = {
      .linear = part->linear, .x = trial->x, .y = trial->y, .n_tokens = works[trial->knob].n_tokens
    };
    iv_linear_record_piece (trial->ops, commands, &op, part->piece);
  }
  *knob = before;
  return iv_vk_commands_run (commands, error) ? g_steal_pointer (&commands) : NULL;
}

static int
compare_times (const void *a, const void *b)
{
  double difference = *(const double *) a - *(const double *) b;
  return (difference > 0) - (difference < 0);
}

/* Runs take turns, so that what else the machine does meets all values alike. */
static gboolean
run_trial (Trial *trial, guint *best, GError **error)
{
  guint values[IV_MAX_VARIANTS];
  guint n = iv_tuning_list (trial->ops, trial->format, trial->knob, values);
  double times[IV_MAX_VARIANTS][N_RUNS];
  g_autoptr (GPtrArray) recordings =
      g_ptr_array_new_with_free_func ((GDestroyNotify) iv_vk_commands_free);
  for (guint i = 0; i < n; i++) {
    IvVkCommands *commands = record (trial, values[i], error);
    if (commands == NULL)
      return FALSE;
    g_ptr_array_add (recordings, commands);
  }
  for (guint run = 0; run < N_RUNS; run++)
    for (guint i = 0; i < n; i++) {
      double start = get_time (trial->ops);
      if (!iv_vk_commands_run (g_ptr_array_index (recordings, i), error))
        return FALSE;
      times[i][run] = get_time (trial->ops) - start;
    }
  guint fastest = 0;
  for (guint i = 0; i < n; i++) {
    qsort (times[i], N_RUNS, sizeof (double), compare_times);
    double limit = fastest == 0 ? GAIN * times[0][N_RUNS / 2] : times[fastest][N_RUNS / 2];
    g_debug ("tuning: format %u, knob %u, value %u: %.3f ms, least %.3f",
             trial->format,
             trial->knob,
             values[i],
             1e3 * times[i][N_RUNS / 2],
             1e3 * times[i][0]);
    if (i > 0 && times[i][N_RUNS / 2] <= limit)
      fastest = i;
  }
  *best = values[fastest];
  return TRUE;
}

/* TRUE when the knob has a choice, is not decided yet and the network has something to try. */
static gboolean
is_open (IvOps *ops, const IvTuneParams *params, guint format, guint knob)
{
  guint values[IV_MAX_VARIANTS];
  if (ops->stored == NULL || ops->knobs[format][knob].source != IV_TUNING_DEFAULT ||
      iv_tuning_list (ops, format, knob, values) < 2)
    return FALSE;
  g_autoptr (GArray) parts = list_parts (params, format, knob);
  return parts->len > 0;
}

gboolean
iv_ops_needs_tuning (IvOps *ops, const IvTuneParams *params)
{
  for (guint format = 0; format < IV_N_FORMATS; format++)
    for (guint knob = 0; knob < IV_N_KNOBS; knob++)
      if (is_open (ops, params, format, knob))
        return TRUE;
  return FALSE;
}

static gboolean
tune_knob (IvOps *ops, const IvTuneParams *params, guint format, guint knob, GError **error)
{
  guint value;
  g_auto (Trial) trial = { ops, format, knob, list_parts (params, format, knob), { 0 }, { 0 } };
  if (!make_rows (&trial, error) || !run_trial (&trial, &value, error))
    return FALSE;
  iv_tuning_set (ops, format, knob, value);
  return TRUE;
}

gboolean
iv_ops_tune (IvOps *ops, const IvTuneParams *params, GError **error)
{
  gint64 end =
      g_get_monotonic_time () + (gint64) (params->budget > 0 ? params->budget : DEFAULT_BUDGET);
  gboolean any = FALSE;
  /* Knob by knob: each format's most important one first. */
  for (guint knob = 0; knob < IV_N_KNOBS; knob++)
    for (guint format = 0; format < IV_N_FORMATS; format++) {
      if (!is_open (ops, params, format, knob) || g_get_monotonic_time () >= end)
        continue;
      if (!tune_knob (ops, params, format, knob, error))
        return FALSE;
      any = TRUE;
    }
  if (any)
    iv_vk_tuning_save (ops->stored);
  return TRUE;
}
