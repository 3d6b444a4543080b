/* Goes through the films of a patient, one comparison at a time.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/measure/iv-trend.h"

#include <math.h>

#include "app/read/measure/iv-trend-cache.h"

struct _IvTrend {
  GObject parent_instance;
  IvEngine *engine;
  char *folder;
  IvImage *current;          /* (owned) or NULL */
  IvRadiograph *radiograph;  /* (owned) of current */
  GPtrArray *points;         /* (owned) IvTrendPoint */
  GCancellable *cancellable; /* (owned) of what is under way, or NULL */
  guint n_computed;
};

G_DEFINE_FINAL_TYPE (IvTrend, iv_trend, G_TYPE_OBJECT)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* One film on its way; its points array tells whether another patient came in between. */
typedef struct {
  IvTrend *self;             /* (owned) */
  GCancellable *cancellable; /* (owned) */
  guint point;
  char *file; /* (owned) in the cache */
} Step;

static void look_on (IvTrend *self);

static void
step_free (Step *step)
{
  g_object_unref (step->self);
  g_object_unref (step->cancellable);
  g_free (step->file);
  g_free (step);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

static void
point_free (gpointer data)
{
  IvTrendPoint *point = data;

  g_object_unref (point->image);
  g_free (point->problem);
  g_free (point);
}

IvTrendValues
iv_trend_values_of (IvComparison *comparison)
{
  GPtrArray *changes = iv_comparison_get_changes (comparison);
  IvTrendValues values = {
    .current = *iv_comparison_get_current_measure (comparison),
    .prior = *iv_comparison_get_prior_measure (comparison),
    .is_registered = iv_comparison_is_ok (comparison),
  };

  if (values.current.source == IV_SPACING_NONE)
    values.changes_mm2 = NAN;
  for (guint i = 0; i < changes->len; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);

    if (iv_change_get_course (change) == IV_COURSE_UNCHANGED)
      continue;
    values.n_changes++;
    values.changes_px += change->area_px;
    values.changes_mm2 += change->area_mm2;
  }
  return values;
}

/* The film that is read is measured in every comparison. */
static void
take_values (IvTrend *self, IvTrendPoint *point, const IvTrendValues *values)
{
  point->values = *values;
  point->is_known = TRUE;
  for (guint i = 0; i < self->points->len; i++) {
    IvTrendPoint *other = g_ptr_array_index (self->points, i);

    if (!other->is_current || other->is_known)
      continue;
    other->values = (IvTrendValues){ .current = values->current, .prior = values->current };
    other->is_known = TRUE;
  }
}

static void
store (const char *file, const IvTrendValues *values)
{
  g_autoptr (GError) error = NULL;

  /* Without it the measures are computed again the next time: no loss. */
  if (!iv_trend_cache_write (file, values, &error))
    g_debug ("measures are not kept: %s", error->message);
}

static IvTrendPoint *
get_point (const Step *step)
{
  return g_ptr_array_index (step->self->points, step->point);
}

/* Ends a step; the next one begins. */
static void
finish (Step *step, const IvTrendValues *values, const GError *error)
{
  IvTrend *self = step->self;
  IvTrendPoint *point;

  if (g_cancellable_is_cancelled (step->cancellable))
    return;
  point = get_point (step);
  if (values != NULL)
    take_values (self, point, values);
  else
    point->problem = g_strdup (error->message);
  g_clear_object (&self->cancellable);
  g_signal_emit (self, signals[CHANGED], 0);
  look_on (self);
}

static void
on_compared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvComparison) comparison = iv_comparison_run_finish (result, &error);
  IvTrendValues values;

  if (comparison == NULL) {
    finish (step, NULL, error);
    return;
  }
  values = iv_trend_values_of (comparison);
  store (step->file, &values);
  step->self->n_computed++;
  finish (step, &values, NULL);
}

static void
on_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvRadiograph) film = iv_image_load_finish (IV_IMAGE (source), result, &error);
  IvTrend *self = step->self;
  IvTrendValues values;

  if (film == NULL || g_cancellable_is_cancelled (step->cancellable)) {
    finish (step, NULL, error);
    return;
  }
  step->file = iv_trend_cache_name (self->folder, self->radiograph, film);
  if (iv_trend_cache_read (step->file, &values)) {
    finish (step, &values, NULL);
    return;
  }
  IvComparisonParams params = { .current = self->radiograph, .prior = film, .is_background = TRUE };
  GCancellable *cancellable = step->cancellable;
  iv_comparison_run_async (
      self->engine, &params, NULL, NULL, cancellable, on_compared_cb, g_steal_pointer (&step));
}

/* The newest film that nothing is known of. */
static void
look_on (IvTrend *self)
{
  if (self->cancellable != NULL)
    return;
  for (guint i = self->points->len; i-- > 0;) {
    IvTrendPoint *point = g_ptr_array_index (self->points, i);
    Step *step;

    if (point->is_current || point->is_known || point->problem != NULL)
      continue;
    self->cancellable = g_cancellable_new ();
    step = g_new0 (Step, 1);
    step->self = g_object_ref (self);
    step->cancellable = g_object_ref (self->cancellable);
    step->point = i;
    iv_image_load_async (point->image, self->cancellable, on_loaded_cb, step);
    return;
  }
}

