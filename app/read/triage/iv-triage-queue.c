/* Triage in the background: which films wait for it, how far it is, what it found.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/triage/iv-triage-queue.h"

#include "app/read/triage/iv-triage-run.h"

/* A film on its way, and what came of it. */
typedef struct {
  IvImage *image;
  IvImage *prior; /* or NULL */
  IvComparison *comparison;
  IvRadiograph *films[2]; /* current, prior; while it runs */
  char *film;             /* digest of both files */
  IvTriageState state;
  char *problem;
  IvTriageEntry *entry;
} Item;

struct _IvTriageQueue {
  GObject parent_instance;

  IvEngine *engine;
  IvLibrary *library; /* or NULL */
  char *model;        /* NULL: none */
  char *problem;      /* why the model cannot be used */
  IvTriageSetup *setup;
  GHashTable *items; /* IvImage to Item */
  GQueue waiting;    /* of Item, borrowed */
  Item *running;
  GCancellable *cancellable;       /* of the films */
  GCancellable *setup_cancellable; /* of the model's head */
};

G_DEFINE_FINAL_TYPE (IvTriageQueue, iv_triage_queue, G_TYPE_OBJECT)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void run_next (IvTriageQueue *self);

static void
item_free (Item *item)
{
  g_object_unref (item->image);
  g_clear_object (&item->prior);
  g_clear_object (&item->comparison);
  g_clear_object (&item->films[0]);
  g_clear_object (&item->films[1]);
  g_clear_pointer (&item->entry, iv_triage_entry_free);
  g_free (item->film);
  g_free (item->problem);
  g_free (item);
}

static void
tell (IvTriageQueue *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static const char *
get_file (IvImage *image)
{
  return iv_image_get_info (image)->file;
}

/* --- one film -------------------------------------------------------------------------------- */

/* What each step is given: a step of a run that was cancelled does nothing. */
typedef struct {
  IvTriageQueue *queue;
  GCancellable *cancellable;
} Step;

static Step *
step_new_for (IvTriageQueue *self, GCancellable *cancellable)
{
  Step *step = g_new0 (Step, 1);
  step->queue = g_object_ref (self);
  step->cancellable = g_object_ref (cancellable);
  return step;
}

static Step *
step_new (IvTriageQueue *self)
{
  return step_new_for (self, self->cancellable);
}

static void
step_free (Step *step)
{
  g_object_unref (step->queue);
  g_object_unref (step->cancellable);
  g_free (step);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

/* The film that runs, or NULL when this run was cancelled. */
static Item *
get_running (const Step *step)
{
  return step->queue->cancellable == step->cancellable ? step->queue->running : NULL;
}

static void
finish (IvTriageQueue *self, IvTriageState state, const GError *error)
{
  Item *item = self->running;
  self->running = NULL;
  item->state = state;
  g_free (item->problem);
  item->problem = error != NULL ? g_strdup (error->message) : NULL;
  g_clear_object (&item->films[0]);
  g_clear_object (&item->films[1]);
  run_next (self);
  tell (self);
}

/* Without a library, or when it cannot be written, the result is there all the same. */
static void
keep (IvTriageQueue *self, Item *item, IvTriage *triage)
{
  g_autoptr (GError) error = NULL;
  item->entry = iv_triage_entry_new (triage, item->film, self->setup->key);
  if (self->library != NULL &&
      !iv_triage_store_put (self->library, get_file (item->image), item->entry, &error))
    g_info ("The result of triage is not kept: %s", error->message);
}

static void
on_triage_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTriage) triage = iv_triage_run_finish (result, &error);
  Item *item = get_running (step);
  if (item == NULL)
    return;
  if (triage != NULL)
    keep (step->queue, item, triage);
  finish (step->queue, triage != NULL ? IV_TRIAGE_DONE : IV_TRIAGE_FAILED, error);
}

static void
ask (IvTriageQueue *self)
{
  Item *item = self->running;
  IvTriageRunParams params = { .setup = self->setup,
                               .current = item->films[0],
                               .prior = item->films[1],
                               .comparison = item->comparison };
  iv_triage_run_async (self->engine, &params, self->cancellable, on_triage_cb, step_new (self));
}

/* Evidence is a help: without a comparison the questions are asked all the same. */
static void
on_compared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvComparison) comparison = iv_comparison_run_finish (result, &error);
  Item *item = get_running (step);
  if (item == NULL)
    return;
  item->comparison = g_steal_pointer (&comparison);
  ask (step->queue);
}

