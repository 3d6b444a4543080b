/* The page of the side panel for the report: drafted, edited, accepted.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/report/iv-report-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "ui/chat/iv-chat-model-box.h"
#include "ui/report/iv-report-text.h"
#include "ui/iv-words.h"

struct _IvReportPage {
  GtkWidget parent_instance;

  IvDrafter *drafter;
  IvReading *reading;
  char *model_error; /* why the last model could not be taken, or NULL */

  /* Template widgets */
  GtkWidget *stack;
  IvChatModelBox *first_model;
  IvChatModelBox *later_model;
  GtkLabel *model_name;
  GtkEditable *indication;
  GtkLabel *note;
  GtkStack *work;
  GtkLabel *working;
  GtkProgressBar *bar;
  GtkLabel *problem;
  GtkWidget *paper;
  IvReportText *text;
  GtkLabel *removed;
  GtkLabel *place;
  GtkWidget *raw_scroller;
  GtkTextView *raw;
  GtkToggleButton *raw_button;
  GtkLabel *footer;
};

G_DEFINE_FINAL_TYPE (IvReportPage, iv_report_page, GTK_TYPE_WIDGET)

enum { MODEL_CHOSEN, PLACES_CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- what is shown -------------------------------------------------------------------------- */

static void
set_label (GtkLabel *label, const char *text)
{
  gtk_label_set_label (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

static const char *
describe_stage (IvReportPage *self)
{
  if (iv_drafter_is_queued (self->drafter))
    return iv_reading_get_state (self->reading) == IV_READING_COMPARING
               ? _ ("Waiting for the comparison")
               : _ ("Waiting for the engine");
  switch (iv_drafter_get_stage (self->drafter)) {
  case IV_DRAFT_STAGE_LOOKING:
    return _ ("Looking at the films…");
  case IV_DRAFT_STAGE_READING:
    return _ ("Reading…");
  case IV_DRAFT_STAGE_WRITING:
    return _ ("Writing…");
  case IV_DRAFT_STAGE_LOCATING:
    return _ ("Locating the findings…");
  case IV_DRAFT_STAGE_LOADING:
  default:
    return _ ("Loading the model…");
  }
}

static void
on_progressed_cb (IvReportPage *self)
{
  double fraction = iv_drafter_get_fraction (self->drafter);

  gtk_label_set_label (self->working, describe_stage (self));
  gtk_widget_set_visible (GTK_WIDGET (self->bar), fraction >= 0);
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (self->bar, MIN (fraction, 1));
}

/* What a draft will know, before it is asked for. */
static const char *
describe_prior (IvReportPage *self)
{
  IvComparison *comparison = iv_reading_get_comparison (self->reading);

  if (iv_reading_get_prior_radiograph (self->reading) == NULL)
    return _ ("Without a prior the draft uses no words of comparison.");
  if (comparison == NULL)
    return _ ("The films are not compared: no sentence can point to a change.");
  if (!iv_comparison_is_ok (comparison))
    return _ ("The films do not match well enough: no sentence can point to a change.");
  return _ ("Drafted from the current film and the prior.");
}

static char *
describe_removed (const IvDraft *draft)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < draft->removals->len; i++) {
    const IvDraftRemoval *removal = &g_array_index (draft->removals, IvDraftRemoval, i);
    g_autofree char *line = g_strdup_printf (
        _ ("Left out, since there is no prior (“%s”): %s"), removal->word, removal->sentence);

    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", line);
  }
  return g_strdup (text->str);
}

static char *
describe_source (const IvDraft *draft)
{
  const IvDraftProvenance *made = &draft->provenance;
  g_autofree char *device = iv_words_device (made->device);
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (made->time, NULL);
  g_autoptr (GDateTime) local = time != NULL ? g_date_time_to_local (time) : NULL;
  g_autofree char *at = local != NULL ? g_date_time_format (local, "%x %R") : g_strdup ("");

  return g_strdup_printf ("%s · %.8s · %s · %s",
                          made->model,
                          *made->sha256 != '\0' ? made->sha256 : made->digest,
                          device,
                          at);
}

static void
update_footer (IvReportPage *self)
{
  IvDraft *draft = iv_drafter_get_draft (self->drafter);
  gboolean is_accepted = iv_drafter_get_accepted (self->drafter) != NULL;
  g_autoptr (GString) text =
      g_string_new (is_accepted ? _ ("Accepted") : _ ("Draft — not accepted"));
  g_autofree char *tooltip = NULL;

  if (draft != NULL && draft->end == IV_DRAFT_STOPPED)
    g_string_append_printf (text, " · %s", _ ("stopped"));
  if (draft != NULL && draft->end == IV_DRAFT_CUT_OFF)
    g_string_append_printf (text, " · %s", _ ("cut off at the longest answer"));
  if (draft != NULL) {
    g_autofree char *source = describe_source (draft);

    g_string_append_printf (text, "\n%s", source);
    tooltip = g_strdup_printf (_ ("%s\nSHA-256 %s\n%s\nPrompt %s, Interval %s"),
                               draft->provenance.file,
                               draft->provenance.sha256,
                               draft->provenance.device,
                               draft->provenance.prompt,
                               draft->provenance.version);
  }
  set_label (self->footer, *iv_drafter_get_text (self->drafter) != '\0' ? text->str : NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->footer), tooltip);
}

