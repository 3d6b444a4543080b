/* Two films in a window, without the rest of Interval: to look at, to photograph, to time.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include <adwaita.h>

#include "iv-test-film.h"
#include "ui/film/iv-film-pair.h"
#include "ui/film/iv-film-renderer.h"

static int width = 1600, height = 1000, n_frames, change = -1;
static char *screenshot, *mode;
static gboolean has_changes, has_lungs, has_comparison;
static char **files;

static const GOptionEntry options[] = {
  { "width", 0, 0, G_OPTION_ARG_INT, &width, "Of the window", "PX" },
  { "height", 0, 0, G_OPTION_ARG_INT, &height, "Of the window", "PX" },
  { "frames", 0, 0, G_OPTION_ARG_INT, &n_frames, "Time so many redraws of each kind", "N" },
  { "screenshot", 0, 0, G_OPTION_ARG_FILENAME, &screenshot, "Write a picture and end", "PNG" },
  { "mode", 0, 0, G_OPTION_ARG_STRING, &mode, "State of film.mode", "NAME" },
  { "changes", 0, 0, G_OPTION_ARG_NONE, &has_changes, "Make up a comparison", NULL },
  { "compare", 0, 0, G_OPTION_ARG_NONE, &has_comparison, "Compare the films", NULL },
  { "lungs", 0, 0, G_OPTION_ARG_NONE, &has_lungs, "Show its lung fields", NULL },
  { "select", 0, 0, G_OPTION_ARG_INT, &change, "Show change number N", "N" },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, "PRIOR CURRENT" },
  { NULL },
};

static double
cpu_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static int
compare_doubles (const void *a, const void *b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* One redraw: a step of the named kind, then a whole frame of the window. */
static void
step (IvFilmPair *pair, const char *kind, int i)
{
  IvFilmView *view = iv_film_pair_get_current_view (pair);

  if (g_str_equal (kind, "window")) {
    IvGrayscale grayscale = *iv_film_view_get_grayscale (view);
    grayscale.voi_lut = NULL;
    grayscale.window.width *= 1 + 0.02 * sin (i * 0.3);
    iv_film_view_set_grayscale (view, &grayscale);
  } else if (g_str_equal (kind, "zoom")) {
    iv_film_view_zoom_by (view, i % 2 == 0 ? 1.01 : 1 / 1.011);
  } else {
    const IvFilmGeometry *geometry = iv_film_view_get_geometry (view);
    const double by = 3 / geometry->zoom;
    iv_film_view_set_center (
        view,
        (IvPoint){ geometry->center.x + (i % 20 < 10 ? by : -by), geometry->center.y },
        geometry->zoom);
  }
}

static void
time_frames (GtkWidget *window, IvFilmPair *pair, const char *kind)
{
  g_autofree double *times = g_new (double, n_frames);
  const gint64 wall = g_get_monotonic_time ();
  const double cpu = cpu_ms ();

  for (int i = 0; i < n_frames; i++) {
    GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
    const gint64 counter = gdk_frame_clock_get_frame_counter (clock);
    const gint64 start = g_get_monotonic_time ();

    step (pair, kind, i);
    while (gdk_frame_clock_get_frame_counter (clock) == counter)
      g_main_context_iteration (NULL, TRUE);
    times[i] = (g_get_monotonic_time () - start) / 1e3;
  }
  const double total = (g_get_monotonic_time () - wall) / 1e3;
  qsort (times, n_frames, sizeof *times, compare_doubles);
  g_print ("%-7s %5.1f redraws/s, median %5.1f ms, 95 %% within %5.1f ms, processor %5.1f ms\n",
           kind,
           n_frames * 1e3 / total,
           times[n_frames / 2],
           times[n_frames * 95 / 100],
           (cpu_ms () - cpu) / n_frames);
}

