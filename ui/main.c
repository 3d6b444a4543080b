/* interval: the reader's window.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "ui/window/iv-application.h"
#include "ui/iv-paths.h"

/* GSettings ends the program when a schema is missing: say first what is wrong. */
static gboolean
has_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
      source != NULL ? g_settings_schema_source_lookup (source, APP_ID, TRUE) : NULL;

  if (schema == NULL)
    g_printerr ("interval: the settings schema %s is not installed "
                "(meson install, or GSETTINGS_SCHEMA_DIR)\n",
                APP_ID);
  return schema != NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (IvApplication) application = NULL;
  int status;

  iv_paths_init ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, iv_paths_get_locale ());
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name ("Interval");
  if (!has_settings ())
    return 1;
  application = iv_application_new ();
  status = g_application_run (G_APPLICATION (application), argc, argv);
  return status == 0 && iv_application_has_failed (application) ? 1 : status;
}
