/* What the pass files share beyond iv-image.h.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-image.h"

G_BEGIN_DECLS

/* (transfer none) At least as large as like; overwritten by the next pass that asks. */
const IvImage *iv_image_passes_scratch (IvImagePasses *passes, const IvImage *like);

G_END_DECLS
