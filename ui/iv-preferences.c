/* Preferences: appearance, the device that computes, how the chat answers.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/iv-preferences.h"

#include <glib/gi18n.h>

#include "app/read/iv-prompt.h"

struct _IvPreferences {
  AdwPreferencesWindow parent_instance;

  /* Template widgets */
  AdwComboRow *appearance;
  GtkSpinButton *device;
  GtkLabel *device_name;
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

static void
iv_preferences_class_init (IvPreferencesClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, IvPreferences, appearance);
  gtk_widget_class_bind_template_child (widget_class, IvPreferences, device);
  gtk_widget_class_bind_template_child (widget_class, IvPreferences, device_name);
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

GtkWidget *
iv_preferences_new (GSettings *settings, IvEngine *engine)
{
  IvPreferences *self = g_object_new (IV_TYPE_PREFERENCES, NULL);
  const char *device = iv_engine_get_device_name (engine);

  g_settings_bind_with_mapping (settings,
                                "appearance",
                                self->appearance,
                                "selected",
                                G_SETTINGS_BIND_DEFAULT,
                                appearance_to_index,
                                index_to_appearance,
                                NULL,
                                NULL);
  g_settings_bind (settings, "device", self->device, "value", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "model-thinks", self->model_thinks, "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "temperature", self->temperature, "value", G_SETTINGS_BIND_DEFAULT);
  gtk_label_set_label (self->device_name, *device != '\0' ? device : _ ("not used yet"));
  return GTK_WIDGET (self);
}
