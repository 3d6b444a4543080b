/* Sizes of an image processor: how a picture fits, its limits, tiles, crop and padding.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-image-processor-private.h"

#include "model/files/iv-model-error.h"

/* Far above every published model. */
enum { MOST_SIDE = 8192, MOST_PATCH = 1024 };
#define MOST_PIXELS ((guint64) 1 << 26)

static gboolean
read_side (JsonObject *object, const IvImageRule *rule, guint *side, GError **error)
{
  guint64 number = *side;
  gboolean is_read = iv_image_read_uint (object, rule, &number, error);
  *side = (guint) number;
  return is_read;
}

/* The side that the tower's files give; each of the sizes of a class starts with it where there is
 * no preprocessor's file. */
static gboolean
start_sizes (const IvImageReader *reader, const IvImageClass *class, GError **error)
{
  IvImageProcessorConfig *config = reader->config;
  guint64 side = class->side;
  if ((reader->json == NULL || iv_image_reader_is (reader, "internvl")) &&
      !iv_image_read_key (reader->weights, "clip.vision.image_size", MOST_SIDE, &side, error))
    return FALSE;
  config->edge = (guint) side;
  config->size = (IvImageSize){ (guint) side, (guint) side };
  if (class->crops)
    config->crop = config->size;
  return TRUE;
}

/* {"height", "width"}, or a number for both. Absent: size stays. */
static gboolean
read_json_size (JsonObject *json, const char *member, IvImageSize *size, GError **error)
{
  g_autofree char *path = g_strconcat (member, ".", NULL);
  JsonObject *object = iv_json_get_object (json, member);
  if (!iv_json_has (json, member))
    return TRUE;
  if (object == NULL) {
    if (!read_side (json, &(IvImageRule){ "", member, MOST_SIDE }, &size->width, error))
      return FALSE;
    size->height = size->width;
    return TRUE;
  }
  if (!iv_json_has (object, "height") || !iv_json_has (object, "width"))
    return iv_image_fail_member (
        json, &(IvImageRule){ "", member }, "an object with height and width", error);
  return read_side (object, &(IvImageRule){ path, "height", MOST_SIDE }, &size->height, error) &&
         read_side (object, &(IvImageRule){ path, "width", MOST_SIDE }, &size->width, error);
}

static gboolean
read_size (const IvImageReader *reader, GError **error)
{
  IvImageProcessorConfig *config = reader->config;
  JsonObject *size = iv_json_get_object (reader->json, "size");
  if (config->fit == IV_IMAGE_FIT_SMART)
    return TRUE;
  if (size != NULL && iv_json_has (size, "shortest_edge")) {
    if (!read_side (
            size, &(IvImageRule){ "size.", "shortest_edge", MOST_SIDE }, &config->edge, error))
      return FALSE;
    /* Of tiles: their side. */
    config->size = (IvImageSize){ config->edge, config->edge };
    if (config->fit == IV_IMAGE_FIT_SQUASH)
      config->fit = IV_IMAGE_FIT_SHORTEST_EDGE;
    return TRUE;
  }
  if (!read_json_size (reader->json, "size", &config->size, error))
    return FALSE;
  config->edge = config->size.width;
  if (size != NULL && config->fit == IV_IMAGE_FIT_SHORTEST_EDGE)
    config->fit = IV_IMAGE_FIT_SQUASH;
  return TRUE;
}

static gboolean
read_crop (const IvImageReader *reader, const IvImageClass *class, GError **error)
{
  IvImageProcessorConfig *config = reader->config;
  gboolean crops = class->crops;
  if (!iv_image_read_bool (reader->json, "do_center_crop", &crops, error))
    return FALSE;
  if (!crops)
    config->crop = (IvImageSize){ 0 };
  else if (config->crop.width == 0)
    config->crop = (IvImageSize){ 224, 224 };
  return !crops || read_json_size (reader->json, "crop_size", &config->crop, error);
}

