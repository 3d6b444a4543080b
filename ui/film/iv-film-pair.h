/* Prior and current film side by side, linked through their registration, and compared in place.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "app/compare/iv-comparison.h"
#include "ui/film/iv-film-view.h"

G_BEGIN_DECLS

typedef enum {
  IV_PAIR_SIDE_BY_SIDE, /* prior left, current right */
  IV_PAIR_BLINK,        /* current and warped prior in turns */
  IV_PAIR_SWIPE,        /* a curtain between them */
  IV_PAIR_SUBTRACTION,  /* colours of the subtraction over the current film */
  IV_PAIR_CURRENT,      /* current film alone */
} IvPairMode;

/* Two IvFilmViews with a divider between them.
 *
 * Properties: "mode" (int, IvPairMode), "linked", "window-linked", "show-changes", "show-lungs"
 * (boolean), "overlay-opacity", "score-threshold" (double).
 *
 * Signals: "change-activated" (gpointer IvChange: the reader clicked an outline),
 * "mode-refused" (const char *reason, translated: show it as a toast),
 * "prior-dropped" (IvImage: a film of the timeline was dropped on the prior's side),
 * "active-changed" (the other view took the focus).
 *
 * Actions, for gtk_widget_insert_action_group (window, "film", iv_film_pair_get_actions (pair)):
 *   film.fit, .actual-size, .zoom-in, .zoom-out, .rotate-left, .rotate-right, .flip,
 *   .reset-view, .region, .window-visible, .previous-change, .next-change, .blink-once
 *   film.preset            state s: file auto lung soft-tissue bone full window-1 … custom
 *   film.mode              state s: side-by-side blink swipe subtraction current
 *   film.invert, .link, .link-window, .show-changes, .show-lungs, .show-texts   state b
 * Keys work while a film has the focus; iv_film_pair_list_shortcuts () names them.
 *
 * Thread-safety: main. */
#define IV_TYPE_FILM_PAIR (iv_film_pair_get_type ())
G_DECLARE_FINAL_TYPE (IvFilmPair, iv_film_pair, IV, FILM_PAIR, GtkWidget)

GtkWidget *iv_film_pair_new (void);

/* Either may be NULL. Drops the comparison. The current film's view and window stay when only the
 * prior changes. */
void iv_film_pair_set_films (IvFilmPair *self, IvRadiograph *prior, IvRadiograph *current);
/* Must be of these two films; NULL while it is not there. */
void iv_film_pair_set_comparison (IvFilmPair *self, IvComparison *comparison);
/* The same with a link made by hand (tests, other sources of a registration). */
void iv_film_pair_set_link (IvFilmPair *self, IvFilmLink *link);

/* (transfer none) */
IvFilmView *iv_film_pair_get_prior_view (IvFilmPair *self);
IvFilmView *iv_film_pair_get_current_view (IvFilmPair *self);
/* The view that actions go to: the one that was last clicked, focused or scrolled. */
IvFilmView *iv_film_pair_get_active_view (IvFilmPair *self);
GActionGroup *iv_film_pair_get_actions (IvFilmPair *self);
/* (transfer full) Presets of the current film as a menu section, its own windows first. */
GMenuModel *iv_film_pair_create_preset_menu (IvFilmPair *self);

IvPairMode iv_film_pair_get_mode (IvFilmPair *self);
/* FALSE, and "mode-refused", when the mode needs a registration that is not there. */
gboolean iv_film_pair_set_mode (IvFilmPair *self, IvPairMode mode);

/* Selects the change and brings both films to it (animated unless the system says no); NULL clears
 * the selection. Returns FALSE when it is not a change of the comparison. */
gboolean iv_film_pair_show_change (IvFilmPair *self, const IvChange *change);
/* Marks places of a report on both films and goes to the first; graphene_rect_t in pixels of the
 * current film. NULL or an empty list takes the marks away. */
void iv_film_pair_show_boxes (IvFilmPair *self, const GArray *boxes);
const IvChange *iv_film_pair_get_selected_change (IvFilmPair *self);

/* Rows for a shortcuts window. */
typedef struct {
  const char *accelerator; /* gtk_accelerator_parse () form */
  const char *action;      /* "film.fit", detailed */
  const char *title;       /* untranslated, marked with N_() */
} IvFilmShortcut;
const IvFilmShortcut *iv_film_pair_list_shortcuts (guint *n_shortcuts);

G_END_DECLS
