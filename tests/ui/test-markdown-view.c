/* Markdown becomes native widgets, grows in place, and lets nothing out.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <adwaita.h>

#include "ui/chat/iv-markdown-blocks.h"
#include "ui/chat/iv-markdown-view.h"

static GtkWidget *
get_block (IvMarkdownView *view, guint position)
{
  GtkWidget *box = gtk_widget_get_first_child (GTK_WIDGET (view));
  GtkWidget *block = gtk_widget_get_first_child (box);

  while (position-- > 0 && block != NULL)
    block = gtk_widget_get_next_sibling (block);
  return block;
}

static guint
count_blocks (IvMarkdownView *view)
{
  guint n = 0;

  while (get_block (view, n) != NULL)
    n++;
  return n;
}

static void
assert_label (GtkWidget *widget, const char *text)
{
  g_assert_true (GTK_IS_LABEL (widget));
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (widget)), ==, text);
}

static void
test_inline (void)
{
  static const struct {
    const char *markdown, *markup;
  } rows[] = {
    { "a *b* **c** `d<e`", "a <i>b</i> <b>c</b> <tt>d&lt;e</tt>" },
    { "x <b onclick=\"y\">z</b>", "x &lt;b onclick=&quot;y&quot;&gt;z&lt;/b&gt;" },
    { "[word](http://example.org)", "<u>word</u>" },
    { "![picture](http://example.org/a.png)", "picture" },
    { "one\ntwo", "one two" },
    { "5 < 6 & 7", "5 &lt; 6 &amp; 7" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    cmark_node *document =
        cmark_parse_document (rows[i].markdown, strlen (rows[i].markdown), CMARK_OPT_DEFAULT);
    g_autofree char *markup = iv_markdown_inline_markup (cmark_node_first_child (document));
    g_autoptr (GError) error = NULL;

    g_assert_cmpstr (markup, ==, rows[i].markup);
    g_assert_true (pango_parse_markup (markup, -1, 0, NULL, NULL, NULL, &error));
    g_assert_no_error (error);
    cmark_node_free (document);
  }
}

static void
test_blocks (void)
{
  g_autoptr (IvMarkdownView) view = g_object_ref_sink (IV_MARKDOWN_VIEW (iv_markdown_view_new ()));

  iv_markdown_view_set_text (view,
                             "# Head\n\nText.\n\n1. one\n2. two\n\n- dot\n\n"
                             "```\ncode\n```\n\n> said\n\n---\n\n<div>raw</div>\n");
  g_assert_cmpuint (count_blocks (view), ==, 8);
  assert_label (get_block (view, 0), "Head");
  g_assert_true (gtk_widget_has_css_class (get_block (view, 0), "title-3"));
  assert_label (get_block (view, 1), "Text.");
  assert_label (gtk_widget_get_first_child (gtk_widget_get_first_child (get_block (view, 2))),
                "1.");
  g_assert_true (GTK_IS_OVERLAY (get_block (view, 4)));
  g_assert_true (gtk_widget_has_css_class (get_block (view, 5), "quotation"));
  g_assert_true (GTK_IS_SEPARATOR (get_block (view, 6)));
  assert_label (get_block (view, 7), "<div>raw</div>");
}

static void
test_table (void)
{
  GtkWidget *table = iv_markdown_create_table ("| A | B |\n|---|:-:|\n| 1 | **2** |\n| x \\| y |");

  g_object_ref_sink (table);
  g_assert_true (GTK_IS_GRID (table));
  assert_label (gtk_grid_get_child_at (GTK_GRID (table), 1, 0), "B");
  assert_label (gtk_grid_get_child_at (GTK_GRID (table), 1, 1), "2");
  assert_label (gtk_grid_get_child_at (GTK_GRID (table), 0, 2), "x | y");
  g_object_unref (table);
  g_assert_null (iv_markdown_create_table ("a | b"));
  g_assert_null (iv_markdown_create_table ("a | b\nc | d"));
  g_assert_null (iv_markdown_create_table ("| a |\n| - | - |"));
}

/* A text that grows keeps the widgets of the blocks that did not change. */
static void
test_grows_in_place (void)
{
  g_autoptr (IvMarkdownView) view = g_object_ref_sink (IV_MARKDOWN_VIEW (iv_markdown_view_new ()));
  GtkWidget *first;

  iv_markdown_view_set_text (view, "One.\n\nTw");
  first = get_block (view, 0);
  iv_markdown_view_set_text (view, "One.\n\nTwo.\n\nThree");
  g_assert_true (get_block (view, 0) == first);
  assert_label (get_block (view, 1), "Two.");
  assert_label (get_block (view, 2), "Three");
  iv_markdown_view_set_text (view, "Other.");
  g_assert_cmpuint (count_blocks (view), ==, 1);
  assert_label (get_block (view, 0), "Other.");
  iv_markdown_view_set_text (view, "");
  g_assert_cmpuint (count_blocks (view), ==, 0);
}

/* Deep nesting, bytes that are no text, and unclosed things must not upset anything. */
static void
test_hostile (void)
{
  g_autoptr (IvMarkdownView) view = g_object_ref_sink (IV_MARKDOWN_VIEW (iv_markdown_view_new ()));
  g_autoptr (GString) deep = g_string_new (NULL);

  for (guint i = 0; i < 500; i++)
    g_string_append (deep, "> - ");
  g_string_append (deep, "deep");
  iv_markdown_view_set_text (view, deep->str);
  g_assert_cmpuint (count_blocks (view), ==, 1);
  iv_markdown_view_set_text (view, "\xff\xfe broken ``` **unclosed [x](");
  g_assert_cmpuint (count_blocks (view), ==, 1);
  iv_markdown_view_set_text (view, "```\nnever closed");
  g_assert_true (GTK_IS_OVERLAY (get_block (view, 0)));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/markdown/inline", test_inline);
  g_test_add_func ("/markdown/blocks", test_blocks);
  g_test_add_func ("/markdown/table", test_table);
  g_test_add_func ("/markdown/grows-in-place", test_grows_in_place);
  g_test_add_func ("/markdown/hostile", test_hostile);
  return g_test_run ();
}
