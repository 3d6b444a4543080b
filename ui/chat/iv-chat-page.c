/* The page of the side panel to talk with a language model about the case.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/chat/iv-chat-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "ui/chat/iv-chat-model-box.h"
#include "ui/chat/iv-chat-row.h"
#include "ui/iv-words.h"

struct _IvChatPage {
  GtkWidget parent_instance;

  IvChat *chat;
  IvEngine *engine;
  gboolean follows_end;  /* the view stays at the end while words come */
  guint tick;            /* set while the view is about to go to the end */
  gboolean is_comparing; /* the engine is asked for a comparison, too */
  char *load_error;      /* why the last model could not be loaded, or NULL */

  /* Template widgets */
  GtkWidget *stack;
  AdwStatusPage *no_model;
  IvChatModelBox *first_model; /* on the page without a conversation */
  IvChatModelBox *later_model; /* below a conversation */
  GtkLabel *model_note;
  GtkStack *foot;
  GtkLabel *model_name;
  GtkLabel *model_details;
  GtkScrolledWindow *scroller;
  GtkLabel *given_case;
  GtkBox *suggestions;
  GtkBox *turns;
  GtkTextView *entry;
  GtkStack *button_stack;
  GtkLabel *speed;
  GtkLabel *context;
  GtkWidget *context_box;
  GtkLevelBar *context_bar;
};

G_DEFINE_FINAL_TYPE (IvChatPage, iv_chat_page, GTK_TYPE_WIDGET)

enum { MODEL_CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

static const char *const suggestions[] = {
  N_ ("Explain the differential diagnosis step by step."),
  N_ ("What changed since the prior film, and what could it mean?"),
  N_ ("What should be looked at next, and why?"),
};

static char *
get_question (IvChatPage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->entry);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return g_strstrip (gtk_text_buffer_get_text (buffer, &start, &end, FALSE));
}

static void
update_actions (IvChatPage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  IvChatState state = iv_chat_get_state (self->chat);
  g_autofree char *question = get_question (self);
  gboolean has_turns = g_list_model_get_n_items (iv_chat_get_turns (self->chat)) > 0;
  gboolean is_answering = state == IV_CHAT_READING || state == IV_CHAT_ANSWERING;

  gtk_widget_action_set_enabled (widget, "chat.send", state == IV_CHAT_READY && *question != '\0');
  gtk_widget_action_set_enabled (widget, "chat.stop", is_answering);
  gtk_widget_action_set_enabled (widget, "chat.regenerate", iv_chat_can_regenerate (self->chat));
  gtk_widget_action_set_enabled (widget, "chat.clear", has_turns);
  gtk_widget_action_set_enabled (widget, "chat.copy-all", has_turns);
  gtk_widget_action_set_enabled (widget, "chat.unload", iv_chat_get_model (self->chat) != NULL);
  gtk_stack_set_visible_child_name (self->button_stack, is_answering ? "stop" : "send");
  gtk_widget_set_visible (GTK_WIDGET (self->suggestions), !has_turns);
}

static const char *
no_model_title (IvChatPage *self)
{
  return iv_chat_get_state (self->chat) == IV_CHAT_LOADING ? _ ("Loading the Model")
                                                           : _ ("No Language Model");
}

static void
update_model (IvChatPage *self)
{
  const IvChatModelInfo *model = iv_chat_get_model (self->chat);
  const char *description = self->engine != NULL ? iv_engine_get_device_name (self->engine) : "";
  g_autofree char *device = iv_words_device (description);
  g_autofree char *details = NULL;
  g_autofree char *tooltip = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->model_details), model != NULL);
  if (model == NULL) {
    gtk_label_set_label (self->model_name, no_model_title (self));
    return;
  }
  details = g_strdup_printf ("%s · %s%s%s",
                             model->quantisation,
                             model->architecture,
                             *device != '\0' ? " · " : "",
                             device);
  tooltip = g_strdup_printf (_ ("%s\n%s\nDigest %.16s%s"),
                             model->file,
                             description,
                             model->digest,
                             model->has_template ? "" : _ ("\nNo chat template: guessed"));
  gtk_label_set_label (self->model_name, model->name);
  gtk_label_set_label (self->model_details, details);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->model_details), tooltip);
}

/* How full the context is has to be counted by the model: after a conversation came back nothing
 * is known before the next answer. */
static void
update_context (IvChatPage *self)
{
  const IvChatMeter *meter = iv_chat_get_meter (self->chat);
  gboolean has_turns = g_list_model_get_n_items (iv_chat_get_turns (self->chat)) > 0;
  g_autofree char *context = g_strdup_printf ("%u / %u", meter->n_used, meter->n_context);

  gtk_label_set_label (self->context, context);
  gtk_level_bar_set_value (self->context_bar,
                           meter->n_context > 0 ? MIN ((double) meter->n_used / meter->n_context, 1)
                                                : 0);
  gtk_widget_set_visible (self->context_box, meter->n_used > 0 || !has_turns);
}

