/* tokenizer.json and its companions under GGUF's tokenizer keys.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-hf.h"

#include <string.h>

#include "model/files/iv-model-error.h"
#include "model/files/iv-pretokenizer.h"
#include "model/files/iv-vocabulary.h"

/* Ids may leave gaps, but a table much larger than the file's own list is not made. */
enum { MOST_GAP = 65536 };

typedef struct {
  const char **names; /* by id; NULL: a gap */
  guint8 *kinds;
  guint n;
  gboolean is_spm;
} Tokens;

static gboolean
fail (GError **error, IvModelError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (GError **error, IvModelError code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, IV_MODEL_ERROR, (gint) code, "tokenizer.json: %s", problem);
  return FALSE;
}

/* Arrays in GGUF's form. */

static void
append_number (GByteArray *items, guint64 value, guint size)
{
  for (guint i = 0; i < size; i++) {
    guint8 byte = (guint8) (value >> (8 * i));
    g_byte_array_append (items, &byte, 1);
  }
}

static void
append_text (GByteArray *items, const char *text)
{
  gsize length = strlen (text);
  append_number (items, length, 8);
  g_byte_array_append (items, (const guint8 *) text, (guint) length);
}

/* The parts of a pipeline that are of this type, a Sequence opened. Returns the first. */
static JsonObject *
find_part (JsonObject *part, const char *list, const char *type)
{
  JsonArray *parts = iv_json_get_array (part, list);
  if (part != NULL && g_strcmp0 (iv_json_get_string (part, "type"), type) == 0)
    return part;
  for (guint i = 0; parts != NULL && i < json_array_get_length (parts); i++) {
    JsonNode *node = json_array_get_element (parts, i);
    JsonObject *inner = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    if (inner != NULL && g_strcmp0 (iv_json_get_string (inner, "type"), type) == 0)
      return inner;
  }
  return NULL;
}

/* Tokens. */

static gboolean
find_count (JsonObject *vocabulary, JsonArray *added, const IvHf *hf, guint *n, GError **error)
{
  guint64 most = 0, id, n_listed = json_object_get_size (vocabulary);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  json_object_iter_init (&iter, vocabulary);
  while (json_object_iter_next (&iter, &name, &node)) {
    if (!iv_json_node_get_uint (node, &id))
      return fail (error, IV_MODEL_ERROR_FORMAT, "the id of token “%s” is no number", name);
    most = MAX (most, id);
  }
  for (guint i = 0; added != NULL && i < json_array_get_length (added); i++) {
    node = json_array_get_element (added, i);
    if (!JSON_NODE_HOLDS_OBJECT (node) ||
        !iv_json_get_uint (json_node_get_object (node), "id", &id) ||
        iv_json_get_string (json_node_get_object (node), "content") == NULL)
      return fail (error, IV_MODEL_ERROR_FORMAT, "added_tokens[%u] has no id or content", i);
    most = MAX (most, id);
    n_listed++;
  }
  if (most >= 2 * n_listed + MOST_GAP)
    return fail (error,
                 IV_MODEL_ERROR_FORMAT,
                 "id %" G_GUINT64_FORMAT " among only %" G_GUINT64_FORMAT " tokens",
                 most,
                 n_listed);
  /* The embeddings' rows decide; ids behind the last are padding. */
  const IvTensor *embeddings = iv_weights_find (hf->weights, "token_embd.weight");
  guint64 rows = embeddings != NULL ? (guint64) embeddings->shape[0] : most + 1;
  *n = (guint) MAX (rows, most + 1);
  if (rows > most && rows - most <= MOST_GAP)
    return TRUE;
  return fail (error,
               IV_MODEL_ERROR_MISMATCH,
               "the last token has id %" G_GUINT64_FORMAT ", but there are %" G_GUINT64_FORMAT
               " embeddings",
               most,
               rows);
}

static IvTokenKind
find_kind (const Tokens *tokens, const char *name, const char *unknown)
{
  if (g_strcmp0 (name, unknown) == 0)
    return IV_TOKEN_UNKNOWN;
  gboolean is_byte = tokens->is_spm && strlen (name) == 6 && g_str_has_prefix (name, "<0x") &&
                     g_ascii_isxdigit (name[3]) && g_ascii_isxdigit (name[4]) && name[5] == '>';
  return is_byte ? IV_TOKEN_BYTE : IV_TOKEN_NORMAL;
}

