/* How the readers of GGUF and Hugging Face directories fill an IvWeights.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-weights.h"

G_BEGIN_DECLS

/* Value types of GGUF's metadata; the numbers are the file's. */
typedef enum {
  IV_META_U8 = 0,
  IV_META_I8 = 1,
  IV_META_U16 = 2,
  IV_META_I16 = 3,
  IV_META_U32 = 4,
  IV_META_I32 = 5,
  IV_META_F32 = 6,
  IV_META_BOOL = 7,
  IV_META_STRING = 8,
  IV_META_ARRAY = 9,
  IV_META_U64 = 10,
  IV_META_I64 = 11,
  IV_META_F64 = 12,
} IvMetaType;

typedef struct {
  IvMetaType type;
  union {
    guint64 unsigned_value; /* U8 to U64, BOOL */
    gint64 signed_value;    /* I8 to I64 */
    double float_value;
    char *string; /* owned, terminated UTF-8 */
    struct {
      IvMetaType item_type;
      guint64 n;
      const guint8 *items; /* as in a GGUF file; in a mapping or in bytes */
      gsize *offsets;      /* owned; of each string's length field, for strings only */
      GBytes *bytes;       /* owned, optional */
    } array;
  };
} IvMeta;

void iv_meta_free (IvMeta *meta);
guint iv_meta_type_get_size (IvMetaType type); /* bytes of a number or bool; 0 for the others */

/* While it is being filled, before anyone else sees it. */
IvWeights *iv_weights_new_empty (const char *file);
GHashTable *iv_weights_get_metadata (IvWeights *weights); /* char * to IvMeta *, both owned */
void iv_weights_set_half_split (IvWeights *weights, gboolean half_split);
/* (transfer full): keeps bytes alive. The first n_header of them and samples of the rest enter the
 * digest. */
void iv_weights_take_bytes (IvWeights *weights, GBytes *bytes, gsize n_header);
/* The same for what iv_weights_map_file () gave. */
void iv_weights_take_mapping (IvWeights *weights, GBytes *bytes, gsize n_header);
/* Copies tensor and its name; FALSE when there is one of that name. */
gboolean iv_weights_add_tensor (IvWeights *weights, const IvTensor *tensor, GError **error);
/* Checks that general.architecture is there. */
gboolean iv_weights_finish (IvWeights *weights, GError **error);

/* Fills in dimensions and size and checks them: 1 to 4 dimensions of at least 1, a whole number of
 * blocks in a row, a size below 2^63. subject names the tensor in the error. */
gboolean iv_tensor_set_shape (IvTensor *tensor,
                              const char *subject,
                              guint n_dims,
                              const guint64 *shape,
                              GError **error);

void iv_weights_set_uint (IvWeights *weights, const char *key, guint64 value);
void iv_weights_set_float (IvWeights *weights, const char *key, double value);
void iv_weights_set_bool (IvWeights *weights, const char *key, gboolean value);
void iv_weights_set_string (IvWeights *weights, const char *key, const char *value);
/* items: (transfer full), in GGUF's form: numbers little-endian, strings with a u64 length. */
void iv_weights_set_array (IvWeights *weights,
                           const char *key,
                           IvMetaType item_type,
                           guint64 n,
                           GByteArray *items);

/* Maps a regular file; an empty one is an error. */
GBytes *iv_weights_map_file (const char *file, GError **error);

gboolean iv_gguf_read (IvWeights *weights, const char *file, GError **error);
gboolean iv_hf_read (IvWeights *weights, const char *folder, GError **error);

G_END_DECLS
