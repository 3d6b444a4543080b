/* What the pass files share beyond iv-planes.h.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-planes.h"

G_BEGIN_DECLS

/* (transfer none) At least as large as like; overwritten by the next pass that asks. */
const IvPlanes *iv_planes_passes_scratch (IvPlanesPasses *passes, const IvPlanes *like);

G_END_DECLS
