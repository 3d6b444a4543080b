/* Films and links made up for the tests of the film widgets.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "iv-test-film.h"

#include <math.h>

#define LUNG_GRID 64

static double
lung (double x, double y, double side)
{
  const double u = (x - 0.5 - side * 0.2) / 0.15, v = (y - 0.48) / 0.32;

  return exp (-pow (u * u + v * v, 2));
}

IvRadiograph *
iv_test_film_new (guint columns, guint rows, const char *day)
{
  IvRadiographInfo *info = g_new0 (IvRadiographInfo, 1);
  guint16 *pixels = g_new (guint16, (gsize) columns * rows);
  g_autoptr (GError) error = NULL;

  for (guint y = 0; y < rows; y++)
    for (guint x = 0; x < columns; x++) {
      const double u = (x + 0.5) / columns, v = (y + 0.5) / rows;
      const double body = exp (-pow ((u - 0.5) / 0.42, 6));
      const double rib = 0.08 * sin (v * 60 + 6 * fabs (u - 0.5));
      const double value = body * (0.75 - 0.5 * (lung (u, v, -1) + lung (u, v, 1)) + rib) + 0.05;
      pixels[(gsize) y * columns + x] = (guint16) lrint (4095 * CLAMP (value, 0, 1));
    }
  info->columns = columns;
  info->rows = rows;
  info->frames = 1;
  info->bits_allocated = 16;
  info->bits_stored = 12;
  info->photometric = g_strdup ("MONOCHROME2");
  info->rescale_slope = 1;
  info->view = IV_VIEW_PA;
  info->modality = g_strdup ("DX");
  info->study_date = g_strdup (day);
  info->file = g_strdup ("/film.dcm");
  info->patient_orientation = g_strdup ("L\\F");
  info->row_spacing = info->column_spacing = 350.0 / columns;
  info->spacing_source = IV_SPACING_DETECTOR;
  info->windows = g_array_new (FALSE, FALSE, sizeof (IvWindow));
  info->voi_luts = g_ptr_array_new ();
  IvRadiograph *film = iv_radiograph_new (
      info, g_bytes_new_take (pixels, (gsize) columns * rows * sizeof *pixels), &error);
  g_assert_no_error (error);
  return film;
}

typedef struct {
  double dx, dy;
  GPtrArray *changes;
  float *subtraction;
  guint8 *lungs;
} Made;

static void
change_free (gpointer data)
{
  IvChange *change = data;

  g_array_unref (change->contour);
  g_free (change);
}

static void
made_free (gpointer data)
{
  Made *made = data;

  g_ptr_array_unref (made->changes);
  g_free (made->subtraction);
  g_free (made->lungs);
  g_free (made);
}

static IvPoint
to_prior (gpointer user_data, IvPoint p)
{
  const Made *made = user_data;

  return (IvPoint){ p.x + made->dx, p.y + made->dy };
}

static IvPoint
to_current (gpointer user_data, IvPoint p)
{
  const Made *made = user_data;

  return (IvPoint){ p.x - made->dx, p.y - made->dy };
}

typedef struct {
  double x, y, radius; /* shares of the width */
  IvChangeDirection direction;
  IvZone zone;
  double score;
} Spot;

static IvChange *
change_new (const Spot *spot, guint columns, guint rows)
{
  IvChange *change = g_new0 (IvChange, 1);
  const double radius = spot->radius * columns;

  change->centroid = (IvPoint){ spot->x * columns, spot->y * rows };
  change->contour = g_array_new (FALSE, FALSE, sizeof (IvPoint));
  for (guint i = 0; i < 48; i++) {
    const double angle = i * 2 * G_PI / 48, r = radius * (1 + 0.18 * sin (3 * angle));
    const IvPoint p = { change->centroid.x + r * cos (angle),
                        change->centroid.y + r * sin (angle) };
    g_array_append_val (change->contour, p);
  }
  change->x = change->centroid.x - radius;
  change->y = change->centroid.y - radius;
  change->width = change->height = 2 * radius;
  change->direction = spot->direction;
  change->score = spot->score;
  change->zone = spot->zone;
  change->area_px = G_PI * radius * radius;
  change->area_mm2 = change->area_px * pow (350.0 / columns, 2);
  change->mean_difference = spot->direction == IV_CHANGE_INCREASED ? 0.3 : -0.3;
  return change;
}

