/* Reads identity, geometry and grayscale transforms out of a DICOM data set.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/decode/iv-dicom-info.h"

#include <math.h>
#include <string.h>

#include "app/study/decode/iv-charset.h"
#include "app/study/decode/iv-decode.h"
#include "app/study/decode/iv-dicom-values.h"
#include "app/study/iv-view.h"

#define MAX_DIRECTORY_FILES 100000
#define DICOMDIR_RECORDS 0x00041220u

void
iv_dicom_pixel_format_clear (IvDicomPixelFormat *format)
{
  g_clear_pointer (&format->photometric, g_free);
}

static gboolean
refuse (IvStudyError code, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
refuse (IvStudyError code, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, IV_STUDY_ERROR, code, message);
  return FALSE;
}

/* Says what an object without pixels is, where its class is a common one. */
static const char *
name_of_class (const char *uid)
{
  static const struct {
    const char *prefix, *name;
  } names[] = {
    { "1.2.840.10008.5.1.4.1.1.88.", "a structured report" },
    { "1.2.840.10008.5.1.4.1.1.11.", "a presentation state" },
    { "1.2.840.10008.5.1.4.1.1.104.", "an encapsulated document" },
    { "1.2.840.10008.5.1.4.1.1.9.", "a waveform" },
    { "1.2.840.10008.5.1.4.1.1.481.", "a radiotherapy object" },
    { "1.2.840.10008.1.3.10", "a DICOMDIR" },
  };
  for (guint i = 0; uid != NULL && i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (uid, names[i].prefix))
      return names[i].name;
  return "a DICOM object";
}

static gboolean
check_depth (const IvDicomPixelFormat *format, GError **error)
{
  if (format->samples != 1)
    return refuse (IV_STUDY_ERROR_UNSUPPORTED,
                   error,
                   "a colour image (%s, %u samples a pixel); Interval shows greyscale films",
                   format->photometric,
                   format->samples);
  if (g_str_equal (format->photometric, "PALETTE COLOR"))
    return refuse (IV_STUDY_ERROR_UNSUPPORTED,
                   error,
                   "a palette colour image; Interval shows greyscale films");
  if (!g_str_has_prefix (format->photometric, "MONOCHROME"))
    return refuse (IV_STUDY_ERROR_UNSUPPORTED,
                   error,
                   "its photometric interpretation is “%s”, not MONOCHROME1 or 2",
                   format->photometric);
  if (format->bits_allocated != 1 && format->bits_allocated != 8 && format->bits_allocated != 16)
    return refuse (IV_STUDY_ERROR_UNSUPPORTED,
                   error,
                   "%u bits are allocated for a pixel; Interval reads 1, 8 and 16",
                   format->bits_allocated);
  return TRUE;
}

gboolean
iv_dicom_read_pixel_format (IvDicom *dicom, IvDicomPixelFormat *format, GError **error)
{
  const IvDicomItem *root = iv_dicom_get_root (dicom);
  double frames = 1;
  iv_dicom_get_double (root, 0x00280008, 0, &frames);
  format->rows = iv_dicom_get_uint (root, 0x00280010, 0);
  format->columns = iv_dicom_get_uint (root, 0x00280011, 0);
  format->frames = (guint) CLAMP (frames, 1, 1e6);
  format->samples = iv_dicom_get_uint (root, 0x00280002, 1);
  format->bits_allocated = iv_dicom_get_uint (root, 0x00280100, 0);
  format->bits_stored = iv_dicom_get_uint (root, 0x00280101, format->bits_allocated);
  format->is_signed = iv_dicom_get_uint (root, 0x00280103, 0) == 1;
  format->photometric = iv_dicom_get_code (root, 0x00280004);
  if (format->rows == 0 && format->columns == 0 && format->bits_allocated == 0) {
    g_autofree char *class_uid = iv_dicom_get_code (root, 0x00080016);
    return refuse (
        IV_STUDY_ERROR_NO_IMAGE, error, "%s, without an image", name_of_class (class_uid));
  }
  if (format->rows == 0 || format->columns == 0 || format->rows > 65535 ||
      format->columns > 65535 || (guint64) format->rows * format->columns > IV_DECODE_MAX_PIXELS)
    return refuse (IV_STUDY_ERROR_DAMAGED,
                   error,
                   "its size of %u × %u pixels is impossible",
                   format->columns,
                   format->rows);
  if (format->photometric == NULL)
    format->photometric = g_strdup (format->samples == 1 ? "MONOCHROME2" : "RGB");
  if (!check_depth (format, error))
    return FALSE;
  if (format->bits_stored < 1 || format->bits_stored > format->bits_allocated)
    format->bits_stored = format->bits_allocated;
  format->high_bit = iv_dicom_get_uint (root, 0x00280102, format->bits_stored - 1);
  if (format->high_bit >= format->bits_allocated || format->high_bit + 1 < format->bits_stored)
    format->high_bit = format->bits_stored - 1;
  return TRUE;
}

