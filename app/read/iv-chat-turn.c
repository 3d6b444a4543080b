/* One turn of a conversation: what was asked, or what the model thought and answered.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-chat-turn.h"

#include <string.h>

#define OPEN "<think>"
#define CLOSE "</think>"

struct _IvChatTurn {
  GObject parent_instance;

  IvChatRole role;
  IvChatTurnState state;
  GString *raw;
  char *text;
  char *thinking;
  gboolean is_thinking;
  char *error;
};

G_DEFINE_FINAL_TYPE (IvChatTurn, iv_chat_turn, G_TYPE_OBJECT)

enum { PROP_0, PROP_TEXT, PROP_THINKING, PROP_STATE, N_PROPS };
static GParamSpec *properties[N_PROPS];

/* Length of text without a tag at its end that has only begun to arrive ("<thi"). */
static gsize
length_without_partial_tag (const char *text, const char *tag)
{
  gsize length = strlen (text);

  for (gsize n = MIN (strlen (tag) - 1, length); n > 0; n--)
    if (strncmp (text + length - n, tag, n) == 0)
      return length - n;
  return length;
}

static char *
strip (const char *text, gsize length)
{
  return g_strstrip (g_strndup (text, length));
}

/* Parts raw into thoughts and answer. Some templates open the thoughts in the prompt, so that only
 * the closing tag is written: all before it is thought. */
static void
split (IvChatTurn *self)
{
  const char *raw = self->raw->str;
  const char *close = strstr (raw, CLOSE);
  const char *start = raw;

  g_free (self->text);
  g_free (self->thinking);
  self->is_thinking = FALSE;
  while (g_ascii_isspace (*start))
    start++;
  if (g_str_has_prefix (start, OPEN))
    start += strlen (OPEN);
  else if (close == NULL) {
    self->text = strip (
        raw, MIN (length_without_partial_tag (raw, OPEN), length_without_partial_tag (raw, CLOSE)));
    self->thinking = g_strdup ("");
    return;
  }
  if (close != NULL) {
    self->thinking = strip (start, close - start);
    self->text = g_strstrip (g_strdup (close + strlen (CLOSE)));
  } else {
    self->thinking = strip (start, length_without_partial_tag (start, CLOSE));
    self->text = g_strdup ("");
    self->is_thinking = self->state == IV_CHAT_TURN_WRITING;
  }
}

static void
refresh (IvChatTurn *self)
{
  g_autofree char *text = g_strdup (self->text);
  g_autofree char *thinking = g_strdup (self->thinking);

  split (self);
  if (g_strcmp0 (text, self->text) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
  if (g_strcmp0 (thinking, self->thinking) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_THINKING]);
}

void
iv_chat_turn_append (IvChatTurn *self, const char *piece)
{
  g_return_if_fail (IV_IS_CHAT_TURN (self));

  g_string_append (self->raw, piece);
  refresh (self);
}

void
iv_chat_turn_finish (IvChatTurn *self, IvChatTurnState state, const char *error)
{
  g_return_if_fail (IV_IS_CHAT_TURN (self));

  self->state = state;
  g_free (self->error);
  self->error = g_strdup (error);
  refresh (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

IvChatRole
iv_chat_turn_get_role (IvChatTurn *self)
{
  g_return_val_if_fail (IV_IS_CHAT_TURN (self), IV_CHAT_ROLE_READER);
  return self->role;
}

IvChatTurnState
iv_chat_turn_get_state (IvChatTurn *self)
{
  g_return_val_if_fail (IV_IS_CHAT_TURN (self), IV_CHAT_TURN_DONE);
  return self->state;
}

const char *
iv_chat_turn_get_text (IvChatTurn *self)
{
  g_return_val_if_fail (IV_IS_CHAT_TURN (self), "");
  return self->text;
}

const char *
iv_chat_turn_get_thinking (IvChatTurn *self)
{
  g_return_val_if_fail (IV_IS_CHAT_TURN (self), "");
  return self->thinking;
}

gboolean
iv_chat_turn_is_thinking (IvChatTurn *self)
{
  g_return_val_if_fail (IV_IS_CHAT_TURN (self), FALSE);
  return self->is_thinking;
}

const char *
iv_chat_turn_get_raw (IvChatTurn *self)
{
  g_return_val_if_fail (IV_IS_CHAT_TURN (self), "");
  return self->raw->str;
}

const char *
iv_chat_turn_get_error (IvChatTurn *self)
{
  g_return_val_if_fail (IV_IS_CHAT_TURN (self), NULL);
  return self->error;
}

static void
iv_chat_turn_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  IvChatTurn *self = IV_CHAT_TURN (object);

  switch (id) {
  case PROP_TEXT:
    g_value_set_string (value, self->text);
    break;
  case PROP_THINKING:
    g_value_set_string (value, self->thinking);
    break;
  case PROP_STATE:
    g_value_set_int (value, self->state);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
iv_chat_turn_finalize (GObject *object)
{
  IvChatTurn *self = IV_CHAT_TURN (object);

  g_string_free (self->raw, TRUE);
  g_free (self->text);
  g_free (self->thinking);
  g_free (self->error);
  G_OBJECT_CLASS (iv_chat_turn_parent_class)->finalize (object);
}

static void
iv_chat_turn_class_init (IvChatTurnClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = iv_chat_turn_get_property;
  object_class->finalize = iv_chat_turn_finalize;
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, "", flags);
  properties[PROP_THINKING] = g_param_spec_string ("thinking", NULL, NULL, "", flags);
  properties[PROP_STATE] =
      g_param_spec_int ("state", NULL, NULL, 0, IV_CHAT_TURN_FAILED, IV_CHAT_TURN_WRITING, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
iv_chat_turn_init (IvChatTurn *self)
{
  self->raw = g_string_new (NULL);
  self->text = g_strdup ("");
  self->thinking = g_strdup ("");
}

IvChatTurn *
iv_chat_turn_new (IvChatRole role, const char *text)
{
  IvChatTurn *self = g_object_new (IV_TYPE_CHAT_TURN, NULL);

  self->role = role;
  if (text != NULL) {
    g_free (self->text);
    self->text = g_strdup (text);
    g_string_append (self->raw, text);
    self->state = IV_CHAT_TURN_DONE;
  }
  return self;
}
