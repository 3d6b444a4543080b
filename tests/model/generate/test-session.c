/* Sessions on the device: the story word for word, prefix reuse, stop rules, cancellation.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "golden-case.h"
#include "model/generate/iv-session.h"

static IvVkDevice *device;
static IvLanguageModel *model; /* of most tests */
static GPtrArray *cases;

/* What the token function heard. */
typedef struct {
  GString *text;
  guint n_calls;
  guint stop_after; /* FALSE at this call; 0: never */
  guint cancel_after;
  GCancellable *cancellable;
} Listener;

static gboolean
on_token_cb (gint32 id, const char *piece, gpointer user_data)
{
  Listener *listener = user_data;
  g_assert_true (g_utf8_validate (piece, -1, NULL));
  g_string_append (listener->text, piece);
  listener->n_calls++;
  if (listener->n_calls == listener->cancel_after)
    g_cancellable_cancel (listener->cancellable);
  return listener->n_calls != listener->stop_after;
}

static void
on_progress_cb (double fraction, const char *what, gpointer user_data)
{
  double *last = user_data;
  g_assert_cmpfloat (fraction, >=, *last);
  g_assert_cmpfloat (fraction, <=, 1);
  g_assert_nonnull (what);
  *last = fraction;
}

static IvLanguageModel *
load (const char *file, IvDataType cache_type)
{
  g_autoptr (GError) error = NULL;
  double fraction = 0;
  IvLanguageModelParams params = { .file = file,
                                   .cache_type = { TRUE, cache_type },
                                   .progress = on_progress_cb,
                                   .progress_data = &fraction };
  IvLanguageModel *loaded = iv_language_model_new (device, &params, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (fraction, ==, 1);
  return loaded;
}

static IvSession *
new_session (IvLanguageModel *of, guint n_context)
{
  g_autoptr (GError) error = NULL;
  IvSession *session = iv_session_new (of, n_context, &error);
  g_assert_no_error (error);
  return session;
}

static GArray *
generate (IvSession *session, const IvGenerateParams *params, IvGenerateStats *stats)
{
  g_autoptr (GError) error = NULL;
  GArray *ids = iv_session_generate (session, params, stats, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, stats->n_generated);
  return ids;
}

static void
assert_ids (GArray *ids, const gint32 *expected, guint n)
{
  g_assert_cmpmem (ids->data, ids->len * sizeof (gint32), expected, n * sizeof (gint32));
}

/* The prompt of the golden case, greedily. */
static IvGenerateParams
greedy (guint n_ids, guint max_tokens)
{
  const GoldenCase *golden = cases->pdata[0];
  return (IvGenerateParams){
    .ids = golden->ids, .n_ids = n_ids, .max_tokens = max_tokens, .ignore_stop = TRUE
  };
}

/* --- the story ---------------------------------------------------------------------------- */

static gint32 *
read_story_ids (const char *folder, guint *n)
{
  g_autofree char *file = g_build_filename (folder, "case.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  json_parser_load_from_file (parser, file, &error);
  g_assert_no_error (error);
  JsonArray *array = json_object_get_array_member (
      json_node_get_object (json_parser_get_root (parser)), "greedy_ids");
  *n = json_array_get_length (array);
  gint32 *ids = g_new (gint32, *n);
  for (guint i = 0; i < *n; i++)
    ids[i] = (gint32) json_array_get_int_element (array, i);
  return ids;
}

static void
check_story (const char *folder, IvDataType cache_type)
{
  g_autofree char *file = g_build_filename (folder, "stories260K-f32.gguf", NULL);
  g_autofree char *text_file = g_build_filename (folder, "expected.txt", NULL);
  g_autofree char *expected = NULL;
  g_autoptr (GError) error = NULL;
  guint n;
  g_autofree gint32 *ids = read_story_ids (folder, &n);
  g_file_get_contents (text_file, &expected, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (IvLanguageModel) story = load (file, cache_type);
  g_autoptr (IvSession) session = new_session (story, 0);
  Listener listener = { g_string_new (NULL) };
  gint32 start = 1;
  IvGenerateStats stats;
  IvGenerateParams params = {
    .ids = &start, .n_ids = 1, .max_tokens = n, .token = on_token_cb, .token_data = &listener
  };
  g_autoptr (GArray) generated = generate (session, &params, &stats);
  g_strchomp (expected);
  g_assert_cmpstr (g_strchomp (listener.text->str), ==, expected);
  assert_ids (generated, ids, n);
  g_string_free (listener.text, TRUE);
}

static void
test_story (void)
{
  g_autofree char *folder = golden_find ("golden/story");
  if (folder == NULL) {
    g_test_skip ("../shared/golden/story is not there: left out");
    return;
  }
  check_story (folder, IV_TYPE_F32);
  check_story (folder, IV_TYPE_F16);
}

/* --- prefix reuse ------------------------------------------------------------------------- */

static void
test_reuse (void)
{
  const GoldenCase *golden = cases->pdata[0];
  g_autoptr (IvSession) session = new_session (model, 0);
  IvGenerateStats stats;
  IvGenerateParams params = greedy (golden->n_ids, golden->n_greedy);
  g_autoptr (GArray) first = generate (session, &params, &stats);
  assert_ids (first, golden->greedy_ids, golden->n_greedy);
  g_assert_cmpuint (stats.n_evaluated, ==, golden->n_ids);
  g_assert_cmpuint (stats.n_reused, ==, 0);
  g_assert_cmpint (stats.stop, ==, IV_STOP_LENGTH);
  /* The last token was never evaluated. */
  g_assert_cmpuint (iv_session_get_n_used (session), ==, golden->n_ids + golden->n_greedy - 1);
  /* The same again: only the last token of the prompt is computed, for its logits. */
  g_autoptr (GArray) again = generate (session, &params, &stats);
  assert_ids (again, golden->greedy_ids, golden->n_greedy);
  g_assert_cmpuint (stats.n_evaluated, ==, 1);
  g_assert_cmpuint (stats.n_reused, ==, golden->n_ids - 1);
  /* Going on where the answer ended. */
  g_autoptr (GArray) conversation = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_array_append_vals (conversation, golden->ids, golden->n_ids);
  g_array_append_vals (conversation, golden->greedy_ids, 10);
  params.ids = (const gint32 *) (gpointer) conversation->data;
  params.n_ids = conversation->len;
  params.max_tokens = golden->n_greedy - 10;
  g_autoptr (GArray) rest = generate (session, &params, &stats);
  assert_ids (rest, golden->greedy_ids + 10, golden->n_greedy - 10);
  g_assert_cmpuint (stats.n_evaluated, ==, 1);
}

/* A conversation that parts from the cached one in the middle, against a fresh session. */
static void
test_reuse_in_part (void)
{
  const GoldenCase *golden = cases->pdata[0];
  g_autoptr (IvSession) session = new_session (model, 0);
  g_autoptr (IvSession) fresh = new_session (model, 0);
  IvGenerateStats stats;
  IvGenerateParams params = greedy (golden->n_ids, 20);
  g_autoptr (GArray) first = generate (session, &params, &stats);
  assert_ids (first, golden->greedy_ids, 20);
  g_autofree gint32 *other = g_memdup2 (golden->ids, golden->n_ids * sizeof (gint32));
  other[40] = other[40] == 7 ? 8 : 7;
  params.ids = other;
  g_autoptr (GArray) reused = generate (session, &params, &stats);
  g_assert_cmpuint (stats.n_reused, ==, 40);
  g_assert_cmpuint (stats.n_evaluated, ==, golden->n_ids - 40);
  g_autoptr (GArray) expected = generate (fresh, &params, &stats);
  g_assert_cmpuint (stats.n_reused, ==, 0);
  assert_ids (reused, (const gint32 *) (gpointer) expected->data, expected->len);
}

/* --- stopping ----------------------------------------------------------------------------- */

static void
test_context_full (void)
{
  const GoldenCase *golden = cases->pdata[0];
  g_autoptr (IvSession) session = new_session (model, golden->n_ids + 4);
  IvGenerateStats stats;
  IvGenerateParams params = greedy (golden->n_ids, 0);
  g_autoptr (GArray) ids = generate (session, &params, &stats);
  g_assert_cmpint (stats.stop, ==, IV_STOP_CONTEXT_FULL);
  /* Four that are in the context, and one that they led to. */
  assert_ids (ids, golden->greedy_ids, 5);
  g_assert_cmpuint (iv_session_get_n_used (session), ==, iv_session_get_n_context (session));
  /* A prompt that does not fit is no error, and the session lives on. */
  g_autoptr (IvSession) small = new_session (model, 16);
  g_autoptr (GArray) none = generate (small, &params, &stats);
  g_assert_cmpint (stats.stop, ==, IV_STOP_CONTEXT_FULL);
  g_assert_cmpuint (none->len, ==, 0);
  params.n_ids = 16;
  g_autoptr (GArray) one = generate (small, &params, &stats);
  g_assert_cmpint (stats.stop, ==, IV_STOP_CONTEXT_FULL);
  g_assert_cmpuint (one->len, ==, 1);
}

/* Three letters from within the text; the random network also says bytes that are no text. */
static char *
find_word (const char *text)
{
  for (const char *at = text + 8; *at != '\0'; at++)
    if (g_ascii_isalpha (at[0]) && g_ascii_isalpha (at[1]) && g_ascii_isalpha (at[2]))
      return g_strndup (at, 3);
  g_error ("no word in “%s”", text);
}

static void
test_stop_text (void)
{
  const GoldenCase *golden = cases->pdata[0];
  g_autoptr (IvSession) session = new_session (model, 0);
  Listener whole = { g_string_new (NULL) }, cut = { g_string_new (NULL) };
  IvGenerateStats stats;
  IvGenerateParams params = greedy (golden->n_ids, golden->n_greedy);
  params.token = on_token_cb;
  params.token_data = &whole;
  g_autoptr (GArray) all = generate (session, &params, &stats);
  g_autofree char *stop = find_word (whole.text->str);
  const char *first = strstr (whole.text->str, stop);
  const char *const stops[] = { stop, NULL };
  params.stop_texts = stops;
  params.token_data = &cut;
  g_autoptr (GArray) part = generate (session, &params, &stats);
  g_assert_cmpint (stats.stop, ==, IV_STOP_END);
  g_assert_cmpuint (part->len, <, all->len);
  g_string_truncate (whole.text, (gsize) (first - whole.text->str));
  g_assert_cmpstr (cut.text->str, ==, whole.text->str);
  g_string_free (whole.text, TRUE);
  g_string_free (cut.text, TRUE);
}

/* Lets only one token be chosen. */
static void
allow_end (float *logits, guint n_vocab, gpointer user_data)
{
  guint *countdown = user_data;
  gint32 end = iv_tokenizer_get_eos (iv_language_model_get_tokenizer (model));
  gint32 allowed = (*countdown)-- > 0 ? 7 : end;
  for (guint i = 0; i < n_vocab; i++)
    if ((gint32) i != allowed)
      logits[i] = -G_MAXFLOAT;
}

static void
test_end_token (void)
{
  g_autoptr (IvSession) session = new_session (model, 0);
  guint countdown = 3;
  IvLogitConstraint constraint = { .mask = allow_end, .user_data = &countdown };
  IvGenerateStats stats;
  IvGenerateParams params = greedy (10, 20);
  params.ignore_stop = FALSE;
  params.constraint = &constraint;
  g_autoptr (GArray) ids = generate (session, &params, &stats);
  g_assert_cmpint (stats.stop, ==, IV_STOP_END);
  assert_ids (ids, (const gint32[]){ 7, 7, 7 }, 3);
  /* Where end tokens are ignored they are tokens like others. */
  countdown = 3;
  params.ignore_stop = TRUE;
  params.max_tokens = 6;
  g_autoptr (GArray) more = generate (session, &params, &stats);
  g_assert_cmpint (stats.stop, ==, IV_STOP_LENGTH);
  g_assert_cmpuint (more->len, ==, 6);
}

static void
test_cancel (void)
{
  const GoldenCase *golden = cases->pdata[0];
  g_autoptr (IvSession) session = new_session (model, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Listener listener = { g_string_new (NULL), .cancel_after = 3, .cancellable = cancellable };
  IvGenerateStats stats;
  IvGenerateParams params = greedy (golden->n_ids, 20);
  params.token = on_token_cb;
  params.token_data = &listener;
  g_autoptr (GArray) ids = iv_session_generate (session, &params, &stats, cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpint (stats.stop, ==, IV_STOP_CANCELLED);
  assert_ids (ids, golden->greedy_ids, 3);
  /* Cancelled before the prompt is read. */
  params.n_ids = 40;
  g_autoptr (GArray) none = iv_session_generate (session, &params, &stats, cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpint (stats.stop, ==, IV_STOP_CANCELLED);
  g_assert_cmpuint (none->len, ==, 0);
  /* The token function says stop. */
  listener.n_calls = 0;
  listener.cancel_after = 0;
  listener.stop_after = 2;
  params.n_ids = golden->n_ids;
  g_autoptr (GArray) two = generate (session, &params, &stats);
  g_assert_cmpint (stats.stop, ==, IV_STOP_CANCELLED);
  assert_ids (two, golden->greedy_ids, 2);
  g_string_free (listener.text, TRUE);
}

/* --- prompt lookup -------------------------------------------------------------------------- */

/* The same answer with and without drafts. */
static void
check_lookup (IvGenerateParams params)
{
  g_autoptr (IvSession) plain = new_session (model, 0), drafting = new_session (model, 0);
  IvGenerateStats stats, plain_stats;
  params.lookup = IV_LOOKUP_OFF;
  g_autoptr (GArray) expected = generate (plain, &params, &plain_stats);
  g_assert_cmpuint (plain_stats.n_drafted, ==, 0);
  params.lookup = IV_LOOKUP_ALWAYS;
  g_autoptr (GArray) ids = generate (drafting, &params, &stats);
  assert_ids (ids, (const gint32 *) (gpointer) expected->data, expected->len);
  g_assert_cmpint (stats.stop, ==, plain_stats.stop);
  g_assert_cmpuint (iv_session_get_n_used (drafting), ==, iv_session_get_n_used (plain));
  g_assert_cmpuint (stats.n_drafted, >=, stats.n_accepted);
  g_test_message ("%u drafted, %u accepted of %u", stats.n_drafted, stats.n_accepted, ids->len);
  /* What is in the cache is right: both go on alike, without drafts. */
  params.lookup = IV_LOOKUP_OFF;
  g_autoptr (GArray) more = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_array_append_vals (more, params.ids, params.n_ids);
  g_array_append_vals (more, ids->data, ids->len);
  params.ids = (const gint32 *) (gpointer) more->data;
  params.n_ids = more->len;
  params.max_tokens = 4;
  g_autoptr (GArray) after = generate (drafting, &params, &stats);
  g_autoptr (GArray) after_plain = generate (plain, &params, &plain_stats);
  g_assert_cmpuint (stats.n_evaluated, ==, plain_stats.n_evaluated);
  assert_ids (after, (const gint32 *) (gpointer) after_plain->data, after_plain->len);
}

/* Prompts said twice; greedily, drawn, and drawn with a penalty for what was seen. */
static void
test_lookup (void)
{
  const GoldenCase *golden = cases->pdata[0];
  g_autoptr (GArray) twice = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_array_append_vals (twice, golden->ids, 30);
  g_array_append_vals (twice, golden->ids, 30);
  IvGenerateParams params = greedy (0, 48);
  params.ids = (const gint32 *) (gpointer) twice->data;
  params.n_ids = twice->len;
  check_lookup (params);
  params.sampling = (IvSampling){ .temperature = 0.7f, .top_p = 0.9f, .top_k = 40, .seed = 3 };
  check_lookup (params);
  params.sampling = (IvSampling){ .temperature = 1, .repeat_penalty = 1.2f, .seed = 4 };
  check_lookup (params);
}

/* Lets the tokens of a song be chosen, one after the other, over and over. */
static const gint32 song[] = { 11, 12, 13, 14, 15, 16, 17 };

static void
sing (float *logits, guint n_vocab, gpointer user_data)
{
  const guint *n = user_data;
  for (guint i = 0; i < n_vocab; i++)
    if ((gint32) i != song[*n % G_N_ELEMENTS (song)])
      logits[i] = -G_MAXFLOAT;
}

static void
on_sung (gint32 id, gpointer user_data)
{
  guint *n = user_data;
  g_assert_cmpint (id, ==, song[*n % G_N_ELEMENTS (song)]);
  ++*n;
}

/* What always comes again is always accepted; answers end where they would without drafts. */
static void
test_lookup_accepts (void)
{
  for (guint max_tokens = 20; max_tokens < 26; max_tokens++) {
    g_autoptr (IvSession) session = new_session (model, 0);
    guint n = 0;
    IvLogitConstraint constraint = { .mask = sing, .accept = on_sung, .user_data = &n };
    IvGenerateStats stats;
    IvGenerateParams params = greedy (10, max_tokens);
    params.constraint = &constraint;
    params.lookup = IV_LOOKUP_ALWAYS;
    g_autoptr (GArray) ids = generate (session, &params, &stats);
    g_assert_cmpuint (ids->len, ==, max_tokens);
    g_assert_cmpint (stats.stop, ==, IV_STOP_LENGTH);
    g_assert_cmpuint (iv_session_get_n_used (session), ==, 10 + max_tokens - 1);
    /* All behind the first round but one token of each batch. */
    g_assert_cmpuint (stats.n_accepted, >=, (max_tokens - G_N_ELEMENTS (song) - 2) / 2);
    g_assert_cmpuint (stats.n_accepted, ==, stats.n_drafted);
  }
}

/* Drafts never reach beyond the context. */
static void
test_lookup_full (void)
{
  for (guint room = 16; room < 22; room++) {
    g_autoptr (IvSession) session = new_session (model, 10 + room);
    guint n = 0;
    IvLogitConstraint constraint = { .mask = sing, .accept = on_sung, .user_data = &n };
    IvGenerateStats stats;
    IvGenerateParams params = greedy (10, 0);
    params.constraint = &constraint;
    params.lookup = IV_LOOKUP_ALWAYS;
    g_autoptr (GArray) ids = generate (session, &params, &stats);
    g_assert_cmpint (stats.stop, ==, IV_STOP_CONTEXT_FULL);
    g_assert_cmpuint (ids->len, ==, room + 1);
    g_assert_cmpuint (stats.n_accepted, >, 0);
    g_assert_cmpuint (iv_session_get_n_used (session), ==, 10 + room);
  }
}

/* --- the rest ----------------------------------------------------------------------------- */

static void
test_seed (void)
{
  g_autoptr (IvSession) session = new_session (model, 0);
  IvGenerateStats stats;
  IvGenerateParams params = greedy (20, 24);
  params.sampling = (IvSampling){ .temperature = 1.5f, .top_p = 0.95f, .seed = 11 };
  g_autoptr (GArray) a = generate (session, &params, &stats);
  g_autoptr (GArray) b = generate (session, &params, &stats);
  assert_ids (a, (const gint32 *) (gpointer) b->data, b->len);
  params.sampling.seed = 12;
  g_autoptr (GArray) c = generate (session, &params, &stats);
  g_assert_cmpint (memcmp (a->data, c->data, a->len * sizeof (gint32)), !=, 0);
}

static void
on_prefill_cb (guint n_done, guint n_all, gpointer user_data)
{
  guint *last = user_data;
  g_assert_cmpuint (n_done, >, *last);
  g_assert_cmpuint (n_done, <=, n_all);
  *last = n_done;
}

static void
test_logits (void)
{
  const GoldenCase *golden = cases->pdata[0];
  g_autoptr (IvSession) session = new_session (model, 0);
  g_autoptr (GError) error = NULL;
  g_autofree float *logits = iv_session_logits (session, golden->ids, golden->n_ids, &error);
  g_assert_no_error (error);
  gsize n = (gsize) golden->n_logits * golden->n_vocab;
  g_assert_cmpfloat (golden_nmse (logits, golden->logits, n), <, golden->nmse);
  /* The cache they left serves a generation. */
  IvGenerateStats stats;
  guint n_done = 0;
  IvGenerateParams params = greedy (golden->n_ids, golden->n_greedy);
  params.prefill = on_prefill_cb;
  params.prefill_data = &n_done;
  g_autoptr (GArray) ids = generate (session, &params, &stats);
  assert_ids (ids, golden->greedy_ids, golden->n_greedy);
  g_assert_cmpuint (stats.n_reused, ==, golden->n_ids - 1);
  g_assert_cmpuint (n_done, ==, 1);
}

static void
test_bad_input (void)
{
  const GoldenCase *golden = cases->pdata[0];
  g_autoptr (IvSession) session = new_session (model, 0);
  g_autoptr (GError) error = NULL;
  IvGenerateStats stats;
  const gint32 bad[] = { 1, (gint32) golden->n_vocab, -1 };
  IvGenerateParams params = { .ids = bad };
  g_assert_null (iv_session_generate (session, &params, &stats, NULL, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
  for (guint n = 2; n <= 3; n++) {
    g_clear_error (&error);
    params.ids = n == 2 ? bad : bad + 2;
    params.n_ids = n == 2 ? 2 : 1;
    g_assert_null (iv_session_generate (session, &params, &stats, NULL, &error));
    g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
  }
  g_clear_error (&error);
  g_assert_null (iv_session_logits (session, bad, 2, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_INPUT);
  g_clear_error (&error);
  /* A model that is none. */
  IvLanguageModelParams none = { .file = "/nonexistent/model.gguf" };
  g_assert_null (iv_language_model_new (device, &none, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "/nonexistent/model.gguf"));
}

static void
add_tests (void)
{
  g_test_add_func ("/session/reuse", test_reuse);
  g_test_add_func ("/session/reuse-in-part", test_reuse_in_part);
  g_test_add_func ("/session/context-full", test_context_full);
  g_test_add_func ("/session/stop-text", test_stop_text);
  g_test_add_func ("/session/end-token", test_end_token);
  g_test_add_func ("/session/cancel", test_cancel);
  g_test_add_func ("/session/seed", test_seed);
  g_test_add_func ("/session/lookup", test_lookup);
  g_test_add_func ("/session/lookup-accepts", test_lookup_accepts);
  g_test_add_func ("/session/lookup-full", test_lookup_full);
  g_test_add_func ("/session/logits", test_logits);
  g_test_add_func ("/session/bad-input", test_bad_input);
  g_test_add_func ("/session/story", test_story);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GError) error = NULL;
  IvVkDeviceParams params = { .index = -1, .validation = iv_vk_validation_is_available () };
  device = iv_vk_device_new (&params, &error);
  g_assert_no_error (error);
  cases = golden_load ("golden/text/qwen2");
  g_assert_cmpuint (cases->len, ==, 1);
  model = load (((GoldenCase *) cases->pdata[0])->model, IV_TYPE_F32);
  add_tests ();
  int status = g_test_run ();
  iv_language_model_free (model);
  g_ptr_array_unref (cases);
  g_assert_cmpstr (iv_vk_device_get_first_message (device), ==, NULL);
  iv_vk_device_unref (device);
  return status;
}