static void
on_meter_changed_cb (IvChatPage *self)
{
  const IvChatMeter *meter = iv_chat_get_meter (self->chat);
  gboolean waits = self->is_comparing && iv_chat_is_queued (self->chat);
  GtkWidget *row = gtk_widget_get_last_child (GTK_WIDGET (self->turns));
  g_autofree char *speed = NULL;

  if (meter->tokens_per_second > 0)
    speed = g_strdup_printf (_ ("%.1f tokens/s"), meter->tokens_per_second);
  else if (iv_chat_get_state (self->chat) == IV_CHAT_READING && !waits)
    speed = g_strdup (_ ("Reading…"));
  gtk_label_set_label (self->speed, speed != NULL ? speed : "");
  if (row != NULL)
    iv_chat_row_set_waits (IV_CHAT_ROW (row), waits);
  update_context (self);
}

/* A conversation is shown with or without a model. */
static void
update_stage (IvChatPage *self)
{
  IvChatState state = iv_chat_get_state (self->chat);
  gboolean has_turns = g_list_model_get_n_items (iv_chat_get_turns (self->chat)) > 0;
  gboolean has_model = state != IV_CHAT_NO_MODEL && state != IV_CHAT_LOADING;
  gboolean waits = self->is_comparing && iv_chat_is_queued (self->chat);
  IvChatModelBox *boxes[] = { self->first_model, self->later_model };

  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++) {
    if (state == IV_CHAT_LOADING)
      iv_chat_model_box_show_loading (boxes[i],
                                      waits ? _ ("Waiting for the comparison")
                                            : iv_chat_get_message (self->chat),
                                      waits ? 0 : iv_chat_get_fraction (self->chat));
    else
      iv_chat_model_box_show_choice (boxes[i], self->load_error);
  }
  adw_status_page_set_title (self->no_model, no_model_title (self));
  adw_status_page_set_description (
      self->no_model,
      state == IV_CHAT_LOADING
          ? NULL
          : _ ("Add one as a GGUF file or a Hugging Face folder. It runs on this machine only: "
               "nothing is sent anywhere. Everything else works without it."));
  gtk_widget_set_visible (GTK_WIDGET (self->model_note), state == IV_CHAT_NO_MODEL);
  gtk_stack_set_visible_child_name (self->foot, has_model ? "write" : "model");
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    has_model || has_turns ? "talk" : "no-model");
}

static void
on_state_changed_cb (IvChatPage *self)
{
  update_model (self);
  update_actions (self);
  update_stage (self);
  on_meter_changed_cb (self);
}

static void
on_case_changed_cb (IvChatPage *self)
{
  g_autofree char *text = g_strchomp (g_strdup (iv_chat_get_case (self->chat)));
  g_autofree char *instructions = iv_chat_get_instructions (self->chat);

  gtk_label_set_label (self->given_case, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->given_case), instructions);
}

static void
on_turns_changed_cb (IvChatPage *self, guint position, guint n_removed, guint n_added)
{
  GListModel *model = iv_chat_get_turns (self->chat);
  GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->turns));
  guint i = 0;

  for (; i < position; i++)
    row = gtk_widget_get_next_sibling (row);
  for (i = 0; i < n_removed; i++) {
    GtkWidget *next = gtk_widget_get_next_sibling (row);

    gtk_box_remove (self->turns, row);
    row = next;
  }
  for (i = 0; i < n_added; i++) {
    g_autoptr (IvChatTurn) turn = g_list_model_get_item (model, position + i);

    gtk_box_append (self->turns, iv_chat_row_new (turn));
  }
  for (row = gtk_widget_get_first_child (GTK_WIDGET (self->turns)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    iv_chat_row_set_is_last (IV_CHAT_ROW (row), gtk_widget_get_next_sibling (row) == NULL);
  self->follows_end = TRUE;
  update_actions (self);
  update_stage (self);
}

static gboolean
on_tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  IvChatPage *self = IV_CHAT_PAGE (widget);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  self->tick = 0;
  gtk_adjustment_set_value (adjustment,
                            gtk_adjustment_get_upper (adjustment) -
                                gtk_adjustment_get_page_size (adjustment));
  return G_SOURCE_REMOVE;
}

/* While words come the view stays at their end, unless the reader has scrolled away from it. The
 * adjustment changes while the view is laid out, and what is moved then is drawn where it was. */
static void
on_adjustment_changed_cb (GtkAdjustment *adjustment, gpointer user_data)
{
  IvChatPage *self = user_data;

  if (self->follows_end && self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick_cb, NULL, NULL);
}

