/* What every decoder of the worker gets and gives.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-radiograph-info.h"
#include "app/study/iv-study-error.h"

G_BEGIN_DECLS

/* A film of 100 megapixels does not exist; a file that claims one is damaged or hostile. */
#define IV_DECODE_MAX_PIXELS (200u * 1000 * 1000)

/* The file in memory. Read-only. */
typedef struct {
  const guint8 *data;
  gsize size;
  gboolean want_pixels;
  gboolean want_colour; /* keep the colours of a picture that has some */
} IvDecodeInput;

typedef struct {
  IvRadiographInfo *info;
  guint16 *pixels;  /* [rows, columns] */
  guint8 *colour;   /* [rows, columns, 3], instead of pixels */
  char **directory; /* of a DICOMDIR, instead of the two above */
} IvDecodeOutput;
void iv_decode_output_clear (IvDecodeOutput *output);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IvDecodeOutput, iv_decode_output_clear)

/* Recognises the format by its first bytes and decodes it. Messages do not name the file: only the
 * reader knows its name. */
gboolean iv_decode (const IvDecodeInput *input, IvDecodeOutput *output, GError **error);

gboolean iv_decode_png (const IvDecodeInput *input, IvDecodeOutput *output, GError **error);
gboolean iv_decode_jpeg (const IvDecodeInput *input, IvDecodeOutput *output, GError **error);
gboolean iv_decode_tiff (const IvDecodeInput *input, IvDecodeOutput *output, GError **error);
gboolean iv_decode_dicom (const IvDecodeInput *input, IvDecodeOutput *output, GError **error);

/* Info of a picture without patient data. Error when the size is impossible. */
gboolean iv_decode_begin_picture (IvDecodeOutput *output,
                                  guint64 columns,
                                  guint64 rows,
                                  guint bits,
                                  GError **error);
/* Allocates output->pixels for its info, or output->colour. */
gboolean iv_decode_allocate (IvDecodeOutput *output, gboolean in_colour, GError **error);

/* Counts how colourful a picture is while its rows become grey: scans of films are often stored as
 * colour, and a coloured stamp does not make a film a photograph. */
typedef struct {
  guint64 n_pixels, n_coloured;
} IvColourCount;
/* Row y of a picture in RGB, and more channels behind them: into output->colour when that is
 * allocated, else as grey into output->pixels. */
void iv_decode_take_colour_row (IvDecodeOutput *output,
                                guint y,
                                const guint8 *rgb,
                                guint channels,
                                IvColourCount *count);
gboolean iv_colour_check (const IvColourCount *count, GError **error);

G_END_DECLS