static void
read_name (const IvDicomItem *root, const char *charset, IvRadiographInfo *info)
{
  g_autofree char *value = iv_dicom_get_text (root, 0x00100010, charset);
  g_auto (IvPersonName) name = { 0 };
  if (value == NULL)
    return;
  iv_person_name_parse (&name, value);
  info->patient_name = g_strdup (name.ideographic != NULL  ? name.ideographic
                                 : name.alphabetic != NULL ? name.alphabetic
                                                           : name.phonetic);
  info->patient_name_alphabetic = g_steal_pointer (&name.alphabetic);
  info->patient_name_phonetic = g_steal_pointer (&name.phonetic);
}

static void
read_identity (const IvDicomItem *root, const char *charset, IvRadiographInfo *info)
{
  info->sop_class_uid = iv_dicom_get_code (root, 0x00080016);
  info->sop_instance_uid = iv_dicom_get_code (root, 0x00080018);
  info->study_instance_uid = iv_dicom_get_code (root, 0x0020000d);
  info->series_instance_uid = iv_dicom_get_code (root, 0x0020000e);
  read_name (root, charset, info);
  info->patient_id = iv_dicom_get_text (root, 0x00100020, charset);
  info->issuer_of_patient_id = iv_dicom_get_text (root, 0x00100021, charset);
  info->patient_birth_date = iv_dicom_get_date (root, 0x00100030);
  info->patient_sex = iv_dicom_get_code (root, 0x00100040);
  info->study_description = iv_dicom_get_text (root, 0x00081030, charset);
  info->series_description = iv_dicom_get_text (root, 0x0008103e, charset);
  info->accession_number = iv_dicom_get_text (root, 0x00080050, charset);
  info->modality = iv_dicom_get_code (root, 0x00080060);
  info->body_part = iv_dicom_get_code (root, 0x00180015);
  info->institution = iv_dicom_get_text (root, 0x00080080, charset);
  info->manufacturer = iv_dicom_get_text (root, 0x00080070, charset);
  info->model_name = iv_dicom_get_text (root, 0x00081090, charset);
  info->image_comments = iv_dicom_get_text (root, 0x00204000, charset);
  info->image_laterality = iv_dicom_get_code (root, 0x00200062);
  if (info->image_laterality == NULL)
    info->image_laterality = iv_dicom_get_code (root, 0x00200060);
  info->patient_orientation = iv_dicom_get_code (root, 0x00200020);
}

static void
read_dates (const IvDicomItem *root, IvRadiographInfo *info)
{
  info->study_date = iv_dicom_get_date (root, 0x00080020);
  info->study_time = iv_dicom_get_time (root, 0x00080030);
  info->acquisition_date = iv_dicom_get_date (root, 0x00080022);
  info->acquisition_time = iv_dicom_get_time (root, 0x00080032);
  if (info->acquisition_date == NULL) {
    g_autofree char *both = iv_dicom_get_code (root, 0x0008002a);
    info->acquisition_date = iv_dicom_get_date (root, 0x0008002a);
    if (info->acquisition_date != NULL && strlen (both) >= 14 && strspn (both, "0123456789") >= 14)
      info->acquisition_time = g_strndup (both + 8, 6);
  }
}

