/* Markdown as native widgets: headings, lists, code, quotations, tables, emphasis.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* CommonMark through cmark, and tables of the "| a | b |" kind, which models like. Raw HTML is
 * shown as text, links are not followed and images not loaded: a model's text reaches nothing
 * outside. Setting longer text of the same beginning keeps the blocks that did not change, so that
 * a text can grow word by word. Thread-safety: main. */
#define IV_TYPE_MARKDOWN_VIEW (iv_markdown_view_get_type ())
G_DECLARE_FINAL_TYPE (IvMarkdownView, iv_markdown_view, IV, MARKDOWN_VIEW, GtkWidget)

GtkWidget *iv_markdown_view_new (void);
void iv_markdown_view_set_text (IvMarkdownView *self, const char *markdown);
const char *iv_markdown_view_get_text (IvMarkdownView *self);

G_END_DECLS
