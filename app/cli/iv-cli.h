/* The commands of interval-cli: one file each, one row each in the table of iv-cli-main.c.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Exit statuses. */
enum { IV_CLI_DONE = 0, IV_CLI_FAILED = 1, IV_CLI_USAGE = 2 };

/* argv[0] is the command's name. Returns an exit status; one line on standard error says what
 * failed, on which object and why. */
typedef int (*IvCliFunc) (int argc, char **argv);

typedef struct {
  const char *name;
  const char *arguments; /* one line of usage */
  const char *summary;
  IvCliFunc run;
} IvCliCommand;

/* Parses options; on a usage error prints it and returns FALSE. "--help" prints and exits 0. */
gboolean
iv_cli_parse (const IvCliCommand *command, const GOptionEntry *entries, int *argc, char ***argv);
/* Prints "interval-cli COMMAND: message" and answers IV_CLI_FAILED or IV_CLI_USAGE. */
int iv_cli_fail (const char *command, const GError *error);
int iv_cli_usage (const IvCliCommand *command, const char *problem);
const IvCliCommand *iv_cli_find (const char *name);

G_END_DECLS
