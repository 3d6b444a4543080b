/* Preferences: appearance, the device that computes, how the chat answers.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/window/iv-preferences.h"

#include <glib/gi18n.h>

#include "app/read/iv-prompt.h"
#include "ui/iv-words.h"

struct _IvPreferences {
  AdwPreferencesWindow parent_instance;

  GSettings *settings;
  GPtrArray *devices; /* IvEngineDeviceName; NULL before they are known */

  /* Template widgets */
  AdwComboRow *appearance;
  AdwComboRow *device;
  AdwActionRow *device_in_use;
  AdwComboRow *weights_type;
  AdwComboRow *cache_type;
  GtkSwitch *model_thinks;
  GtkSpinButton *temperature;
  AdwActionRow *prompt_row;
};

G_DEFINE_FINAL_TYPE (IvPreferences, iv_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static gboolean
appearance_to_index (GValue *value, GVariant *variant, gpointer user_data)
{
  const char *name = g_variant_get_string (variant, NULL);

  g_value_set_uint (value, g_str_equal (name, "dark") ? 0 : g_str_equal (name, "light") ? 1 : 2);
  return TRUE;
}

static GVariant *
index_to_appearance (const GValue *value, const GVariantType *type, gpointer user_data)
{
  static const char *const names[] = { "dark", "light", "system" };

  return g_variant_new_string (names[MIN (g_value_get_uint (value), 2)]);
}

/* The rows of a list, in its order. */
static const char *const weights_types[] = { "auto", "file", "q8_0", "q4_k", NULL };
static const char *const cache_types[] = { "auto", "f32", "f16", "q8_0", NULL };

static gboolean
name_to_index (GValue *value, GVariant *variant, gpointer names)
{
  const char *name = g_variant_get_string (variant, NULL);

  for (guint i = 0; ((const char *const *) names)[i] != NULL; i++)
    if (g_str_equal (((const char *const *) names)[i], name)) {
      g_value_set_uint (value, i);
      return TRUE;
    }
  return FALSE;
}

static GVariant *
index_to_name (const GValue *value, const GVariantType *type, gpointer names)
{
  guint index = g_value_get_uint (value), n = g_strv_length (names);

  return index < n ? g_variant_new_string (((const char *const *) names)[index]) : NULL;
}

/* The first row stands for the best device, the others for those there are. */
static void
on_device_selected_cb (AdwComboRow *row, GParamSpec *pspec, gpointer user_data)
{
  IvPreferences *self = user_data;
  guint selected = adw_combo_row_get_selected (row);
  int device = -1;

  if (selected > 0 && selected <= self->devices->len)
    device = ((IvEngineDeviceName *) g_ptr_array_index (self->devices, selected - 1))->device;
  g_settings_set_int (self->settings, "device", device);
}

static void
fill_devices (IvPreferences *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  int device = g_settings_get_int (self->settings, "device");
  guint selected = 0;

  gtk_string_list_append (names, _ ("Best device"));
  for (guint i = 0; self->devices != NULL && i < self->devices->len; i++) {
    const IvEngineDeviceName *name = g_ptr_array_index (self->devices, i);
    g_autofree char *words = iv_words_device (name->name);

    gtk_string_list_append (names, words);
    if ((int) name->device == device)
      selected = i + 1;
  }
  adw_combo_row_set_model (self->device, G_LIST_MODEL (names));
  adw_combo_row_set_selected (self->device, selected);
  gtk_widget_set_sensitive (GTK_WIDGET (self->device), self->devices != NULL);
}

static void
list_devices (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *devices = iv_engine_list_devices (&error);

  if (devices != NULL)
    g_task_return_pointer (task, devices, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
on_devices_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  IvPreferences *self = IV_PREFERENCES (source);
  g_autoptr (GError) error = NULL;

  if (self->settings == NULL) /* closed meanwhile */
    return;
  self->devices = g_task_propagate_pointer (G_TASK (result), &error);
  fill_devices (self);
  if (error != NULL) {
    g_autofree char *escaped = g_markup_escape_text (error->message, -1);

    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->device), escaped);
  } else {
    g_signal_connect_object (
        self->device, "notify::selected", G_CALLBACK (on_device_selected_cb), self, 0);
  }
}

/* Loading the drivers takes longer than a frame. */
static void
find_devices (IvPreferences *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_devices_listed_cb, NULL);

  fill_devices (self);
  g_task_run_in_thread (task, list_devices);
}

static void
iv_preferences_dispose (GObject *object)
{
  IvPreferences *self = IV_PREFERENCES (object);

  g_clear_object (&self->settings);
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  G_OBJECT_CLASS (iv_preferences_parent_class)->dispose (object);
}

static void
iv_preferences_class_init (IvPreferencesClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_preferences_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, IvPreferences, appearance);
  gtk_widget_class_bind_template_child (widget_class, IvPreferences, device);
  gtk_widget_class_bind_template_child (widget_class, IvPreferences, device_in_use);
  gtk_widget_class_bind_template_child (widget_class, IvPreferences, weights_type);
  gtk_widget_class_bind_template_child (widget_class, IvPreferences, cache_type);
  gtk_widget_class_bind_template_child (widget_class, IvPreferences, model_thinks);
  gtk_widget_class_bind_template_child (widget_class, IvPreferences, prompt_row);
  gtk_widget_class_bind_template_child (widget_class, IvPreferences, temperature);
}

static void
iv_preferences_init (IvPreferences *self)
{
  g_autofree char *file = iv_prompt_get_user_file ("chat");
  g_autofree char *subtitle = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  subtitle = g_markup_printf_escaped (_ ("Your own version can stand in %s"), file);
  adw_action_row_set_subtitle (self->prompt_row, subtitle);
}

static void
bind_names (GSettings *settings, const char *key, AdwComboRow *row, const char *const *names)
{
  g_settings_bind_with_mapping (settings,
                                key,
                                row,
                                "selected",
                                G_SETTINGS_BIND_DEFAULT,
                                name_to_index,
                                index_to_name,
                                (gpointer) names,
                                NULL);
}

GtkWidget *
iv_preferences_new (GSettings *settings, IvEngine *engine)
{
  IvPreferences *self = g_object_new (IV_TYPE_PREFERENCES, NULL);
  const char *device = iv_engine_get_device_name (engine);
  g_autofree char *escaped = NULL;

  g_settings_bind_with_mapping (settings,
                                "appearance",
                                self->appearance,
                                "selected",
                                G_SETTINGS_BIND_DEFAULT,
                                appearance_to_index,
                                index_to_appearance,
                                NULL,
                                NULL);
  bind_names (settings, "weights-type", self->weights_type, weights_types);
  bind_names (settings, "cache-type", self->cache_type, cache_types);
  self->settings = g_object_ref (settings);
  find_devices (self);
  g_settings_bind (settings, "model-thinks", self->model_thinks, "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "temperature", self->temperature, "value", G_SETTINGS_BIND_DEFAULT);
  escaped = g_markup_escape_text (*device != '\0' ? device : _ ("not used yet"), -1);
  adw_action_row_set_subtitle (self->device_in_use, escaped);
  return GTK_WIDGET (self);
}
