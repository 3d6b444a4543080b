/* What the files of IvFilmView, and IvFilmPair, share.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "ui/film/iv-film-overlay.h"
#include "ui/film/iv-film-renderer.h"
#include "ui/film/iv-film-view.h"

G_BEGIN_DECLS

/* What a drag is doing, from its press to its release. */
typedef enum {
  IV_DRAG_NONE,
  IV_DRAG_WINDOW,
  IV_DRAG_PAN,
  IV_DRAG_REGION,
  IV_DRAG_CURTAIN,
} IvFilmDrag;

struct _IvFilmView {
  GtkWidget parent_instance;

  /* The film */
  IvFilmRole role;
  IvRadiograph *radiograph; /* (owned) or NULL */
  IvFilmPyramid *pyramid;   /* (owned) or NULL */
  IvFilmRenderer *renderer; /* (owned) */
  IvFilmGeometry geometry;
  gboolean is_fit;
  IvGrayscale grayscale;
  char *preset; /* (owned) "file", "lung", "window-2", "custom" … */

  /* A second film in this film's frame (the warped prior), seen left of the curtain */
  IvFilmRenderer *alternate_renderer; /* (owned) */
  IvRadiograph *alternate;            /* (owned) whose values the second pyramid holds; or NULL */
  IvGrayscale alternate_grayscale;
  double curtain; /* 0: the film alone, 1: the second alone; in between: share of the width */

  /* Drawn pictures, and what has to be drawn anew */
  GdkTexture *texture, *alternate_texture; /* (owned) */
  gboolean is_table_stale, is_texture_stale;

  /* Overlay */
  IvFilmOverlay *overlay; /* (owned) */
  IvFilmOverlayStyle style;
  const IvChange *hover; /* borrowed from the link */
  IvPoint cursor;
  gboolean has_cursor;
  IvFilmMeasure measure; /* whose lines are drawn */
  gboolean has_measure;
  gboolean show_texts;
  char *notice; /* (owned) or NULL */
  gboolean has_tint;

  /* Input */
  IvFilmTool tool;
  IvFilmDrag drag;
  gboolean is_space_held;
  gboolean is_past_click; /* the drag has left the circle of a click */
  double drag_x, drag_y;  /* logical, of the press */
  double pointer_x, pointer_y;
  gboolean has_pointer;
  IvFilmGeometry drag_geometry;
  IvGrayscale drag_grayscale;
  graphene_rect_t region; /* logical */
  double pinch_zoom;

  /* Children */
  GtkWidget *placeholder; /* AdwStatusPage */
  GtkWidget *spinner;
  guint describe_id;
};

/* Signals */
enum {
  IV_FILM_VIEW_GEOMETRY_CHANGED,
  IV_FILM_VIEW_GRAYSCALE_CHANGED,
  IV_FILM_VIEW_CURSOR_MOVED,
  IV_FILM_VIEW_CHANGE_ACTIVATED,
  IV_FILM_VIEW_RESIZED,         /* the viewport has another size; the fit has been renewed */
  IV_FILM_VIEW_CURTAIN_CHANGED, /* dragged */
  IV_FILM_VIEW_TOUCHED,         /* any press, scroll or pinch: this view becomes the active one */
  IV_FILM_VIEW_N_SIGNALS,
};
extern guint iv_film_view_signals[IV_FILM_VIEW_N_SIGNALS];

void iv_film_view_init_input (IvFilmView *self);

/* The picture is not what it should be; the words of a screen reader neither. */
void iv_film_view_queue_picture (IvFilmView *self);
void iv_film_view_queue_description (IvFilmView *self);

/* Sets without telling anybody, for the other side of a link. */
void iv_film_view_place (IvFilmView *self, IvPoint center, double zoom);
void
iv_film_view_take_grayscale (IvFilmView *self, const IvGrayscale *grayscale, const char *preset);

/* After the geometry in self was changed by the reader. */
void iv_film_view_geometry_changed (IvFilmView *self);
/* After the grayscale was changed; preset: its name, "custom" when set by hand. */
void iv_film_view_grayscale_changed (IvFilmView *self, const char *preset);

const char *iv_film_view_get_preset (IvFilmView *self);
/* By the name of the action film.preset; FALSE when there is no such preset for this film. */
gboolean iv_film_view_set_preset_by_name (IvFilmView *self, const char *name);
/* Translated, or NULL for "custom". (transfer full) */
char *iv_film_view_dup_preset_label (IvRadiograph *radiograph, const char *name);

/* VOI tables and windows that the file brings. */
guint iv_film_view_count_file_windows (IvRadiograph *radiograph);

/* The window that suits what is seen. */
void iv_film_view_window_visible (IvFilmView *self);
/* The window of from, wider and brighter on screen by so many of its widths; what drags and keys
 * do, also on inverted films. */
void iv_film_view_shift_window (IvFilmView *self,
                                const IvGrayscale *from,
                                double widen,
                                double brighten);

/* pyramid NULL takes the second film away. The values in pyramid are those of radiograph. */
void iv_film_view_set_alternate (IvFilmView *self,
                                 IvFilmPyramid *pyramid,
                                 IvRadiograph *radiograph,
                                 const IvGrayscale *grayscale);
void iv_film_view_set_curtain (IvFilmView *self, double curtain);
/* Colours of the subtraction with their legend; NULL for none. */
void iv_film_view_set_tint (IvFilmView *self, IvFilmPyramid *tint);
void iv_film_view_set_notice (IvFilmView *self, const char *notice);

gboolean
iv_film_view_get_change_bounds (IvFilmView *self, const IvChange *change, graphene_rect_t *bounds);
/* Device pixels per logical pixel. */
int iv_film_view_get_device_scale (IvFilmView *self);

G_END_DECLS