static void
compare (IvTriageQueue *self)
{
  Item *item = self->running;
  IvComparisonParams params = { item->films[0], item->films[1] };
  if (item->films[1] == NULL || item->comparison != NULL)
    ask (self);
  else
    iv_comparison_run_async (
        self->engine, &params, NULL, NULL, self->cancellable, on_compared_cb, step_new (self));
}

static void
on_prior_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvRadiograph) film = iv_image_load_finish (IV_IMAGE (source), result, &error);
  Item *item = get_running (step);
  if (item == NULL)
    return;
  item->films[1] = g_steal_pointer (&film);
  compare (step->queue);
}

static void
on_current_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvRadiograph) film = iv_image_load_finish (IV_IMAGE (source), result, &error);
  Item *item = get_running (step);
  if (item == NULL)
    return;
  item->films[0] = g_steal_pointer (&film);
  if (item->films[0] == NULL)
    finish (step->queue, IV_TRIAGE_FAILED, error);
  else if (item->prior != NULL)
    iv_image_load_async (item->prior, step->cancellable, on_prior_cb, step_new (step->queue));
  else
    compare (step->queue);
}

/* TRUE: the result of an earlier time holds. */
static gboolean
find_kept (IvTriageQueue *self, Item *item)
{
  g_autoptr (GError) error = NULL;
  if (self->library == NULL)
    return FALSE;
  item->entry = iv_triage_store_find (
      self->library, get_file (item->image), item->film, self->setup->key, &error);
  if (error != NULL)
    g_info ("Kept results of triage: %s", error->message);
  return item->entry != NULL;
}

static void
on_digest_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *film = iv_triage_digest_films_finish (result, &error);
  Item *item = get_running (step);
  if (item == NULL)
    return;
  item->film = g_steal_pointer (&film);
  if (item->film == NULL)
    finish (step->queue, IV_TRIAGE_FAILED, error);
  else if (find_kept (step->queue, item))
    finish (step->queue, IV_TRIAGE_DONE, NULL);
  else
    iv_image_load_async (item->image, step->cancellable, on_current_cb, step_new (step->queue));
}

static void
run_next (IvTriageQueue *self)
{
  if (self->running != NULL || self->setup == NULL || g_queue_is_empty (&self->waiting))
    return;
  self->running = g_queue_pop_head (&self->waiting);
  self->running->state = IV_TRIAGE_RUNNING;
  g_clear_pointer (&self->running->film, g_free);
  iv_triage_digest_films_async (get_file (self->running->image),
                                self->running->prior != NULL ? get_file (self->running->prior)
                                                             : NULL,
                                self->cancellable,
                                on_digest_cb,
                                step_new (self));
}

/* --- what waits ------------------------------------------------------------------------------ */

static Item *
ensure_item (IvTriageQueue *self, IvImage *image, IvImage *prior)
{
  Item *item = g_hash_table_lookup (self->items, image);
  if (item == NULL) {
    item = g_new0 (Item, 1);
    item->image = g_object_ref (image);
    item->state = IV_TRIAGE_WAITING;
    g_hash_table_insert (self->items, image, item);
  }
  if (item != self->running && item->state != IV_TRIAGE_DONE && item->prior != prior) {
    g_clear_object (&item->comparison);
    g_set_object (&item->prior, prior);
  }
  return item;
}

void
iv_triage_queue_add (IvTriageQueue *self, IvPatient *patient)
{
  IvImage *image = iv_patient_get_current (patient);
  if (image == NULL || g_hash_table_contains (self->items, image))
    return;
  g_autoptr (IvPrior) prior = iv_prior_choose (patient, image);
  g_queue_push_tail (&self->waiting, ensure_item (self, image, prior->image));
  run_next (self);
}

void
iv_triage_queue_add_reading (IvTriageQueue *self, IvReading *reading)
{
  IvImage *image = iv_reading_get_current_image (reading);
  const IvPrior *prior = iv_reading_get_prior (reading);
  if (image == NULL || !iv_prior_is_chest_film (iv_image_get_info (image)))
    return;
  Item *item = ensure_item (self, image, prior != NULL ? prior->image : NULL);
  if (item == self->running || item->state != IV_TRIAGE_WAITING)
    return;
  g_set_object (&item->comparison, iv_reading_get_comparison (reading));
  g_queue_remove (&self->waiting, item);
  g_queue_push_head (&self->waiting, item);
  run_next (self);
  tell (self);
}

/* The steps of what runs find that it is no longer theirs. */
static void
stop (IvTriageQueue *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_queue_clear (&self->waiting);
  self->running = NULL;
  g_hash_table_remove_all (self->items);
}