static void
read_view (IvDicom *dicom, const char *charset, IvRadiographInfo *info)
{
  const IvDicomItem *root = iv_dicom_get_root (dicom);
  const IvDicomItem *code = iv_dicom_get_item (dicom, root, 0x00540220, 0);
  g_autofree char *position = iv_dicom_get_code (root, 0x00185101);
  g_autofree char *meaning = code ? iv_dicom_get_text (code, 0x00080104, charset) : NULL;
  g_autofree char *protocol = iv_dicom_get_text (root, 0x00181030, charset);
  g_autofree char *processing = iv_dicom_get_text (root, 0x00181400, charset);
  g_autofree char *both = g_strconcat (
      protocol != NULL ? protocol : "", " ", processing != NULL ? processing : "", NULL);
  IvViewHints hints = {
    position, meaning, info->series_description, both, info->patient_orientation
  };
  info->view = iv_view_guess (&hints);
}

/* The demonstration study says what it is in ImageType or in the comments. */
static gboolean
says_simulated (const IvDicomItem *root, const char *comments)
{
  g_autofree char *type = iv_dicom_get_code (root, 0x00080008);
  g_autofree char *lower = comments != NULL ? g_utf8_strdown (comments, -1) : NULL;
  return (type != NULL && strstr (type, "SIMULATED") != NULL) ||
         (lower != NULL && g_str_has_prefix (lower, "simulated"));
}

static gboolean
read_spacing_pair (const IvDicomItem *root, IvDicomTag tag, double pair[2])
{
  return iv_dicom_get_double (root, tag, 0, &pair[0]) &&
         iv_dicom_get_double (root, tag, 1, &pair[1]) && pair[0] > 1e-4 && pair[1] > 1e-4 &&
         pair[0] < 100 && pair[1] < 100;
}

/* Factor by which the detector enlarges the patient; 0 when the file does not say. */
static double
read_magnification (const IvDicomItem *root)
{
  double factor, to_detector, to_patient;
  if (iv_dicom_get_double (root, 0x00181114, 0, &factor) && factor >= 1 && factor < 10)
    return factor;
  if (iv_dicom_get_double (root, 0x00181110, 0, &to_detector) &&
      iv_dicom_get_double (root, 0x00181111, 0, &to_patient) && to_patient > 0 &&
      to_detector >= to_patient && to_detector < 10 * to_patient)
    return to_detector / to_patient;
  return 0;
}

static void
set_spacing (IvRadiographInfo *info, const double pair[2], double factor, IvSpacingSource source)
{
  info->row_spacing = pair[0] / factor;
  info->column_spacing = pair[1] / factor;
  info->spacing_source = source;
}

/* PS3.3 10.7: PixelSpacing equal to ImagerPixelSpacing has not been calibrated, it is the
 * detector's own. */
static void
read_spacing (const IvDicomItem *root, IvRadiographInfo *info)
{
  double pixel[2], imager[2], scanned[2];
  gboolean has_pixel = read_spacing_pair (root, 0x00280030, pixel);
  gboolean has_imager = read_spacing_pair (root, 0x00181164, imager);
  g_autofree char *calibration = iv_dicom_get_code (root, 0x00280a02);
  info->magnification = read_magnification (root);
  gboolean is_detector = has_pixel && has_imager && calibration == NULL &&
                         fabs (pixel[0] - imager[0]) < 1e-6 && fabs (pixel[1] - imager[1]) < 1e-6;
  if (has_pixel && !is_detector)
    set_spacing (info, pixel, 1, calibration ? IV_SPACING_CALIBRATED : IV_SPACING_UNSPECIFIED);
  else if (has_imager && info->magnification > 1)
    set_spacing (info, imager, info->magnification, IV_SPACING_CORRECTED);
  else if (has_imager)
    set_spacing (info, imager, 1, IV_SPACING_DETECTOR);
  else if (read_spacing_pair (root, 0x00182010, scanned))
    set_spacing (info, scanned, 1, IV_SPACING_SCANNED);
}

