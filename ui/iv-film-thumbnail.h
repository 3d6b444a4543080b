/* Small pictures of films, made one after the other in the background.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gdk/gdk.h>

#include "app/study/iv-collection.h"

G_BEGIN_DECLS

/* Reads the image and draws it, in its first preset, fitted into side x side device pixels. One
 * side per image: the picture is kept with the image. Thread-safety: main; the drawing is in a
 * worker thread. */
void iv_film_thumbnail_load_async (IvImage *image,
                                   guint side,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* (transfer full) */
GdkTexture *iv_film_thumbnail_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
