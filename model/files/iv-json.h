/* JSON of model files: json-glib behind checks of what it lets through.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The object in these bytes. An error (IV_MODEL_ERROR_FORMAT) for bytes that are not UTF-8 or hold
 * a zero, for nesting deeper than 64, for a member that occurs twice, and for what is no object.
 * (transfer full); its object is json_node_get_object. */
JsonNode *iv_json_parse (const char *text, gsize length, GError **error);
/* (transfer full) node as text. As json_to_string(), which leaves U+001F in strings as it is:
 * others refuse that, and a network may write it. */
char *iv_json_to_string (JsonNode *node, gboolean is_pretty);
/* Members, NULL (or FALSE) when absent, null, or of another type. */
JsonObject *iv_json_get_object (JsonObject *object, const char *member);
JsonArray *iv_json_get_array (JsonObject *object, const char *member);
const char *iv_json_get_string (JsonObject *object, const char *member);
gboolean iv_json_get_bool (JsonObject *object, const char *member, gboolean *value);
/* A whole number of 0 or more. */
gboolean iv_json_node_get_uint (JsonNode *node, guint64 *value);
gboolean iv_json_get_uint (JsonObject *object, const char *member, guint64 *value);
/* Any finite number. */
gboolean iv_json_get_number (JsonObject *object, const char *member, double *value);
/* There, and not null. */
gboolean iv_json_has (JsonObject *object, const char *member);

G_END_DECLS
