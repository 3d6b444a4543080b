/* Conversations come back from the library: when a study is opened again, and after a crash.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "app/read/iv-chat-journal.h"

typedef struct {
  char *folder, *file;
  IvEngine *engine;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("interval-journal-XXXXXX", NULL);
  fixture->file = g_build_filename (fixture->folder, "library.db", NULL);
  fixture->engine = iv_engine_new (NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *file = g_strconcat (fixture->file, suffixes[i], NULL);

    g_unlink (file);
  }
  g_rmdir (fixture->folder);
  g_free (fixture->file);
  g_free (fixture->folder);
  g_object_unref (fixture->engine);
}

static IvLibrary *
open_library (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  IvLibrary *library = iv_library_open (fixture->file, &error);

  g_assert_no_error (error);
  return library;
}

static void
set_study (IvChatJournal *journal, const char *study)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (iv_chat_journal_set_study (journal, study, &error));
  g_assert_no_error (error);
}

/* As the chat does it: a question, and an answer that has begun. (transfer full) */
static IvChatTurn *
begin_answer (IvChat *chat, const char *question)
{
  GListStore *turns = G_LIST_STORE (iv_chat_get_turns (chat));
  g_autoptr (IvChatTurn) asked = iv_chat_turn_new (IV_CHAT_ROLE_READER, question);
  IvChatTurn *answer = iv_chat_turn_new (IV_CHAT_ROLE_MODEL, NULL);

  g_list_store_append (turns, asked);
  g_list_store_append (turns, answer);
  return answer;
}

static void
assert_turn (IvChat *chat, guint position, const char *text, IvChatTurnState state)
{
  g_autoptr (IvChatTurn) turn = g_list_model_get_item (iv_chat_get_turns (chat), position);

  g_assert_nonnull (turn);
  g_assert_cmpstr (iv_chat_turn_get_text (turn), ==, text);
  g_assert_cmpint (iv_chat_turn_get_state (turn), ==, state);
}

static guint
count_turns (IvChat *chat)
{
  return g_list_model_get_n_items (iv_chat_get_turns (chat));
}

static void
test_studies (Fixture *fixture, gconstpointer data)
{
  g_autoptr (IvLibrary) library = open_library (fixture);
  g_autoptr (IvChat) chat = iv_chat_new (fixture->engine);
  g_autoptr (IvChatJournal) journal = iv_chat_journal_new (chat, library);
  g_autoptr (IvChatTurn) answer = NULL, failed = NULL, thought = NULL;

  set_study (journal, "1.2.3");
  answer = begin_answer (chat, "What changed?");
  iv_chat_turn_append (answer, "<think>Look.</think>**Nothing** \"much\"");
  iv_chat_turn_finish (answer, IV_CHAT_TURN_DONE, NULL);
  failed = begin_answer (chat, "심장은?");
  iv_chat_turn_finish (failed, IV_CHAT_TURN_FAILED, "The device was lost.");
  set_study (journal, "4.5.6");
  g_assert_cmpuint (count_turns (chat), ==, 0);
  set_study (journal, "1.2.3");
  g_assert_cmpuint (count_turns (chat), ==, 4);
  assert_turn (chat, 0, "What changed?", IV_CHAT_TURN_DONE);
  assert_turn (chat, 1, "**Nothing** \"much\"", IV_CHAT_TURN_DONE);
  assert_turn (chat, 2, "심장은?", IV_CHAT_TURN_DONE);
  assert_turn (chat, 3, "", IV_CHAT_TURN_FAILED);
  thought = g_list_model_get_item (iv_chat_get_turns (chat), 1);
  g_assert_cmpstr (iv_chat_turn_get_thinking (thought), ==, "Look.");
  g_clear_object (&thought);
  thought = g_list_model_get_item (iv_chat_get_turns (chat), 3);
  g_assert_cmpstr (iv_chat_turn_get_error (thought), ==, "The device was lost.");
}

