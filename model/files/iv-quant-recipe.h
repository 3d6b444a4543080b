/* Which type each matrix of a model is converted to.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/files/iv-weights.h"

G_BEGIN_DECLS

/* One type for all, or the mixture published files are made in: the wider of the two for the
 * output matrix and for those values and feed-forward outputs whose errors are felt most. */
typedef struct {
  const char *name; /* "q4_k_m" */
  IvDataType type;
  gboolean is_mixed;
  IvDataType wide;       /* of a mixture */
  guint32 gguf_number;   /* general.file_type: "mostly of this type" */
  IvDataType substitute; /* for rows that are no multiple of a block of 256 */
} IvQuantRecipe;

/* Thread-safety of all in this header: any. */

/* For files: by name, in any case; NULL when there is none. (transfer none) */
const IvQuantRecipe *iv_quant_recipe_find (const char *name);
/* For weights that are converted while they are loaded: "q8_0", "q4_k" or "q4_0". The wider of the
 * mixture and all substitutes are Q8_0, which takes less room on a device than Q6_K and Q5_0 do. */
const IvQuantRecipe *iv_quant_recipe_find_for_loading (const char *name);
/* "f32, f16, …, q4_k_m", for messages. */
const char *iv_quant_recipe_list (void);

/* What a tensor becomes: its own type when it is no matrix, when it has to stay (positions and
 * patches of towers), or when no type holds its rows; and the substitute where the recipe's type
 * has blocks of 256 and the rows are no multiple of that. n_layers: of the decoder, for mixtures.
 * is_tied: the embedding table is the output matrix too. */
IvDataType iv_quant_recipe_choose (const IvQuantRecipe *recipe,
                                   const IvTensor *tensor,
                                   guint n_layers,
                                   gboolean is_tied);
/* TRUE when that choice was such a substitute. */
gboolean iv_quant_recipe_is_substitute (const IvQuantRecipe *recipe, IvDataType chosen);
/* TRUE for types that a model is published in to be quantised by others (F32, F16, BF16) or nearly
 * so (Q8_0), when a weight of type to takes less room: what loading may convert. */
gboolean iv_quant_recipe_may_narrow (IvDataType from, IvDataType to);

G_END_DECLS
