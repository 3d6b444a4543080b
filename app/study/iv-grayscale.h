/* From stored values to display values: modality, VOI and presentation transforms.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-radiograph.h"

G_BEGIN_DECLS

/* What the reader chose to see. */
typedef struct {
  const IvLut *voi_lut; /* when set, window is ignored */
  IvWindow window;      /* of modality values; explanation is borrowed */
  gboolean invert;      /* on top of what the file asks for */
} IvGrayscale;

/* Chest presets; DICOM windows of the file come before them in the menu. Radiographs have no
 * physical units, so the last four are found in the film's own densities. */
typedef enum {
  IV_PRESET_FILE,        /* first VOI LUT or window of the file; auto when it has none */
  IV_PRESET_AUTO,        /* 1st to 99th percentile of the central part */
  IV_PRESET_LUNG,        /* stretches the dark part: 0.5th to 75th percentile of density */
  IV_PRESET_SOFT_TISSUE, /* mediastinum and heart: 25th to 99th */
  IV_PRESET_BONE,        /* the brightest part, wide enough for edges: 45th to 99.9th */
  IV_PRESET_FULL,        /* smallest to largest stored value */
} IvPreset;

/* Fills a table from the 16-bit pattern of a stored value to 0 … 255. Out-of-range windows are
 * clamped; padding is always black. Source: DICOM PS3.3 C.11.2, PS3.4 N.2. Thread-safety: any. */
void iv_grayscale_build_table (IvRadiograph *radiograph,
                               const IvGrayscale *grayscale,
                               guint8 table[65536]);

/* The window of a preset on this radiograph. For IV_PRESET_FILE with a VOI LUT, *grayscale refers
 * to the radiograph's LUT and lives as long as it. */
void iv_grayscale_init_preset (IvGrayscale *grayscale, IvRadiograph *radiograph, IvPreset preset);

/* The n-th window of the file, counted over its VOI LUTs and then its windows. FALSE beyond. */
gboolean iv_grayscale_init_file_window (IvGrayscale *grayscale, IvRadiograph *radiograph, guint n);

/* The window that shows the values inside the rectangle (pixels) well. */
void iv_grayscale_init_region (IvGrayscale *grayscale,
                               IvRadiograph *radiograph,
                               double x,
                               double y,
                               double width,
                               double height);

/* Changes width and centre by so many modality values, as a drag does; turns a VOI LUT into the
 * nearest window first. Width and centre stay within reach of the film's values. */
void iv_grayscale_drag (IvGrayscale *grayscale,
                        IvRadiograph *radiograph,
                        double d_width,
                        double d_center);

/* The window a VOI LUT comes nearest to: where it passes 1 % and 99 % of its range. */
IvWindow iv_window_from_lut (const IvLut *lut);

G_END_DECLS
