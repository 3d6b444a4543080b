/* The text stream: split characters, bytes that are no text, stop texts.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "model/generate/iv-text-stream.h"

static void
assert_push (IvTextStream *stream, const char *bytes, const char *text)
{
  g_assert_false (iv_text_stream_push (stream, bytes, strlen (bytes)));
  g_assert_cmpstr (iv_text_stream_take (stream), ==, text);
}

static void
test_characters (void)
{
  g_autoptr (IvTextStream) stream = iv_text_stream_new (NULL);
  assert_push (stream, "No ", "No ");
  /* 흉 is ED 9D 89, 😀 is F0 9F 98 80. */
  assert_push (stream, "\xED", "");
  assert_push (stream, "\x9D", "");
  assert_push (stream,
               "\x89"
               "a\xF0\x9F",
               "흉a");
  assert_push (stream, "\x98\x80", "😀");
  g_assert_cmpstr (iv_text_stream_finish (stream), ==, "");
}

static void
test_no_text (void)
{
  g_autoptr (IvTextStream) stream = iv_text_stream_new (NULL);
  assert_push (stream,
               "a\xFF"
               "b",
               "a\uFFFDb");
  /* A character that another one interrupts. */
  assert_push (stream, "\xE2\x82", "");
  assert_push (stream, "x", "\uFFFD\uFFFDx");
  g_assert_false (iv_text_stream_push (stream, "\0y", 2));
  g_assert_cmpstr (iv_text_stream_take (stream), ==, "\uFFFDy");
  assert_push (stream, "z\xED\x9D", "z");
  g_assert_cmpstr (iv_text_stream_finish (stream), ==, "\uFFFD\uFFFD");
}

static void
test_stop (void)
{
  const char *stops[] = { "USER:", "</s>", "", NULL };
  g_autoptr (IvTextStream) stream = iv_text_stream_new (stops);
  assert_push (stream, "fine <", "fine ");
  assert_push (stream, "/", "");
  /* It was none. */
  assert_push (stream, "b> US", "</b> ");
  assert_push (stream, "A", "USA");
  assert_push (stream, " </", " ");
  g_assert_true (iv_text_stream_push (stream, "s> USER: more", 13));
  g_assert_cmpstr (iv_text_stream_take (stream), ==, "");
  g_assert_true (iv_text_stream_push (stream, "later", 5));
  g_assert_cmpstr (iv_text_stream_finish (stream), ==, "");
}

static void
test_held_at_end (void)
{
  const char *stops[] = { "aab", NULL };
  g_autoptr (IvTextStream) stream = iv_text_stream_new (stops);
  assert_push (stream, "aaa", "a");
  g_assert_cmpstr (iv_text_stream_finish (stream), ==, "aa");
  g_autoptr (IvTextStream) other = iv_text_stream_new (stops);
  assert_push (other, "aaa", "a");
  g_assert_true (iv_text_stream_push (other, "b", 1));
  g_assert_cmpstr (iv_text_stream_take (other), ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text-stream/characters", test_characters);
  g_test_add_func ("/text-stream/no-text", test_no_text);
  g_test_add_func ("/text-stream/stop", test_stop);
  g_test_add_func ("/text-stream/held-at-end", test_held_at_end);
  return g_test_run ();
}
