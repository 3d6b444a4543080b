/* The options that give an answer its form.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/generate/iv-answer-form.h"

G_BEGIN_DECLS

typedef struct {
  char *grammar, *json_schema, *ban; /* files */
  char *after;
} IvCliFormOptions;

/* clang-format off */
#define IV_CLI_FORM_ENTRIES(options)                                                              \
  { "grammar", 0, 0, G_OPTION_ARG_FILENAME, &(options)->grammar, "form of the text", "FILE" },    \
  { "json-schema", 0, 0, G_OPTION_ARG_FILENAME, &(options)->json_schema, "form of JSON", "FILE" }, \
  { "ban", 0, 0, G_OPTION_ARG_FILENAME, &(options)->ban, "words not used, one a line", "FILE" },  \
  { "form-after", 0, 0, G_OPTION_ARG_STRING, &(options)->after, "the form holds behind", "TEXT" }
/* clang-format on */

void iv_cli_form_options_clear (IvCliFormOptions *options);

/* NULL without an error when no option is given. */
IvAnswerForm *
iv_cli_form_new (IvLanguageModel *model, const IvCliFormOptions *options, GError **error);

G_END_DECLS
