/* One block of a Markdown document as a widget.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/chat/iv-markdown-blocks.h"

#include <glib/gi18n.h>
#include <string.h>

/* A document nested more deeply than this is shown flat: a model may write anything. */
#define DEPTH_MAX 8

static GtkWidget *create_block (cmark_node *block, guint depth);

static void
append_inline (GString *markup, cmark_node *node, gboolean is_entering)
{
  const char *tag = NULL;
  g_autofree char *escaped = NULL;

  switch (cmark_node_get_type (node)) {
  case CMARK_NODE_TEXT:
  case CMARK_NODE_HTML_INLINE:
    escaped = g_markup_escape_text (cmark_node_get_literal (node), -1);
    g_string_append (markup, escaped);
    return;
  case CMARK_NODE_CODE:
    escaped = g_markup_escape_text (cmark_node_get_literal (node), -1);
    g_string_append_printf (markup, "<tt>%s</tt>", escaped);
    return;
  case CMARK_NODE_SOFTBREAK:
    g_string_append_c (markup, ' ');
    return;
  case CMARK_NODE_LINEBREAK:
    g_string_append_c (markup, '\n');
    return;
  case CMARK_NODE_EMPH:
    tag = "i";
    break;
  case CMARK_NODE_STRONG:
    tag = "b";
    break;
  case CMARK_NODE_LINK:
    tag = "u";
    break;
  default:
    return;
  }
  g_string_append_printf (markup, is_entering ? "<%s>" : "</%s>", tag);
}

char *
iv_markdown_inline_markup (cmark_node *block)
{
  GString *markup = g_string_new (NULL);
  cmark_iter *iter = cmark_iter_new (block);
  cmark_event_type event;

  while ((event = cmark_iter_next (iter)) != CMARK_EVENT_DONE) {
    cmark_node *node = cmark_iter_get_node (iter);

    if (node != block)
      append_inline (markup, node, event == CMARK_EVENT_ENTER);
  }
  cmark_iter_free (iter);
  return g_string_free (markup, FALSE);
}

static GtkWidget *
create_label (const char *markup)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_markup (GTK_LABEL (label), markup);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  return label;
}

static GtkWidget *
create_inline_label (cmark_node *block)
{
  g_autofree char *markup = iv_markdown_inline_markup (block);

  return create_label (markup);
}

static GtkWidget *
create_heading (cmark_node *block)
{
  static const char *const classes[] = { "title-3", "title-4", "heading" };
  GtkWidget *label = create_inline_label (block);
  int level = CLAMP (cmark_node_get_heading_level (block), 1, 3);

  gtk_widget_add_css_class (label, classes[level - 1]);
  return label;
}

static void
on_copy_code_cb (GtkButton *button, gpointer user_data)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)),
                          g_object_get_data (G_OBJECT (button), "code"));
}

static GtkWidget *
create_code (cmark_node *block)
{
  const char *literal = cmark_node_get_literal (block);
  g_autofree char *code = g_strchomp (g_strdup (literal != NULL ? literal : ""));
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *label = gtk_label_new (code);
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "monospace");
  gtk_scrolled_window_set_policy (
      GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), label);
  gtk_widget_add_css_class (scroller, "code");
  gtk_overlay_set_child (GTK_OVERLAY (overlay), scroller);

  g_object_set_data_full (G_OBJECT (button), "code", g_strdup (code), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_copy_code_cb), NULL);
  gtk_widget_set_tooltip_text (button, _ ("Copy"));
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Copy"), -1);
  gtk_widget_set_halign (button, GTK_ALIGN_END);
  gtk_widget_set_valign (button, GTK_ALIGN_START);
  gtk_widget_add_css_class (button, "flat");
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), button);
  return overlay;
}

static GtkWidget *
create_children (cmark_node *block, guint depth)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  for (cmark_node *child = cmark_node_first_child (block); child != NULL;
       child = cmark_node_next (child))
    gtk_box_append (GTK_BOX (box), create_block (child, depth + 1));
  gtk_widget_set_hexpand (box, TRUE);
  return box;
}

static GtkWidget *
create_list (cmark_node *block, guint depth)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gboolean is_ordered = cmark_node_get_list_type (block) == CMARK_ORDERED_LIST;
  int number = cmark_node_get_list_start (block);

  for (cmark_node *item = cmark_node_first_child (block); item != NULL;
       item = cmark_node_next (item)) {
    g_autofree char *mark = is_ordered ? g_strdup_printf ("%d.", number++) : g_strdup ("•");
    GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *label = gtk_label_new (mark);

    gtk_label_set_width_chars (GTK_LABEL (label), is_ordered ? 3 : 2);
    gtk_label_set_xalign (GTK_LABEL (label), 1);
    gtk_widget_add_css_class (label, "dim-label");
    gtk_widget_add_css_class (label, "numeric");
    gtk_widget_set_valign (label, GTK_ALIGN_START);
    gtk_box_append (GTK_BOX (row), label);
    gtk_box_append (GTK_BOX (row), create_children (item, depth));
    gtk_box_append (GTK_BOX (box), row);
  }
  return box;
}