/* What another process would find in the file now. */
static char *
read_note (Fixture *fixture, const char *study)
{
  g_autoptr (IvLibrary) library = open_library (fixture);
  g_autoptr (GError) error = NULL;
  char *note = iv_library_get_note (library, study, "chat", &error);

  g_assert_no_error (error);
  return note;
}

/* While an answer comes the file follows it without being told, at most once a second. */
static void
test_growing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (IvLibrary) library = open_library (fixture);
  g_autoptr (IvChat) chat = iv_chat_new (fixture->engine);
  g_autoptr (IvChatJournal) journal = iv_chat_journal_new (chat, library);
  g_autoptr (IvChat) other_chat = iv_chat_new (fixture->engine);
  g_autoptr (IvLibrary) other_library = open_library (fixture);
  g_autoptr (IvChatJournal) other = iv_chat_journal_new (other_chat, other_library);
  g_autoptr (IvChatTurn) answer = NULL;
  g_autofree char *asked = NULL, *early = NULL;
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  set_study (journal, "1.2.3");
  answer = begin_answer (chat, "What changed?");
  asked = read_note (fixture, "1.2.3");
  g_assert_nonnull (strstr (asked, "What changed?"));
  iv_chat_turn_append (answer, "The heart");
  early = read_note (fixture, "1.2.3");
  g_assert_cmpstr (early, ==, asked);
  for (gboolean is_there = FALSE; !is_there;) {
    g_autofree char *note = NULL;

    g_assert_cmpint (g_get_monotonic_time (), <, end);
    g_main_context_iteration (NULL, TRUE);
    note = read_note (fixture, "1.2.3");
    is_there = strstr (note, "The heart") != NULL;
  }
  /* The first program is killed here: the next one finds the beginning, marked as stopped. */
  set_study (other, "1.2.3");
  assert_turn (other_chat, 0, "What changed?", IV_CHAT_TURN_DONE);
  assert_turn (other_chat, 1, "The heart", IV_CHAT_TURN_STOPPED);
}

static void
test_clear (Fixture *fixture, gconstpointer data)
{
  g_autoptr (IvLibrary) library = open_library (fixture);
  g_autoptr (IvChat) chat = iv_chat_new (fixture->engine);
  g_autoptr (IvChatJournal) journal = iv_chat_journal_new (chat, library);
  g_autoptr (IvChatTurn) answer = NULL;
  g_autofree char *before = NULL, *after = NULL;

  set_study (journal, "1.2.3");
  answer = begin_answer (chat, "What changed?");
  iv_chat_turn_append (answer, "The heart");
  iv_chat_turn_finish (answer, IV_CHAT_TURN_STOPPED, NULL);
  before = read_note (fixture, "1.2.3");
  g_assert_nonnull (strstr (before, "The heart"));
  iv_chat_clear (chat);
  after = read_note (fixture, "1.2.3");
  g_assert_null (after);
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  static const char *const damaged[] = {
    "", "{", "{}", "[1]", "[{}]", "[{\"role\":\"reader\"}]", "[{\"role\":1,\"text\":[]}]"
  };
  g_autoptr (IvLibrary) library = open_library (fixture);
  g_autoptr (IvChat) chat = iv_chat_new (fixture->engine);
  g_autoptr (IvChatJournal) journal = iv_chat_journal_new (chat, library);

  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *note = NULL;

    g_assert_true (iv_library_set_note (library, "1.2.3", "chat", damaged[i], NULL));
    g_assert_false (iv_chat_journal_set_study (journal, "1.2.3", &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    g_assert_cmpuint (count_turns (chat), ==, 0);
    note = read_note (fixture, "1.2.3");
    g_assert_cmpstr (note, ==, damaged[i]);
    set_study (journal, "4.5.6");
    g_assert_true (iv_library_set_note (library, "1.2.3", "chat", NULL, NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/chat-journal/studies", Fixture, NULL, set_up, test_studies, tear_down);
  g_test_add ("/chat-journal/growing", Fixture, NULL, set_up, test_growing, tear_down);
  g_test_add ("/chat-journal/clear", Fixture, NULL, set_up, test_clear, tear_down);
  g_test_add ("/chat-journal/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  return g_test_run ();
}