static void
update_draft (IvReportPage *self)
{
  IvDraft *draft = iv_drafter_get_draft (self->drafter);
  g_autofree char *removed = draft != NULL ? describe_removed (draft) : NULL;

  set_label (self->removed, removed);
  gtk_text_buffer_set_text (
      gtk_text_view_get_buffer (self->raw), draft != NULL ? draft->raw : "", -1);
  gtk_widget_set_visible (GTK_WIDGET (self->raw_button), draft != NULL);
  if (draft == NULL)
    gtk_toggle_button_set_active (self->raw_button, FALSE);
  update_footer (self);
}

static void
update_actions (IvReportPage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean works = iv_drafter_is_working (self->drafter);
  gboolean can_draft = iv_drafter_can_draft (self->drafter);
  gboolean has_text = *iv_drafter_get_text (self->drafter) != '\0';
  gboolean is_accepted = iv_drafter_get_accepted (self->drafter) != NULL;

  gtk_widget_action_set_enabled (widget, "report.draft", can_draft && !has_text);
  gtk_widget_action_set_enabled (widget, "report.regenerate", can_draft && has_text);
  gtk_widget_action_set_enabled (widget, "report.stop", works);
  gtk_widget_action_set_enabled (widget, "report.accept", !works && has_text && !is_accepted);
  gtk_widget_action_set_enabled (widget, "report.discard", !works && has_text);
  gtk_widget_action_set_enabled (widget, "report.copy", has_text);
  gtk_widget_set_visible (self->paper, has_text || works);
}

static void
update_stage (IvReportPage *self)
{
  const GError *error = iv_drafter_get_error (self->drafter);
  const char *model = iv_drafter_get_model (self->drafter);
  gboolean has_text = *iv_drafter_get_text (self->drafter) != '\0';
  g_autofree char *name = model != NULL ? g_path_get_basename (model) : NULL;

  iv_chat_model_box_show_choice (self->first_model, self->model_error);
  iv_chat_model_box_show_choice (self->later_model, self->model_error);
  gtk_widget_set_visible (GTK_WIDGET (self->later_model), model == NULL);
  gtk_label_set_label (self->model_name, name != NULL ? name : _ ("No Report Model"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->model_name), model);
  set_label (self->problem, error != NULL ? error->message : NULL);
  gtk_stack_set_visible_child_name (self->work,
                                    iv_drafter_is_working (self->drafter) ? "working"
                                    : has_text                            ? "text"
                                                                          : "ask");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "chat.unload", model != NULL);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    model != NULL || has_text ? "report" : "no-model");
}

static void
update_note (IvReportPage *self)
{
  set_label (self->note,
             iv_reading_get_current (self->reading) != NULL ? describe_prior (self) : NULL);
  update_actions (self);
}

