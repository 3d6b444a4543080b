/* Files, folders and DICOMDIRs into patients; loading and thumbnails of their images.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "app/study/iv-collection.h"
#include "app/study/iv-decode-pool.h"
#include "tests/app/study/iv-test-dicom.h"

static char *folder;

static void
on_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static IvCollectionReport *
add (IvCollection *collection, const char *const *paths)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  iv_collection_add_async (collection, paths, NULL, NULL, NULL, on_done_cb, &result);
  IvCollectionReport *report = iv_collection_add_finish (collection, wait_for (&result), &error);
  g_assert_no_error (error);
  return report;
}

static IvPatient *
get_patient (IvCollection *collection, guint position)
{
  g_autoptr (IvPatient) patient = g_list_model_get_item (G_LIST_MODEL (collection), position);
  return patient; /* the collection holds it */
}

static IvImage *
get_image (IvPatient *patient, guint position)
{
  g_autoptr (IvImage) image = g_list_model_get_item (G_LIST_MODEL (patient), position);
  return image;
}

static const char *
base_name (IvImage *image)
{
  return strrchr (iv_image_get_info (image)->file, '/') + 1;
}

/* Two patients in nested folders, beside files that are no films. */
static void
fill_folder (void)
{
  g_autofree char *deeper = g_build_filename (folder, "A", "B", NULL);
  g_mkdir_with_parents (deeper, 0700);
  g_free (iv_test_dicom_save_film (
      folder, "new", &(IvTestIdentity){ "Kim", "K", "20240320", "PA", NULL, "1.1" }));
  g_free (iv_test_dicom_save_film (
      deeper, "old", &(IvTestIdentity){ "Kim", "K", "20240301", "PA", NULL, "1.2" }));
  g_free (iv_test_dicom_save_film (
      deeper, "lee", &(IvTestIdentity){ "Lee", "L", "20240301", "AP", NULL, "1.3" }));
  g_autoptr (GBytes) text = g_bytes_new_static ("a letter that is long enough to be read", 39);
  g_free (iv_test_save (text, folder, "letter.txt"));
  g_autoptr (IvTestDicom) report = iv_test_dicom_new ("1.2.840.10008.1.2.1");
  iv_test_dicom_add_text (report, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.88.11");
  g_free (iv_test_dicom_save (report, folder, "report.dcm"));
  g_autoptr (IvTestDicom) colour = iv_test_dicom_new ("1.2.840.10008.1.2.1");
  iv_test_dicom_add_us (colour, 0x00280002, 3);
  iv_test_dicom_add_us (colour, 0x00280010, 3);
  iv_test_dicom_add_us (colour, 0x00280011, 4);
  iv_test_dicom_add_us (colour, 0x00280100, 8);
  iv_test_dicom_add (colour, 0x7fe00010, "OB", folder, 4);
  g_free (iv_test_dicom_save (colour, folder, "colour.dcm"));
}

static void
test_folder (void)
{
  g_autoptr (IvCollection) collection = iv_collection_new ();
  const char *paths[] = { folder, NULL };
  g_autoptr (IvCollectionReport) report = add (collection, paths);
  g_assert_cmpuint (report->n_found, ==, 3);
  /* Letters and reports are passed over, an image that cannot be shown is not. */
  g_assert_cmpuint (report->n_refused, ==, 1);
  g_assert_nonnull (strstr (report->refusals->pdata[0], "colour.dcm: a colour image"));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (collection)), ==, 2);
  IvPatient *kim = get_patient (collection, 0);
  g_assert_cmpstr (iv_patient_get_name (kim), ==, "Kim");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (kim)), ==, 2);
  g_assert_cmpstr (base_name (get_image (kim, 0)), ==, "old");
  g_assert_true (iv_patient_get_current (kim) == get_image (kim, 1));
  g_autoptr (IvPrior) prior = iv_prior_choose (kim, iv_patient_get_current (kim));
  g_assert_cmpstr (prior->reason, ==, "PA, 19 days earlier, same patient ID");
  /* Opened again, nothing is twice. */
  g_autoptr (IvCollectionReport) again = add (collection, paths);
  g_assert_cmpuint (again->n_found, ==, 0);
  g_assert_cmpuint (again->images->len, ==, 3);
  g_assert_true (iv_collection_find_patient (collection, again->images->pdata[0]) != NULL);
  iv_collection_clear (collection);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (collection)), ==, 0);
}

static void
test_named_files (void)
{
  g_autoptr (IvCollection) collection = iv_collection_new ();
  g_autofree char *film = g_build_filename (folder, "new", NULL);
  g_autofree char *letter = g_build_filename (folder, "letter.txt", NULL);
  g_autofree char *missing = g_build_filename (folder, "missing.dcm", NULL);
  const char *paths[] = { film, letter, missing, NULL };
  g_autoptr (IvCollectionReport) report = add (collection, paths);
  g_assert_cmpuint (report->n_found, ==, 1);
  g_assert_cmpuint (report->n_refused, ==, 2);
  g_assert_nonnull (strstr (report->refusals->pdata[0], "letter.txt: not a DICOM"));
  g_assert_nonnull (strstr (report->refusals->pdata[1], "missing.dcm: No such file"));
}

