/* JPEG 2000 and High-Throughput JPEG 2000 codestreams.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/decode/iv-dicom-info.h"

G_BEGIN_DECLS

/* One frame, a raw codestream or a JP2 file, of one component. out: [rows, columns]. The
 * codestream's own depth and sign win over the data set's, which are corrected in format. */
gboolean iv_decode_j2k (GBytes *frame, IvDicomPixelFormat *format, guint16 *out, GError **error);

G_END_DECLS