static void
fill_fields (Made *made)
{
  made->subtraction = g_new (float, LUNG_GRID *LUNG_GRID);
  made->lungs = g_new (guint8, LUNG_GRID * LUNG_GRID);
  for (guint y = 0; y < LUNG_GRID; y++)
    for (guint x = 0; x < LUNG_GRID; x++) {
      const double u = (x + 0.5) / LUNG_GRID, v = (y + 0.5) / LUNG_GRID;
      const double more = exp (-(pow (u - 0.31, 2) + pow (v - 0.6, 2)) / 0.004);
      const double less = exp (-(pow (u - 0.68, 2) + pow (v - 0.38, 2)) / 0.003);
      made->subtraction[y * LUNG_GRID + x] = (float) (more - 0.8 * less);
      made->lungs[y * LUNG_GRID + x] = lung (u, v, -1) > 0.3 ? 1 : lung (u, v, 1) > 0.3 ? 2 : 0;
    }
}

IvFilmLink *
iv_test_link_new (IvRadiograph *current, IvRadiograph *prior, double dx, double dy)
{
  static const Spot spots[] = {
    { 0.31, 0.60, 0.055, IV_CHANGE_INCREASED, IV_ZONE_RIGHT_LOWER, 0.91 },
    { 0.68, 0.38, 0.045, IV_CHANGE_DECREASED, IV_ZONE_LEFT_UPPER, 0.74 },
    { 0.33, 0.30, 0.03, IV_CHANGE_INCREASED, IV_ZONE_RIGHT_UPPER, 0.31 }
  };
  const guint columns = iv_radiograph_get_columns (current);
  const guint rows = iv_radiograph_get_rows (current);
  Made *made = g_new0 (Made, 1);

  made->dx = dx;
  made->dy = dy;
  made->changes = g_ptr_array_new_with_free_func (change_free);
  for (guint i = 0; i < G_N_ELEMENTS (spots); i++)
    g_ptr_array_add (made->changes, change_new (&spots[i], columns, rows));
  fill_fields (made);
  return iv_film_link_new (&(IvFilmLinkParams){ .current_columns = columns,
                                                .current_rows = rows,
                                                .prior_columns = iv_radiograph_get_columns (prior),
                                                .prior_rows = iv_radiograph_get_rows (prior),
                                                .current_to_prior = to_prior,
                                                .prior_to_current = to_current,
                                                .user_data = made,
                                                .destroy = made_free,
                                                .is_registered = TRUE,
                                                .changes = made->changes,
                                                .subtraction = made->subtraction,
                                                .subtraction_width = LUNG_GRID,
                                                .subtraction_height = LUNG_GRID,
                                                .lungs = made->lungs,
                                                .lungs_width = LUNG_GRID,
                                                .lungs_height = LUNG_GRID });
}

gboolean
iv_test_wait_until (gboolean (*is_true) (gpointer data), gpointer data)
{
  const gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (!is_true (data)) {
    if (g_get_monotonic_time () > end)
      return FALSE;
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  }
  return TRUE;
}

void
iv_test_wait (guint milliseconds)
{
  const gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

GdkTexture *
iv_test_picture_of (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = NULL;
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_autoptr (GskRenderNode) node = NULL;

  /* A paintable shows what was drawn last. */
  gtk_widget_queue_draw (widget);
  gtk_test_widget_wait_for_draw (widget);
  paintable = gtk_widget_paintable_new (widget);
  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  return gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (widget)),
                                      node,
                                      &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
}
