/* The application: command line, files from outside, settings, what all windows share.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/window/iv-application.h"

#include <glib/gi18n.h>

#include "ui/iv-paths.h"
#include "ui/window/iv-preferences.h"
#include "ui/window/iv-screenshot.h"
#include "ui/window/iv-main-window.h"

struct _IvApplication {
  AdwApplication parent_instance;

  IvEngine *engine;
  GSettings *settings;
  IvLibrary *library; /* NULL when it could not be opened */

  gboolean wants_demonstration;
  gboolean has_failed;
  IvScreenshotParams screenshot; /* file NULL: none wanted */
};

G_DEFINE_FINAL_TYPE (IvApplication, iv_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL },
  { "demonstration", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Open the demonstration study"), NULL },
  { "screenshot",
    0,
    0,
    G_OPTION_ARG_FILENAME,
    NULL,
    N_ ("Render the window to a PNG file and exit"),
    "PNG" },
  { "size", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Size of the window"), "WxH" },
  { "page",
    0,
    0,
    G_OPTION_ARG_STRING,
    NULL,
    N_ ("Page of the side panel: changes, report or chat"),
    "PAGE" },
  { "wait-comparison",
    0,
    0,
    G_OPTION_ARG_NONE,
    NULL,
    N_ ("With --screenshot: wait for the comparison"),
    NULL },
  { NULL },
};

static IvMainWindow *
ensure_window (IvApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL || !IV_IS_MAIN_WINDOW (window))
    window = GTK_WINDOW (iv_main_window_new (self));
  return IV_MAIN_WINDOW (window);
}

static void
show (IvApplication *self, IvMainWindow *window)
{
  if (self->screenshot.file != NULL)
    iv_screenshot_take (window, &self->screenshot);
  gtk_window_present (GTK_WINDOW (window));
}

static void
open_demonstration (IvApplication *self, IvMainWindow *window)
{
  g_autofree char *folder = iv_paths_find_demonstration ();
  const char *paths[] = { folder, NULL };

  if (folder == NULL)
    iv_main_window_show_message (window, _ ("The demonstration study is not installed."));
  else
    iv_main_window_open (window, paths);
}

static void
iv_application_activate (GApplication *application)
{
  IvApplication *self = IV_APPLICATION (application);
  IvMainWindow *window = ensure_window (self);

  if (self->wants_demonstration)
    open_demonstration (self, window);
  self->wants_demonstration = FALSE;
  show (self, window);
}

static void
iv_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  IvApplication *self = IV_APPLICATION (application);
  IvMainWindow *window = ensure_window (self);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) paths = NULL;

  for (int i = 0; i < n_files; i++) {
    g_autofree char *path = g_file_get_path (files[i]);

    if (path != NULL)
      g_strv_builder_add (builder, path);
  }
  paths = g_strv_builder_end (builder);
  if (paths[0] != NULL)
    iv_main_window_open (window, (const char *const *) paths);
  else
    iv_main_window_show_message (window, _ ("Only files on this machine can be opened."));
  show (self, window);
}

/* "1280x800" */
static gboolean
parse_size (const char *size, int *width, int *height)
{
  g_auto (GStrv) parts = g_strsplit (size, "x", 2);
  guint64 value[2];

  if (g_strv_length (parts) != 2)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    if (!g_ascii_string_to_unsigned (parts[i], 10, 200, 16384, &value[i], NULL))
      return FALSE;
  *width = (int) value[0];
  *height = (int) value[1];
  return TRUE;
}

static gboolean
take_screenshot_options (IvApplication *self, GVariantDict *dict)
{
  g_autofree char *size = NULL;
  g_autofree char *page = NULL;

  if (g_variant_dict_lookup (dict, "page", "s", &page) && !iv_main_window_is_page (page)) {
    g_printerr ("interval: --page %s: not changes, report or chat\n", page);
    return FALSE;
  }
  self->screenshot.page = g_steal_pointer (&page);
  if (g_variant_dict_lookup (dict, "size", "s", &size) &&
      !parse_size (size, &self->screenshot.width, &self->screenshot.height)) {
    g_printerr ("interval: --size %s: not WIDTHxHEIGHT\n", size);
    return FALSE;
  }
  self->screenshot.waits_for_comparison = g_variant_dict_contains (dict, "wait-comparison");
  return TRUE;
}

