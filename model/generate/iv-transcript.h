/* What the slots of a cache hold: token ids and rows of images, and where each stands.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/generate/iv-image-prompt.h"

G_BEGIN_DECLS

/* Thread-safety: one thread at a time. */
typedef struct IvTranscript IvTranscript;

/* has_grid: positions run over an image's rows and columns (M-RoPE), so that the text behind it
 * goes on at its first position + max (rows, columns); else a slot is its position. */
IvTranscript *iv_transcript_new (gboolean has_grid);
void iv_transcript_free (IvTranscript *transcript);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvTranscript, iv_transcript_free)

guint iv_transcript_get_length (IvTranscript *transcript);
void iv_transcript_clear (IvTranscript *transcript);

void iv_transcript_add_ids (IvTranscript *transcript, const gint32 *ids, guint n_ids);
/* A whole image; part of one is nothing that could be used again. */
void iv_transcript_add_image (IvTranscript *transcript, const IvImageEmbedding *embedding);

/* A prompt: ids with images between them. */
typedef struct {
  const gint32 *ids;
  guint n_ids;
  const IvPromptImage *images;
  guint n_images;
} IvTranscriptPrompt;

/* Cuts the transcript down to what it begins with in common with the prompt, without the prompt's
 * last slot, and returns its length. An image is in common as a whole or not at all, and only when
 * both have the same key. */
guint iv_transcript_keep_common (IvTranscript *transcript, const IvTranscriptPrompt *prompt);

/* positions [3, n] of the next n slots: of text (embedding NULL), or of rows first_row … of an
 * image, of whose rows the first first_row are not yet in the transcript but lie before these.
 * FALSE when they are the slots' own numbers. */
gboolean iv_transcript_get_positions (IvTranscript *transcript,
                                      const IvImageEmbedding *embedding,
                                      guint first_row,
                                      guint n,
                                      gint32 *positions);

G_END_DECLS
