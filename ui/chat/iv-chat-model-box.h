/* How to add a language model, or how its loading gets on: what stands where one would write.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Its buttons are for the actions "chat.*" of the page around it. Thread-safety: main. */
#define IV_TYPE_CHAT_MODEL_BOX (iv_chat_model_box_get_type ())
G_DECLARE_FINAL_TYPE (IvChatModelBox, iv_chat_model_box, IV, CHAT_MODEL_BOX, GtkWidget)

/* (transfer full) A modal chooser of a model's file or folder for the page around widget. */
GtkFileChooserNative *iv_chat_model_box_new_chooser (GtkWidget *widget, gboolean is_folder);
/* The buttons to choose a model. error: why the last one could not be loaded, or NULL. */
void iv_chat_model_box_show_choice (IvChatModelBox *self, const char *error);
/* fraction: 0 … 1, or -1 when it is not known. */
void iv_chat_model_box_show_loading (IvChatModelBox *self, const char *message, double fraction);

G_END_DECLS
