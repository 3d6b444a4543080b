/* The actions "film.*" of a pair of films, their keys, and the menu of presets.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "ui/film/iv-film-pair-private.h"

#define ZOOM_STEP 1.25

/* Keys of one letter work only while a film has the focus, so that text can be typed elsewhere. */
static const IvFilmShortcut shortcuts[] = {
  { "f", "film.fit", N_ ("Fit the film to the window") },
  { "z", "film.actual-size", N_ ("One film pixel per screen pixel") },
  { "plus", "film.zoom-in", N_ ("Enlarge") },
  { "equal", "film.zoom-in", NULL },
  { "KP_Add", "film.zoom-in", NULL },
  { "minus", "film.zoom-out", N_ ("Reduce") },
  { "KP_Subtract", "film.zoom-out", NULL },
  { "i", "film.invert", N_ ("Invert the gray values") },
  { "bracketleft", "film.rotate-left", N_ ("Turn to the left") },
  { "bracketright", "film.rotate-right", N_ ("Turn to the right") },
  { "h", "film.flip", N_ ("Mirror") },
  { "0", "film.reset-view", N_ ("Undo zoom, turns, mirroring and window") },
  { "r", "film.region", N_ ("Draw a region to set the window") },
  { "<Shift>r", "film.window-visible", N_ ("Set the window from what is seen") },
  { "1", "film.preset::file", N_ ("Window as stored in the file") },
  { "2", "film.preset::auto", N_ ("Automatic window") },
  { "3", "film.preset::lung", N_ ("Lung window") },
  { "4", "film.preset::soft-tissue", N_ ("Soft tissue window") },
  { "5", "film.preset::bone", N_ ("Bone window") },
  { "6", "film.preset::full", N_ ("Full range") },
  { "s", "film.mode::side-by-side", N_ ("Films side by side") },
  { "b", "film.mode::blink", N_ ("Blink between the films") },
  { "x", "film.blink-once", N_ ("The other film, while blinking") },
  { "w", "film.mode::swipe", N_ ("Swipe between the films") },
  { "d", "film.mode::subtraction", N_ ("Subtraction") },
  { "v", "film.mode::current", N_ ("Current film alone") },
  { "l", "film.link", N_ ("Link or unlink zoom, position and pointer") },
  { "<Shift>l", "film.link-window", N_ ("Link or unlink the windows") },
  { "c", "film.show-changes", N_ ("Show or hide the changes") },
  { "g", "film.show-lungs", N_ ("Show or hide the lung fields") },
  { "t", "film.show-texts", N_ ("Show or hide the texts") },
  { "n", "film.next-change", N_ ("Next change") },
  { "p", "film.previous-change", N_ ("Previous change") },
};

static const char *const mode_names[] = { "side-by-side",
                                          "blink",
                                          "swipe",
                                          "subtraction",
                                          "current" };

const IvFilmShortcut *
iv_film_pair_list_shortcuts (guint *n_shortcuts)
{
  *n_shortcuts = G_N_ELEMENTS (shortcuts);
  return shortcuts;
}

GActionGroup *
iv_film_pair_get_actions (IvFilmPair *self)
{
  return G_ACTION_GROUP (self->actions);
}

/* What turns or mirrors one film turns the other one with it while they are linked. */
static void
for_each_linked (IvFilmPair *self, void (*act) (IvFilmView *view, int argument), int argument)
{
  IvFilmView *view = self->active_view;
  IvFilmView *other = view == self->current_view ? self->prior_view : self->current_view;

  self->is_following = TRUE;
  act (view, argument);
  if (self->is_linked && other->radiograph != NULL)
    act (other, argument);
  self->is_following = FALSE;
  iv_film_pair_follow (self, self->is_linked ? self->current_view : view);
}

static void
act_flip (IvFilmView *view, int argument)
{
  iv_film_view_flip (view);
}

static void
act_reset (IvFilmView *view, int argument)
{
  iv_film_view_reset_orientation (view);
  iv_film_view_set_inverted (view, FALSE);
  iv_film_view_set_preset (view, IV_PRESET_FILE);
  iv_film_view_fit (view);
}

