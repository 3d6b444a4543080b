/* Boxes that a vision-language model writes, from its families' forms to pixels of the film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"
#include "app/read/draft/iv-draft-template.h"
#include "model/nets/iv-image-layout.h"

G_BEGIN_DECLS

/* More than this is no answer about one film. */
enum { IV_MODEL_BOXES_MAX = 64 };

/* A part of what the model was shown: 0 … 1 of its width and height, x0 < x1, y0 < y1. */
typedef struct {
  double x0, y0, x1, y1;
  char *label;      /* what the model calls it; "" when it says nothing */
  guint start, end; /* bytes of the plain text that the box belongs to; equal: none */
} IvModelBox;

/* The boxes in text, in its order, IvModelBox; what is malformed, empty or outside of the picture
 * is left out, and beyond IV_MODEL_BOXES_MAX the rest. canvas: the resized picture, for boxes in
 * pixels. plain (out, transfer full, optional): the text without what writes boxes. Never fails.
 * (transfer full) Thread-safety of all: any. */
GArray *iv_model_boxes_parse (const char *text, IvPlaces places, IvImageSize canvas, char **plain);

/* To pixels of the film that was laid out so, cut at its borders. FALSE when nothing of the box is
 * on the film. */
typedef struct {
  double x, y, width, height;
} IvFilmBox;
gboolean iv_model_box_to_film (const IvModelBox *box, const IvImageLayout *layout, IvFilmBox *film);

/* (transfer full) A grammar for an answer that is a list of boxes for sentences 1 … n; NULL for
 * forms that are not asked for so. */
char *iv_model_boxes_get_grammar (IvPlaces places, guint n_sentences);

G_END_DECLS
