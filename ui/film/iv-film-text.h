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
/* What, where, how large and how sure; one line each. */
char *iv_film_text_change (const IvChange *change, IvSpacingSource source);

/* The letter of the patient's side that lies towards dx, dy on the film (one of them ±1, the other
 * 0): "R", "L", "H", "F", "A", "P". NULL when it cannot be known; *is_assumed when the file does
 * not say and the film is frontal, so that the usual orientation is taken. (transfer none) */
const char *iv_film_text_side (const IvRadiographInfo *info, int dx, int dy, gboolean *is_assumed);

G_END_DECLS
