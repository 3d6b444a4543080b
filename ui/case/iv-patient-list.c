/* The patients that were found when more than one was opened.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/case/iv-patient-list.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "ui/case/iv-triage-bar.h"
#include "ui/iv-words.h"

struct _IvPatientList {
  GtkWidget parent_instance;

  IvCollection *collection;
  IvTriageQueue *triage;
  GtkSorter *sorter; /* by urgency; none of its model's unless the button is down */

  /* Template widgets */
  GtkWidget *scroller;
  GtkToggleButton *urgency_button;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (IvPatientList, iv_patient_list, GTK_TYPE_WIDGET)

enum { PATIENT_CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- triage ---------------------------------------------------------------------------------- */

static const IvTriageEntry *
find_entry (IvPatientList *self, IvPatient *patient)
{
  IvImage *image = iv_patient_get_current (patient);

  return image != NULL && self->triage != NULL ? iv_triage_queue_get_entry (self->triage, image)
                                               : NULL;
}

/* Those without a result come last. */
static int
compare_urgency (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const IvTriageEntry *x = find_entry (user_data, (IvPatient *) a);
  const IvTriageEntry *y = find_entry (user_data, (IvPatient *) b);
  double first = x != NULL ? x->urgency : -2, second = y != NULL ? y->urgency : -2;

  return (first < second) - (first > second);
}

static void
update_chip (IvPatientList *self, GtkWidget *row)
{
  GtkWidget *place = g_object_get_data (G_OBJECT (row), "chip");
  const IvTriageEntry *entry = find_entry (self, g_object_get_data (G_OBJECT (row), "patient"));
  GtkWidget *chip = entry != NULL ? iv_triage_bar_create_chip (entry) : NULL;
  GtkWidget *child = gtk_widget_get_first_child (place);

  if (child != NULL)
    gtk_box_remove (GTK_BOX (place), child);
  if (chip != NULL)
    gtk_box_append (GTK_BOX (place), chip);
}

static void
on_triage_changed_cb (IvPatientList *self)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    update_chip (self, GTK_WIDGET (row));
  if (gtk_toggle_button_get_active (self->urgency_button))
    gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

/* --- rows ------------------------------------------------------------------------------------ */

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  IvPatient *patient = item;
  IvImage *current = iv_patient_get_current (patient);
  guint n_films = g_list_model_get_n_items (G_LIST_MODEL (patient));
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *count = gtk_label_new (NULL);
  GtkWidget *place = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
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
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), place);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), count);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_widget_set_overflow (row, GTK_OVERFLOW_HIDDEN); /* letters may be of any height */
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "patient", g_object_ref (patient), g_object_unref);
  g_object_set_data (G_OBJECT (row), "chip", place);
  update_chip (user_data, row);
  return row;
}

static void
on_row_activated_cb (GtkListBox *list, GtkListBoxRow *row, gpointer user_data)
{
  g_signal_emit (
      user_data, signals[PATIENT_CHOSEN], 0, g_object_get_data (G_OBJECT (row), "patient"));
}

/* In the collection's order, or by urgency. */
static void
bind_list (IvPatientList *self)
{
  gboolean by_urgency = gtk_toggle_button_get_active (self->urgency_button);
  g_autoptr (GtkSortListModel) sorted = NULL;

  if (self->collection == NULL)
    return;
  sorted = gtk_sort_list_model_new (G_LIST_MODEL (g_object_ref (self->collection)),
                                    by_urgency ? g_object_ref (self->sorter) : NULL);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (sorted), create_row, self, NULL);
}

void
iv_patient_list_set_collection (IvPatientList *self, IvCollection *collection)
{
  g_return_if_fail (IV_IS_PATIENT_LIST (self));

  if (g_set_object (&self->collection, collection))
    bind_list (self);
}

void
iv_patient_list_set_triage (IvPatientList *self, IvTriageQueue *triage)
{
  g_return_if_fail (IV_IS_PATIENT_LIST (self));

  g_set_object (&self->triage, triage);
  g_signal_connect_object (
      triage, "changed", G_CALLBACK (on_triage_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
iv_patient_list_dispose (GObject *object)
{
  IvPatientList *self = IV_PATIENT_LIST (object);

  if (self->triage != NULL)
    g_signal_handlers_disconnect_by_data (self->triage, self);
  g_clear_object (&self->collection);
  g_clear_object (&self->triage);
  g_clear_object (&self->sorter);
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
  gtk_widget_class_bind_template_child (widget_class, IvPatientList, urgency_button);
  gtk_widget_class_bind_template_callback (widget_class, bind_list);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
}

static void
iv_patient_list_init (IvPatientList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->sorter = GTK_SORTER (gtk_custom_sorter_new (compare_urgency, self, NULL));
}
