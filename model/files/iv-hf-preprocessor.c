/* The image processor of a Hugging Face directory, and what config.json says about images.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-hf.h"

#include <stdio.h>
#include <string.h>

#include "model/files/iv-image-processor-config.h"
#include "model/files/iv-json.h"
#include "model/files/iv-model-error.h"

enum { MOST_CHANNELS = 4 };

static void
append_bits (GByteArray *items, guint32 bits)
{
  bits = GUINT32_TO_LE (bits);
  g_byte_array_append (items, (const guint8 *) &bits, sizeof bits);
}

/* An array of numbers as metadata of type F32. */
static void
set_floats (IvHf *hf, const char *key, const double *values, guint n)
{
  GByteArray *items = g_byte_array_new ();
  for (guint i = 0; i < n; i++) {
    float value = (float) values[i];
    guint32 bits;
    memcpy (&bits, &value, sizeof bits);
    append_bits (items, bits);
  }
  iv_weights_set_array (hf->weights, key, IV_META_F32, n, items);
}

/* Values of one for each channel, from a file or the tower's own. */
static void
copy_channels (IvHf *hf,
               JsonArray *array,
               const char *key,
               const IvHfChannels *channels,
               const double *own)
{
  double values[MOST_CHANNELS];
  for (guint i = 0; i < channels->n; i++) {
    JsonNode *node = array != NULL && i < json_array_get_length (array)
                         ? json_array_get_element (array, i)
                         : NULL;
    values[i] = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : own[i];
  }
  set_floats (hf, key, values, channels->n);
}

/* CXR-LLaVA has its own place for them in config.json. */
static JsonArray *
find_channels (IvHf *hf, JsonObject *processor, const char *member, const char *own)
{
  JsonArray *array = iv_json_get_array (processor, member);
  return array != NULL
             ? array
             : iv_json_get_array (iv_json_get_object (hf->config, "image_preprocess_cfg"), own);
}

/* Least and most pixels, under the three spellings of Qwen's preprocessors. */
static void
copy_pixels (IvHf *hf, JsonObject *processor)
{
  static const char *const members[][2] = {
    { "min_pixels", "max_pixels" },
    { "shortest_edge", "longest_edge" },
  };
  static const char *const keys[] = { "clip.vision.image_min_pixels",
                                      "clip.vision.image_max_pixels" };
  JsonObject *size = iv_json_get_object (processor, "size");
  guint64 value;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (iv_json_get_uint (processor, members[0][i], &value) ||
        iv_json_get_uint (size, members[0][i], &value) ||
        iv_json_get_uint (size, members[1][i], &value))
      iv_weights_set_uint (hf->weights, keys[i], value);
}

static void
append_pair (GByteArray *items, guint64 width, guint64 height)
{
  append_bits (items, (guint32) MIN (width, G_MAXINT32));
  append_bits (items, (guint32) MIN (height, G_MAXINT32));
}

/* "(1x1),...,(6x6)": every grid of so many tiles between the first and the last pair. */
static void
append_range (GByteArray *items, const char *text, guint64 side)
{
  guint first[2], last[2];
  const char *tail = strrchr (text, '(');
  if (tail == NULL || sscanf (text, "(%2ux%2u)", &first[0], &first[1]) != 2 ||
      sscanf (tail, "(%2ux%2u)", &last[0], &last[1]) != 2)
    return;
  for (guint i = first[0]; i <= last[0]; i++)
    for (guint j = first[1]; j <= last[1]; j++)
      append_pair (items, i * side, j * side);
}

/* config.json of LLaVA's own code: pairs of width and height. What is no pair becomes 0 × 0, which
 * iv_image_processor_config_read refuses. */
