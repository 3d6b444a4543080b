/* Opening: files, folders, dropped things; several patients; what could not be read.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "ui/window/iv-main-window-private.h"

/* What an opening under way was started for. */
typedef struct {
  IvMainWindow *window;      /* (owned) */
  IvCollection *collection;  /* (owned) */
  GCancellable *cancellable; /* (owned) */
} Opening;

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->window);
  g_object_unref (opening->collection);
  g_object_unref (opening->cancellable);
  g_free (opening);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

static IvLibrary *
get_library (IvMainWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  return application != NULL ? iv_application_get_library (IV_APPLICATION (application)) : NULL;
}

static void
update_recents (IvMainWindow *self)
{
  IvLibrary *library = get_library (self);
  g_autoptr (GPtrArray) recents = NULL;

  if (library != NULL)
    recents = iv_library_list_patients (library, 8, NULL);
  iv_start_page_set_recents (self->start_page, recents, library);
}

void
iv_main_window_remember (IvMainWindow *self)
{
  IvLibrary *library = get_library (self);
  IvPatient *patient = iv_reading_get_patient (self->reading);
  IvImage *image = iv_reading_get_current_image (self->reading);
  g_autoptr (GError) error = NULL;

  /* The demonstration has a button of its own. */
  if (library == NULL || patient == NULL || iv_image_get_info (image)->is_simulated)
    return;
  if (!iv_library_add_patient (library, patient, &error))
    iv_main_window_show_message (self, error->message);
}

/* What names the study in the library: pictures have no UID, but a place. */
static const char *
name_study (const IvRadiographInfo *info)
{
  return info->study_instance_uid != NULL ? info->study_instance_uid : info->file;
}

static const char *
get_study_name (IvMainWindow *self)
{
  IvImage *image = iv_reading_get_current_image (self->reading);

  return image != NULL ? name_study (iv_image_get_info (image)) : NULL;
}

static const char *
get_prior_name (IvMainWindow *self)
{
  const IvPrior *prior = iv_reading_get_prior (self->reading);

  return prior != NULL && prior->image != NULL ? name_study (iv_image_get_info (prior->image))
                                               : NULL;
}

void
iv_main_window_follow_study (IvMainWindow *self)
{
  IvLibrary *library = get_library (self);
  g_autoptr (GError) error = NULL;

  if (self->draft_journal == NULL && library != NULL)
    self->draft_journal = iv_draft_journal_new (self->drafter, library);
  if (self->draft_journal != NULL &&
      !iv_draft_journal_set_study (
          self->draft_journal, get_study_name (self), get_prior_name (self), &error)) {
    iv_main_window_show_message (self, error->message);
    g_clear_error (&error);
  }
  if (self->journal == NULL && library != NULL)
    self->journal = iv_chat_journal_new (self->chat, library);
  if (self->journal != NULL &&
      !iv_chat_journal_set_study (self->journal, get_study_name (self), &error))
    iv_main_window_show_message (self, error->message);
}

static void
set_content (IvMainWindow *self, const char *name)
{
  gboolean is_reading = g_str_equal (name, "reading");

  if (g_str_equal (name, "start"))
    update_recents (self);
  gtk_stack_set_visible_child_name (self->content, name);
  gtk_stack_set_visible_child_name (self->title_stack, is_reading ? "patient" : "program");
  gtk_widget_set_visible (self->reading_start, is_reading);
  gtk_widget_set_visible (self->reading_end, is_reading);
  gtk_widget_set_visible (self->back_button,
                          is_reading || g_str_equal (name, "error") ||
                              g_str_equal (name, "patients"));
  gtk_spinner_set_spinning (self->opening_spinner, g_str_equal (name, "opening"));
}

static guint
count_patients (IvMainWindow *self)
{
  return self->collection != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->collection)) : 0;
}

void
iv_main_window_show_patient (IvMainWindow *self, IvPatient *patient)
{
  set_content (self, "reading");
  iv_reading_open (self->reading, patient, NULL);
  gtk_widget_grab_focus (GTK_WIDGET (self->pair));
}

static void
show_error (IvMainWindow *self, const char *title, const char *description)
{
  g_autofree char *escaped = g_markup_escape_text (description, -1);

  adw_status_page_set_title (self->error_page, title);
  adw_status_page_set_description (self->error_page, escaped);
  set_content (self, "error");
}

/* What was refused, a few of them by name. */
static char *
list_refusals (IvCollectionReport *report)
{
  const guint n_named = 4;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < MIN (report->refusals->len, n_named); i++)
    g_string_append_printf (text, "%s\n", (char *) g_ptr_array_index (report->refusals, i));
  if (report->n_refused > n_named)
    g_string_append_printf (text, _ ("… and %u more\n"), report->n_refused - n_named);
  return g_string_free (text, FALSE);
}

static void
show_refusals (IvMainWindow *self, IvCollectionReport *report)
{
  g_autofree char *message = NULL;

  if (report->n_refused == 0)
    return;
  if (report->n_refused == 1 && report->refusals->len == 1)
    message = g_strdup (g_ptr_array_index (report->refusals, 0));
  else
    message = g_strdup_printf (
        ngettext ("%u file could not be read", "%u files could not be read", report->n_refused),
        report->n_refused);
  iv_main_window_show_message (self, message);
}

