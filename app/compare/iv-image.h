/* Planes of floats on the device, and how they get there and back.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "vulkan/iv-vk-commands.h"

G_BEGIN_DECLS

/* [planes, height, width] floats in device memory. Fields are read only. Referenced by whoever
 * needs it and by the recording that uses it. Thread-safety: engine thread. */
typedef struct {
  guint width, height, planes;
  IvVkBuffer *buffer;
  gatomicrefcount refs;
} IvImage;

IvImage *iv_image_ref (IvImage *image);
void iv_image_unref (IvImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvImage, iv_image_unref)

/* Passes are recorded and run together. A call that fails while recording (no memory, no shader,
 * sizes that do not fit) keeps its error; later calls do nothing and run() returns it. NULL images
 * are therefore allowed as arguments. Thread-safety: engine thread. */
typedef struct IvImagePasses IvImagePasses;

IvImagePasses *iv_image_passes_new (IvVkDevice *device, GError **error);
void iv_image_passes_free (IvImagePasses *passes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvImagePasses, iv_image_passes_free)

IvVkDevice *iv_image_passes_get_device (IvImagePasses *passes);
/* Keeps an error (transfer full) for run() to return. */
void iv_image_passes_fail (IvImagePasses *passes, GError *error);
/* Runs all that was recorded since the last call and waits for it. */
gboolean iv_image_passes_run (IvImagePasses *passes, GError **error);

/* (transfer full) Undefined contents; NULL with the error kept. */
IvImage *iv_image_new (IvImagePasses *passes, guint width, guint height, guint planes);
/* The same size and planes as another image. */
IvImage *iv_image_new_like (IvImagePasses *passes, const IvImage *other);
/* (transfer full) From host values [planes, height, width]; not recorded but done at once. */
typedef struct {
  guint width, height, planes;
  const float *values;
} IvImageValues;

IvImage *iv_image_new_from (IvImagePasses *passes, const IvImageValues *values);
/* Recorded: all zero; and one plane to another image of the same size. */
void iv_image_clear (IvImagePasses *passes, IvImage *image);
void iv_image_copy_plane (IvImagePasses *passes,
                          const IvImage *source,
                          guint source_plane,
                          IvImage *target,
                          guint target_plane);
/* (transfer full) Runs what is recorded, then copies the planes to the host. NULL with error. */
float *iv_image_read (IvImagePasses *passes, const IvImage *image, GError **error);

/* For files that add shaders of their own: push constants and bindings in the order of the
 * shader's layout. */
typedef struct {
  const char *shader; /* "compare/image-blur" */
  const IvImage *images[IV_VK_MAX_BINDINGS];
  guint n_images;
  const void *push;
  gsize push_size;
  guint groups[3];
} IvImageDispatch;

void iv_image_dispatch (IvImagePasses *passes, const IvImageDispatch *dispatch);

G_END_DECLS
