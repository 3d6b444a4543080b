/* Findings, people and films in the reader's language.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/iv-words.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "app/read/iv-case.h"

const char *
iv_words_zone (IvZone zone)
{
  switch (zone) {
  case IV_ZONE_RIGHT_UPPER:
    return _ ("right upper zone");
  case IV_ZONE_RIGHT_MID:
    return _ ("right middle zone");
  case IV_ZONE_RIGHT_LOWER:
    return _ ("right lower zone");
  case IV_ZONE_LEFT_UPPER:
    return _ ("left upper zone");
  case IV_ZONE_LEFT_MID:
    return _ ("left middle zone");
  case IV_ZONE_LEFT_LOWER:
    return _ ("left lower zone");
  default:
    return _ ("zone not known");
  }
}

const char *
iv_words_direction (IvChangeDirection direction)
{
  return direction == IV_CHANGE_INCREASED ? _ ("Increased opacity") : _ ("Decreased opacity");
}

const char *
iv_words_kind (IvChangeKind kind)
{
  switch (kind) {
  case IV_CHANGE_TEXTURE:
    return _ ("fine markings");
  case IV_CHANGE_CONTOUR:
    return _ ("border moved");
  case IV_CHANGE_OPACITY:
  default:
    return _ ("density");
  }
}

const char *
iv_words_spacing (IvSpacingSource source)
{
  switch (source) {
  case IV_SPACING_DETECTOR:
    return _ ("at the detector");
  case IV_SPACING_CORRECTED:
    return _ ("magnification corrected");
  case IV_SPACING_CALIBRATED:
    return _ ("calibrated");
  case IV_SPACING_UNSPECIFIED:
    return _ ("calibration not stated");
  case IV_SPACING_SCANNED:
    return _ ("of the scanned film");
  case IV_SPACING_NONE:
  default:
    return _ ("no pixel spacing");
  }
}

char *
iv_words_size (const IvChange *change, IvSpacingSource source)
{
  if (isnan (change->area_mm2))
    return g_strdup_printf (_ ("%'.0f px² (no pixel spacing)"), change->area_px);
  return g_strdup_printf (_ ("%'.0f mm² %s"), change->area_mm2, iv_words_spacing (source));
}

const char *
iv_words_patient_name (const char *name)
{
  return name != NULL && *name != '\0' ? name : _ ("Unnamed patient");
}

static const char *
sex_in_letters (const char *sex)
{
  if (g_strcmp0 (sex, "F") == 0)
    return C_ ("sex", "F");
  if (g_strcmp0 (sex, "M") == 0)
    return C_ ("sex", "M");
  if (g_strcmp0 (sex, "O") == 0)
    return C_ ("sex", "other");
  return NULL;
}

static void
add (GString *text, const char *part)
{
  if (part == NULL || *part == '\0')
    return;
  if (text->len > 0)
    g_string_append (text, " · ");
  g_string_append (text, part);
}

char *
iv_words_patient_details (IvPatient *patient, const IvRadiographInfo *info)
{
  GString *text = g_string_new (NULL);
  const char *date = NULL;
  int age;

  if (info != NULL)
    date = info->acquisition_date != NULL ? info->acquisition_date : info->study_date;
  age = iv_case_get_age (iv_patient_get_birth_date (patient), date);
  add (text, iv_patient_get_id (patient));
  add (text, sex_in_letters (iv_patient_get_sex (patient)));
  if (age >= 0) {
    g_autofree char *years = g_strdup_printf (C_ ("age", "%d y"), age);

    add (text, years);
  }
  return g_string_free (text, FALSE);
}

char *
iv_words_device (const char *description)
{
  return g_strchomp (g_strndup (description, strcspn (description, "(,")));
}
