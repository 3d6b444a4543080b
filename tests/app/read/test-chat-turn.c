/* Thoughts and answer are told apart at every moment of the writing.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-chat-turn.h"

/* The same text in one piece and byte by byte must end the same. */
static void
check_end (const char *raw, const char *thinking, const char *text)
{
  g_autoptr (IvChatTurn) whole = iv_chat_turn_new (IV_CHAT_ROLE_MODEL, NULL);
  g_autoptr (IvChatTurn) slow = iv_chat_turn_new (IV_CHAT_ROLE_MODEL, NULL);

  iv_chat_turn_append (whole, raw);
  iv_chat_turn_finish (whole, IV_CHAT_TURN_DONE, NULL);
  for (const char *at = raw; *at != '\0'; at++) {
    char piece[2] = { *at, '\0' };

    iv_chat_turn_append (slow, piece);
    /* No part of a tag is ever shown. */
    g_assert_null (strstr (iv_chat_turn_get_text (slow), "<t"));
    g_assert_null (strstr (iv_chat_turn_get_text (slow), "</"));
    g_assert_null (strstr (iv_chat_turn_get_thinking (slow), "</"));
  }
  iv_chat_turn_finish (slow, IV_CHAT_TURN_DONE, NULL);
  g_assert_cmpstr (iv_chat_turn_get_thinking (whole), ==, thinking);
  g_assert_cmpstr (iv_chat_turn_get_text (whole), ==, text);
  g_assert_cmpstr (iv_chat_turn_get_thinking (slow), ==, thinking);
  g_assert_cmpstr (iv_chat_turn_get_text (slow), ==, text);
  g_assert_cmpstr (iv_chat_turn_get_raw (slow), ==, raw);
}

static void
test_split (void)
{
  check_end ("An answer.", "", "An answer.");
  check_end ("<think>One. Two.</think>\n\nAn answer.", "One. Two.", "An answer.");
  check_end ("\n<think>\nOne.\n</think>An answer.", "One.", "An answer.");
  check_end ("<think></think>\n\nAn answer.", "", "An answer.");
  check_end ("a < b, b > c", "", "a < b, b > c");
  check_end ("", "", "");
}

static void
test_thoughts_opened_by_the_template (void)
{
  g_autoptr (IvChatTurn) turn = iv_chat_turn_new (IV_CHAT_ROLE_MODEL, NULL);

  iv_chat_turn_append (turn, "One. Two.</think>An answer.");
  g_assert_cmpstr (iv_chat_turn_get_thinking (turn), ==, "One. Two.");
  g_assert_cmpstr (iv_chat_turn_get_text (turn), ==, "An answer.");
}

static void
test_stopped_while_thinking (void)
{
  g_autoptr (IvChatTurn) turn = iv_chat_turn_new (IV_CHAT_ROLE_MODEL, NULL);

  iv_chat_turn_append (turn, "<think>One.");
  g_assert_true (iv_chat_turn_is_thinking (turn));
  iv_chat_turn_finish (turn, IV_CHAT_TURN_STOPPED, NULL);
  g_assert_false (iv_chat_turn_is_thinking (turn));
  g_assert_cmpstr (iv_chat_turn_get_thinking (turn), ==, "One.");
  g_assert_cmpstr (iv_chat_turn_get_text (turn), ==, "");
  g_assert_cmpint (iv_chat_turn_get_state (turn), ==, IV_CHAT_TURN_STOPPED);
}

static void
on_notify_cb (guint *count)
{
  ++*count;
}

static void
test_notifies (void)
{
  g_autoptr (IvChatTurn) turn = iv_chat_turn_new (IV_CHAT_ROLE_MODEL, NULL);
  guint n_text = 0, n_thinking = 0, n_state = 0;

  g_signal_connect_swapped (turn, "notify::text", G_CALLBACK (on_notify_cb), &n_text);
  g_signal_connect_swapped (turn, "notify::thinking", G_CALLBACK (on_notify_cb), &n_thinking);
  g_signal_connect_swapped (turn, "notify::state", G_CALLBACK (on_notify_cb), &n_state);
  iv_chat_turn_append (turn, "<think>One.");
  g_assert_cmpuint (n_text, ==, 0);
  g_assert_cmpuint (n_thinking, ==, 1);
  iv_chat_turn_append (turn, "</think>Two.");
  g_assert_cmpuint (n_text, ==, 1);
  g_assert_cmpuint (n_thinking, ==, 1);
  iv_chat_turn_finish (turn, IV_CHAT_TURN_FAILED, "no memory");
  g_assert_cmpuint (n_state, ==, 1);
  g_assert_cmpstr (iv_chat_turn_get_error (turn), ==, "no memory");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chat-turn/split", test_split);
  g_test_add_func ("/chat-turn/opened-by-the-template", test_thoughts_opened_by_the_template);
  g_test_add_func ("/chat-turn/stopped-while-thinking", test_stopped_while_thinking);
  g_test_add_func ("/chat-turn/notifies", test_notifies);
  return g_test_run ();
}
