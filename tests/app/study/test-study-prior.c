/* Which prior, and why; views; dates in file names.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "app/study/iv-prior.h"
#include "app/study/iv-scan.h"
#include "app/study/iv-view.h"

/* A film in few words. */
typedef struct {
  const char *date, *time;
  IvView view;
  const char *body_part, *modality, *study, *name;
} Film;

static IvImage *
new_image (const Film *film, guint number)
{
  IvRadiographInfo *info = iv_radiograph_info_new ();
  info->file = g_strdup_printf ("/films/%u", number);
  info->sop_instance_uid = g_strdup_printf ("1.2.%u", number);
  info->study_instance_uid =
      film->study != NULL ? g_strdup (film->study) : g_strdup_printf ("1.3.%u", number);
  info->transfer_syntax_uid = g_strdup ("1.2.840.10008.1.2.1");
  info->patient_id = g_strdup ("P");
  info->patient_name = g_strdup (film->name != NULL ? film->name : "Kim");
  info->patient_name_alphabetic = g_strdup (info->patient_name);
  info->acquisition_date = g_strdup (film->date);
  info->acquisition_time = g_strdup (film->time);
  info->view = film->view;
  info->body_part = g_strdup (film->body_part != NULL ? film->body_part : "CHEST");
  info->modality = g_strdup (film->modality != NULL ? film->modality : "DX");
  return iv_image_new_for_info (info);
}

/* The films of one patient; the last one is current. Answers the number of the prior, or -1. */
static int
choose (const Film *films, guint n, char **reason, IvPrior **kept)
{
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++) {
    g_ptr_array_add (images, new_image (&films[i], i));
    iv_image_set_order (images->pdata[i], i);
  }
  g_autoptr (IvPatient) patient = iv_patient_new (images->pdata[n - 1], NULL);
  for (guint i = 0; i < n; i++)
    g_assert_true (iv_patient_add (patient, images->pdata[i]));
  g_autoptr (IvPrior) prior = iv_prior_choose (patient, images->pdata[n - 1]);
  guint position;
  *reason = g_strdup (prior->reason);
  int chosen = -1;
  if (prior->image != NULL && g_ptr_array_find (images, prior->image, &position))
    chosen = (int) position;
  if (kept != NULL)
    *kept = g_steal_pointer (&prior);
  return chosen;
}

static void
test_most_recent (void)
{
  const Film films[] = {
    { "20240101", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL },
    { "20240301", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL },
    { "20240401", NULL, IV_VIEW_LATERAL, NULL, NULL, NULL, NULL },
    { "20240402", NULL, IV_VIEW_UNKNOWN, "KNEE", NULL, NULL, NULL },
    { "20240403", NULL, IV_VIEW_UNKNOWN, NULL, "CT", NULL, NULL },
    { "20240501", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL }, /* later than the current one */
    { "20240404", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL },
  };
  g_autofree char *reason = NULL;
  g_autoptr (IvPrior) prior = NULL;
  g_assert_cmpint (choose (films, G_N_ELEMENTS (films), &reason, &prior), ==, 1);
  g_assert_cmpstr (reason, ==, "PA, 34 days earlier, same patient ID");
  g_assert_cmpint (prior->days, ==, -34);
  g_assert_true (prior->is_exact_view);
}

