/* Golden cases of vision towers: images, what becomes of them, and prompts that hold them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

#include "model/nets/iv-vision.h"

G_BEGIN_DECLS

/* A part of a prompt: text ids, or an image. */
typedef struct {
  gint32 *ids; /* NULL: an image */
  guint n_ids;
  guint image; /* index into the case's images */
} VisionPart;

typedef struct {
  char *name;
  GArray *parts; /* VisionPart */
  gint32 *greedy_ids;
  guint n_greedy;
  float *logits; /* [n_greedy, n_vocab]: before each of them */
  guint n_vocab;
} VisionPrompt;

typedef struct {
  char *name;
  guint height, width;
  guint8 *levels;  /* [height, width, 3], or NULL */
  float *pixels;   /* [channels, height, width], already normalised, or NULL */
  float *expected; /* [n_rows, n_columns] */
  guint n_rows, n_columns;
} VisionImage;

typedef struct {
  char *name;   /* "qwen3vl" */
  char *mmproj; /* file or directory */
  char *model;  /* of the decoder */
  double embeddings_nmse, logits_nmse;
  GPtrArray *images;  /* VisionImage, those whose files are there */
  GPtrArray *prompts; /* VisionPrompt, those whose images are there */
} VisionCase;

/* golden/vision/NAME, from ../shared where it is, else from tests/data; NULL when it is in neither.
 * what is left out is printed. */
VisionCase *vision_case_load (const char *name);
void vision_case_free (VisionCase *vision);

/* The tower's input of an image: levels / 255, mean and deviation of the config. (transfer full) */
float *vision_image_normalise (const VisionImage *image, const IvVisionConfig *config);

G_END_DECLS
