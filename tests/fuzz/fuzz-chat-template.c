/* Fuzzes the recognition of chat templates, and the messages put into them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tests/fuzz/iv-fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "model/files/iv-chat-template.h"

static void
apply (IvChatTemplate *chat_template, const char *content)
{
  const IvChatMessage messages[] = {
    { "system", content },
    { "user", content },
    { "assistant", content },
    { "user", content },
  };
  for (guint start = 0; start < 2; start++)
    for (guint flags = 0; flags < 4; flags++) {
      g_autoptr (GError) error = NULL;
      g_autofree char *prompt = iv_chat_template_apply_with_flags (
          chat_template, messages + start, 4 - start, (IvChatFlags) flags, &error);
      if ((prompt == NULL) != (error != NULL))
        abort ();
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *whole = g_strndup ((const char *) data, size);
  gsize length = strlen (whole);
  const char *content = length < size ? whole + length + 1 : "";
  g_autofree char *jinja = g_utf8_make_valid (whole, -1);
  g_autoptr (IvChatTemplate) chat_template = iv_chat_template_new (jinja, NULL);
  if (chat_template != NULL)
    apply (chat_template, content);
  for (guint kind = IV_CHAT_TEMPLATE_CHATML; kind <= IV_CHAT_TEMPLATE_GEMMA; kind++) {
    g_autoptr (IvChatTemplate) known = iv_chat_template_new_for_kind ((IvChatTemplateKind) kind);
    apply (known, content);
  }
  return 0;
}
