/* The processor of a model's images, from preprocessor_config.json or a GGUF file's keys.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-image-processor-config.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-image-processor-private.h"
#include "model/files/iv-json.h"
#include "model/files/iv-model-error.h"

/* Of a mean, a deviation or a scale, whether of 0 … 1 or of 0 … 255. */
#define LARGEST_FACTOR 1000.0
#define LEAST_FACTOR 1e-6

static const double norms[][2][3] = {
  [IV_IMAGE_NORM_CLIP] = { { 0.48145466, 0.4578275, 0.40821073 },
                           { 0.26862954, 0.26130258, 0.27577711 } },
  [IV_IMAGE_NORM_HALF] = { { 0.5, 0.5, 0.5 }, { 0.5, 0.5, 0.5 } },
};

static const IvImageClass classes[] = {
  { "BitImageProcessor",
    IV_IMAGE_FIT_SHORTEST_EDGE,
    IV_RESAMPLE_BICUBIC,
    224,
    TRUE,
    IV_IMAGE_NORM_CLIP },
  { "CLIPImageProcessor",
    IV_IMAGE_FIT_SHORTEST_EDGE,
    IV_RESAMPLE_BICUBIC,
    224,
    TRUE,
    IV_IMAGE_NORM_CLIP },
  { "Gemma3ImageProcessor",
    IV_IMAGE_FIT_SQUASH,
    IV_RESAMPLE_BILINEAR,
    224,
    FALSE,
    IV_IMAGE_NORM_HALF },
  { "GotOcr2ImageProcessor",
    IV_IMAGE_FIT_SQUASH,
    IV_RESAMPLE_BICUBIC,
    384,
    FALSE,
    IV_IMAGE_NORM_CLIP },
  { "LlavaImageProcessor",
    IV_IMAGE_FIT_SHORTEST_EDGE,
    IV_RESAMPLE_BICUBIC,
    224,
    TRUE,
    IV_IMAGE_NORM_CLIP },
  { "LlavaNextImageProcessor",
    IV_IMAGE_FIT_ANYRES,
    IV_RESAMPLE_BICUBIC,
    224,
    TRUE,
    IV_IMAGE_NORM_CLIP },
  { "LlavaOnevisionImageProcessor",
    IV_IMAGE_FIT_ANYRES,
    IV_RESAMPLE_BICUBIC,
    384,
    FALSE,
    IV_IMAGE_NORM_CLIP },
  { "Qwen2VLImageProcessor",
    IV_IMAGE_FIT_SMART,
    IV_RESAMPLE_BICUBIC,
    0,
    FALSE,
    IV_IMAGE_NORM_CLIP },
  { "SiglipImageProcessor",
    IV_IMAGE_FIT_SQUASH,
    IV_RESAMPLE_BICUBIC,
    224,
    FALSE,
    IV_IMAGE_NORM_HALF },
  { "ViTImageProcessor",
    IV_IMAGE_FIT_SQUASH,
    IV_RESAMPLE_BILINEAR,
    224,
    FALSE,
    IV_IMAGE_NORM_HALF },
};

/* The class of a projector whose files name none. */
typedef struct {
  const char *projector, *class;
} Family;

static const Family families[] = {
  { "cxr_llava", "CLIPImageProcessor" },
  { "gemma3", "Gemma3ImageProcessor" },
  { "internvl", "GotOcr2ImageProcessor" },
  { "maira2", "BitImageProcessor" },
  { "mlp", "CLIPImageProcessor" },
  { "qwen2.5o", "Qwen2VLImageProcessor" },
  { "qwen2.5vl_merger", "Qwen2VLImageProcessor" },
  { "qwen2vl_merger", "Qwen2VLImageProcessor" },
  { "qwen3vl_merger", "Qwen2VLImageProcessor" },
};

