/* DICOM: from a file in memory to info and the first frame's stored values.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "app/study/decode/iv-decode-j2k.h"
#include "app/study/decode/iv-decode.h"
#include "app/study/decode/iv-dicom-header.h"
#include "app/study/decode/iv-dicom-info.h"
#include "app/study/decode/iv-dicom-pixels.h"
#include "app/study/decode/iv-dicom.h"

#define INFLATE_STEP (1u << 20)
#define INFLATE_MAX (512u << 20)

/* How the pixels of a transfer syntax are packed. */
typedef enum { CODEC_NATIVE, CODEC_GDCM, CODEC_JPEG_2000 } Codec;

typedef struct {
  const char *uid;
  Codec codec;
  gboolean is_lossy;
  const char *name;
} Syntax;

static const Syntax syntaxes[] = {
  { "1.2.840.10008.1.2", CODEC_NATIVE, FALSE, "implicit little-endian" },
  { "1.2.840.10008.1.2.1", CODEC_NATIVE, FALSE, "explicit little-endian" },
  { "1.2.840.10008.1.2.1.99", CODEC_NATIVE, FALSE, "deflated" },
  { "1.2.840.10008.1.2.2", CODEC_NATIVE, FALSE, "explicit big-endian" },
  { "1.2.840.10008.1.2.5", CODEC_GDCM, FALSE, "RLE" },
  { "1.2.840.10008.1.2.4.50", CODEC_GDCM, TRUE, "JPEG baseline" },
  { "1.2.840.10008.1.2.4.51", CODEC_GDCM, TRUE, "JPEG extended" },
  { "1.2.840.10008.1.2.4.53", CODEC_GDCM, TRUE, "JPEG spectral selection" },
  { "1.2.840.10008.1.2.4.55", CODEC_GDCM, TRUE, "JPEG progressive" },
  { "1.2.840.10008.1.2.4.57", CODEC_GDCM, FALSE, "JPEG lossless" },
  { "1.2.840.10008.1.2.4.70", CODEC_GDCM, FALSE, "JPEG lossless" },
  { "1.2.840.10008.1.2.4.80", CODEC_GDCM, FALSE, "JPEG-LS" },
  { "1.2.840.10008.1.2.4.81", CODEC_GDCM, TRUE, "JPEG-LS near-lossless" },
  { "1.2.840.10008.1.2.4.90", CODEC_JPEG_2000, FALSE, "JPEG 2000" },
  { "1.2.840.10008.1.2.4.91", CODEC_JPEG_2000, TRUE, "JPEG 2000" },
  { "1.2.840.10008.1.2.4.201", CODEC_JPEG_2000, FALSE, "HTJ2K" },
  { "1.2.840.10008.1.2.4.202", CODEC_JPEG_2000, FALSE, "HTJ2K" },
  { "1.2.840.10008.1.2.4.203", CODEC_JPEG_2000, TRUE, "HTJ2K" },
};

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

/* The DICOM library's own words, where it has any; an empty message is memory that ran out. */
static gboolean
refuse_library (const char *what, const char *message, GError **error)
{
  if (*message == '\0')
    return refuse (IV_STUDY_ERROR_LIMIT, error, "%s: needs more memory than a film may", what);
  return refuse (IV_STUDY_ERROR_DAMAGED, error, "%s: %s", what, message);
}

static const Syntax *
find_syntax (const char *uid)
{
  for (guint i = 0; i < G_N_ELEMENTS (syntaxes); i++)
    if (g_str_equal (syntaxes[i].uid, uid))
      return &syntaxes[i];
  return NULL;
}

static gboolean
read_gdcm (const Syntax *syntax,
           GBytes *frame,
           IvDicomPixelFormat *format,
           guint16 *out,
           GError **error)
{
  char message[IV_DICOM_MESSAGE_SIZE] = "";
  guint bits = 0;
  IvDicomFrame request = {
    .transfer_syntax = syntax->uid,
    .data = g_bytes_get_data (frame, NULL),
    .size = g_bytes_get_size (frame),
    .columns = format->columns,
    .rows = format->rows,
    .bits_allocated = format->bits_allocated,
    .bits_stored = format->bits_stored,
    .high_bit = format->high_bit,
    .is_signed = format->is_signed,
    .is_monochrome1 = g_str_equal (format->photometric, "MONOCHROME1"),
  };
  g_autofree guint8 *bytes = g_try_malloc0 (2ul * format->rows * format->columns + 16);
  if (bytes == NULL)
    return refuse_library (syntax->name, "", error);
  if (!iv_dicom_decode_frame (&request, bytes, &bits, message))
    return refuse_library (syntax->name, message, error);
  if (bits != 8 && bits != 16)
    return refuse (IV_STUDY_ERROR_UNSUPPORTED, error, "%u bits in %s", bits, syntax->name);
  if (bits != format->bits_allocated) {
    format->bits_allocated = bits;
    format->bits_stored = MIN (format->bits_stored, bits);
    format->high_bit = format->bits_stored - 1;
  }
  iv_dicom_pixels_widen (format, bytes, out);
  return TRUE;
}

static gboolean
read_pixels (const IvDicomPixels *pixels,
             const Syntax *syntax,
             IvDicomPixelFormat *format,
             guint16 *out,
             GError **error)
{
  /* Native pixels in a file that announces a compressed syntax do occur. */
  if (!pixels->is_encapsulated)
    return iv_dicom_pixels_read_native (pixels, format, out, error);
  if (syntax->codec == CODEC_NATIVE)
    return refuse (
        IV_STUDY_ERROR_DAMAGED, error, "its transfer syntax is native, its pixels are compressed");
  if (format->bits_allocated == 1)
    return refuse (IV_STUDY_ERROR_UNSUPPORTED, error, "single bits in %s", syntax->name);
  g_autoptr (GBytes) frame = iv_dicom_pixels_join_frame (pixels, format->frames, error);
  if (frame == NULL)
    return FALSE;
  if (syntax->codec == CODEC_JPEG_2000)
    return iv_decode_j2k (frame, format, out, error);
  return read_gdcm (syntax, frame, format, out, error);
}