void
iv_triage_queue_cancel (IvTriageQueue *self)
{
  stop (self);
  tell (self);
}

/* --- the model ------------------------------------------------------------------------------- */

static void
on_setup_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvTriageSetup) setup = iv_triage_setup_load_finish (result, &error);
  IvTriageQueue *self = step->queue;
  if (self->setup_cancellable != step->cancellable)
    return;
  if (error != NULL)
    self->problem = g_strdup (error->message);
  self->setup = g_steal_pointer (&setup);
  run_next (self);
  tell (self);
}

void
iv_triage_queue_set_model (IvTriageQueue *self, const char *model)
{
  if (model != NULL && *model == '\0')
    model = NULL;
  if (g_strcmp0 (model, self->model) == 0)
    return;
  stop (self);
  g_cancellable_cancel (self->setup_cancellable);
  g_object_unref (self->setup_cancellable);
  self->setup_cancellable = g_cancellable_new ();
  g_clear_pointer (&self->setup, iv_triage_setup_unref);
  g_clear_pointer (&self->problem, g_free);
  g_free (self->model);
  self->model = g_strdup (model);
  if (model != NULL)
    iv_triage_setup_load_async (model,
                                NULL,
                                self->setup_cancellable,
                                on_setup_cb,
                                step_new_for (self, self->setup_cancellable));
  tell (self);
}

/* --- what is known --------------------------------------------------------------------------- */

IvTriageState
iv_triage_queue_get_state (IvTriageQueue *self, IvImage *image)
{
  const Item *item = g_hash_table_lookup (self->items, image);
  if (self->model == NULL || self->problem != NULL)
    return IV_TRIAGE_OFF;
  return item != NULL ? item->state : IV_TRIAGE_WAITING;
}

const IvTriageEntry *
iv_triage_queue_get_entry (IvTriageQueue *self, IvImage *image)
{
  const Item *item = g_hash_table_lookup (self->items, image);
  return item != NULL && item->state == IV_TRIAGE_DONE ? item->entry : NULL;
}

const char *
iv_triage_queue_get_problem (IvTriageQueue *self, IvImage *image)
{
  const Item *item = g_hash_table_lookup (self->items, image);
  if (self->problem != NULL)
    return self->problem;
  return item != NULL ? item->problem : NULL;
}

gboolean
iv_triage_queue_dismiss (IvTriageQueue *self, IvImage *image, const char *finding, GError **error)
{
  Item *item = g_hash_table_lookup (self->items, image);
  gboolean done = TRUE;
  if (item == NULL || item->entry == NULL)
    return TRUE;
  iv_triage_entry_dismiss (item->entry, finding, TRUE);
  if (self->library != NULL)
    done = iv_triage_store_put (self->library, get_file (image), item->entry, error);
  tell (self);
  return done;
}

/* --- the object ------------------------------------------------------------------------------ */

IvTriageQueue *
iv_triage_queue_new (IvEngine *engine, IvLibrary *library)
{
  IvTriageQueue *self = g_object_new (IV_TYPE_TRIAGE_QUEUE, NULL);
  self->engine = g_object_ref (engine);
  self->library = library != NULL ? g_object_ref (library) : NULL;
  return self;
}

static void
iv_triage_queue_dispose (GObject *object)
{
  IvTriageQueue *self = IV_TRIAGE_QUEUE (object);
  stop (self);
  g_cancellable_cancel (self->setup_cancellable);
  g_clear_object (&self->engine);
  g_clear_object (&self->library);
  g_clear_pointer (&self->setup, iv_triage_setup_unref);
  G_OBJECT_CLASS (iv_triage_queue_parent_class)->dispose (object);
}

static void
iv_triage_queue_finalize (GObject *object)
{
  IvTriageQueue *self = IV_TRIAGE_QUEUE (object);
  g_hash_table_unref (self->items);
  g_object_unref (self->cancellable);
  g_object_unref (self->setup_cancellable);
  g_free (self->model);
  g_free (self->problem);
  G_OBJECT_CLASS (iv_triage_queue_parent_class)->finalize (object);
}

static void
iv_triage_queue_class_init (IvTriageQueueClass *class)
{
  G_OBJECT_CLASS (class)->dispose = iv_triage_queue_dispose;
  G_OBJECT_CLASS (class)->finalize = iv_triage_queue_finalize;
  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
iv_triage_queue_init (IvTriageQueue *self)
{
  self->cancellable = g_cancellable_new ();
  self->setup_cancellable = g_cancellable_new ();
  self->items = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) item_free);
  g_queue_init (&self->waiting);
}
