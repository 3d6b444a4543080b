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
} IvPlanes;

IvPlanes *iv_planes_ref (IvPlanes *image);
void iv_planes_unref (IvPlanes *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvPlanes, iv_planes_unref)

/* Passes are recorded and run together. A call that fails while recording (no memory, no shader,
 * sizes that do not fit) keeps its error; later calls do nothing and run() returns it. NULL images
 * are therefore allowed as arguments. Thread-safety: engine thread. */
typedef struct IvPlanesPasses IvPlanesPasses;

IvPlanesPasses *iv_planes_passes_new (IvVkDevice *device, GError **error);
void iv_planes_passes_free (IvPlanesPasses *passes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvPlanesPasses, iv_planes_passes_free)

IvVkDevice *iv_planes_passes_get_device (IvPlanesPasses *passes);
/* Keeps an error (transfer full) for run() to return. */
void iv_planes_passes_fail (IvPlanesPasses *passes, GError *error);
/* Runs all that was recorded since the last call and waits for it. */
gboolean iv_planes_passes_run (IvPlanesPasses *passes, GError **error);

/* (transfer full) Undefined contents; NULL with the error kept. */
IvPlanes *iv_planes_new (IvPlanesPasses *passes, guint width, guint height, guint planes);
/* The same size and planes as another image. */
IvPlanes *iv_planes_new_like (IvPlanesPasses *passes, const IvPlanes *other);
/* (transfer full) From host values [planes, height, width]; not recorded but done at once. */
typedef struct {
  guint width, height, planes;
  const float *values;
} IvPlanesValues;

IvPlanes *iv_planes_new_from (IvPlanesPasses *passes, const IvPlanesValues *values);
/* Recorded: all zero; and one plane to another image of the same size. */
void iv_planes_clear (IvPlanesPasses *passes, IvPlanes *image);
void iv_planes_copy_plane (IvPlanesPasses *passes,
                           const IvPlanes *source,
                           guint source_plane,
                           IvPlanes *target,
                           guint target_plane);
/* (transfer full) Runs what is recorded, then copies the planes to the host. NULL with error. */
float *iv_planes_read (IvPlanesPasses *passes, const IvPlanes *image, GError **error);

/* For files that add shaders of their own: push constants and bindings in the order of the
 * shader's layout. */
typedef struct {
  const char *shader; /* "compare/image-blur" */
  const IvPlanes *images[IV_VK_MAX_BINDINGS];
  guint n_images;
  const void *push;
  gsize push_size;
  guint groups[3];
} IvPlanesDispatch;

void iv_planes_dispatch (IvPlanesPasses *passes, const IvPlanesDispatch *dispatch);

G_END_DECLS
