/* Markdown as native widgets: headings, lists, code, quotations, tables, emphasis.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/chat/iv-markdown-view.h"

#include "ui/chat/iv-markdown-blocks.h"

struct _IvMarkdownView {
  GtkWidget parent_instance;

  char *text;
  GtkWidget *box;
  GPtrArray *sources; /* char *, the Markdown of each block that is shown */
};

G_DEFINE_FINAL_TYPE (IvMarkdownView, iv_markdown_view, GTK_TYPE_WIDGET)

/* cmark counts lines from 1, the last one included. */
static char *
copy_lines (char **lines, guint n_lines, int first, int last)
{
  GString *text = g_string_new (NULL);

  for (int i = MAX (first, 1); i <= last && (guint) i <= n_lines; i++) {
    g_string_append (text, lines[i - 1]);
    g_string_append_c (text, '\n');
  }
  return g_string_free (text, FALSE);
}

static GtkWidget *
create_block (cmark_node *block, const char *source)
{
  GtkWidget *table = NULL;

  if (cmark_node_get_type (block) == CMARK_NODE_PARAGRAPH)
    table = iv_markdown_create_table (source);
  return table != NULL ? table : iv_markdown_create_block (block);
}

static void
drop_blocks_from (IvMarkdownView *self, guint first, GtkWidget *child)
{
  while (child != NULL) {
    GtkWidget *next = gtk_widget_get_next_sibling (child);

    gtk_box_remove (GTK_BOX (self->box), child);
    child = next;
  }
  if (first < self->sources->len)
    g_ptr_array_remove_range (self->sources, first, self->sources->len - first);
}

static void
rebuild (IvMarkdownView *self)
{
  cmark_node *document =
      cmark_parse_document (self->text, strlen (self->text), CMARK_OPT_VALIDATE_UTF8);
  g_auto (GStrv) lines = g_strsplit (self->text, "\n", -1);
  guint n_lines = g_strv_length (lines), i = 0;
  GtkWidget *child = gtk_widget_get_first_child (self->box);
  cmark_node *block = cmark_node_first_child (document);
  gboolean is_same = TRUE;

  for (; block != NULL; block = cmark_node_next (block), i++) {
    g_autofree char *source = copy_lines (
        lines, n_lines, cmark_node_get_start_line (block), cmark_node_get_end_line (block));

    is_same = is_same && i < self->sources->len &&
              g_str_equal (source, g_ptr_array_index (self->sources, i));
    if (is_same) {
      child = gtk_widget_get_next_sibling (child);
      continue;
    }
    drop_blocks_from (self, i, child);
    child = NULL;
    gtk_box_append (GTK_BOX (self->box), create_block (block, source));
    g_ptr_array_add (self->sources, g_steal_pointer (&source));
  }
  drop_blocks_from (self, i, child);
  cmark_node_free (document);
}

void
iv_markdown_view_set_text (IvMarkdownView *self, const char *markdown)
{
  g_return_if_fail (IV_IS_MARKDOWN_VIEW (self));

  if (g_strcmp0 (self->text, markdown) == 0)
    return;
  g_free (self->text);
  self->text = g_utf8_make_valid (markdown != NULL ? markdown : "", -1);
  rebuild (self);
}

const char *
iv_markdown_view_get_text (IvMarkdownView *self)
{
  g_return_val_if_fail (IV_IS_MARKDOWN_VIEW (self), NULL);
  return self->text;
}

static void
iv_markdown_view_dispose (GObject *object)
{
  IvMarkdownView *self = IV_MARKDOWN_VIEW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (iv_markdown_view_parent_class)->dispose (object);
}

static void
iv_markdown_view_finalize (GObject *object)
{
  IvMarkdownView *self = IV_MARKDOWN_VIEW (object);

  g_free (self->text);
  g_ptr_array_unref (self->sources);
  G_OBJECT_CLASS (iv_markdown_view_parent_class)->finalize (object);
}

static void
iv_markdown_view_class_init (IvMarkdownViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = iv_markdown_view_dispose;
  object_class->finalize = iv_markdown_view_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "markdown");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
iv_markdown_view_init (IvMarkdownView *self)
{
  self->text = g_strdup ("");
  self->sources = g_ptr_array_new_with_free_func (g_free);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
iv_markdown_view_new (void)
{
  return g_object_new (IV_TYPE_MARKDOWN_VIEW, NULL);
}
