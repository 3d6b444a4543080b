/* The film widgets on a display: what is drawn, what a gesture does, how two films keep together.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include <adwaita.h>

#include "iv-test-film.h"
#include "ui/film/iv-film-pair.h"
#include "ui/film/iv-film-view-private.h"

#define SHIFT_X 40.0
#define SHIFT_Y (-24.0)

typedef struct {
  GtkWidget *window;
  IvFilmPair *pair;
  IvFilmView *prior, *current;
  IvFilmLink *link;
  IvRadiograph *films[2];
  guint n_refused, n_activated;
  const IvChange *activated;
} Fixture;

static void
on_refused_cb (IvFilmPair *pair, const char *reason, gpointer user_data)
{
  g_assert_cmpstr (reason, !=, "");
  ((Fixture *) user_data)->n_refused++;
}

static void
on_activated_cb (IvFilmPair *pair, gpointer change, gpointer user_data)
{
  Fixture *f = user_data;

  f->n_activated++;
  f->activated = change;
}

static void
setup (Fixture *f, gconstpointer data)
{
  f->films[0] = iv_test_film_new (800, 800, "20240907");
  f->films[1] = iv_test_film_new (800, 800, "20240929");
  f->window = gtk_window_new ();
  f->pair = IV_FILM_PAIR (iv_film_pair_new ());
  f->prior = iv_film_pair_get_prior_view (f->pair);
  f->current = iv_film_pair_get_current_view (f->pair);
  g_signal_connect (f->pair, "mode-refused", G_CALLBACK (on_refused_cb), f);
  g_signal_connect (f->pair, "change-activated", G_CALLBACK (on_activated_cb), f);
  gtk_window_set_decorated (GTK_WINDOW (f->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1000, 500);
  gtk_window_set_child (GTK_WINDOW (f->window), GTK_WIDGET (f->pair));
  iv_film_pair_set_films (f->pair, f->films[0], f->films[1]);
  gtk_window_present (GTK_WINDOW (f->window));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (f->pair));
  f->link = iv_test_link_new (f->films[1], f->films[0], SHIFT_X, SHIFT_Y);
}

static void
teardown (Fixture *f, gconstpointer data)
{
  IvFilmPair *pair = g_object_ref (f->pair);

  gtk_window_destroy (GTK_WINDOW (f->window));
  iv_test_wait (20);
  g_assert_finalize_object (pair);
  iv_film_link_unref (f->link);
  g_assert_finalize_object (f->films[0]);
  g_assert_finalize_object (f->films[1]);
}

static void
activate (Fixture *f, const char *name)
{
  g_action_group_activate_action (iv_film_pair_get_actions (f->pair), name, NULL);
}

static void
change_state (Fixture *f, const char *name, GVariant *state)
{
  g_action_group_change_action_state (iv_film_pair_get_actions (f->pair), name, state);
}

/* Mean gray of the middle of a widget's picture. */
static double
middle_gray (GtkWidget *widget)
{
  g_autoptr (GdkTexture) texture = iv_test_picture_of (widget);
  const guint width = (guint) gdk_texture_get_width (texture);
  const guint height = (guint) gdk_texture_get_height (texture);
  g_autofree guint32 *pixels = g_new (guint32, (gsize) width * height);
  double sum = 0;
  guint n = 0;

  gdk_texture_download (texture, (guchar *) pixels, (gsize) width * 4);
  for (guint y = height / 4; y < height * 3 / 4; y++)
    for (guint x = width / 4; x < width * 3 / 4; x++, n++)
      sum += (pixels[(gsize) y * width + x] >> 8) & 0xff;
  return sum / n;
}

static void
test_draws_film (Fixture *f, gconstpointer data)
{
  const double before = middle_gray (GTK_WIDGET (f->current));

  g_assert_true (iv_film_view_is_fit (f->current));
  g_assert_cmpfloat (before, >, 30);
  change_state (f, "invert", g_variant_new_boolean (TRUE));
  g_assert_cmpfloat_with_epsilon (middle_gray (GTK_WIDGET (f->current)), 255 - before, 6);
  /* The windows are linked: the prior is inverted, too. */
  g_assert_true (iv_film_view_get_grayscale (f->prior)->invert);
  g_assert_cmpint (iv_film_view_get_geometry (f->current)->width,
                   ==,
                   gtk_widget_get_width (GTK_WIDGET (f->current)));
}