static void
collect_tokens (Tokens *tokens, JsonObject *model, JsonArray *added)
{
  const char *unknown = iv_json_get_string (model, "unk_token");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  guint64 id = 0;
  json_object_iter_init (&iter, iv_json_get_object (model, "vocab"));
  while (json_object_iter_next (&iter, &name, &node)) {
    iv_json_node_get_uint (node, &id);
    tokens->names[id] = name;
    tokens->kinds[id] = (guint8) find_kind (tokens, name, unknown);
  }
  for (guint i = 0; added != NULL && i < json_array_get_length (added); i++) {
    JsonObject *token = json_array_get_object_element (added, i);
    gboolean is_special = FALSE;
    iv_json_get_uint (token, "id", &id);
    iv_json_get_bool (token, "special", &is_special);
    tokens->names[id] = iv_json_get_string (token, "content");
    if (tokens->kinds[id] != IV_TOKEN_UNKNOWN)
      tokens->kinds[id] = is_special ? IV_TOKEN_CONTROL : IV_TOKEN_USER_DEFINED;
  }
}

static void
store_tokens (IvHf *hf, const Tokens *tokens)
{
  GByteArray *names = g_byte_array_new (), *kinds = g_byte_array_new ();
  for (guint id = 0; id < tokens->n; id++) {
    g_autofree char *padding = tokens->names[id] == NULL ? g_strdup_printf ("[PAD%u]", id) : NULL;
    append_text (names, padding != NULL ? padding : tokens->names[id]);
    append_number (kinds, padding != NULL ? IV_TOKEN_UNUSED : tokens->kinds[id], 4);
    if (tokens->kinds[id] == IV_TOKEN_UNKNOWN)
      iv_weights_set_uint (hf->weights, "tokenizer.ggml.unknown_token_id", id);
  }
  iv_weights_set_array (hf->weights, "tokenizer.ggml.tokens", IV_META_STRING, tokens->n, names);
  iv_weights_set_array (hf->weights, "tokenizer.ggml.token_type", IV_META_U32, tokens->n, kinds);
}

/* "left right", or [left, right] in newer files. */
static gboolean
append_merge (GByteArray *items, JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_string (node) != NULL) {
    append_text (items, json_node_get_string (node));
    return TRUE;
  }
  JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  const char *halves[2];
  for (guint i = 0; i < 2; i++) {
    JsonNode *half =
        pair != NULL && json_array_get_length (pair) == 2 ? json_array_get_element (pair, i) : NULL;
    halves[i] = half != NULL && JSON_NODE_HOLDS_VALUE (half) ? json_node_get_string (half) : NULL;
    if (halves[i] == NULL)
      return FALSE;
  }
  g_autofree char *text = g_strconcat (halves[0], " ", halves[1], NULL);
  append_text (items, text);
  return TRUE;
}

static gboolean
copy_merges (IvHf *hf, JsonObject *model, GError **error)
{
  JsonArray *merges = iv_json_get_array (model, "merges");
  GByteArray *items = g_byte_array_new ();
  guint n = merges != NULL ? json_array_get_length (merges) : 0;
  guint i = 0;
  while (i < n && append_merge (items, json_array_get_element (merges, i)))
    i++;
  iv_weights_set_array (hf->weights, "tokenizer.ggml.merges", IV_META_STRING, i, items);
  return (merges != NULL && i == n) ||
         fail (error, IV_MODEL_ERROR_FORMAT, "model.merges[%u] is not a pair", i);
}

static gboolean
copy_vocabulary (IvHf *hf, JsonObject *tokenizer, JsonObject *model, GError **error)
{
  Tokens tokens = { .is_spm = FALSE };
  JsonArray *added = iv_json_get_array (tokenizer, "added_tokens");
  iv_json_get_bool (model, "byte_fallback", &tokens.is_spm);
  if (iv_json_get_object (model, "vocab") == NULL)
    return fail (error, IV_MODEL_ERROR_FORMAT, "model.vocab is missing or no object");
  if (!find_count (iv_json_get_object (model, "vocab"), added, hf, &tokens.n, error))
    return FALSE;
  tokens.names = g_new0 (const char *, tokens.n);
  tokens.kinds = g_new0 (guint8, tokens.n);
  collect_tokens (&tokens, model, added);
  store_tokens (hf, &tokens);
  g_free (tokens.names);
  g_free (tokens.kinds);
  iv_weights_set_string (hf->weights, "tokenizer.ggml.model", tokens.is_spm ? "llama" : "gpt2");
  return copy_merges (hf, model, error);
}

/* What happens before the merges. */