static void
test_views (void)
{
  g_autofree char *reason = NULL, *tie = NULL, *lateral = NULL, *none = NULL;
  g_autoptr (IvPrior) prior = NULL;
  const Film ap[] = { { "20240101", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL },
                      { "20240103", NULL, IV_VIEW_AP, NULL, NULL, NULL, NULL },
                      { "20240104", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL } };
  g_assert_cmpint (choose (ap, 3, &reason, &prior), ==, 1);
  g_assert_cmpstr (reason, ==, "AP prior against PA current, 1 day earlier, same patient ID");
  g_assert_false (prior->is_exact_view);
  /* Of two on one day the one of the same view, although it is the earlier one. */
  const Film same_day[] = { { "20240103", "080000", IV_VIEW_PA, NULL, NULL, NULL, NULL },
                            { "20240103", "200000", IV_VIEW_AP, NULL, NULL, NULL, NULL },
                            { "20240104", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL } };
  g_assert_cmpint (choose (same_day, 3, &tie, NULL), ==, 0);
  const Film side[] = { { "20240101", NULL, IV_VIEW_LATERAL, NULL, NULL, NULL, NULL },
                        { "20240103", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL },
                        { "20240104", NULL, IV_VIEW_LATERAL, NULL, NULL, NULL, NULL } };
  g_assert_cmpint (choose (side, 3, &lateral, NULL), ==, 0);
  g_assert_cmpstr (lateral, ==, "LAT, 3 days earlier, same patient ID");
  g_assert_cmpint (choose (side, 2, &none, NULL), ==, -1);
  g_assert_cmpstr (none, ==, "The earlier chest films are all lateral");
}