static void
assert_in_step (Fixture *f)
{
  const IvFilmGeometry *current = iv_film_view_get_geometry (f->current);
  const IvFilmGeometry *prior = iv_film_view_get_geometry (f->prior);

  g_assert_cmpfloat_with_epsilon (prior->center.x - current->center.x, SHIFT_X, 1e-6);
  g_assert_cmpfloat_with_epsilon (prior->center.y - current->center.y, SHIFT_Y, 1e-6);
  g_assert_cmpfloat_with_epsilon (prior->zoom, current->zoom, 1e-9);
}

static void
test_link (Fixture *f, gconstpointer data)
{
  iv_film_pair_set_link (f->pair, f->link);
  assert_in_step (f);
  iv_film_view_zoom_by (f->current, 2);
  assert_in_step (f);
  iv_film_view_set_center (f->prior, (IvPoint){ 200, 300 }, 1.5);
  assert_in_step (f);
  activate (f, "actual-size");
  assert_in_step (f);

  /* Cut: each film for itself; joined: together again. */
  change_state (f, "link", g_variant_new_boolean (FALSE));
  iv_film_view_set_center (f->current, (IvPoint){ 100, 100 }, 3);
  g_assert_cmpfloat (iv_film_view_get_geometry (f->prior)->zoom, <, 2.9);
  change_state (f, "link", g_variant_new_boolean (TRUE));
  assert_in_step (f);

  /* Both turn and mirror. */
  activate (f, "rotate-right");
  activate (f, "flip");
  g_assert_cmpint (iv_film_view_get_geometry (f->prior)->quarter_turns, ==, 3);
  g_assert_cmpint (iv_film_view_get_geometry (f->current)->quarter_turns, ==, 3);
  g_assert_true (iv_film_view_get_geometry (f->prior)->is_flipped);
  assert_in_step (f);

  activate (f, "fit");
  g_assert_true (iv_film_view_is_fit (f->current));
  assert_in_step (f);
}

static void
test_resize (Fixture *f, gconstpointer data)
{
  const double before = iv_film_view_get_geometry (f->current)->zoom;

  iv_film_pair_set_link (f->pair, f->link);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1400, 700);
  gtk_test_widget_wait_for_draw (GTK_WIDGET (f->pair));
  iv_test_wait (50);
  g_assert_cmpfloat (iv_film_view_get_geometry (f->current)->zoom, >, before * 1.2);
  g_assert_true (iv_film_view_is_fit (f->current));
  assert_in_step (f);
}

static void
test_windows (Fixture *f, gconstpointer data)
{
  GActionGroup *actions = iv_film_pair_get_actions (f->pair);
  g_autoptr (GVariant) state = NULL;

  change_state (f, "preset", g_variant_new_string ("lung"));
  g_assert_cmpstr (iv_film_view_get_preset (f->prior), ==, "lung");

  /* By hand: wider on one, wider on the other; the films are alike, so are the windows. */
  IvGrayscale grayscale = *iv_film_view_get_grayscale (f->current);
  grayscale.window.width = 1000;
  grayscale.window.center = 1800;
  iv_film_view_set_grayscale (f->current, &grayscale);
  g_assert_cmpfloat_with_epsilon (iv_film_view_get_grayscale (f->prior)->window.width, 1000, 1);
  g_assert_cmpfloat_with_epsilon (iv_film_view_get_grayscale (f->prior)->window.center, 1800, 1);
  state = g_action_group_get_action_state (actions, "preset");
  g_assert_cmpstr (g_variant_get_string (state, NULL), ==, "custom");

  change_state (f, "link-window", g_variant_new_boolean (FALSE));
  change_state (f, "preset", g_variant_new_string ("full"));
  g_assert_cmpstr (iv_film_view_get_preset (f->prior), ==, "custom");
}

