/* Errors of app/study/: what was wrong with a file, in words a reader of films understands.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define IV_STUDY_ERROR (iv_study_error_quark ())
GQuark iv_study_error_quark (void);

/* Every message starts with the file's name and ends with the reason. */
typedef enum {
  IV_STUDY_ERROR_FAILED,      /* could not be opened or read */
  IV_STUDY_ERROR_FORMAT,      /* not DICOM, PNG, JPEG or TIFF at all */
  IV_STUDY_ERROR_NO_IMAGE,    /* DICOM without pixels: a report, a presentation state, a PDF */
  IV_STUDY_ERROR_UNSUPPORTED, /* an image of a kind that Interval does not show: colour, 32 bits */
  IV_STUDY_ERROR_DAMAGED,     /* truncated or contradicting itself */
  IV_STUDY_ERROR_CRASHED,     /* the worker that decoded it died */
  IV_STUDY_ERROR_LIMIT,       /* needs more memory or time than a film may */
  IV_STUDY_ERROR_LIBRARY,     /* the list of recent patients on disk */
} IvStudyError;

G_END_DECLS
