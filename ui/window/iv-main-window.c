/* The window: start page, the pair of films, timeline, and the side panel.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/window/iv-main-window.h"

#include <glib/gi18n.h>

#include "ui/report/iv-report-page.h"
#include "ui/window/iv-main-window-private.h"

G_DEFINE_FINAL_TYPE (IvMainWindow, iv_main_window, ADW_TYPE_APPLICATION_WINDOW)

static const char *const pages[] = { "changes", "report", "chat" };

gboolean
iv_main_window_is_page (const char *page)
{
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    if (g_str_equal (page, pages[i]))
      return TRUE;
  return FALSE;
}

void
iv_main_window_show_page (IvMainWindow *self, const char *page)
{
  g_return_if_fail (IV_IS_MAIN_WINDOW (self));
  g_return_if_fail (iv_main_window_is_page (page));

  adw_view_stack_set_visible_child_name (self->pages, page);
  adw_flap_set_reveal_flap (self->flap, TRUE);
}

void
iv_main_window_show_message (IvMainWindow *self, const char *message)
{
  g_autofree char *escaped = NULL; /* a toast's title is markup, and may name a file */
  AdwToast *toast;

  g_return_if_fail (IV_IS_MAIN_WINDOW (self));

  escaped = g_markup_escape_text (message, -1);
  toast = adw_toast_new (escaped);
  adw_toast_set_timeout (toast, 6);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

gboolean
iv_main_window_is_settled (IvMainWindow *self, gboolean with_comparison)
{
  IvReadingState state;

  g_return_val_if_fail (IV_IS_MAIN_WINDOW (self), TRUE);

  state = iv_reading_get_state (self->reading);
  if (self->open_cancellable != NULL || state == IV_READING_LOADING)
    return FALSE;
  if (iv_chat_get_state (self->chat) == IV_CHAT_LOADING)
    return FALSE;
  return !with_comparison || state != IV_READING_COMPARING;
}

static void
on_page_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  IvMainWindow *self = IV_MAIN_WINDOW (widget);
  const char *page = g_variant_get_string (parameter, NULL);

  if (!iv_main_window_is_page (page))
    return;
  iv_main_window_show_page (self, page);
  if (g_str_equal (page, "chat"))
    gtk_widget_grab_focus (GTK_WIDGET (self->chat_page));
}

static void
on_fullscreen_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  if (gtk_window_is_fullscreen (GTK_WINDOW (widget)))
    gtk_window_unfullscreen (GTK_WINDOW (widget));
  else
    gtk_window_fullscreen (GTK_WINDOW (widget));
}

/* The panel and the timeline fold by settings, so that they come back as they were left. */
static void
add_setting_actions (IvMainWindow *self)
{
  static const char *const keys[] = { "show-panel", "show-timeline" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autoptr (GAction) action = g_settings_create_action (self->settings, keys[i]);

    g_action_map_add_action (G_ACTION_MAP (self), action);
  }
  g_settings_bind (
      self->settings, "show-panel", self->flap, "reveal-flap", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings,
                   "show-timeline",
                   self->timeline_revealer,
                   "reveal-child",
                   G_SETTINGS_BIND_DEFAULT);
}

static gboolean
iv_main_window_close_request (GtkWindow *window)
{
  IvMainWindow *self = IV_MAIN_WINDOW (window);
  int width, height;

  gtk_window_get_default_size (window, &width, &height);
  if (!gtk_window_is_maximized (window) && !gtk_window_is_fullscreen (window)) {
    g_settings_set_int (self->settings, "window-width", width);
    g_settings_set_int (self->settings, "window-height", height);
  }
  g_settings_set_boolean (self->settings, "window-maximized", gtk_window_is_maximized (window));
  return GTK_WINDOW_CLASS (iv_main_window_parent_class)->close_request (window);
}

static void
iv_main_window_dispose (GObject *object)
{
  IvMainWindow *self = IV_MAIN_WINDOW (object);

  if (self->open_cancellable != NULL)
    g_cancellable_cancel (self->open_cancellable);
  g_clear_object (&self->open_cancellable);
  if (self->reading != NULL)
    iv_reading_close (self->reading);
  iv_main_window_dispose_measures (self);
  iv_main_window_dispose_triage (self);
  if (self->chat != NULL) {
    iv_chat_stop (self->chat);
    iv_chat_cancel_load (self->chat);
  }
  if (self->drafter != NULL)
    iv_drafter_stop (self->drafter);
  g_clear_pointer (&self->journal, iv_chat_journal_free);
  g_clear_pointer (&self->draft_journal, iv_draft_journal_free);
  g_clear_object (&self->drafter);
  g_clear_object (&self->reading);
  g_clear_object (&self->chat);
  g_clear_object (&self->collection);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (iv_main_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, changes_page);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, chat_page);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, report_page);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, content);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, error_page);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, interval_button);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, interval_reason);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, opening_bar);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, opening_label);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, opening_spinner);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, pair);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, patient_details);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, patient_list);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, patient_name);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, preset_button);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, progress);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, reading_end);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, reading_start);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, simulated);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, start_page);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, status);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, timeline);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, timeline_revealer);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, title_stack);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, IvMainWindow, triage_bar);
}

static void
iv_main_window_class_init (IvMainWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_main_window_dispose;
  GTK_WINDOW_CLASS (class)->close_request = iv_main_window_close_request;
  g_type_ensure (IV_TYPE_CHANGES_PAGE);
  g_type_ensure (IV_TYPE_CHAT_PAGE);
  g_type_ensure (IV_TYPE_FILM_PAIR);
  g_type_ensure (IV_TYPE_PATIENT_LIST);
  g_type_ensure (IV_TYPE_REPORT_PAGE);
  g_type_ensure (IV_TYPE_START_PAGE);
  g_type_ensure (IV_TYPE_TIMELINE);
  g_type_ensure (IV_TYPE_TRIAGE_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-main-window.ui");
  bind_children (widget_class);
  gtk_widget_class_install_action (widget_class, "win.page", "s", on_page_cb);
  gtk_widget_class_install_action (widget_class, "win.fullscreen", NULL, on_fullscreen_cb);
  iv_main_window_install_open_actions (widget_class);
  iv_main_window_install_reading_actions (widget_class);
}

static void
iv_main_window_init (IvMainWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

IvMainWindow *
iv_main_window_new (IvApplication *application)
{
  IvMainWindow *self = g_object_new (IV_TYPE_MAIN_WINDOW, "application", application, NULL);

  self->settings = g_object_ref (iv_application_get_settings (application));
  gtk_window_set_default_size (GTK_WINDOW (self),
                               g_settings_get_int (self->settings, "window-width"),
                               g_settings_get_int (self->settings, "window-height"));
  if (g_settings_get_boolean (self->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  add_setting_actions (self);
  iv_main_window_init_drop (self);
  iv_main_window_init_reading (self, iv_application_get_engine (application));
  iv_main_window_init_triage (
      self, iv_application_get_engine (application), iv_application_get_library (application));
  return self;
}
