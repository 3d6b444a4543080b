/* The page of the side panel to talk with a language model about the case.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/read/iv-chat.h"

G_BEGIN_DECLS

/* Signal "model-chosen" (const char *file, "" for none): the reader chose another model. */
#define IV_TYPE_CHAT_PAGE (iv_chat_page_get_type ())
G_DECLARE_FINAL_TYPE (IvChatPage, iv_chat_page, IV, CHAT_PAGE, GtkWidget)

void iv_chat_page_set_chat (IvChatPage *self, IvChat *chat);
/* engine's device name is shown beside the model. */
void iv_chat_page_set_engine (IvChatPage *self, IvEngine *engine);
/* Whether the engine has a comparison to do, so that what waits for it can be told. */
void iv_chat_page_set_is_comparing (IvChatPage *self, gboolean is_comparing);
/* Loads a model; a failure is shown on the page. */
void iv_chat_page_load (IvChatPage *self, const char *file);

G_END_DECLS
