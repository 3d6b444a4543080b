/* From a picture to a vision tower's input: pad, resize, crop, cut into tiles, normalise.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/nets/iv-image-preprocess.h"

#include "model/files/iv-model-error.h"

typedef struct {
  const IvImageProcessorConfig *config;
  IvImageInput *input;
  float tables[3][256]; /* of each channel, 8-bit value to normalised value */
  guint n_written;      /* tiles */
} Writer;

void
iv_image_input_free (IvImageInput *input)
{
  if (input == NULL)
    return;
  g_free (input->values);
  g_free (input);
}

static void
fill_tables (Writer *writer)
{
  const IvImageProcessorConfig *config = writer->config;
  for (guint c = 0; c < config->channels; c++)
    for (guint value = 0; value < 256; value++)
      writer->tables[c][value] =
          (float) ((value * config->scale - config->mean[c]) / config->deviation[c]);
}

/* The next tile of the input, from the canvas with its left upper corner at (x0, y0). */
static void
write_tile (Writer *writer, const IvPicture *canvas, guint x0, guint y0)
{
  const IvImageSize *tile = &writer->input->layout.tile;
  guint channels = writer->config->channels;
  gsize plane = (gsize) tile->width * tile->height;
  float *to = writer->input->values + plane * channels * writer->n_written++;
  for (guint c = 0; c < channels; c++) {
    const float *table = writer->tables[c];
    for (guint y = 0; y < tile->height; y++) {
      const guint8 *from = canvas->pixels +
                           ((gsize) (y0 + y) * canvas->width + x0) * canvas->channels +
                           (canvas->channels == 3 ? c : 0);
      for (guint x = 0; x < tile->width; x++)
        *to++ = table[from[x * canvas->channels]];
    }
  }
}

/* Least value to 0 and greatest to 255, cut off; a constant picture becomes black. */
static void
stretch (IvPicture *gray)
{
  gsize n = (gsize) gray->width * gray->height;
  guint8 table[256] = { 0 }, min = 255, max = 0;
  for (gsize i = 0; i < n; i++) {
    min = MIN (min, gray->pixels[i]);
    max = MAX (max, gray->pixels[i]);
  }
  for (guint value = min; value <= max && max > min; value++)
    table[value] = (guint8) ((double) (value - min) / (max - min) * 255);
  for (gsize i = 0; i < n; i++)
    gray->pixels[i] = table[gray->pixels[i]];
}

/* Grey where the model wants it, and padded to the layout's size. NULL without error: the picture
 * will do as it is. */
static gboolean
prepare (const Writer *writer, const IvPicture *picture, IvPicture **prepared, GError **error)
{
  const IvImageProcessorConfig *config = writer->config;
  const IvImageLayout *layout = &writer->input->layout;
  g_autoptr (IvPicture) gray = NULL;
  *prepared = NULL;
  if (config->stretches || (config->channels == 1 && picture->channels == 3)) {
    gray = iv_picture_to_gray (picture, error);
    if (gray == NULL)
      return FALSE;
    if (config->stretches)
      stretch (gray);
  }
  if (!config->pads || picture->width == picture->height) {
    *prepared = g_steal_pointer (&gray);
    return TRUE;
  }
  /* The colour is the mean of each channel: a grey picture has to become RGB to be padded. */
  g_autoptr (IvPicture) rgb = NULL;
  const IvPicture *from = gray != NULL ? gray : picture;
  if (config->channels == 3 && from->channels == 1) {
    rgb = iv_picture_to_rgb (from, error);
    if (rgb == NULL)
      return FALSE;
    from = rgb;
  }
  const IvPicturePlace place = {
    .size = layout->padded,
    .x = (gint) (layout->padded.width - picture->width) / 2,
    .y = (gint) (layout->padded.height - picture->height) / 2,
    .fill = { config->pad_colour[0], config->pad_colour[1], config->pad_colour[2] },
  };
  *prepared = iv_picture_place (from, &place, error);
  return *prepared != NULL;
}

static gboolean
write_overview (Writer *writer, const IvPicture *picture, GError **error)
{
  g_autoptr (IvPicture) small =
      iv_picture_resize (picture, writer->input->layout.tile, writer->config->resample, error);
  if (small == NULL)
    return FALSE;
  write_tile (writer, small, 0, 0);
  return TRUE;
}

/* Resized, and cropped or laid on the canvas when that is of another size. */
static IvPicture *
make_canvas (const Writer *writer, const IvPicture *picture, GError **error)
{
  const IvImageLayout *layout = &writer->input->layout;
  g_autoptr (IvPicture) resized =
      iv_picture_resize (picture, layout->resized, writer->config->resample, error);
  const IvPicturePlace place = { .size = layout->canvas, .x = layout->x, .y = layout->y };
  if (resized == NULL ||
      (resized->width == layout->canvas.width && resized->height == layout->canvas.height))
    return g_steal_pointer (&resized);
  return iv_picture_place (resized, &place, error);
}

static gboolean
write_all (Writer *writer, const IvPicture *picture, GError **error)
{
  const IvImageLayout *layout = &writer->input->layout;
  g_autoptr (IvPicture) prepared = NULL;
  if (!prepare (writer, picture, &prepared, error))
    return FALSE;
  const IvPicture *from = prepared != NULL ? prepared : picture;
  g_autoptr (IvPicture) canvas = make_canvas (writer, from, error);
  if (canvas == NULL ||
      (layout->overview == IV_IMAGE_OVERVIEW_FIRST && !write_overview (writer, from, error)))
    return FALSE;
  for (guint row = 0; row < layout->rows; row++)
    for (guint column = 0; column < layout->columns; column++)
      write_tile (writer, canvas, column * layout->tile.width, row * layout->tile.height);
  return layout->overview != IV_IMAGE_OVERVIEW_LAST || write_overview (writer, from, error);
}

IvImageInput *
iv_image_preprocess (const IvImageProcessorConfig *config, const IvPicture *picture, GError **error)
{
  g_autoptr (IvImageInput) input = g_new0 (IvImageInput, 1);
  Writer writer = { .config = config, .input = input };
  IvImageLayout *layout = &input->layout;
  const IvImageSize size = { picture->width, picture->height };
  if (!iv_image_layout_init (layout, config, size, error))
    return NULL;
  input->channels = config->channels;
  input->n_values =
      (gsize) layout->tile.width * layout->tile.height * layout->n_tiles * config->channels;
  input->values = g_try_new (float, input->n_values);
  if (input->values == NULL) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_MEMORY,
                 "no memory for an image of %" G_GSIZE_FORMAT " values",
                 input->n_values);
    return NULL;
  }
  fill_tables (&writer);
  return write_all (&writer, picture, error) ? g_steal_pointer (&input) : NULL;
}
