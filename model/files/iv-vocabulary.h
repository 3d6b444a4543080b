/* The tokens of a model: bytes, kinds, scores, and how to find one.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-weights.h"

G_BEGIN_DECLS

typedef enum {
  IV_TOKEN_NORMAL = 1,
  IV_TOKEN_UNKNOWN = 2,
  IV_TOKEN_CONTROL = 3,
  IV_TOKEN_USER_DEFINED = 4,
  IV_TOKEN_UNUSED = 5,
  IV_TOKEN_BYTE = 6,
} IvTokenKind;

typedef enum {
  IV_VOCABULARY_BPE, /* "gpt2": tokens are bytes, written in an alphabet of 256 letters */
  IV_VOCABULARY_SPM, /* "llama": tokens are text, U+2581 for a space, <0xNN> for a byte */
} IvVocabularyModel;

typedef struct {
  const char *bytes; /* what the token stands for; a name for control tokens. Not terminated */
  guint32 length;
  IvTokenKind kind;
  float score;
} IvToken;

typedef struct {
  IvVocabularyModel model;
  IvToken *tokens;
  guint n_tokens;
  gint32 byte_ids[256];     /* the token of each byte, -1 when there is none */
  gint32 bos, eos, unknown; /* -1: none */
  char *arena;
  GHashTable *texts;            /* IvToken to itself: tokens that text can become */
  GHashTable *specials;         /* IvToken to itself: control, unknown and user-defined tokens */
  GArray *special_lengths[256]; /* by first byte: lengths (guint32) of specials, longest first */
} IvVocabulary;

/* Errors: IV_MODEL_ERROR naming the key. */
IvVocabulary *iv_vocabulary_new (IvWeights *weights, GError **error);
void iv_vocabulary_free (IvVocabulary *vocabulary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvVocabulary, iv_vocabulary_free)

/* The id of these bytes as text, -1 when there is none. */
gint32 iv_vocabulary_find_text (const IvVocabulary *vocabulary, const char *bytes, gsize length);
/* The id of this token by its bytes or name, specials first. */
gint32 iv_vocabulary_find (const IvVocabulary *vocabulary, const char *bytes, gsize length);
/* The longest special token that text begins with, -1 when there is none. Without parse_special
 * only user-defined ones count: they are text, though never split. */
gint32 iv_vocabulary_match_special (const IvVocabulary *vocabulary,
                                    const char *text,
                                    gsize length,
                                    gboolean parse_special);
/* A token or half of a merge, as the file writes it, into bytes. Returns the number of bytes
 * written, at most length; out may be the same memory. */
gsize iv_vocabulary_unescape (IvVocabularyModel model, const char *text, gsize length, char *out);

G_END_DECLS
