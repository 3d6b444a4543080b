/* Pictures and image processors for the tests of image preprocessing.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/nets/iv-image-preprocess.h"

G_BEGIN_DECLS

/* Grey or RGB as the file is; aborts the test when it cannot be read. (transfer full) */
IvPicture *image_test_load_png (const char *file);
/* Noise. (transfer full) */
IvPicture *image_test_random (guint width, guint height, guint channels);

/* The processor that preprocessor_config.json with this text asks for beside this projector; json
 * may be NULL. */
gboolean image_test_read_config (const char *projector,
                                 const char *json,
                                 IvImageProcessorConfig *config,
                                 GError **error);

G_END_DECLS
