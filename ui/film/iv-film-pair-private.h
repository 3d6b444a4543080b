/* What the files of IvFilmPair share.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "ui/film/iv-film-pair.h"
#include "ui/film/iv-film-view-private.h"

G_BEGIN_DECLS

/* Where one film is going during an animation. */
typedef struct {
  IvPoint from, to;
  double from_zoom, to_zoom;
} IvFilmMove;

struct _IvFilmPair {
  GtkWidget parent_instance;

  GtkWidget *paned;
  IvFilmView *prior_view, *current_view; /* borrowed from paned */
  IvFilmView *active_view;               /* borrowed */

  IvFilmLink *link; /* (owned) or NULL without two films */
  gboolean is_linked, is_window_linked;
  gboolean is_following; /* a film is being moved because the other one was */
  IvFilmOverlayStyle style;
  GArray *boxes; /* (owned) graphene_rect_t of style.boxes */
  gboolean shows_texts;

  /* Modes */
  IvPairMode mode;
  IvFilmPyramid *warped;          /* (owned) prior in the current film's frame, or NULL */
  GCancellable *warp_cancellable; /* (owned) while one is being made */
  guint blink_id;
  gboolean blink_shows_prior;
  double curtain;

  GSimpleActionGroup *actions; /* (owned) */

  AdwAnimation *animation; /* (owned) or NULL */
  IvFilmMove prior_move, current_move;
};

/* iv-film-pair.c */
enum {
  IV_FILM_PAIR_CHANGE_ACTIVATED,
  IV_FILM_PAIR_MODE_REFUSED,
  IV_FILM_PAIR_PRIOR_DROPPED,
  IV_FILM_PAIR_ACTIVE_CHANGED,
  IV_FILM_PAIR_N_SIGNALS,
};
extern guint iv_film_pair_signals[IV_FILM_PAIR_N_SIGNALS];
gboolean iv_film_pair_has_both (IvFilmPair *self);
/* Brings the other film to where view is, when they are linked. */
void iv_film_pair_follow (IvFilmPair *self, IvFilmView *view);
void iv_film_pair_apply_style (IvFilmPair *self);
void iv_film_pair_set_shows_texts (IvFilmPair *self, gboolean shows_texts);

/* iv-film-pair-modes.c */
void iv_film_pair_leave_mode (IvFilmPair *self);
/* The prior or the registration is another one: what was warped is void. */
void iv_film_pair_drop_warped (IvFilmPair *self);
void iv_film_pair_update_alternate_grayscale (IvFilmPair *self);
void iv_film_pair_blink_once (IvFilmPair *self);

/* iv-film-pair-window.c */
void iv_film_pair_follow_grayscale (IvFilmPair *self, IvFilmView *view);

/* iv-film-pair-changes.c */
void iv_film_pair_step_change (IvFilmPair *self, int step);
void iv_film_pair_stop_animation (IvFilmPair *self);

/* iv-film-pair-actions.c */
void iv_film_pair_init_actions (IvFilmPair *self);
/* States and sensitivity after anything changed. */
void iv_film_pair_update_actions (IvFilmPair *self);

G_END_DECLS
