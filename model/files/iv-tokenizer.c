/* Text to token ids and back: special tokens first, then BPE or SPM on what lies between.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-tokenizer.h"

#include <string.h>

#include "model/files/iv-merge-table.h"
#include "model/files/iv-merger.h"
#include "model/files/iv-model-error.h"
#include "model/files/iv-pretokenizer.h"
#include "model/files/iv-vocabulary.h"

/* Where an SPM vocabulary puts a space before the text. */
typedef enum { PREFIX_NEVER, PREFIX_FIRST, PREFIX_ALWAYS } Prefix;

struct IvTokenizer {
  IvVocabulary *vocabulary;
  IvMergeTable *merges;         /* NULL: SPM by scores */
  IvPretokenizer *pretokenizer; /* BPE only */
  Prefix prefix;
  gboolean add_bos, normalises, takes_whole;
  GHashTable *stops; /* set of ids */
};

/* One text on its way to ids. */
typedef struct {
  const IvTokenizer *tokenizer;
  IvMerger *merger;
  GArray *ids;
} Encoder;

/* Names of tokens that end a turn or a text, in every family that is read. */
static const char *const stop_names[] = {
  "<|im_end|>",      "<|endoftext|>", "<|eot_id|>", "<|end|>",         "<|eom_id|>",
  "<|end_of_text|>", "<end_of_turn>", "</s>",       "<|end_of_turn|>",
};

void
iv_tokenizer_free (IvTokenizer *tokenizer)
{
  g_clear_pointer (&tokenizer->stops, g_hash_table_unref);
  g_clear_pointer (&tokenizer->pretokenizer, iv_pretokenizer_free);
  g_clear_pointer (&tokenizer->merges, iv_merge_table_free);
  g_clear_pointer (&tokenizer->vocabulary, iv_vocabulary_free);
  g_free (tokenizer);
}

static void
add_stop (IvTokenizer *tokenizer, double id)
{
  if (id >= 0 && id < tokenizer->vocabulary->n_tokens)
    g_hash_table_add (tokenizer->stops, GINT_TO_POINTER ((gint) id));
}

static void
collect_stops (IvTokenizer *tokenizer, IvWeights *weights)
{
  static const char *const keys[] = { "tokenizer.ggml.eot_token_id",
                                      "tokenizer.ggml.eom_token_id" };
  double number;
  guint64 id;
  tokenizer->stops = g_hash_table_new (NULL, NULL);
  add_stop (tokenizer, tokenizer->vocabulary->eos);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (iv_weights_get_uint (weights, keys[i], &id))
      add_stop (tokenizer, (double) id);
  for (guint64 i = 0;
       iv_weights_get_array_number (weights, "tokenizer.ggml.eos_token_ids", i, &number);
       i++)
    add_stop (tokenizer, number);
  for (guint i = 0; i < G_N_ELEMENTS (stop_names); i++) {
    gint32 found = iv_tokenizer_find (tokenizer, stop_names[i]);
    IvTokenKind kind = found >= 0 ? tokenizer->vocabulary->tokens[found].kind : IV_TOKEN_NORMAL;
    if (kind == IV_TOKEN_CONTROL || kind == IV_TOKEN_USER_DEFINED)
      add_stop (tokenizer, found);
  }
}

static gboolean
get_flag (IvWeights *weights, const char *key, gboolean fallback)
{
  gboolean value;
  return iv_weights_get_bool (weights, key, &value) ? value : fallback;
}

static gboolean
set_up_bpe (IvTokenizer *tokenizer, IvWeights *weights, GError **error)
{
  const char *pre = iv_weights_get_string (weights, "tokenizer.ggml.pre");
  tokenizer->pretokenizer = iv_pretokenizer_new (pre != NULL ? pre : "default", error);
  if (tokenizer->pretokenizer == NULL)
    return FALSE;
  tokenizer->add_bos = iv_pretokenizer_starts (tokenizer->pretokenizer);
  tokenizer->normalises = get_flag (weights,
                                    "tokenizer.ggml.normalise_nfc",
                                    iv_pretokenizer_normalises (tokenizer->pretokenizer));
  tokenizer->takes_whole = get_flag (weights,
                                     "tokenizer.ggml.ignore_merges",
                                     iv_pretokenizer_takes_whole (tokenizer->pretokenizer));
  return TRUE;
}

