/* The patients that are open, and adding files to them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-collection.h"

#include <string.h>

#include "app/study/iv-scan.h"

#define MAX_REFUSALS 100

struct _IvCollection {
  GObject parent_instance;
  GPtrArray *patients; /* IvPatient *, by name */
  guint n_images;      /* ever added: the order of the next one */
  guint n_calls;       /* pictures of different calls are different patients */
};

static GType
get_item_type (GListModel *model)
{
  return IV_TYPE_PATIENT;
}

static guint
get_n_items (GListModel *model)
{
  return IV_COLLECTION (model)->patients->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  IvCollection *self = IV_COLLECTION (model);
  if (position >= self->patients->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->patients, position));
}

static void
init_list_model (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (IvCollection,
                               iv_collection,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, init_list_model))

static void
iv_collection_finalize (GObject *object)
{
  g_ptr_array_unref (IV_COLLECTION (object)->patients);
  G_OBJECT_CLASS (iv_collection_parent_class)->finalize (object);
}

static void
iv_collection_class_init (IvCollectionClass *class)
{
  G_OBJECT_CLASS (class)->finalize = iv_collection_finalize;
}

static void
iv_collection_init (IvCollection *self)
{
  self->patients = g_ptr_array_new_with_free_func (g_object_unref);
}

IvCollection *
iv_collection_new (void)
{
  return g_object_new (IV_TYPE_COLLECTION, NULL);
}

void
iv_collection_report_free (IvCollectionReport *report)
{
  g_ptr_array_unref (report->refusals);
  g_ptr_array_unref (report->images);
  g_free (report);
}

static IvPatient *
find_owner (IvCollection *self, IvImage *image, const char *group)
{
  for (guint i = 0; i < self->patients->len; i++)
    if (iv_patient_owns (g_ptr_array_index (self->patients, i), image, group))
      return g_ptr_array_index (self->patients, i);
  return NULL;
}

static int
compare_patients (IvPatient *a, IvPatient *b)
{
  int by_name = g_utf8_collate (iv_patient_get_name (a), iv_patient_get_name (b));
  return by_name != 0 ? by_name : strcmp (iv_patient_get_id (a), iv_patient_get_id (b));
}

static void
insert_patient (IvCollection *self, IvPatient *patient)
{
  guint position = 0;
  while (position < self->patients->len &&
         compare_patients (g_ptr_array_index (self->patients, position), patient) <= 0)
    position++;
  g_ptr_array_insert (self->patients, (int) position, g_object_ref (patient));
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
}

static IvImage *
find_image (IvPatient *patient, const IvRadiographInfo *info)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (patient)); i++) {
    g_autoptr (IvImage) image = g_list_model_get_item (G_LIST_MODEL (patient), i);
    const IvRadiographInfo *other = iv_image_get_info (image);
    if (g_strcmp0 (other->file, info->file) == 0 ||
        (info->sop_instance_uid != NULL &&
         g_strcmp0 (other->sop_instance_uid, info->sop_instance_uid) == 0))
      return image; /* the patient holds it */
  }
  return NULL;
}

/* The same picture opened again joins itself, whatever group it is in now. */
static IvImage *
find_open_picture (IvCollection *self, const IvRadiographInfo *info)
{
  for (guint i = 0; i < self->patients->len; i++) {
    IvImage *image = find_image (g_ptr_array_index (self->patients, i), info);
    if (image != NULL && iv_image_is_picture (image))
      return image;
  }
  return NULL;
}

static void
add_image (IvCollection *self, IvScanFile *file, IvCollectionReport *report)
{
  g_autoptr (IvImage) image = iv_image_new_for_info (g_steal_pointer (&file->info));
  g_autofree char *group =
      *file->group != '\0' ? g_strdup (file->group) : g_strdup_printf ("call %u", self->n_calls);
  IvImage *open =
      iv_image_is_picture (image) ? find_open_picture (self, iv_image_get_info (image)) : NULL;
  IvPatient *owner = open == NULL ? find_owner (self, image, group) : NULL;
  if (open == NULL && owner != NULL)
    open = find_image (owner, iv_image_get_info (image));
  g_ptr_array_add (report->images, g_object_ref (open != NULL ? open : image));
  if (open != NULL)
    return;
  report->n_found++;
  iv_image_set_order (image, self->n_images++);
  if (owner != NULL) {
    iv_patient_add (owner, image);
    return;
  }
  /* Filled before it is announced, so that who listens finds a patient with an image. */
  g_autoptr (IvPatient) patient = iv_patient_new (image, group);
  iv_patient_add (patient, image);
  insert_patient (self, patient);
}

