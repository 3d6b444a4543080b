/* The reading on screen: films, timeline, header, panels and status follow the controller.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "app/read/iv-case.h"
#include "ui/window/iv-main-window-private.h"
#include "ui/iv-words.h"

static const IvRadiographInfo *
get_current_info (IvMainWindow *self)
{
  IvImage *image = iv_reading_get_current_image (self->reading);

  return image != NULL ? iv_image_get_info (image) : NULL;
}

static void
update_case (IvMainWindow *self)
{
  const IvPrior *prior = iv_reading_get_prior (self->reading);
  IvCase facts = {
    .current = get_current_info (self),
    .comparison = iv_reading_get_comparison (self->reading),
    .threshold = g_settings_get_double (self->settings, "score-threshold"),
  };
  g_autofree char *text = NULL;

  if (prior != NULL && prior->image != NULL) {
    facts.prior = iv_image_get_info (prior->image);
    facts.days = prior->days;
  }
  text = iv_case_describe (&facts);
  iv_chat_set_case (self->chat, text);
}

static char *
format_interval (IvMainWindow *self, const IvPrior *prior)
{
  GDateTime *current = iv_image_get_date (iv_reading_get_current_image (self->reading));
  GDateTime *date;

  if (prior == NULL || prior->image == NULL)
    return g_strdup (_ ("No prior"));
  date = iv_image_get_date (prior->image);
  if (current == NULL || date == NULL)
    return g_strdup (_ ("Date not known"));
  return iv_timeline_format_interval (current, date);
}

static void
update_title (IvMainWindow *self)
{
  IvPatient *patient = iv_reading_get_patient (self->reading);
  const IvPrior *prior = iv_reading_get_prior (self->reading);
  g_autofree char *details = NULL;
  g_autofree char *interval = NULL;
  const char *name, *reason = NULL;

  if (patient == NULL) {
    gtk_window_set_title (GTK_WINDOW (self), "Interval");
    return;
  }
  name = iv_words_patient_name (iv_patient_get_name (patient));
  details = iv_words_patient_details (patient, get_current_info (self));
  interval = format_interval (self, prior);
  if (prior != NULL)
    reason = prior->reason;
  gtk_label_set_label (self->patient_name, name);
  gtk_label_set_label (self->patient_details, details);
  gtk_widget_set_visible (GTK_WIDGET (self->patient_details), *details != '\0');
  gtk_menu_button_set_label (self->interval_button, interval);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->interval_button), reason);
  gtk_label_set_label (self->interval_reason,
                       reason != NULL ? reason : _ ("This film is read without a prior."));
  gtk_window_set_title (GTK_WINDOW (self), name);
}

static void
update_placeholders (IvMainWindow *self)
{
  IvReadingState state = iv_reading_get_state (self->reading);
  const GError *error = iv_reading_get_error (self->reading);
  const GError *comparison_error = iv_reading_get_comparison_error (self->reading);
  const IvPrior *prior = iv_reading_get_prior (self->reading);
  IvFilmView *current_view = iv_film_pair_get_current_view (self->pair);
  IvFilmView *prior_view = iv_film_pair_get_prior_view (self->pair);
  gboolean has_prior = prior != NULL && prior->image != NULL;

  iv_film_view_set_is_loading (
      current_view, state == IV_READING_LOADING && iv_reading_get_current (self->reading) == NULL);
  iv_film_view_set_is_loading (prior_view,
                               state == IV_READING_LOADING && has_prior &&
                                   iv_reading_get_prior_radiograph (self->reading) == NULL);
  iv_film_view_set_placeholder (current_view,
                                error != NULL ? _ ("This Film Could Not Be Read") : NULL,
                                error != NULL ? error->message : NULL);
  if (has_prior)
    iv_film_view_set_placeholder (prior_view,
                                  comparison_error != NULL ? _ ("The Prior Could Not Be Read")
                                                           : NULL,
                                  comparison_error != NULL ? comparison_error->message : NULL);
  else
    iv_film_view_set_placeholder (prior_view, _ ("No Prior"), prior != NULL ? prior->reason : NULL);
}

static void
update_presets (IvMainWindow *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenuModel) presets = iv_film_pair_create_preset_menu (self->pair);
  g_autoptr (GMenu) tools = g_menu_new ();
  g_autoptr (GMenu) view = g_menu_new ();

  g_menu_append_section (menu, NULL, presets);
  g_menu_append (tools, _ ("_Invert"), "film.invert");
  g_menu_append (tools, _ ("By _Region"), "film.region");
  g_menu_append (tools, _ ("Same on _Both Films"), "film.link-window");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (tools));
  g_menu_append (view, _ ("_Fit"), "film.fit");
  g_menu_append (view, _ ("_Actual Size"), "film.actual-size");
  g_menu_append (view, _ ("Rotate _Left"), "film.rotate-left");
  g_menu_append (view, _ ("Rotate Ri_ght"), "film.rotate-right");
  g_menu_append (view, _ ("Fli_p"), "film.flip");
  g_menu_append (view, _ ("Re_set"), "film.reset-view");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (view));
  gtk_menu_button_set_menu_model (self->preset_button, G_MENU_MODEL (menu));
}

/* The engine does one thing at a time. */
static char *
describe_comparing (IvMainWindow *self)
{
  const char *message = iv_reading_get_message (self->reading);
  IvChatState state = iv_chat_get_state (self->chat);
  gboolean is_queued = iv_chat_is_queued (self->chat);

  if (*message != '\0')
    return g_strdup_printf (_ ("Comparing: %s"), message);
  if (state == IV_CHAT_LOADING && !is_queued)
    return g_strdup (_ ("Comparing: waiting for the model to be loaded"));
  if ((state == IV_CHAT_READING || state == IV_CHAT_ANSWERING) && !is_queued)
    return g_strdup (_ ("Comparing: waiting for the end of the answer"));
  return g_strdup (_ ("Comparing…"));
}

