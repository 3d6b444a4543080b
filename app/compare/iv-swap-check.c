/* Compares the films the other way round and looks for each change there.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-swap-check.h"

#include <math.h>

#define GRID 64 /* cells across both regions, for their overlap */
#define LEAST_IOU 0.1
#define LEAST_SHARE 0.5

const char *
iv_swap_mark_to_string (IvSwapMark mark)
{
  static const char *const names[] = { NULL, "consistent", "inconsistent" };

  g_return_val_if_fail (mark < G_N_ELEMENTS (names), NULL);
  return names[mark];
}

/* Even-odd rule. */
static gboolean
contains (const GArray *contour, IvPoint p)
{
  gboolean inside = FALSE;

  for (guint i = 0, j = contour->len - 1; i < contour->len; j = i++) {
    IvPoint a = g_array_index (contour, IvPoint, i), b = g_array_index (contour, IvPoint, j);

    if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x)
      inside = !inside;
  }
  return inside;
}

static void
extend (const GArray *contour, IvPoint *low, IvPoint *high)
{
  for (guint i = 0; i < contour->len; i++) {
    IvPoint p = g_array_index (contour, IvPoint, i);

    *low = (IvPoint){ MIN (low->x, p.x), MIN (low->y, p.y) };
    *high = (IvPoint){ MAX (high->x, p.x), MAX (high->y, p.y) };
  }
}

/* Both outlines in pixels of one film. */
static gboolean
overlap (const GArray *a, const GArray *b)
{
  IvPoint low = { INFINITY, INFINITY }, high = { -INFINITY, -INFINITY };
  guint n[2] = { 0, 0 }, both = 0;

  extend (a, &low, &high);
  extend (b, &low, &high);
  for (guint i = 0; i < GRID * GRID; i++) {
    IvPoint p = { low.x + (high.x - low.x) * (i % GRID + 0.5) / GRID,
                  low.y + (high.y - low.y) * (i / GRID + 0.5) / GRID };
    gboolean in_a = contains (a, p), in_b = contains (b, p);

    n[0] += in_a;
    n[1] += in_b;
    both += in_a && in_b;
  }
  return both > 0 && both >= LEAST_IOU * (n[0] + n[1] - both);
}

/* The outline of a change of the other comparison in this one's current film. */
static GArray *
bring_back (IvComparison *comparison, const IvChange *change)
{
  GArray *contour = g_array_copy (change->contour);

  for (guint i = 0; i < contour->len; i++) {
    IvPoint *p = &g_array_index (contour, IvPoint, i);

    *p = iv_comparison_prior_to_current (comparison, *p);
  }
  return contour;
}

static IvSwapMark
mark_of (const IvChange *change, GPtrArray *others, GPtrArray *outlines)
{
  for (guint i = 0; i < others->len; i++) {
    const IvChange *other = g_ptr_array_index (others, i);

    if (other->direction != change->direction &&
        overlap (change->contour, g_ptr_array_index (outlines, i)))
      return IV_SWAP_CONSISTENT;
  }
  return IV_SWAP_INCONSISTENT;
}

IvSwapCheck *
iv_swap_check_new (IvComparison *comparison, IvComparison *swapped)
{
  IvSwapCheck *self = g_new0 (IvSwapCheck, 1);
  GPtrArray *changes = iv_comparison_get_changes (comparison);
  GPtrArray *others = iv_comparison_get_changes (swapped);
  gboolean is_known = iv_comparison_is_ok (comparison) && iv_comparison_is_ok (swapped);
  g_autoptr (GPtrArray) outlines = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);

  self->comparison = g_object_ref (comparison);
  self->seconds = iv_comparison_get_seconds (swapped);
  self->marks = g_array_new (FALSE, FALSE, sizeof (IvSwapMark));
  for (guint i = 0; is_known && i < others->len; i++)
    g_ptr_array_add (outlines, bring_back (comparison, g_ptr_array_index (others, i)));
  for (guint i = 0; i < changes->len; i++) {
    IvSwapMark mark =
        is_known ? mark_of (g_ptr_array_index (changes, i), others, outlines) : IV_SWAP_UNKNOWN;

    g_array_append_val (self->marks, mark);
  }
  return self;
}

void
iv_swap_check_free (IvSwapCheck *check)
{
  if (check == NULL)
    return;
  g_clear_object (&check->comparison);
  g_array_unref (check->marks);
  g_free (check);
}

static IvComparisonParams
exchange (IvComparison *comparison)
{
  return (IvComparisonParams){ .current = iv_comparison_get_prior (comparison),
                               .prior = iv_comparison_get_current (comparison),
                               .is_background = TRUE };
}

static void
on_swapped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (IvComparison) swapped = iv_comparison_run_finish (result, &error);

  if (swapped == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task,
                           iv_swap_check_new (g_task_get_task_data (task), swapped),
                           (GDestroyNotify) iv_swap_check_free);
}

void
iv_swap_check_run_async (IvEngine *engine,
                         IvComparison *comparison,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (engine, cancellable, callback, user_data);
  IvComparisonParams params = exchange (comparison);

  g_task_set_source_tag (task, iv_swap_check_run_async);
  g_task_set_task_data (task, g_object_ref (comparison), g_object_unref);
  iv_comparison_run_async (engine, &params, NULL, NULL, cancellable, on_swapped_cb, task);
}

IvSwapCheck *
iv_swap_check_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

IvSwapCheck *
iv_swap_check_run (IvEngine *engine,
                   IvComparison *comparison,
                   GCancellable *cancellable,
                   GError **error)
{
  IvComparisonParams params = exchange (comparison);
  g_autoptr (IvComparison) swapped = iv_comparison_run (engine, &params, cancellable, error);

  return swapped != NULL ? iv_swap_check_new (comparison, swapped) : NULL;
}
