/* The timeline on a display: parts, intervals, keys and signals.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <adwaita.h>

#include "iv-test-film.h"
#include "ui/case/iv-timeline-item.h"
#include "ui/case/iv-timeline.h"

#define N_FILMS 5

typedef struct {
  GtkWidget *window;
  IvTimeline *timeline;
  IvPatient *patient;
  IvImage *images[N_FILMS]; /* oldest first; the second one is lateral */
  IvImage *prior, *current; /* of the last signals */
} Fixture;

static IvImage *
image_new (const char *date, IvView view)
{
  IvRadiographInfo *info = g_new0 (IvRadiographInfo, 1);

  info->file = g_strdup_printf ("/nowhere/%s.dcm", date);
  info->study_date = g_strdup (date);
  info->view = view;
  info->modality = g_strdup ("DX");
  info->patient_id = g_strdup ("1");
  info->sop_instance_uid = g_strdup_printf ("1.2.%s", date);
  info->rows = info->columns = 16;
  info->windows = g_array_new (FALSE, FALSE, sizeof (IvWindow));
  info->voi_luts = g_ptr_array_new ();
  return iv_image_new_for_info (info);
}

static void
on_prior_cb (IvTimeline *timeline, IvImage *image, gpointer user_data)
{
  ((Fixture *) user_data)->prior = image;
}

static void
on_current_cb (IvTimeline *timeline, IvImage *image, gpointer user_data)
{
  ((Fixture *) user_data)->current = image;
}

static void
setup (Fixture *f, gconstpointer data)
{
  static const char *const dates[N_FILMS] = {
    "20220310", "20240907", "20240908", "20240929", "20241015"
  };

  for (guint i = 0; i < N_FILMS; i++)
    f->images[i] = image_new (dates[i], i == 1 ? IV_VIEW_LATERAL : IV_VIEW_PA);
  f->patient = iv_patient_new (f->images[0], NULL);
  for (guint i = 0; i < N_FILMS; i++)
    iv_patient_add (f->patient, f->images[i]);
  f->window = gtk_window_new ();
  f->timeline = IV_TIMELINE (iv_timeline_new ());
  g_signal_connect (f->timeline, "prior-activated", G_CALLBACK (on_prior_cb), f);
  g_signal_connect (f->timeline, "current-activated", G_CALLBACK (on_current_cb), f);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1000, 90);
  gtk_window_set_child (GTK_WINDOW (f->window), GTK_WIDGET (f->timeline));
  iv_timeline_set_patient (f->timeline, f->patient);
  iv_timeline_set_current (f->timeline, f->images[3]);
  iv_timeline_set_prior (f->timeline, f->images[2]);
  gtk_window_present (GTK_WINDOW (f->window));
  gtk_test_widget_wait_for_draw (f->window);
}

static gboolean
is_gone (gpointer data)
{
  return *(gpointer *) data == NULL;
}

/* A thumbnail under way keeps the timeline until its cancellation is heard. */
static void
teardown (Fixture *f, gconstpointer data)
{
  gpointer timeline = f->timeline;

  g_object_add_weak_pointer (G_OBJECT (f->timeline), &timeline);
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_assert_true (iv_test_wait_until (is_gone, &timeline));
  g_assert_finalize_object (f->patient);
  for (guint i = 0; i < N_FILMS; i++)
    g_object_unref (f->images[i]);
}