static void
stop (IvTrend *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

/* The film that is read and the latest ones before it. */
static void
list_films (IvTrend *self, IvPatient *patient)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (patient)), first = 0, last = 0;

  while (last + 1 < n) {
    g_autoptr (IvImage) image = g_list_model_get_item (G_LIST_MODEL (patient), last);

    if (image == self->current)
      break;
    last++;
  }
  first = last + 1 > IV_TREND_MOST ? last + 1 - IV_TREND_MOST : 0;
  for (guint i = first; i < n && i < first + IV_TREND_MOST; i++) {
    IvImage *image = g_list_model_get_item (G_LIST_MODEL (patient), i);
    IvTrendPoint *point;

    if (iv_image_get_info (image)->view == IV_VIEW_LATERAL) {
      g_object_unref (image);
      continue;
    }
    point = g_new0 (IvTrendPoint, 1);
    point->image = image;
    point->is_current = image == self->current;
    g_ptr_array_add (self->points, point);
  }
}

static void
take_comparison (IvTrend *self, IvComparison *comparison)
{
  const char *file = iv_radiograph_get_info (iv_comparison_get_prior (comparison))->file;
  IvTrendValues values = iv_trend_values_of (comparison);
  g_autofree char *name = NULL;

  if (iv_comparison_get_current (comparison) != self->radiograph)
    return;
  name = iv_trend_cache_name (self->folder, self->radiograph, iv_comparison_get_prior (comparison));
  store (name, &values);
  for (guint i = 0; i < self->points->len; i++) {
    IvTrendPoint *point = g_ptr_array_index (self->points, i);

    if (!point->is_current && !point->is_known &&
        g_strcmp0 (iv_image_get_info (point->image)->file, file) == 0)
      take_values (self, point, &values);
  }
}

void
iv_trend_follow (IvTrend *self,
                 IvPatient *patient,
                 IvImage *current,
                 IvRadiograph *radiograph,
                 IvComparison *comparison)
{
  g_return_if_fail (IV_IS_TREND (self));
  g_return_if_fail (IV_IS_PATIENT (patient) && IV_IS_IMAGE (current));

  if (self->current != current || self->radiograph != radiograph) {
    stop (self);
    g_ptr_array_set_size (self->points, 0);
    g_set_object (&self->current, current);
    g_set_object (&self->radiograph, radiograph);
    list_films (self, patient);
  }
  if (comparison != NULL)
    take_comparison (self, comparison);
  g_signal_emit (self, signals[CHANGED], 0);
  look_on (self);
}

void
iv_trend_clear (IvTrend *self)
{
  g_return_if_fail (IV_IS_TREND (self));

  stop (self);
  g_ptr_array_set_size (self->points, 0);
  g_clear_object (&self->current);
  g_clear_object (&self->radiograph);
  g_signal_emit (self, signals[CHANGED], 0);
}

IvImage *
iv_trend_get_current (IvTrend *self)
{
  g_return_val_if_fail (IV_IS_TREND (self), NULL);
  return self->current;
}

GPtrArray *
iv_trend_get_points (IvTrend *self)
{
  g_return_val_if_fail (IV_IS_TREND (self), NULL);
  return self->points;
}

gboolean
iv_trend_is_busy (IvTrend *self)
{
  g_return_val_if_fail (IV_IS_TREND (self), FALSE);
  return self->cancellable != NULL;
}

guint
iv_trend_count_computed (IvTrend *self)
{
  g_return_val_if_fail (IV_IS_TREND (self), 0);
  return self->n_computed;
}

static void
iv_trend_dispose (GObject *object)
{
  IvTrend *self = IV_TREND (object);

  stop (self);
  g_ptr_array_set_size (self->points, 0);
  g_clear_object (&self->current);
  g_clear_object (&self->radiograph);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (iv_trend_parent_class)->dispose (object);
}

static void
iv_trend_finalize (GObject *object)
{
  IvTrend *self = IV_TREND (object);

  g_ptr_array_unref (self->points);
  g_free (self->folder);
  G_OBJECT_CLASS (iv_trend_parent_class)->finalize (object);
}

static void
iv_trend_class_init (IvTrendClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = iv_trend_dispose;
  object_class->finalize = iv_trend_finalize;
  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
iv_trend_init (IvTrend *self)
{
  self->points = g_ptr_array_new_with_free_func (point_free);
}

IvTrend *
iv_trend_new (IvEngine *engine, const char *folder)
{
  IvTrend *self = g_object_new (IV_TYPE_TREND, NULL);

  g_set_object (&self->engine, engine);
  self->folder = folder != NULL
                     ? g_strdup (folder)
                     : g_build_filename (g_get_user_cache_dir (), "interval", "measures", NULL);
  return self;
}
