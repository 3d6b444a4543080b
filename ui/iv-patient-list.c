/* The patients that were found when more than one was opened.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/iv-patient-list.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "ui/iv-words.h"

struct _IvPatientList {
  GtkWidget parent_instance;

  IvCollection *collection;

  /* Template widgets */
  GtkWidget *scroller;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (IvPatientList, iv_patient_list, GTK_TYPE_WIDGET)

enum { PATIENT_CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  IvPatient *patient = item;
  IvImage *current = iv_patient_get_current (patient);
  guint n_films = g_list_model_get_n_items (G_LIST_MODEL (patient));
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *count = gtk_label_new (NULL);
  g_autofree char *films = g_strdup_printf (ngettext ("%u film", "%u films", n_films), n_films);
  g_autofree char *details =
      iv_words_patient_details (patient, current != NULL ? iv_image_get_info (current) : NULL);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 iv_words_patient_name (iv_patient_get_name (patient)));
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), details);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
  gtk_label_set_label (GTK_LABEL (count), films);
  gtk_widget_add_css_class (count, "dim-label");
  gtk_widget_add_css_class (count, "numeric");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), count);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_widget_set_overflow (row, GTK_OVERFLOW_HIDDEN); /* letters may be of any height */
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "patient", g_object_ref (patient), g_object_unref);
  return row;
}

static void
on_row_activated_cb (GtkListBox *list, GtkListBoxRow *row, gpointer user_data)
{
  g_signal_emit (
      user_data, signals[PATIENT_CHOSEN], 0, g_object_get_data (G_OBJECT (row), "patient"));
}

void
iv_patient_list_set_collection (IvPatientList *self, IvCollection *collection)
{
  g_return_if_fail (IV_IS_PATIENT_LIST (self));

  if (g_set_object (&self->collection, collection))
    gtk_list_box_bind_model (self->list, G_LIST_MODEL (collection), create_row, NULL, NULL);
}

static void
iv_patient_list_dispose (GObject *object)
{
  IvPatientList *self = IV_PATIENT_LIST (object);

  g_clear_object (&self->collection);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (iv_patient_list_parent_class)->dispose (object);
}

static void
iv_patient_list_class_init (IvPatientListClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_patient_list_dispose;
  signals[PATIENT_CHOSEN] = g_signal_new ("patient-chosen",
                                          G_TYPE_FROM_CLASS (class),
                                          G_SIGNAL_RUN_LAST,
                                          0,
                                          NULL,
                                          NULL,
                                          NULL,
                                          G_TYPE_NONE,
                                          1,
                                          IV_TYPE_PATIENT);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-patient-list.ui");
  gtk_widget_class_bind_template_child (widget_class, IvPatientList, list);
  gtk_widget_class_bind_template_child (widget_class, IvPatientList, scroller);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
}

static void
iv_patient_list_init (IvPatientList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
