/* One block of a Markdown document as a widget.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <cmark.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* (transfer floating) A block node (paragraph, heading, list, code, quotation, rule, HTML). */
GtkWidget *iv_markdown_create_block (cmark_node *block);

/* (transfer full) The inline content of a block as Pango markup. */
char *iv_markdown_inline_markup (cmark_node *block);

/* (transfer floating) The paragraph's source as a table, or NULL when it is none: a row of cells
 * parted by "|", a row of dashes, more rows. */
GtkWidget *iv_markdown_create_table (const char *source);

G_END_DECLS
