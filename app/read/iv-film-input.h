/* A film as the 8-bit picture that a vision-language model is shown.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/iv-film-border.h"
#include "app/study/iv-radiograph.h"

G_BEGIN_DECLS

/* What made the stored values into 8 bits. */
typedef enum {
  IV_FILM_TONES_STORED, /* 8-bit PNG, JPEG or TIFF: as they are */
  IV_FILM_TONES_LUT,    /* the file's first VOI LUT */
  IV_FILM_TONES_WINDOW, /* the file's first window */
  IV_FILM_TONES_AUTO,   /* the file has neither: IV_PRESET_AUTO */
} IvFilmTones;

/* Immutable once made. */
typedef struct {
  IvPicture *picture; /* full resolution; grey for a film, RGB for a picture in colour */
  IvFilmTones tones;
  double window_center, window_width; /* modality values; 0 for IV_FILM_TONES_STORED */
  IvFilmArea area; /* of the film, that picture shows: all of it unless cropped */
} IvFilmInput;

/* Presentation values, bright for dense tissue: modality transform, the film's default window,
 * presentation shape or MONOCHROME1 as for the screen; padding is black. (transfer full)
 * Errors: IV_MODEL_ERROR for a film too large for a picture. Thread-safety: any. */
IvFilmInput *iv_film_input_new (IvRadiograph *radiograph, GError **error);

/* Reads a file as iv_radiograph_load does, but keeps the colours of a picture in colour.
 * (transfer full) Errors: IV_STUDY_ERROR, IV_MODEL_ERROR. Thread-safety: any; blocks. */
IvFilmInput *iv_film_input_load (const char *file, GCancellable *cancellable, GError **error);

/* The part inside the border that iv_film_border_find finds, or a copy where it finds none or the
 * picture is in colour. (transfer full) Errors: IV_MODEL_ERROR_MEMORY. Thread-safety: any. */
IvFilmInput *iv_film_input_crop (const IvFilmInput *whole, GError **error);

void iv_film_input_free (IvFilmInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvFilmInput, iv_film_input_free)

/* Stable names: "stored", "voi-lut", "window", "auto". */
const char *iv_film_tones_to_string (IvFilmTones tones);

G_END_DECLS
