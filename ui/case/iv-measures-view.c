/* The measures of both films as a compact table, to select and to copy.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/case/iv-measures-view.h"

#include <glib/gi18n.h>

#include "app/read/measure/iv-measure-table.h"

#define N_COLUMNS 5

struct _IvMeasuresView {
  GtkWidget parent_instance;

  IvComparison *comparison; /* (owned) or NULL */
  IvSwapCheck *check;       /* (owned) or NULL */
  GPtrArray *table;         /* (owned) IvMeasureRow, or NULL */
  double threshold;
  GtkSizeGroup *columns[N_COLUMNS]; /* (owned) */

  /* Template widgets */
  GtkWidget *content;
  GtkBox *header;
  GtkListBox *list;
  GtkLabel *notes;
};

enum { LINES_WANTED, N_SIGNALS };

G_DEFINE_FINAL_TYPE (IvMeasuresView, iv_measures_view, GTK_TYPE_WIDGET)

static guint signals[N_SIGNALS];

/* One cell; names are at the start, numbers at the end of their column. */
static void
add_cell (IvMeasuresView *self, GtkBox *box, guint column, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 || column == N_COLUMNS - 1 ? 0 : 1);
  if (column == 0) {
    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_widget_set_hexpand (label, TRUE);
  } else {
    gtk_widget_add_css_class (label, "numeric");
  }
  gtk_size_group_add_widget (self->columns[column], label);
  gtk_box_append (box, label);
}

static void
fill_header (IvMeasuresView *self)
{
  const char *titles[N_COLUMNS] = { "", _ ("Current"), _ ("Prior"), _ ("Change"), "" };

  for (guint i = 0; i < N_COLUMNS; i++)
    add_cell (self, self->header, i, titles[i]);
}

static GtkWidget *
create_row (IvMeasuresView *self, const IvMeasureRow *row)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *item = gtk_list_box_row_new ();
  g_autofree char *name = g_strdup_printf (_ ("%s, current %s, prior %s, change %s %s%s"),
                                           row->name,
                                           row->current,
                                           row->prior,
                                           row->difference,
                                           row->unit,
                                           row->is_doubtful ? _ (", to be read with care") : "");
  const char *cells[N_COLUMNS] = {
    row->name, row->current, row->prior, row->difference, row->unit
  };

  gtk_widget_add_css_class (box, "measure");
  for (guint i = 0; i < N_COLUMNS; i++)
    add_cell (self, GTK_BOX (box), i, cells[i]);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (item), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (item), FALSE);
  gtk_widget_set_tooltip_text (item, row->note);
  gtk_accessible_update_property (GTK_ACCESSIBLE (item),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  row->note,
                                  -1);
  return item;
}

/* The doubts stand below the table, where nobody has to hover to see them. */
static void
show_notes (IvMeasuresView *self)
{
  const IvMeasureRow *ratio = g_ptr_array_index (self->table, 0);
  const IvMeasureRow *length = g_ptr_array_index (self->table, 1);
  const char *text = ratio->is_doubtful ? ratio->note : length->note;

  gtk_label_set_label (self->notes, text);
  if (ratio->is_doubtful)
    gtk_widget_add_css_class (GTK_WIDGET (self->notes), "warning");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->notes), "warning");
}

void
iv_measures_view_set_comparison (IvMeasuresView *self, IvComparison *comparison)
{
  GtkWidget *child;

  g_return_if_fail (IV_IS_MEASURES_VIEW (self));

  if (!g_set_object (&self->comparison, comparison))
    return;
  gtk_list_box_unselect_all (self->list);
  iv_measures_view_take_swap_check (self, NULL);
  g_clear_pointer (&self->table, g_ptr_array_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  gtk_widget_set_visible (GTK_WIDGET (self), comparison != NULL);
  if (comparison == NULL)
    return;
  self->table = iv_measure_table_list (comparison);
  for (guint i = 0; i < self->table->len; i++)
    gtk_list_box_append (self->list, create_row (self, g_ptr_array_index (self->table, i)));
  show_notes (self);
}

void
iv_measures_view_take_swap_check (IvMeasuresView *self, IvSwapCheck *check)
{
  g_return_if_fail (IV_IS_MEASURES_VIEW (self));

  g_clear_pointer (&self->check, iv_swap_check_free);
  self->check = check;
}

void
iv_measures_view_set_threshold (IvMeasuresView *self, double threshold)
{
  g_return_if_fail (IV_IS_MEASURES_VIEW (self));
  self->threshold = threshold;
}

static void
on_row_selected_cb (IvMeasuresView *self, GtkListBoxRow *row)
{
  const IvMeasureRow *measure =
      row != NULL && self->table != NULL
          ? g_ptr_array_index (self->table, (guint) gtk_list_box_row_get_index (row))
          : NULL;
  gboolean has_lines = measure != NULL && measure->kind <= IV_MEASURE_ROW_CHEST;

  g_signal_emit (self, signals[LINES_WANTED], 0, has_lines);
}

static void
on_copy_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  IvMeasuresView *self = IV_MEASURES_VIEW (widget);
  gboolean is_markdown = g_str_equal (g_variant_get_string (parameter, NULL), "markdown");
  g_autofree char *text = NULL;

  if (self->comparison == NULL)
    return;
  text = iv_measure_table_format (
      &(IvMeasureTableParams){ .comparison = self->comparison,
                               .check = self->check,
                               .threshold = self->threshold,
                               .form = is_markdown ? IV_TABLE_MARKDOWN : IV_TABLE_TABS });
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
iv_measures_view_dispose (GObject *object)
{
  IvMeasuresView *self = IV_MEASURES_VIEW (object);

  g_clear_object (&self->comparison);
  g_clear_pointer (&self->check, iv_swap_check_free);
  g_clear_pointer (&self->table, g_ptr_array_unref);
  for (guint i = 0; i < N_COLUMNS; i++)
    g_clear_object (&self->columns[i]);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  G_OBJECT_CLASS (iv_measures_view_parent_class)->dispose (object);
}

static void
iv_measures_view_class_init (IvMeasuresViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_measures_view_dispose;
  signals[LINES_WANTED] = g_signal_new ("lines-wanted",
                                        G_TYPE_FROM_CLASS (class),
                                        G_SIGNAL_RUN_LAST,
                                        0,
                                        NULL,
                                        NULL,
                                        NULL,
                                        G_TYPE_NONE,
                                        1,
                                        G_TYPE_BOOLEAN);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-measures-view.ui");
  gtk_widget_class_bind_template_child (widget_class, IvMeasuresView, content);
  gtk_widget_class_bind_template_child (widget_class, IvMeasuresView, header);
  gtk_widget_class_bind_template_child (widget_class, IvMeasuresView, list);
  gtk_widget_class_bind_template_child (widget_class, IvMeasuresView, notes);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected_cb);
  gtk_widget_class_install_action (widget_class, "measures.copy", "s", on_copy_cb);
}

static void
iv_measures_view_init (IvMeasuresView *self)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    self->columns[i] = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  self->threshold = 0.5;
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  fill_header (self);
}