static void
test_modes (Fixture *f, gconstpointer data)
{
  const char *const names[] = { "blink", "swipe", "subtraction" };

  /* Before there is a registration each of them is refused with a reason. */
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    change_state (f, "mode", g_variant_new_string (names[i]));
    g_assert_cmpint (f->n_refused, ==, i + 1);
    g_assert_cmpint (iv_film_pair_get_mode (f->pair), ==, IV_PAIR_SIDE_BY_SIDE);
  }

  iv_film_pair_set_link (f->pair, f->link);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GVariant) state = NULL;
    change_state (f, "mode", g_variant_new_string (names[i]));
    state = g_action_group_get_action_state (iv_film_pair_get_actions (f->pair), "mode");
    g_assert_cmpstr (g_variant_get_string (state, NULL), ==, names[i]);
    g_assert_false (gtk_widget_get_visible (GTK_WIDGET (f->prior)));
  }
  g_assert_cmpint (f->n_refused, ==, 3);
  g_assert_true (f->current->has_tint);

  /* Another film: back to both, nothing left over. */
  iv_film_pair_set_films (f->pair, f->films[0], f->films[1]);
  g_assert_cmpint (iv_film_pair_get_mode (f->pair), ==, IV_PAIR_SIDE_BY_SIDE);
  g_assert_false (f->current->has_tint);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (f->prior)));
}

static gboolean
has_alternate (gpointer data)
{
  return IV_FILM_VIEW (data)->alternate != NULL;
}

/* Row of gray values across a widget's picture, through its middle. */
static guint8 *
middle_row (GtkWidget *widget, guint *width)
{
  g_autoptr (GdkTexture) texture = iv_test_picture_of (widget);
  const guint height = (guint) gdk_texture_get_height (texture);

  *width = (guint) gdk_texture_get_width (texture);
  g_autofree guint32 *pixels = g_new (guint32, (gsize) *width * height);
  guint8 *row = g_new (guint8, *width);

  gdk_texture_download (texture, (guchar *) pixels, (gsize) *width * 4);
  for (guint x = 0; x < *width; x++)
    row[x] = (pixels[(gsize) (height * 3 / 8) * *width + x] >> 8) & 0xff;
  return row;
}

/* The warped prior lies where the link says: a prior that is the current film moved by the link's
 * shift looks like the current film once it is brought onto it. */
static void
test_blink_and_swipe (Fixture *f, gconstpointer data)
{
  guint width, same_width;
  g_autofree guint8 *current = NULL, *prior = NULL, *half = NULL;

  iv_film_pair_set_link (f->pair, f->link);
  change_state (f, "show-texts", g_variant_new_boolean (FALSE));
  change_state (f, "show-changes", g_variant_new_boolean (FALSE));
  iv_film_pair_set_mode (f->pair, IV_PAIR_BLINK);
  g_assert_true (iv_test_wait_until (has_alternate, f->current));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (f->pair));
  iv_film_view_set_curtain (f->current, 0);
  current = middle_row (GTK_WIDGET (f->current), &width);
  iv_film_view_set_curtain (f->current, 1);
  prior = middle_row (GTK_WIDGET (f->current), &same_width);
  g_assert_cmpint (width, ==, same_width);

  iv_film_pair_set_mode (f->pair, IV_PAIR_SWIPE);
  iv_film_view_set_curtain (f->current, 0.5);
  half = middle_row (GTK_WIDGET (f->current), &same_width);

  guint n_different = 0;
  const double zoom = iv_film_view_get_geometry (f->current)->zoom;
  for (guint x = width / 3; x < width * 2 / 3; x++) {
    n_different += ABS (current[x] - prior[x]) > 3;
    if (fabs (x - width / 2.0) > 10)
      g_assert_cmpint (half[x], ==, x < width / 2 ? prior[x] : current[x]);
  }
  /* The made-up films are equal, so the warped prior is the film moved by the shift. */
  g_assert_cmpint (n_different, >, 50);
  const guint moved = (guint) lrint (SHIFT_X * zoom);
  g_assert_cmpint (moved, >, 10);
}

static void
test_show_change (Fixture *f, gconstpointer data)
{
  const GPtrArray *changes = iv_film_link_get_params (f->link)->changes;
  const IvChange *first = g_ptr_array_index (changes, 0);
  IvChange foreign = *first;

  iv_film_pair_set_link (f->pair, f->link);
  g_assert_false (iv_film_pair_show_change (f->pair, &foreign));
  g_assert_true (iv_film_pair_show_change (f->pair, first));
  g_assert_true (iv_film_pair_get_selected_change (f->pair) == first);
  iv_test_wait (600);

  const IvFilmGeometry *current = iv_film_view_get_geometry (f->current);
  g_assert_cmpfloat_with_epsilon (current->center.x, first->centroid.x, 0.1 * first->width);
  g_assert_cmpfloat_with_epsilon (current->center.y, first->centroid.y, 0.1 * first->height);
  g_assert_cmpfloat (current->zoom, >, iv_film_geometry_fit_zoom (current));
  assert_in_step (f);

  /* Next and previous step through those above the threshold, round and round. */
  activate (f, "next-change");
  g_assert_true (f->activated == g_ptr_array_index (changes, 1));
  activate (f, "next-change");
  g_assert_true (f->activated == first);
  activate (f, "previous-change");
  g_assert_true (f->activated == g_ptr_array_index (changes, 1));
  g_assert_cmpint (f->n_activated, ==, 3);
}