static void
test_none (void)
{
  static const struct {
    Film films[2];
    const char *reason;
  } cases[] = {
    { { { "20240105", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL },
        { "20240104", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL } },
      "No earlier film of this patient" },
    { { { "20240101", NULL, IV_VIEW_PA, "ABDOMEN", NULL, NULL, NULL },
        { "20240104", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL } },
      "The earlier images are not chest films" },
    { { { "20240101", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL },
        { "20240104", NULL, IV_VIEW_PA, "HAND", NULL, NULL, NULL } },
      "The current image is not a chest film" },
    { { { "20240101", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL },
        { NULL, NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL } },
      "The current film has no date" },
    { { { "20240101", "080000", IV_VIEW_PA, NULL, NULL, "1.9", NULL },
        { "20240101", "080100", IV_VIEW_PA, NULL, NULL, "1.9", NULL } },
      "No earlier film of this patient" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *reason = NULL;
    g_assert_cmpint (choose (cases[i].films, 2, &reason, NULL), ==, -1);
    g_assert_cmpstr (reason, ==, cases[i].reason);
  }
}

static void
test_words (void)
{
  g_autofree char *hours = NULL, *names = NULL;
  const Film same_day[] = { { "20240104", "030000", IV_VIEW_AP, NULL, NULL, NULL, NULL },
                            { "20240104", "083000", IV_VIEW_AP, NULL, NULL, NULL, NULL } };
  g_assert_cmpint (choose (same_day, 2, &hours, NULL), ==, 0);
  g_assert_cmpstr (hours, ==, "AP, 5 hours earlier, same patient ID");
  const Film other_name[] = { { "20240104", NULL, IV_VIEW_UNKNOWN, NULL, NULL, NULL, "Kim" },
                              { "20240105", NULL, IV_VIEW_PA, NULL, NULL, NULL, "Hong" } };
  g_assert_cmpint (choose (other_name, 2, &names, NULL), ==, 0);
  g_assert_cmpstr (names,
                   ==,
                   "view of the prior not stated (current PA), 1 day earlier, same patient ID, "
                   "but the names differ");
}

/* The reader may choose any film; what is unusual about it is said. */
static void
test_chosen (void)
{
  const Film later = { "20240110", NULL, IV_VIEW_LATERAL, "KNEE", NULL, NULL, NULL };
  const Film now = { "20240104", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL };
  g_autoptr (IvImage) chosen = new_image (&later, 1), current = new_image (&now, 2);
  g_autoptr (IvPatient) patient = iv_patient_new (current, NULL);
  g_autoptr (IvPrior) prior = iv_prior_describe (patient, current, chosen);
  g_assert_cmpstr (prior->reason,
                   ==,
                   "LAT prior against PA current, 6 days later, same patient ID, not a chest film");
  g_assert_cmpint (prior->days, ==, 6);
}

static void
test_owners (void)
{
  const Film film = { "20240104", NULL, IV_VIEW_PA, NULL, NULL, NULL, NULL };
  g_autoptr (IvImage) image = new_image (&film, 1), other = new_image (&film, 2);
  g_autoptr (IvPatient) patient = iv_patient_new (image, NULL);
  g_assert_true (iv_patient_owns (patient, other, NULL));
  /* One ID, two dates of birth: two persons. */
  IvRadiographInfo *info = iv_radiograph_info_copy (iv_image_get_info (other));
  info->patient_birth_date = g_strdup ("19600101");
  g_autoptr (IvImage) born = iv_image_new_for_info (info);
  g_assert_true (iv_patient_owns (patient, born, NULL));
  g_autoptr (IvPatient) older = iv_patient_new (born, NULL);
  info = iv_radiograph_info_copy (iv_image_get_info (born));
  g_free (info->patient_birth_date);
  info->patient_birth_date = g_strdup ("19700101");
  g_autoptr (IvImage) younger = iv_image_new_for_info (info);
  g_assert_false (iv_patient_owns (older, younger, NULL));
  /* The same file twice is one image. */
  g_assert_true (iv_patient_add (patient, image));
  g_assert_false (iv_patient_add (patient, image));
}

static void
test_guess (void)
{
  static const struct {
    IvViewHints hints;
    IvView view;
  } cases[] = {
    { { "PA", NULL, NULL, NULL, NULL }, IV_VIEW_PA },
    { { "AP", NULL, "CHEST PA", NULL, NULL }, IV_VIEW_AP },
    { { "LL", NULL, NULL, NULL, NULL }, IV_VIEW_LATERAL },
    { { "LLD", NULL, NULL, NULL, NULL }, IV_VIEW_AP },
    { { NULL, "postero-anterior", NULL, NULL, NULL }, IV_VIEW_PA },
    { { "", NULL, "Thorax p.a.", NULL, NULL }, IV_VIEW_PA },
    { { NULL, NULL, "W033 Thorax a.p. im Bett", NULL, NULL }, IV_VIEW_AP },
    { { NULL, NULL, "CHEST_LAT", NULL, NULL }, IV_VIEW_LATERAL },
    { { NULL, NULL, "Chest PA/LAT", NULL, NULL }, IV_VIEW_UNKNOWN },
    { { NULL, NULL, "Patient 7", "Portable chest", NULL }, IV_VIEW_AP },
    { { NULL, NULL, "chest", NULL, "A\\F" }, IV_VIEW_LATERAL },
    { { NULL, NULL, "chest", NULL, "L\\F" }, IV_VIEW_UNKNOWN },
    { { NULL, NULL, "Lateral decubitus", NULL, NULL }, IV_VIEW_AP },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (iv_view_guess (&cases[i].hints), ==, cases[i].view);
}

static void
test_dates_of_names (void)
{
  static const struct {
    const char *name, *date;
  } cases[] = {
    { "20200309.png", "20200309" },     { "/a/pa_2020-03-09_2.png", "20200309" },
    { "x.2020_12_31.tif", "20201231" }, { "20201331.png", NULL },
    { "20200230.png", NULL },           { "120200309.png", NULL },
    { "IMG_1234.jpg", NULL },           { "ada8c494.png", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *date = iv_scan_date_of_name (cases[i].name);
    g_assert_cmpstr (date, ==, cases[i].date);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prior/most-recent", test_most_recent);
  g_test_add_func ("/prior/views", test_views);
  g_test_add_func ("/prior/none", test_none);
  g_test_add_func ("/prior/words", test_words);
  g_test_add_func ("/prior/chosen", test_chosen);
  g_test_add_func ("/patient/owners", test_owners);
  g_test_add_func ("/view/guess", test_guess);
  g_test_add_func ("/scan/dates-of-names", test_dates_of_names);
  return g_test_run ();
}