/* A deflated data set in memory. */
static GBytes *
inflate_data_set (const guint8 *data, gsize size, GError **error)
{
  g_autoptr (GConverter) converter =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW));
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint8 *buffer = g_malloc (INFLATE_STEP);
  GConverterResult result = G_CONVERTER_CONVERTED;
  while (result == G_CONVERTER_CONVERTED) {
    gsize n_read = 0, n_written = 0;
    g_autoptr (GError) reason = NULL;
    result = g_converter_convert (converter,
                                  data,
                                  size,
                                  buffer,
                                  INFLATE_STEP,
                                  G_CONVERTER_INPUT_AT_END,
                                  &n_read,
                                  &n_written,
                                  &reason);
    if (result == G_CONVERTER_ERROR) {
      refuse (IV_STUDY_ERROR_DAMAGED, error, "damaged DICOM file: %s", reason->message);
      return NULL;
    }
    g_byte_array_append (bytes, buffer, n_written);
    data += n_read;
    size -= n_read;
    if (bytes->len > INFLATE_MAX) {
      refuse (IV_STUDY_ERROR_LIMIT, error, "it inflates to more than a film may");
      return NULL;
    }
  }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

/* A data set in memory, not deflated, and how it is written. */
typedef struct {
  IvDicomHeader header;
  GBytes *inflated;
  const guint8 *data;
  gsize size;
} DataSet;

static void
data_set_clear (DataSet *data_set)
{
  iv_dicom_header_clear (&data_set->header);
  g_clear_pointer (&data_set->inflated, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DataSet, data_set_clear)

static gboolean
find_data_set (const IvDecodeInput *input, DataSet *data_set, GError **error)
{
  IvDicomHeader *header = &data_set->header;
  if (!iv_dicom_header_find (header, input->data, input->size, error))
    return FALSE;
  data_set->data = input->data + header->data_offset;
  data_set->size = input->size - header->data_offset;
  if (header->is_deflated) {
    data_set->inflated = inflate_data_set (data_set->data, data_set->size, error);
    if (data_set->inflated == NULL)
      return FALSE;
    data_set->data = g_bytes_get_data (data_set->inflated, &data_set->size);
  }
  if (data_set->size >= 8)
    return TRUE;
  return refuse (IV_STUDY_ERROR_DAMAGED, error, "damaged DICOM file: it ends after its header");
}

static IvDicom *
parse (const DataSet *data_set, GError **error)
{
  char message[IV_DICOM_MESSAGE_SIZE] = "";
  IvDicomSource source = {
    .header = g_bytes_get_data (data_set->header.header, NULL),
    .header_size = g_bytes_get_size (data_set->header.header),
    .data = data_set->data,
    .size = data_set->size,
  };
  IvDicom *dicom = iv_dicom_read (&source, message);
  if (dicom == NULL && data_set->header.is_guessed)
    refuse (IV_STUDY_ERROR_FORMAT, error, "not a DICOM, PNG, JPEG or TIFF file");
  else if (dicom == NULL)
    refuse_library ("damaged DICOM file", message, error);
  return dicom;
}

static gboolean
decode_image (const DataSet *data_set,
              IvDicom *dicom,
              gboolean want_pixels,
              IvDecodeOutput *output,
              GError **error)
{
  g_auto (IvDicomPixelFormat) format = { 0 };
  IvDicomPixels pixels = { 0 };
  const IvDicomHeader *header = &data_set->header;
  const Syntax *syntax = find_syntax (header->transfer_syntax);
  if (!iv_dicom_read_pixel_format (dicom, &format, error))
    return FALSE;
  if (syntax == NULL)
    return refuse (IV_STUDY_ERROR_UNSUPPORTED,
                   error,
                   "its transfer syntax %s is not supported",
                   header->transfer_syntax);
  if (!iv_dicom_pixels_find (&pixels,
                             data_set->data,
                             data_set->size,
                             iv_dicom_get_pixel_offset (dicom),
                             header->is_big_endian))
    return refuse (IV_STUDY_ERROR_NO_IMAGE, error, "it has no pixel data");
  output->info = iv_dicom_read_info (dicom, &format);
  output->info->transfer_syntax_uid = g_strdup (header->transfer_syntax);
  output->info->is_lossy |= syntax->is_lossy;
  if (!want_pixels)
    return TRUE;
  if (!iv_decode_allocate (output, FALSE, error) ||
      !read_pixels (&pixels, syntax, &format, output->pixels, error))
    return FALSE;
  output->info->bits_allocated = MAX (format.bits_allocated, 8);
  output->info->bits_stored = format.bits_stored;
  return TRUE;
}

gboolean
iv_decode_dicom (const IvDecodeInput *input, IvDecodeOutput *output, GError **error)
{
  g_auto (DataSet) data_set = { 0 };
  if (!find_data_set (input, &data_set, error))
    return FALSE;
  g_autoptr (IvDicom) dicom = parse (&data_set, error);
  if (dicom == NULL)
    return FALSE;
  output->directory = iv_dicom_read_directory (dicom);
  if (output->directory != NULL)
    return TRUE;
  return decode_image (&data_set, dicom, input->want_pixels, output, error);
}