/* Linked films fit as the current one does; the prior follows it. */
static void
fit (IvFilmPair *self)
{
  const gboolean is_joined = self->is_linked && iv_film_pair_has_both (self);

  iv_film_view_fit (is_joined ? self->current_view : self->active_view);
}

static void
on_simple_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  IvFilmPair *self = user_data;
  IvFilmView *view = self->active_view;
  const char *name = g_action_get_name (G_ACTION (action));

  iv_film_pair_stop_animation (self);
  if (g_str_equal (name, "fit"))
    fit (self);
  else if (g_str_equal (name, "actual-size"))
    iv_film_view_zoom_by (view, 1 / view->geometry.zoom);
  else if (g_str_equal (name, "zoom-in"))
    iv_film_view_zoom_by (view, ZOOM_STEP);
  else if (g_str_equal (name, "zoom-out"))
    iv_film_view_zoom_by (view, 1 / ZOOM_STEP);
  else if (g_str_equal (name, "rotate-left"))
    for_each_linked (self, iv_film_view_rotate, -1);
  else if (g_str_equal (name, "rotate-right"))
    for_each_linked (self, iv_film_view_rotate, 1);
  else if (g_str_equal (name, "flip"))
    for_each_linked (self, act_flip, 0);
  else if (g_str_equal (name, "reset-view"))
    for_each_linked (self, act_reset, 0);
  else if (g_str_equal (name, "region"))
    iv_film_view_set_tool (view, IV_FILM_TOOL_REGION);
  else if (g_str_equal (name, "window-visible"))
    iv_film_view_window_visible (view);
  else if (g_str_equal (name, "next-change"))
    iv_film_pair_step_change (self, 1);
  else if (g_str_equal (name, "previous-change"))
    iv_film_pair_step_change (self, -1);
  else if (g_str_equal (name, "blink-once"))
    iv_film_pair_blink_once (self);
}

static void
on_toggle_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  IvFilmPair *self = user_data;
  const char *name = g_action_get_name (G_ACTION (action));
  const gboolean is_on = g_variant_get_boolean (value);

  if (g_str_equal (name, "invert"))
    iv_film_view_set_inverted (self->active_view, is_on);
  else if (g_str_equal (name, "show-texts"))
    iv_film_pair_set_shows_texts (self, is_on);
  else if (g_str_equal (name, "link"))
    g_object_set (self, "linked", is_on, NULL);
  else if (g_str_equal (name, "link-window"))
    g_object_set (self, "window-linked", is_on, NULL);
  else
    g_object_set (self, name, is_on, NULL); /* show-changes and show-lungs are properties */
}

static void
on_preset_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  IvFilmPair *self = user_data;

  iv_film_view_set_preset_by_name (self->active_view, g_variant_get_string (value, NULL));
  iv_film_pair_update_actions (self);
}

static void
on_mode_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  IvFilmPair *self = user_data;
  const char *name = g_variant_get_string (value, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (mode_names); i++)
    if (g_str_equal (mode_names[i], name)) {
      iv_film_pair_set_mode (self, (IvPairMode) i);
      return;
    }
}

static void
set_state (IvFilmPair *self, const char *name, GVariant *state)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

  g_simple_action_set_state (G_SIMPLE_ACTION (action), state);
}

static void
set_enabled (IvFilmPair *self, const char *name, gboolean is_enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), is_enabled);
}

void
iv_film_pair_update_actions (IvFilmPair *self)
{
  static const char *const on_a_film[] = { "fit",         "actual-size",    "zoom-in", "zoom-out",
                                           "rotate-left", "rotate-right",   "flip",    "reset-view",
                                           "region",      "window-visible", "invert",  "preset" };
  const gboolean has_film = self->active_view->radiograph != NULL;
  const gboolean has_changes = self->link != NULL &&
                               iv_film_link_get_params (self->link)->changes != NULL &&
                               iv_film_link_get_params (self->link)->changes->len > 0;

  if (self->actions == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (on_a_film); i++)
    set_enabled (self, on_a_film[i], has_film);
  set_enabled (self, "next-change", has_changes);
  set_enabled (self, "previous-change", has_changes);
  set_enabled (self, "blink-once", self->mode == IV_PAIR_BLINK);
  set_state (self, "mode", g_variant_new_string (mode_names[self->mode]));
  set_state (self, "preset", g_variant_new_string (self->active_view->preset));
  set_state (self, "invert", g_variant_new_boolean (self->active_view->grayscale.invert));
  set_state (self, "link", g_variant_new_boolean (self->is_linked));
  set_state (self, "link-window", g_variant_new_boolean (self->is_window_linked));
  set_state (self, "show-changes", g_variant_new_boolean (self->style.show_changes));
  set_state (self, "show-lungs", g_variant_new_boolean (self->style.show_lungs));
  set_state (self, "show-texts", g_variant_new_boolean (self->shows_texts));
}

