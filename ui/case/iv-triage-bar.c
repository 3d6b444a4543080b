/* The line above the films: the most urgent notice of triage, and what it rests on.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/case/iv-triage-bar.h"

#include <glib/gi18n.h>

#include "ui/iv-words.h"

struct _IvTriageBar {
  GtkWidget parent_instance;

  IvTriageQueue *queue;
  IvImage *image; /* or NULL */

  /* Template widgets */
  GtkWidget *box;
  GtkSpinner *spinner;
  GtkWidget *icon;
  GtkLabel *text;
  GtkWidget *uncalibrated;
  GtkWidget *details_button;
  GtkLabel *details;
  GtkWidget *cancel_button;
  GtkWidget *dismiss_button;
};

G_DEFINE_FINAL_TYPE (IvTriageBar, iv_triage_bar, GTK_TYPE_WIDGET)

/* The labels of the questions that come with the program. */
static const char *const labels[] = {
  N_ ("Possible pneumothorax"),
  N_ ("Possible signs of tension"),
  N_ ("Possible large pleural effusion"),
  N_ ("Possible free air under the diaphragm"),
  N_ ("Possible malpositioned tube or line"),
  N_ ("Possible new consolidation"),
};

const char *
iv_triage_bar_translate (const char *label)
{
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    if (g_str_equal (label, labels[i]))
      return _ (labels[i]);
  return label;
}

static const IvTriageFinding *
find_flag (const IvTriageEntry *entry)
{
  return entry != NULL
             ? iv_triage_get_first_flag (entry->triage, (const char *const *) entry->dismissed)
             : NULL;
}

GtkWidget *
iv_triage_bar_create_chip (const IvTriageEntry *entry)
{
  const IvTriageFinding *flag = find_flag (entry);
  GtkWidget *box, *label;
  g_autofree char *text = NULL;

  if (flag == NULL)
    return NULL;
  text = g_strdup_printf ("%s %.2f", iv_triage_bar_translate (flag->label), flag->score);
  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  label = gtk_label_new (text);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (box, "triage-chip");
  gtk_widget_set_tooltip_text (box, entry->triage->model);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("dialog-warning-symbolic"));
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

/* --- details --------------------------------------------------------------------------------- */

static void
append_finding (GString *text, const IvTriageFinding *finding)
{
  const char *label = iv_triage_bar_translate (finding->label);

  if (finding->status == IV_TRIAGE_NO_ANSWER)
    g_string_append_printf (text, _ ("%s: no usable answer"), label);
  else if (finding->status == IV_TRIAGE_NO_PRIOR)
    g_string_append_printf (text, _ ("%s: not asked, there is no prior"), label);
  else
    /* Translators: a finding, its score, and the score from which on there is a notice. */
    g_string_append_printf (
        text, _ ("%s: %.2f (notice from %.2f)"), label, finding->score, finding->threshold);
  g_string_append_c (text, '\n');
  for (guint i = 0; i < finding->evidence->len; i++) {
    const IvTriageEvidence *item = &g_array_index (finding->evidence, IvTriageEvidence, i);
    /* Translators: what the comparison found: direction, zone, its own score. */
    g_string_append_printf (text,
                            _ ("    comparison: %s, %s, %.2f\n"),
                            iv_words_direction (item->direction),
                            iv_words_zone (item->zone),
                            item->score);
  }
}

static char *
describe (const IvTriage *triage)
{
  GString *text = g_string_new (NULL);
  g_autofree char *device = iv_words_device (triage->device);

  for (guint i = 0; i < triage->findings->len; i++)
    append_finding (text, g_ptr_array_index (triage->findings, i));
  g_string_append_printf (
      text, "\n%s · %.12s · %s\n%s\n", triage->model, triage->model_digest, device, triage->time);
  if (triage->is_calibrated)
    g_string_append_printf (text, _ ("Calibrated: %s\n"), triage->calibration);
  else
    g_string_append (text, _ ("Uncalibrated: a score orders films, it is no probability.\n"));
  g_string_append_c (text, '\n');
  g_string_append (text, _ ("A notice is no finding, and that there is none promises nothing."));
  return g_string_free (text, FALSE);
}

/* --- what it shows --------------------------------------------------------------------------- */

static char *
format_done (const IvTriageEntry *entry, const IvTriageFinding *flag)
{
  if (flag == NULL)
    return g_strdup_printf (_ ("No notice from %s. That promises nothing."), entry->triage->model);
  /* Translators: a finding, its score, the model that gave it. */
  return g_strdup_printf (_ ("%s — %.2f, %s"),
                          iv_triage_bar_translate (flag->label),
                          flag->score,
                          entry->triage->model);
}