static gboolean
set_up (IvTokenizer *tokenizer, IvWeights *weights, GError **error)
{
  tokenizer->vocabulary = iv_vocabulary_new (weights, error);
  if (tokenizer->vocabulary == NULL)
    return FALSE;
  gboolean is_bpe = tokenizer->vocabulary->model == IV_VOCABULARY_BPE;
  tokenizer->add_bos = TRUE;
  if (is_bpe && !set_up_bpe (tokenizer, weights, error))
    return FALSE;
  /* SPM vocabularies of a tokenizer.json have merges in place of scores. */
  if (is_bpe || iv_weights_has (weights, "tokenizer.ggml.merges")) {
    tokenizer->merges = iv_merge_table_new (tokenizer->vocabulary, weights, error);
    if (tokenizer->merges == NULL)
      return FALSE;
  }
  tokenizer->add_bos = get_flag (weights, "tokenizer.ggml.add_bos_token", tokenizer->add_bos);
  if (!get_flag (weights, "tokenizer.ggml.add_space_prefix", TRUE) || is_bpe)
    tokenizer->prefix = PREFIX_NEVER;
  else if (get_flag (weights, "tokenizer.ggml.space_prefix_first_only", FALSE))
    tokenizer->prefix = PREFIX_FIRST;
  else
    tokenizer->prefix = PREFIX_ALWAYS;
  collect_stops (tokenizer, weights);
  return TRUE;
}

IvTokenizer *
iv_tokenizer_new (IvWeights *weights, GError **error)
{
  g_autoptr (IvTokenizer) tokenizer = g_new0 (IvTokenizer, 1);
  if (set_up (tokenizer, weights, error))
    return g_steal_pointer (&tokenizer);
  g_prefix_error (error, "%s: ", iv_weights_get_file (weights));
  return NULL;
}

/* Encoding. */

static void
emit (Encoder *encoder, gint32 id)
{
  g_array_append_val (encoder->ids, id);
}

/* Bytes that are no token: one token each where the vocabulary has them, else one “unknown”. */
static void
emit_bytes (Encoder *encoder, const char *bytes, gsize length)
{
  const IvVocabulary *vocabulary = encoder->tokenizer->vocabulary;
  for (gsize i = 0; i < length; i++)
    if (vocabulary->byte_ids[(guint8) bytes[i]] < 0) {
      if (vocabulary->unknown >= 0)
        emit (encoder, vocabulary->unknown);
      return;
    }
  for (gsize i = 0; i < length; i++)
    emit (encoder, vocabulary->byte_ids[(guint8) bytes[i]]);
}

static void
emit_symbols (Encoder *encoder, const char *text, const IvSymbol *symbols)
{
  for (gint32 i = symbols != NULL ? 0 : -1; i >= 0; i = symbols[i].next) {
    if (symbols[i].id >= 0)
      emit (encoder, symbols[i].id);
    else
      emit_bytes (encoder, text + symbols[i].start, symbols[i].length);
  }
}

static gboolean
join_by_merges (const char *text,
                const IvSymbol *left,
                const IvSymbol *right,
                double *rank,
                gint32 *id,
                gpointer user_data)
{
  const IvTokenizer *tokenizer = user_data;
  guint32 number;
  if (!iv_merge_table_find (tokenizer->merges, left->id, right->id, &number, id))
    return FALSE;
  *rank = number;
  return TRUE;
}

static gboolean
join_by_scores (const char *text,
                const IvSymbol *left,
                const IvSymbol *right,
                double *rank,
                gint32 *id,
                gpointer user_data)
{
  const IvTokenizer *tokenizer = user_data;
  *id = iv_vocabulary_find_text (
      tokenizer->vocabulary, text + left->start, left->length + right->length);
  if (*id < 0)
    return FALSE;
  *rank = -(double) tokenizer->vocabulary->tokens[*id].score;
  return TRUE;
}

static void
encode_piece (const char *piece, gsize length, gpointer user_data)
{
  Encoder *encoder = user_data;
  const IvTokenizer *tokenizer = encoder->tokenizer;
  gint32 whole = tokenizer->takes_whole || length == 1
                     ? iv_vocabulary_find_text (tokenizer->vocabulary, piece, length)
                     : -1;
  if (whole >= 0) {
    emit (encoder, whole);
    return;
  }
  iv_merger_reset (encoder->merger);
  for (gsize i = 0; i < length; i++)
    iv_merger_add (
        encoder->merger, (guint32) i, 1, tokenizer->vocabulary->byte_ids[(guint8) piece[i]]);
  emit_symbols (encoder, piece, iv_merger_run (encoder->merger, piece));
}

static void
encode_bpe (Encoder *encoder, const char *text, gsize length)
{
  g_autofree char *normal = NULL;
  if (encoder->tokenizer->normalises && !g_str_is_ascii (text)) {
    normal = g_utf8_normalize (text, (gssize) length, G_NORMALIZE_NFC);
    text = normal;
    length = strlen (normal);
  }
  iv_pretokenizer_split (encoder->tokenizer->pretokenizer, text, length, encode_piece, encoder);
}

