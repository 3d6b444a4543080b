/* Rows of images in the decoder: three position streams, deepstack, images that see themselves both
 * ways; against the decoder in plain C and the golden conversations.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <json-glib/json-glib.h>

#include "decoder-fixture.h"
#include "golden-case.h"
#include "oracle-decoder.h"

/* --- random rows against the plain decoder --------------------------------------------------- */

/* Text, an image of 3 × 4 merged patches, text. */
enum { N = 24, BEFORE = 5, ROWS = 3, COLUMNS = 4, AFTER = BEFORE + ROWS * COLUMNS };

static void
fill_positions (gint32 positions[3][N])
{
  for (gint32 i = 0; i < N; i++) {
    gint32 patch = i - BEFORE;
    gboolean is_image = i >= BEFORE && i < AFTER;
    gint32 text = i < BEFORE ? i : i - AFTER + BEFORE + MAX (ROWS, COLUMNS);
    positions[0][i] = is_image ? BEFORE : text;
    positions[1][i] = is_image ? BEFORE + patch / COLUMNS : text;
    positions[2][i] = is_image ? BEFORE + patch % COLUMNS : text;
  }
}

/* Uniform in -1 … 1. (transfer full) */
static float *
draw (GRand *random, gsize n)
{
  float *values = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
  return values;
}

/* Tokens first … end of the whole input, all of it rows. */
static void
evaluate_rows (const Loaded *loaded,
               const OracleInput *whole,
               guint first,
               guint end,
               float *logits)
{
  g_autoptr (GError) error = NULL;
  gsize width = loaded->config.n_embd, n = end - first;
  gint32 positions[3 * N];
  for (guint i = 0; i < 3 * n; i++)
    positions[i] = whole->positions[i / n * whole->n_ids + first + i % n];
  IvDecoderBatch batch = { .cache = loaded->cache,
                           .slot = first,
                           .n_tokens = (guint) n,
                           .embeddings = whole->embeddings + first * width,
                           .positions = positions,
                           .logits = IV_DECODER_LOGITS_ALL };
  if (whole->deepstack != NULL)
    batch.deepstack = whole->deepstack + first * loaded->config.n_deepstack * width;
  iv_decoder_evaluate (loaded->decoder, &batch, logits, NULL, &error);
  g_assert_no_error (error);
}

/* In batches that cut the image. The truth has deepstack rows of zeros for text, the decoder is
 * given none there. */
static void
test_rows (gconstpointer data)
{
  const GoldenCase *golden = data;
  g_auto (Loaded) loaded = { 0 };
  g_autoptr (GRand) random = g_rand_new_with_seed (8);
  g_autofree float *hidden = NULL, *expected = NULL;
  gint32 positions[3][N];
  loaded_load (&loaded, golden->model, 16);
  gsize width = loaded.config.n_embd, n_deepstack = loaded.config.n_deepstack;
  g_autofree float *rows = draw (random, N * width);
  g_autofree float *deepstack = draw (random, N * n_deepstack * width + 1);
  for (gsize i = 0; i < N * n_deepstack * width; i++)
    if (i < BEFORE * n_deepstack * width || i >= AFTER * n_deepstack * width)
      deepstack[i] = 0;
  fill_positions (positions);
  OracleInput input = { .n_ids = N, .positions = positions[0], .embeddings = rows };
  OracleInput with = input;
  with.deepstack = deepstack;
  oracle_decoder_run (loaded.weights, &loaded.config, &with, &hidden, &expected);
  g_autofree float *logits = g_new (float, (gsize) N * golden->n_vocab);
  evaluate_rows (&loaded, &input, 0, BEFORE, logits);
  evaluate_rows (&loaded, &with, BEFORE, 9, logits + (gsize) BEFORE * golden->n_vocab);
  evaluate_rows (&loaded, &with, 9, AFTER, logits + (gsize) 9 * golden->n_vocab);
  evaluate_rows (&loaded, &input, AFTER, N, logits + (gsize) AFTER * golden->n_vocab);
  double nmse = golden_nmse (logits, expected, (gsize) N * golden->n_vocab);
  g_test_message ("%s: NMSE %.3g", golden->name, nmse);
  /* F32 sums in another order: about 1e-12. */
  g_assert_cmpfloat (nmse, <, 1e-9);
}

/* --- golden conversations -------------------------------------------------------------------- */

/* A conversation about images whose rows are given. */
typedef struct {
  char *folder;
  JsonNode *root;   /* of case.json */
  JsonObject *item; /* of its "cases" */
} Conversation;

static void
conversation_free (Conversation *conversation)
{
  g_free (conversation->folder);
  json_node_unref (conversation->root);
  g_free (conversation);
}

