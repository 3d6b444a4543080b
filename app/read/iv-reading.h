/* One reading: the current film, the prior that was chosen and why, both decoded, what changed.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/compare/iv-comparison.h"
#include "app/study/iv-collection.h"

G_BEGIN_DECLS

typedef enum {
  IV_READING_EMPTY,     /* nothing opened */
  IV_READING_LOADING,   /* a film is being decoded */
  IV_READING_COMPARING, /* both films are there, the engine is at work */
  IV_READING_READY,     /* nothing under way; see the comparison, or why there is none */
  IV_READING_FAILED,    /* the current film could not be read */
} IvReadingState;

/* Ties patient, current image, prior, their radiographs and the comparison together. Choosing
 * another film cancels what is under way; nothing blocks.
 *
 * Signals, all after the getters answer the new state:
 * "choice-changed" (another patient, current image or prior was chosen),
 * "films-changed" (a radiograph arrived or went),
 * "comparison-changed" (a comparison, or the reason for none, arrived or went),
 * "state-changed", "progressed" (the fraction or the message moved).
 *
 * Thread-safety: main. */
#define IV_TYPE_READING (iv_reading_get_type ())
G_DECLARE_FINAL_TYPE (IvReading, iv_reading, IV, READING, GObject)

IvReading *iv_reading_new (IvEngine *engine);

/* Reads the image; NULL: the patient's latest film. Its prior is chosen by iv_prior_choose (). */
void iv_reading_open (IvReading *self, IvPatient *patient, IvImage *current);
/* Back to IV_READING_EMPTY. */
void iv_reading_close (IvReading *self);
/* The reader's own choice of prior; NULL: read without one. */
void iv_reading_choose_prior (IvReading *self, IvImage *prior);
/* The next older (-1) or newer (+1) film of the patient becomes the prior; FALSE: there is none. */
gboolean iv_reading_step_prior (IvReading *self, int step);
/* Stops the comparison (or the loading of the prior) and keeps the films that are there. */
void iv_reading_cancel (IvReading *self);
/* Once more after a failure or a cancellation. */
void iv_reading_retry (IvReading *self);

IvReadingState iv_reading_get_state (IvReading *self);
/* All (transfer none), NULL when there is none. */
IvPatient *iv_reading_get_patient (IvReading *self);
IvImage *iv_reading_get_current_image (IvReading *self);
const IvPrior *iv_reading_get_prior (IvReading *self);
IvRadiograph *iv_reading_get_current (IvReading *self);
IvRadiograph *iv_reading_get_prior_radiograph (IvReading *self);
IvComparison *iv_reading_get_comparison (IvReading *self);
/* Why the current film is not there; set in IV_READING_FAILED only. */
const GError *iv_reading_get_error (IvReading *self);
/* Why there is no comparison although there is a prior; G_IO_ERROR_CANCELLED when stopped. */
const GError *iv_reading_get_comparison_error (IvReading *self);
/* Of the work under way: 0 … 1, -1 when unknown, and what is being done (may be ""). */
double iv_reading_get_fraction (IvReading *self);
const char *iv_reading_get_message (IvReading *self);

G_END_DECLS
