/* interval-cli: picks the command and hands it the rest of the line.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli.h"

#include <locale.h>
#include <string.h>

#include "app/cli/iv-cli-commands.h"

static const IvCliCommand commands[] = {
  { "bench",
    "MODEL | --shape NAME | --vision NAME [--type q8_0] [--prefill 128] [--decode 32] [--json]",
    "how fast a language model reads and writes, or a vision tower sees",
    iv_cli_run_bench },
  { "check-device",
    "[--device N] [--json] [--quick]",
    "check every operation of the networks on a device",
    iv_cli_run_check_device },
  { "check-report",
    "REPORT [CURRENT [PRIOR]] [--json] [--device N]",
    "what does not fit in a report, by itself and against the films",
    iv_cli_run_check_report },
  { "compare",
    "CURRENT PRIOR [--json] [--points FILE] [--overlay PNG] [--lungs PNG] [--device N]",
    "register the prior to the current film and list what changed",
    iv_cli_run_compare },
  { "convert",
    "MODEL OUT.gguf [--type q4_k_m]",
    "write a model as GGUF, in another element type where asked",
    iv_cli_run_convert },
  { "decode", "FILE [--json] [--raw OUT]", "what one image file holds", iv_cli_run_decode },
  { "devices", "[--json]", "the Vulkan devices and which would be chosen", iv_cli_run_devices },
  { "embed",
    "--model MODEL [--mmproj FILE] --image FILE --out FILE [--json]",
    "what a model's vision tower makes of an image",
    iv_cli_run_embed },
  { "evaluate",
    "TABLE --model MODEL [--drafts FILE] [--tokens blanks] [--bootstrap 1000] [--json]",
    "scores of a model's drafts for a table of cases",
    iv_cli_run_evaluate },
  { "generate",
    "--model MODEL [--mmproj FILE] [--image FILE]… (--prompt TEXT | --ids IDS | --messages FILE) "
    "[--greedy] [--json]",
    "what a language model writes after a prompt",
    iv_cli_run_generate },
  { "logits",
    "--model MODEL --ids \"1 2 3\" --out FILE",
    "the logits after every token",
    iv_cli_run_logits },
  { "plan", "MODEL [--context N] [--json]", "where a model's weights would go", iv_cli_run_plan },
  { "preprocess",
    "--model MODEL [--mmproj FILE] --image FILE --out FILE [--crop] [--json]",
    "an image as a model's vision tower takes it",
    iv_cli_run_preprocess },
  { "report",
    "CURRENT [PRIOR] --model MODEL [--mmproj FILE] [--prior-report FILE] [--indication TEXT] "
    "[--lateral FILE] [--json]",
    "the draft of a report, with its sentences, regions and provenance",
    iv_cli_run_report },
  { "scan", "PATH… [--json]", "patients, images, and the prior of each", iv_cli_run_scan },
  { "score",
    "HYP REF… [--json] [--against HYP2] [--tokens blanks] [--bootstrap 1000] [--seed 1]",
    "scores of reports against their references",
    iv_cli_run_score },
  { "template",
    "--model MODEL | --file JINJA [--no-think]",
    "messages on standard input to prompt text",
    iv_cli_run_template },
  { "tokenize",
    "--model MODEL [--parse-special] [--add-special]",
    "text on standard input to token ids",
    iv_cli_run_tokenize },
  { "triage",
    "PATH… --model MODEL [--mmproj FILE] [--json] [--no-store]",
    "scores and notices for each study, most urgent first",
    iv_cli_run_triage },
  { "version", "", "print the version", iv_cli_run_version },
};

int
iv_cli_run_version (int argc, char **argv)
{
  g_print ("interval-cli %s\n", PACKAGE_VERSION);
  return IV_CLI_DONE;
}

const IvCliCommand *
iv_cli_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name))
      return &commands[i];
  return NULL;
}

gboolean
iv_cli_parse (const IvCliCommand *command, const GOptionEntry *entries, int *argc, char ***argv)
{
  g_autofree char *parameters = g_strdup_printf ("%s", command->arguments);
  g_autoptr (GOptionContext) context = g_option_context_new (parameters);
  g_autoptr (GError) error = NULL;
  g_option_context_set_summary (context, command->summary);
  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, argc, argv, &error))
    return TRUE;
  iv_cli_usage (command, error->message);
  return FALSE;
}

int
iv_cli_fail (const char *command, const GError *error)
{
  g_printerr ("interval-cli %s: %s\n", command, error->message);
  return IV_CLI_FAILED;
}

int
iv_cli_usage (const IvCliCommand *command, const char *problem)
{
  g_printerr ("interval-cli %s: %s\nUsage: interval-cli %s %s\n",
              command->name,
              problem,
              command->name,
              command->arguments);
  return IV_CLI_USAGE;
}

static void
print_commands (void)
{
  g_print ("Usage: interval-cli COMMAND [OPTION…]\n\n");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-14s %s\n", commands[i].name, commands[i].summary);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  /* Numbers in JSON and tables are written with a point in every locale. */
  setlocale (LC_NUMERIC, "C");
  if (argc < 2 || g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h")) {
    print_commands ();
    return argc < 2 ? IV_CLI_USAGE : IV_CLI_DONE;
  }
  const IvCliCommand *command = iv_cli_find (argv[1]);
  if (command == NULL) {
    g_printerr ("interval-cli: there is no command “%s”; see interval-cli --help\n", argv[1]);
    return IV_CLI_USAGE;
  }
  return command->run (argc - 1, argv + 1);
}
