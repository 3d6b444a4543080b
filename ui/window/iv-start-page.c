/* What stands in the window before a film is open: open, demonstration, recent patients.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/window/iv-start-page.h"

#include <adwaita.h>

#include "ui/case/iv-triage-bar.h"
#include "ui/iv-words.h"

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

/* 8-bit grey to a texture. */
static GdkTexture *
create_texture (const IvThumbnail *thumbnail)
{
  gsize n_pixels = (gsize) thumbnail->width * thumbnail->height;
  const guint8 *grey = g_bytes_get_data (thumbnail->pixels, NULL);
  guint8 *colour = g_malloc (3 * n_pixels);
  g_autoptr (GBytes) bytes = NULL;

  for (gsize i = 0; i < n_pixels; i++)
    colour[3 * i] = colour[3 * i + 1] = colour[3 * i + 2] = grey[i];
  bytes = g_bytes_new_take (colour, 3 * n_pixels);
  return gdk_memory_texture_new ((int) thumbnail->width,
                                 (int) thumbnail->height,
                                 GDK_MEMORY_R8G8B8,
                                 bytes,
                                 3 * (gsize) thumbnail->width);
}

static GtkWidget *
create_picture (const IvThumbnail *thumbnail)
{
  GtkWidget *picture;

  if (thumbnail->pixels == NULL) {
    picture = gtk_image_new_from_icon_name ("interval-film-symbolic");
  } else {
    g_autoptr (GdkTexture) texture = create_texture (thumbnail);

    picture = gtk_image_new_from_paintable (GDK_PAINTABLE (texture));
  }
  gtk_image_set_pixel_size (GTK_IMAGE (picture), 128);
  return picture;
}

static void
add_line (GtkWidget *box, const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 14);
  gtk_widget_add_css_class (label, class);
  gtk_box_append (GTK_BOX (box), label);
}

static void
on_recent_clicked_cb (GtkButton *button, gpointer user_data)
{
  g_signal_emit (
      user_data, signals[PATHS_CHOSEN], 0, g_object_get_data (G_OBJECT (button), "paths"));
}

/* What triage kept of the latest film that it was asked about; NULL without a notice. */
static GtkWidget *
create_chip (IvLibrary *library, const IvRecentPatient *recent)
{
  for (guint i = recent->n_images; library != NULL && i > 0; i--) {
    g_autoptr (IvTriageEntry) entry =
        iv_triage_store_find (library, recent->paths[i - 1], NULL, NULL, NULL);

    if (entry != NULL)
      return iv_triage_bar_create_chip (entry);
  }
  return NULL;
}

static GtkWidget *
create_card (IvStartPage *self, const IvRecentPatient *recent, IvLibrary *library)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  const char *name = iv_words_patient_name (recent->name);
  GtkWidget *chip = create_chip (library, recent);

  gtk_box_append (GTK_BOX (box), create_picture (&recent->thumbnail));
  add_line (box, name, "heading");
  add_line (box, recent->id != NULL ? recent->id : "", "dim-label");
  if (chip != NULL)
    gtk_box_append (GTK_BOX (box), chip);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_set_overflow (button, GTK_OVERFLOW_HIDDEN); /* letters may be of any height */
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "recent-card");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (
      G_OBJECT (button), "paths", g_strdupv (recent->paths), (GDestroyNotify) g_strfreev);
  g_signal_connect (button, "clicked", G_CALLBACK (on_recent_clicked_cb), self);
  return button;
}

void
iv_start_page_set_recents (IvStartPage *self, GPtrArray *recents, IvLibrary *library)
{
  GtkWidget *child;

  g_return_if_fail (IV_IS_START_PAGE (self));

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->recent))) != NULL)
    gtk_flow_box_remove (self->recent, child);
  for (guint i = 0; recents != NULL && i < recents->len; i++)
    gtk_flow_box_append (self->recent, create_card (self, g_ptr_array_index (recents, i), library));
  gtk_widget_set_visible (self->recent_box, recents != NULL && recents->len > 0);
}

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
