/* One reading: the current film, the prior that was chosen and why, both decoded, what changed.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-reading.h"

struct _IvReading {
  GObject parent_instance;

  IvEngine *engine;
  IvReadingState state;

  IvPatient *patient;
  IvImage *image;
  IvPrior *prior;

  IvRadiograph *current;
  IvRadiograph *prior_radiograph;
  IvComparison *comparison;
  GError *error;
  GError *comparison_error;

  GCancellable *current_cancellable; /* set while the current film is being decoded */
  GCancellable *prior_cancellable;   /* set while the prior is being decoded */
  GCancellable *compare_cancellable; /* set while the engine compares */
  double fraction;
  char *message;
};

G_DEFINE_FINAL_TYPE (IvReading, iv_reading, G_TYPE_OBJECT)

enum { CHOICE_CHANGED, FILMS_CHANGED, COMPARISON_CHANGED, STATE_CHANGED, PROGRESSED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* What an asynchronous step was started for. A step whose cancellable is no longer the reading's
 * own is stale: its result belongs to a choice the reader has left. */
typedef struct {
  IvReading *reading;        /* (owned) */
  GCancellable *cancellable; /* (owned) */
} Step;

static Step *
step_new (IvReading *self, GCancellable *cancellable)
{
  Step *step = g_new0 (Step, 1);

  step->reading = g_object_ref (self);
  step->cancellable = g_object_ref (cancellable);
  return step;
}

static void
step_free (Step *step)
{
  g_object_unref (step->reading);
  g_object_unref (step->cancellable);
  g_free (step);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

static void
stop (GCancellable **cancellable)
{
  if (*cancellable != NULL)
    g_cancellable_cancel (*cancellable);
  g_clear_object (cancellable);
}

static void
set_progress (IvReading *self, double fraction, const char *message)
{
  self->fraction = fraction;
  g_free (self->message);
  self->message = g_strdup (message != NULL ? message : "");
  g_signal_emit (self, signals[PROGRESSED], 0);
}

static void
update_state (IvReading *self)
{
  IvReadingState state;

  if (self->image == NULL)
    state = IV_READING_EMPTY;
  else if (self->current_cancellable != NULL || self->prior_cancellable != NULL)
    state = IV_READING_LOADING;
  else if (self->compare_cancellable != NULL)
    state = IV_READING_COMPARING;
  else if (self->error != NULL)
    state = IV_READING_FAILED;
  else
    state = IV_READING_READY;
  if (state == self->state)
    return;
  self->state = state;
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

static void
drop_comparison (IvReading *self)
{
  stop (&self->compare_cancellable);
  g_clear_object (&self->comparison);
  g_clear_error (&self->comparison_error);
  g_signal_emit (self, signals[COMPARISON_CHANGED], 0);
}

static void
on_compare_progress_cb (double fraction, const char *message, gpointer user_data)
{
  Step *step = user_data;

  if (step->reading->compare_cancellable == step->cancellable)
    set_progress (step->reading, fraction, message);
}

static void
on_compared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvComparison) comparison = iv_comparison_run_finish (result, &error);
  IvReading *self = step->reading;

  if (self->compare_cancellable != step->cancellable)
    return;
  g_clear_object (&self->compare_cancellable);
  self->comparison = g_steal_pointer (&comparison);
  self->comparison_error = g_steal_pointer (&error);
  g_signal_emit (self, signals[COMPARISON_CHANGED], 0);
  update_state (self);
}

static void
compare (IvReading *self)
{
  IvComparisonParams params = { .current = self->current, .prior = self->prior_radiograph };
  Step *step;

  if (self->current == NULL || self->prior_radiograph == NULL)
    return;
  drop_comparison (self);
  self->compare_cancellable = g_cancellable_new ();
  set_progress (self, -1, "");
  step = step_new (self, self->compare_cancellable);
  iv_comparison_run_async (self->engine,
                           &params,
                           on_compare_progress_cb,
                           step,
                           self->compare_cancellable,
                           on_compared_cb,
                           step);
}

static void
on_current_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvRadiograph) radiograph = iv_image_load_finish (IV_IMAGE (source), result, &error);
  IvReading *self = step->reading;

  if (self->current_cancellable != step->cancellable)
    return;
  g_clear_object (&self->current_cancellable);
  self->current = g_steal_pointer (&radiograph);
  self->error = g_steal_pointer (&error);
  g_signal_emit (self, signals[FILMS_CHANGED], 0);
  compare (self);
  update_state (self);
}