/* Two image records, one of which leads outside and is not followed. */
static void
test_dicomdir (void)
{
  g_autoptr (IvTestDicom) directory = iv_test_dicom_new ("1.2.840.10008.1.2.1");
  static const char *const ids[] = {
    "A\\b\\OLD", "A\\B\\LEE", "..\\..\\etc\\passwd", "A\\B\\GONE"
  };
  g_autoptr (GByteArray) items = g_byte_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    g_autoptr (IvTestDicom) record = iv_test_dicom_new ("1.2.840.10008.1.2.1");
    iv_test_dicom_add_text (record, 0x00041430, "CS", "IMAGE");
    iv_test_dicom_add_text (record, 0x00041500, "CS", ids[i]);
    guint32 header[2] = { GUINT32_TO_LE (0xe000fffe), GUINT32_TO_LE (record->bytes->len) };
    g_byte_array_append (items, (const guint8 *) header, 8);
    g_byte_array_append (items, record->bytes->data, record->bytes->len);
  }
  iv_test_dicom_add (directory, 0x00041220, "SQ", items->data, items->len);
  g_autofree char *path = iv_test_dicom_save (directory, folder, "DICOMDIR");
  g_autoptr (IvCollection) collection = iv_collection_new ();
  const char *paths[] = { path, NULL };
  g_autoptr (IvCollectionReport) report = add (collection, paths);
  g_assert_cmpuint (report->n_found, ==, 2);
  g_assert_cmpuint (report->n_refused, ==, 0);
  g_assert_cmpstr (base_name (report->images->pdata[0]), ==, "old");
  g_unlink (path);
}

static char *
save_picture (const char *name)
{
  static const guint8 pixels[4] = { 0, 100, 200, 255 };
  g_autoptr (GBytes) png = iv_test_png (2, 2, 8, pixels);
  return iv_test_save (png, folder, name);
}

/* Files named together keep their order, prior first, unless all are dated. */
static void
test_pictures (void)
{
  g_autofree char *b = save_picture ("b.png"), *a = save_picture ("a.png");
  g_autofree char *later = save_picture ("x_2024-02-01.png");
  g_autofree char *earlier = save_picture ("y_20240110.png");
  g_autoptr (IvCollection) collection = iv_collection_new ();
  const char *as_given[] = { b, a, NULL }, *dated[] = { later, earlier, NULL };
  g_autoptr (IvCollectionReport) first G_GNUC_UNUSED = add (collection, as_given);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (collection)), ==, 1);
  IvPatient *patient = get_patient (collection, 0);
  g_assert_cmpstr (iv_patient_get_name (patient), ==, "");
  g_assert_cmpstr (base_name (iv_patient_get_current (patient)), ==, "a.png");
  g_autoptr (IvPrior) prior = iv_prior_choose (patient, iv_patient_get_current (patient));
  g_assert_cmpstr (base_name (prior->image), ==, "b.png");
  g_assert_cmpstr (prior->reason,
                   ==,
                   "view not stated, given before the current film, no dates, opened together, no "
                   "patient data");
  g_autoptr (IvCollectionReport) second = add (collection, dated);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (collection)), ==, 2);
  patient = iv_collection_find_patient (collection, second->images->pdata[0]);
  g_assert_cmpstr (base_name (iv_patient_get_current (patient)), ==, "x_2024-02-01.png");
  g_autoptr (IvPrior) by_date = iv_prior_choose (patient, iv_patient_get_current (patient));
  g_assert_cmpint (by_date->days, ==, -22);
}

/* A folder of pictures is a patient of its own, in the order people count. */
static void
test_picture_folder (void)
{
  g_autofree char *sub = g_build_filename (folder, "series", NULL);
  g_mkdir_with_parents (sub, 0700);
  static const guint8 pixels[4] = { 0, 100, 200, 255 };
  static const char *const names[] = { "film10.png", "film2.png", "film1.png" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GBytes) png = iv_test_png (2, 2, 8, pixels);
    g_free (iv_test_save (png, sub, names[i]));
  }
  g_autoptr (IvCollection) collection = iv_collection_new ();
  const char *paths[] = { sub, NULL };
  g_autoptr (IvCollectionReport) report = add (collection, paths);
  g_assert_cmpuint (report->n_found, ==, 3);
  IvPatient *patient = get_patient (collection, 0);
  g_assert_cmpstr (iv_patient_get_name (patient), ==, "series");
  g_assert_cmpstr (base_name (get_image (patient, 1)), ==, "film2.png");
  g_assert_cmpstr (base_name (get_image (patient, 2)), ==, "film10.png");
}

typedef struct {
  guint n_calls, n_done, n_total;
} Progress;

static void
on_progress_cb (guint n_done, guint n_total, gpointer user_data)
{
  Progress *progress = user_data;
  g_assert_true (g_main_context_is_owner (NULL));
  g_assert_cmpuint (n_done, >=, progress->n_done);
  *progress = (Progress){ progress->n_calls + 1, n_done, n_total };
}

