/* How the files of an image processor are read: one reader, and what its parts share.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-image-processor-config.h"
#include "model/files/iv-json.h"

G_BEGIN_DECLS

#define IV_IMAGE_PROCESSOR_FILE "preprocessor_config.json"

typedef enum { IV_IMAGE_NORM_CLIP, IV_IMAGE_NORM_HALF } IvImageNorm;

/* What a class of transformers does where its file is silent. */
typedef struct {
  const char *name; /* without "Fast" */
  IvImageFit fit;
  IvResample resample;
  guint side; /* of edge, size and crop */
  gboolean crops;
  IvImageNorm norm;
} IvImageClass;

typedef struct {
  IvWeights *weights;
  JsonNode *root;
  JsonObject *json; /* the processor's file; NULL: there is none, and the keys speak */
  const char *projector;
  IvImageProcessorConfig *config; /* being filled */
} IvImageReader;

gboolean iv_image_reader_is (const IvImageReader *reader, const char *projector);

/* A member, and the path of the object that it is in, with a point: "size.". */
typedef struct {
  const char *path;
  const char *member;
  guint64 most;
} IvImageRule;

/* Fails with the member's name and what stands there. */
gboolean iv_image_fail_member (JsonObject *object,
                               const IvImageRule *rule,
                               const char *wanted,
                               GError **error);
/* A whole number from 1 to most. All of these leave the value as it is when the member or key is
 * absent or null. */
gboolean
iv_image_read_uint (JsonObject *object, const IvImageRule *rule, guint64 *value, GError **error);
gboolean
iv_image_read_bool (JsonObject *object, const char *member, gboolean *value, GError **error);
gboolean iv_image_read_key (IvWeights *weights,
                            const char *key,
                            guint64 most,
                            guint64 *value,
                            GError **error);

/* Everything about sizes: how a picture fits, its limits, tiles, crop and padding. */
gboolean
iv_image_reader_read_fit (const IvImageReader *reader, const IvImageClass *class, GError **error);

G_END_DECLS
