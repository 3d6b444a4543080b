/* What the window says about a film and about a change, in words.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"
#include "app/study/iv-radiograph.h"

G_BEGIN_DECLS

/* All translated, all (transfer full) unless const. Thread-safety: main. */

/* "29 October 2026", or the name of the file when it has no date. */
char *iv_film_text_date (const IvRadiographInfo *info);
/* "PA · DX"; "" when neither is known. */
char *iv_film_text_view (const IvRadiographInfo *info);
/* "0.143 mm per pixel, at the detector", or that there is none. */
char *iv_film_text_spacing (const IvRadiographInfo *info);
/* "at the detector", "corrected for magnification" …; "" for none. */
const char *iv_film_text_spacing_source (IvSpacingSource source);
/* "right upper zone" of the patient. */
const char *iv_film_text_zone (IvZone zone);
/* "Increased opacity", "Lost lung markings" … */
const char *iv_film_text_change_title (const IvChange *change);
/* Title, zone, area or size in pixels, score; one line each. */
char *iv_film_text_change (const IvChange *change);
/* "342 mm²", "5.1 cm²", or pixels when the spacing is unknown. */
char *iv_film_text_area (const IvChange *change);

/* The letter of the patient's side that lies towards dx, dy on the film (one of them ±1, the other
 * 0): "R", "L", "H", "F", "A", "P". NULL when it cannot be known; *is_assumed when the file does
 * not say and the film is frontal, so that the usual orientation is taken. (transfer none) */
const char *iv_film_text_side (const IvRadiographInfo *info, int dx, int dy, gboolean *is_assumed);

G_END_DECLS
