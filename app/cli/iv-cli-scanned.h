/* What the commands that take files and folders share: waiting for their scan.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-collection.h"

G_BEGIN_DECLS

/* Adds files, folders and DICOMDIRs to the collection and waits until all are read. An error when
 * nothing was found and the one thing named was refused. (transfer full) */
IvCollectionReport *
iv_cli_scan_paths (IvCollection *collection, const char *const *paths, GError **error);

G_END_DECLS