static void
show_done (IvTriageBar *self, const IvTriageEntry *entry)
{
  const IvTriageFinding *flag = find_flag (entry);
  g_autofree char *text = format_done (entry, flag);
  g_autofree char *details = describe (entry->triage);

  gtk_label_set_label (self->text, text);
  gtk_label_set_label (self->details, details);
  gtk_widget_set_visible (self->icon, flag != NULL);
  gtk_widget_set_visible (self->dismiss_button, flag != NULL);
  gtk_widget_set_opacity (self->uncalibrated, entry->triage->is_calibrated ? 0 : 1);
  if (flag != NULL)
    gtk_widget_add_css_class (self->box, "flagged");
}

static void
update (IvTriageBar *self)
{
  IvTriageState state = self->image != NULL && self->queue != NULL
                            ? iv_triage_queue_get_state (self->queue, self->image)
                            : IV_TRIAGE_OFF;
  gboolean is_done = state == IV_TRIAGE_DONE, is_failed = state == IV_TRIAGE_FAILED;
  gboolean is_running = state == IV_TRIAGE_RUNNING;

  gtk_widget_set_visible (GTK_WIDGET (self), is_done || is_failed || is_running);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), is_running);
  gtk_spinner_set_spinning (self->spinner, is_running);
  gtk_widget_set_visible (self->cancel_button, is_running);
  gtk_widget_set_visible (self->details_button, is_done);
  gtk_widget_set_visible (self->dismiss_button, FALSE);
  gtk_widget_set_visible (self->icon, is_failed);
  gtk_widget_set_opacity (self->uncalibrated, 0); /* keeps what is behind it at the edge */
  gtk_widget_remove_css_class (self->box, "flagged");
  if (is_done) {
    show_done (self, iv_triage_queue_get_entry (self->queue, self->image));
  } else if (is_failed) {
    g_autofree char *text = g_strdup_printf (
        _ ("Triage failed: %s"), iv_triage_queue_get_problem (self->queue, self->image));
    gtk_label_set_label (self->text, text);
  } else {
    gtk_label_set_label (self->text, _ ("Triage: a model looks at this film…"));
  }
}

static void
on_cancel_cb (IvTriageBar *self)
{
  iv_triage_queue_cancel (self->queue);
}

static void
on_dismiss_cb (IvTriageBar *self)
{
  const IvTriageFinding *flag = find_flag (iv_triage_queue_get_entry (self->queue, self->image));
  g_autofree char *name = flag != NULL ? g_strdup (flag->name) : NULL;
  g_autoptr (GError) error = NULL;

  if (name != NULL && !iv_triage_queue_dismiss (self->queue, self->image, name, &error))
    g_warning ("The notice will be back: %s", error->message);
}

void
iv_triage_bar_set_queue (IvTriageBar *self, IvTriageQueue *queue)
{
  g_return_if_fail (IV_IS_TRIAGE_BAR (self));

  g_set_object (&self->queue, queue);
  g_signal_connect_object (queue, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

void
iv_triage_bar_set_image (IvTriageBar *self, IvImage *image)
{
  g_return_if_fail (IV_IS_TRIAGE_BAR (self));

  g_set_object (&self->image, image);
  update (self);
}

static void
iv_triage_bar_dispose (GObject *object)
{
  IvTriageBar *self = IV_TRIAGE_BAR (object);

  if (self->queue != NULL)
    g_signal_handlers_disconnect_by_data (self->queue, self);
  g_clear_object (&self->queue);
  g_clear_object (&self->image);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (iv_triage_bar_parent_class)->dispose (object);
}

static void
iv_triage_bar_class_init (IvTriageBarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_triage_bar_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-triage-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, IvTriageBar, box);
  gtk_widget_class_bind_template_child (widget_class, IvTriageBar, spinner);
  gtk_widget_class_bind_template_child (widget_class, IvTriageBar, icon);
  gtk_widget_class_bind_template_child (widget_class, IvTriageBar, text);
  gtk_widget_class_bind_template_child (widget_class, IvTriageBar, uncalibrated);
  gtk_widget_class_bind_template_child (widget_class, IvTriageBar, details_button);
  gtk_widget_class_bind_template_child (widget_class, IvTriageBar, details);
  gtk_widget_class_bind_template_child (widget_class, IvTriageBar, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, IvTriageBar, dismiss_button);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_dismiss_cb);
}

static void
iv_triage_bar_init (IvTriageBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
