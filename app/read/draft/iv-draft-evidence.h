/* Where the finding of a sentence is: boxes of the model, or regions of change its words match.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/read/iv-draft.h"

G_BEGIN_DECLS

/* A change as far as words can tell one from another. */
gboolean iv_draft_mention_matches (const IvMention *mention, const IvChange *change);

/* For sentences without a place: those of the comparison's changes of at least the threshold that
 * one of their findings matches in side, zone and direction. places: GArray of IvDraftPlace for
 * each sentence of report. comparison: NULL adds nothing. Thread-safety of all: any. */
void iv_draft_match_changes (const IvReport *report,
                             IvComparison *comparison,
                             double threshold,
                             GPtrArray *places);

/* (transfer full) The statements of a report as a numbered list, from 1, and their sentences'
 * numbers in the report (guint). What denies findings has no place and is left out. */
char *iv_draft_list_statements (const IvReport *report, GArray **sentences);

/* Adds boxes whose label is a number of that list to the sentences. layout: of the film that the
 * boxes are on. */
void iv_draft_place_boxes (const GArray *boxes,
                           const IvImageLayout *layout,
                           const GArray *sentences,
                           GPtrArray *places);

/* The same for boxes that stand in the text itself (bytes start … end of said): a sentence of the
 * report that has the same words gets them. */
void iv_draft_place_phrases (const GArray *boxes,
                             const char *said,
                             const IvImageLayout *layout,
                             const IvReport *report,
                             GPtrArray *places);

G_END_DECLS
