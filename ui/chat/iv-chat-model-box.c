/* How to add a language model, or how its loading gets on: what stands where one would write.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/chat/iv-chat-model-box.h"

#include <glib/gi18n.h>

struct _IvChatModelBox {
  GtkWidget parent_instance;

  /* Template widgets */
  GtkWidget *stack;
  GtkWidget *choose_button;
  GtkLabel *error;
  GtkLabel *message;
  GtkProgressBar *bar;
};

G_DEFINE_FINAL_TYPE (IvChatModelBox, iv_chat_model_box, GTK_TYPE_WIDGET)

void
iv_chat_model_box_show_choice (IvChatModelBox *self, const char *error)
{
  g_return_if_fail (IV_IS_CHAT_MODEL_BOX (self));

  gtk_label_set_label (self->error, error != NULL ? error : "");
  gtk_widget_set_visible (GTK_WIDGET (self->error), error != NULL);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "choice");
}

void
iv_chat_model_box_show_loading (IvChatModelBox *self, const char *message, double fraction)
{
  g_return_if_fail (IV_IS_CHAT_MODEL_BOX (self));

  gtk_label_set_label (self->message, message);
  gtk_widget_set_visible (GTK_WIDGET (self->message), *message != '\0');
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (self->bar, MIN (fraction, 1));
  else
    gtk_progress_bar_pulse (self->bar);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "loading");
}

GtkFileChooserNative *
iv_chat_model_box_new_chooser (GtkWidget *widget, gboolean is_folder)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      is_folder ? _ ("Choose a Model Folder") : _ ("Choose a Model File"),
      GTK_WINDOW (gtk_widget_get_root (widget)),
      is_folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_OPEN,
      NULL,
      NULL);

  if (!is_folder) {
    g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

    gtk_file_filter_set_name (filter, _ ("Models (GGUF)"));
    gtk_file_filter_add_pattern (filter, "*.gguf");
    gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  }
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  return dialog;
}

static gboolean
iv_chat_model_box_grab_focus (GtkWidget *widget)
{
  /* Not through gtk_widget_child_focus (), which asks this very function. */
  return gtk_widget_grab_focus (IV_CHAT_MODEL_BOX (widget)->choose_button);
}

static void
iv_chat_model_box_dispose (GObject *object)
{
  g_clear_pointer (&IV_CHAT_MODEL_BOX (object)->stack, gtk_widget_unparent);
  G_OBJECT_CLASS (iv_chat_model_box_parent_class)->dispose (object);
}

static void
iv_chat_model_box_class_init (IvChatModelBoxClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_chat_model_box_dispose;
  widget_class->grab_focus = iv_chat_model_box_grab_focus;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-chat-model-box.ui");
  gtk_widget_class_bind_template_child (widget_class, IvChatModelBox, bar);
  gtk_widget_class_bind_template_child (widget_class, IvChatModelBox, choose_button);
  gtk_widget_class_bind_template_child (widget_class, IvChatModelBox, error);
  gtk_widget_class_bind_template_child (widget_class, IvChatModelBox, message);
  gtk_widget_class_bind_template_child (widget_class, IvChatModelBox, stack);
}

static void
iv_chat_model_box_init (IvChatModelBox *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