/* The renderer alone, processor time: without GTK, one film over the whole window. */
static void
time_renderer (IvRadiograph *film)
{
  g_autofree guint8 *table = g_new (guint8, 65536);
  g_autoptr (IvFilmRenderer) renderer = iv_film_renderer_new ();
  IvFilmGeometry geometry = { .columns = iv_radiograph_get_columns (film),
                              .rows = iv_radiograph_get_rows (film),
                              .width = (guint) width,
                              .height = (guint) height };
  IvGrayscale grayscale;
  double start = cpu_ms ();
  g_autoptr (IvFilmPyramid) pyramid = iv_film_pyramid_new_for_radiograph (film);

  g_print ("pyramid of %u x %u: %.1f ms\n", geometry.columns, geometry.rows, cpu_ms () - start);
  iv_grayscale_init_preset (&grayscale, film, IV_PRESET_AUTO);
  start = cpu_ms ();
  for (int i = 0; i < n_frames; i++)
    iv_grayscale_build_table (film, &grayscale, table);
  g_print ("table: %.2f ms\n", (cpu_ms () - start) / n_frames);
  iv_film_renderer_set_pyramid (renderer, pyramid);
  for (int turns = 0; turns < 2; turns++)
    for (int fill = 0; fill < 2; fill++) {
      geometry.quarter_turns = (guint) turns;
      iv_film_geometry_fit (&geometry);
      if (fill == 1)
        geometry.zoom =
            MAX ((double) width / geometry.columns, (double) height / geometry.rows) * 1.5;
      double window_ms = 0, zoom_ms = 0;
      for (int i = 0; i < n_frames; i++) {
        start = cpu_ms ();
        geometry.zoom *= i % 2 == 0 ? 1.001 : 1 / 1.001;
        g_bytes_unref (iv_film_renderer_render (renderer, &geometry));
        zoom_ms += cpu_ms () - start;
        start = cpu_ms ();
        iv_film_renderer_set_table (renderer, table);
        g_bytes_unref (iv_film_renderer_render (renderer, &geometry));
        window_ms += cpu_ms () - start;
      }
      g_print ("%d x %d, zoom %.2f, %s: window %.1f ms, geometry %.1f ms\n",
               width,
               height,
               geometry.zoom,
               turns == 0 ? "upright" : "turned",
               window_ms / n_frames,
               zoom_ms / n_frames);
    }
}

static IvRadiograph *
load (const char *file)
{
  g_autoptr (GError) error = NULL;
  IvRadiograph *film = iv_radiograph_load (file, NULL, &error);

  if (film == NULL) {
    g_printerr ("%s\n", error->message);
    exit (1);
  }
  return film;
}

/* The real comparison, as the program makes it. */
static void
compare (IvFilmPair *pair, IvRadiograph *prior, IvRadiograph *current)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IvEngine) engine = iv_engine_new (&(IvEngineParams){ .device = -1 });
  const IvComparisonParams params = { .current = current, .prior = prior };
  g_autoptr (IvComparison) comparison = iv_comparison_run (engine, &params, NULL, &error);

  if (comparison == NULL) {
    g_printerr ("%s\n", error->message);
    exit (1);
  }
  iv_film_pair_set_comparison (pair, comparison);
}

static void
take_screenshot (GtkWidget *window)
{
  g_autoptr (GdkTexture) texture = iv_test_picture_of (window);

  if (!gdk_texture_save_to_png (texture, screenshot))
    g_printerr ("cannot write %s\n", screenshot);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  adw_init ();
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      ADW_COLOR_SCHEME_FORCE_DARK);

  const gboolean has_files = files != NULL && files[0] != NULL && files[1] != NULL;
  g_autoptr (IvRadiograph) prior =
      has_files ? load (files[0]) : iv_test_film_new (2000, 2000, "20240907");
  g_autoptr (IvRadiograph) current =
      has_files ? load (files[1]) : iv_test_film_new (2000, 2000, "20240929");
  GtkWidget *window = gtk_window_new ();
  GtkWidget *pair = iv_film_pair_new ();

  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_child (GTK_WINDOW (window), pair);
  iv_film_pair_set_films (IV_FILM_PAIR (pair), prior, current);
  if (has_changes) {
    g_autoptr (IvFilmLink) link = iv_test_link_new (current, prior, 0, 0);
    iv_film_pair_set_link (IV_FILM_PAIR (pair), link);
    g_object_set (pair, "show-lungs", has_lungs, NULL);
    if (change >= 0)
      iv_film_pair_show_change (
          IV_FILM_PAIR (pair),
          g_ptr_array_index (iv_film_link_get_params (link)->changes, (guint) change));
  }
  if (has_comparison)
    compare (IV_FILM_PAIR (pair), prior, current);
  gtk_window_present (GTK_WINDOW (window));
  iv_test_wait (200);
  if (mode != NULL)
    g_action_group_change_action_state (
        iv_film_pair_get_actions (IV_FILM_PAIR (pair)), "mode", g_variant_new_string (mode));

  if (n_frames > 0) {
    time_renderer (current);
    time_frames (window, IV_FILM_PAIR (pair), "window");
    time_frames (window, IV_FILM_PAIR (pair), "pan");
    time_frames (window, IV_FILM_PAIR (pair), "zoom");
  } else if (screenshot != NULL) {
    iv_test_wait (1200);
    take_screenshot (window);
  } else {
    while (g_list_model_get_n_items (gtk_window_get_toplevels ()) > 0)
      g_main_context_iteration (NULL, TRUE);
  }
  return 0;
}