static int
iv_application_handle_local_options (GApplication *application, GVariantDict *dict)
{
  IvApplication *self = IV_APPLICATION (application);

  if (g_variant_dict_contains (dict, "version")) {
    g_print ("interval %s\n", PACKAGE_VERSION);
    return 0;
  }
  if (!take_screenshot_options (self, dict))
    return 2;
  if (g_variant_dict_lookup (dict, "screenshot", "^ay", &self->screenshot.file))
    /* A picture of this process, whatever else is running. */
    g_application_set_flags (application,
                             g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  self->wants_demonstration = g_variant_dict_contains (dict, "demonstration");
  if (self->wants_demonstration && g_application_register (application, NULL, NULL) &&
      g_application_get_is_remote (application)) {
    g_action_group_activate_action (G_ACTION_GROUP (application), "demonstration", NULL);
    return 0;
  }
  return -1;
}

static void
on_demonstration_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  IvApplication *self = user_data;
  IvMainWindow *window = ensure_window (self);

  open_demonstration (self, window);
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_preferences_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  IvApplication *self = user_data;
  GtkWidget *preferences = iv_preferences_new (self->settings, self->engine);

  gtk_window_set_transient_for (GTK_WINDOW (preferences),
                                gtk_application_get_active_window (GTK_APPLICATION (self)));
  gtk_window_present (GTK_WINDOW (preferences));
}

static void
on_about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  IvApplication *self = user_data;
  const char *device = iv_engine_get_device_name (self->engine);
  g_autofree char *details =
      g_strdup_printf ("Interval %s\nGTK %u.%u.%u\nlibadwaita %u.%u.%u\nVulkan: %s\n",
                       PACKAGE_VERSION,
                       gtk_get_major_version (),
                       gtk_get_minor_version (),
                       gtk_get_micro_version (),
                       adw_get_major_version (),
                       adw_get_minor_version (),
                       adw_get_micro_version (),
                       *device != '\0' ? device : "not used yet");
  const char *developers[] = { "The Interval developers", NULL };

  adw_show_about_window (
      gtk_application_get_active_window (GTK_APPLICATION (self)),
      "application-name",
      "Interval",
      "application-icon",
      APP_ID,
      "version",
      PACKAGE_VERSION,
      "developer-name",
      "The Interval developers",
      "developers",
      developers,
      "license-type",
      GTK_LICENSE_GPL_3_0,
      "comments",
      _ ("Shows the current and the prior chest radiograph side by side, finds what "
         "changed between them, and talks about it. For research and teaching; not a "
         "medical device."),
      "translator-credits",
      _ ("translator-credits"),
      "debug-info",
      details,
      NULL);
}

static void
on_quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GList *windows = g_list_copy (gtk_application_get_windows (user_data));

  /* Closed one by one, so that each saves its size. */
  for (GList *item = windows; item != NULL; item = item->next)
    gtk_window_close (item->data);
  g_list_free (windows);
}

static void
on_new_window_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_window_present (GTK_WINDOW (iv_main_window_new (user_data)));
}

static void
on_appearance_changed_cb (GSettings *settings, const char *key, gpointer user_data)
{
  static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_FORCE_DARK,
                                            ADW_COLOR_SCHEME_FORCE_LIGHT,
                                            ADW_COLOR_SCHEME_DEFAULT };
  int choice = g_settings_get_enum (settings, "appearance");

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      schemes[CLAMP (choice, 0, (int) G_N_ELEMENTS (schemes) - 1)]);
}

