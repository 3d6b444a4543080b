/* One decoded radiograph: stored values, their transforms, geometry and identity.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "app/study/iv-radiograph-info.h"
#include "app/study/iv-study-error.h"

G_BEGIN_DECLS

#define IV_TYPE_RADIOGRAPH (iv_radiograph_get_type ())
/* Immutable. Thread-safety: any. */
G_DECLARE_FINAL_TYPE (IvRadiograph, iv_radiograph, IV, RADIOGRAPH, GObject)

/* (transfer full) info and pixels are taken. pixels: [rows, columns] 16-bit stored values in the
 * machine's order, sign-extended when info->is_signed. Error when the sizes disagree. */
IvRadiograph *iv_radiograph_new (IvRadiographInfo *info, GBytes *pixels, GError **error);

const IvRadiographInfo *iv_radiograph_get_info (IvRadiograph *self);
guint iv_radiograph_get_columns (IvRadiograph *self);
guint iv_radiograph_get_rows (IvRadiograph *self);

/* (transfer none) [rows, columns]; read as gint16 when info->is_signed. */
const guint16 *iv_radiograph_get_pixels (IvRadiograph *self);

/* Smallest and largest stored value, padding left out. */
void iv_radiograph_get_range (IvRadiograph *self, gint32 *min, gint32 *max);

/* How often each stored value occurs, indexed by its 16-bit pattern, padding left out.
 * (transfer none) [65536] */
const guint32 *iv_radiograph_get_histogram (IvRadiograph *self);

/* The modality value (rescale or Modality LUT) of a stored value. */
double iv_radiograph_get_modality_value (IvRadiograph *self, gint32 stored);

/* First 16 hexadecimal digits of the SHA-256 of the little-endian stored values at the file's own
 * width (8 or 16 bits). (transfer none) */
const char *iv_radiograph_get_digest (IvRadiograph *self);

/* Radiographic density (opacity), 0 … 1, dense tissue high whatever the photometric interpretation:
 * modality transform, inversion, then the 0.1 and 99.9 percentiles to 0 and 1, not clipped beyond
 * -0.5 … 1.5; padding is 0. (transfer full) [rows, columns] floats. What app/compare computes on.
 */
float *iv_radiograph_get_density (IvRadiograph *self);

/* An 8-bit rendering in the file's own window, at most size × size, for timelines and lists.
 * (transfer full) [*height, *width] */
GBytes *iv_radiograph_render_small (IvRadiograph *self, guint size, guint *width, guint *height);

/* Reads one file of any supported kind in a worker process. Frames beyond the first are not read.
 * Errors: IV_STUDY_ERROR with file and reason. Thread-safety: main; the work is in the pool. */
void iv_radiograph_load_async (const char *file,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
IvRadiograph *iv_radiograph_load_finish (GAsyncResult *result, GError **error);

/* The same, blocking. Thread-safety: any. */
IvRadiograph *iv_radiograph_load (const char *file, GCancellable *cancellable, GError **error);

G_END_DECLS
