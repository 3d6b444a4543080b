/* DICOM text in any of its character sets to UTF-8.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Opens the converters. In the worker before its sandbox closes: they are files. */
void iv_charset_prepare (void);

/* (transfer full) text of size bytes, in the sets that specific_character_set (the value of
 * (0008,0005), may be NULL) names, as valid UTF-8 without control characters but line breaks.
 * Bytes that fit no set become U+FFFD. Source: DICOM PS3.5 6.1, PS3.3 C.12.1.1.2. */
char *iv_charset_decode (const char *specific_character_set, const guint8 *text, gsize size);

/* The three groups of a person name, "family given middle" each, NULL when empty. */
typedef struct {
  char *alphabetic, *ideographic, *phonetic;
} IvPersonName;
void iv_person_name_clear (IvPersonName *name);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IvPersonName, iv_person_name_clear)

/* From a person name value in UTF-8. */
void iv_person_name_parse (IvPersonName *name, const char *value);

G_END_DECLS