/* LUT data come as 16-bit words, or packed two 8-bit entries a word. */
static gboolean
read_entries (const IvDicomItem *item, IvLut *lut)
{
  gsize size;
  const guint8 *data = iv_dicom_get_value (item, 0x00283006, &size);
  if (data == NULL)
    return FALSE;
  if (size >= 2ul * lut->n_entries) {
    lut->entries = g_memdup2 (data, 2ul * lut->n_entries);
    return TRUE;
  }
  if (lut->bits > 8 || size < lut->n_entries)
    return FALSE;
  lut->entries = g_new (guint16, lut->n_entries);
  for (guint i = 0; i < lut->n_entries; i++)
    lut->entries[i] = data[i];
  return TRUE;
}

/* NULL for one that contradicts itself: the film is still worth seeing, in a window. */
static IvLut *
read_lut (const IvDicomItem *item, const char *charset, gboolean is_signed)
{
  gint64 n, first, bits;
  g_autoptr (IvLut) lut = g_new0 (IvLut, 1);
  if (!iv_dicom_get_int (item, 0x00283002, 0, FALSE, &n) ||
      !iv_dicom_get_int (item, 0x00283002, 1, is_signed, &first) ||
      !iv_dicom_get_int (item, 0x00283002, 2, FALSE, &bits) || bits < 8 || bits > 16)
    return NULL;
  lut->n_entries = n == 0 ? 65536 : (guint) n;
  lut->first = (gint32) first;
  lut->bits = (guint) bits;
  if (!read_entries (item, lut))
    return NULL;
  guint16 low = 0xffff, high = 0;
  for (guint i = 0; i < lut->n_entries; i++) {
    low = MIN (low, lut->entries[i]);
    high = MAX (high, lut->entries[i]);
  }
  /* A flat table shows nothing; entries above the announced depth mean that it is announced wrong.
   */
  if (low == high)
    return NULL;
  while (lut->bits < 16 && high >= 1u << lut->bits)
    lut->bits++;
  lut->explanation = iv_dicom_get_text (item, 0x00283003, charset);
  return g_steal_pointer (&lut);
}

static void
read_windows (const IvDicomItem *root, const char *charset, IvRadiographInfo *info)
{
  g_autofree char *function = iv_dicom_get_code (root, 0x00281056);
  g_autofree char *text = iv_dicom_get_text (root, 0x00281055, charset);
  g_auto (GStrv) explanations = g_strsplit (text != NULL ? text : "", "\\", 64);
  IvVoiFunction kind = g_strcmp0 (function, "SIGMOID") == 0        ? IV_VOI_SIGMOID
                       : g_strcmp0 (function, "LINEAR_EXACT") == 0 ? IV_VOI_LINEAR_EXACT
                                                                   : IV_VOI_LINEAR;
  double center, width;
  for (guint i = 0; i < 32 && iv_dicom_get_double (root, 0x00281050, i, &center) &&
                    iv_dicom_get_double (root, 0x00281051, i, &width);
       i++) {
    IvWindow window = { .center = center, .width = width, .function = kind };
    if (width <= 0 || fabs (center) > 1e9 || width > 1e9 || (kind == IV_VOI_LINEAR && width < 1))
      continue;
    if (i < g_strv_length (explanations) && *g_strstrip (explanations[i]) != '\0')
      window.explanation = g_strdup (explanations[i]);
    g_array_append_val (info->windows, window);
  }
}