static void
update_status (IvMainWindow *self)
{
  IvReadingState state = iv_reading_get_state (self->reading);
  IvComparison *comparison = iv_reading_get_comparison (self->reading);
  double fraction = iv_reading_get_fraction (self->reading);
  gboolean compares = state == IV_READING_COMPARING;
  gboolean works = compares || state == IV_READING_LOADING;
  g_autofree char *text = NULL;
  g_autofree char *device =
      comparison != NULL ? iv_words_device (iv_comparison_get_device_name (comparison)) : NULL;

  if (state == IV_READING_LOADING)
    text = g_strdup (_ ("Reading the films…"));
  else if (compares)
    text = describe_comparing (self);
  else if (comparison != NULL && iv_comparison_is_ok (comparison))
    text = g_strdup_printf (
        _ ("Compared on %s in %.1f s"), device, iv_comparison_get_seconds (comparison));
  else if (comparison != NULL)
    text = g_strdup (_ ("Not registered: see Changes"));
  else if (iv_reading_get_comparison_error (self->reading) != NULL)
    text = g_strdup (_ ("Not compared: see Changes"));
  gtk_label_set_label (self->status, text != NULL ? text : "");
  iv_chat_page_set_is_comparing (self->chat_page, compares);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), compares && fraction >= 0);
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (self->progress, MIN (fraction, 1));
  gtk_widget_set_visible (self->cancel_button, works);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.cancel", works);
  gtk_widget_action_set_enabled (
      GTK_WIDGET (self), "win.compare", !works && state != IV_READING_EMPTY);
}

static void
on_choice_changed_cb (IvMainWindow *self)
{
  IvImage *image = iv_reading_get_current_image (self->reading);
  const IvPrior *prior = iv_reading_get_prior (self->reading);
  const IvRadiographInfo *info = get_current_info (self);

  iv_timeline_set_patient (self->timeline, iv_reading_get_patient (self->reading));
  iv_timeline_set_current (self->timeline, image);
  iv_timeline_set_prior (self->timeline, prior != NULL ? prior->image : NULL);
  gtk_widget_set_visible (self->simulated, info != NULL && info->is_simulated);
  update_title (self);
  update_placeholders (self);
  iv_main_window_follow_study (self);
  iv_main_window_follow_measures (self);
  iv_main_window_follow_triage (self);
  update_case (self);
}

static void
on_films_changed_cb (IvMainWindow *self)
{
  IvRadiograph *current = iv_reading_get_current (self->reading);
  IvRadiograph *prior = iv_reading_get_prior_radiograph (self->reading);
  IvFilmView *current_view = iv_film_pair_get_current_view (self->pair);
  IvFilmView *prior_view = iv_film_pair_get_prior_view (self->pair);

  if (iv_film_view_get_radiograph (current_view) != current ||
      iv_film_view_get_radiograph (prior_view) != prior)
    iv_film_pair_set_films (self->pair, prior, current);
  update_placeholders (self);
  update_presets (self);
}

static void
on_comparison_changed_cb (IvMainWindow *self)
{
  IvComparison *comparison = iv_reading_get_comparison (self->reading);

  iv_film_pair_set_comparison (self->pair, comparison);
  if (comparison != NULL && !iv_comparison_is_ok (comparison) &&
      !gtk_widget_get_mapped (GTK_WIDGET (self->changes_page)))
    iv_main_window_show_message (self, iv_comparison_get_reason (comparison));
  update_placeholders (self);
  update_case (self);
  iv_main_window_follow_measures (self);
  update_status (self);
}

