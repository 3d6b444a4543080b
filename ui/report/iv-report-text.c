/* The report as text that is written in: its sentences, and which of them have a place on the film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/report/iv-report-text.h"

#include <glib/gi18n.h>
#include <math.h>

/* Text is read again this long after the last change of it. */
#define PAUSE_MS 200
/* What a fast model writes is shown this often: laying out each token's line would take all the
 * time there is for the rest of the window. */
#define FILL_MS 80

struct _IvReportText {
  GtkWidget parent_instance;

  IvDrafter *drafter;
  IvReport *report;   /* of the text, as last read */
  GPtrArray *places;  /* of its sentences */
  int sentence;       /* that holds the cursor, -1: none */
  guint timeout;      /* set while the text is to be read again */
  guint fill_timeout; /* set while written text is to be shown */
  gboolean is_filling;

  GtkWidget *scroller;
  GtkTextView *view;
  GtkTextTag *placed, *heading;
};

G_DEFINE_FINAL_TYPE (IvReportText, iv_report_text, GTK_TYPE_WIDGET)

enum { SENTENCE_CHANGED, SENTENCE_ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

static char *
get_text (IvReportText *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (gtk_text_view_get_buffer (self->view), &start, &end);
  return gtk_text_buffer_get_text (gtk_text_view_get_buffer (self->view), &start, &end, FALSE);
}

/* A byte of the text as a place of the buffer. */
static void
get_iter (IvReportText *self, guint offset, GtkTextIter *iter)
{
  const char *text = iv_report_get_text (self->report);

  gtk_text_buffer_get_iter_at_offset (gtk_text_view_get_buffer (self->view),
                                      iter,
                                      (int) g_utf8_pointer_to_offset (text, text + offset));
}

static void
apply_tag (IvReportText *self, GtkTextTag *tag, IvTextSpan span)
{
  GtkTextIter start, end;

  get_iter (self, span.start, &start);
  get_iter (self, span.end, &end);
  gtk_text_buffer_apply_tag (gtk_text_view_get_buffer (self->view), tag, &start, &end);
}

static void
mark_sentences (IvReportText *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  const GArray *sections = iv_report_get_sections (self->report);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  gtk_text_buffer_remove_all_tags (buffer, &start, &end);
  for (guint i = 0; i < sections->len; i++)
    apply_tag (self, self->heading, g_array_index (sections, IvSection, i).heading);
  for (guint i = 0; i < self->places->len; i++) {
    const GArray *places = g_ptr_array_index (self->places, i);

    if (places->len > 0)
      apply_tag (self, self->placed, iv_report_get_sentence (self->report, i)->span);
  }
}

static int
find_sentence_at (IvReportText *self, const GtkTextIter *iter)
{
  const char *text;

  if (self->report == NULL)
    return -1;
  text = iv_report_get_text (self->report);
  if (gtk_text_iter_get_offset (iter) > g_utf8_strlen (text, -1))
    return -1;
  return iv_report_find_sentence_at (
      self->report,
      (guint) (g_utf8_offset_to_pointer (text, gtk_text_iter_get_offset (iter)) - text));
}

static void
follow_cursor (IvReportText *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkTextIter iter;

  gtk_text_buffer_get_iter_at_mark (buffer, &iter, gtk_text_buffer_get_insert (buffer));
  self->sentence = find_sentence_at (self, &iter);
  g_signal_emit (self, signals[SENTENCE_CHANGED], 0);
}

/* What the text says now, and which sentences are still those of the draft. */
static void
read_text (IvReportText *self)
{
  g_autofree char *text = get_text (self);

  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_pointer (&self->report, iv_report_unref);
  g_clear_pointer (&self->places, g_ptr_array_unref);
  self->report = iv_report_new (text, NULL);
  self->places = iv_drafter_find_places (self->drafter, self->report);
  mark_sentences (self);
  follow_cursor (self);
}

static gboolean
on_timeout_cb (gpointer user_data)
{
  IvReportText *self = user_data;

  self->timeout = 0;
  read_text (self);
  return G_SOURCE_REMOVE;
}

static void
on_buffer_changed_cb (IvReportText *self)
{
  g_autofree char *text = NULL;

  if (self->is_filling || self->drafter == NULL)
    return;
  text = get_text (self);
  iv_drafter_set_text (self->drafter, text);
  if (self->timeout == 0)
    self->timeout = g_timeout_add (PAUSE_MS, on_timeout_cb, self);
}

static void
on_cursor_moved_cb (IvReportText *self)
{
  if (!self->is_filling && self->report != NULL && self->timeout == 0)
    follow_cursor (self);
}

/* While the model writes, only what is new is added, so that nothing jumps. */
static void
fill (IvReportText *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  const char *text = iv_drafter_get_text (self->drafter);
  g_autofree char *shown = get_text (self);

  if (g_str_equal (shown, text))
    return;
  self->is_filling = TRUE;
  gtk_text_buffer_begin_irreversible_action (buffer);
  if (*shown != '\0' && g_str_has_prefix (text, shown)) {
    GtkTextIter end;

    gtk_text_buffer_get_end_iter (buffer, &end);
    gtk_text_buffer_insert (buffer, &end, text + strlen (shown), -1);
  } else {
    gtk_text_buffer_set_text (buffer, text, -1);
  }
  gtk_text_buffer_end_irreversible_action (buffer);
  self->is_filling = FALSE;
}

static gboolean
on_fill_timeout_cb (gpointer user_data)
{
  IvReportText *self = user_data;

  self->fill_timeout = 0;
  fill (self);
  return G_SOURCE_REMOVE;
}

static void
on_text_changed_cb (IvReportText *self)
{
  if (iv_drafter_is_working (self->drafter)) {
    if (self->fill_timeout == 0)
      self->fill_timeout = g_timeout_add (FILL_MS, on_fill_timeout_cb, self);
    return;
  }
  fill (self);
  read_text (self);
}

static void
on_state_changed_cb (IvReportText *self)
{
  g_clear_handle_id (&self->fill_timeout, g_source_remove);
  fill (self);
  gtk_text_view_set_editable (self->view, !iv_drafter_is_working (self->drafter));
  read_text (self);
}

static void
on_released_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  IvReportText *self = user_data;

