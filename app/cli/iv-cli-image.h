/* Image files of the commands that show them to a vision tower.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/engine/iv-engine.h"
#include "model/generate/iv-image-encoder.h"

G_BEGIN_DECLS

/* The file with a model's vision tower: mmproj, or the model itself. */
const char *iv_cli_choose_tower (const char *model, const char *mmproj);

/* Options of those commands; text points to a string, number to a gint64. */
#define IV_CLI_MMPROJ(text)                                                                       \
  {                                                                                               \
    "mmproj", 0, 0, G_OPTION_ARG_FILENAME, text, "the vision tower's file (MODEL itself)", "FILE" \
  }
#define IV_CLI_MAX_PIXELS(number)                           \
  {                                                         \
    "max-pixels", 0, 0, G_OPTION_ARG_INT64, number,         \
        "of an image, where the tower leaves a choice", "N" \
  }

/* Reads, preprocesses and encodes each file as the tower's own files say, with no more pixels than
 * max_pixels (0: no limit) for towers that leave a choice. On the engine thread. (transfer full)
 * IvImageEmbedding in the order of files. Errors name the file. */
GPtrArray *iv_cli_encode_images (IvImageEncoder *encoder,
                                 char **files,
                                 guint64 max_pixels,
                                 GCancellable *cancellable,
                                 GError **error);

G_END_DECLS
