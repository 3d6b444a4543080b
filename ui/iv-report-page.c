/* The page of the side panel for the report; says honestly that there is no draft yet.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/iv-report-page.h"

struct _IvReportPage {
  GtkWidget parent_instance;

  /* Template widgets */
  GtkWidget *status;
};

G_DEFINE_FINAL_TYPE (IvReportPage, iv_report_page, GTK_TYPE_WIDGET)

static void
iv_report_page_dispose (GObject *object)
{
  IvReportPage *self = IV_REPORT_PAGE (object);

  g_clear_pointer (&self->status, gtk_widget_unparent);
  G_OBJECT_CLASS (iv_report_page_parent_class)->dispose (object);
}

static void
iv_report_page_class_init (IvReportPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_report_page_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-report-page.ui");
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, status);
}

static void
iv_report_page_init (IvReportPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
