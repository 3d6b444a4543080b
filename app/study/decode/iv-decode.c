/* Picks the decoder for a file and helps the picture decoders.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/decode/iv-decode.h"

#include <string.h>

#define COLOUR_DIFFERENCE 24
#define COLOURED_FRACTION 0.02

void
iv_decode_output_clear (IvDecodeOutput *output)
{
  g_clear_pointer (&output->info, iv_radiograph_info_free);
  g_clear_pointer (&output->pixels, g_free);
  g_clear_pointer (&output->colour, g_free);
  g_clear_pointer (&output->directory, g_strfreev);
}

static gboolean
begins_with (const IvDecodeInput *input, const char *magic, gsize length)
{
  return input->size >= length && memcmp (input->data, magic, length) == 0;
}

gboolean
iv_decode (const IvDecodeInput *input, IvDecodeOutput *output, GError **error)
{
  /* First: the preamble of a DICOM file may be the head of a TIFF. */
  if (input->size > 132 && memcmp (input->data + 128, "DICM", 4) == 0)
    return iv_decode_dicom (input, output, error);
  if (begins_with (input, "\x89PNG\r\n\x1a\n", 8))
    return iv_decode_png (input, output, error);
  if (begins_with (input, "\xff\xd8\xff", 3))
    return iv_decode_jpeg (input, output, error);
  if (begins_with (input, "II*\0", 4) || begins_with (input, "MM\0*", 4))
    return iv_decode_tiff (input, output, error);
  return iv_decode_dicom (input, output, error);
}

gboolean
iv_decode_begin_picture (IvDecodeOutput *output,
                         guint64 columns,
                         guint64 rows,
                         guint bits,
                         GError **error)
{
  if (columns < 1 || rows < 1 || columns > 65535 || rows > 65535 ||
      columns * rows > IV_DECODE_MAX_PIXELS) {
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_LIMIT,
                 "%" G_GUINT64_FORMAT " × %" G_GUINT64_FORMAT " pixels are more than a film has",
                 columns,
                 rows);
    return FALSE;
  }
  output->info = iv_radiograph_info_new ();
  output->info->columns = columns;
  output->info->rows = rows;
  output->info->bits_allocated = output->info->bits_stored = bits;
  return TRUE;
}

gboolean
iv_decode_allocate (IvDecodeOutput *output, gboolean in_colour, GError **error)
{
  gsize n = (gsize) output->info->rows * output->info->columns;
  if (in_colour)
    output->colour = g_try_malloc0_n (n, 3);
  else
    output->pixels = g_try_malloc0_n (n, sizeof (guint16));
  if (output->pixels != NULL || output->colour != NULL)
    return TRUE;
  g_set_error (error,
               IV_STUDY_ERROR,
               IV_STUDY_ERROR_LIMIT,
               "%u × %u pixels need more memory than a film may",
               output->info->columns,
               output->info->rows);
  return FALSE;
}

static void
colour_row_to_gray (const guint8 *rgb,
                    guint channels,
                    guint columns,
                    guint16 *gray,
                    IvColourCount *count)
{
  for (guint x = 0; x < columns; x++, rgb += channels) {
    guint8 high = MAX (rgb[0], MAX (rgb[1], rgb[2]));
    guint8 low = MIN (rgb[0], MIN (rgb[1], rgb[2]));
    count->n_coloured += high - low > COLOUR_DIFFERENCE;
    /* ITU-R BT.601 luma; exact for grey: the weights sum to 256. */
    gray[x] = (77u * rgb[0] + 150u * rgb[1] + 29u * rgb[2] + 128) >> 8;
  }
  count->n_pixels += columns;
}

void
iv_decode_take_colour_row (IvDecodeOutput *output,
                           guint y,
                           const guint8 *rgb,
                           guint channels,
                           IvColourCount *count)
{
  guint columns = output->info->columns;
  if (output->colour == NULL) {
    colour_row_to_gray (rgb, channels, columns, output->pixels + (gsize) y * columns, count);
    return;
  }
  guint8 *to = output->colour + (gsize) y * columns * 3;
  for (guint x = 0; x < columns; x++, rgb += channels, to += 3)
    memcpy (to, rgb, 3);
}

gboolean
iv_colour_check (const IvColourCount *count, GError **error)
{
  if (count->n_coloured <= count->n_pixels * COLOURED_FRACTION)
    return TRUE;
  g_set_error_literal (error,
                       IV_STUDY_ERROR,
                       IV_STUDY_ERROR_UNSUPPORTED,
                       "a colour picture; Interval shows greyscale films");
  return FALSE;
}