static void
on_state_changed_cb (IvMainWindow *self)
{
  if (iv_reading_get_state (self->reading) == IV_READING_READY)
    iv_main_window_remember (self);
  iv_main_window_follow_triage (self);
  update_placeholders (self);
  update_status (self);
}

static void
on_change_chosen_cb (IvMainWindow *self, gpointer change)
{
  iv_film_pair_show_change (self->pair, change);
}

/* The report's sentence about it, where that is what is being read; else the list. */
static void
on_change_activated_cb (IvMainWindow *self, gpointer change)
{
  const IvChange *region = change;
  const IvFilmBox box = { region->x, region->y, region->width, region->height };

  if (gtk_widget_get_mapped (GTK_WIDGET (self->report_page)) &&
      iv_report_page_show_box (self->report_page, &box))
    return;
  iv_main_window_show_page (self, "changes");
  iv_changes_page_select (self->changes_page, change);
}

static const IvChange *
find_change (IvMainWindow *self, const IvFilmBox *box)
{
  IvComparison *comparison = iv_reading_get_comparison (self->reading);
  GPtrArray *changes = comparison != NULL && iv_comparison_is_ok (comparison)
                           ? iv_comparison_get_changes (comparison)
                           : NULL;

  for (guint i = 0; changes != NULL && i < changes->len; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);

    /* A report that was kept has its numbers rounded. */
    if (ABS (change->x - box->x) < 0.2 && ABS (change->y - box->y) < 0.2 &&
        ABS (change->width - box->width) < 0.2 && ABS (change->height - box->height) < 0.2)
      return change;
  }
  return NULL;
}

/* places: of one sentence. Regions of change are outlined anyway; one of them is chosen. */
static void
on_places_chosen_cb (IvMainWindow *self, gpointer places)
{
  const GArray *list = places;
  const IvChange *chosen = NULL;
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (graphene_rect_t));

  for (guint i = 0; i < list->len; i++) {
    const IvDraftPlace *place = &g_array_index (list, IvDraftPlace, i);
    const IvChange *change =
        place->evidence == IV_EVIDENCE_CHANGE ? find_change (self, &place->box) : NULL;
    const graphene_rect_t box = GRAPHENE_RECT_INIT ((float) place->box.x,
                                                    (float) place->box.y,
                                                    (float) place->box.width,
                                                    (float) place->box.height);

    if (change == NULL)
      g_array_append_val (boxes, box);
    else if (chosen == NULL)
      chosen = change;
  }
  iv_film_pair_show_boxes (self->pair, boxes);
  iv_film_pair_show_change (self->pair, chosen);
}

static void
on_report_model_chosen_cb (IvMainWindow *self, const char *file)
{
  g_settings_set_string (self->settings, "report-model-file", file);
}

static void
on_mode_refused_cb (IvMainWindow *self, const char *reason)
{
  iv_main_window_show_message (self, reason);
}

static void
on_prior_chosen_cb (IvMainWindow *self, IvImage *image)
{
  iv_reading_choose_prior (self->reading, image);
}

static void
on_current_chosen_cb (IvMainWindow *self, IvImage *image)
{
  iv_reading_open (self->reading, iv_reading_get_patient (self->reading), image);
}

static void
on_model_chosen_cb (IvMainWindow *self, const char *file)
{
  g_settings_set_string (self->settings, "model-file", file);
}

static void
on_sampling_changed_cb (IvMainWindow *self)
{
  IvSampling sampling = { .top_k = 20, .repeat_penalty = 1.0f };

  sampling.temperature = (float) g_settings_get_double (self->settings, "temperature");
  sampling.top_p = (float) g_settings_get_double (self->settings, "top-p");
  iv_chat_set_sampling (self->chat, &sampling);
  iv_chat_set_thinks (self->chat, g_settings_get_boolean (self->settings, "model-thinks"));
}

static void
on_step_prior_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  IvMainWindow *self = IV_MAIN_WINDOW (widget);
  int step = g_str_equal (action, "win.older-prior") ? -1 : 1;

  if (!iv_reading_step_prior (self->reading, step))
    iv_main_window_show_message (
        self, step < 0 ? _ ("There is no older film.") : _ ("There is no newer film."));
}

static void
on_compare_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  iv_reading_retry (IV_MAIN_WINDOW (widget)->reading);
}

static void
on_cancel_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  iv_reading_cancel (IV_MAIN_WINDOW (widget)->reading);
}

static void
on_focus_films_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_widget_grab_focus (GTK_WIDGET (IV_MAIN_WINDOW (widget)->pair));
}