static void
on_adjustment_moved_cb (GtkAdjustment *adjustment, gpointer user_data)
{
  IvChatPage *self = user_data;
  double end = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);

  if (self->tick == 0)
    self->follows_end = gtk_adjustment_get_value (adjustment) >= end - 24;
}

static void
on_send_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  IvChatPage *self = IV_CHAT_PAGE (widget);
  g_autofree char *question = get_question (self);

  if (iv_chat_ask (self->chat, question))
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->entry), "", 0);
}

static void
on_stop_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  iv_chat_stop (IV_CHAT_PAGE (widget)->chat);
}

static void
on_regenerate_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  iv_chat_regenerate (IV_CHAT_PAGE (widget)->chat);
}

static void
on_clear_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  iv_chat_clear (IV_CHAT_PAGE (widget)->chat);
}

static void
on_copy_all_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  IvChatPage *self = IV_CHAT_PAGE (widget);
  GListModel *turns = iv_chat_get_turns (self->chat);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (turns); i++) {
    g_autoptr (IvChatTurn) turn = g_list_model_get_item (turns, i);
    gboolean is_question = iv_chat_turn_get_role (turn) == IV_CHAT_ROLE_READER;

    g_string_append_printf (text,
                            "**%s:** %s\n\n",
                            is_question ? _ ("You") : _ ("Model, not checked"),
                            iv_chat_turn_get_text (turn));
  }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text->str);
}

static void
on_cancel_load_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  iv_chat_cancel_load (IV_CHAT_PAGE (widget)->chat);
}

static void
on_unload_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  iv_chat_unload (IV_CHAT_PAGE (widget)->chat);
  g_signal_emit (widget, signals[MODEL_CHOSEN], 0, "");
}

static void
on_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (IvChatPage) self = user_data;
  g_autoptr (GError) error = NULL;

  if (iv_chat_load_finish (IV_CHAT (source), result, &error)) {
    if (gtk_widget_get_mapped (GTK_WIDGET (self)))
      gtk_widget_grab_focus (GTK_WIDGET (self->entry));
    return;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->load_error = g_strdup (error->message);
  update_stage (self);
}

void
iv_chat_page_load (IvChatPage *self, const char *file)
{
  g_return_if_fail (IV_IS_CHAT_PAGE (self));

  g_clear_pointer (&self->load_error, g_free);
  iv_chat_load_async (self->chat, file, on_loaded_cb, g_object_ref (self));
}

static void
on_model_response_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  IvChatPage *self = user_data;

  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    g_autofree char *path = g_file_get_path (file);

    if (path != NULL) {
      g_signal_emit (self, signals[MODEL_CHOSEN], 0, path);
      iv_chat_page_load (self, path);
    }
  }
  g_object_unref (dialog);
}

static void
on_choose_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gboolean is_folder = g_str_equal (action, "chat.choose-folder");
  GtkFileChooserNative *dialog = iv_chat_model_box_new_chooser (widget, is_folder);

  g_signal_connect_object (dialog, "response", G_CALLBACK (on_model_response_cb), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* Enter sends, Shift+Enter starts a new line, Escape stops the answer. */
static gboolean
on_key_pressed_cb (GtkEventControllerKey *controller,
                   guint key,
                   guint code,
                   GdkModifierType state,
                   gpointer user_data)
{
  IvChatPage *self = user_data;
  IvChatState chat_state = iv_chat_get_state (self->chat);

  if ((key == GDK_KEY_Return || key == GDK_KEY_KP_Enter) &&
      (state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK)) == 0 &&
      !gtk_text_view_im_context_filter_keypress (
          self->entry,
          gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller)))) {
    gtk_widget_activate_action (GTK_WIDGET (self), "chat.send", NULL);
    return TRUE;
  }
  if (key == GDK_KEY_Escape && (chat_state == IV_CHAT_READING || chat_state == IV_CHAT_ANSWERING)) {
    iv_chat_stop (self->chat);
    return TRUE;
  }
  return FALSE;
}

static void
on_suggestion_clicked_cb (GtkButton *button, gpointer user_data)
{
  IvChatPage *self = user_data;

  iv_chat_ask (self->chat, g_object_get_data (G_OBJECT (button), "question"));
}

static void
add_suggestions (IvChatPage *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (suggestions); i++) {
    GtkWidget *button = gtk_button_new ();
    GtkWidget *label = gtk_label_new (_ (suggestions[i]));

    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_label_set_xalign (GTK_LABEL (label), 0);
    gtk_button_set_child (GTK_BUTTON (button), label);
    gtk_widget_add_css_class (button, "suggestion");
    gtk_accessible_update_property (
        GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (suggestions[i]), -1);
    g_object_set_data (G_OBJECT (button), "question", (gpointer) _ (suggestions[i]));
    g_signal_connect (button, "clicked", G_CALLBACK (on_suggestion_clicked_cb), self);
    gtk_box_append (self->suggestions, button);
  }
}

