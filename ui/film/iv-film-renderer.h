/* The visible pixels of a film: resampled once per geometry, looked up once per window.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

#include "ui/film/iv-film-geometry.h"
#include "ui/film/iv-film-pyramid.h"

G_BEGIN_DECLS

/* Opaque. Thread-safety: one thread at a time; it may use a second one inside. */
typedef struct _IvFilmRenderer IvFilmRenderer;

IvFilmRenderer *iv_film_renderer_new (void);
void iv_film_renderer_free (IvFilmRenderer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvFilmRenderer, iv_film_renderer_free)

/* NULL for none. */
void iv_film_renderer_set_pyramid (IvFilmRenderer *self, IvFilmPyramid *pyramid);
/* table: from the 16-bit pattern of a stored value to 0 … 255; copied. */
void iv_film_renderer_set_table (IvFilmRenderer *self, const guint8 table[65536]);

/* Colours over the film: tint is stretched over the whole film; its codes, in 256 equal steps,
 * choose premultiplied colours 0xAARRGGBB. NULL for none. */
void
iv_film_renderer_set_tint (IvFilmRenderer *self, IvFilmPyramid *tint, const guint32 colors[256]);

/* 1 or 2; 1 unless set. */
void iv_film_renderer_set_n_threads (IvFilmRenderer *self, guint n_threads);

/* [geometry->height, geometry->width] pixels 0xAARRGGBB in the machine's order, premultiplied,
 * opaque; black beside the film. geometry->columns and rows must be those of the pyramid. Bilinear
 * when enlarged; the mean of what a device pixel covers when reduced; at zoom 1 exactly the table
 * of the stored values, shifted by less than half a pixel. (transfer full) */
GBytes *iv_film_renderer_render (IvFilmRenderer *self, const IvFilmGeometry *geometry);

G_END_DECLS
