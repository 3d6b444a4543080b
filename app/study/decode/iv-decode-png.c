/* PNG: grey of 1 to 16 bits, and colour: that which holds only greys, or all where it is wanted.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <png.h>
#include <string.h>

#include "app/study/decode/iv-decode.h"

typedef struct {
  const IvDecodeInput *input;
  gsize position;
  char message[256];
} Source;

static void
read_bytes (png_structp png, png_bytep data, png_size_t size)
{
  Source *source = png_get_io_ptr (png);
  if (size > source->input->size - source->position)
    png_error (png, "the file ends early");
  memcpy (data, source->input->data + source->position, size);
  source->position += size;
}

static void
on_error_cb (png_structp png, png_const_charp message)
{
  Source *source = png_get_error_ptr (png);
  g_strlcpy (source->message, message, sizeof source->message);
  png_longjmp (png, 1);
}

static void
on_warning_cb (png_structp png, png_const_charp message)
{
}

/* Asks libpng for plain rows: 8 or 16 bits, grey or RGB, no alpha, the machine's byte order. */
static void
simplify (png_structp png, png_infop info)
{
  png_set_expand (png);
  png_set_strip_alpha (png);
  if (png_get_bit_depth (png, info) == 16) {
    if (png_get_color_type (png, info) & PNG_COLOR_MASK_COLOR)
      png_set_strip_16 (png);
    else if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
      png_set_swap (png);
  }
  png_set_interlace_handling (png);
  png_read_update_info (png, info);
}

typedef struct {
  png_structp png;
  png_infop info;
  guint8 *rows;      /* whole picture: interlaced files need it */
  png_bytep *starts; /* of each row */
} Reader;

static void
reader_clear (Reader *reader)
{
  png_destroy_read_struct (&reader->png, &reader->info, NULL);
  g_free (reader->rows);
  g_free (reader->starts);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

/* The part that libpng may leave by longjmp: no automatic cleanup in here. */
static gboolean
read_rows (Reader *reader, IvDecodeOutput *output, gboolean want_pixels, GError **error)
{
  png_structp png = reader->png;
  if (setjmp (png_jmpbuf (png)))
    return FALSE;
  png_read_info (png, reader->info);
  guint bits = png_get_bit_depth (png, reader->info);
  gboolean gray = !(png_get_color_type (png, reader->info) & PNG_COLOR_MASK_COLOR);
  if (!iv_decode_begin_picture (output,
                                png_get_image_width (png, reader->info),
                                png_get_image_height (png, reader->info),
                                gray && bits == 16 ? 16 : 8,
                                error))
    return FALSE;
  if (!want_pixels)
    return TRUE;
  simplify (png, reader->info);
  gsize row_size = png_get_rowbytes (png, reader->info);
  reader->rows = g_try_malloc_n (output->info->rows, row_size);
  reader->starts = g_try_new (png_bytep, output->info->rows);
  if (reader->rows == NULL || reader->starts == NULL)
    return iv_decode_allocate (output, FALSE, error) && FALSE;
  for (guint y = 0; y < output->info->rows; y++)
    reader->starts[y] = reader->rows + y * row_size;
  png_read_image (png, reader->starts);
  return TRUE;
}

static gboolean
convert_rows (Reader *reader, const IvDecodeInput *input, IvDecodeOutput *output, GError **error)
{
  guint columns = output->info->columns;
  guint channels = png_get_channels (reader->png, reader->info);
  guint depth = png_get_bit_depth (reader->png, reader->info);
  IvColourCount count = { 0 };
  if (!iv_decode_allocate (output, channels == 3 && input->want_colour, error))
    return FALSE;
  for (guint y = 0; y < output->info->rows; y++) {
    if (channels == 3) {
      iv_decode_take_colour_row (output, y, reader->starts[y], 3, &count);
      continue;
    }
    guint16 *out = output->pixels + (gsize) y * columns;
    if (depth == 16)
      memcpy (out, reader->starts[y], columns * sizeof (guint16));
    else
      for (guint x = 0; x < columns; x++)
        out[x] = reader->starts[y][x];
  }
  return iv_colour_check (&count, error);
}

gboolean
iv_decode_png (const IvDecodeInput *input, IvDecodeOutput *output, GError **error)
{
  Source source = { .input = input };
  g_auto (Reader) reader = { 0 };
  reader.png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &source, on_error_cb, on_warning_cb);
  reader.info = reader.png != NULL ? png_create_info_struct (reader.png) : NULL;
  if (reader.info != NULL) {
    png_set_read_fn (reader.png, &source, read_bytes);
    png_set_user_limits (reader.png, 65535, 65535);
    if (read_rows (&reader, output, input->want_pixels, error))
      return !input->want_pixels || convert_rows (&reader, input, output, error);
  }
  if (error == NULL || *error == NULL)
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_DAMAGED,
                 "damaged PNG: %s",
                 source.message[0] != '\0' ? source.message : "not enough memory");
  return FALSE;
}