static gboolean
copy_pretokenizer (IvHf *hf, JsonObject *tokenizer, JsonObject *model, GError **error)
{
  JsonObject *stage = iv_json_get_object (tokenizer, "pre_tokenizer");
  JsonObject *split = find_part (stage, "pretokenizers", "Split");
  JsonObject *bytes = find_part (stage, "pretokenizers", "ByteLevel");
  const char *pattern = iv_json_get_string (iv_json_get_object (split, "pattern"), "Regex");
  gboolean uses_own = TRUE, takes_whole;
  if (bytes == NULL)
    return fail (error, IV_MODEL_ERROR_UNSUPPORTED, "a BPE that is neither of bytes nor of text");
  iv_json_get_bool (bytes, "use_regex", &uses_own);
  const char *name = pattern != NULL             ? iv_pretokenizer_recognise (pattern)
                     : uses_own && split == NULL ? "gpt-2"
                                                 : NULL;
  if (name == NULL)
    return fail (error,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "the pre-tokenizer's expression “%s” is not known",
                 pattern != NULL ? pattern : "");
  iv_weights_set_string (hf->weights, "tokenizer.ggml.pre", name);
  JsonObject *normalizer = iv_json_get_object (tokenizer, "normalizer");
  iv_weights_set_bool (hf->weights,
                       "tokenizer.ggml.normalise_nfc",
                       find_part (normalizer, "normalizers", "NFC") != NULL);
  if (iv_json_get_bool (model, "ignore_merges", &takes_whole))
    iv_weights_set_bool (hf->weights, "tokenizer.ggml.ignore_merges", takes_whole);
  return TRUE;
}

/* The space before a text: a normalizer that prepends one, or Metaspace with its scheme. */
static void
copy_prefix (IvHf *hf, JsonObject *tokenizer)
{
  JsonObject *normalizer = iv_json_get_object (tokenizer, "normalizer");
  JsonObject *stage = iv_json_get_object (tokenizer, "pre_tokenizer");
  JsonObject *metaspace = find_part (stage, "pretokenizers", "Metaspace");
  const char *scheme = iv_json_get_string (metaspace, "prepend_scheme");
  gboolean has_prefix = find_part (normalizer, "normalizers", "Prepend") != NULL;
  gboolean is_wanted = TRUE;
  if (metaspace != NULL) {
    iv_json_get_bool (metaspace, "add_prefix_space", &is_wanted);
    has_prefix = scheme != NULL ? !g_str_equal (scheme, "never") : is_wanted;
  }
  iv_weights_set_bool (hf->weights, "tokenizer.ggml.add_space_prefix", has_prefix);
  iv_weights_set_bool (
      hf->weights, "tokenizer.ggml.space_prefix_first_only", g_strcmp0 (scheme, "first") == 0);
}

/* Special tokens. */

/* A token's id by its text, as the vocabulary has just been stored. */
static gboolean
find_id (IvHf *hf, const char *text, guint64 *id)
{
  gsize length, wanted = strlen (text);
  guint64 n = iv_weights_get_array_length (hf->weights, "tokenizer.ggml.tokens");
  for (*id = 0; *id < n; (*id)++) {
    const char *name =
        iv_weights_get_array_string (hf->weights, "tokenizer.ggml.tokens", *id, &length);
    if (length == wanted && memcmp (name, text, length) == 0)
      return TRUE;
  }
  return FALSE;
}

/* bos_token of tokenizer_config.json is a text or an object with one; else bos_token_id of the
 * other files, a number or a list. */
static void
copy_special (IvHf *hf, JsonObject *settings, JsonObject *generation, const char *name)
{
  g_autofree char *token = g_strdup_printf ("%s_token", name);
  g_autofree char *member = g_strdup_printf ("%s_token_id", name);
  g_autofree char *key = g_strdup_printf ("tokenizer.ggml.%s_token_id", name);
  const char *text = iv_json_get_string (settings, token);
  JsonObject *sources[] = { generation, hf->text, hf->config };
  guint64 id;
  if (text == NULL)
    text = iv_json_get_string (iv_json_get_object (settings, token), "content");
  if (text != NULL && find_id (hf, text, &id)) {
    iv_weights_set_uint (hf->weights, key, id);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++) {
    JsonArray *list = iv_json_get_array (sources[i], member);
    if (iv_json_get_uint (sources[i], member, &id) ||
        (list != NULL && json_array_get_length (list) > 0 &&
         iv_json_node_get_uint (json_array_get_element (list, 0), &id))) {
      iv_weights_set_uint (hf->weights, key, id);
      return;
    }
  }
}

static void
copy_stops (IvHf *hf, JsonObject *generation)
{
  JsonObject *sources[] = { generation, hf->text, hf->config };
  GByteArray *items = g_byte_array_new ();
  guint64 id;
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++) {
    JsonArray *list = iv_json_get_array (sources[i], "eos_token_id");
    if (iv_json_get_uint (sources[i], "eos_token_id", &id))
      append_number (items, id, 8);
    for (guint k = 0; list != NULL && k < json_array_get_length (list); k++)
      if (iv_json_node_get_uint (json_array_get_element (list, k), &id))
        append_number (items, id, 8);
  }
  guint64 n = items->len / 8;
  iv_weights_set_array (hf->weights, "tokenizer.ggml.eos_token_ids", IV_META_U64, n, items);
}

