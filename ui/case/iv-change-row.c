/* One change in the list: which way, where, how large, how sure.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/case/iv-change-row.h"

#include <glib/gi18n.h>

#include "ui/iv-words.h"

struct _IvChangeRow {
  GtkListBoxRow parent_instance;

  const IvChange *change;

  /* Template widgets */
  GtkWidget *mark;
  GtkImage *icon;
  GtkLabel *number;
  GtkLabel *title;
  GtkLabel *place;
  GtkLabel *details;
  GtkLabel *swap;
  GtkLabel *score;
  GtkLevelBar *level;
};

G_DEFINE_FINAL_TYPE (IvChangeRow, iv_change_row, GTK_TYPE_LIST_BOX_ROW)

static void
fill (IvChangeRow *self, guint number, IvSpacingSource spacing)
{
  const IvChange *change = self->change;
  gboolean is_increased = change->direction == IV_CHANGE_INCREASED;
  g_autofree char *size = iv_words_size (change, spacing);
  g_autofree char *details = g_strdup_printf ("%s · %s", size, iv_words_kind (change->kind));
  g_autofree char *number_text = g_strdup_printf ("%u", number);
  g_autofree char *score = g_strdup_printf ("%.2f", change->score);
  g_autofree char *name = g_strdup_printf (_ ("%s, %s, %s, score %s"),
                                           iv_words_direction (change->direction),
                                           iv_words_zone (change->zone),
                                           details,
                                           score);

  gtk_image_set_from_icon_name (
      self->icon, is_increased ? "interval-increased-symbolic" : "interval-decreased-symbolic");
  gtk_label_set_label (self->number, number_text);
  gtk_widget_add_css_class (self->mark, is_increased ? "increased" : "decreased");
  gtk_label_set_label (self->title, iv_words_direction (change->direction));
  gtk_label_set_label (self->place, iv_words_zone (change->zone));
  gtk_label_set_label (self->details, details);
  gtk_label_set_label (self->score, score);
  gtk_level_bar_set_value (self->level, CLAMP (change->score, 0, 1));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
iv_change_row_class_init (IvChangeRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-change-row.ui");
  gtk_widget_class_bind_template_child (widget_class, IvChangeRow, details);
  gtk_widget_class_bind_template_child (widget_class, IvChangeRow, icon);
  gtk_widget_class_bind_template_child (widget_class, IvChangeRow, level);
  gtk_widget_class_bind_template_child (widget_class, IvChangeRow, mark);
  gtk_widget_class_bind_template_child (widget_class, IvChangeRow, number);
  gtk_widget_class_bind_template_child (widget_class, IvChangeRow, place);
  gtk_widget_class_bind_template_child (widget_class, IvChangeRow, score);
  gtk_widget_class_bind_template_child (widget_class, IvChangeRow, swap);
  gtk_widget_class_bind_template_child (widget_class, IvChangeRow, title);
}

static void
iv_change_row_init (IvChangeRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
iv_change_row_new (const IvChange *change, guint number, IvSpacingSource spacing)
{
  IvChangeRow *self = g_object_new (IV_TYPE_CHANGE_ROW, NULL);

  self->change = change;
  fill (self, number, spacing);
  return GTK_WIDGET (self);
}

const IvChange *
iv_change_row_get_change (IvChangeRow *self)
{
  g_return_val_if_fail (IV_IS_CHANGE_ROW (self), NULL);
  return self->change;
}

void
iv_change_row_set_swap_mark (IvChangeRow *self, IvSwapMark mark)
{
  gboolean holds = mark == IV_SWAP_CONSISTENT;

  g_return_if_fail (IV_IS_CHANGE_ROW (self));

  gtk_label_set_label (self->swap,
                       holds ? _ ("✓ Also with the films exchanged")
                             : _ ("Not found with the films exchanged"));
  gtk_widget_set_visible (GTK_WIDGET (self->swap), mark != IV_SWAP_UNKNOWN);
  if (holds)
    gtk_widget_remove_css_class (GTK_WIDGET (self->swap), "warning");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->swap), "warning");
}