static void
set_accelerators (GtkApplication *application)
{
  static const struct {
    const char *action;
    const char *keys[3];
  } rows[] = {
    { "app.quit", { "<Control>q" } },
    { "app.new-window", { "<Control>n" } },
    { "app.preferences", { "<Control>comma" } },
    { "app.demonstration", { "<Control><Shift>d" } },
    { "win.open", { "<Control>o" } },
    { "win.open-folder", { "<Control><Shift>o" } },
    { "win.start-page", { "<Alt>Home" } },
    { "win.patients", { "<Control>p" } },
    { "win.older-prior", { "<Alt>Left" } },
    { "win.newer-prior", { "<Alt>Right" } },
    { "win.compare", { "<Control>r" } },
    { "win.cancel", { "<Control>period" } },
    { "win.show-panel", { "F9" } },
    { "win.show-timeline", { "F8" } },
    { "win.fullscreen", { "F11" } },
    { "win.page::changes", { "<Control>1" } },
    { "win.page::report", { "<Control>2" } },
    { "win.page::chat", { "<Control>3" } },
    { "win.focus-films", { "<Control>0" } },
    { "window.close", { "<Control>w" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    gtk_application_set_accels_for_action (application, rows[i].action, rows[i].keys);
}

/* For what keeps no copy of its own. */
static const char *
intern_setting (GSettings *settings, const char *key)
{
  g_autofree char *value = g_settings_get_string (settings, key);

  return g_intern_string (value);
}

static void
iv_application_startup (GApplication *application)
{
  static const GActionEntry entries[] = {
    { .name = "about", .activate = on_about_cb },
    { .name = "demonstration", .activate = on_demonstration_cb },
    { .name = "new-window", .activate = on_new_window_cb },
    { .name = "preferences", .activate = on_preferences_cb },
    { .name = "quit", .activate = on_quit_cb },
  };
  IvApplication *self = IV_APPLICATION (application);
  IvEngineParams params = { 0 };
  g_autoptr (GError) error = NULL;

  G_APPLICATION_CLASS (iv_application_parent_class)->startup (application);
  self->settings = g_settings_new (APP_ID);
  params.device = g_settings_get_int (self->settings, "device");
  params.weights_type = intern_setting (self->settings, "weights-type");
  params.cache_type = intern_setting (self->settings, "cache-type");
  self->engine = iv_engine_new (&params);
  self->library = iv_library_open (NULL, &error);
  if (self->library == NULL)
    g_printerr ("interval: recent patients are not remembered: %s\n", error->message);
  g_signal_connect_object (
      self->settings, "changed::appearance", G_CALLBACK (on_appearance_changed_cb), self, 0);
  on_appearance_changed_cb (self->settings, "appearance", self);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  set_accelerators (GTK_APPLICATION (self));
  gtk_window_set_default_icon_name (APP_ID);
}

static void
iv_application_shutdown (GApplication *application)
{
  IvApplication *self = IV_APPLICATION (application);

  g_clear_object (&self->engine);
  g_clear_object (&self->library);
  g_clear_object (&self->settings);
  G_APPLICATION_CLASS (iv_application_parent_class)->shutdown (application);
}

static void
iv_application_finalize (GObject *object)
{
  IvApplication *self = IV_APPLICATION (object);

  g_free (self->screenshot.file);
  g_free (self->screenshot.page);
  G_OBJECT_CLASS (iv_application_parent_class)->finalize (object);
}

static void
iv_application_class_init (IvApplicationClass *class)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = iv_application_finalize;
  application_class->activate = iv_application_activate;
  application_class->open = iv_application_open;
  application_class->handle_local_options = iv_application_handle_local_options;
  application_class->startup = iv_application_startup;
  application_class->shutdown = iv_application_shutdown;
}

static void
iv_application_init (IvApplication *self)
{
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[FILE OR FOLDER…]"));
}

IvApplication *
iv_application_new (void)
{
  return g_object_new (IV_TYPE_APPLICATION,
                       "application-id",
                       APP_ID,
                       "flags",
                       G_APPLICATION_HANDLES_OPEN,
                       "resource-base-path",
                       "/io/github/intervalcxr/Interval",
                       NULL);
}

IvEngine *
iv_application_get_engine (IvApplication *self)
{
  g_return_val_if_fail (IV_IS_APPLICATION (self), NULL);
  return self->engine;
}

GSettings *
iv_application_get_settings (IvApplication *self)
{
  g_return_val_if_fail (IV_IS_APPLICATION (self), NULL);
  return self->settings;
}

void
iv_application_set_failed (IvApplication *self)
{
  g_return_if_fail (IV_IS_APPLICATION (self));
  self->has_failed = TRUE;
}

gboolean
iv_application_has_failed (IvApplication *self)
{
  g_return_val_if_fail (IV_IS_APPLICATION (self), FALSE);
  return self->has_failed;
}

IvLibrary *
iv_application_get_library (IvApplication *self)
{
  g_return_val_if_fail (IV_IS_APPLICATION (self), NULL);
  return self->library;
}