static void
copy_grids (IvHf *hf)
{
  JsonArray *array = iv_json_get_array (hf->config, "image_grid_pinpoints");
  const char *range = iv_json_get_string (hf->config, "image_grid_pinpoints");
  g_autoptr (GByteArray) items = g_byte_array_new ();
  guint64 side = 0;
  iv_weights_get_uint (hf->weights, "clip.vision.image_size", &side);
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
    guint64 sides[2] = { 0 };
    for (guint j = 0; pair != NULL && j < 2 && j < json_array_get_length (pair); j++)
      iv_json_node_get_uint (json_array_get_element (pair, j), &sides[j]);
    append_pair (items, sides[0], sides[1]);
  }
  if (range != NULL)
    append_range (items, range, side);
  guint n = items->len / 4;
  if (n > 0)
    iv_weights_set_array (
        hf->weights, "clip.vision.image_grid_pinpoints", IV_META_I32, n, g_steal_pointer (&items));
}

/* InternVL's own configuration. */
static void
copy_tiles (IvHf *hf)
{
  gboolean is_dynamic, has_thumbnail;
  guint64 number;
  if (iv_json_get_uint (hf->config, "min_dynamic_patch", &number))
    iv_weights_set_uint (hf->weights, "clip.vision.preproc_min_tiles", number);
  if (iv_json_get_uint (hf->config, "max_dynamic_patch", &number))
    iv_weights_set_uint (hf->weights, "clip.vision.preproc_max_tiles", number);
  if (iv_json_get_bool (hf->config, "dynamic_image_size", &is_dynamic) && !is_dynamic) {
    iv_weights_set_uint (hf->weights, "clip.vision.preproc_min_tiles", 1);
    iv_weights_set_uint (hf->weights, "clip.vision.preproc_max_tiles", 1);
  }
  if (iv_json_get_bool (hf->config, "use_thumbnail", &has_thumbnail))
    iv_weights_set_bool (hf->weights, "clip.vision.use_thumbnail", has_thumbnail);
}

/* preprocessor_config.json, or the part of processor_config.json that newer files have instead. */
static gboolean
load_processor (IvHf *hf, JsonNode **node, GError **error)
{
  g_autoptr (JsonNode) root = NULL;
  if (!iv_hf_load_json (hf, "preprocessor_config.json", node, error))
    return FALSE;
  if (*node != NULL)
    return TRUE;
  if (!iv_hf_load_json (hf, "processor_config.json", &root, error))
    return FALSE;
  JsonObject *object =
      root != NULL ? iv_json_get_object (json_node_get_object (root), "image_processor") : NULL;
  if (object != NULL) {
    *node = json_node_new (JSON_NODE_OBJECT);
    json_node_set_object (*node, object);
  }
  return TRUE;
}

gboolean
iv_hf_read_preprocessor (IvHf *hf, const IvHfChannels *channels, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  if (!load_processor (hf, &node, error))
    return FALSE;
  JsonObject *processor = node != NULL ? json_node_get_object (node) : NULL;
  if (node != NULL) {
    g_autofree char *text = iv_json_to_string (node, FALSE);
    iv_weights_set_string (hf->weights, IV_KEY_PREPROCESSOR, text);
  }
  JsonArray *mean = find_channels (hf, processor, "image_mean", "mean");
  JsonArray *deviation = find_channels (hf, processor, "image_std", "std");
  copy_channels (hf, mean, "clip.vision.image_mean", channels, channels->mean);
  copy_channels (hf, deviation, "clip.vision.image_std", channels, channels->deviation);
  if (hf->tower <= IV_HF_TOWER_QWEN3VL)
    copy_pixels (hf, processor);
  const char *aspect = iv_json_get_string (hf->config, "image_aspect_ratio");
  if (hf->tower == IV_HF_TOWER_LLAVA || (hf->tower == IV_HF_TOWER_SIGLIP && aspect != NULL))
    iv_weights_set_string (
        hf->weights, "clip.vision.image_aspect_ratio", aspect != NULL ? aspect : "square");
  copy_grids (hf);
  copy_tiles (hf);
  return TRUE;
}