static void
on_state_changed_cb (IvReportPage *self)
{
  const char *indication = iv_drafter_get_indication (self->drafter);

  if (!g_str_equal (gtk_editable_get_text (self->indication), indication))
    gtk_editable_set_text (self->indication, indication);
  gtk_editable_set_editable (self->indication, !iv_drafter_is_working (self->drafter));
  on_progressed_cb (self);
  update_note (self);
  update_draft (self);
  update_stage (self);
}

static void
on_edited_cb (IvReportPage *self)
{
  update_actions (self);
  update_footer (self);
}

/* --- places --------------------------------------------------------------------------------- */

static char *
describe_count (IvReportPage *self)
{
  guint n_statements, n_placed;

  iv_report_text_count (self->text, &n_statements, &n_placed);
  if (n_statements == 0 || iv_drafter_get_draft (self->drafter) == NULL)
    return NULL;
  return g_strdup_printf (
      _ ("%u of %u sentences have a place on the film (underlined); the others have no image "
         "evidence."),
      n_placed,
      n_statements);
}

static const char *
describe_place (const GArray *places)
{
  if (places->len == 0)
    return _ ("This sentence has no image evidence.");
  return g_array_index (places, IvDraftPlace, 0).evidence == IV_EVIDENCE_MODEL
             ? _ ("This sentence has a place that the model gave.")
             : _ ("This sentence matches a region of change.");
}

static void
on_sentence_changed_cb (IvReportPage *self)
{
  const GArray *places = iv_report_text_get_places (self->text);
  g_autofree char *count = describe_count (self);
  gboolean is_drafted = count != NULL;

  set_label (self->place, is_drafted && places != NULL ? describe_place (places) : count);
  gtk_widget_action_set_enabled (
      GTK_WIDGET (self), "report.show-place", places != NULL && places->len > 0);
}

static void
show_place (IvReportPage *self)
{
  const GArray *places = iv_report_text_get_places (self->text);

  if (places != NULL && places->len > 0)
    g_signal_emit (self, signals[PLACES_CHOSEN], 0, (gpointer) places);
}

gboolean
iv_report_page_show_box (IvReportPage *self, const IvFilmBox *box)
{
  g_return_val_if_fail (IV_IS_REPORT_PAGE (self), FALSE);
  return iv_report_text_show_box (self->text, box);
}

/* --- actions -------------------------------------------------------------------------------- */

static void
on_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  IvReportPage *self = IV_REPORT_PAGE (widget);

  if (g_str_equal (action, "report.draft"))
    iv_drafter_draft (self->drafter, FALSE);
  else if (g_str_equal (action, "report.regenerate"))
    iv_drafter_draft (self->drafter, TRUE);
  else if (g_str_equal (action, "report.stop"))
    iv_drafter_stop (self->drafter);
  else if (g_str_equal (action, "report.accept"))
    iv_drafter_accept (self->drafter);
  else if (g_str_equal (action, "report.discard"))
    iv_drafter_discard (self->drafter);
  else if (g_str_equal (action, "report.show-place"))
    show_place (self);
  else if (g_str_equal (action, "report.copy"))
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), iv_drafter_get_text (self->drafter));
}

static void
on_indication_changed_cb (GtkEditable *editable, gpointer user_data)
{
  IvReportPage *self = user_data;

  if (self->drafter != NULL)
    iv_drafter_set_indication (self->drafter, gtk_editable_get_text (editable));
}

void
iv_report_page_set_model (IvReportPage *self, const char *file)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (IV_IS_REPORT_PAGE (self));

  g_clear_pointer (&self->model_error, g_free);
  if (!iv_drafter_set_model (self->drafter, file, &error))
    self->model_error = g_strdup (error->message);
  update_stage (self);
}

static void
on_unload_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, signals[MODEL_CHOSEN], 0, "");
  iv_report_page_set_model (IV_REPORT_PAGE (widget), NULL);
}

