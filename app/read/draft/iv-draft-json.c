/* Drafts as JSON, for the command line and for what is kept on disk.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include "app/read/iv-draft.h"
#include "app/read/iv-read-error.h"

/* --- writing -------------------------------------------------------------------------------- */

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value != NULL ? value : "");
}

static void
add_span (JsonBuilder *builder, const IvReport *report, const char *name, IvTextSpan span)
{
  g_autofree char *text = iv_report_copy_span (report, span);
  add_string (builder, name, text);
}

static void
add_sections (JsonBuilder *builder, const IvReport *report)
{
  const GArray *sections = iv_report_get_sections (report);
  json_builder_set_member_name (builder, "sections");
  json_builder_begin_array (builder);
  for (guint i = 0; i < sections->len; i++) {
    const IvSection *section = &g_array_index (sections, IvSection, i);
    json_builder_begin_object (builder);
    add_string (builder, "kind", iv_section_kind_to_string (section->kind));
    add_span (builder, report, "text", section->body);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_place (JsonBuilder *builder, const IvDraftPlace *place)
{
  const double box[] = { place->box.x, place->box.y, place->box.width, place->box.height };
  json_builder_begin_object (builder);
  add_string (builder, "evidence", iv_evidence_to_string (place->evidence));
  json_builder_set_member_name (builder, "bbox");
  json_builder_begin_array (builder);
  for (guint i = 0; i < G_N_ELEMENTS (box); i++)
    json_builder_add_double_value (builder, round (box[i] * 10) / 10);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_sentences (JsonBuilder *builder, const IvDraft *draft)
{
  const GArray *sentences = iv_report_get_sentences (draft->report);
  json_builder_set_member_name (builder, "sentences");
  json_builder_begin_array (builder);
  for (guint i = 0; i < sentences->len; i++) {
    const IvSentence *sentence = &g_array_index (sentences, IvSentence, i);
    const GArray *places = g_ptr_array_index (draft->places, i);
    IvSectionKind kind = iv_report_get_section_kind (draft->report, sentence);
    json_builder_begin_object (builder);
    add_span (builder, draft->report, "text", sentence->span);
    add_string (builder, "section", iv_section_kind_to_string (kind));
    json_builder_set_member_name (builder, "start");
    json_builder_add_int_value (builder, sentence->span.start);
    json_builder_set_member_name (builder, "end");
    json_builder_add_int_value (builder, sentence->span.end);
    json_builder_set_member_name (builder, "places");
    json_builder_begin_array (builder);
    for (guint k = 0; k < places->len; k++)
      add_place (builder, &g_array_index (places, IvDraftPlace, k));
    json_builder_end_array (builder);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_removals (JsonBuilder *builder, const GArray *removals)
{
  json_builder_set_member_name (builder, "removed");
  json_builder_begin_array (builder);
  for (guint i = 0; i < removals->len; i++) {
    const IvDraftRemoval *removal = &g_array_index (removals, IvDraftRemoval, i);
    json_builder_begin_object (builder);
    add_string (builder, "text", removal->sentence);
    add_string (builder, "word", removal->word);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_sampling (JsonBuilder *builder, const IvDraftProvenance *provenance)
{
  const IvSampling *sampling = &provenance->sampling;
  json_builder_set_member_name (builder, "sampling");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "temperature");
  json_builder_add_double_value (builder, round (sampling->temperature * 1e6) / 1e6);
  json_builder_set_member_name (builder, "top_p");
  json_builder_add_double_value (builder, round (sampling->top_p * 1e6) / 1e6);
  json_builder_set_member_name (builder, "seed");
  json_builder_add_int_value (builder, (gint64) sampling->seed);
  json_builder_set_member_name (builder, "max_tokens");
  json_builder_add_int_value (builder, provenance->max_tokens);
  json_builder_end_object (builder);
}

static const struct {
  const char *name;
  gsize offset; /* of a char * */
} provenance_strings[] = {
  { "model", G_STRUCT_OFFSET (IvDraftProvenance, model) },
  { "file", G_STRUCT_OFFSET (IvDraftProvenance, file) },
  { "architecture", G_STRUCT_OFFSET (IvDraftProvenance, architecture) },
  { "quantisation", G_STRUCT_OFFSET (IvDraftProvenance, quantisation) },
  { "digest", G_STRUCT_OFFSET (IvDraftProvenance, digest) },
  { "sha256", G_STRUCT_OFFSET (IvDraftProvenance, sha256) },
  { "prompt", G_STRUCT_OFFSET (IvDraftProvenance, prompt) },
  { "prompt_source", G_STRUCT_OFFSET (IvDraftProvenance, prompt_source) },
  { "device", G_STRUCT_OFFSET (IvDraftProvenance, device) },
  { "version", G_STRUCT_OFFSET (IvDraftProvenance, version) },
  { "time", G_STRUCT_OFFSET (IvDraftProvenance, time) },
};

static void
add_provenance (JsonBuilder *builder, const IvDraftProvenance *provenance)
{
  json_builder_set_member_name (builder, "provenance");
  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (provenance_strings); i++)
    add_string (builder,
                provenance_strings[i].name,
                G_STRUCT_MEMBER (char *, provenance, provenance_strings[i].offset));
  json_builder_set_member_name (builder, "films");
  json_builder_begin_array (builder);
  for (guint i = 0; provenance->films != NULL && provenance->films[i] != NULL; i++)
    json_builder_add_string_value (builder, provenance->films[i]);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "prior");
  json_builder_add_boolean_value (builder, provenance->has_prior);
  json_builder_set_member_name (builder, "prior_report");
  json_builder_add_boolean_value (builder, provenance->has_prior_report);
  add_sampling (builder, provenance);
  json_builder_set_member_name (builder, "prompt_tokens");
  json_builder_add_int_value (builder, provenance->n_prompt);
  json_builder_set_member_name (builder, "generated_tokens");
  json_builder_add_int_value (builder, provenance->n_generated);
  json_builder_set_member_name (builder, "seconds");
  json_builder_add_double_value (builder, round (provenance->seconds * 1000) / 1000);
  json_builder_end_object (builder);
}

JsonNode *
iv_draft_to_json (const IvDraft *draft)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_string (builder, "text", draft->text);
  add_string (builder, "end", iv_draft_end_to_string (draft->end));
  add_sections (builder, draft->report);
  add_sentences (builder, draft);
  add_removals (builder, draft->removals);
  add_string (builder, "raw", draft->raw);
  add_provenance (builder, &draft->provenance);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* --- reading -------------------------------------------------------------------------------- */

static gboolean
fail (GError **error, const char *member)
{
  g_set_error (error,
               IV_READ_ERROR,
               IV_READ_ERROR_INVALID,
               "the draft that was kept cannot be read: “%s” is missing or is something else",
               member);
  return FALSE;
}

static JsonNode *
find (JsonObject *object, const char *name, JsonNodeType type)
{
  JsonNode *node = json_object_get_member (object, name);
  return node != NULL && json_node_get_node_type (node) == type ? node : NULL;
}

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name, JSON_NODE_VALUE);
  return node != NULL ? json_node_get_string (node) : NULL;
}

static double
get_number (JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name, JSON_NODE_VALUE);
  return node != NULL ? json_node_get_double (node) : 0;
}

static guint
get_count (JsonObject *object, const char *name)
{
  double value = get_number (object, name);
  return value >= 0 && value <= G_MAXINT32 ? (guint) value : 0;
}

static gboolean
get_flag (JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name, JSON_NODE_VALUE);
  return node != NULL && json_node_get_boolean (node);
}

