/* The page of the side panel that lists what changed, or says why nothing can be listed.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/case/iv-changes-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "app/read/iv-case.h"
#include "ui/case/iv-change-row.h"
#include "ui/case/iv-measures-view.h"
#include "ui/case/iv-trend-plot.h"
#include "ui/iv-words.h"

struct _IvChangesPage {
  GtkWidget parent_instance;

  IvReading *reading;
  IvComparison *comparison; /* the one the rows are of */
  double threshold;

  /* Template widgets */
  GtkWidget *stack;
  AdwStatusPage *notice;
  GtkButton *notice_button;
  GtkSpinner *spinner;
  GtkLabel *working_title;
  GtkLabel *working_message;
  GtkProgressBar *working_bar;
  GtkLabel *count;
  GtkLabel *hidden;
  GtkListBox *list;
  GtkLabel *none;
  IvMeasuresView *measures;
  IvTrendPlot *plot;
  GtkAdjustment *threshold_adjustment;
  GtkWidget *caution_row;
  GtkLabel *caution;
  GtkLabel *provenance;
};

G_DEFINE_FINAL_TYPE (IvChangesPage, iv_changes_page, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_THRESHOLD, N_PROPS };
static GParamSpec *properties[N_PROPS];
enum { CHANGE_CHOSEN, LINES_WANTED, IMAGE_ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

typedef struct {
  const char *icon;
  const char *title;
  const char *description;
  gboolean offers_retry;
} Notice;

static void
show_notice (IvChangesPage *self, const Notice *notice)
{
  /* The description is markup, and may name a file. */
  g_autofree char *description =
      notice->description != NULL ? g_markup_escape_text (notice->description, -1) : NULL;

  adw_status_page_set_icon_name (self->notice, notice->icon);
  adw_status_page_set_title (self->notice, notice->title);
  adw_status_page_set_description (self->notice, description);
  gtk_widget_set_visible (GTK_WIDGET (self->notice_button), notice->offers_retry);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "notice");
}

static void
show_working (IvChangesPage *self)
{
  double fraction = iv_reading_get_fraction (self->reading);
  gboolean compares = iv_reading_get_state (self->reading) == IV_READING_COMPARING;

  gtk_label_set_label (self->working_title,
                       compares ? _ ("Comparing the Films") : _ ("Reading the Films"));
  gtk_label_set_label (self->working_message,
                       compares ? iv_reading_get_message (self->reading) : "");
  gtk_widget_set_visible (GTK_WIDGET (self->working_bar), compares && fraction >= 0);
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (self->working_bar, MIN (fraction, 1));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "working");
}

static gboolean
filter_row (GtkListBoxRow *row, gpointer user_data)
{
  IvChangesPage *self = user_data;

  return iv_change_row_get_change (IV_CHANGE_ROW (row))->score >= self->threshold;
}

static void
update_counts (IvChangesPage *self)
{
  GPtrArray *changes = iv_comparison_get_changes (self->comparison);
  g_autofree char *count = NULL;
  g_autofree char *hidden = NULL;
  guint n_shown = 0, n_hidden;

  for (guint i = 0; i < changes->len; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);

    if (change->score >= self->threshold)
      n_shown++;
  }
  n_hidden = changes->len - n_shown;
  count = g_strdup_printf (ngettext ("%u Change", "%u Changes", n_shown), n_shown);
  hidden = g_strdup_printf (
      ngettext ("%u weaker candidate is not shown", "%u weaker candidates are not shown", n_hidden),
      n_hidden);
  gtk_label_set_label (self->count, n_shown > 0 ? count : _ ("No Change Listed"));
  gtk_label_set_label (self->hidden, hidden);
  gtk_widget_set_visible (GTK_WIDGET (self->hidden), n_hidden > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->list), n_shown > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->none), n_shown == 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "changes.copy", n_shown > 0);
}

static void
update_provenance (IvChangesPage *self)
{
  const char *description = iv_comparison_get_device_name (self->comparison);
  const char *caution = iv_comparison_get_caution (self->comparison);
  g_autofree char *device = iv_words_device (description);
  g_autofree char *text = g_strdup_printf (_ ("Registration quality %.2f · %s · %.1f s"),
                                           iv_comparison_get_quality (self->comparison),
                                           device,
                                           iv_comparison_get_seconds (self->comparison));

  gtk_label_set_label (self->caution, caution != NULL ? caution : "");
  gtk_widget_set_visible (self->caution_row, caution != NULL);
  gtk_label_set_label (self->provenance, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->provenance), description);
}

