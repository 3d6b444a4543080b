/* Splits text into the pieces inside which byte-level BPE joins bytes.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/files/iv-pretokenizer.h"

#include "model/files/iv-model-error.h"

/* The expressions as the models' tokenizer.json files have them. */
#define CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define WORDS "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+"
#define REST " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
#define QWEN2 CONTRACTIONS "|" WORDS "|\\p{N}|" REST
#define LLAMA3 CONTRACTIONS "|" WORDS "|\\p{N}{1,3}|" REST
#define GPT2 "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

typedef struct {
  const char *name;
  const char *pattern;
  gboolean normalises, takes_whole, starts;
} Form;

static const Form forms[] = {
  { "qwen2", QWEN2, TRUE },
  { "deepseek-r1-qwen", QWEN2, TRUE },
  { "llama-bpe", LLAMA3, FALSE, TRUE, TRUE },
  { "llama3", LLAMA3, FALSE, TRUE, TRUE },
  { "llama-v3", LLAMA3, FALSE, TRUE, TRUE },
  { "gpt-2", GPT2 },
  { "phi-2", GPT2 },
};

struct IvPretokenizer {
  const Form *form;
  GRegex *regex;
};

IvPretokenizer *
iv_pretokenizer_new (const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  const Form *form = NULL;
  for (guint i = 0; form == NULL && i < G_N_ELEMENTS (forms); i++) {
    if (g_str_equal (forms[i].name, name))
      form = &forms[i];
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", forms[i].name);
  }
  if (form == NULL) {
    g_set_error (error,
                 IV_MODEL_ERROR,
                 IV_MODEL_ERROR_UNSUPPORTED,
                 "tokenizer.ggml.pre “%s” is not supported; supported are %s",
                 name,
                 names->str);
    return NULL;
  }
  /* GRegex asks PCRE2 for Unicode properties by itself: \s and \p cover every script. */
  GRegex *regex = g_regex_new (form->pattern, G_REGEX_OPTIMIZE, G_REGEX_MATCH_NOTEMPTY, error);
  if (regex == NULL)
    return NULL;
  IvPretokenizer *pretokenizer = g_new0 (IvPretokenizer, 1);
  pretokenizer->form = form;
  pretokenizer->regex = regex;
  return pretokenizer;
}

void
iv_pretokenizer_free (IvPretokenizer *pretokenizer)
{
  g_regex_unref (pretokenizer->regex);
  g_free (pretokenizer);
}

const char *
iv_pretokenizer_recognise (const char *pattern)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_str_equal (forms[i].pattern, pattern))
      return forms[i].name;
  return NULL;
}

gboolean
iv_pretokenizer_normalises (IvPretokenizer *pretokenizer)
{
  return pretokenizer->form->normalises;
}

gboolean
iv_pretokenizer_takes_whole (IvPretokenizer *pretokenizer)
{
  return pretokenizer->form->takes_whole;
}

gboolean
iv_pretokenizer_starts (IvPretokenizer *pretokenizer)
{
  return pretokenizer->form->starts;
}

void
iv_pretokenizer_split (IvPretokenizer *pretokenizer,
                       const char *text,
                       gsize length,
                       IvPieceFunc func,
                       gpointer user_data)
{
  g_autoptr (GMatchInfo) match = NULL;
  gsize done = 0;
  gint start, end;
  gboolean matches = g_regex_match_full (
      pretokenizer->regex, text, (gssize) length, 0, (GRegexMatchFlags) 0, &match, NULL);
  while (matches && g_match_info_fetch_pos (match, 0, &start, &end)) {
    if ((gsize) start > done)
      func (text + done, (gsize) start - done, user_data);
    func (text + start, (gsize) (end - start), user_data);
    done = (gsize) end;
    matches = g_match_info_next (match, NULL);
  }
  /* Only when PCRE2 gives up on a monstrous piece: the rest is then one. */
  if (done < length)
    func (text + done, length - done, user_data);
}
