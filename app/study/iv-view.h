/* Which projection of the chest a file shows, from what its fields say.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-radiograph-info.h"

G_BEGIN_DECLS

/* Any may be NULL. */
typedef struct {
  const char *view_position;       /* (0018,5101) */
  const char *view_code_meaning;   /* of ViewCodeSequence (0054,0220) */
  const char *series_description;  /* (0008,103E) */
  const char *protocol;            /* (0018,1030), (0018,1400) */
  const char *patient_orientation; /* (0020,0020), "L\\F" */
} IvViewHints;

/* The first field that names a projection decides; one that names two says nothing. */
IvView iv_view_guess (const IvViewHints *hints);

G_END_DECLS