  if (n_press == 1 && self->sentence >= 0 &&
      !gtk_text_buffer_get_has_selection (gtk_text_view_get_buffer (self->view)))
    g_signal_emit (self, signals[SENTENCE_ACTIVATED], 0);
}

const GArray *
iv_report_text_get_places (IvReportText *self)
{
  g_return_val_if_fail (IV_IS_REPORT_TEXT (self), NULL);

  if (self->sentence < 0 ||
      !iv_report_is_statement (self->report,
                               iv_report_get_sentence (self->report, (guint) self->sentence)))
    return NULL;
  return g_ptr_array_index (self->places, (guint) self->sentence);
}

void
iv_report_text_count (IvReportText *self, guint *n_statements, guint *n_placed)
{
  g_return_if_fail (IV_IS_REPORT_TEXT (self));

  *n_statements = *n_placed = 0;
  for (guint i = 0; self->report != NULL && i < self->places->len; i++) {
    if (!iv_report_is_statement (self->report, iv_report_get_sentence (self->report, i)))
      continue;
    *n_statements += 1;
    *n_placed += ((const GArray *) g_ptr_array_index (self->places, i))->len > 0;
  }
}

/* Boxes that were kept are rounded to a tenth of a pixel. */
static gboolean
is_same_box (const IvFilmBox *a, const IvFilmBox *b)
{
  return fabs (a->x - b->x) < 0.2 && fabs (a->y - b->y) < 0.2 && fabs (a->width - b->width) < 0.2 &&
         fabs (a->height - b->height) < 0.2;
}

static gboolean
has_box (const GArray *places, const IvFilmBox *box)
{
  for (guint i = 0; i < places->len; i++)
    if (is_same_box (&g_array_index (places, IvDraftPlace, i).box, box))
      return TRUE;
  return FALSE;
}

gboolean
iv_report_text_show_box (IvReportText *self, const IvFilmBox *box)
{
  g_return_val_if_fail (IV_IS_REPORT_TEXT (self), FALSE);

  for (guint i = 0; self->report != NULL && i < self->places->len; i++) {
    GtkTextIter start, end;

    if (!has_box (g_ptr_array_index (self->places, i), box))
      continue;
    get_iter (self, iv_report_get_sentence (self->report, i)->span.start, &start);
    get_iter (self, iv_report_get_sentence (self->report, i)->span.end, &end);
    gtk_text_buffer_select_range (gtk_text_view_get_buffer (self->view), &start, &end);
    gtk_text_view_scroll_to_iter (self->view, &start, 0.1, FALSE, 0, 0);
    return TRUE;
  }
  return FALSE;
}

void
iv_report_text_set_drafter (IvReportText *self, IvDrafter *drafter)
{
  g_return_if_fail (IV_IS_REPORT_TEXT (self));

  if (!g_set_object (&self->drafter, drafter))
    return;
  g_signal_connect_object (
      drafter, "text-changed", G_CALLBACK (on_text_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      drafter, "state-changed", G_CALLBACK (on_state_changed_cb), self, G_CONNECT_SWAPPED);
  on_text_changed_cb (self);
}

static void
iv_report_text_dispose (GObject *object)
{
  IvReportText *self = IV_REPORT_TEXT (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_handle_id (&self->fill_timeout, g_source_remove);
  g_clear_object (&self->drafter);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_pointer (&self->report, iv_report_unref);
  g_clear_pointer (&self->places, g_ptr_array_unref);
  G_OBJECT_CLASS (iv_report_text_parent_class)->dispose (object);
}

static void
iv_report_text_class_init (IvReportTextClass *class)
{
  static const char *const names[] = { "sentence-changed", "sentence-activated" };

  G_OBJECT_CLASS (class)->dispose = iv_report_text_dispose;
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i],
                               G_TYPE_FROM_CLASS (class),
                               G_SIGNAL_RUN_LAST,
                               0,
                               NULL,
                               NULL,
                               NULL,
                               G_TYPE_NONE,
                               0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
}

static void
connect_view (IvReportText *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect_object (click, "released", G_CALLBACK (on_released_cb), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self->view), GTK_EVENT_CONTROLLER (click));
  g_signal_connect_object (
      buffer, "changed", G_CALLBACK (on_buffer_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      buffer, "notify::cursor-position", G_CALLBACK (on_cursor_moved_cb), self, G_CONNECT_SWAPPED);
  self->placed =
      gtk_text_buffer_create_tag (buffer, NULL, "underline", PANGO_UNDERLINE_SINGLE, NULL);
  self->heading = gtk_text_buffer_create_tag (buffer, NULL, "weight", PANGO_WEIGHT_BOLD, NULL);
}

static void
iv_report_text_init (IvReportText *self)
{
  self->sentence = -1;
  self->scroller = gtk_scrolled_window_new ();
  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  gtk_scrolled_window_set_policy (
      GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  gtk_text_view_set_top_margin (self->view, 10);
  gtk_text_view_set_bottom_margin (self->view, 10);
  gtk_text_view_set_left_margin (self->view, 12);
  gtk_text_view_set_right_margin (self->view, 12);
  gtk_text_view_set_pixels_inside_wrap (self->view, 3);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Report"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->view));
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  connect_view (self);
}
