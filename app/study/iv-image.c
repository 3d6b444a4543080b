/* Image files: dates, loading through a small cache, thumbnails.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-image.h"

#include <stdio.h>

#include "app/study/iv-decode-pool.h"

/* Pixels that stay decoded after their last use, so that blinking between films never waits. */
#define CACHE_BYTES (192u << 20)

struct _IvImage {
  GObject parent_instance;
  IvRadiographInfo *info;
  GDateTime *date;
  gboolean has_time;
  guint order;
  IvThumbnail thumbnail;
  IvRadiograph *radiograph;       /* while cached */
  GPtrArray *waiting;             /* Wait *, while decoding */
  GCancellable *load_cancellable; /* cancelled when nobody waits any more */
};

/* Somebody who asked for the pixels. */
typedef struct {
  GTask *task;
  GSource *cancelled; /* or NULL */
} Wait;

G_DEFINE_FINAL_TYPE (IvImage, iv_image, G_TYPE_OBJECT)

/* Images whose radiograph is cached, last used first. Main thread. */
static GQueue cache = G_QUEUE_INIT;

static void
wait_free (gpointer data)
{
  Wait *wait = data;
  if (wait->cancelled != NULL) {
    g_source_destroy (wait->cancelled);
    g_source_unref (wait->cancelled);
  }
  g_object_unref (wait->task);
  g_free (wait);
}

static void
iv_image_finalize (GObject *object)
{
  IvImage *self = IV_IMAGE (object);
  g_queue_remove (&cache, self);
  iv_radiograph_info_free (self->info);
  g_clear_pointer (&self->date, g_date_time_unref);
  g_clear_pointer (&self->thumbnail.pixels, g_bytes_unref);
  g_clear_object (&self->radiograph);
  g_ptr_array_unref (self->waiting);
  g_clear_object (&self->load_cancellable);
  G_OBJECT_CLASS (iv_image_parent_class)->finalize (object);
}

static void
iv_image_class_init (IvImageClass *class)
{
  G_OBJECT_CLASS (class)->finalize = iv_image_finalize;
}

static void
iv_image_init (IvImage *self)
{
  self->waiting = g_ptr_array_new_with_free_func (wait_free);
}

static GDateTime *
make_date (const char *date, const char *time)
{
  int year, month, day, hour = 0, minute = 0, second = 0;
  if (date == NULL || sscanf (date, "%4d%2d%2d", &year, &month, &day) != 3)
    return NULL;
  if (time != NULL)
    sscanf (time, "%2d%2d%2d", &hour, &minute, &second);
  return g_date_time_new_utc (year, month, day, hour, minute, MIN (second, 59));
}

IvImage *
iv_image_new_for_info (IvRadiographInfo *info)
{
  IvImage *self = g_object_new (IV_TYPE_IMAGE, NULL);
  self->info = info;
  self->date = make_date (info->acquisition_date, info->acquisition_time);
  self->has_time = self->date != NULL && info->acquisition_time != NULL;
  if (self->date == NULL) {
    self->date = make_date (info->study_date, info->study_time);
    self->has_time = self->date != NULL && info->study_time != NULL;
  }
  return self;
}

const IvRadiographInfo *
iv_image_get_info (IvImage *self)
{
  return self->info;
}

GDateTime *
iv_image_get_date (IvImage *self)
{
  return self->date;
}

gboolean
iv_image_has_time (IvImage *self)
{
  return self->has_time;
}

gboolean
iv_image_is_picture (IvImage *self)
{
  return self->info->transfer_syntax_uid == NULL;
}

guint
iv_image_get_order (IvImage *self)
{
  return self->order;
}

void
iv_image_set_order (IvImage *self, guint order)
{
  self->order = order;
}

int
iv_image_compare (IvImage *a, IvImage *b)
{
  if ((a->date == NULL) != (b->date == NULL))
    return a->date == NULL ? -1 : 1;
  int by_date = a->date != NULL ? g_date_time_compare (a->date, b->date) : 0;
  return by_date != 0 ? by_date : (a->order > b->order) - (a->order < b->order);
}

static gsize
bytes_of (IvImage *self)
{
  return sizeof (guint16) * (gsize) self->info->rows * self->info->columns;
}

/* The two last used stay whatever their size: they are the pair on screen. */
static void
put_into_cache (IvImage *self, IvRadiograph *radiograph)
{
  gsize total = 0;
  guint position = 0;
  g_set_object (&self->radiograph, radiograph);
  g_queue_remove (&cache, self);
  g_queue_push_head (&cache, self);
  for (GList *link = cache.head; link != NULL; position++) {
    GList *next = link->next;
    IvImage *image = link->data;
    total += bytes_of (image);
    if (total > CACHE_BYTES && position >= 2) {
      g_clear_object (&image->radiograph);
      g_queue_delete_link (&cache, link);
    }
    link = next;
  }
}

/* One decoding under way. */
typedef struct {
  IvImage *image;
  GCancellable *cancellable;
} Load;

