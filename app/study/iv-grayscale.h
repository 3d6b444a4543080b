/* From stored values to display values: modality, VOI and presentation transforms.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-radiograph.h"

G_BEGIN_DECLS

/* What the reader chose to see. */
typedef struct {
  const IvLut *voi_lut; /* when set, window is ignored */
  IvWindow window;      /* of modality values */
  gboolean invert;      /* on top of what the file asks for */
} IvGrayscale;

/* Chest presets; DICOM windows of the file come before them in the menu. */
typedef enum {
  IV_PRESET_FILE, /* first VOI LUT or window of the file; auto when it has none */
  IV_PRESET_AUTO, /* 1st to 99th percentile of the central part */
  IV_PRESET_LUNG,
  IV_PRESET_SOFT_TISSUE,
  IV_PRESET_BONE,
  IV_PRESET_FULL, /* whole stored range */
} IvPreset;

/* Fills a table from the 16-bit pattern of a stored value to 0 … 255. Out-of-range windows are
 * clamped. Source: DICOM PS3.3 C.11.2, PS3.4 N.2. Thread-safety: any. */
void iv_grayscale_build_table (IvRadiograph *radiograph,
                               const IvGrayscale *grayscale,
                               guint8 table[65536]);

/* The window of a preset on this radiograph. For IV_PRESET_FILE with a VOI LUT, *grayscale refers
 * to the radiograph's LUT and lives as long as it. */
void iv_grayscale_init_preset (IvGrayscale *grayscale, IvRadiograph *radiograph, IvPreset preset);

/* The window that shows the values inside the rectangle (pixels) well. */
void iv_grayscale_init_region (IvGrayscale *grayscale,
                               IvRadiograph *radiograph,
                               double x,
                               double y,
                               double width,
                               double height);

/* Changes centre and width as a drag does; turns a VOI LUT into the nearest window first. */
void iv_grayscale_drag (IvGrayscale *grayscale,
                        IvRadiograph *radiograph,
                        double d_width,
                        double d_center);

G_END_DECLS