static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name, JSON_NODE_ARRAY);
  return node != NULL ? json_node_get_array (node) : NULL;
}

static JsonObject *
get_object (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);
  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static gboolean
find_name (const char *const *names, guint n, const char *name, guint *value)
{
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (names[i], name) == 0) {
      *value = i;
      return TRUE;
    }
  return FALSE;
}

static gboolean
read_place (JsonObject *object, IvDraftPlace *place)
{
  static const char *const names[] = { "model", "change" };
  JsonArray *box = object != NULL ? get_array (object, "bbox") : NULL;
  double *const values[] = { &place->box.x, &place->box.y, &place->box.width, &place->box.height };
  guint evidence;
  if (box == NULL || json_array_get_length (box) != G_N_ELEMENTS (values) ||
      !find_name (names, G_N_ELEMENTS (names), get_string (object, "evidence"), &evidence))
    return FALSE;
  place->evidence = (IvEvidence) evidence;
  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    JsonNode *value = json_array_get_element (box, i);
    *values[i] = JSON_NODE_HOLDS_VALUE (value) ? json_node_get_double (value) : NAN;
    if (!isfinite (*values[i]))
      return FALSE;
  }
  return place->box.width > 0 && place->box.height > 0;
}

/* The sentences are those of the text; only their places are read. */
static gboolean
read_places (JsonObject *root, GPtrArray *places, GError **error)
{
  JsonArray *sentences = get_array (root, "sentences");
  if (sentences == NULL)
    return fail (error, "sentences");
  for (guint i = 0; i < MIN (json_array_get_length (sentences), places->len); i++) {
    JsonObject *sentence = get_object (sentences, i);
    JsonArray *list = sentence != NULL ? get_array (sentence, "places") : NULL;
    if (list == NULL)
      return fail (error, "places");
    for (guint k = 0; k < json_array_get_length (list); k++) {
      IvDraftPlace place;
      if (!read_place (get_object (list, k), &place))
        return fail (error, "places");
      g_array_append_val (g_ptr_array_index (places, i), place);
    }
  }
  return TRUE;
}

