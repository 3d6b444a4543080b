/* Finds the golden cases and reads their files, for the tests of model/.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Where name lies: below tests/data/golden, else below ../shared/golden beside the project; NULL
 * when it is in neither. (transfer full) */
char *iv_golden_find (const char *name);
/* As iv_golden_find, from ../shared/golden alone, for checks that are larger than a clone can
 * hold. */
char *iv_golden_find_shared (const char *name);
/* Aborts the test when the file is not there or is no JSON. */
JsonNode *iv_golden_load_json (const char *file);
/* (transfer full) the floats of a *.f32 file. */
float *iv_golden_load_f32 (const char *file, gsize *n);
/* Sum of squared differences over sum of squares of expected. */
double iv_golden_nmse (const float *values, const float *expected, gsize n);

G_END_DECLS