static void
on_model_response_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  IvReportPage *self = user_data;

  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    g_autofree char *path = g_file_get_path (file);

    if (path != NULL) {
      iv_report_page_set_model (self, path);
      if (self->model_error == NULL)
        g_signal_emit (self, signals[MODEL_CHOSEN], 0, path);
    }
  }
  g_object_unref (dialog);
}

static void
on_choose_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gboolean is_folder = g_str_equal (action, "chat.choose-folder");
  GtkFileChooserNative *dialog = iv_chat_model_box_new_chooser (widget, is_folder);

  g_signal_connect_object (dialog, "response", G_CALLBACK (on_model_response_cb), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* --- the object ----------------------------------------------------------------------------- */

void
iv_report_page_set_drafter (IvReportPage *self, IvDrafter *drafter, IvReading *reading)
{
  static const char *const names[] = { "films-changed", "comparison-changed", "state-changed" };

  g_return_if_fail (IV_IS_REPORT_PAGE (self));
  g_return_if_fail (self->drafter == NULL);

  self->drafter = g_object_ref (drafter);
  self->reading = g_object_ref (reading);
  iv_report_text_set_drafter (self->text, drafter);
  g_signal_connect_object (
      drafter, "state-changed", G_CALLBACK (on_state_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      drafter, "progressed", G_CALLBACK (on_progressed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (drafter, "edited", G_CALLBACK (on_edited_cb), self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_signal_connect_object (reading, names[i], G_CALLBACK (update_note), self, G_CONNECT_SWAPPED);
  on_state_changed_cb (self);
  on_sentence_changed_cb (self);
}

static void
iv_report_page_dispose (GObject *object)
{
  IvReportPage *self = IV_REPORT_PAGE (object);

  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->drafter);
  g_clear_object (&self->reading);
  g_clear_pointer (&self->model_error, g_free);
  G_OBJECT_CLASS (iv_report_page_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/intervalcxr/Interval/ui/iv-report-page.ui");
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, bar);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, first_model);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, footer);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, indication);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, later_model);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, model_name);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, note);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, paper);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, place);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, problem);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, raw);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, raw_button);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, raw_scroller);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, removed);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, stack);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, text);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, work);
  gtk_widget_class_bind_template_child (widget_class, IvReportPage, working);
  gtk_widget_class_bind_template_callback (widget_class, on_indication_changed_cb);
}

static void
iv_report_page_class_init (IvReportPageClass *class)
{
  static const char *const actions[] = { "report.draft",     "report.regenerate", "report.stop",
                                         "report.accept",    "report.discard",    "report.copy",
                                         "report.show-place" };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = iv_report_page_dispose;
  signals[MODEL_CHOSEN] = g_signal_new ("model-chosen",
                                        G_TYPE_FROM_CLASS (class),
                                        G_SIGNAL_RUN_LAST,
                                        0,
                                        NULL,
                                        NULL,
                                        NULL,
                                        G_TYPE_NONE,
                                        1,
                                        G_TYPE_STRING);
  signals[PLACES_CHOSEN] = g_signal_new ("places-chosen",
                                         G_TYPE_FROM_CLASS (class),
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         1,
                                         G_TYPE_POINTER);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i], NULL, on_action_cb);
  /* The names that the model box and its menu use. */
  gtk_widget_class_install_action (widget_class, "chat.choose-file", NULL, on_choose_cb);
  gtk_widget_class_install_action (widget_class, "chat.choose-folder", NULL, on_choose_cb);
  gtk_widget_class_install_action (widget_class, "chat.unload", NULL, on_unload_cb);
  g_type_ensure (IV_TYPE_CHAT_MODEL_BOX);
  g_type_ensure (IV_TYPE_REPORT_TEXT);
  bind_template (widget_class);
}

static void
iv_report_page_init (IvReportPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (
      self->text, "sentence-changed", G_CALLBACK (on_sentence_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->text, "sentence-activated", G_CALLBACK (show_place), self, G_CONNECT_SWAPPED);
  g_object_bind_property (
      self->raw_button, "active", self->raw_scroller, "visible", G_BINDING_SYNC_CREATE);
}
