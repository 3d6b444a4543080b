/* Every command of interval-cli.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

/* One line each, sorted: int iv_cli_run_NAME (int argc, char **argv); */
int iv_cli_run_bench (int argc, char **argv);
int iv_cli_run_check_device (int argc, char **argv);
int iv_cli_run_check_report (int argc, char **argv);
int iv_cli_run_compare (int argc, char **argv);
int iv_cli_run_convert (int argc, char **argv);
int iv_cli_run_decode (int argc, char **argv);
int iv_cli_run_devices (int argc, char **argv);
int iv_cli_run_embed (int argc, char **argv);
int iv_cli_run_evaluate (int argc, char **argv);
int iv_cli_run_generate (int argc, char **argv);
int iv_cli_run_logits (int argc, char **argv);
int iv_cli_run_plan (int argc, char **argv);
int iv_cli_run_preprocess (int argc, char **argv);
int iv_cli_run_report (int argc, char **argv);
int iv_cli_run_scan (int argc, char **argv);
int iv_cli_run_score (int argc, char **argv);
int iv_cli_run_template (int argc, char **argv);
int iv_cli_run_tokenize (int argc, char **argv);
int iv_cli_run_triage (int argc, char **argv);
int iv_cli_run_version (int argc, char **argv);
