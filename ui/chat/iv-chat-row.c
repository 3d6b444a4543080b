/* One turn of the conversation as it is shown: the question, or thoughts, answer and its tools.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/chat/iv-chat-row.h"

#include <glib/gi18n.h>

#include "ui/chat/iv-markdown-view.h"

/* Laying out text costs more than a token does: words are gathered this long. */
#define REFRESH_MS 80

struct _IvChatRow {
  GtkWidget parent_instance;

  IvChatTurn *turn;
  gboolean is_last;
  guint refresh_id;

  /* Template widgets */
  GtkWidget *box;
  GtkLabel *author;
  GtkExpander *thoughts;
  GtkLabel *thoughts_title;
  GtkLabel *thoughts_text;
  GtkLabel *question;
  IvMarkdownView *answer;
  GtkWidget *waiting;
  GtkLabel *waiting_label;
  GtkSpinner *spinner;
  GtkLabel *notice;
  GtkWidget *tools;
  GtkWidget *regenerate_button;
};

G_DEFINE_FINAL_TYPE (IvChatRow, iv_chat_row, GTK_TYPE_WIDGET)

static void
update_notice (IvChatRow *self)
{
  const char *text = "";

  gtk_widget_remove_css_class (GTK_WIDGET (self->notice), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->notice), "dim-label");
  switch (iv_chat_turn_get_state (self->turn)) {
  case IV_CHAT_TURN_STOPPED:
    text = _ ("Stopped");
    gtk_widget_add_css_class (GTK_WIDGET (self->notice), "dim-label");
    break;
  case IV_CHAT_TURN_CONTEXT_FULL:
    text = _ ("The context is full: the answer ends here. Start a new conversation to go on.");
    gtk_widget_add_css_class (GTK_WIDGET (self->notice), "error");
    break;
  case IV_CHAT_TURN_FAILED:
    text = iv_chat_turn_get_error (self->turn);
    gtk_widget_add_css_class (GTK_WIDGET (self->notice), "error");
    break;
  case IV_CHAT_TURN_WRITING:
  case IV_CHAT_TURN_DONE:
  default:
    break;
  }
  gtk_label_set_label (self->notice, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->notice), text != NULL && *text != '\0');
}

static void
update_answer (IvChatRow *self)
{
  const char *text = iv_chat_turn_get_text (self->turn);
  const char *thinking = iv_chat_turn_get_thinking (self->turn);
  gboolean is_thinking = iv_chat_turn_is_thinking (self->turn);
  gboolean is_writing = iv_chat_turn_get_state (self->turn) == IV_CHAT_TURN_WRITING;
  gboolean waits = is_writing && *text == '\0' && !is_thinking;

  iv_markdown_view_set_text (self->answer, text);
  gtk_widget_set_visible (GTK_WIDGET (self->answer), *text != '\0');
  gtk_label_set_label (self->thoughts_text, thinking);
  gtk_label_set_label (self->thoughts_title, is_thinking ? _ ("Thinking…") : _ ("Thoughts"));
  gtk_widget_set_visible (GTK_WIDGET (self->thoughts), *thinking != '\0' || is_thinking);
  gtk_widget_set_visible (self->waiting, waits);
  gtk_spinner_set_spinning (self->spinner, waits);
  gtk_widget_set_visible (self->tools, !is_writing);
  gtk_widget_set_visible (self->regenerate_button, self->is_last);
  update_notice (self);
}

static void
update (IvChatRow *self)
{
  gboolean is_question = iv_chat_turn_get_role (self->turn) == IV_CHAT_ROLE_READER;

  gtk_label_set_label (self->author, is_question ? _ ("You") : _ ("Model, not checked"));
  gtk_widget_set_visible (GTK_WIDGET (self->question), is_question);
  if (!is_question) {
    update_answer (self);
    return;
  }
  gtk_label_set_label (self->question, iv_chat_turn_get_text (self->turn));
  gtk_widget_set_visible (GTK_WIDGET (self->answer), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->notice), FALSE);
  gtk_widget_set_visible (self->waiting, FALSE);
  gtk_widget_set_visible (self->tools, FALSE);
}

static gboolean
on_refresh_cb (gpointer user_data)
{
  IvChatRow *self = user_data;

  self->refresh_id = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
on_text_changed_cb (IvChatRow *self)
{
  if (self->refresh_id == 0)
    self->refresh_id = g_timeout_add (REFRESH_MS, on_refresh_cb, self);
}

static void
on_state_changed_cb (IvChatRow *self)
{
  g_clear_handle_id (&self->refresh_id, g_source_remove);
  update (self);
}

static void
on_copy_clicked_cb (IvChatRow *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          iv_chat_turn_get_text (self->turn));
}

IvChatTurn *
iv_chat_row_get_turn (IvChatRow *self)
{
  g_return_val_if_fail (IV_IS_CHAT_ROW (self), NULL);
  return self->turn;
}

void
iv_chat_row_set_is_last (IvChatRow *self, gboolean is_last)
{
  g_return_if_fail (IV_IS_CHAT_ROW (self));
  self->is_last = is_last;
  gtk_widget_set_visible (self->regenerate_button, is_last);
}

void
iv_chat_row_set_waits (IvChatRow *self, gboolean waits)
{
  g_return_if_fail (IV_IS_CHAT_ROW (self));
  gtk_label_set_label (self->waiting_label,
                       waits ? _ ("Waiting for the comparison") : _ ("Reading the conversation…"));
}

static void
iv_chat_row_dispose (GObject *object)
{
  IvChatRow *self = IV_CHAT_ROW (object);

  g_clear_handle_id (&self->refresh_id, g_source_remove);
  g_clear_object (&self->turn);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (iv_chat_row_parent_class)->dispose (object);
}

static void
iv_chat_row_class_init (IvChatRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_chat_row_dispose;
  g_type_ensure (IV_TYPE_MARKDOWN_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/intervalcxr/Interval/ui/iv-chat-row.ui");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, answer);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, author);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, box);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, notice);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, question);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, regenerate_button);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, thoughts);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, thoughts_text);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, thoughts_title);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, tools);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, waiting);
  gtk_widget_class_bind_template_child (widget_class, IvChatRow, waiting_label);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked_cb);
}

static void
iv_chat_row_init (IvChatRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  iv_chat_row_set_waits (self, FALSE);
}

GtkWidget *
iv_chat_row_new (IvChatTurn *turn)
{
  IvChatRow *self = g_object_new (IV_TYPE_CHAT_ROW, NULL);
  gboolean is_question = iv_chat_turn_get_role (turn) == IV_CHAT_ROLE_READER;

  self->turn = g_object_ref (turn);
  gtk_widget_add_css_class (GTK_WIDGET (self), is_question ? "reader" : "model");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  is_question ? _ ("Question") : _ ("Answer"),
                                  -1);
  g_signal_connect_object (
      turn, "notify::text", G_CALLBACK (on_text_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      turn, "notify::thinking", G_CALLBACK (on_text_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      turn, "notify::state", G_CALLBACK (on_state_changed_cb), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