static void
on_prior_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvRadiograph) radiograph = iv_image_load_finish (IV_IMAGE (source), result, &error);
  IvReading *self = step->reading;

  if (self->prior_cancellable != step->cancellable)
    return;
  g_clear_object (&self->prior_cancellable);
  self->prior_radiograph = g_steal_pointer (&radiograph);
  g_signal_emit (self, signals[FILMS_CHANGED], 0);
  if (error != NULL) {
    /* The current film can still be read; the reason stands where the comparison would. */
    self->comparison_error = g_steal_pointer (&error);
    g_signal_emit (self, signals[COMPARISON_CHANGED], 0);
  }
  compare (self);
  update_state (self);
}

static void
load_current (IvReading *self)
{
  stop (&self->current_cancellable);
  g_clear_object (&self->current);
  g_clear_error (&self->error);
  self->current_cancellable = g_cancellable_new ();
  iv_image_load_async (self->image,
                       self->current_cancellable,
                       on_current_loaded_cb,
                       step_new (self, self->current_cancellable));
}

static void
load_prior (IvReading *self)
{
  stop (&self->prior_cancellable);
  g_clear_object (&self->prior_radiograph);
  if (self->prior == NULL || self->prior->image == NULL)
    return;
  self->prior_cancellable = g_cancellable_new ();
  iv_image_load_async (self->prior->image,
                       self->prior_cancellable,
                       on_prior_loaded_cb,
                       step_new (self, self->prior_cancellable));
}

static void
take_prior (IvReading *self, IvPrior *prior)
{
  g_clear_pointer (&self->prior, iv_prior_free);
  self->prior = prior;
}

void
iv_reading_open (IvReading *self, IvPatient *patient, IvImage *current)
{
  g_return_if_fail (IV_IS_READING (self));
  g_return_if_fail (IV_IS_PATIENT (patient));

  if (current == NULL)
    current = iv_patient_get_current (patient);
  if (current == NULL) {
    iv_reading_close (self);
    return;
  }
  g_set_object (&self->patient, patient);
  g_set_object (&self->image, current);
  take_prior (self, iv_prior_choose (patient, current));
  drop_comparison (self);
  set_progress (self, -1, "");
  load_current (self);
  load_prior (self);
  g_signal_emit (self, signals[CHOICE_CHANGED], 0);
  g_signal_emit (self, signals[FILMS_CHANGED], 0);
  update_state (self);
}

void
iv_reading_close (IvReading *self)
{
  g_return_if_fail (IV_IS_READING (self));

  stop (&self->current_cancellable);
  stop (&self->prior_cancellable);
  g_clear_object (&self->patient);
  g_clear_object (&self->image);
  take_prior (self, NULL);
  g_clear_object (&self->current);
  g_clear_object (&self->prior_radiograph);
  g_clear_error (&self->error);
  drop_comparison (self);
  g_signal_emit (self, signals[CHOICE_CHANGED], 0);
  g_signal_emit (self, signals[FILMS_CHANGED], 0);
  update_state (self);
}

void
iv_reading_choose_prior (IvReading *self, IvImage *prior)
{
  g_return_if_fail (IV_IS_READING (self));
  g_return_if_fail (prior == NULL || IV_IS_IMAGE (prior));

  if (self->image == NULL || prior == self->image)
    return;
  take_prior (self, prior != NULL ? iv_prior_describe (self->patient, self->image, prior) : NULL);
  drop_comparison (self);
  set_progress (self, -1, "");
  load_prior (self);
  g_signal_emit (self, signals[CHOICE_CHANGED], 0);
  g_signal_emit (self, signals[FILMS_CHANGED], 0);
  update_state (self);
}

gboolean
iv_reading_step_prior (IvReading *self, int step)
{
  IvImage *from;
  guint n_images, position = 0;

  g_return_val_if_fail (IV_IS_READING (self), FALSE);

  if (self->image == NULL)
    return FALSE;
  from = self->prior != NULL && self->prior->image != NULL ? self->prior->image : self->image;
  n_images = g_list_model_get_n_items (G_LIST_MODEL (self->patient));
  while (position < n_images) {
    g_autoptr (IvImage) image = g_list_model_get_item (G_LIST_MODEL (self->patient), position);

    if (image == from)
      break;
    position++;
  }
  /* Unsigned arithmetic: below 0 is beyond the end too. */
  for (guint i = position + (guint) step; i < n_images; i += (guint) step) {
    g_autoptr (IvImage) image = g_list_model_get_item (G_LIST_MODEL (self->patient), i);

    if (image == self->image)
      continue;
    iv_reading_choose_prior (self, image);
    return TRUE;
  }
  return FALSE;
}

