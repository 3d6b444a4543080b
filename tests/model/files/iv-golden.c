/* Finds the golden cases and reads their files, for the tests of model/.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tests/model/files/iv-golden.h"

static char *
find_below (const char *folder, const char *name)
{
  g_autofree char *file =
      g_build_filename (g_getenv ("G_TEST_SRCDIR"), folder, "golden", name, NULL);
  return g_file_test (file, G_FILE_TEST_EXISTS) ? g_steal_pointer (&file) : NULL;
}

char *
iv_golden_find_shared (const char *name)
{
  return find_below ("../../shared", name);
}

char *
iv_golden_find (const char *name)
{
  char *file = find_below ("data", name);
  return file != NULL ? file : iv_golden_find_shared (name);
}

JsonNode *
iv_golden_load_json (const char *file)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  json_parser_load_from_file (parser, file, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

float *
iv_golden_load_f32 (const char *file, gsize *n)
{
  g_autoptr (GError) error = NULL;
  char *bytes;
  gsize size;
  g_file_get_contents (file, &bytes, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size % sizeof (float), ==, 0);
  *n = size / sizeof (float);
  return (float *) (gpointer) bytes;
}

double
iv_golden_nmse (const float *values, const float *expected, gsize n)
{
  double difference = 0, power = 0;
  for (gsize i = 0; i < n; i++) {
    difference += ((double) values[i] - expected[i]) * ((double) values[i] - expected[i]);
    power += (double) expected[i] * expected[i];
  }
  return difference / power;
}
