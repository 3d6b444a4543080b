/* Image files of the commands that show them to a vision tower.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-image.h"

#include "app/read/iv-film-input.h"
#include "model/nets/iv-image-preprocess.h"

const char *
iv_cli_choose_tower (const char *model, const char *mmproj)
{
  return mmproj != NULL ? mmproj : model;
}

static IvImageEmbedding *
encode_file (IvImageEncoder *encoder,
             const IvImageProcessorConfig *processor,
             const char *file,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (IvFilmInput) film = iv_film_input_load (file, cancellable, error);
  if (film == NULL)
    return NULL;
  g_autoptr (IvImageInput) image = iv_image_preprocess (processor, film->picture, error);
  IvImageEmbedding *embedding =
      image != NULL ? iv_image_encoder_encode_image (encoder, image, cancellable, error) : NULL;
  if (embedding == NULL)
    g_prefix_error (error, "%s: ", file);
  return embedding;
}

GPtrArray *
iv_cli_encode_images (IvImageEncoder *encoder,
                      char **files,
                      guint64 max_pixels,
                      GCancellable *cancellable,
                      GError **error)
{
  IvImageProcessorConfig processor;
  g_autoptr (GPtrArray) embeddings =
      g_ptr_array_new_with_free_func ((GDestroyNotify) iv_image_embedding_unref);
  if (!iv_image_processor_config_read (iv_image_encoder_get_weights (encoder), &processor, error))
    return NULL;
  if (max_pixels > 0)
    iv_image_processor_config_limit (&processor, max_pixels);
  for (char **file = files; file != NULL && *file != NULL; file++) {
    IvImageEmbedding *embedding = encode_file (encoder, &processor, *file, cancellable, error);
    if (embedding == NULL)
      return NULL;
    g_ptr_array_add (embeddings, embedding);
  }
  return g_steal_pointer (&embeddings);
}
