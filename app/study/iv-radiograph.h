/* One decoded radiograph: stored values, their transforms, geometry and identity.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

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

/* All that a file says about a radiograph except its pixels. Plain data, owned by its IvRadiograph
 * (or by whoever builds one); strings are UTF-8 or NULL; dates are DICOM's YYYYMMDD, times HHMMSS.
 */
typedef struct {
  char *file; /* absolute path */
  char *sop_class_uid, *sop_instance_uid, *study_instance_uid, *series_instance_uid;
  char *transfer_syntax_uid; /* NULL for PNG, JPEG, TIFF */
  char *patient_name; /* as shown: family given, or the ideographic group when there is one */
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
  gboolean is_inverted; /* MONOCHROME1 xor PresentationLUTShape INVERSE: low values are bright */
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

#define IV_TYPE_RADIOGRAPH (iv_radiograph_get_type ())
/* Immutable. Thread-safety: any. */
G_DECLARE_FINAL_TYPE (IvRadiograph, iv_radiograph, IV, RADIOGRAPH, GObject)

/* (transfer full) info and pixels are taken. pixels: [rows, columns] 16-bit stored values in the
 * machine's order, sign-extended when info->is_signed. Error when the sizes disagree. */
IvRadiograph *iv_radiograph_new (IvRadiographInfo *info, GBytes *pixels, GError **error);

const IvRadiographInfo *iv_radiograph_get_info (IvRadiograph *self);
guint iv_radiograph_get_columns (IvRadiograph *self);
guint iv_radiograph_get_rows (IvRadiograph *self);

/* (transfer none) [rows, columns]; read as gint16 when info->is_signed. */
const guint16 *iv_radiograph_get_pixels (IvRadiograph *self);

/* Smallest and largest stored value, padding left out. */
void iv_radiograph_get_range (IvRadiograph *self, gint32 *min, gint32 *max);

/* First 16 hexadecimal digits of the SHA-256 of the little-endian stored values at the file's own
 * width (8 or 16 bits). (transfer none) */
const char *iv_radiograph_get_digest (IvRadiograph *self);

/* Radiographic density (opacity), 0 … 1, dense tissue high whatever the photometric interpretation:
 * modality transform, inversion, then the 0.1 and 99.9 percentiles to 0 and 1, not clipped beyond
 * -0.5 … 1.5. (transfer full) [rows, columns] floats. What app/compare computes on. */
float *iv_radiograph_get_density (IvRadiograph *self);

/* Reads one file of any supported kind in a worker process. Frames beyond the first are not read.
 * Errors: IV_STUDY_ERROR with file and reason. Thread-safety: main; the work is in the pool. */
void iv_radiograph_load_async (const char *file,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
IvRadiograph *iv_radiograph_load_finish (GAsyncResult *result, GError **error);

/* The same, blocking. Thread-safety: any. */
IvRadiograph *iv_radiograph_load (const char *file, GCancellable *cancellable, GError **error);

const char *iv_view_to_string (IvView view); /* "PA", "AP", "LAT", "" */
const char *
iv_spacing_source_to_string (IvSpacingSource source); /* "detector", "none", … stable names */

G_END_DECLS
