/* One image file of a patient: its metadata, and its pixels on request.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-radiograph.h"

G_BEGIN_DECLS

/* One image file: metadata without pixels, and the pixels on request. Immutable but for its
 * thumbnail. Thread-safety: main. */
#define IV_TYPE_IMAGE (iv_image_get_type ())
G_DECLARE_FINAL_TYPE (IvImage, iv_image, IV, IMAGE, GObject)

/* (transfer full) info is taken. */
IvImage *iv_image_new_for_info (IvRadiographInfo *info);

const IvRadiographInfo *iv_image_get_info (IvImage *self);

/* Date and time of acquisition, falling back to the study's; NULL when the file has none. (transfer
 * none) */
GDateTime *iv_image_get_date (IvImage *self);
/* Whether the date has a time of day. */
gboolean iv_image_has_time (IvImage *self);

/* Whether this is a picture without patient data, not DICOM. */
gboolean iv_image_is_picture (IvImage *self);

/* Place among the files that were opened; orders images without dates. */
guint iv_image_get_order (IvImage *self);
void iv_image_set_order (IvImage *self, guint order);

/* Oldest first; undated ones by their order, before dated ones. */
int iv_image_compare (IvImage *a, IvImage *b);

/* Decodes (or answers from a small cache). Requests for the same image share one decoding. */
void iv_image_load_async (IvImage *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
IvRadiograph *iv_image_load_finish (IvImage *self, GAsyncResult *result, GError **error);

#define IV_THUMBNAIL_SIZE 256

/* A small 8-bit rendering. */
typedef struct {
  guint width, height; /* at most IV_THUMBNAIL_SIZE */
  GBytes *pixels;      /* [height, width] */
} IvThumbnail;

/* NULL until it was loaded. (transfer none) */
const IvThumbnail *iv_image_get_thumbnail (IvImage *self);

/* Makes the thumbnail, behind all films that are waiting to be decoded. */
void iv_image_load_thumbnail_async (IvImage *self,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean iv_image_load_thumbnail_finish (IvImage *self, GAsyncResult *result, GError **error);

G_END_DECLS