static void
load_free (Load *load)
{
  g_object_unref (load->image);
  g_object_unref (load->cancellable);
  g_free (load);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Load, load_free)

static void
on_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Load) load = user_data;
  g_autoptr (GError) error = NULL;
  IvImage *self = load->image;
  g_autoptr (IvRadiograph) radiograph = iv_radiograph_load_finish (result, &error);
  /* Given up, and perhaps another one was started since: its waiters are not ours. */
  if (self->load_cancellable != load->cancellable)
    return;
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);
  self->waiting = g_ptr_array_new_with_free_func (wait_free);
  g_clear_object (&self->load_cancellable);
  if (radiograph != NULL)
    put_into_cache (self, radiograph);
  for (guint i = 0; i < waiting->len; i++) {
    Wait *wait = g_ptr_array_index (waiting, i);
    if (radiograph != NULL)
      g_task_return_pointer (wait->task, g_object_ref (radiograph), g_object_unref);
    else
      g_task_return_error (wait->task, g_error_copy (error));
  }
}

static gboolean
on_wait_cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  IvImage *self = g_task_get_source_object (task);
  g_task_return_error_if_cancelled (task);
  for (guint i = 0; i < self->waiting->len; i++) {
    Wait *wait = g_ptr_array_index (self->waiting, i);
    if (wait->task == task) {
      g_ptr_array_remove_index (self->waiting, i);
      break;
    }
  }
  if (self->waiting->len == 0 && self->load_cancellable != NULL)
    g_cancellable_cancel (self->load_cancellable);
  return G_SOURCE_REMOVE;
}

static void
add_wait (IvImage *self, GTask *task, GCancellable *cancellable)
{
  Wait *wait = g_new0 (Wait, 1);
  wait->task = g_object_ref (task);
  if (cancellable != NULL) {
    wait->cancelled = g_cancellable_source_new (cancellable);
    g_source_set_callback (
        wait->cancelled, G_SOURCE_FUNC (on_wait_cancelled_cb), g_object_ref (task), g_object_unref);
    g_source_attach (wait->cancelled, g_main_context_get_thread_default ());
  }
  g_ptr_array_add (self->waiting, wait);
}

void
iv_image_load_async (IvImage *self,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, iv_image_load_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (self->radiograph != NULL) {
    g_autoptr (IvRadiograph) radiograph = g_object_ref (self->radiograph);
    put_into_cache (self, radiograph);
    g_task_return_pointer (task, g_steal_pointer (&radiograph), g_object_unref);
    return;
  }
  /* A decoding that everybody gave up is on its way out: it answers nobody, start anew. */
  gboolean is_loading =
      self->load_cancellable != NULL && !g_cancellable_is_cancelled (self->load_cancellable);
  add_wait (self, task, cancellable);
  if (is_loading)
    return;
  g_clear_object (&self->load_cancellable);
  self->load_cancellable = g_cancellable_new ();
  Load *load = g_new (Load, 1);
  *load = (Load){ g_object_ref (self), g_object_ref (self->load_cancellable) };
  iv_radiograph_load_async (self->info->file, load->cancellable, on_loaded_cb, load);
}

IvRadiograph *
iv_image_load_finish (IvImage *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

const IvThumbnail *
iv_image_get_thumbnail (IvImage *self)
{
  return self->thumbnail.pixels != NULL ? &self->thumbnail : NULL;
}

static void
thumbnail_free (gpointer data)
{
  IvThumbnail *thumbnail = data;
  g_clear_pointer (&thumbnail->pixels, g_bytes_unref);
  g_free (thumbnail);
}

static void
render_in_pool (GTask *task, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvRadiograph) radiograph = iv_radiograph_load (data, cancellable, &error);
  if (radiograph == NULL) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  IvThumbnail *thumbnail = g_new0 (IvThumbnail, 1);
  thumbnail->pixels = iv_radiograph_render_small (
      radiograph, IV_THUMBNAIL_SIZE, &thumbnail->width, &thumbnail->height);
  g_task_return_pointer (task, thumbnail, thumbnail_free);
}

void
iv_image_load_thumbnail_async (IvImage *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, iv_image_load_thumbnail_async);
  g_task_set_task_data (task, g_strdup (self->info->file), g_free);
  g_task_set_priority (task, G_PRIORITY_LOW);
  if (self->thumbnail.pixels != NULL)
    g_task_return_pointer (task, NULL, NULL);
  else
    iv_decode_pool_push (task, render_in_pool);
}

gboolean
iv_image_load_thumbnail_finish (IvImage *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  IvThumbnail *thumbnail = g_task_propagate_pointer (G_TASK (result), error);
  if (thumbnail != NULL) {
    g_clear_pointer (&self->thumbnail.pixels, g_bytes_unref);
    self->thumbnail = *thumbnail;
    g_free (thumbnail);
  }
  return self->thumbnail.pixels != NULL;
}
