/* Copying, freeing and naming what a file says about a radiograph.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-radiograph-info.h"

#define FIELD(name)                                \
  {                                                \
#name, G_STRUCT_OFFSET(IvRadiographInfo, name) \
  }

const IvInfoString iv_info_strings[] = {
  FIELD (file),
  FIELD (sop_class_uid),
  FIELD (sop_instance_uid),
  FIELD (study_instance_uid),
  FIELD (series_instance_uid),
  FIELD (transfer_syntax_uid),
  FIELD (patient_name),
  FIELD (patient_name_alphabetic),
  FIELD (patient_name_phonetic),
  FIELD (patient_id),
  FIELD (issuer_of_patient_id),
  FIELD (patient_birth_date),
  FIELD (patient_sex),
  FIELD (study_date),
  FIELD (study_time),
  FIELD (acquisition_date),
  FIELD (acquisition_time),
  FIELD (study_description),
  FIELD (series_description),
  FIELD (accession_number),
  FIELD (modality),
  FIELD (body_part),
  FIELD (institution),
  FIELD (manufacturer),
  FIELD (model_name),
  FIELD (image_laterality),
  FIELD (patient_orientation),
  FIELD (image_comments),
  FIELD (photometric),
};
const guint iv_n_info_strings = G_N_ELEMENTS (iv_info_strings);

IvLut *
iv_lut_copy (const IvLut *lut)
{
  if (lut == NULL)
    return NULL;
  IvLut *copy = g_new (IvLut, 1);
  *copy = *lut;
  copy->entries = g_memdup2 (lut->entries, sizeof (guint16) * lut->n_entries);
  copy->explanation = g_strdup (lut->explanation);
  return copy;
}

void
iv_lut_free (IvLut *lut)
{
  if (lut == NULL)
    return;
  g_free (lut->entries);
  g_free (lut->explanation);
  g_free (lut);
}

static void
clear_window (gpointer window)
{
  g_free (((IvWindow *) window)->explanation);
}

static GArray *
new_windows (void)
{
  GArray *windows = g_array_new (FALSE, TRUE, sizeof (IvWindow));
  g_array_set_clear_func (windows, clear_window);
  return windows;
}

static GPtrArray *
new_luts (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) iv_lut_free);
}

IvRadiographInfo *
iv_radiograph_info_new (void)
{
  IvRadiographInfo *info = g_new0 (IvRadiographInfo, 1);
  info->frames = 1;
  info->rescale_slope = 1;
  info->photometric = g_strdup ("MONOCHROME2");
  info->windows = new_windows ();
  info->voi_luts = new_luts ();
  return info;
}

IvRadiographInfo *
iv_radiograph_info_copy (const IvRadiographInfo *info)
{
  IvRadiographInfo *copy = g_new (IvRadiographInfo, 1);
  *copy = *info;
  for (guint i = 0; i < iv_n_info_strings; i++)
    G_STRUCT_MEMBER (char *, copy, iv_info_strings[i].offset) =
        g_strdup (G_STRUCT_MEMBER (const char *, info, iv_info_strings[i].offset));
  copy->modality_lut = iv_lut_copy (info->modality_lut);
  copy->windows = new_windows ();
  for (guint i = 0; i < info->windows->len; i++) {
    IvWindow window = g_array_index (info->windows, IvWindow, i);
    window.explanation = g_strdup (window.explanation);
    g_array_append_val (copy->windows, window);
  }
  copy->voi_luts = new_luts ();
  for (guint i = 0; i < info->voi_luts->len; i++)
    g_ptr_array_add (copy->voi_luts, iv_lut_copy (g_ptr_array_index (info->voi_luts, i)));
  return copy;
}

void
iv_radiograph_info_free (IvRadiographInfo *info)
{
  if (info == NULL)
    return;
  for (guint i = 0; i < iv_n_info_strings; i++)
    g_free (G_STRUCT_MEMBER (char *, info, iv_info_strings[i].offset));
  iv_lut_free (info->modality_lut);
  g_array_unref (info->windows);
  g_ptr_array_unref (info->voi_luts);
  g_free (info);
}

const char *
iv_view_to_string (IvView view)
{
  switch (view) {
  case IV_VIEW_PA:
    return "PA";
  case IV_VIEW_AP:
    return "AP";
  case IV_VIEW_LATERAL:
    return "LAT";
  case IV_VIEW_UNKNOWN:
  default:
    return "";
  }
}

const char *
iv_spacing_source_to_string (IvSpacingSource source)
{
  switch (source) {
  case IV_SPACING_DETECTOR:
    return "detector";
  case IV_SPACING_CORRECTED:
    return "corrected";
  case IV_SPACING_CALIBRATED:
    return "calibrated";
  case IV_SPACING_UNSPECIFIED:
    return "unspecified";
  case IV_SPACING_SCANNED:
    return "scanned";
  case IV_SPACING_NONE:
  default:
    return "none";
  }
}

const char *
iv_voi_function_to_string (IvVoiFunction function)
{
  switch (function) {
  case IV_VOI_LINEAR_EXACT:
    return "LINEAR_EXACT";
  case IV_VOI_SIGMOID:
    return "SIGMOID";
  case IV_VOI_LINEAR:
  default:
    return "LINEAR";
  }
}