static void
show_found (IvMainWindow *self, IvCollectionReport *report)
{
  guint n_patients = count_patients (self);

  if (n_patients == 0) {
    g_autofree char *refusals = list_refusals (report);

    if (report->n_refused > 0)
      show_error (self, _ ("Nothing Could Be Read"), refusals);
    else
      show_error (self,
                  _ ("No Radiographs Found"),
                  _ ("Interval reads DICOM radiographs, DICOMDIR media, and PNG, JPEG and TIFF "
                     "pictures."));
    return;
  }
  show_refusals (self, report);
  if (n_patients == 1) {
    g_autoptr (IvPatient) patient = g_list_model_get_item (G_LIST_MODEL (self->collection), 0);

    iv_main_window_show_patient (self, patient);
    return;
  }
  iv_patient_list_set_collection (self->patient_list, self->collection);
  set_content (self, "patients");
}

static void
on_open_progress_cb (guint n_done, guint n_total, gpointer user_data)
{
  Opening *opening = user_data;
  IvMainWindow *self = opening->window;
  g_autofree char *text = NULL;

  if (self->open_cancellable != opening->cancellable)
    return;
  text = g_strdup_printf (_ ("%u of %u files"), n_done, n_total);
  gtk_label_set_label (self->opening_label, text);
  gtk_progress_bar_set_fraction (self->opening_bar, n_total > 0 ? (double) n_done / n_total : 0);
}

static void
on_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Opening) opening = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvCollectionReport) report =
      iv_collection_add_finish (opening->collection, result, &error);
  IvMainWindow *self = opening->window;

  if (self->open_cancellable != opening->cancellable)
    return;
  g_clear_object (&self->open_cancellable);
  if (error != NULL) {
    show_error (self, _ ("Nothing Could Be Opened"), error->message);
    return;
  }
  g_set_object (&self->collection, opening->collection);
  iv_main_window_triage_collection (self);
  show_found (self, report);
}

void
iv_main_window_open (IvMainWindow *self, const char *const *paths)
{
  Opening *opening;

  g_return_if_fail (IV_IS_MAIN_WINDOW (self));
  g_return_if_fail (paths != NULL && paths[0] != NULL);

  if (self->open_cancellable != NULL)
    g_cancellable_cancel (self->open_cancellable);
  g_clear_object (&self->open_cancellable);
  self->open_cancellable = g_cancellable_new ();
  opening = g_new0 (Opening, 1);
  opening->window = g_object_ref (self);
  opening->collection = iv_collection_new ();
  opening->cancellable = g_object_ref (self->open_cancellable);
  iv_reading_close (self->reading);
  gtk_label_set_label (self->opening_label, "");
  gtk_progress_bar_set_fraction (self->opening_bar, 0);
  set_content (self, "opening");
  iv_collection_add_async (opening->collection,
                           paths,
                           on_open_progress_cb,
                           opening,
                           opening->cancellable,
                           on_opened_cb,
                           opening);
}

static void
open_files (IvMainWindow *self, GListModel *files)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) paths = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (files); i++) {
    g_autoptr (GFile) file = g_list_model_get_item (files, i);
    g_autofree char *path = g_file_get_path (file);

    if (path != NULL)
      g_strv_builder_add (builder, path);
  }
  paths = g_strv_builder_end (builder);
  if (paths[0] != NULL)
    iv_main_window_open (self, (const char *const *) paths);
}

static void
on_open_response_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));

    open_files (IV_MAIN_WINDOW (user_data), files);
  }
  g_object_unref (dialog);
}

static void
on_open_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gboolean is_folder = g_str_equal (action, "win.open-folder");
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      is_folder ? _ ("Open a Folder") : _ ("Open Radiographs"),
      GTK_WINDOW (widget),
      is_folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_OPEN,
      NULL,
      NULL);

  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_open_response_cb), widget, 0);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
cancel_opening (IvMainWindow *self)
{
  if (self->open_cancellable != NULL)
    g_cancellable_cancel (self->open_cancellable);
  g_clear_object (&self->open_cancellable);
}

static void
on_start_page_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  IvMainWindow *self = IV_MAIN_WINDOW (widget);

  cancel_opening (self);
  iv_reading_close (self->reading);
  set_content (self, "start");
}

static void
on_patients_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  IvMainWindow *self = IV_MAIN_WINDOW (widget);

  if (count_patients (self) < 2 ||
      !g_str_equal (gtk_stack_get_visible_child_name (self->content), "reading")) {
    on_start_page_cb (widget, action, parameter);
    return;
  }
  iv_reading_close (self->reading);
  set_content (self, "patients");
}

static gboolean
on_drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, gpointer user_data)
{
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);
  GSList *list = g_value_get_boxed (value);

  for (GSList *item = list; item != NULL; item = item->next)
    g_list_store_append (files, item->data);
  open_files (IV_MAIN_WINDOW (user_data), G_LIST_MODEL (files));
  return g_list_model_get_n_items (G_LIST_MODEL (files)) > 0;
}

static void
on_patient_chosen_cb (IvMainWindow *self, IvPatient *patient)
{
  iv_main_window_show_patient (self, patient);
}

static void
on_paths_chosen_cb (IvMainWindow *self, const char *const *paths)
{
  iv_main_window_open (self, paths);
}

void
iv_main_window_init_drop (IvMainWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect (target, "drop", G_CALLBACK (on_drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
  g_signal_connect_swapped (
      self->patient_list, "patient-chosen", G_CALLBACK (on_patient_chosen_cb), self);
  g_signal_connect_swapped (
      self->start_page, "paths-chosen", G_CALLBACK (on_paths_chosen_cb), self);
  set_content (self, "start");
}

void
iv_main_window_install_open_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.open", NULL, on_open_cb);
  gtk_widget_class_install_action (widget_class, "win.open-folder", NULL, on_open_cb);
  gtk_widget_class_install_action (widget_class, "win.start-page", NULL, on_start_page_cb);
  gtk_widget_class_install_action (widget_class, "win.patients", NULL, on_patients_cb);
}