static void
reader_clear (IvImageReader *reader)
{
  g_clear_pointer (&reader->root, json_node_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IvImageReader, reader_clear)

gboolean
iv_image_reader_is (const IvImageReader *reader, const char *projector)
{
  return g_str_equal (reader->projector, projector);
}

gboolean
iv_image_fail_member (JsonObject *object,
                      const IvImageRule *rule,
                      const char *wanted,
                      GError **error)
{
  g_autofree char *text = iv_json_to_string (json_object_get_member (object, rule->member), FALSE);
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               IV_IMAGE_PROCESSOR_FILE ": %s%s is %.60s, not %s",
               rule->path,
               rule->member,
               text,
               wanted);
  return FALSE;
}

gboolean
iv_image_read_uint (JsonObject *object, const IvImageRule *rule, guint64 *value, GError **error)
{
  guint64 number;
  if (!iv_json_has (object, rule->member))
    return TRUE;
  if (iv_json_get_uint (object, rule->member, &number) && number >= 1 && number <= rule->most) {
    *value = number;
    return TRUE;
  }
  g_autofree char *wanted =
      g_strdup_printf ("a whole number from 1 to %" G_GUINT64_FORMAT, rule->most);
  return iv_image_fail_member (object, rule, wanted, error);
}

gboolean
iv_image_read_bool (JsonObject *object, const char *member, gboolean *value, GError **error)
{
  if (!iv_json_has (object, member) || iv_json_get_bool (object, member, value))
    return TRUE;
  return iv_image_fail_member (object, &(IvImageRule){ "", member }, "true or false", error);
}

gboolean
iv_image_read_key (IvWeights *weights,
                   const char *key,
                   guint64 most,
                   guint64 *value,
                   GError **error)
{
  guint64 number = 0;
  if (!iv_weights_has (weights, key))
    return TRUE;
  if (iv_weights_get_uint (weights, key, &number) && number >= 1 && number <= most) {
    *value = number;
    return TRUE;
  }
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "%s is not a whole number from 1 to %" G_GUINT64_FORMAT,
               key,
               most);
  return FALSE;
}

/* Which class. */

static const IvImageClass *
find_class (const char *name)
{
  g_autoptr (GString) plain = g_string_new (name);
  if (g_str_has_suffix (plain->str, "Fast"))
    g_string_truncate (plain, plain->len - strlen ("Fast"));
  g_string_replace (plain, "FeatureExtractor", "ImageProcessor", 1);
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_str_equal (classes[i].name, plain->str))
      return &classes[i];
  return NULL;
}

static const IvImageClass *
fail_class (const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", classes[i].name);
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_UNSUPPORTED,
               IV_IMAGE_PROCESSOR_FILE ": image processor “%s” is not supported; supported are %s",
               name,
               names->str);
  return NULL;
}

static const IvImageClass *
choose_class (const IvImageReader *reader, GError **error)
{
  const char *member = iv_json_has (reader->json, "image_processor_type")
                           ? "image_processor_type"
                           : "feature_extractor_type";
  const char *name = iv_json_get_string (reader->json, member);
  const IvImageClass *class = name != NULL ? find_class (name) : NULL;
  if (name == NULL && iv_json_has (reader->json, member)) {
    iv_image_fail_member (reader->json, &(IvImageRule){ "", member }, "a name", error);
    return NULL;
  }
  if (name != NULL && class == NULL)
    return fail_class (name, error);
  /* InternVL's own files name CLIP's class for its means; its tiles are cut by its code. */
  if (class != NULL && !iv_image_reader_is (reader, "internvl"))
    return class;
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (iv_image_reader_is (reader, families[i].projector))
      return find_class (families[i].class);
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_UNSUPPORTED,
               "images for projector “%s” are not supported",
               reader->projector);
  return NULL;
}

/* Values. */

