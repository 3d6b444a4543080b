/* From a JSON schema to a grammar, so that an answer is valid by construction.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full) A grammar for iv_grammar_new() whose every text is JSON that is valid against the
 * schema. Properties come in the schema's order and no others do; between elements there is at
 * most a line break with some spaces.
 *
 * type (one or several of object, array, string, integer, number, boolean, null), properties,
 * required, items, minItems, maxItems, minLength, maxLength (in characters), minimum and maximum of
 * integers no more than 1,000 apart, enum, const, anyOf, oneOf (as anyOf), $ref to #/$defs/… or
 * #/definitions/…. Give maxLength and maxItems where you can: what has no limit may never end.
 *
 * Errors: IV_MODEL_ERROR_FORMAT for bad JSON or a bad value, IV_MODEL_ERROR_UNSUPPORTED for a
 * keyword that narrows what is valid and is not in the list (pattern, format, not, allOf, …), each
 * with the place in the schema as in "#/properties/steps". Source: JSON Schema 2020-12.
 * Thread-safety: any. */
char *iv_json_schema_to_grammar (const char *schema, gssize length, GError **error);

G_END_DECLS
