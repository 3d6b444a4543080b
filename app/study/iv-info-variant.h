/* IvRadiographInfo as a GVariant, for the way from the decode worker to the reader.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-radiograph-info.h"

G_BEGIN_DECLS

/* (transfer floating) "a{sv}" */
GVariant *iv_info_to_variant (const IvRadiographInfo *info);

/* Checks every value: the variant may come from a worker that a hostile file has taken over.
 * NULL with IV_STUDY_ERROR_DAMAGED when a value is out of its range. */
IvRadiographInfo *iv_info_from_variant (GVariant *variant, GError **error);

G_END_DECLS
