/* What stands in the window before a film is open: open, demonstration, recent patients.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/iv-start-page.h"

#include <adwaita.h>

struct _IvStartPage {
  GtkWidget parent_instance;

  /* Template widgets */
  GtkWidget *box;
  GtkWidget *open_button;
  GtkWidget *recent_box;
  GtkFlowBox *recent;
};

G_DEFINE_FINAL_TYPE (IvStartPage, iv_start_page, GTK_TYPE_WIDGET)

enum { PATHS_CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

static gboolean
iv_start_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (IV_START_PAGE (widget)->open_button);
}

static void
iv_start_page_dispose (GObject *object)
{
  IvStartPage *self = IV_START_PAGE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (iv_start_page_parent_class)->dispose (object);
}

static void
iv_start_page_class_init (IvStartPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_start_page_dispose;
  widget_class->grab_focus = iv_start_page_grab_focus;
  signals[PATHS_CHOSEN] = g_signal_new ("paths-chosen",
                                        G_TYPE_FROM_CLASS (class),
                                        G_SIGNAL_RUN_LAST,
                                        0,
                                        NULL,
                                        NULL,
                                        NULL,
                                        G_TYPE_NONE,
                                        1,
                                        G_TYPE_STRV);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-start-page.ui");
  gtk_widget_class_bind_template_child (widget_class, IvStartPage, box);
  gtk_widget_class_bind_template_child (widget_class, IvStartPage, open_button);
  gtk_widget_class_bind_template_child (widget_class, IvStartPage, recent);
  gtk_widget_class_bind_template_child (widget_class, IvStartPage, recent_box);
}

static void
iv_start_page_init (IvStartPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