/* The last of the members that are there counts. */
static gboolean
read_pixels (const IvImageReader *reader, GError **error)
{
  IvImageProcessorConfig *config = reader->config;
  JsonObject *size = iv_json_get_object (reader->json, "size");
  const struct {
    JsonObject *object;
    IvImageRule least, most;
  } rules[] = {
    { size, { "size.", "shortest_edge", MOST_PIXELS }, { "size.", "longest_edge", MOST_PIXELS } },
    { size, { "size.", "min_pixels", MOST_PIXELS }, { "size.", "max_pixels", MOST_PIXELS } },
    { reader->json, { "", "min_pixels", MOST_PIXELS }, { "", "max_pixels", MOST_PIXELS } },
  };
  if (size == NULL && iv_json_has (reader->json, "size"))
    return iv_image_fail_member (reader->json,
                                 &(IvImageRule){ "", "size" },
                                 "an object with the least and most pixels",
                                 error);
  if (reader->json == NULL)
    return iv_image_read_key (reader->weights,
                              "clip.vision.image_min_pixels",
                              MOST_PIXELS,
                              &config->min_pixels,
                              error) &&
           iv_image_read_key (reader->weights,
                              "clip.vision.image_max_pixels",
                              MOST_PIXELS,
                              &config->max_pixels,
                              error);
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (!iv_image_read_uint (rules[i].object, &rules[i].least, &config->min_pixels, error) ||
        !iv_image_read_uint (rules[i].object, &rules[i].most, &config->max_pixels, error))
      return FALSE;
  return TRUE;
}

/* One of the two numbers whose product is the factor. What the tower says must be the same. */
static gboolean
read_unit (const IvImageReader *reader,
           const char *member,
           guint64 fallback,
           guint *value,
           GError **error)
{
  g_autofree char *key = g_strdup_printf (
      "clip.vision.%s", g_str_equal (member, "merge_size") ? "spatial_merge_size" : member);
  guint64 own = fallback;
  const IvImageRule rule = { "", member, MOST_PATCH };
  if (!iv_image_read_key (reader->weights, key, MOST_PATCH, &own, error))
    return FALSE;
  guint64 number = own;
  if (!iv_image_read_uint (reader->json, &rule, &number, error))
    return FALSE;
  *value = (guint) number;
  if (number == own || !iv_weights_has (reader->weights, key))
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_MISMATCH,
               IV_IMAGE_PROCESSOR_FILE ": %s is %u, the vision tower's is %u",
               member,
               (guint) number,
               (guint) own);
  return FALSE;
}

static gboolean
read_smart (const IvImageReader *reader, GError **error)
{
  IvImageProcessorConfig *config = reader->config;
  guint patch, merge;
  if (!read_unit (reader, "patch_size", 14, &patch, error) ||
      !read_unit (reader, "merge_size", 2, &merge, error))
    return FALSE;
  config->factor = patch * merge;
  /* The class: 4 to 1280 units of 28 × 28 pixels. Qwen3-VL's published files: to 16384 units. */
  guint64 unit = (guint64) config->factor * config->factor;
  config->min_pixels = 4 * unit;
  config->max_pixels = (iv_image_reader_is (reader, "qwen3vl_merger") ? 16384 : 1280) * unit;
  if (!read_pixels (reader, error))
    return FALSE;
  if (config->min_pixels <= config->max_pixels && config->max_pixels >= unit &&
      config->max_pixels <= MOST_PIXELS)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_MISMATCH,
               "images of %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
               " pixels cannot be made of units of %u × %u",
               config->min_pixels,
               config->max_pixels,
               config->factor,
               config->factor);
  return FALSE;
}

/* Tiles. */

static gboolean
read_tiles (const IvImageReader *reader, GError **error)
{
  IvImageProcessorConfig *config = reader->config;
  const IvImageRule least = { "", "min_patches", IV_IMAGE_MAX_TILES };
  const IvImageRule most = { "", "max_patches", IV_IMAGE_MAX_TILES };
  gboolean cuts = iv_image_reader_is (reader, "internvl");
  guint64 min_tiles = 1, max_tiles = 12;
  if (!iv_image_read_bool (reader->json, "crop_to_patches", &cuts, error))
    return FALSE;
  if (!cuts)
    return TRUE;
  config->fit = IV_IMAGE_FIT_TILES;
  config->crop = (IvImageSize){ 0 };
  config->has_overview = TRUE;
  iv_weights_get_bool (reader->weights, "clip.vision.use_thumbnail", &config->has_overview);
  if (!iv_image_read_key (reader->weights,
                          "clip.vision.preproc_min_tiles",
                          IV_IMAGE_MAX_TILES,
                          &min_tiles,
                          error) ||
      !iv_image_read_key (reader->weights,
                          "clip.vision.preproc_max_tiles",
                          IV_IMAGE_MAX_TILES,
                          &max_tiles,
                          error) ||
      !iv_image_read_uint (reader->json, &least, &min_tiles, error) ||
      !iv_image_read_uint (reader->json, &most, &max_tiles, error))
    return FALSE;
  config->min_tiles = (guint) min_tiles;
  config->max_tiles = (guint) max_tiles;
  if (min_tiles <= max_tiles)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_MISMATCH,
               "from %u to %u tiles of an image cannot be cut",
               config->min_tiles,
               config->max_tiles);
  return FALSE;
}

