/* JPEG: grey, and colour: that which holds only greys, or all where it is wanted.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "app/study/decode/iv-decode.h"

typedef struct {
  struct jpeg_decompress_struct codec;
  struct jpeg_error_mgr errors;
  jmp_buf leave;
  char message[JMSG_LENGTH_MAX];
  guint8 *row;
  IvColourCount count;
  gboolean ended_early;
} Reader;

static void
on_error_cb (j_common_ptr codec)
{
  Reader *reader = codec->client_data;
  codec->err->format_message (codec, reader->message);
  longjmp (reader->leave, 1);
}

static void
on_message_cb (j_common_ptr codec, int level)
{
  Reader *reader = codec->client_data;
  /* Warnings (level -1) are broken entropy data and missing ends: grey rows that were never in the
   * film must not be read as one. */
  if (level < 0)
    reader->ended_early = TRUE;
}

/* The part that libjpeg may leave by longjmp: no automatic cleanup in here. */
static gboolean
read_header (Reader *reader, const IvDecodeInput *input, IvDecodeOutput *output, GError **error)
{
  struct jpeg_decompress_struct *codec = &reader->codec;
  if (setjmp (reader->leave))
    return FALSE;
  jpeg_create_decompress (codec);
  jpeg_mem_src (codec, input->data, input->size);
  jpeg_read_header (codec, TRUE);
  if (codec->jpeg_color_space == JCS_CMYK || codec->jpeg_color_space == JCS_YCCK) {
    g_set_error_literal (
        error, IV_STUDY_ERROR, IV_STUDY_ERROR_UNSUPPORTED, "a CMYK picture is not a film");
    return FALSE;
  }
  codec->out_color_space = codec->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  return iv_decode_begin_picture (output, codec->image_width, codec->image_height, 8, error);
}

static gboolean
read_rows (Reader *reader, IvDecodeOutput *output)
{
  struct jpeg_decompress_struct *codec = &reader->codec;
  if (setjmp (reader->leave))
    return FALSE;
  jpeg_start_decompress (codec);
  while (codec->output_scanline < codec->output_height) {
    guint y = codec->output_scanline;
    jpeg_read_scanlines (codec, &reader->row, 1);
    if (codec->output_components == 3) {
      iv_decode_take_colour_row (output, y, reader->row, 3, &reader->count);
      continue;
    }
    guint16 *out = output->pixels + (gsize) y * output->info->columns;
    for (guint x = 0; x < output->info->columns; x++)
      out[x] = reader->row[x];
  }
  return TRUE;
}

static gboolean
decode (Reader *reader, const IvDecodeInput *input, IvDecodeOutput *output, GError **error)
{
  if (!read_header (reader, input, output, error))
    return FALSE;
  output->info->is_lossy = TRUE;
  if (!input->want_pixels)
    return TRUE;
  gboolean in_colour = input->want_colour && reader->codec.num_components == 3;
  if (!iv_decode_allocate (output, in_colour, error))
    return FALSE;
  reader->row = g_malloc (3ul * output->info->columns);
  return read_rows (reader, output) && !reader->ended_early &&
         iv_colour_check (&reader->count, error);
}

gboolean
iv_decode_jpeg (const IvDecodeInput *input, IvDecodeOutput *output, GError **error)
{
  Reader reader = { 0 };
  g_autoptr (GError) reason = NULL;
  reader.codec.err = jpeg_std_error (&reader.errors);
  reader.codec.client_data = &reader;
  reader.errors.error_exit = on_error_cb;
  reader.errors.emit_message = on_message_cb;
  gboolean done = decode (&reader, input, output, &reason);
  jpeg_destroy_decompress (&reader.codec);
  g_free (reader.row);
  if (done)
    return TRUE;
  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_DAMAGED,
                 "damaged JPEG: %s",
                 reader.message[0] != '\0' ? reader.message : "its data are broken or end early");
  return FALSE;
}
