/* Findings, people and films in the reader's language.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"
#include "app/study/iv-collection.h"

G_BEGIN_DECLS

const char *iv_words_zone (IvZone zone);                      /* "right upper zone" */
const char *iv_words_direction (IvChangeDirection direction); /* "Increased opacity" */
const char *iv_words_kind (IvChangeKind kind);                /* "density" */
const char *iv_words_spacing (IvSpacingSource source);        /* "at the detector" */
/* (transfer full) "812 mm² at the detector" or "5,120 px (no pixel spacing)". */
char *iv_words_size (const IvChange *change, IvSpacingSource source);
/* (transfer none) Name, or "Unnamed patient". */
const char *iv_words_patient_name (const char *name);
/* (transfer full) "0012345 · F · 54 y", what is known of it; "" when nothing is. */
char *iv_words_patient_details (IvPatient *patient, const IvRadiographInfo *info);

/* (transfer full) "llvmpipe" of "llvmpipe (LLVM 15.0.6, 256 bits), Mesa 22.3.6, Vulkan 1.3.230". */
char *iv_words_device (const char *description);

G_END_DECLS
