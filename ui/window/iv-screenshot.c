/* The window as a PNG file, without a compositor's help.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/window/iv-screenshot.h"

#define POLL_MS 100
#define CALM_POLLS 6        /* settled this often in a row: transitions are over */
#define PATIENCE_POLLS 1800 /* 3 minutes */

typedef struct {
  IvMainWindow *window; /* (owned) */
  const IvScreenshotParams *params;
  guint n_calm, n_polls;
} Wait;

static void
wait_free (Wait *wait)
{
  g_object_unref (wait->window);
  g_free (wait);
}

static void
finish (IvMainWindow *window, const char *problem)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (window));

  if (problem != NULL) {
    g_printerr ("interval: --screenshot: %s\n", problem);
    iv_application_set_failed (IV_APPLICATION (application));
  }
  g_application_quit (G_APPLICATION (application));
}

static void
render (IvMainWindow *window, const char *file)
{
  GtkWidget *widget = GTK_WIDGET (window);
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *problem = NULL;
  int width = gdk_paintable_get_intrinsic_width (paintable);
  int height = gdk_paintable_get_intrinsic_height (paintable);
  GskRenderer *renderer = gtk_native_get_renderer (GTK_NATIVE (widget));

  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL || renderer == NULL) {
    finish (window, "the window has not been drawn");
    return;
  }
  texture = gsk_renderer_render_texture (
      renderer, node, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  if (!gdk_texture_save_to_png (texture, file))
    problem = g_strdup_printf ("%s could not be written", file);
  finish (window, problem);
}

static gboolean
on_poll_cb (gpointer user_data)
{
  Wait *wait = user_data;

  if (iv_main_window_is_settled (wait->window, wait->params->waits_for_comparison) &&
      gtk_widget_get_mapped (GTK_WIDGET (wait->window)))
    wait->n_calm++;
  else
    wait->n_calm = 0;
  if (wait->n_calm >= CALM_POLLS) {
    render (wait->window, wait->params->file);
    return G_SOURCE_REMOVE;
  }
  if (++wait->n_polls >= PATIENCE_POLLS) {
    finish (wait->window, "the window did not settle within three minutes");
    return G_SOURCE_REMOVE;
  }
  return G_SOURCE_CONTINUE;
}

void
iv_screenshot_take (IvMainWindow *window, const IvScreenshotParams *params)
{
  Wait *wait = g_new0 (Wait, 1);

  wait->window = g_object_ref (window);
  wait->params = params;
  if (params->width > 0) {
    gtk_window_unmaximize (GTK_WINDOW (window));
    gtk_window_set_default_size (GTK_WINDOW (window), params->width, params->height);
  }
  if (params->page != NULL)
    iv_main_window_show_page (window, params->page);
  g_timeout_add_full (G_PRIORITY_DEFAULT, POLL_MS, on_poll_cb, wait, (GDestroyNotify) wait_free);
}
