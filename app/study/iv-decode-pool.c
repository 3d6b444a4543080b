/* Keeps a few decode workers alive between files, and never more than the machine can feed.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-decode-pool.h"

#include "app/study/iv-decode-worker.h"

#define MAX_WORKERS 4

static GMutex pool_lock;
static GCond worker_returned;
static GPtrArray *idle_workers; /* IvDecodeWorker * */
static guint n_busy;
static guint generation; /* of the limits; workers of an older one are not kept */
static IvDecodeLimits pool_limits = { .wall_seconds = 60, .cpu_seconds = 30, .memory_mib = 1024 };

guint
iv_decode_pool_get_size (void)
{
  return CLAMP (g_get_num_processors (), 1, MAX_WORKERS);
}

/* Waits for a place in the pool. NULL without error: there is a place, but no idle worker. */
static IvDecodeWorker *
take_place (IvDecodeLimits *limits, guint *worker_generation)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&pool_lock);
  while (n_busy >= iv_decode_pool_get_size ())
    g_cond_wait (&worker_returned, &pool_lock);
  n_busy++;
  *limits = pool_limits;
  *worker_generation = generation;
  if (idle_workers == NULL || idle_workers->len == 0)
    return NULL;
  return g_ptr_array_steal_index (idle_workers, idle_workers->len - 1);
}

static void
give_place_back (IvDecodeWorker *worker, guint worker_generation)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&pool_lock);
  n_busy--;
  g_cond_signal (&worker_returned);
  if (worker == NULL)
    return;
  if (worker_generation != generation) {
    iv_decode_worker_free (worker);
    return;
  }
  if (idle_workers == NULL)
    idle_workers = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_decode_worker_free);
  g_ptr_array_add (idle_workers, worker);
}

IvDecodeResult *
iv_decode_pool_run (const char *file, IvDecodeKind kind, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  IvDecodeLimits limits;
  guint worker_generation;
  g_autoptr (IvDecodeWorker) worker = take_place (&limits, &worker_generation);
  IvDecodeResult *result = NULL;
  if (worker != NULL && !iv_decode_worker_is_alive (worker))
    g_clear_pointer (&worker, iv_decode_worker_free);
  if (worker == NULL)
    worker = iv_decode_worker_start (&limits, error);
  if (worker != NULL) {
    gboolean is_usable = FALSE;
    const IvDecodeJob job = { file, kind, cancellable };
    result = iv_decode_worker_run (worker, &job, &is_usable, error);
    if (!is_usable)
      g_clear_pointer (&worker, iv_decode_worker_free);
  }
  give_place_back (g_steal_pointer (&worker), worker_generation);
  return result;
}

typedef struct {
  GTask *task;
  IvDecodeTaskFunc function;
} Push;

static void
run_push (gpointer data, gpointer user_data)
{
  g_autofree Push *push = data;
  g_autoptr (GTask) task = push->task;
  GCancellable *cancellable = g_task_get_cancellable (task);
  if (!g_task_return_error_if_cancelled (task))
    push->function (task, g_task_get_task_data (task), cancellable);
}

static int
compare_priorities (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return g_task_get_priority (((const Push *) a)->task) -
         g_task_get_priority (((const Push *) b)->task);
}

void
iv_decode_pool_push (GTask *task, IvDecodeTaskFunc function)
{
  static GThreadPool *threads;
  static gsize once;
  if (g_once_init_enter (&once)) {
    threads = g_thread_pool_new (run_push, NULL, iv_decode_pool_get_size (), FALSE, NULL);
    g_thread_pool_set_sort_function (threads, compare_priorities, NULL);
    g_once_init_leave (&once, 1);
  }
  Push *push = g_new (Push, 1);
  *push = (Push){ g_object_ref (task), function };
  g_thread_pool_push (threads, push, NULL);
}

void
iv_decode_pool_set_limits (const IvDecodeLimits *limits)
{
  g_mutex_lock (&pool_lock);
  pool_limits = *limits;
  g_mutex_unlock (&pool_lock);
  iv_decode_pool_shut_down ();
}

void
iv_decode_pool_get_limits (IvDecodeLimits *limits)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&pool_lock);
  *limits = pool_limits;
}

void
iv_decode_pool_shut_down (void)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&pool_lock);
  generation++;
  g_clear_pointer (&idle_workers, g_ptr_array_unref);
}

void
iv_decode_result_free (IvDecodeResult *result)
{
  iv_radiograph_info_free (result->info);
  g_clear_pointer (&result->pixels, g_bytes_unref);
  g_strfreev (result->directory);
  g_free (result);
}