static gboolean
read_resample (const IvImageReader *reader, GError **error)
{
  guint64 number;
  gboolean resizes = TRUE;
  if (!iv_image_read_bool (reader->json, "do_resize", &resizes, error))
    return FALSE;
  if (!resizes)
    reader->config->fit = IV_IMAGE_FIT_NONE;
  if (!iv_json_has (reader->json, "resample"))
    return TRUE;
  if (!iv_json_get_uint (reader->json, "resample", &number) || number > IV_RESAMPLE_HAMMING)
    return iv_image_fail_member (
        reader->json, &(IvImageRule){ "", "resample" }, "a whole number from 0 to 5", error);
  reader->config->resample = (IvResample) number;
  return TRUE;
}

static gboolean
is_plausible (double value, gboolean is_deviation)
{
  return isfinite (value) && fabs (value) <= LARGEST_FACTOR &&
         (!is_deviation || value >= LEAST_FACTOR);
}

/* NAN for what is no number. */
static double
get_json_value (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_NONE;
  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : NAN;
}

/* image_mean or image_std, one for each channel: the processor's; of a file without one, and of
 * CXR-LLaVA, which has them in config.json, the tower's; the class's. */
static gboolean
read_values (const IvImageReader *reader, const char *member, double values[3], GError **error)
{
  g_autofree char *key = g_strconcat ("clip.vision.", member, NULL);
  guint n = reader->config->channels;
  gboolean is_deviation = g_str_equal (member, "image_std"), has_member;
  JsonArray *array = iv_json_get_array (reader->json, member);
  has_member = iv_json_has (reader->json, member);
  gboolean has_key = !has_member && iv_weights_has (reader->weights, key) &&
                     (reader->json == NULL || iv_image_reader_is (reader, "cxr_llava"));
  guint64 n_there = array != NULL ? json_array_get_length (array)
                    : has_key     ? iv_weights_get_array_length (reader->weights, key)
                                  : n;
  gboolean is_good = n_there == n && (array != NULL || !has_member);
  for (guint i = 0; is_good && i < n; i++) {
    if (array != NULL)
      values[i] = get_json_value (array, i);
    else if (has_key && !iv_weights_get_array_number (reader->weights, key, i, &values[i]))
      values[i] = NAN;
    is_good = is_plausible (values[i], is_deviation);
  }
  if (is_good)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_FORMAT,
               "%s%s is not a list of %u plausible numbers, one for each channel",
               has_member ? IV_IMAGE_PROCESSOR_FILE ": " : "clip.vision.",
               member,
               n);
  return FALSE;
}

static gboolean
read_normalisation (const IvImageReader *reader, const IvImageClass *class, GError **error)
{
  IvImageProcessorConfig *config = reader->config;
  gboolean rescales = TRUE, normalises = TRUE;
  config->scale = 1 / 255.0;
  memcpy (config->mean, norms[class->norm][0], sizeof config->mean);
  memcpy (config->deviation, norms[class->norm][1], sizeof config->deviation);
  if (!iv_image_read_bool (reader->json, "do_rescale", &rescales, error) ||
      !iv_image_read_bool (reader->json, "do_normalize", &normalises, error) ||
      !read_values (reader, "image_mean", config->mean, error) ||
      !read_values (reader, "image_std", config->deviation, error))
    return FALSE;
  if (iv_json_has (reader->json, "rescale_factor") &&
      !(iv_json_get_number (reader->json, "rescale_factor", &config->scale) &&
        config->scale >= LEAST_FACTOR && config->scale <= LARGEST_FACTOR))
    return iv_image_fail_member (
        reader->json, &(IvImageRule){ "", "rescale_factor" }, "a plausible factor", error);
  if (config->pads)
    for (guint i = 0; i < config->channels; i++)
      config->pad_colour[i] = (guint8) CLAMP (255 * config->mean[i], 0, 255);
  if (!rescales)
    config->scale = 1;
  for (guint i = 0; !normalises && i < config->channels; i++) {
    config->mean[i] = 0;
    config->deviation[i] = 1;
  }
  return TRUE;
}