static void
read_transforms (IvDicom *dicom, const char *charset, IvRadiographInfo *info)
{
  const IvDicomItem *root = iv_dicom_get_root (dicom);
  double slope = 1, intercept = 0;
  const IvDicomItem *item = iv_dicom_get_item (dicom, root, 0x00283000, 0);
  if (item != NULL)
    info->modality_lut = read_lut (item, charset, info->is_signed);
  if (info->modality_lut == NULL && iv_dicom_get_double (root, 0x00281053, 0, &slope) &&
      slope != 0 && iv_dicom_get_double (root, 0x00281052, 0, &intercept)) {
    info->rescale_slope = slope;
    info->rescale_intercept = intercept;
  }
  /* The VOI LUT starts from modality values: they are signed when the pixels are, and also when
   * the intercept takes them below zero. */
  gboolean is_signed =
      info->modality_lut == NULL && (info->is_signed || info->rescale_intercept < 0);
  for (guint i = 0; i < 16; i++) {
    item = iv_dicom_get_item (dicom, root, 0x00283010, i);
    IvLut *lut = item != NULL ? read_lut (item, charset, is_signed) : NULL;
    if (lut != NULL)
      g_ptr_array_add (info->voi_luts, lut);
    if (item == NULL)
      break;
  }
  read_windows (root, charset, info);
}

/* PS3.3 C.11.6: INVERSE shall stand in MONOCHROME1 images and means that very inversion; the two
 * are one statement and never cancel. Where they disagree, either is taken at its word. */
static gboolean
reads_inverted (const IvDicomItem *root, const char *photometric)
{
  g_autofree char *shape = iv_dicom_get_code (root, 0x20500020);
  return g_str_equal (photometric, "MONOCHROME1") || g_strcmp0 (shape, "INVERSE") == 0;
}

static void
read_padding (const IvDicomItem *root, IvRadiographInfo *info)
{
  gint64 value, limit;
  if (!iv_dicom_get_int (root, 0x00280120, 0, info->is_signed, &value))
    return;
  if (!iv_dicom_get_int (root, 0x00280121, 0, info->is_signed, &limit))
    limit = value;
  info->has_padding = TRUE;
  info->padding_low = (gint32) MIN (value, limit);
  info->padding_high = (gint32) MAX (value, limit);
}

IvRadiographInfo *
iv_dicom_read_info (IvDicom *dicom, const IvDicomPixelFormat *format)
{
  const IvDicomItem *root = iv_dicom_get_root (dicom);
  g_autofree char *charset = iv_dicom_get_code (root, 0x00080005);
  g_autofree char *lossy = iv_dicom_get_code (root, 0x00282110);
  IvRadiographInfo *info = iv_radiograph_info_new ();
  info->rows = format->rows;
  info->columns = format->columns;
  info->frames = format->frames;
  info->bits_allocated = format->bits_allocated;
  info->bits_stored = format->bits_stored;
  info->is_signed = format->is_signed;
  g_free (info->photometric);
  info->photometric = g_strdup (format->photometric);
  info->is_lossy = g_strcmp0 (lossy, "01") == 0;
  read_identity (root, charset, info);
  read_dates (root, info);
  read_view (dicom, charset, info);
  read_spacing (root, info);
  read_padding (root, info);
  read_transforms (dicom, charset, info);
  info->is_inverted = reads_inverted (root, format->photometric);
  info->is_simulated = says_simulated (root, info->image_comments);
  return info;
}

char **
iv_dicom_read_directory (IvDicom *dicom)
{
  const IvDicomItem *root = iv_dicom_get_root (dicom);
  const IvDicomItem *record = iv_dicom_get_item (dicom, root, DICOMDIR_RECORDS, 0);
  gsize size;
  if (record == NULL && iv_dicom_get_value (root, 0x00041200, &size) == NULL)
    return NULL;
  GPtrArray *files = g_ptr_array_new ();
  for (guint i = 0; record != NULL && i < MAX_DIRECTORY_FILES; i++) {
    g_autofree char *type = iv_dicom_get_code (record, 0x00041430);
    char *file = iv_dicom_get_code (record, 0x00041500);
    if (file != NULL && g_strcmp0 (type, "IMAGE") == 0)
      g_ptr_array_add (files, file);
    else
      g_free (file);
    record = iv_dicom_get_item (dicom, root, DICOMDIR_RECORDS, i + 1);
  }
  g_ptr_array_add (files, NULL);
  return (char **) g_ptr_array_free (files, FALSE);
}