void
iv_reading_cancel (IvReading *self)
{
  g_return_if_fail (IV_IS_READING (self));

  if (self->prior_cancellable == NULL && self->compare_cancellable == NULL)
    return;
  stop (&self->prior_cancellable);
  stop (&self->compare_cancellable);
  g_clear_error (&self->comparison_error);
  g_set_error_literal (
      &self->comparison_error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The comparison was stopped.");
  g_signal_emit (self, signals[COMPARISON_CHANGED], 0);
  update_state (self);
}

void
iv_reading_retry (IvReading *self)
{
  g_return_if_fail (IV_IS_READING (self));

  if (self->image == NULL)
    return;
  if (self->current == NULL && self->current_cancellable == NULL)
    load_current (self);
  if (self->prior_radiograph == NULL && self->prior_cancellable == NULL) {
    drop_comparison (self);
    load_prior (self);
  }
  compare (self);
  update_state (self);
}

IvReadingState
iv_reading_get_state (IvReading *self)
{
  g_return_val_if_fail (IV_IS_READING (self), IV_READING_EMPTY);
  return self->state;
}

IvPatient *
iv_reading_get_patient (IvReading *self)
{
  g_return_val_if_fail (IV_IS_READING (self), NULL);
  return self->patient;
}

IvImage *
iv_reading_get_current_image (IvReading *self)
{
  g_return_val_if_fail (IV_IS_READING (self), NULL);
  return self->image;
}

const IvPrior *
iv_reading_get_prior (IvReading *self)
{
  g_return_val_if_fail (IV_IS_READING (self), NULL);
  return self->prior;
}

IvRadiograph *
iv_reading_get_current (IvReading *self)
{
  g_return_val_if_fail (IV_IS_READING (self), NULL);
  return self->current;
}

IvRadiograph *
iv_reading_get_prior_radiograph (IvReading *self)
{
  g_return_val_if_fail (IV_IS_READING (self), NULL);
  return self->prior_radiograph;
}

IvComparison *
iv_reading_get_comparison (IvReading *self)
{
  g_return_val_if_fail (IV_IS_READING (self), NULL);
  return self->comparison;
}

const GError *
iv_reading_get_error (IvReading *self)
{
  g_return_val_if_fail (IV_IS_READING (self), NULL);
  return self->error;
}

const GError *
iv_reading_get_comparison_error (IvReading *self)
{
  g_return_val_if_fail (IV_IS_READING (self), NULL);
  return self->comparison_error;
}

double
iv_reading_get_fraction (IvReading *self)
{
  g_return_val_if_fail (IV_IS_READING (self), -1);
  return self->fraction;
}

const char *
iv_reading_get_message (IvReading *self)
{
  g_return_val_if_fail (IV_IS_READING (self), "");
  return self->message;
}

static void
iv_reading_dispose (GObject *object)
{
  IvReading *self = IV_READING (object);

  stop (&self->current_cancellable);
  stop (&self->prior_cancellable);
  stop (&self->compare_cancellable);
  g_clear_object (&self->engine);
  g_clear_object (&self->patient);
  g_clear_object (&self->image);
  g_clear_object (&self->current);
  g_clear_object (&self->prior_radiograph);
  g_clear_object (&self->comparison);
  take_prior (self, NULL);
  G_OBJECT_CLASS (iv_reading_parent_class)->dispose (object);
}

static void
iv_reading_finalize (GObject *object)
{
  IvReading *self = IV_READING (object);

  g_clear_error (&self->error);
  g_clear_error (&self->comparison_error);
  g_free (self->message);
  G_OBJECT_CLASS (iv_reading_parent_class)->finalize (object);
}

static guint
add_signal (GObjectClass *class, const char *name)
{
  return g_signal_new (
      name, G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
iv_reading_class_init (IvReadingClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = iv_reading_dispose;
  object_class->finalize = iv_reading_finalize;

  signals[CHOICE_CHANGED] = add_signal (object_class, "choice-changed");
  signals[FILMS_CHANGED] = add_signal (object_class, "films-changed");
  signals[COMPARISON_CHANGED] = add_signal (object_class, "comparison-changed");
  signals[STATE_CHANGED] = add_signal (object_class, "state-changed");
  signals[PROGRESSED] = add_signal (object_class, "progressed");
}

static void
iv_reading_init (IvReading *self)
{
  self->fraction = -1;
  self->message = g_strdup ("");
}

IvReading *
iv_reading_new (IvEngine *engine)
{
  IvReading *self = g_object_new (IV_TYPE_READING, NULL);

  g_set_object (&self->engine, engine);
  return self;
}
