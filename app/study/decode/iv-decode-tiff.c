/* TIFF: grey of 8 or 16 bits, and 8-bit colour: that which holds only greys, or all if wanted.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include <tiffio.h>

#include "app/study/decode/iv-decode.h"

typedef struct {
  const IvDecodeInput *input;
  guint64 position;
} Source;

static tmsize_t
read_bytes (thandle_t handle, void *data, tmsize_t size)
{
  Source *source = (Source *) handle;
  guint64 left =
      source->position < source->input->size ? source->input->size - source->position : 0;
  gsize count = MIN ((guint64) MAX (size, 0), left);
  memcpy (data, source->input->data + (left > 0 ? source->position : 0), count);
  source->position += count;
  return count;
}

static tmsize_t
write_bytes (thandle_t handle, void *data, tmsize_t size)
{
  return 0;
}

static toff_t
seek (thandle_t handle, toff_t offset, int whence)
{
  Source *source = (Source *) handle;
  guint64 base = whence == SEEK_CUR   ? source->position
                 : whence == SEEK_END ? source->input->size
                                      : 0;
  source->position = base + offset;
  return source->position;
}

static int
close_source (thandle_t handle)
{
  return 0;
}

static toff_t
get_size (thandle_t handle)
{
  return ((Source *) handle)->input->size;
}

static gboolean
refuse (IvStudyError code, const char *reason, GError **error)
{
  g_set_error_literal (error, IV_STUDY_ERROR, code, reason);
  return FALSE;
}

typedef struct {
  guint16 bits, samples, photometric, planar, format;
} Layout;

static gboolean
read_layout (TIFF *tiff, Layout *layout, IvDecodeOutput *output, GError **error)
{
  guint32 columns = 0, rows = 0;
  TIFFGetField (tiff, TIFFTAG_IMAGEWIDTH, &columns);
  TIFFGetField (tiff, TIFFTAG_IMAGELENGTH, &rows);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_BITSPERSAMPLE, &layout->bits);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_SAMPLESPERPIXEL, &layout->samples);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_PLANARCONFIG, &layout->planar);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_SAMPLEFORMAT, &layout->format);
  if (!TIFFGetField (tiff, TIFFTAG_PHOTOMETRIC, &layout->photometric))
    layout->photometric = PHOTOMETRIC_MINISBLACK;
  gboolean gray = layout->photometric == PHOTOMETRIC_MINISBLACK ||
                  layout->photometric == PHOTOMETRIC_MINISWHITE;
  if (TIFFIsTiled (tiff))
    return refuse (IV_STUDY_ERROR_UNSUPPORTED, "a TIFF in tiles", error);
  if (layout->format == SAMPLEFORMAT_IEEEFP || (layout->bits != 8 && layout->bits != 16) ||
      (!gray && layout->bits != 8))
    return refuse (IV_STUDY_ERROR_UNSUPPORTED, "a TIFF that is not 8 or 16 bits deep", error);
  if (!gray && (layout->photometric != PHOTOMETRIC_RGB || layout->samples < 3))
    return refuse (IV_STUDY_ERROR_UNSUPPORTED, "a colour TIFF", error);
  if (layout->samples > 1 && layout->planar != PLANARCONFIG_CONTIG)
    return refuse (IV_STUDY_ERROR_UNSUPPORTED, "a TIFF with separate colour planes", error);
  if (!iv_decode_begin_picture (output, columns, rows, layout->bits, error))
    return FALSE;
  output->info->is_signed = layout->format == SAMPLEFORMAT_INT;
  if (layout->photometric == PHOTOMETRIC_MINISWHITE) {
    output->info->is_inverted = TRUE;
    g_free (output->info->photometric);
    output->info->photometric = g_strdup ("MONOCHROME1");
  }
  return TRUE;
}

static void
convert_row (const guint8 *row, const Layout *layout, const IvRadiographInfo *info, guint16 *out)
{
  for (guint x = 0; x < info->columns; x++) {
    gsize sample = (gsize) x * layout->samples;
    if (layout->bits == 16)
      memcpy (&out[x], row + sample * 2, 2);
    else
      out[x] = info->is_signed ? (guint16) (gint8) row[sample] : row[sample];
  }
}

static gboolean
read_rows (TIFF *tiff,
           const Layout *layout,
           gboolean want_colour,
           IvDecodeOutput *output,
           GError **error)
{
  g_autofree guint8 *row = g_try_malloc (TIFFScanlineSize (tiff));
  gsize needed = (gsize) output->info->columns * layout->samples * layout->bits / 8;
  IvColourCount count = { 0 };
  if (!iv_decode_allocate (output, want_colour && layout->photometric == PHOTOMETRIC_RGB, error))
    return FALSE;
  if (row == NULL || (gsize) TIFFScanlineSize (tiff) < needed)
    return refuse (IV_STUDY_ERROR_DAMAGED, "damaged TIFF: its rows are too short", error);
  for (guint y = 0; y < output->info->rows; y++) {
    if (TIFFReadScanline (tiff, row, y, 0) != 1)
      return refuse (IV_STUDY_ERROR_DAMAGED, "damaged TIFF: it ends early", error);
    if (layout->photometric == PHOTOMETRIC_RGB)
      iv_decode_take_colour_row (output, y, row, layout->samples, &count);
    else
      convert_row (row, layout, output->info, output->pixels + (gsize) y * output->info->columns);
  }
  return iv_colour_check (&count, error);
}

gboolean
iv_decode_tiff (const IvDecodeInput *input, IvDecodeOutput *output, GError **error)
{
  Source source = { .input = input };
  Layout layout = { 0 };
  TIFFSetErrorHandler (NULL);
  TIFFSetWarningHandler (NULL);
  TIFF *tiff = TIFFClientOpen (
      "film", "rm", &source, read_bytes, write_bytes, seek, close_source, get_size, NULL, NULL);
  if (tiff == NULL)
    return refuse (IV_STUDY_ERROR_DAMAGED, "damaged TIFF: no readable directory", error);
  gboolean done =
      read_layout (tiff, &layout, output, error) &&
      (!input->want_pixels || read_rows (tiff, &layout, input->want_colour, output, error));
  TIFFClose (tiff);
  return done;
}