/* The settings say so, or the post-processor puts a special token first. */
static void
copy_add_bos (IvHf *hf, JsonObject *tokenizer, JsonObject *settings)
{
  JsonObject *stage = iv_json_get_object (tokenizer, "post_processor");
  JsonObject *sequence = find_part (stage, "processors", "TemplateProcessing");
  JsonArray *single = iv_json_get_array (sequence, "single");
  JsonNode *first = single != NULL && json_array_get_length (single) > 0
                        ? json_array_get_element (single, 0)
                        : NULL;
  gboolean add_bos = first != NULL && JSON_NODE_HOLDS_OBJECT (first) &&
                     iv_json_has (json_node_get_object (first), "SpecialToken");
  iv_json_get_bool (settings, "add_bos_token", &add_bos);
  iv_weights_set_bool (hf->weights, "tokenizer.ggml.add_bos_token", add_bos);
}

/* The chat template. */

/* A text, or a list of named ones of which "default" counts. */
static const char *
find_template (JsonObject *object)
{
  const char *text = iv_json_get_string (object, "chat_template");
  JsonArray *list = iv_json_get_array (object, "chat_template");
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++) {
    JsonNode *node = json_array_get_element (list, i);
    JsonObject *entry = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    if (g_strcmp0 (iv_json_get_string (entry, "name"), "default") == 0)
      text = iv_json_get_string (entry, "template");
  }
  return text;
}

static gboolean
copy_template (IvHf *hf, JsonObject *settings, GError **error)
{
  g_autofree char *file = g_build_filename (hf->folder, "chat_template.jinja", NULL);
  g_autoptr (JsonNode) own = NULL;
  if (!iv_hf_load_json (hf, "chat_template.json", &own, error))
    return FALSE;
  const char *text = find_template (own != NULL ? json_node_get_object (own) : NULL);
  if (text == NULL)
    text = find_template (settings);
  if (text != NULL)
    iv_weights_set_string (hf->weights, "tokenizer.chat_template", text);
  if (!g_file_test (file, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  gsize size;
  GBytes *bytes = iv_weights_map_file (file, error);
  if (bytes == NULL)
    return FALSE;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *jinja = g_utf8_make_valid (data, (gssize) size);
  iv_weights_set_string (hf->weights, "tokenizer.chat_template", jinja);
  iv_weights_take_bytes (hf->weights, bytes, size);
  return TRUE;
}

static gboolean
copy_tokenizer (IvHf *hf, JsonObject *tokenizer, JsonObject *settings, GError **error)
{
  JsonObject *model = iv_json_get_object (tokenizer, "model");
  const char *type = iv_json_get_string (model, "type");
  g_autoptr (JsonNode) generation = NULL;
  gboolean is_spm = FALSE;
  if (g_strcmp0 (type, "BPE") != 0)
    return fail (error,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "model.type is “%s”; supported is BPE",
                 type != NULL ? type : "");
  iv_json_get_bool (model, "byte_fallback", &is_spm);
  if (!copy_vocabulary (hf, tokenizer, model, error))
    return FALSE;
  if (is_spm)
    copy_prefix (hf, tokenizer);
  else if (!copy_pretokenizer (hf, tokenizer, model, error))
    return FALSE;
  if (!iv_hf_load_json (hf, "generation_config.json", &generation, error))
    return FALSE;
  JsonObject *defaults = generation != NULL ? json_node_get_object (generation) : NULL;
  copy_special (hf, settings, defaults, "bos");
  copy_special (hf, settings, defaults, "eos");
  copy_stops (hf, defaults);
  copy_add_bos (hf, tokenizer, settings);
  return TRUE;
}

gboolean
iv_hf_read_tokenizer (IvHf *hf, GError **error)
{
  g_autoptr (JsonNode) tokenizer = NULL;
  g_autoptr (JsonNode) settings = NULL;
  if (!iv_hf_load_json (hf, "tokenizer.json", &tokenizer, error) ||
      !iv_hf_load_json (hf, "tokenizer_config.json", &settings, error))
    return FALSE;
  JsonObject *object = settings != NULL ? json_node_get_object (settings) : NULL;
  /* Without a tokenizer.json the weights are still good for token ids. */
  if (tokenizer != NULL && !copy_tokenizer (hf, json_node_get_object (tokenizer), object, error))
    return FALSE;
  return copy_template (hf, object, error);
}
