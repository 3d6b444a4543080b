/* Pictures and image processors for the tests of image preprocessing.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "tests/model/nets/image-test.h"

#include <png.h>

#include "model/files/iv-weights-private.h"

IvPicture *
image_test_load_png (const char *file)
{
  png_image png = { .version = PNG_IMAGE_VERSION };
  g_autoptr (GError) error = NULL;
  g_assert_true (png_image_begin_read_from_file (&png, file));
  gboolean is_colour = (png.format & PNG_FORMAT_FLAG_COLOR) != 0;
  png.format = is_colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  IvPicture *picture = iv_picture_new (png.width, png.height, is_colour ? 3 : 1, &error);
  g_assert_no_error (error);
  g_assert_true (png_image_finish_read (&png, NULL, picture->pixels, 0, NULL));
  return picture;
}

IvPicture *
image_test_random (guint width, guint height, guint channels)
{
  g_autoptr (GError) error = NULL;
  IvPicture *picture = iv_picture_new (width, height, channels, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < (gsize) width * height * channels; i++)
    picture->pixels[i] = (guint8) g_test_rand_int_range (0, 256);
  return picture;
}

gboolean
image_test_read_config (const char *projector,
                        const char *json,
                        IvImageProcessorConfig *config,
                        GError **error)
{
  g_autoptr (IvWeights) weights = iv_weights_new_empty ("test");
  iv_weights_set_string (weights, "clip.projector_type", projector);
  if (json != NULL)
    iv_weights_set_string (weights, IV_KEY_PREPROCESSOR, json);
  return iv_image_processor_config_read (weights, config, error);
}
