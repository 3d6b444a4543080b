/* Golden cases: inputs and what other engines compute for them; how results are compared.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "golden-case.h"

#include <json-glib/json-glib.h>
#include <string.h>

void
golden_case_free (GoldenCase *golden)
{
  g_free (golden->name);
  g_free (golden->model);
  g_free (golden->ids);
  g_free (golden->logits);
  g_free (golden->greedy_ids);
  g_free (golden);
}

char *
golden_find (const char *folder)
{
  const char *source = g_getenv ("G_TEST_SRCDIR");
  g_assert_nonnull (source);
  g_autofree char *inside = g_build_filename (source, "data", folder, NULL);
  g_autofree char *shared = g_build_filename (source, "..", "..", "shared", folder, NULL);
  /* The shared folder holds more of the same. */
  if (g_file_test (shared, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&shared);
  if (g_file_test (inside, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&inside);
  return NULL;
}

static gint32 *
read_ids (JsonObject *object, const char *member, guint *n)
{
  JsonArray *array = json_object_get_array_member (object, member);
  *n = json_array_get_length (array);
  gint32 *ids = g_new (gint32, *n);
  for (guint i = 0; i < *n; i++)
    ids[i] = (gint32) json_array_get_int_element (array, i);
  return ids;
}

static float *
read_floats (const char *folder, const char *name, gsize n)
{
  g_autofree char *file = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *contents;
  gsize length;
  g_file_get_contents (file, &contents, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (length, ==, n * sizeof (float));
  return (float *) (gpointer) contents;
}

static void
read_shape (GoldenCase *golden, JsonArray *shape)
{
  golden->n_logits = (guint) json_array_get_int_element (shape, 0);
  golden->n_vocab = (guint) json_array_get_int_element (shape, 1);
}

/* Where the best two are closer than this, other roundings may choose the other. */
#define CLEAR_MARGIN 0.05

static guint
count_clear (JsonArray *margins, guint n)
{
  for (guint i = 0; i < n; i++)
    if (json_array_get_double_element (margins, i) < CLEAR_MARGIN)
      return i;
  return n;
}

static void
load_variant (JsonArray *array, guint i, JsonNode *node, gpointer user_data)
{
  gpointer *data = user_data;
  GPtrArray *cases = data[0];
  const char *folder = data[1], *name = data[2];
  JsonObject *root = data[3], *variant = json_node_get_object (node);
  g_autofree char *model =
      g_build_filename (folder, json_object_get_string_member (variant, "model"), NULL);
  if (!g_file_test (model, G_FILE_TEST_EXISTS))
    return;
  GoldenCase *golden = g_new0 (GoldenCase, 1);
  golden->name = g_strdup_printf ("%s %s", name, json_object_get_string_member (variant, "type"));
  golden->model = g_steal_pointer (&model);
  golden->ids = read_ids (root, "token_ids", &golden->n_ids);
  read_shape (golden, json_object_get_array_member (root, "logits_shape"));
  golden->logits = read_floats (folder,
                                json_object_get_string_member (variant, "logits"),
                                (gsize) golden->n_logits * golden->n_vocab);
  golden->greedy_ids = read_ids (variant, "greedy_ids", &golden->n_greedy);
  golden->n_greedy =
      count_clear (json_object_get_array_member (variant, "greedy_margins"), golden->n_greedy);
  golden->first_logit = (guint) json_array_get_int_element (
      json_object_get_array_member (root, "logits_positions"), 0);
  golden->nmse = json_object_get_double_member (json_object_get_object_member (root, "tolerance"),
                                                "nmse_f32_activations");
  g_ptr_array_add (cases, golden);
}

/* Text cases and Hugging Face directories. */
static GoldenCase *
load_plain (JsonObject *root, const char *folder, const char *name)
{
  JsonObject *expected = json_object_get_object_member (root, "expected");
  GoldenCase *golden = g_new0 (GoldenCase, 1);
  golden->name = g_strdup (name);
  golden->ids = read_ids (root, "token_ids", &golden->n_ids);
  golden->greedy_ids = read_ids (expected, "greedy_ids", &golden->n_greedy);
  golden->nmse =
      json_object_get_double_member (json_object_get_object_member (root, "tolerance"), "nmse");
  gboolean is_text = json_object_has_member (root, "prompt_note");
  JsonObject *logits = is_text ? json_object_get_object_member (expected, "logits") : expected;
  read_shape (golden, json_object_get_array_member (logits, "shape"));
  golden->logits = read_floats (folder,
                                json_object_get_string_member (logits, is_text ? "file" : "logits"),
                                (gsize) golden->n_logits * golden->n_vocab);
  JsonObject *files = is_text ? json_object_get_object_member (root, "files") : NULL;
  golden->model =
      files != NULL
          ? g_build_filename (folder, json_object_get_string_member (files, "model"), NULL)
          : g_strdup (folder);
  return golden;
}

GPtrArray *
golden_load (const char *folder)
{
  g_autofree char *found = golden_find (folder);
  GPtrArray *cases = g_ptr_array_new_with_free_func ((GDestroyNotify) golden_case_free);
  if (found == NULL)
    return cases;
  const char *name = strchr (folder, '/') + 1;
  g_autofree char *file = g_build_filename (found, "case.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  json_parser_load_from_file (parser, file, &error);
  g_assert_no_error (error);
  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  if (json_object_has_member (root, "variants")) {
    gpointer data[] = { cases, found, (gpointer) name, root };
    json_array_foreach_element (
        json_object_get_array_member (root, "variants"), load_variant, data);
  } else {
    g_ptr_array_add (cases, load_plain (root, found, name));
  }
  return cases;
}

double
golden_nmse (const float *x, const float *y, gsize n)
{
  double error = 0, whole = 0;
  for (gsize i = 0; i < n; i++) {
    error += ((double) x[i] - y[i]) * ((double) x[i] - y[i]);
    whole += (double) y[i] * y[i];
  }
  return error / whole;
}