static gboolean
fail_grids (const char *problem, GError **error)
{
  g_set_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT, "image_grid_pinpoints %s", problem);
  return FALSE;
}

static gboolean
add_grid (IvImageProcessorConfig *config, guint64 width, guint64 height, GError **error)
{
  const IvImageSize *tile = &config->size;
  if (config->n_grids == IV_IMAGE_MAX_GRIDS)
    return fail_grids ("has more than 64 sizes", error);
  if (width < 1 || height < 1 || width > MOST_SIDE || height > MOST_SIDE ||
      width % tile->width != 0 || height % tile->height != 0 ||
      width / tile->width * (height / tile->height) >= IV_IMAGE_MAX_TILES)
    return fail_grids ("has a size that is no grid of tiles", error);
  config->grids[config->n_grids++] = (IvImageSize){ (guint) width, (guint) height };
  return TRUE;
}

/* transformers: [height, width] each. */
static gboolean
read_json_grids (const IvImageReader *reader, JsonArray *array, GError **error)
{
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
    guint64 sides[2];
    if (pair == NULL || json_array_get_length (pair) != 2 ||
        !iv_json_node_get_uint (json_array_get_element (pair, 0), &sides[0]) ||
        !iv_json_node_get_uint (json_array_get_element (pair, 1), &sides[1]))
      return fail_grids ("is not a list of pairs of sides", error);
    if (!add_grid (reader->config, sides[1], sides[0], error))
      return FALSE;
  }
  return TRUE;
}

/* LLaVA's own configuration and GGUF: width, height, width, height … */
static gboolean
read_key_grids (const IvImageReader *reader, GError **error)
{
  const char *key = "clip.vision.image_grid_pinpoints";
  guint64 n = iv_weights_get_array_length (reader->weights, key);
  if (n == 0 || n % 2 != 0 || n > 2 * IV_IMAGE_MAX_GRIDS)
    return fail_grids ("is missing, or not a list of pairs of sides", error);
  for (guint64 i = 0; i < n; i += 2) {
    double width, height;
    if (!iv_weights_get_array_number (reader->weights, key, i, &width) ||
        !iv_weights_get_array_number (reader->weights, key, i + 1, &height) ||
        !(width >= 1 && width <= MOST_SIDE && height >= 1 && height <= MOST_SIDE))
      return fail_grids ("has a size that is no grid of tiles", error);
    if (!add_grid (reader->config, (guint64) width, (guint64) height, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_anyres (const IvImageReader *reader, GError **error)
{
  IvImageProcessorConfig *config = reader->config;
  JsonArray *array = iv_json_get_array (reader->json, "image_grid_pinpoints");
  config->has_overview = TRUE;
  /* The crop of LLaVA-NeXT is its tile; the tiles are of that size already. */
  if (config->crop.width > 0)
    config->size = config->crop;
  config->crop = (IvImageSize){ 0 };
  return array != NULL && json_array_get_length (array) > 0 ? read_json_grids (reader, array, error)
                                                            : read_key_grids (reader, error);
}

/* What belongs to LLaVA's own configuration: anyres, pad. */
static gboolean
read_aspect (const IvImageReader *reader, GError **error)
{
  IvImageProcessorConfig *config = reader->config;
  const char *aspect = iv_weights_get_string (reader->weights, "clip.vision.image_aspect_ratio");
  if (!iv_image_reader_is (reader, "mlp"))
    return TRUE;
  gboolean has_grids = iv_weights_has (reader->weights, "clip.vision.image_grid_pinpoints");
  if (aspect != NULL ? g_str_has_prefix (aspect, "anyres") : has_grids)
    config->fit = IV_IMAGE_FIT_ANYRES;
  else if (aspect == NULL ? reader->json == NULL : g_str_equal (aspect, "pad"))
    config->pads = TRUE;
  return iv_image_read_bool (reader->json, "do_pad", &config->pads, error);
}

static gboolean
read_own (const IvImageReader *reader, GError **error)
{
  switch (reader->config->fit) {
  case IV_IMAGE_FIT_SMART:
    return read_smart (reader, error);
  case IV_IMAGE_FIT_ANYRES:
    return read_anyres (reader, error);
  case IV_IMAGE_FIT_SQUASH:
    return read_tiles (reader, error);
  default:
    return TRUE;
  }
}

gboolean
iv_image_reader_read_fit (const IvImageReader *reader, const IvImageClass *class, GError **error)
{
  return start_sizes (reader, class, error) && read_aspect (reader, error) &&
         read_size (reader, error) && read_crop (reader, class, error) && read_own (reader, error);
}
