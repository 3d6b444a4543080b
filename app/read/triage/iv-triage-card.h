/* What a site says of a model for triage: temperature, thresholds, how it was calibrated.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Immutable. Thread-safety of all: any. */
typedef struct {
  double temperature;     /* > 0; 1 without a card */
  double least_mass;      /* negative: that of the questions */
  GHashTable *thresholds; /* name of a finding to double * */
  gboolean is_calibrated;
  char *date, *set; /* of the calibration, or NULL */
  char *note;       /* why the card's calibration does not hold here, or NULL */
  char *digest;     /* SHA-256 of the file; "" without one */
} IvTriageCard;

/* Which model and questions a card must be for. */
typedef struct {
  const char *model_digest, *questions_digest;
} IvTriageCardParams;

/* (transfer full) "MODEL.interval.json", beside the model. */
char *iv_triage_card_get_file (const char *model);

/* The card beside the model; without one, temperature 1 and not calibrated. One that was calibrated
 * with other questions keeps its temperature and thresholds but counts as not calibrated. Errors:
 * IV_READ_ERROR_INVALID names file and member, also for a card of another model. (transfer full) */
IvTriageCard *
iv_triage_card_load (const char *model, const IvTriageCardParams *params, GError **error);
/* text: of such a file; source names it in errors. */
IvTriageCard *iv_triage_card_parse (const char *text,
                                    const char *source,
                                    const IvTriageCardParams *params,
                                    GError **error);
void iv_triage_card_free (IvTriageCard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTriageCard, iv_triage_card_free)

/* The card's threshold of a finding, or the other. */
double
iv_triage_card_get_threshold (const IvTriageCard *self, const char *finding, double otherwise);

G_END_DECLS
