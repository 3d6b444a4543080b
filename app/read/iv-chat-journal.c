/* Keeps the conversation about each study in the library, so that a crash takes none of it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-chat-journal.h"

#include <json-glib/json-glib.h>

#include "model/files/iv-json.h"

#define NOTE "chat"
#define PERIOD_MS 1000

struct IvChatJournal {
  IvChat *chat;
  IvLibrary *library;
  IvChatTurn *last; /* the last turn, watched; (owned) or NULL */
  char *study;      /* NULL while there is none, or while it is being changed */
  guint timeout;    /* set while something is unwritten */
};

static const char *const state_names[] = { "writing", "done", "stopped", "context-full", "failed" };

static void
add_turn (JsonBuilder *builder, IvChatTurn *turn)
{
  gboolean is_reader = iv_chat_turn_get_role (turn) == IV_CHAT_ROLE_READER;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "role");
  json_builder_add_string_value (builder, is_reader ? "reader" : "model");
  json_builder_set_member_name (builder, "state");
  json_builder_add_string_value (builder, state_names[iv_chat_turn_get_state (turn)]);
  json_builder_set_member_name (builder, "text");
  json_builder_add_string_value (builder, iv_chat_turn_get_raw (turn));
  if (iv_chat_turn_get_error (turn) != NULL) {
    json_builder_set_member_name (builder, "error");
    json_builder_add_string_value (builder, iv_chat_turn_get_error (turn));
  }
  json_builder_end_object (builder);
}

/* NULL for a conversation without turns. */
static char *
write_turns (GListModel *turns)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  guint n_turns = g_list_model_get_n_items (turns);

  if (n_turns == 0)
    return NULL;
  json_builder_begin_array (builder);
  for (guint i = 0; i < n_turns; i++) {
    g_autoptr (IvChatTurn) turn = g_list_model_get_item (turns, i);

    add_turn (builder, turn);
  }
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  return iv_json_to_string (root, FALSE);
}

/* NULL when there is none or it is no string. */
static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static IvChatTurn *
read_turn (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *role, *state, *text, *error;
  IvChatTurn *turn;

  if (object == NULL)
    return NULL;
  role = get_string (object, "role");
  state = get_string (object, "state");
  text = get_string (object, "text");
  error = get_string (object, "error");
  if (role == NULL || text == NULL)
    return NULL;
  if (g_str_equal (role, "reader"))
    return iv_chat_turn_new (IV_CHAT_ROLE_READER, text);
  turn = iv_chat_turn_new (IV_CHAT_ROLE_MODEL, NULL);
  iv_chat_turn_append (turn, text);
  for (guint i = IV_CHAT_TURN_DONE; i < G_N_ELEMENTS (state_names); i++)
    if (g_strcmp0 (state, state_names[i]) == 0)
      iv_chat_turn_finish (turn, i, error);
  /* It was being written when the program ended. */
  if (iv_chat_turn_get_state (turn) == IV_CHAT_TURN_WRITING)
    iv_chat_turn_finish (turn, IV_CHAT_TURN_STOPPED, NULL);
  return turn;
}

/* (transfer full) IvChatTurn *, or NULL with error. */
static GPtrArray *
read_turns (const char *value, GError **error)
{
  g_autoptr (GPtrArray) turns = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (JsonNode) root = json_from_string (value, NULL);
  JsonArray *array =
      root != NULL && JSON_NODE_HOLDS_ARRAY (root) ? json_node_get_array (root) : NULL;
  gboolean is_good = array != NULL;

  for (guint i = 0; is_good && i < json_array_get_length (array); i++) {
    IvChatTurn *turn = read_turn (json_array_get_element (array, i));

    is_good = turn != NULL;
    if (is_good)
      g_ptr_array_add (turns, turn);
  }
  if (is_good)
    return g_steal_pointer (&turns);
  g_set_error_literal (error,
                       G_IO_ERROR,
                       G_IO_ERROR_INVALID_DATA,
                       "The conversation kept for this study cannot be read.");
  return NULL;
}

static void
save (IvChatJournal *self)
{
  g_autofree char *value = NULL;
  g_autoptr (GError) error = NULL;

  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->study == NULL)
    return;
  value = write_turns (iv_chat_get_turns (self->chat));
  /* The conversation itself goes on; the next piece tries again. */
  if (!iv_library_set_note (self->library, self->study, NOTE, value, &error))
    g_info ("The conversation is not kept: %s", error->message);
}

static gboolean
on_timeout_cb (gpointer user_data)
{
  IvChatJournal *self = user_data;

  self->timeout = 0;
  save (self);
  return G_SOURCE_REMOVE;
}

static void
on_turn_changed_cb (IvChatTurn *turn, GParamSpec *pspec, gpointer user_data)
{
  IvChatJournal *self = user_data;

  if (iv_chat_turn_get_state (turn) != IV_CHAT_TURN_WRITING)
    save (self);
  else if (self->timeout == 0)
    self->timeout = g_timeout_add (PERIOD_MS, on_timeout_cb, self);
}

static void
watch_last (IvChatJournal *self)
{
  GListModel *turns = iv_chat_get_turns (self->chat);
  guint n_turns = g_list_model_get_n_items (turns);

  if (self->last != NULL)
    g_signal_handlers_disconnect_by_data (self->last, self);
  g_clear_object (&self->last);
  if (n_turns == 0)
    return;
  self->last = g_list_model_get_item (turns, n_turns - 1);
  g_signal_connect (self->last, "notify", G_CALLBACK (on_turn_changed_cb), self);
}

static void
on_items_changed_cb (GListModel *turns,
                     guint position,
                     guint n_removed,
                     guint n_added,
                     gpointer user_data)
{
  IvChatJournal *self = user_data;

  watch_last (self);
  save (self);
}

gboolean
iv_chat_journal_set_study (IvChatJournal *self, const char *study, GError **error)
{
  g_autoptr (GPtrArray) turns = NULL;
  g_autofree char *value = NULL;
  g_autoptr (GError) failure = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  if (g_strcmp0 (study, self->study) == 0)
    return TRUE;
  iv_chat_stop (self->chat);
  if (self->timeout != 0)
    save (self);
  g_clear_pointer (&self->study, g_free); /* nothing is written from here on */
  if (study != NULL)
    value = iv_library_get_note (self->library, study, NOTE, &failure);
  if (value != NULL)
    turns = read_turns (value, &failure);
  iv_chat_restore (self->chat, turns);
  self->study = g_strdup (study);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

IvChatJournal *
iv_chat_journal_new (IvChat *chat, IvLibrary *library)
{
  IvChatJournal *self = g_new0 (IvChatJournal, 1);

  self->chat = g_object_ref (chat);
  self->library = g_object_ref (library);
  g_signal_connect (
      iv_chat_get_turns (chat), "items-changed", G_CALLBACK (on_items_changed_cb), self);
  watch_last (self);
  return self;
}

void
iv_chat_journal_free (IvChatJournal *self)
{
  if (self == NULL)
    return;
  if (self->timeout != 0)
    save (self);
  g_signal_handlers_disconnect_by_data (iv_chat_get_turns (self->chat), self);
  if (self->last != NULL)
    g_signal_handlers_disconnect_by_data (self->last, self);
  g_clear_object (&self->last);
  g_object_unref (self->chat);
  g_object_unref (self->library);
  g_free (self->study);
  g_free (self);
}