static void
fill_list (IvChangesPage *self, IvComparison *comparison)
{
  GPtrArray *changes = iv_comparison_get_changes (comparison);
  const IvRadiographInfo *info = iv_radiograph_get_info (iv_comparison_get_current (comparison));
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  g_set_object (&self->comparison, comparison);
  iv_measures_view_set_comparison (self->measures, comparison);
  for (guint i = 0; i < changes->len; i++)
    gtk_list_box_append (
        self->list,
        iv_change_row_new (g_ptr_array_index (changes, i), i + 1, info->spacing_source));
  update_provenance (self);
}

static void
show_list (IvChangesPage *self, IvComparison *comparison)
{
  if (self->comparison != comparison)
    fill_list (self, comparison);
  update_counts (self);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "list");
}

static void
show_no_comparison (IvChangesPage *self)
{
  const GError *error = iv_reading_get_comparison_error (self->reading);
  const IvPrior *prior = iv_reading_get_prior (self->reading);
  Notice notice = { .icon = "interval-changes-symbolic" };

  if (error != NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    notice.title = _ ("Comparison Stopped");
    notice.description = _ ("The films can be read side by side.");
    notice.offers_retry = TRUE;
  } else if (error != NULL) {
    notice.icon = "dialog-warning-symbolic";
    notice.title = _ ("The Films Could Not Be Compared");
    notice.description = error->message;
    notice.offers_retry = TRUE;
  } else if (prior == NULL || prior->image == NULL) {
    notice.title = _ ("No Prior");
    notice.description = prior != NULL && prior->reason != NULL
                             ? prior->reason
                             : _ ("Choose a film on the timeline to compare with.");
  } else {
    notice.title = _ ("Not Compared");
    notice.offers_retry = TRUE;
  }
  show_notice (self, &notice);
}

static void
update (IvChangesPage *self)
{
  IvReadingState state =
      self->reading != NULL ? iv_reading_get_state (self->reading) : IV_READING_EMPTY;
  IvComparison *comparison =
      self->reading != NULL ? iv_reading_get_comparison (self->reading) : NULL;
  gboolean works = state == IV_READING_COMPARING || state == IV_READING_LOADING;

  gtk_spinner_set_spinning (self->spinner, works);
  if (state == IV_READING_EMPTY || state == IV_READING_FAILED)
    show_notice (self,
                 &(Notice){ .icon = "interval-changes-symbolic",
                            .title = _ ("No Films"),
                            .description = _ ("What changed between two films is listed here.") });
  else if (works)
    show_working (self);
  else if (comparison == NULL)
    show_no_comparison (self);
  else if (!iv_comparison_is_ok (comparison))
    show_notice (self,
                 &(Notice){ .icon = "dialog-warning-symbolic",
                            .title = _ ("The Films Do Not Match Well Enough"),
                            .description = iv_comparison_get_reason (comparison) });
  else
    show_list (self, comparison);
}

static void
on_row_activated_cb (GtkListBox *list, GtkListBoxRow *row, gpointer user_data)
{
  IvChangesPage *self = user_data;

  g_signal_emit (
      self, signals[CHANGE_CHOSEN], 0, (gpointer) iv_change_row_get_change (IV_CHANGE_ROW (row)));
}

static void
set_threshold (IvChangesPage *self, double threshold)
{
  if (ABS (self->threshold - threshold) < 1e-6)
    return;
  self->threshold = threshold;
  iv_measures_view_set_threshold (self->measures, threshold);
  gtk_adjustment_set_value (self->threshold_adjustment, threshold);
  gtk_list_box_invalidate_filter (self->list);
  if (self->comparison != NULL && iv_comparison_is_ok (self->comparison))
    update_counts (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_THRESHOLD]);
}

static void
on_threshold_changed_cb (IvChangesPage *self)
{
  set_threshold (self, gtk_adjustment_get_value (self->threshold_adjustment));
}

static void
on_copy_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  IvChangesPage *self = IV_CHANGES_PAGE (widget);
  g_autofree char *table = iv_case_list_changes (self->comparison, self->threshold);

  if (table != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), table);
}

