/* Small pictures of films, made one after the other in the background.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/iv-film-thumbnail.h"

#include "app/study/iv-grayscale.h"
#include "ui/iv-film-renderer.h"

static const char kept_key[] = "iv-film-thumbnail";

typedef struct {
  IvRadiograph *radiograph; /* (owned) NULL until it is read */
  guint side;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_object (&job->radiograph);
  g_free (job);
}

static GdkTexture *
draw (IvRadiograph *radiograph, guint side)
{
  g_autoptr (IvFilmPyramid) pyramid = iv_film_pyramid_new_for_radiograph (radiograph);
  g_autoptr (IvFilmRenderer) renderer = iv_film_renderer_new ();
  g_autofree guint8 *table = g_new (guint8, 65536);
  g_autoptr (GBytes) pixels = NULL;
  IvFilmGeometry geometry = { .columns = iv_radiograph_get_columns (radiograph),
                              .rows = iv_radiograph_get_rows (radiograph),
                              .width = side,
                              .height = side };
  IvGrayscale grayscale;

  iv_grayscale_init_preset (&grayscale, radiograph, IV_PRESET_FILE);
  iv_grayscale_build_table (radiograph, &grayscale, table);
  iv_film_renderer_set_pyramid (renderer, pyramid);
  iv_film_renderer_set_table (renderer, table);
  iv_film_geometry_fit (&geometry);
  pixels = iv_film_renderer_render (renderer, &geometry);
  return gdk_memory_texture_new (
      (int) side, (int) side, GDK_MEMORY_DEFAULT, pixels, (gsize) side * 4);
}

static void
run_draw (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Job *job = data;

  g_task_return_pointer (task, draw (job->radiograph, job->side), g_object_unref);
}

static void
on_loaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Job *job = g_task_get_task_data (task);

  job->radiograph = iv_image_load_finish (IV_IMAGE (object), result, &error);
  if (job->radiograph == NULL) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  g_task_run_in_thread (task, run_draw);
}

void
iv_film_thumbnail_load_async (IvImage *image,
                              guint side,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (image, cancellable, callback, user_data);
  GdkTexture *kept = g_object_get_data (G_OBJECT (image), kept_key);

  g_task_set_source_tag (task, iv_film_thumbnail_load_async);
  if (kept != NULL && gdk_texture_get_width (kept) == (int) side) {
    g_task_return_pointer (task, g_object_ref (kept), g_object_unref);
    return;
  }
  Job *job = g_new0 (Job, 1);
  job->side = side;
  g_task_set_task_data (task, job, job_free);
  iv_image_load_async (image, cancellable, on_loaded_cb, g_steal_pointer (&task));
}

GdkTexture *
iv_film_thumbnail_load_finish (GAsyncResult *result, GError **error)
{
  GdkTexture *texture = g_task_propagate_pointer (G_TASK (result), error);

  if (texture != NULL)
    g_object_set_data_full (g_task_get_source_object (G_TASK (result)),
                            kept_key,
                            g_object_ref (texture),
                            g_object_unref);
  return texture;
}