static void
bind_settings (IvMainWindow *self)
{
  static const char *const keys[] = { "linked",     "window-linked",   "show-changes",
                                      "show-lungs", "overlay-opacity", "score-threshold" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_settings_bind (self->settings, keys[i], self->pair, keys[i], G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (
      self->settings, "score-threshold", self->changes_page, "threshold", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (self->settings,
                           "changed::score-threshold",
                           G_CALLBACK (update_case),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->settings, "changed", G_CALLBACK (on_sampling_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
connect_reading (IvMainWindow *self)
{
  const struct {
    const char *signal;
    GCallback callback;
  } rows[] = {
    { "choice-changed", G_CALLBACK (on_choice_changed_cb) },
    { "films-changed", G_CALLBACK (on_films_changed_cb) },
    { "comparison-changed", G_CALLBACK (on_comparison_changed_cb) },
    { "state-changed", G_CALLBACK (on_state_changed_cb) },
    { "progressed", G_CALLBACK (update_status) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_signal_connect_object (
        self->reading, rows[i].signal, rows[i].callback, self, G_CONNECT_SWAPPED);
}

static void
connect_widgets (IvMainWindow *self)
{
  const struct {
    gpointer widget;
    const char *signal;
    GCallback callback;
  } rows[] = {
    { self->pair, "change-activated", G_CALLBACK (on_change_activated_cb) },
    { self->pair, "mode-refused", G_CALLBACK (on_mode_refused_cb) },
    { self->pair, "prior-dropped", G_CALLBACK (on_prior_chosen_cb) },
    { self->pair, "active-changed", G_CALLBACK (update_presets) },
    { self->timeline, "prior-activated", G_CALLBACK (on_prior_chosen_cb) },
    { self->timeline, "current-activated", G_CALLBACK (on_current_chosen_cb) },
    { self->changes_page, "change-chosen", G_CALLBACK (on_change_chosen_cb) },
    { self->chat_page, "model-chosen", G_CALLBACK (on_model_chosen_cb) },
    { self->report_page, "model-chosen", G_CALLBACK (on_report_model_chosen_cb) },
    { self->report_page, "places-chosen", G_CALLBACK (on_places_chosen_cb) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_signal_connect_object (
        rows[i].widget, rows[i].signal, rows[i].callback, self, G_CONNECT_SWAPPED);
}

static void
connect_chat (IvMainWindow *self)
{
  static const char *const names[] = { "state-changed", "progressed" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_signal_connect_object (
        self->chat, names[i], G_CALLBACK (update_status), self, G_CONNECT_SWAPPED);
}

static void
init_report (IvMainWindow *self)
{
  g_autofree char *model = g_settings_get_string (self->settings, "report-model-file");
  g_autofree char *prompt = g_settings_get_string (self->settings, "report-prompt");

  iv_drafter_set_family (self->drafter, prompt);
  iv_drafter_set_threshold (self->drafter,
                            g_settings_get_double (self->settings, "score-threshold"));
  iv_report_page_set_drafter (self->report_page, self->drafter, self->reading);
  iv_report_page_set_model (self->report_page, model);
}

void
iv_main_window_init_reading (IvMainWindow *self, IvEngine *engine)
{
  g_autofree char *model = g_settings_get_string (self->settings, "model-file");

  self->reading = iv_reading_new (engine);
  self->chat = iv_chat_new (engine);
  self->drafter = iv_drafter_new (engine, self->reading);
  /* Translators: the language the model answers in, by its English name, such as "Korean". */
  iv_chat_set_language (self->chat, C_ ("language of answers", "English"));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "film", iv_film_pair_get_actions (self->pair));
  bind_settings (self);
  on_sampling_changed_cb (self);
  connect_reading (self);
  connect_widgets (self);
  iv_main_window_init_measures (self, engine);
  iv_changes_page_set_reading (self->changes_page, self->reading);
  iv_chat_page_set_engine (self->chat_page, engine);
  iv_chat_page_set_chat (self->chat_page, self->chat);
  connect_chat (self);
  update_case (self);
  update_status (self);
  init_report (self);
  if (*model != '\0')
    iv_chat_page_load (self->chat_page, model);
}

void
iv_main_window_install_reading_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.older-prior", NULL, on_step_prior_cb);
  gtk_widget_class_install_action (widget_class, "win.newer-prior", NULL, on_step_prior_cb);
  gtk_widget_class_install_action (widget_class, "win.compare", NULL, on_compare_cb);
  gtk_widget_class_install_action (widget_class, "win.cancel", NULL, on_cancel_cb);
  gtk_widget_class_install_action (widget_class, "win.focus-films", NULL, on_focus_films_cb);
}