void
iv_changes_page_set_reading (IvChangesPage *self, IvReading *reading)
{
  g_return_if_fail (IV_IS_CHANGES_PAGE (self));

  if (!g_set_object (&self->reading, reading))
    return;
  if (reading != NULL) {
    static const char *const names[] = {
      "choice-changed", "comparison-changed", "progressed", "state-changed"
    };

    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
      g_signal_connect_object (reading, names[i], G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  }
  update (self);
}

void
iv_changes_page_select (IvChangesPage *self, const IvChange *change)
{
  g_return_if_fail (IV_IS_CHANGES_PAGE (self));

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list)); row != NULL;
       row = gtk_widget_get_next_sibling (row)) {
    if (iv_change_row_get_change (IV_CHANGE_ROW (row)) == change) {
      gtk_list_box_select_row (self->list, GTK_LIST_BOX_ROW (row));
      gtk_widget_grab_focus (row); /* scrolls to it */
      return;
    }
  }
  gtk_list_box_unselect_all (self->list);
}

void
iv_changes_page_take_swap_check (IvChangesPage *self, IvSwapCheck *check)
{
  guint i = 0;

  g_return_if_fail (IV_IS_CHANGES_PAGE (self));

  if (check->comparison != self->comparison) {
    iv_swap_check_free (check);
    return;
  }
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list));
       row != NULL && i < check->marks->len;
       row = gtk_widget_get_next_sibling (row))
    iv_change_row_set_swap_mark (IV_CHANGE_ROW (row),
                                 g_array_index (check->marks, IvSwapMark, i++));
  iv_measures_view_take_swap_check (self->measures, check);
}

void
iv_changes_page_set_trend (IvChangesPage *self, IvTrend *trend)
{
  g_return_if_fail (IV_IS_CHANGES_PAGE (self));
  iv_trend_plot_set_trend (self->plot, trend);
}

void
iv_changes_page_set_prior (IvChangesPage *self, IvImage *prior)
{
  g_return_if_fail (IV_IS_CHANGES_PAGE (self));
  iv_trend_plot_set_prior (self->plot, prior);
}

static void
on_lines_wanted_cb (IvChangesPage *self, gboolean wanted)
{
  g_signal_emit (self, signals[LINES_WANTED], 0, wanted);
}

static void
on_image_activated_cb (IvChangesPage *self, IvImage *image)
{
  g_signal_emit (self, signals[IMAGE_ACTIVATED], 0, image);
}

static void
iv_changes_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_THRESHOLD)
    g_value_set_double (value, IV_CHANGES_PAGE (object)->threshold);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
iv_changes_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_THRESHOLD)
    set_threshold (IV_CHANGES_PAGE (object), g_value_get_double (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
iv_changes_page_dispose (GObject *object)
{
  IvChangesPage *self = IV_CHANGES_PAGE (object);

  g_clear_object (&self->reading);
  g_clear_object (&self->comparison);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  G_OBJECT_CLASS (iv_changes_page_parent_class)->dispose (object);
}

static void
iv_changes_page_class_init (IvChangesPageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = iv_changes_page_get_property;
  object_class->set_property = iv_changes_page_set_property;
  object_class->dispose = iv_changes_page_dispose;

  properties[PROP_THRESHOLD] =
      g_param_spec_double ("threshold",
                           NULL,
                           NULL,
                           0,
                           1,
                           0.5,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[CHANGE_CHOSEN] = g_signal_new ("change-chosen",
                                         G_TYPE_FROM_CLASS (class),
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         1,
                                         G_TYPE_POINTER);
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
  signals[IMAGE_ACTIVATED] = g_signal_new ("image-activated",
                                           G_TYPE_FROM_CLASS (class),
                                           G_SIGNAL_RUN_LAST,
                                           0,
                                           NULL,
                                           NULL,
                                           NULL,
                                           G_TYPE_NONE,
                                           1,
                                           IV_TYPE_IMAGE);

  g_type_ensure (IV_TYPE_MEASURES_VIEW);
  g_type_ensure (IV_TYPE_TREND_PLOT);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-changes-page.ui");
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, count);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, hidden);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, list);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, measures);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, none);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, notice);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, notice_button);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, caution);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, caution_row);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, plot);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, provenance);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, stack);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, threshold_adjustment);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, working_bar);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, working_message);
  gtk_widget_class_bind_template_child (widget_class, IvChangesPage, working_title);
  gtk_widget_class_bind_template_callback (widget_class, on_image_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_lines_wanted_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_threshold_changed_cb);
  gtk_widget_class_install_action (widget_class, "changes.copy", NULL, on_copy_cb);
}

static void
iv_changes_page_init (IvChangesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->threshold = 0.5;
  gtk_adjustment_set_value (self->threshold_adjustment, self->threshold);
  gtk_label_set_label (self->none,
                       _ ("No change reaches the lowest score. This does not mean that there is "
                          "none: look at the films yourself."));
  gtk_list_box_set_filter_func (self->list, filter_row, self, NULL);
  update (self);
}