static gboolean
read_removals (JsonObject *root, GArray *removals, GError **error)
{
  JsonArray *list = get_array (root, "removed");
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++) {
    JsonObject *object = get_object (list, i);
    const char *sentence = object != NULL ? get_string (object, "text") : NULL;
    const char *word = object != NULL ? get_string (object, "word") : NULL;
    if (sentence == NULL || word == NULL)
      return fail (error, "removed");
    IvDraftRemoval removal = { g_strdup (sentence), g_strdup (word) };
    g_array_append_val (removals, removal);
  }
  return TRUE;
}

static void
read_provenance (JsonObject *root, IvDraftProvenance *provenance)
{
  JsonNode *node = find (root, "provenance", JSON_NODE_OBJECT);
  g_autoptr (JsonObject) none = json_object_new ();
  JsonObject *object = node != NULL ? json_node_get_object (node) : none;
  JsonNode *sampling_node = find (object, "sampling", JSON_NODE_OBJECT);
  JsonObject *sampling = sampling_node != NULL ? json_node_get_object (sampling_node) : none;
  JsonArray *films = get_array (object, "films");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; i < G_N_ELEMENTS (provenance_strings); i++) {
    const char *value = get_string (object, provenance_strings[i].name);
    G_STRUCT_MEMBER (char *, provenance, provenance_strings[i].offset) =
        g_strdup (value != NULL ? value : "");
  }
  for (guint i = 0; films != NULL && i < json_array_get_length (films); i++) {
    JsonNode *film = json_array_get_element (films, i);
    const char *uid = JSON_NODE_HOLDS_VALUE (film) ? json_node_get_string (film) : NULL;
    g_strv_builder_add (builder, uid != NULL ? uid : "");
  }
  provenance->films = g_strv_builder_end (builder);
  provenance->has_prior = get_flag (object, "prior");
  provenance->has_prior_report = get_flag (object, "prior_report");
  provenance->sampling.temperature = (float) get_number (sampling, "temperature");
  provenance->sampling.top_p = (float) get_number (sampling, "top_p");
  provenance->sampling.seed = get_count (sampling, "seed");
  provenance->max_tokens = get_count (sampling, "max_tokens");
  provenance->n_prompt = get_count (object, "prompt_tokens");
  provenance->n_generated = get_count (object, "generated_tokens");
  provenance->seconds = get_number (object, "seconds");
}

IvDraft *
iv_draft_from_json (JsonNode *node, GError **error)
{
  JsonObject *root =
      node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *text = root != NULL ? get_string (root, "text") : NULL;
  const char *raw = root != NULL ? get_string (root, "raw") : NULL;
  static const char *const ends[] = { "whole", "stopped", "cut-off" };
  guint end;
  if (text == NULL || raw == NULL) {
    fail (error, text == NULL ? "text" : "raw");
    return NULL;
  }
  if (!find_name (ends, G_N_ELEMENTS (ends), get_string (root, "end"), &end)) {
    fail (error, "end");
    return NULL;
  }
  g_autoptr (IvReport) report = iv_report_new (text, NULL);
  g_autoptr (GPtrArray) places = iv_draft_places_new (iv_report_get_sentences (report)->len);
  g_autoptr (GArray) removals = iv_draft_removals_new ();
  if (!read_places (root, places, error) || !read_removals (root, removals, error))
    return NULL;
  IvDraftParams params = { .end = (IvDraftEnd) end,
                           .raw = g_strdup (raw),
                           .text = g_strdup (text),
                           .places = g_steal_pointer (&places),
                           .removals = g_steal_pointer (&removals) };
  read_provenance (root, &params.provenance);
  return iv_draft_new (&params);
}