static gboolean
read_channels (const IvImageReader *reader, GError **error)
{
  const IvTensor *patches = iv_weights_find (reader->weights, "v.patch_embd.weight");
  gboolean is_gray = iv_image_reader_is (reader, "cxr_llava");
  reader->config->channels = is_gray ? 1 : 3;
  if (patches != NULL && patches->n_dims == 4)
    reader->config->channels = (guint) CLAMP (patches->shape[1], 0, G_MAXINT32);
  if (reader->config->channels == 1 || reader->config->channels == 3)
    return TRUE;
  g_set_error (error,
               IV_MODEL_ERROR,
               IV_MODEL_ERROR_UNSUPPORTED,
               "tensor v.patch_embd.weight is for images of %u channels, not 1 or 3",
               reader->config->channels);
  return FALSE;
}

static gboolean
check_pan_and_scan (const IvImageReader *reader, GError **error)
{
  gboolean pans = FALSE;
  if (!iv_image_read_bool (reader->json, "do_pan_and_scan", &pans, error))
    return FALSE;
  if (!pans)
    return TRUE;
  g_set_error_literal (error,
                       IV_MODEL_ERROR,
                       IV_MODEL_ERROR_UNSUPPORTED,
                       IV_IMAGE_PROCESSOR_FILE ": do_pan_and_scan is not supported");
  return FALSE;
}

static gboolean
read_all (const IvImageReader *reader, GError **error)
{
  IvImageProcessorConfig *config = reader->config;
  const char *owner = iv_json_get_string (reader->json, "processor_class");
  const IvImageClass *class = choose_class (reader, error);
  if (class == NULL)
    return FALSE;
  config->fit = class->fit;
  config->resample = class->resample;
  /* CXR-LLaVA's code asks for resample=True, which is 1. */
  if (iv_image_reader_is (reader, "cxr_llava"))
    config->resample = IV_RESAMPLE_LANCZOS;
  config->stretches =
      iv_image_reader_is (reader, "maira2") || g_strcmp0 (owner, "Maira2Processor") == 0;
  return read_channels (reader, error) && iv_image_reader_read_fit (reader, class, error) &&
         check_pan_and_scan (reader, error) && read_resample (reader, error) &&
         read_normalisation (reader, class, error);
}

gboolean
iv_image_processor_config_read (IvWeights *weights, IvImageProcessorConfig *config, GError **error)
{
  const char *text = iv_weights_get_string (weights, IV_KEY_PREPROCESSOR);
  g_auto (IvImageReader) reader = { .weights = weights, .config = config };
  memset (config, 0, sizeof *config);
  reader.projector = iv_weights_get_string (weights, "clip.projector_type");
  if (reader.projector == NULL)
    reader.projector = iv_weights_get_string (weights, "clip.vision.projector_type");
  gboolean is_read = reader.projector != NULL;
  if (!is_read)
    g_set_error_literal (error,
                         IV_MODEL_ERROR,
                         IV_MODEL_ERROR_UNSUPPORTED,
                         "no vision tower: clip.projector_type is missing");
  if (is_read && text != NULL) {
    reader.root = iv_json_parse (text, strlen (text), error);
    is_read = reader.root != NULL;
    reader.json = is_read ? json_node_get_object (reader.root) : NULL;
  }
  is_read = is_read && read_all (&reader, error);
  if (!is_read)
    g_prefix_error (error, "%s: ", iv_weights_get_file (weights));
  return is_read;
}

void
iv_image_processor_config_limit (IvImageProcessorConfig *config, guint64 max_pixels)
{
  guint64 unit = (guint64) config->factor * config->factor;
  guint64 tile = (guint64) config->size.width * config->size.height;
  if (config->fit == IV_IMAGE_FIT_SMART) {
    config->max_pixels = MIN (config->max_pixels, MAX (max_pixels, unit));
    config->min_pixels = MIN (config->min_pixels, config->max_pixels);
  } else if (config->fit == IV_IMAGE_FIT_TILES) {
    guint64 n_tiles = MAX (max_pixels / tile, 1);
    config->max_tiles = (guint) MIN (config->max_tiles, n_tiles);
    config->min_tiles = MIN (config->min_tiles, config->max_tiles);
  }
}