static void
collect (GtkWidget *widget, GPtrArray *items)
{
  if (IV_IS_TIMELINE_ITEM (widget))
    g_ptr_array_add (items, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect (child, items);
}

static GPtrArray *
list_items (Fixture *f)
{
  GPtrArray *items = g_ptr_array_new ();

  collect (GTK_WIDGET (f->timeline), items);
  return items;
}

static void
test_parts (Fixture *f, gconstpointer data)
{
  static const IvTimelinePart parts[N_FILMS] = { IV_TIMELINE_OTHER,
                                                 IV_TIMELINE_NOT_COMPARABLE,
                                                 IV_TIMELINE_PRIOR,
                                                 IV_TIMELINE_CURRENT,
                                                 IV_TIMELINE_OTHER };
  static const char *const labels[N_FILMS] = {
    "10 Mar 2022, PA · DX · −2 y 6 mo",   "7 Sep 2024, LAT · DX · −22 d, Not comparable",
    "8 Sep 2024, PA · DX · −21 d, Prior", "29 Sep 2024, PA · DX, Current",
    "15 Oct 2024, PA · DX · +16 d",
  };
  g_autoptr (GPtrArray) items = list_items (f);

  g_assert_cmpint (items->len, ==, N_FILMS);
  for (guint i = 0; i < N_FILMS; i++) {
    g_assert_true (iv_timeline_item_get_image (items->pdata[i]) == f->images[i]);
    g_assert_cmpint (iv_timeline_item_get_part (items->pdata[i]), ==, parts[i]);
    gtk_test_accessible_assert_role (items->pdata[i], GTK_ACCESSIBLE_ROLE_BUTTON);
    gtk_test_accessible_assert_property (items->pdata[i], GTK_ACCESSIBLE_PROPERTY_LABEL, labels[i]);
  }

  /* A lateral film to be read: now the others are not comparable. */
  iv_timeline_set_current (f->timeline, f->images[1]);
  iv_timeline_set_prior (f->timeline, NULL);
  g_assert_cmpint (iv_timeline_item_get_part (items->pdata[1]), ==, IV_TIMELINE_CURRENT);
  g_assert_cmpint (iv_timeline_item_get_part (items->pdata[0]), ==, IV_TIMELINE_NOT_COMPARABLE);
}

static void
test_choose (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) items = list_items (f);

  g_signal_emit_by_name (items->pdata[0], "clicked");
  g_assert_true (f->prior == f->images[0]);
  /* Neither the film itself nor a lateral one becomes the prior. */
  f->prior = NULL;
  g_signal_emit_by_name (items->pdata[3], "clicked");
  g_signal_emit_by_name (items->pdata[1], "clicked");
  g_assert_null (f->prior);
  gtk_widget_activate_action (items->pdata[1], "film-item.make-current", NULL);
  g_assert_true (f->current == f->images[1]);
}

/* Tab stops at the prior alone; it is the one that a reader starts from. */
static void
test_focus (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) items = list_items (f);

  for (guint i = 0; i < N_FILMS; i++)
    g_assert_cmpint (gtk_widget_get_focusable (items->pdata[i]), ==, i == 2);
}

/* A film that cannot be read says so, and does not stop the others. */
static void
test_unreadable (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) items = list_items (f);

  for (guint i = 0; i < 300 && !iv_timeline_item_has_thumbnail (items->pdata[0]); i++)
    iv_test_wait (10);
  for (guint i = 0; i < N_FILMS; i++)
    g_assert_true (iv_timeline_item_has_thumbnail (items->pdata[i]));
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (items->pdata[0]), "20220310.dcm"));
}

static void
test_follows_list (Fixture *f, gconstpointer data)
{
  g_autoptr (IvImage) added = image_new ("20241101", IV_VIEW_AP);
  g_autoptr (GPtrArray) items = NULL;

  iv_patient_add (f->patient, added);
  items = list_items (f);
  g_assert_cmpint (items->len, ==, N_FILMS + 1);
  g_assert_cmpint (iv_timeline_item_get_part (items->pdata[3]), ==, IV_TIMELINE_CURRENT);
}

static void
test_interval (void)
{
  static const struct {
    int date[3];
    const char *expected;
  } cases[] = { { { 2024, 9, 29 }, "same day" }, { { 2024, 9, 7 }, "−22 d" },
                { { 2024, 10, 15 }, "+16 d" },   { { 2023, 9, 29 }, "−1 y" },
                { { 2023, 9, 28 }, "−1 y" },     { { 2022, 3, 10 }, "−2 y 6 mo" },
                { { 2026, 1, 1 }, "+1 y 3 mo" } };
  g_autoptr (GDateTime) current = g_date_time_new_local (2024, 9, 29, 1, 0, 0);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const int *d = cases[i].date;
    g_autoptr (GDateTime) film = g_date_time_new_local (d[0], d[1], d[2], 23, 0, 0);
    g_autofree char *text = iv_timeline_format_interval (current, film);
    g_assert_cmpstr (text, ==, cases[i].expected);
  }
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/timeline/parts", test_parts },
    { "/timeline/choose", test_choose },
    { "/timeline/focus", test_focus },
    { "/timeline/unreadable", test_unreadable },
    { "/timeline/follows-list", test_follows_list },
  };

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/timeline/interval", test_interval);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, setup, tests[i].run, teardown);
  return g_test_run ();
}