static GtkWidget *
create_quotation (cmark_node *block, guint depth)
{
  GtkWidget *box = create_children (block, depth);

  gtk_widget_add_css_class (box, "quotation");
  return box;
}

static GtkWidget *
create_verbatim (cmark_node *block)
{
  const char *literal = cmark_node_get_literal (block);
  g_autofree char *text = g_strchomp (g_strdup (literal != NULL ? literal : ""));
  g_autofree char *markup = g_markup_escape_text (text, -1);

  return create_label (markup);
}

/* The source of a node that is nested too deeply to be laid out. */
static GtkWidget *
create_flat (cmark_node *block)
{
  char *text = cmark_render_commonmark (block, CMARK_OPT_DEFAULT, 0);
  g_autofree char *markup = g_markup_escape_text (text, -1);

  free (text);
  return create_label (markup);
}

static GtkWidget *
create_block (cmark_node *block, guint depth)
{
  if (depth > DEPTH_MAX)
    return create_flat (block);
  switch (cmark_node_get_type (block)) {
  case CMARK_NODE_HEADING:
    return create_heading (block);
  case CMARK_NODE_CODE_BLOCK:
    return create_code (block);
  case CMARK_NODE_LIST:
    return create_list (block, depth);
  case CMARK_NODE_BLOCK_QUOTE:
    return create_quotation (block, depth);
  case CMARK_NODE_THEMATIC_BREAK:
    return gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  case CMARK_NODE_HTML_BLOCK:
    return create_verbatim (block);
  default:
    return create_inline_label (block);
  }
}

GtkWidget *
iv_markdown_create_block (cmark_node *block)
{
  return create_block (block, 0);
}

/* (transfer full) Cells of "| a | b |"; NULL when the line has no bar. A bar behind a backslash is
 * part of its cell. */
static GPtrArray *
split_row (const char *line)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (line));
  GPtrArray *cells;
  GString *cell;
  const char *at = trimmed;

  if (strchr (trimmed, '|') == NULL)
    return NULL;
  if (*at == '|')
    at++;
  cells = g_ptr_array_new_with_free_func (g_free);
  cell = g_string_new (NULL);
  for (; *at != '\0'; at++) {
    if (at[0] == '\\' && at[1] == '|') {
      g_string_append_c (cell, *++at);
    } else if (*at == '|') {
      g_ptr_array_add (cells, g_strdup (g_strstrip (cell->str)));
      g_string_truncate (cell, 0);
    } else {
      g_string_append_c (cell, *at);
    }
  }
  if (*g_strstrip (cell->str) != '\0')
    g_ptr_array_add (cells, g_strdup (cell->str));
  g_string_free (cell, TRUE);
  return cells;
}

static gboolean
is_rule (GPtrArray *cells)
{
  for (guint i = 0; i < cells->len; i++) {
    const char *cell = g_ptr_array_index (cells, i);

    if (strspn (cell, "-: ") != strlen (cell) || strchr (cell, '-') == NULL)
      return FALSE;
  }
  return cells->len > 0;
}

static void
attach_cell (GtkGrid *grid, const char *text, int column, int row)
{
  cmark_node *document = cmark_parse_document (text, strlen (text), CMARK_OPT_VALIDATE_UTF8);
  cmark_node *paragraph = cmark_node_first_child (document);
  g_autofree char *markup =
      paragraph != NULL ? iv_markdown_inline_markup (paragraph) : g_strdup ("");
  GtkWidget *label = create_label (markup);

  if (row == 0)
    gtk_widget_add_css_class (label, "heading");
  gtk_widget_set_valign (label, GTK_ALIGN_START);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_grid_attach (grid, label, column, row, 1, 1);
  cmark_node_free (document);
}

GtkWidget *
iv_markdown_create_table (const char *source)
{
  g_auto (GStrv) lines = g_strsplit (source, "\n", -1);
  g_autoptr (GPtrArray) head = NULL;
  g_autoptr (GPtrArray) rule = NULL;
  GtkWidget *grid;
  int row = 1;

  if (g_strv_length (lines) < 2)
    return NULL;
  head = split_row (lines[0]);
  rule = split_row (lines[1]);
  if (head == NULL || rule == NULL || !is_rule (rule) || head->len != rule->len)
    return NULL;
  grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
  gtk_widget_add_css_class (grid, "table");
  for (guint i = 0; i < head->len; i++)
    attach_cell (GTK_GRID (grid), g_ptr_array_index (head, i), (int) i, 0);
  for (char **line = lines + 2; *line != NULL; line++, row++) {
    g_autoptr (GPtrArray) cells = split_row (*line);

    for (guint i = 0; cells != NULL && i < MIN (cells->len, head->len); i++)
      attach_cell (GTK_GRID (grid), g_ptr_array_index (cells, i), (int) i, row);
  }
  return grid;
}