void
iv_chat_page_set_engine (IvChatPage *self, IvEngine *engine)
{
  g_return_if_fail (IV_IS_CHAT_PAGE (self));

  if (!g_set_object (&self->engine, engine))
    return;
  g_signal_connect_object (
      engine, "notify::device-name", G_CALLBACK (update_model), self, G_CONNECT_SWAPPED);
}

void
iv_chat_page_set_is_comparing (IvChatPage *self, gboolean is_comparing)
{
  g_return_if_fail (IV_IS_CHAT_PAGE (self));

  if (self->is_comparing == is_comparing)
    return;
  self->is_comparing = is_comparing;
  on_state_changed_cb (self);
}

void
iv_chat_page_set_chat (IvChatPage *self, IvChat *chat)
{
  GListModel *turns;

  g_return_if_fail (IV_IS_CHAT_PAGE (self));
  g_return_if_fail (self->chat == NULL);

  self->chat = g_object_ref (chat);
  turns = iv_chat_get_turns (chat);
  g_signal_connect_object (
      chat, "state-changed", G_CALLBACK (on_state_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      chat, "meter-changed", G_CALLBACK (on_meter_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (chat, "progressed", G_CALLBACK (update_stage), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      chat, "case-changed", G_CALLBACK (on_case_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      turns, "items-changed", G_CALLBACK (on_turns_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_text_view_get_buffer (self->entry),
                           "changed",
                           G_CALLBACK (update_actions),
                           self,
                           G_CONNECT_SWAPPED);
  on_turns_changed_cb (self, 0, 0, g_list_model_get_n_items (turns));
  on_case_changed_cb (self);
  on_state_changed_cb (self);
}

static gboolean
iv_chat_page_grab_focus (GtkWidget *widget)
{
  IvChatPage *self = IV_CHAT_PAGE (widget);

  if (iv_chat_get_model (self->chat) != NULL)
    return gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  return gtk_widget_grab_focus (GTK_WIDGET (gtk_widget_get_mapped (GTK_WIDGET (self->first_model))
                                                ? self->first_model
                                                : self->later_model));
}

static void
iv_chat_page_dispose (GObject *object)
{
  IvChatPage *self = IV_CHAT_PAGE (object);

  g_clear_object (&self->chat);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->load_error, g_free);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  G_OBJECT_CLASS (iv_chat_page_parent_class)->dispose (object);
}

static void
iv_chat_page_class_init (IvChatPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_chat_page_dispose;
  widget_class->grab_focus = iv_chat_page_grab_focus;
  g_type_ensure (IV_TYPE_CHAT_MODEL_BOX);
  signals[MODEL_CHOSEN] = g_signal_new ("model-chosen",
                                        G_TYPE_FROM_CLASS (class),
                                        G_SIGNAL_RUN_LAST,
                                        0,
                                        NULL,
                                        NULL,
                                        NULL,
                                        G_TYPE_NONE,
                                        1,
                                        G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-chat-page.ui");
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, button_stack);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, context);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, context_bar);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, context_box);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, entry);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, first_model);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, foot);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, given_case);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, later_model);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, model_details);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, model_name);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, model_note);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, no_model);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, speed);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, stack);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, suggestions);
  gtk_widget_class_bind_template_child (widget_class, IvChatPage, turns);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed_cb);
  gtk_widget_class_install_action (widget_class, "chat.cancel-load", NULL, on_cancel_load_cb);
  gtk_widget_class_install_action (widget_class, "chat.choose-file", NULL, on_choose_cb);
  gtk_widget_class_install_action (widget_class, "chat.choose-folder", NULL, on_choose_cb);
  gtk_widget_class_install_action (widget_class, "chat.clear", NULL, on_clear_cb);
  gtk_widget_class_install_action (widget_class, "chat.copy-all", NULL, on_copy_all_cb);
  gtk_widget_class_install_action (widget_class, "chat.regenerate", NULL, on_regenerate_cb);
  gtk_widget_class_install_action (widget_class, "chat.send", NULL, on_send_cb);
  gtk_widget_class_install_action (widget_class, "chat.stop", NULL, on_stop_cb);
  gtk_widget_class_install_action (widget_class, "chat.unload", NULL, on_unload_cb);
}

static void
iv_chat_page_init (IvChatPage *self)
{
  GtkAdjustment *adjustment;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->follows_end = TRUE;
  add_suggestions (self);
  adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (on_adjustment_changed_cb), self, 0);
  g_signal_connect_object (
      adjustment, "value-changed", G_CALLBACK (on_adjustment_moved_cb), self, 0);
}