static void
test_accessible (Fixture *f, gconstpointer data)
{
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (f->current), GTK_ACCESSIBLE_ROLE_IMG);
  iv_test_wait (400);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f->current),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Current film, 29 September 2024, PA · DX");
}

/* Every key names an action that there is, with a state that it takes; none twice. */
static void
test_shortcuts (Fixture *f, gconstpointer data)
{
  GActionGroup *actions = iv_film_pair_get_actions (f->pair);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint n;
  const IvFilmShortcut *shortcuts = iv_film_pair_list_shortcuts (&n);

  g_assert_cmpint (n, >, 20);
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = NULL;
    g_autoptr (GVariant) target = NULL;
    GdkModifierType modifiers;
    guint key;

    g_assert_true (g_action_parse_detailed_name (shortcuts[i].action, &name, &target, NULL));
    g_assert_true (g_str_has_prefix (name, "film."));
    g_assert_true (g_action_group_has_action (actions, name + strlen ("film.")));
    g_assert_true (gtk_accelerator_parse (shortcuts[i].accelerator, &key, &modifiers));
    g_assert_true (g_hash_table_add (seen, (gpointer) shortcuts[i].accelerator));
  }
}

/* Without a prior everything that needs none works. */
static void
test_no_prior (Fixture *f, gconstpointer data)
{
  iv_film_pair_set_films (f->pair, NULL, f->films[1]);
  gtk_test_widget_wait_for_draw (GTK_WIDGET (f->pair));
  iv_film_view_zoom_by (f->current, 2);
  activate (f, "rotate-left");
  activate (f, "fit");
  change_state (f, "preset", g_variant_new_string ("bone"));
  change_state (f, "mode", g_variant_new_string ("blink"));
  g_assert_cmpint (f->n_refused, ==, 1);
  g_assert_true (iv_film_pair_set_mode (f->pair, IV_PAIR_CURRENT));
  g_assert_false (iv_film_pair_show_change (
      f->pair, g_ptr_array_index (iv_film_link_get_params (f->link)->changes, 0)));
  iv_film_pair_set_films (f->pair, NULL, NULL);
  activate (f, "fit");
  gtk_test_widget_wait_for_draw (GTK_WIDGET (f->pair));
}

/* The shortcuts window names every key of the films. */
static void
test_help (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) help =
      g_resources_lookup_data ("/io/github/intervalcxr/Interval/gtk/help-overlay.ui", 0, &error);
  guint n_shortcuts;
  const IvFilmShortcut *shortcuts = iv_film_pair_list_shortcuts (&n_shortcuts);

  g_assert_no_error (error);
  for (guint i = 0; i < n_shortcuts; i++) {
    g_autofree char *key = g_markup_escape_text (shortcuts[i].accelerator, -1);
    g_autofree char *row = g_strdup_printf ("accelerator\">%s</property>"
                                            "<property name=\"title\" translatable=\"yes\">%s<",
                                            key,
                                            shortcuts[i].title);

    if (shortcuts[i].title != NULL && strstr (g_bytes_get_data (help, NULL), row) == NULL)
      g_error ("The shortcuts window lacks %s: %s", shortcuts[i].accelerator, shortcuts[i].title);
  }
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/film/pair/draws-film", test_draws_film },
    { "/film/pair/link", test_link },
    { "/film/pair/resize", test_resize },
    { "/film/pair/windows", test_windows },
    { "/film/pair/modes", test_modes },
    { "/film/pair/blink-and-swipe", test_blink_and_swipe },
    { "/film/pair/show-change", test_show_change },
    { "/film/pair/accessible", test_accessible },
    { "/film/pair/shortcuts", test_shortcuts },
    { "/film/pair/help", test_help },
    { "/film/pair/no-prior", test_no_prior },
  };

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, setup, tests[i].run, teardown);
  return g_test_run ();
}
