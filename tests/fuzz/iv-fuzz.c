/* What the fuzzers share: bytes as a file, and a model file taken through all its readers.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tests/fuzz/iv-fuzz.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/files/iv-chat-template.h"
#include "model/files/iv-decoder-config.h"
#include "model/files/iv-tokenizer.h"

static char *folder;

const char *
iv_fuzz_as_file (const guint8 *data, gsize size)
{
  static int fd = -1;
  static char path[64];
  if (fd < 0) {
    fd = memfd_create ("interval-fuzz", 0);
    g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  }
  if (ftruncate (fd, 0) != 0 || pwrite (fd, data, size, 0) != (gssize) size)
    abort ();
  return path;
}

static void
remove_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir)) {
    g_autofree char *file = g_build_filename (folder, name, NULL);
    g_unlink (file);
  }
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
}

const char *
iv_fuzz_get_folder (void)
{
  if (folder == NULL) {
    folder = g_strdup ("/dev/shm/interval-fuzz-XXXXXX");
    if (g_mkdtemp (folder) == NULL)
      abort ();
    atexit (remove_folder);
  }
  return folder;
}

void
iv_fuzz_write (const char *name, const guint8 *data, gsize size)
{
  g_autofree char *file = g_build_filename (iv_fuzz_get_folder (), name, NULL);
  FILE *stream = g_fopen (file, "wb");
  if (stream == NULL || fwrite (data, 1, size, stream) != size || fclose (stream) != 0)
    abort ();
}

static void
tokenize (IvWeights *weights)
{
  g_autoptr (IvTokenizer) tokenizer = iv_tokenizer_new (weights, NULL);
  if (tokenizer == NULL)
    return;
  g_autoptr (GArray) ids = iv_tokenizer_encode (
      tokenizer, " a abc <s> 가 12\n", -1, IV_TOKENIZE_PARSE_SPECIAL | IV_TOKENIZE_ADD_SPECIAL);
  g_autofree char *text =
      iv_tokenizer_decode (tokenizer, (const gint32 *) (gpointer) ids->data, ids->len, TRUE);
  if (!g_utf8_validate (text, -1, NULL))
    abort ();
  for (guint i = 0; i < ids->len; i++)
    iv_tokenizer_is_stop (tokenizer, g_array_index (ids, gint32, i));
}

static void
read_tensors (IvWeights *weights)
{
  for (guint i = 0; i < iv_weights_get_n_tensors (weights); i++) {
    const IvTensor *tensor = iv_weights_get_tensor (weights, i);
    gsize n = tensor->size / iv_data_type_get_block_bytes (tensor->type) *
              iv_data_type_get_block_elements (tensor->type);
    g_autofree float *values = g_new (float, n);
    iv_data_type_to_f32 (tensor->type, tensor->data, values, n);
  }
}

void
iv_fuzz_load (const char *file)
{
  IvDecoderConfig config;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvWeights) weights = iv_weights_open (file, &error);
  /* An error if and only if there is no result. */
  if ((weights == NULL) != (error != NULL))
    abort ();
  if (weights == NULL)
    return;
  if (iv_decoder_config_read (weights, &config, NULL))
    for (guint layer = 0; layer < config.n_layers; layer++)
      iv_decoder_config_is_sliding (&config, layer);
  tokenize (weights);
  read_tensors (weights);
  iv_weights_get_digest (weights);
  g_autoptr (IvChatTemplate) chat_template = iv_chat_template_new_for_weights (weights, NULL);
  const IvChatMessage message = { "user", "Hi" };
  if (chat_template != NULL)
    g_free (iv_chat_template_apply (chat_template, &message, 1, FALSE, NULL));
}
