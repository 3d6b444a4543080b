/* Where Interval finds what comes with it, installed or in the build tree.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/iv-paths.h"

#include <glib/gstdio.h>

static char *build_folder; /* NULL when installed */
static char *locale_folder;

static char *
find_build_folder (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = NULL;
  g_autofree char *build = NULL;
  g_autofree char *mark = NULL;

  if (program == NULL)
    return NULL;
  folder = g_path_get_dirname (program);
  build = g_path_get_dirname (folder);
  mark = g_build_filename (build, "data", "gschemas.compiled", NULL);
  return g_file_test (mark, G_FILE_TEST_EXISTS) ? g_steal_pointer (&build) : NULL;
}

void
iv_paths_init (void)
{
  g_autofree char *schemas = NULL;

  if (locale_folder != NULL)
    return;
  build_folder = find_build_folder ();
  if (build_folder == NULL) {
    locale_folder = g_strdup (LOCALEDIR);
    return;
  }
  locale_folder = g_build_filename (build_folder, "po", NULL);
  schemas = g_build_filename (build_folder, "data", NULL);
  g_setenv ("GSETTINGS_SCHEMA_DIR", schemas, FALSE);
}

const char *
iv_paths_get_locale (void)
{
  return locale_folder;
}

char *
iv_paths_find_demonstration (void)
{
  const char *chosen = g_getenv ("INTERVAL_DEMONSTRATION");
  char *folders[3] = { NULL };

  if (chosen != NULL)
    return g_file_test (chosen, G_FILE_TEST_IS_DIR) ? g_strdup (chosen) : NULL;
  folders[0] = g_build_filename (PKGDATADIR, "demo", "study", NULL);
  if (build_folder != NULL)
    folders[1] = g_build_filename (build_folder, "..", "data", "demo", "study", NULL);
  for (guint i = 0; i < 2; i++) {
    guint at = build_folder != NULL ? 1 - i : i; /* the build tree's own first */

    if (folders[at] != NULL && g_file_test (folders[at], G_FILE_TEST_IS_DIR)) {
      g_autofree char *found = g_steal_pointer (&folders[at]);

      g_free (folders[0]);
      g_free (folders[1]);
      return g_canonicalize_filename (found, NULL);
    }
  }
  g_free (folders[0]);
  g_free (folders[1]);
  return NULL;
}
