/* What a site says of a model for triage: temperature, thresholds, how it was calibrated.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/triage/iv-triage-card.h"

#include <math.h>
#include <string.h>

#include "app/read/iv-read-error.h"
#include "model/files/iv-json.h"

#define SUFFIX ".interval.json"
#define MOST_BYTES (1 << 20)

static gboolean
fail (const char *source, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (const char *source, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID, "%s: %s", source, problem);
  return FALSE;
}

/* --- members, each of which may be missing --------------------------------------------------- */

typedef struct {
  const char *source;
  JsonObject *object;
} Part;

typedef struct {
  double least, most;
} Range;

static gboolean
read_number (const Part *part, const char *name, Range range, double *value, GError **error)
{
  JsonNode *node = json_object_get_member (part->object, name);
  if (node == NULL)
    return TRUE;
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  double number = type == G_TYPE_DOUBLE || type == G_TYPE_INT64 ? json_node_get_double (node) : NAN;
  if (!(number >= range.least && number <= range.most))
    return fail (
        part->source, error, "“%s” is not a number from %g to %g", name, range.least, range.most);
  *value = number;
  return TRUE;
}

static gboolean
read_text (const Part *part, const char *name, char **text, GError **error)
{
  JsonNode *node = json_object_get_member (part->object, name);
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return fail (part->source, error, "“%s” is not a text", name);
  *text = json_node_dup_string (node);
  return TRUE;
}

/* object: NULL when the member is missing. */
static gboolean
read_object (const Part *part, const char *name, JsonObject **object, GError **error)
{
  JsonNode *node = json_object_get_member (part->object, name);
  *object = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fail (part->source, error, "“%s” is not an object", name);
  *object = json_node_get_object (node);
  return TRUE;
}

/* --- the card -------------------------------------------------------------------------------- */

static gboolean
read_thresholds (IvTriageCard *self, const Part *part, GError **error)
{
  Part thresholds = { part->source };
  if (!read_object (part, "thresholds", &thresholds.object, error))
    return FALSE;
  if (thresholds.object == NULL)
    return TRUE;
  g_autoptr (GList) names = json_object_get_members (thresholds.object);
  for (GList *link = names; link != NULL; link = link->next) {
    double value = 0;
    if (!read_number (&thresholds, link->data, (Range){ 0, 1 }, &value, error))
      return FALSE;
    g_hash_table_insert (self->thresholds, g_strdup (link->data), g_memdup2 (&value, sizeof value));
  }
  return TRUE;
}

static gboolean
read_calibration (IvTriageCard *self,
                  const Part *part,
                  const IvTriageCardParams *params,
                  GError **error)
{
  g_autofree char *questions = NULL;
  Part calibration = { part->source };
  if (!read_object (part, "calibration", &calibration.object, error))
    return FALSE;
  if (calibration.object == NULL)
    return TRUE;
  if (!read_text (&calibration, "date", &self->date, error) ||
      !read_text (&calibration, "set", &self->set, error) ||
      !read_text (&calibration, "questions", &questions, error))
    return FALSE;
  if (self->date == NULL || self->set == NULL)
    return fail (part->source, error, "“calibration” lacks its “date” or its “set”");
  self->is_calibrated = questions == NULL || g_str_equal (questions, params->questions_digest);
  if (!self->is_calibrated)
    self->note = g_strdup ("calibrated with other questions");
  return TRUE;
}

static gboolean
read_card (IvTriageCard *self, const Part *root, const IvTriageCardParams *params, GError **error)
{
  g_autofree char *model = NULL;
  Part part = { root->source };
  if (!read_text (root, "model", &model, error) ||
      !read_object (root, "triage", &part.object, error))
    return FALSE;
  if (model != NULL && !g_str_equal (model, params->model_digest))
    return fail (root->source, error, "is the card of another model, %.12s…", model);
  if (part.object == NULL)
    return TRUE;
  /* Beyond these a temperature makes a score of everything or of nothing. */
  return read_number (&part, "temperature", (Range){ 0.01, 100 }, &self->temperature, error) &&
         read_number (&part, "least_mass", (Range){ 0, 1 }, &self->least_mass, error) &&
         read_thresholds (self, &part, error) && read_calibration (self, &part, params, error);
}

static IvTriageCard *
new_card (void)
{
  IvTriageCard *self = g_new0 (IvTriageCard, 1);
  self->temperature = 1;
  self->least_mass = -1;
  self->thresholds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->digest = g_strdup ("");
  return self;
}

IvTriageCard *
iv_triage_card_parse (const char *text,
                      const char *source,
                      const IvTriageCardParams *params,
                      GError **error)
{
  g_autoptr (IvTriageCard) self = new_card ();
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonNode) node = iv_json_parse (text, strlen (text), &problem);
  if (node == NULL) {
    fail (source, error, "%s", problem->message);
    return NULL;
  }
  Part root = { source, json_node_get_object (node) };
  if (!read_card (self, &root, params, error))
    return NULL;
  g_free (self->digest);
  self->digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  return g_steal_pointer (&self);
}

char *
iv_triage_card_get_file (const char *model)
{
  g_autofree char *name = g_strdup (model);
  for (gsize n = strlen (name); n > 1 && G_IS_DIR_SEPARATOR (name[n - 1]); n--)
    name[n - 1] = '\0';
  return g_strconcat (name, SUFFIX, NULL);
}

IvTriageCard *
iv_triage_card_load (const char *model, const IvTriageCardParams *params, GError **error)
{
  g_autofree char *file = iv_triage_card_get_file (model);
  g_autofree char *text = NULL;
  gsize length;
  if (!g_file_test (file, G_FILE_TEST_EXISTS))
    return new_card ();
  if (!g_file_get_contents (file, &text, &length, error))
    return NULL;
  if (length > MOST_BYTES || !g_utf8_validate (text, (gssize) length, NULL)) {
    fail (file, error, "%" G_GSIZE_FORMAT " bytes that are no text of a card", length);
    return NULL;
  }
  return iv_triage_card_parse (text, file, params, error);
}

void
iv_triage_card_free (IvTriageCard *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->thresholds);
  g_free (self->date);
  g_free (self->set);
  g_free (self->note);
  g_free (self->digest);
  g_free (self);
}

double
iv_triage_card_get_threshold (const IvTriageCard *self, const char *finding, double otherwise)
{
  const double *value = g_hash_table_lookup (self->thresholds, finding);
  return value != NULL ? *value : otherwise;
}