static void
encode_spm (Encoder *encoder, const char *text, gsize length, gboolean with_prefix)
{
  g_autofree char *spaced = g_malloc (length + 1);
  spaced[0] = ' ';
  char *start = with_prefix ? spaced + 1 : spaced;
  /* A space sign that stands in the text itself is taken as a space, too. */
  gsize n = iv_vocabulary_unescape (IV_VOCABULARY_SPM, text, length, start);
  n += (gsize) (start - spaced);
  iv_merger_reset (encoder->merger);
  for (gsize i = 0; i < n;) {
    gsize step = MIN ((gsize) g_utf8_skip[(guint8) spaced[i]], n - i);
    iv_merger_add (encoder->merger,
                   (guint32) i,
                   (guint32) step,
                   iv_vocabulary_find_text (encoder->tokenizer->vocabulary, spaced + i, step));
    i += step;
  }
  emit_symbols (encoder, spaced, iv_merger_run (encoder->merger, spaced));
}

/* Text between special tokens. It is terminated in neither form. */
static void
encode_plain (Encoder *encoder, const char *text, gsize length, gboolean is_first)
{
  Prefix prefix = encoder->tokenizer->prefix;
  if (length == 0)
    return;
  if (encoder->tokenizer->vocabulary->model == IV_VOCABULARY_SPM) {
    encode_spm (
        encoder, text, length, prefix == PREFIX_ALWAYS || (prefix == PREFIX_FIRST && is_first));
    return;
  }
  g_autofree char *copy = g_strndup (text, length);
  encode_bpe (encoder, copy, length);
}

static void
encode (Encoder *encoder, const char *text, gsize length, gboolean parse_special)
{
  const IvVocabulary *vocabulary = encoder->tokenizer->vocabulary;
  gsize start = 0;
  for (gsize i = 0; i < length;) {
    gint32 id = iv_vocabulary_match_special (vocabulary, text + i, length - i, parse_special);
    if (id < 0) {
      i++;
      continue;
    }
    encode_plain (encoder, text + start, i - start, start == 0);
    emit (encoder, id);
    i += vocabulary->tokens[id].length;
    start = i;
  }
  encode_plain (encoder, text + start, length - start, start == 0);
}

GArray *
iv_tokenizer_encode (IvTokenizer *tokenizer, const char *text, gssize length, IvTokenizeFlags flags)
{
  gboolean by_scores = tokenizer->merges == NULL;
  g_autoptr (IvMerger) merger =
      iv_merger_new (by_scores ? join_by_scores : join_by_merges, tokenizer);
  g_autofree char *valid = NULL;
  gsize n = length < 0 ? strlen (text) : (gsize) length;
  Encoder encoder = { tokenizer, merger, g_array_new (FALSE, FALSE, sizeof (gint32)) };
  if (!g_utf8_validate_len (text, n, NULL)) {
    valid = g_utf8_make_valid (text, (gssize) n);
    text = valid;
    n = strlen (valid);
  }
  if ((flags & IV_TOKENIZE_ADD_SPECIAL) != 0 && tokenizer->add_bos &&
      tokenizer->vocabulary->bos >= 0)
    emit (&encoder, tokenizer->vocabulary->bos);
  encode (&encoder, text, n, (flags & IV_TOKENIZE_PARSE_SPECIAL) != 0);
  return encoder.ids;
}

/* Decoding. */

void
iv_tokenizer_append_piece (IvTokenizer *tokenizer, gint32 id, gboolean with_special, GString *out)
{
  if (id < 0 || (guint) id >= tokenizer->vocabulary->n_tokens)
    return;
  const IvToken *token = &tokenizer->vocabulary->tokens[id];
  gboolean is_name = token->kind == IV_TOKEN_CONTROL || token->kind == IV_TOKEN_UNKNOWN;
  if (!is_name || with_special)
    g_string_append_len (out, token->bytes, (gssize) token->length);
}

char *
iv_tokenizer_decode (IvTokenizer *tokenizer, const gint32 *ids, guint n_ids, gboolean with_special)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < n_ids; i++) {
    gsize before = text->len;
    iv_tokenizer_append_piece (tokenizer, ids[i], with_special, text);
    if (i == 0 && tokenizer->prefix != PREFIX_NEVER && text->len > before && text->str[0] == ' ')
      g_string_erase (text, 0, 1);
  }
  return g_utf8_make_valid (text->str, (gssize) text->len);
}

/* Questions. */

gint32
iv_tokenizer_find (IvTokenizer *tokenizer, const char *token)
{
  return iv_vocabulary_find (tokenizer->vocabulary, token, strlen (token));
}

guint
iv_tokenizer_get_n_vocab (IvTokenizer *tokenizer)
{
  return tokenizer->vocabulary->n_tokens;
}

gint32
iv_tokenizer_get_bos (IvTokenizer *tokenizer)
{
  return tokenizer->vocabulary->bos;
}

gint32
iv_tokenizer_get_eos (IvTokenizer *tokenizer)
{
  return tokenizer->vocabulary->eos;
}

gboolean
iv_tokenizer_is_stop (IvTokenizer *tokenizer, gint32 id)
{
  return id >= 0 && g_hash_table_contains (tokenizer->stops, GINT_TO_POINTER (id));
}
