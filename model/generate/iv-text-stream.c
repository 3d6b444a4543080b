/* Bytes of tokens to text that can be shown: whole characters, ending before a stop text.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/iv-text-stream.h"

#include <string.h>

struct IvTextStream {
  char **stop_texts;
  GString *bytes; /* not yet shown */
  GString *text;  /* what the last take() gave */
  gboolean stopped;
};

IvTextStream *
iv_text_stream_new (const char *const *stop_texts)
{
  IvTextStream *stream = g_new0 (IvTextStream, 1);
  stream->stop_texts = g_strdupv ((char **) stop_texts);
  stream->bytes = g_string_new (NULL);
  stream->text = g_string_new (NULL);
  return stream;
}

void
iv_text_stream_free (IvTextStream *stream)
{
  g_strfreev (stream->stop_texts);
  g_string_free (stream->bytes, TRUE);
  g_string_free (stream->text, TRUE);
  g_free (stream);
}

/* Offset of the earliest stop text in the bytes, or -1. */
static gssize
find_stop (IvTextStream *stream)
{
  gssize first = -1;
  for (char **stop = stream->stop_texts; stop != NULL && *stop != NULL; stop++) {
    const char *found =
        **stop == '\0' ? NULL
                       : memmem (stream->bytes->str, stream->bytes->len, *stop, strlen (*stop));
    if (found != NULL && (first < 0 || found - stream->bytes->str < first))
      first = found - stream->bytes->str;
  }
  return first;
}

gboolean
iv_text_stream_push (IvTextStream *stream, const char *bytes, gsize n_bytes)
{
  if (stream->stopped)
    return TRUE;
  g_string_append_len (stream->bytes, bytes, (gssize) n_bytes);
  gssize stop = find_stop (stream);
  if (stop < 0)
    return FALSE;
  g_string_truncate (stream->bytes, (gsize) stop);
  stream->stopped = TRUE;
  return TRUE;
}

/* Length of the longest end of the bytes that a stop text begins with. */
static gsize
held_for_stop (IvTextStream *stream)
{
  gsize held = 0;
  for (char **stop = stream->stop_texts; stop != NULL && *stop != NULL; stop++) {
    gsize length = strlen (*stop);
    for (gsize n = MIN (length, stream->bytes->len); n > held; n--)
      if (memcmp (stream->bytes->str + stream->bytes->len - n, *stop, n) == 0)
        held = n;
  }
  return held;
}

/* Appends n bytes to the text as valid UTF-8. Returns the bytes used: an unfinished character at
 * the end is left unless it is the last there will be. */
static gsize
append_characters (GString *text, const char *bytes, gsize n, gboolean is_last)
{
  gsize used = 0;
  while (used < n) {
    gunichar c = g_utf8_get_char_validated (bytes + used, (gssize) (n - used));
    /* The validator takes a zero byte for the end of the text. */
    gboolean unfinished = c == (gunichar) -2 && bytes[used] != '\0';
    if (unfinished && !is_last)
      break;
    if (unfinished || c == (gunichar) -1 || bytes[used] == '\0') {
      g_string_append (text, "\357\277\275");
      used++;
      continue;
    }
    gsize length = (gsize) (g_utf8_next_char (bytes + used) - (bytes + used));
    g_string_append_len (text, bytes + used, (gssize) length);
    used += length;
  }
  return used;
}

static const char *
take (IvTextStream *stream, gsize held, gboolean is_last)
{
  gsize n = stream->bytes->len - held;
  g_string_truncate (stream->text, 0);
  gsize used = append_characters (stream->text, stream->bytes->str, n, is_last);
  g_string_erase (stream->bytes, 0, (gssize) used);
  return stream->text->str;
}

const char *
iv_text_stream_take (IvTextStream *stream)
{
  return take (stream, stream->stopped ? 0 : held_for_stop (stream), stream->stopped);
}

const char *
iv_text_stream_finish (IvTextStream *stream)
{
  stream->stopped = TRUE;
  return take (stream, 0, TRUE);
}