static void
test_progress_and_cancel (void)
{
  g_autofree char *many = g_build_filename (folder, "many", NULL);
  g_mkdir_with_parents (many, 0700);
  for (guint i = 0; i < 40; i++) {
    g_autofree char *name = g_strdup_printf ("%u", i), *uid = g_strdup_printf ("1.5.%u", i);
    g_free (iv_test_dicom_save_film (
        many, name, &(IvTestIdentity){ "Oh", "O", "20240301", "PA", NULL, uid }));
  }
  g_autoptr (IvCollection) collection = iv_collection_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL, cancelled = NULL;
  g_autoptr (GError) error = NULL;
  const char *paths[] = { many, NULL };
  Progress progress = { 0 };
  iv_collection_add_async (collection, paths, on_progress_cb, &progress, NULL, on_done_cb, &result);
  g_autoptr (IvCollectionReport) report =
      iv_collection_add_finish (collection, wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->n_found, ==, 40);
  g_assert_cmpuint (progress.n_calls, >=, 1);
  g_assert_cmpuint (progress.n_total, ==, 40);
  iv_collection_add_async (collection, paths, NULL, NULL, cancellable, on_done_cb, &cancelled);
  g_cancellable_cancel (cancellable);
  g_assert_null (iv_collection_add_finish (collection, wait_for (&cancelled), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_load (void)
{
  g_autoptr (IvCollection) collection = iv_collection_new ();
  g_autofree char *film = g_build_filename (folder, "new", NULL);
  const char *paths[] = { film, NULL };
  g_autoptr (IvCollectionReport) report = add (collection, paths);
  IvImage *image = report->images->pdata[0];
  g_autoptr (GAsyncResult) one = NULL, two = NULL, three = NULL, four = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  /* Two wait for one decoding, the third gives up, a fourth comes after that. */
  iv_image_load_async (image, NULL, on_done_cb, &one);
  iv_image_load_async (image, NULL, on_done_cb, &two);
  iv_image_load_async (image, cancellable, on_done_cb, &three);
  g_cancellable_cancel (cancellable);
  g_autoptr (IvRadiograph) first = iv_image_load_finish (image, wait_for (&one), &error);
  g_autoptr (IvRadiograph) second = iv_image_load_finish (image, wait_for (&two), &error);
  g_assert_no_error (error);
  g_assert_true (first == second);
  g_assert_null (iv_image_load_finish (image, wait_for (&three), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  iv_image_load_async (image, NULL, on_done_cb, &four);
  g_autoptr (IvRadiograph) cached = iv_image_load_finish (image, wait_for (&four), &error);
  g_assert_true (cached == first);
  g_assert_null (iv_image_get_thumbnail (image));
  g_autoptr (GAsyncResult) small = NULL;
  iv_image_load_thumbnail_async (image, NULL, on_done_cb, &small);
  g_assert_true (iv_image_load_thumbnail_finish (image, wait_for (&small), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (iv_image_get_thumbnail (image)->width, ==, 4);
  g_assert_cmpuint (g_bytes_get_size (iv_image_get_thumbnail (image)->pixels), ==, 12);
}

/* A decoding that its only reader gave up does not spoil the next one. */
static void
test_give_up_and_return (void)
{
  g_autoptr (IvCollection) collection = iv_collection_new ();
  g_autofree char *film = g_build_filename (folder, "new", NULL);
  const char *paths[] = { film, NULL };
  g_autoptr (IvCollectionReport) report = add (collection, paths);
  IvImage *image = report->images->pdata[0];
  for (guint i = 0; i < 10; i++) {
    g_autoptr (GAsyncResult) gone = NULL, back = NULL;
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    g_autoptr (GError) error = NULL;
    iv_image_load_async (image, cancellable, on_done_cb, &gone);
    g_cancellable_cancel (cancellable);
    g_autoptr (IvRadiograph) none G_GNUC_UNUSED =
        iv_image_load_finish (image, wait_for (&gone), &error);
    g_clear_error (&error);
    iv_image_load_async (image, NULL, on_done_cb, &back);
    g_autoptr (IvRadiograph) radiograph = iv_image_load_finish (image, wait_for (&back), &error);
    g_assert_no_error (error);
    g_assert_nonnull (radiograph);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = iv_test_folder ();
  fill_folder ();
  g_test_add_func ("/collection/folder", test_folder);
  g_test_add_func ("/collection/named-files", test_named_files);
  g_test_add_func ("/collection/dicomdir", test_dicomdir);
  g_test_add_func ("/collection/pictures", test_pictures);
  g_test_add_func ("/collection/picture-folder", test_picture_folder);
  g_test_add_func ("/collection/progress-and-cancel", test_progress_and_cancel);
  g_test_add_func ("/image/load", test_load);
  g_test_add_func ("/image/give-up-and-return", test_give_up_and_return);
  int status = g_test_run ();
  iv_decode_pool_shut_down ();
  iv_test_remove (folder);
  g_free (folder);
  return status;
}
