/* Block-quantised weights to F32 and back, one function per type of published files.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* data: n_blocks blocks as they stand in the file, any alignment. values: 32 or 256 a block. */
void iv_q4_0_to_f32 (const guint8 *data, float *values, gsize n_blocks);
void iv_q4_1_to_f32 (const guint8 *data, float *values, gsize n_blocks);
void iv_q5_0_to_f32 (const guint8 *data, float *values, gsize n_blocks);
void iv_q5_1_to_f32 (const guint8 *data, float *values, gsize n_blocks);
void iv_q8_0_to_f32 (const guint8 *data, float *values, gsize n_blocks);
void iv_iq4_nl_to_f32 (const guint8 *data, float *values, gsize n_blocks);

void iv_q2_k_to_f32 (const guint8 *data, float *values, gsize n_blocks);
void iv_q3_k_to_f32 (const guint8 *data, float *values, gsize n_blocks);
void iv_q4_k_to_f32 (const guint8 *data, float *values, gsize n_blocks);
void iv_q5_k_to_f32 (const guint8 *data, float *values, gsize n_blocks);
void iv_q6_k_to_f32 (const guint8 *data, float *values, gsize n_blocks);
void iv_iq4_xs_to_f32 (const guint8 *data, float *values, gsize n_blocks);

void iv_q8_0_from_f32 (const float *values, guint8 *data, gsize n_blocks);
void iv_q4_0_from_f32 (const float *values, guint8 *data, gsize n_blocks);
/* Scales fitted by weighted least squares; see iv-quant-fit.h. */
void iv_q5_0_from_f32 (const float *values, guint8 *data, gsize n_blocks);
void iv_q4_k_from_f32 (const float *values, guint8 *data, gsize n_blocks);
void iv_q5_k_from_f32 (const float *values, guint8 *data, gsize n_blocks);
void iv_q6_k_from_f32 (const float *values, guint8 *data, gsize n_blocks);

/* The 16 levels of IQ4_NL and IQ4_XS. */
extern const gint8 iv_iq4_levels[16];

G_END_DECLS