static void
add_action (IvFilmPair *self, GSimpleAction *action, const char *signal, GCallback callback)
{
  g_signal_connect (action, signal, callback, self);
  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (action));
  g_object_unref (action);
}

static void
add_shortcuts (IvFilmPair *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++) {
    g_autofree char *name = NULL;
    g_autoptr (GVariant) target = NULL;
    GtkShortcut *shortcut;

    if (!g_action_parse_detailed_name (shortcuts[i].action, &name, &target, NULL))
      g_assert_not_reached ();
    shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (shortcuts[i].accelerator),
                                 gtk_named_action_new (name));
    gtk_shortcut_set_arguments (shortcut, target);
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
  }
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

void
iv_film_pair_init_actions (IvFilmPair *self)
{
  static const char *const simple[] = {
    "fit",       "actual-size", "zoom-in", "zoom-out",       "rotate-left", "rotate-right",
    "flip",      "reset-view",  "region",  "window-visible", "next-change", "previous-change",
    "blink-once"
  };
  static const char *const toggles[] = { "invert",       "link",       "link-window",
                                         "show-changes", "show-lungs", "show-texts" };
  const GVariantType *string = G_VARIANT_TYPE_STRING;

  self->actions = g_simple_action_group_new ();
  for (guint i = 0; i < G_N_ELEMENTS (simple); i++)
    add_action (self, g_simple_action_new (simple[i], NULL), "activate", G_CALLBACK (on_simple_cb));
  for (guint i = 0; i < G_N_ELEMENTS (toggles); i++)
    add_action (self,
                g_simple_action_new_stateful (toggles[i], NULL, g_variant_new_boolean (FALSE)),
                "change-state",
                G_CALLBACK (on_toggle_cb));
  add_action (self,
              g_simple_action_new_stateful ("preset", string, g_variant_new_string ("file")),
              "change-state",
              G_CALLBACK (on_preset_cb));
  add_action (self,
              g_simple_action_new_stateful ("mode", string, g_variant_new_string (mode_names[0])),
              "change-state",
              G_CALLBACK (on_mode_cb));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "film", G_ACTION_GROUP (self->actions));
  add_shortcuts (self);
  iv_film_pair_update_actions (self);
}

static void
append_preset (GMenu *menu, IvRadiograph *radiograph, const char *name)
{
  g_autofree char *label = iv_film_view_dup_preset_label (radiograph, name);
  g_autofree char *action = g_strdup_printf ("film.preset::%s", name);

  g_menu_append (menu, label, action);
}

GMenuModel *
iv_film_pair_create_preset_menu (IvFilmPair *self)
{
  static const char *const names[] = { "auto", "lung", "soft-tissue", "bone", "full" };
  IvRadiograph *radiograph = self->current_view->radiograph;
  g_autoptr (GMenu) own = g_menu_new ();
  g_autoptr (GMenu) chest = g_menu_new ();
  GMenu *menu = g_menu_new ();
  guint n_own = 0;

  if (radiograph != NULL)
    n_own = iv_film_view_count_file_windows (radiograph);
  for (guint i = 0; i < n_own; i++) {
    g_autofree char *name = g_strdup_printf ("window-%u", i + 1);
    append_preset (own, radiograph, name);
  }
  if (n_own == 0)
    append_preset (own, radiograph, "file");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    append_preset (chest, radiograph, names[i]);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (own));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (chest));
  return G_MENU_MODEL (menu);
}
