/* Decodes JPEG 2000 through OpenJPEG, which also knows the high-throughput block coder.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/decode/iv-decode-j2k.h"

#include <openjpeg.h>
#include <string.h>

#include "app/study/iv-study-error.h"

#define MARKER_SOC 0xff4f
#define MARKER_SOT 0xff90
#define MARKER_COM 0xff64

typedef struct {
  const guint8 *data;
  gsize size, position;
  char message[200];
} Source;

static OPJ_SIZE_T
read_bytes (void *buffer, OPJ_SIZE_T size, void *user_data)
{
  Source *source = user_data;
  gsize count = MIN (size, source->size - source->position);
  if (count == 0)
    return (OPJ_SIZE_T) -1;
  memcpy (buffer, source->data + source->position, count);
  source->position += count;
  return count;
}

static OPJ_OFF_T
skip_bytes (OPJ_OFF_T size, void *user_data)
{
  Source *source = user_data;
  if (size < 0)
    return -1;
  gsize count = MIN ((gsize) size, source->size - source->position);
  source->position += count;
  return (OPJ_OFF_T) count;
}

static OPJ_BOOL
seek_bytes (OPJ_OFF_T position, void *user_data)
{
  Source *source = user_data;
  if (position < 0 || (gsize) position > source->size)
    return OPJ_FALSE;
  source->position = (gsize) position;
  return OPJ_TRUE;
}

static void
on_error_cb (const char *message, void *user_data)
{
  Source *source = user_data;
  if (source->message[0] == '\0')
    g_strlcpy (source->message, message, sizeof source->message);
}

static void
on_quiet_cb (const char *message, void *user_data)
{
}

typedef struct {
  opj_stream_t *stream;
  opj_codec_t *codec;
  opj_image_t *image;
} Decoder;

static void
decoder_clear (Decoder *decoder)
{
  opj_image_destroy (decoder->image);
  opj_stream_destroy (decoder->stream);
  opj_destroy_codec (decoder->codec);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Decoder, decoder_clear)

static gboolean
refuse (const Source *source, const char *reason, GError **error)
{
  g_autofree char *message = g_strstrip (g_strdup (source->message));
  g_set_error (error,
               IV_STUDY_ERROR,
               IV_STUDY_ERROR_DAMAGED,
               "JPEG 2000: %s%s%s",
               reason,
               *message != '\0' ? ": " : "",
               message);
  return FALSE;
}

static guint
read_16 (const guint8 *p)
{
  return p[0] << 8 | p[1];
}

/* Where the tile-parts of a raw codestream end when a comment follows them, else 0. Encoders pad
 * films with such comments, and OpenJPEG takes them for a broken tile-part. */
static gsize
find_trailing_comment (const guint8 *data, gsize size)
{
  gsize offset = 2;
  while (offset + 12 <= size && read_16 (data + offset) != MARKER_SOT) {
    if (data[offset] != 0xff)
      return 0;
    offset += 2 + read_16 (data + offset + 2);
  }
  while (offset + 12 <= size && read_16 (data + offset) == MARKER_SOT) {
    gsize length = (gsize) read_16 (data + offset + 6) << 16 | read_16 (data + offset + 8);
    if (length < 14 || length > size - offset)
      return 0;
    offset += length;
  }
  return offset + 2 <= size && read_16 (data + offset) == MARKER_COM ? offset : 0;
}

/* (transfer full) */
static GBytes *
without_trailing_comment (GBytes *frame)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (frame, &size);
  gsize end = size >= 12 && read_16 (data) == MARKER_SOC ? find_trailing_comment (data, size) : 0;
  if (end == 0)
    return g_bytes_ref (frame);
  guint8 *trimmed = g_malloc (end + 2);
  memcpy (trimmed, data, end);
  memcpy (trimmed + end, "\xff\xd9", 2);
  return g_bytes_new_take (trimmed, end + 2);
}

static gboolean
run (Decoder *decoder, Source *source, const IvDicomPixelFormat *format, GError **error)
{
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters (&parameters);
  gboolean is_raw = source->size >= 2 && source->data[0] == 0xff && source->data[1] == 0x4f;
  decoder->codec = opj_create_decompress (is_raw ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
  decoder->stream = opj_stream_default_create (OPJ_TRUE);
  opj_stream_set_user_data (decoder->stream, source, NULL);
  opj_stream_set_user_data_length (decoder->stream, source->size);
  opj_stream_set_read_function (decoder->stream, read_bytes);
  opj_stream_set_skip_function (decoder->stream, skip_bytes);
  opj_stream_set_seek_function (decoder->stream, seek_bytes);
  opj_set_error_handler (decoder->codec, on_error_cb, source);
  opj_set_warning_handler (decoder->codec, on_quiet_cb, NULL);
  opj_set_info_handler (decoder->codec, on_quiet_cb, NULL);
  if (!opj_setup_decoder (decoder->codec, &parameters) ||
      !opj_read_header (decoder->stream, decoder->codec, &decoder->image))
    return refuse (source, "no readable header", error);
  const opj_image_t *image = decoder->image;
  if (image->numcomps != 1 || image->comps[0].w != format->columns ||
      image->comps[0].h != format->rows || image->comps[0].prec > 16)
    return refuse (source, "its size or depth is not what the file announces", error);
  if (!opj_decode (decoder->codec, decoder->stream, decoder->image) ||
      decoder->image->comps[0].data == NULL)
    return refuse (source, "cannot be decoded", error);
  return TRUE;
}

gboolean
iv_decode_j2k (GBytes *frame, IvDicomPixelFormat *format, guint16 *out, GError **error)
{
  g_auto (Decoder) decoder = { 0 };
  Source source = { 0 };
  g_autoptr (GBytes) bytes = without_trailing_comment (frame);
  source.data = g_bytes_get_data (bytes, &source.size);
  if (!run (&decoder, &source, format, error))
    return FALSE;
  const opj_image_comp_t *component = &decoder.image->comps[0];
  gsize n = (gsize) format->rows * format->columns;
  /* A codestream that says unsigned holds the bit patterns of the signed values, and the reverse.
   */
  guint bits = component->prec;
  guint mask = bits < 16 ? (1u << bits) - 1 : 0xffff;
  for (gsize i = 0; i < n; i++) {
    guint value = (guint) component->data[i] & mask;
    if (format->is_signed && (value >> (bits - 1) & 1) != 0)
      value |= ~mask;
    out[i] = (guint16) value;
  }
  format->bits_stored = bits;
  format->bits_allocated = MAX (format->bits_allocated, bits > 8 ? 16u : 8u);
  return TRUE;
}