/* In a folder, what is no image or DICOM without pixels is passed over in silence. */
static void
note_refusal (const IvScanFile *file, IvCollectionReport *report)
{
  gboolean is_other = file->error == NULL ||
                      g_error_matches (file->error, IV_STUDY_ERROR, IV_STUDY_ERROR_FORMAT) ||
                      g_error_matches (file->error, IV_STUDY_ERROR, IV_STUDY_ERROR_NO_IMAGE);
  if (is_other && !file->is_named)
    return;
  report->n_refused++;
  if (report->refusals->len < MAX_REFUSALS && file->error != NULL)
    g_ptr_array_add (report->refusals, g_strdup (file->error->message));
}

static IvCollectionReport *
merge (IvCollection *self, GPtrArray *files)
{
  IvCollectionReport *report = g_new0 (IvCollectionReport, 1);
  report->refusals = g_ptr_array_new_with_free_func (g_free);
  report->images = g_ptr_array_new_with_free_func (g_object_unref);
  self->n_calls++;
  for (guint i = 0; i < files->len; i++) {
    IvScanFile *file = g_ptr_array_index (files, i);
    if (file->info != NULL)
      add_image (self, file, report);
    else
      note_refusal (file, report);
  }
  return report;
}

/* What one call of add_async needs on the scanning thread; progress goes through one idle source at
 * a time, however fast the files come. */
typedef struct {
  char **paths;
  IvCollectionProgressFunc progress;
  gpointer progress_data;
  GMainContext *context;
  gint n_done, n_total, is_notifying; /* atomic */
  gint is_over;                       /* main thread */
} Add;

static void
add_clear (gpointer data)
{
  Add *add = data;
  g_strfreev (add->paths);
  g_main_context_unref (add->context);
}

static void
add_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, add_clear);
}

static gboolean
on_progress_cb (gpointer user_data)
{
  Add *add = user_data;
  g_atomic_int_set (&add->is_notifying, FALSE);
  if (!add->is_over)
    add->progress ((guint) g_atomic_int_get (&add->n_done),
                   (guint) g_atomic_int_get (&add->n_total),
                   add->progress_data);
  return G_SOURCE_REMOVE;
}

static void
notify_progress (guint n_done, guint n_total, gpointer user_data)
{
  Add *add = user_data;
  g_atomic_int_set (&add->n_done, (gint) n_done);
  g_atomic_int_set (&add->n_total, (gint) n_total);
  if (add->progress == NULL || !g_atomic_int_compare_and_exchange (&add->is_notifying, FALSE, TRUE))
    return;
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_callback (source, on_progress_cb, g_atomic_rc_box_acquire (add), add_unref);
  g_source_attach (source, add->context);
}

static void
scan_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Add *add = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *files =
      iv_scan_run ((const char *const *) add->paths, notify_progress, add, cancellable, &error);
  if (files != NULL)
    g_task_return_pointer (task, files, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
iv_collection_add_async (IvCollection *self,
                         const char *const *paths,
                         IvCollectionProgressFunc progress,
                         gpointer progress_data,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Add *add = g_atomic_rc_box_new0 (Add);
  add->paths = g_strdupv ((char **) paths);
  add->progress = progress;
  add->progress_data = progress_data;
  add->context = g_main_context_ref_thread_default ();
  g_task_set_source_tag (task, iv_collection_add_async);
  g_task_set_task_data (task, add, add_unref);
  g_task_run_in_thread (task, scan_in_thread);
}

IvCollectionReport *
iv_collection_add_finish (IvCollection *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  Add *add = g_task_get_task_data (G_TASK (result));
  add->is_over = TRUE;
  g_autoptr (GPtrArray) files = g_task_propagate_pointer (G_TASK (result), error);
  return files != NULL ? merge (self, files) : NULL;
}

IvPatient *
iv_collection_find_patient (IvCollection *self, IvImage *image)
{
  for (guint i = 0; i < self->patients->len; i++) {
    IvPatient *patient = g_ptr_array_index (self->patients, i);
    if (find_image (patient, iv_image_get_info (image)) != NULL)
      return patient;
  }
  return NULL;
}

void
iv_collection_clear (IvCollection *self)
{
  guint n = self->patients->len;
  g_ptr_array_set_size (self->patients, 0);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
}