static guint
get_uint (JsonObject *object, const char *member)
{
  return (guint) json_object_get_int_member (object, member);
}

/* (transfer full) An array of F32, by its "file" and "shape". */
static float *
read_array (const Conversation *c, JsonObject *object, guint shape[2])
{
  g_autofree char *path =
      g_build_filename (c->folder, json_object_get_string_member (object, "file"), NULL);
  g_autoptr (GError) error = NULL;
  JsonArray *array = json_object_get_array_member (object, "shape");
  char *contents;
  gsize length;
  g_file_get_contents (path, &contents, &length, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    shape[i] = (guint) json_array_get_int_element (array, i);
  g_assert_cmpuint (length, ==, sizeof (float) * shape[0] * shape[1]);
  return (float *) (gpointer) contents;
}

/* What is evaluated so far. */
typedef struct {
  const Conversation *conversation;
  const Loaded *loaded;
  guint slot;
  float *logits; /* [n_vocab] after the last token */
} Talk;

static void
say (Talk *talk, IvDecoderBatch batch)
{
  g_autoptr (GError) error = NULL;
  batch.cache = talk->loaded->cache;
  batch.slot = talk->slot;
  batch.logits = IV_DECODER_LOGITS_LAST;
  iv_decoder_evaluate (talk->loaded->decoder, &batch, talk->logits, NULL, &error);
  g_assert_no_error (error);
  talk->slot += batch.n_tokens;
}

static void
say_text (Talk *talk, const gint32 *ids, guint n, guint first_position)
{
  g_autofree gint32 *positions = g_new (gint32, (gsize) 3 * n);
  for (guint i = 0; i < 3 * n; i++)
    positions[i] = (gint32) (first_position + i % n);
  say (talk, (IvDecoderBatch){ .n_tokens = n, .ids = ids, .positions = positions });
}

static void
say_ids (Talk *talk, JsonObject *part)
{
  JsonArray *array = json_object_get_array_member (part, "text_ids");
  guint n = json_array_get_length (array);
  g_autofree gint32 *ids = g_new (gint32, n);
  for (guint i = 0; i < n; i++)
    ids[i] = (gint32) json_array_get_int_element (array, i);
  say_text (talk, ids, n, get_uint (part, "first_position"));
}

/* t, h, w of each row of an image: a grid, or one after the other. (transfer full) */
static gint32 *
lay_out (JsonObject *part, guint n)
{
  gint32 *positions = g_new (gint32, (gsize) 3 * n);
  gboolean is_grid = json_object_has_member (part, "grid_w");
  guint columns = is_grid ? get_uint (part, "grid_w") : 1;
  JsonArray *ends =
      is_grid ? json_object_get_array_member (part, "positions_t_h_w_of_first_and_last") : NULL;
  gint32 first =
      is_grid ? (gint32) json_array_get_int_element (json_array_get_array_element (ends, 0), 0)
              : (gint32) get_uint (part, "first_position");
  for (guint i = 0; i < n; i++) {
    positions[i] = first + (is_grid ? 0 : (gint32) i);
    positions[n + i] = first + (gint32) (i / columns);
    positions[2 * n + i] = first + (gint32) (i % columns);
  }
  for (guint s = 0; s < 3 && is_grid; s++)
    g_assert_cmpint (positions[s * n + n - 1],
                     ==,
                     json_array_get_int_element (json_array_get_array_element (ends, 1), s));
  return positions;
}

/* Rows hold the embedding and then the deepstack vectors. */
static void
say_image (Talk *talk, JsonObject *part)
{
  const IvDecoderConfig *config = &talk->loaded->config;
  JsonObject *images =
      json_object_get_object_member (json_node_get_object (talk->conversation->root), "images");
  JsonObject *image =
      json_object_get_object_member (images, json_object_get_string_member (part, "image"));
  gsize width = config->n_embd, n_deep = config->n_deepstack * width;
  guint shape[2];
  g_autofree float *values =
      read_array (talk->conversation, json_object_get_object_member (image, "embeddings"), shape);
  g_assert_cmpuint (shape[1], ==, width + n_deep);
  g_autofree float *rows = g_new (float, shape[0] * width);
  g_autofree float *deepstack = g_new (float, shape[0] * n_deep + 1);
  for (gsize i = 0; i < shape[0]; i++) {
    memcpy (rows + i * width, values + i * shape[1], width * sizeof (float));
    memcpy (deepstack + i * n_deep, values + i * shape[1] + width, n_deep * sizeof (float));
  }
  g_autofree gint32 *positions = lay_out (part, shape[0]);
  say (talk,
       (IvDecoderBatch){ .n_tokens = shape[0],
                         .embeddings = rows,
                         .positions = positions,
                         .deepstack = n_deep > 0 ? deepstack : NULL,
                         .bidirectional = config->family == IV_DECODER_GEMMA3 });
}

/* The answer's logits, each after the expected ids before it. */
static void
check_answer (Talk *talk)
{
  JsonObject *item = talk->conversation->item;
  JsonObject *root = json_node_get_object (talk->conversation->root);
  JsonArray *ids = json_object_get_array_member (item, "greedy_ids");
  double tolerance = json_object_get_double_member (
      json_object_get_object_member (root, "tolerance"), "logits_nmse");
  guint shape[2];
  g_autofree float *truth =
      read_array (talk->conversation, json_object_get_object_member (item, "greedy_logits"), shape);
  g_autofree float *logits = g_new (float, (gsize) shape[0] * shape[1]);
  guint position = get_uint (item, "next_position_after_prompt");
  for (guint i = 0; i < shape[0]; i++) {
    gint32 id = (gint32) json_array_get_int_element (ids, i);
    memcpy (logits + (gsize) i * shape[1], talk->logits, shape[1] * sizeof (float));
    say_text (talk, &id, 1, position + i);
  }
  double nmse = golden_nmse (logits, truth, (gsize) shape[0] * shape[1]);
  g_test_message ("NMSE %.3g", nmse);
  g_assert_cmpfloat (nmse, <=, tolerance);
}

static void
test_conversation (gconstpointer data)
{
  const Conversation *c = data;
  g_auto (Loaded) loaded = { 0 };
  JsonObject *files = json_object_get_object_member (json_node_get_object (c->root), "files");
  g_autofree char *model =
      g_build_filename (c->folder, json_object_get_string_member (files, "text_model"), NULL);
  loaded_load (&loaded, model, 0);
  g_autofree float *logits = g_new (float, loaded.config.n_vocab);
  Talk talk = { c, &loaded, 0, logits };
  JsonArray *sequence = json_object_get_array_member (c->item, "sequence");
  for (guint i = 0; i < json_array_get_length (sequence); i++) {
    JsonObject *part = json_array_get_object_element (sequence, i);
    if (json_object_has_member (part, "image"))
      say_image (&talk, part);
    else
      say_ids (&talk, part);
  }
  check_answer (&talk);
}

/* --- which cases there are ------------------------------------------------------------------ */

static void
add_conversation (const char *name, const char *folder, JsonNode *root, guint index)
{
  JsonArray *items = json_object_get_array_member (json_node_get_object (root), "cases");
  Conversation *c = g_new0 (Conversation, 1);
  c->folder = g_strdup (folder);
  c->root = json_node_ref (root);
  c->item = json_array_get_object_element (items, index);
  const char *case_name = json_object_get_string_member (c->item, "name");
  JsonObject *logits = json_object_get_object_member (c->item, "greedy_logits");
  g_autofree char *file =
      g_build_filename (folder, json_object_get_string_member (logits, "file"), NULL);
  g_autofree char *path = g_strdup_printf ("/decoder/image/%s/%s", name, case_name);
  if (g_file_test (file, G_FILE_TEST_EXISTS)) {
    g_test_add_data_func_full (path, c, test_conversation, (GDestroyNotify) conversation_free);
    return;
  }
  g_print ("# %s of %s is not there: left out\n", case_name, name);
  conversation_free (c);
}

static void
add_conversations (const char *name)
{
  g_autofree char *relative = g_strconcat ("golden/vision/", name, NULL);
  g_autofree char *folder = golden_find (relative);
  g_assert_nonnull (folder);
  g_autofree char *file = g_build_filename (folder, "case.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  json_parser_load_from_file (parser, file, &error);
  g_assert_no_error (error);
  g_autoptr (JsonNode) root = json_parser_steal_root (parser);
  JsonArray *items = json_object_get_array_member (json_node_get_object (root), "cases");
  for (guint i = 0; i < json_array_get_length (items); i++)
    add_conversation (name, folder, root, i);
}

static void
add_rows (GPtrArray *all, const char *name, const char *folder)
{
  GPtrArray *cases = golden_load (folder);
  g_test_add_data_func (name, cases->pdata[0], test_rows);
  g_ptr_array_extend_and_steal (all, cases);
}

static void
add_tests (GPtrArray *all)
{
  add_rows (all, "/decoder/image/rows/sections", "golden/text/qwen2vl");
  add_rows (all, "/decoder/image/rows/deepstack", "golden/text/qwen3vl");
  add_conversations ("qwen2.5vl");
  add_conversations ("qwen3vl");
  add_conversations ("gemma3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  return decoder_tests_run (add_tests);
}
