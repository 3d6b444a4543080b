/* The tokens of a model: bytes, kinds, scores, and how to find one.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-vocabulary.h"

#include <math.h>
#include <string.h>

#include "model/files/iv-model-error.h"

#define KEY_TOKENS "tokenizer.ggml.tokens"
#define KEY_KINDS "tokenizer.ggml.token_type"
#define KEY_SCORES "tokenizer.ggml.scores"
/* U+2581, which stands for a space in SPM vocabularies. */
#define SPACE_SIGN "\342\226\201"

/* More than any vocabulary has; ids are gint32. */
enum { MOST_TOKENS = 1 << 24 };

static gboolean
fail (GError **error, IvModelError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (GError **error, IvModelError code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autoptr (GError) problem = g_error_new_valist (IV_MODEL_ERROR, (gint) code, format, arguments);
  va_end (arguments);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static guint
hash_token (gconstpointer data)
{
  const IvToken *token = data;
  guint hash = 2166136261u; /* FNV-1a */
  for (guint i = 0; i < token->length; i++)
    hash = (hash ^ (guint8) token->bytes[i]) * 16777619u;
  return hash;
}

static gboolean
equal_tokens (gconstpointer a, gconstpointer b)
{
  const IvToken *first = a, *second = b;
  return first->length == second->length &&
         memcmp (first->bytes, second->bytes, first->length) == 0;
}

void
iv_vocabulary_free (IvVocabulary *vocabulary)
{
  for (guint i = 0; i < 256; i++)
    g_clear_pointer (&vocabulary->special_lengths[i], g_array_unref);
  g_hash_table_unref (vocabulary->specials);
  g_hash_table_unref (vocabulary->texts);
  g_free (vocabulary->arena);
  g_free (vocabulary->tokens);
  g_free (vocabulary);
}

/* The letters of byte-level BPE: printable bytes of Latin-1 stand for themselves, the other 68
 * (0–32, 127–160, 173) follow from U+0100 in their order. Returns -1 for a letter of no byte. */
static gint
letter_to_byte (gunichar letter)
{
  if ((letter >= '!' && letter <= '~') || (letter >= 0xa1 && letter <= 0xff && letter != 0xad))
    return (gint) letter;
  if (letter < 0x100 || letter > 0x100 + 67)
    return -1;
  gint n = (gint) letter - 0x100;
  return n <= 32 ? n : n < 67 ? n - 33 + 127 : 173;
}

static gsize
unescape_bpe (const char *text, gsize length, char *out)
{
  const char *end = text + length;
  gsize n = 0;
  if (!g_utf8_validate_len (text, length, NULL)) {
    memmove (out, text, length);
    return length;
  }
  /* A token with a letter of no byte is one that was added as text. */
  for (const char *c = text; c < end; c = g_utf8_next_char (c))
    if (letter_to_byte (g_utf8_get_char (c)) < 0) {
      memmove (out, text, length);
      return length;
    }
  for (const char *c = text; c < end;) {
    gunichar letter = g_utf8_get_char (c);
    c = g_utf8_next_char (c);
    out[n++] = (char) letter_to_byte (letter);
  }
  return n;
}

static gsize
unescape_spm (const char *text, gsize length, char *out)
{
  gsize n = 0;
  for (gsize i = 0; i < length;) {
    if (length - i >= 3 && memcmp (text + i, SPACE_SIGN, 3) == 0) {
      out[n++] = ' ';
      i += 3;
    } else {
      out[n++] = text[i++];
    }
  }
  return n;
}

gsize
iv_vocabulary_unescape (IvVocabularyModel model, const char *text, gsize length, char *out)
{
  return model == IV_VOCABULARY_BPE ? unescape_bpe (text, length, out)
                                    : unescape_spm (text, length, out);
}

static gboolean
read_model (IvVocabulary *vocabulary, IvWeights *weights, GError **error)
{
  const char *model = iv_weights_get_string (weights, "tokenizer.ggml.model");
  if (model == NULL)
    return fail (
        error, IV_MODEL_ERROR_FORMAT, "tokenizer.ggml.model is missing: there is no tokenizer");
  if (g_str_equal (model, "gpt2"))
    vocabulary->model = IV_VOCABULARY_BPE;
  else if (g_str_equal (model, "llama"))
    vocabulary->model = IV_VOCABULARY_SPM;
  else
    return fail (error,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "tokenizer.ggml.model “%s” is not supported; supported are gpt2 and llama",
                 model);
  return TRUE;
}

/* "<0x0A>" to 10; -1 for another form. */
static gint
parse_byte_name (const char *bytes, gsize length)
{
  if (length != 6 || memcmp (bytes, "<0x", 3) != 0 || bytes[5] != '>')
    return -1;
  gint high = g_ascii_xdigit_value (bytes[3]), low = g_ascii_xdigit_value (bytes[4]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Fills in one token; room is where its bytes go. Returns the number of bytes used. */
static gsize
read_token (IvVocabulary *vocabulary, IvWeights *weights, guint id, char *room)
{
  gsize length;
  double number;
  IvToken *token = &vocabulary->tokens[id];
  const char *text = iv_weights_get_array_string (weights, KEY_TOKENS, id, &length);
  token->kind = IV_TOKEN_NORMAL;
  if (iv_weights_get_array_number (weights, KEY_KINDS, id, &number) && number >= IV_TOKEN_NORMAL &&
      number <= IV_TOKEN_BYTE)
    token->kind = (IvTokenKind) number;
  if (iv_weights_get_array_number (weights, KEY_SCORES, id, &number))
    token->score = (float) number;
  token->bytes = room;
  gint byte = token->kind == IV_TOKEN_BYTE ? parse_byte_name (text, length) : -1;
  if (byte >= 0) {
    room[0] = (char) byte;
    token->length = 1;
  } else if (token->kind == IV_TOKEN_CONTROL || token->kind == IV_TOKEN_UNKNOWN ||
             (token->kind == IV_TOKEN_USER_DEFINED && vocabulary->model == IV_VOCABULARY_BPE)) {
    memcpy (room, text, length);
    token->length = (guint32) length;
  } else {
    token->length = (guint32) iv_vocabulary_unescape (vocabulary->model, text, length, room);
  }
  return token->length;
}

static gboolean
read_tokens (IvVocabulary *vocabulary, IvWeights *weights, GError **error)
{
  guint64 n = iv_weights_get_array_length (weights, KEY_TOKENS);
  gsize length, n_bytes = 0;
  if (n == 0 || n > MOST_TOKENS ||
      iv_weights_get_array_string (weights, KEY_TOKENS, 0, &length) == NULL)
    return fail (
        error, IV_MODEL_ERROR_FORMAT, KEY_TOKENS " is missing, empty or no array of strings");
  static const char *const companions[] = { KEY_KINDS, KEY_SCORES };
  for (guint i = 0; i < G_N_ELEMENTS (companions); i++)
    if (iv_weights_has (weights, companions[i]) &&
        iv_weights_get_array_length (weights, companions[i]) != n)
      return fail (error,
                   IV_MODEL_ERROR_MISMATCH,
                   "%s has %" G_GUINT64_FORMAT " items for %" G_GUINT64_FORMAT " tokens",
                   companions[i],
                   iv_weights_get_array_length (weights, companions[i]),
                   n);
  for (guint64 i = 0; i < n; i++) {
    iv_weights_get_array_string (weights, KEY_TOKENS, i, &length);
    n_bytes += length;
  }
  vocabulary->n_tokens = (guint) n;
  vocabulary->tokens = g_new0 (IvToken, n);
  vocabulary->arena = g_malloc (n_bytes + 1);
  char *room = vocabulary->arena;
  for (guint id = 0; id < vocabulary->n_tokens; id++) {
    room += read_token (vocabulary, weights, id, room);
    if (isnan (vocabulary->tokens[id].score))
      return fail (error, IV_MODEL_ERROR_FORMAT, KEY_SCORES "[%u] is not a number", id);
  }
  return TRUE;
}

static gint
compare_lengths (gconstpointer a, gconstpointer b)
{
  guint32 first = *(const guint32 *) a, second = *(const guint32 *) b;
  return first > second ? -1 : first < second;
}

static void
add_special_length (IvVocabulary *vocabulary, const IvToken *token)
{
  GArray **lengths = &vocabulary->special_lengths[(guint8) token->bytes[0]];
  if (*lengths == NULL)
    *lengths = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint i = 0; i < (*lengths)->len; i++)
    if (g_array_index (*lengths, guint32, i) == token->length)
      return;
  g_array_append_val (*lengths, token->length);
}

/* Of equal tokens the first counts. */
static void
index_tokens (IvVocabulary *vocabulary)
{
  for (guint i = 0; i < 256; i++)
    vocabulary->byte_ids[i] = -1;
  for (guint id = 0; id < vocabulary->n_tokens; id++) {
    IvToken *token = &vocabulary->tokens[id];
    gboolean is_special = token->kind == IV_TOKEN_CONTROL || token->kind == IV_TOKEN_UNKNOWN ||
                          token->kind == IV_TOKEN_USER_DEFINED;
    gboolean is_text = token->kind != IV_TOKEN_CONTROL && token->kind != IV_TOKEN_UNKNOWN &&
                       token->kind != IV_TOKEN_BYTE;
    gboolean is_byte =
        token->length == 1 &&
        (vocabulary->model == IV_VOCABULARY_BPE ? is_text : token->kind == IV_TOKEN_BYTE);
    if (token->length == 0)
      continue;
    if (is_byte && vocabulary->byte_ids[(guint8) token->bytes[0]] < 0)
      vocabulary->byte_ids[(guint8) token->bytes[0]] = (gint32) id;
    if (is_text && !g_hash_table_contains (vocabulary->texts, token))
      g_hash_table_add (vocabulary->texts, token);
    if (is_special && !g_hash_table_contains (vocabulary->specials, token)) {
      g_hash_table_add (vocabulary->specials, token);
      add_special_length (vocabulary, token);
    }
  }
  for (guint i = 0; i < 256; i++)
    if (vocabulary->special_lengths[i] != NULL)
      g_array_sort (vocabulary->special_lengths[i], compare_lengths);
}

static gboolean
read_id (IvVocabulary *vocabulary, IvWeights *weights, const char *key, gint32 *id, GError **error)
{
  guint64 number;
  *id = -1;
  if (!iv_weights_has (weights, key))
    return TRUE;
  if (iv_weights_get_uint (weights, key, &number) && number < vocabulary->n_tokens) {
    *id = (gint32) number;
    return TRUE;
  }
  return fail (error,
               IV_MODEL_ERROR_FORMAT,
               "%s is not the number of one of the %u tokens",
               key,
               vocabulary->n_tokens);
}

IvVocabulary *
iv_vocabulary_new (IvWeights *weights, GError **error)
{
  g_autoptr (IvVocabulary) vocabulary = g_new0 (IvVocabulary, 1);
  vocabulary->texts = g_hash_table_new (hash_token, equal_tokens);
  vocabulary->specials = g_hash_table_new (hash_token, equal_tokens);
  if (!read_model (vocabulary, weights, error) || !read_tokens (vocabulary, weights, error) ||
      !read_id (vocabulary, weights, "tokenizer.ggml.bos_token_id", &vocabulary->bos, error) ||
      !read_id (vocabulary, weights, "tokenizer.ggml.eos_token_id", &vocabulary->eos, error) ||
      !read_id (
          vocabulary, weights, "tokenizer.ggml.unknown_token_id", &vocabulary->unknown, error))
    return NULL;
  index_tokens (vocabulary);
  return g_steal_pointer (&vocabulary);
}

static gint32
look_up (const IvVocabulary *vocabulary, GHashTable *table, const char *bytes, gsize length)
{
  IvToken key = { .bytes = bytes, .length = (guint32) length };
  const IvToken *token = g_hash_table_lookup (table, &key);
  return token != NULL ? (gint32) (token - vocabulary->tokens) : -1;
}

gint32
iv_vocabulary_find_text (const IvVocabulary *vocabulary, const char *bytes, gsize length)
{
  return look_up (vocabulary, vocabulary->texts, bytes, length);
}

gint32
iv_vocabulary_find (const IvVocabulary *vocabulary, const char *bytes, gsize length)
{
  gint32 id = look_up (vocabulary, vocabulary->specials, bytes, length);
  return id >= 0 ? id : look_up (vocabulary, vocabulary->texts, bytes, length);
}

gint32
iv_vocabulary_match_special (const IvVocabulary *vocabulary,
                             const char *text,
                             gsize length,
                             gboolean parse_special)
{
  const GArray *lengths = vocabulary->special_lengths[(guint8) text[0]];
  for (guint i = 0; lengths != NULL && i < lengths->len; i++) {
    guint32 candidate = g_array_index (lengths, guint32, i);
    if (candidate > length)
      continue;
    gint32 id = look_up (vocabulary, vocabulary->specials, text, candidate);
    if (id >= 0 && (parse_special || vocabulary->tokens[id].kind == IV_TOKEN_USER_DEFINED))
      return id;
  }
  return -1;
}
