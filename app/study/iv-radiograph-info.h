/* All that a file says about a radiograph except its pixels.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Projection of the chest; the DICOM ViewPosition, or what the description says when it is empty.
 */
typedef enum { IV_VIEW_UNKNOWN, IV_VIEW_PA, IV_VIEW_AP, IV_VIEW_LATERAL } IvView;

/* Where a length in millimetres comes from. It stands next to every length that is shown. */
typedef enum {
  IV_SPACING_NONE,        /* no spacing: lengths are in pixels */
  IV_SPACING_DETECTOR,    /* ImagerPixelSpacing, at the detector plane */
  IV_SPACING_CORRECTED,   /* ImagerPixelSpacing divided by the radiographic magnification factor */
  IV_SPACING_CALIBRATED,  /* PixelSpacing with a PixelSpacingCalibrationType */
  IV_SPACING_UNSPECIFIED, /* PixelSpacing that does not say how it was calibrated */
  IV_SPACING_SCANNED,     /* NominalScannedPixelSpacing of a digitised film */
} IvSpacingSource;

/* VOI LUT Function, DICOM PS3.3 C.11.2.1.2. */
typedef enum { IV_VOI_LINEAR, IV_VOI_LINEAR_EXACT, IV_VOI_SIGMOID } IvVoiFunction;

typedef struct {
  double center; /* of modality values */
  double width;
  IvVoiFunction function;
  char *explanation; /* WindowCenterWidthExplanation, UTF-8, or NULL */
} IvWindow;

/* A Modality LUT or VOI LUT as DICOM stores it: entry i answers input value first + i. */
typedef struct {
  gint32 first;
  guint n_entries;
  guint bits;        /* of an entry, 8 to 16 */
  guint16 *entries;  /* [n_entries] */
  char *explanation; /* or NULL */
} IvLut;

IvLut *iv_lut_copy (const IvLut *lut);
void iv_lut_free (IvLut *lut);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvLut, iv_lut_free)

/* Plain data, owned by its IvRadiograph (or by whoever builds one); strings are UTF-8 or NULL;
 * dates are DICOM's YYYYMMDD, times HHMMSS. Thread-safety: any, as long as nobody writes. */
typedef struct {
  char *file; /* absolute path */
  char *sop_class_uid, *sop_instance_uid, *study_instance_uid, *series_instance_uid;
  char *transfer_syntax_uid; /* NULL for PNG, JPEG, TIFF */
  char *patient_name; /* as shown: family given, or the ideographic group when there is one */
  char *patient_name_alphabetic, *patient_name_phonetic; /* the other groups, or NULL */
  char *patient_id, *issuer_of_patient_id, *patient_birth_date, *patient_sex;
  char *study_date, *study_time, *acquisition_date, *acquisition_time;
  char *study_description, *series_description, *accession_number;
  char *modality, *body_part, *institution, *manufacturer, *model_name;
  char *image_laterality, *patient_orientation;
  char *image_comments;
  gboolean is_simulated; /* made by data/demo: said on screen wherever it is shown */
  IvView view;
  guint rows, columns, frames;
  guint bits_allocated, bits_stored;
  gboolean is_signed;
  char *photometric;    /* MONOCHROME1 or MONOCHROME2 */
  gboolean is_inverted; /* low values are bright: MONOCHROME1, or PresentationLUTShape INVERSE */
  gboolean has_padding;
  gint32 padding_low, padding_high; /* PixelPaddingValue to PixelPaddingRangeLimit, inclusive */
  double rescale_slope, rescale_intercept;
  IvLut *modality_lut;                /* or NULL */
  GArray *windows;                    /* IvWindow, first is the file's first; may be empty */
  GPtrArray *voi_luts;                /* IvLut *, may be empty */
  double row_spacing, column_spacing; /* mm, 0 when none */
  IvSpacingSource spacing_source;
  double magnification; /* EstimatedRadiographicMagnificationFactor, 0 when none */
  gboolean is_lossy;
} IvRadiographInfo;

/* Zeros, slope 1, MONOCHROME2, one frame, and empty lists. */
IvRadiographInfo *iv_radiograph_info_new (void);
IvRadiographInfo *iv_radiograph_info_copy (const IvRadiographInfo *info);
void iv_radiograph_info_free (IvRadiographInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvRadiographInfo, iv_radiograph_info_free)

const char *iv_view_to_string (IvView view); /* "PA", "AP", "LAT", "" */
/* Stable names: "none", "detector", "corrected", "calibrated", "unspecified", "scanned". */
const char *iv_spacing_source_to_string (IvSpacingSource source);
const char *iv_voi_function_to_string (IvVoiFunction function); /* DICOM's defined terms */

/* Every string field of IvRadiographInfo in one table, so that copying, freeing and the worker's
 * answer cannot forget one. */
typedef struct {
  const char *name;
  gsize offset; /* of a char * in IvRadiographInfo */
} IvInfoString;
extern const IvInfoString iv_info_strings[];
extern const guint iv_n_info_strings;

G_END_DECLS
