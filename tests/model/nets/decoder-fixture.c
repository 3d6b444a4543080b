/* A decoder on the tests' device: what its test programs share.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "decoder-fixture.h"

#include "golden-case.h"

static IvOps *ops;

IvOps *
decoder_tests_get_ops (void)
{
  return ops;
}

const IvTensor *
loaded_find_tensor (const char *name, gpointer weights)
{
  return iv_weights_find (weights, name);
}

void
loaded_clear (Loaded *loaded)
{
  g_clear_pointer (&loaded->cache, iv_kv_cache_free);
  g_clear_pointer (&loaded->decoder, iv_decoder_free);
  g_clear_pointer (&loaded->weights, iv_weights_unref);
}

void
loaded_open (Loaded *loaded, const char *file)
{
  g_autoptr (GError) error = NULL;
  loaded->weights = iv_weights_open (file, &error);
  g_assert_no_error (error);
  iv_decoder_config_read (loaded->weights, &loaded->config, &error);
  g_assert_no_error (error);
}

void
loaded_make_decoder (Loaded *loaded, IvDecoderParams params)
{
  g_autoptr (GError) error = NULL;
  params.weights.config = &loaded->config;
  loaded->decoder = iv_decoder_new (ops, &params, NULL, &error);
  g_assert_no_error (error);
  loaded->cache = iv_decoder_new_cache (loaded->decoder, 128, IV_TYPE_F32, &error);
  g_assert_no_error (error);
}

void
loaded_load (Loaded *loaded, const char *file, guint n_batch)
{
  loaded_open (loaded, file);
  loaded_make_decoder (
      loaded,
      (IvDecoderParams){ .weights = { .find = loaded_find_tensor, .find_data = loaded->weights },
                         .n_batch = n_batch });
}

int
decoder_tests_run (void (*add_tests) (GPtrArray *all))
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) golden_case_free);
  g_autoptr (GError) error = NULL;
  gboolean validation = iv_vk_validation_is_available ();
  if (!validation)
    g_print ("# the validation layers are not installed: left out\n");
  IvVkDevice *device =
      iv_vk_device_new (&(IvVkDeviceParams){ .index = -1, .validation = validation }, &error);
  g_assert_no_error (error);
  ops = iv_ops_new (device, &error);
  g_assert_no_error (error);
  add_tests (all);
  int status = g_test_run ();
  iv_ops_free (ops);
  g_assert_cmpstr (iv_vk_device_get_first_message (device), ==, NULL);
  iv_vk_device_unref (device);
  return status;
}
