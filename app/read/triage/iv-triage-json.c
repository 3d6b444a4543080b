/* The result of triage as JSON, for the library and the command line.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/triage/iv-triage.h"

#include <math.h>

#include <json-glib/json-glib.h>

#include "app/read/iv-read-error.h"
#include "model/files/iv-json.h"

/* --- writing --------------------------------------------------------------------------------- */

static void
add_text (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value != NULL ? value : "");
}

static void
add_number (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static void
add_truth (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_evidence (JsonBuilder *builder, const GArray *evidence)
{
  json_builder_set_member_name (builder, "evidence");
  json_builder_begin_array (builder);
  for (guint i = 0; i < evidence->len; i++) {
    const IvTriageEvidence *item = &g_array_index (evidence, IvTriageEvidence, i);
    gboolean is_more = item->direction == IV_CHANGE_INCREASED;
    json_builder_begin_object (builder);
    add_text (builder, "zone", iv_zone_to_string (item->zone));
    add_text (builder, "direction", is_more ? "increased" : "decreased");
    add_number (builder, "score", item->score);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_finding (JsonBuilder *builder, const IvTriageFinding *finding)
{
  json_builder_begin_object (builder);
  add_text (builder, "finding", finding->name);
  add_text (builder, "label", finding->label);
  add_text (builder, "status", iv_triage_status_to_string (finding->status));
  json_builder_set_member_name (builder, "score");
  if (finding->status == IV_TRIAGE_SCORED)
    json_builder_add_double_value (builder, finding->score);
  else
    json_builder_add_null_value (builder);
  add_number (builder, "mass", finding->mass);
  add_number (builder, "threshold", finding->threshold);
  add_truth (builder, "flag", finding->is_flag);
  add_evidence (builder, finding->evidence);
  json_builder_end_object (builder);
}

char *
iv_triage_to_json (const IvTriage *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_text (builder, "model", self->model);
  add_text (builder, "model_digest", self->model_digest);
  add_text (builder, "device", self->device);
  add_text (builder, "time", self->time);
  add_number (builder, "temperature", self->temperature);
  add_truth (builder, "calibrated", self->is_calibrated);
  add_text (builder, "calibration", self->calibration);
  json_builder_set_member_name (builder, "findings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->findings->len; i++)
    add_finding (builder, g_ptr_array_index (self->findings, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return iv_json_to_string (root, FALSE);
}

/* --- reading --------------------------------------------------------------------------------- */

/* The first member that was missing or wrong stays in problem. */
typedef struct {
  JsonObject *object;
  const char **problem;
} Part;

static JsonNode *
get_value (const Part *part, const char *name, GType type)
{
  JsonNode *node = part->object != NULL ? json_object_get_member (part->object, name) : NULL;
  GType found = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node)
                                                             : G_TYPE_INVALID;
  if (found == type || (type == G_TYPE_DOUBLE && found == G_TYPE_INT64))
    return node;
  if (*part->problem == NULL)
    *part->problem = name;
  return NULL;
}

static const char *
get_text (const Part *part, const char *name)
{
  JsonNode *node = get_value (part, name, G_TYPE_STRING);
  return node != NULL ? json_node_get_string (node) : "";
}

static double
get_number (const Part *part, const char *name, double most)
{
  JsonNode *node = get_value (part, name, G_TYPE_DOUBLE);
  double value = node != NULL ? json_node_get_double (node) : 0;
  if (value >= 0 && value <= most)
    return value;
  if (*part->problem == NULL)
    *part->problem = name;
  return 0;
}

static gboolean
get_truth (const Part *part, const char *name)
{
  JsonNode *node = get_value (part, name, G_TYPE_BOOLEAN);
  return node != NULL && json_node_get_boolean (node);
}

/* Never NULL: an empty list stands for what is not one. (transfer full) */
static GPtrArray *
get_objects (const Part *part, const char *name)
{
  GPtrArray *objects = g_ptr_array_new ();
  JsonNode *node = part->object != NULL ? json_object_get_member (part->object, name) : NULL;
  JsonArray *array =
      node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  gboolean is_good = array != NULL;
  for (guint i = 0; is_good && i < json_array_get_length (array); i++) {
    JsonNode *element = json_array_get_element (array, i);
    is_good = JSON_NODE_HOLDS_OBJECT (element);
    if (is_good)
      g_ptr_array_add (objects, json_node_get_object (element));
  }
  if (!is_good && *part->problem == NULL)
    *part->problem = name;
  return objects;
}

/* Which of the names the member says; the first when it says none of them. */
static guint
get_choice (const Part *part, const char *name, const char *(*to_string) (guint), guint n)
{
  const char *text = get_text (part, name);
  for (guint i = 0; i < n; i++)
    if (g_str_equal (text, to_string (i)))
      return i;
  if (*part->problem == NULL)
    *part->problem = name;
  return 0;
}

static const char *
name_status (guint i)
{
  return iv_triage_status_to_string ((IvTriageStatus) i);
}

static const char *
name_zone (guint i)
{
  return iv_zone_to_string ((IvZone) i);
}

static const char *
name_direction (guint i)
{
  return i == IV_CHANGE_INCREASED ? "increased" : "decreased";
}

static void
read_finding (IvTriage *self, const Part *part)
{
  IvTriageFinding *finding =
      iv_triage_add (self, get_text (part, "finding"), get_text (part, "label"));
  finding->status = (IvTriageStatus) get_choice (part, "status", name_status, 3);
  if (finding->status == IV_TRIAGE_SCORED)
    finding->score = get_number (part, "score", 1);
  finding->mass = get_number (part, "mass", 1);
  finding->threshold = get_number (part, "threshold", 1);
  finding->is_flag = get_truth (part, "flag") && finding->status == IV_TRIAGE_SCORED;
  g_autoptr (GPtrArray) evidence = get_objects (part, "evidence");
  for (guint i = 0; i < evidence->len; i++) {
    Part item = { evidence->pdata[i], part->problem };
    IvTriageEvidence read = {
      .zone = (IvZone) get_choice (&item, "zone", name_zone, 6),
      .direction = (IvChangeDirection) get_choice (&item, "direction", name_direction, 2),
      .score = get_number (&item, "score", 1),
    };
    g_array_append_val (finding->evidence, read);
  }
}

IvTriage *
iv_triage_from_json (const char *text, GError **error)
{
  g_autoptr (JsonNode) root = json_from_string (text, NULL);
  g_autoptr (IvTriage) self = iv_triage_new ();
  const char *problem = NULL;
  Part part = { NULL, &problem };
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    part.object = json_node_get_object (root);
  self->model = g_strdup (get_text (&part, "model"));
  self->model_digest = g_strdup (get_text (&part, "model_digest"));
  self->device = g_strdup (get_text (&part, "device"));
  self->time = g_strdup (get_text (&part, "time"));
  self->temperature = get_number (&part, "temperature", G_MAXDOUBLE);
  self->is_calibrated = get_truth (&part, "calibrated");
  self->calibration = g_strdup (get_text (&part, "calibration"));
  g_autoptr (GPtrArray) findings = get_objects (&part, "findings");
  for (guint i = 0; i < findings->len; i++) {
    Part finding = { findings->pdata[i], &problem };
    read_finding (self, &finding);
  }
  if (problem == NULL)
    return g_steal_pointer (&self);
  g_set_error (error,
               IV_READ_ERROR,
               IV_READ_ERROR_INVALID,
               "a kept result of triage: “%s” is missing or wrong",
               problem);
  return NULL;
}
