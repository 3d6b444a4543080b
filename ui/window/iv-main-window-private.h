/* What the files of the window share.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/draft/iv-draft-journal.h"
#include "app/read/iv-chat-journal.h"
#include "app/read/iv-reading.h"
#include "app/read/measure/iv-trend.h"
#include "app/read/triage/iv-triage-queue.h"
#include "ui/case/iv-changes-page.h"
#include "ui/chat/iv-chat-page.h"
#include "ui/film/iv-film-pair.h"
#include "ui/case/iv-patient-list.h"
#include "ui/report/iv-report-page.h"
#include "ui/window/iv-start-page.h"
#include "ui/case/iv-timeline.h"
#include "ui/case/iv-triage-bar.h"
#include "ui/window/iv-main-window.h"

G_BEGIN_DECLS

struct _IvMainWindow {
  AdwApplicationWindow parent_instance;

  GSettings *settings;
  IvReading *reading;
  IvChat *chat;
  IvDrafter *drafter;
  IvChatJournal *journal;         /* NULL without a library */
  IvDraftJournal *draft_journal;  /* NULL without a library */
  IvCollection *collection;       /* what is open */
  GCancellable *open_cancellable; /* set while files are being opened */

  IvEngine *engine;
  IvTrend *trend;
  IvTriageQueue *triage;
  GCancellable *swap_cancellable; /* while the films are compared the other way round */

  /* Template widgets */
  AdwToastOverlay *toasts;
  GtkStack *content;
  IvStartPage *start_page;
  IvPatientList *patient_list;
  AdwStatusPage *error_page;
  GtkLabel *opening_label;
  GtkProgressBar *opening_bar;
  GtkSpinner *opening_spinner;

  GtkWidget *back_button;
  GtkWidget *reading_start;
  GtkWidget *reading_end;
  GtkStack *title_stack;
  GtkLabel *patient_name;
  GtkLabel *patient_details;
  GtkMenuButton *interval_button;
  GtkLabel *interval_reason;
  GtkMenuButton *preset_button;

  AdwFlap *flap;
  AdwViewStack *pages;
  IvFilmPair *pair;
  IvTriageBar *triage_bar;
  GtkRevealer *timeline_revealer;
  IvTimeline *timeline;
  IvChangesPage *changes_page;
  IvChatPage *chat_page;
  IvReportPage *report_page;

  GtkLabel *status;
  GtkProgressBar *progress;
  GtkWidget *cancel_button;
  GtkWidget *simulated;
};

/* iv-main-window-open.c */
void iv_main_window_install_open_actions (GtkWidgetClass *widget_class);
void iv_main_window_init_drop (IvMainWindow *self);
/* Puts the patient that is being read first among the recent ones. */
void iv_main_window_remember (IvMainWindow *self);
/* The chat goes on with what was said about the study that is being read. */
void iv_main_window_follow_study (IvMainWindow *self);
void iv_main_window_show_patient (IvMainWindow *self, IvPatient *patient);

/* iv-main-window-reading.c */
void iv_main_window_install_reading_actions (GtkWidgetClass *widget_class);
void iv_main_window_init_reading (IvMainWindow *self, IvEngine *engine);

/* iv-main-window-measures.c */
void iv_main_window_init_measures (IvMainWindow *self, IvEngine *engine);
void iv_main_window_dispose_measures (IvMainWindow *self);
/* After the comparison or the choice of films changed. */
void iv_main_window_follow_measures (IvMainWindow *self);

/* iv-main-window-triage.c */
void iv_main_window_init_triage (IvMainWindow *self, IvEngine *engine, IvLibrary *library);
void iv_main_window_dispose_triage (IvMainWindow *self);
/* After the choice of the film or the state of the reading changed. */
void iv_main_window_follow_triage (IvMainWindow *self);
/* The latest films of all patients that were opened. */
void iv_main_window_triage_collection (IvMainWindow *self);

G_END_DECLS
