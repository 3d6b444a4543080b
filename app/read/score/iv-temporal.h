/* Temporal entity F1: do two reports use the same words of comparison?
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The 44 words of Bannur et al. 2023 ("Learning to exploit temporal structure …"), a bit each in
 * the order of the alphabet. Words are runs of letters and digits; '-' and '_' part them.
 * Thread-safety: any. */
guint64 iv_temporal_find (const char *text);

/* F1 of the set in a text against the union of its references, with 1e-10 against division by 0:
 * both empty 1, only the reference empty 1e-10 (the definition of Libra, 2024, without an entity
 * network). */
double iv_temporal_score (guint64 text, guint64 references);

G_END_DECLS
