/* The report of the study that is read: its draft as it is written, the reader's text, and whether
 * it was accepted.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/draft/iv-drafter.h"

#include "app/read/draft/iv-draft-model.h"
#include "app/read/draft/iv-draft-text.h"
#include "app/read/iv-read-error.h"
#include "model/files/iv-json.h"

/* For a second draft of a model that is otherwise greedy. */
#define VARIED_TEMPERATURE 0.7f
#define VARIED_TOP_P 0.9f

struct _IvDrafter {
  GObject parent_instance;

  IvEngine *engine;
  IvReading *reading;
  char *model, *mmproj, *family, *prior_report;
  double threshold;

  char *indication;
  IvDraft *draft;
  char *text;
  char *accepted; /* ISO 8601 or NULL */
  GError *error;

  GCancellable *cancellable; /* set while a draft is written */
  GString *written;          /* by the model so far */
  IvDraftStage stage;
  double fraction;
  char *message;
  gboolean is_queued;
};

G_DEFINE_FINAL_TYPE (IvDrafter, iv_drafter, G_TYPE_OBJECT)

enum { STATE_CHANGED, PROGRESSED, TEXT_CHANGED, EDITED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* A draft under way. What comes after it was given up belongs to nobody. */
typedef struct {
  IvDrafter *drafter;        /* (owned) */
  GCancellable *cancellable; /* (owned) */
} Run;

static void
run_free (Run *run)
{
  g_object_unref (run->drafter);
  g_object_unref (run->cancellable);
  g_free (run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

static gboolean
is_stale (const Run *run)
{
  return run->drafter->cancellable != run->cancellable;
}

static void
take_text (IvDrafter *self, char *text)
{
  g_free (self->text);
  self->text = text;
  g_signal_emit (self, signals[TEXT_CHANGED], 0);
}

static void
forget (IvDrafter *self)
{
  g_clear_pointer (&self->draft, iv_draft_unref);
  g_clear_pointer (&self->accepted, g_free);
  g_clear_error (&self->error);
  g_string_truncate (self->written, 0);
}

/* --- writing -------------------------------------------------------------------------------- */

static void
on_progress_cb (double fraction, const char *message, gpointer user_data)
{
  Run *run = user_data;
  IvDrafter *self = run->drafter;
  if (is_stale (run))
    return;
  self->is_queued = FALSE;
  self->fraction = fraction;
  g_free (self->message);
  self->message = g_strdup (message);
  g_signal_emit (self, signals[PROGRESSED], 0);
}

static void
on_piece_cb (gpointer data, gpointer user_data)
{
  const IvDraftPiece *piece = data;
  Run *run = user_data;
  IvDrafter *self = run->drafter;
  if (is_stale (run))
    return;
  self->is_queued = FALSE;
  self->stage = piece->stage;
  g_string_append (self->written, piece->text);
  if (*piece->text != '\0') {
    char *text = iv_draft_strip_thoughts (self->written->str);
    iv_draft_strip_tokens (text);
    take_text (self, text);
  }
  g_signal_emit (self, signals[PROGRESSED], 0);
}

static void
on_drafted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Run) run = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IvDraft) draft = iv_engine_run_finish (IV_ENGINE (source), result, &error);
  IvDrafter *self = run->drafter;
  if (is_stale (run))
    return;
  g_clear_object (&self->cancellable);
  if (draft != NULL) {
    self->draft = g_steal_pointer (&draft);
    take_text (self, g_strdup (self->draft->text));
  } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    self->error = g_steal_pointer (&error);
  }
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

static IvDraftRequest *
make_request (IvDrafter *self, gboolean varies)
{
  IvDraftRequest *request = iv_draft_request_new (self->model);
  IvRadiograph *current = iv_reading_get_current (self->reading);
  IvRadiograph *prior = iv_reading_get_prior_radiograph (self->reading);
  IvComparison *comparison = iv_reading_get_comparison (self->reading);
  request->mmproj = g_strdup (self->mmproj);
  request->family = g_strdup (self->family);
  request->indication = g_strstrip (g_strdup (self->indication));
  request->threshold = self->threshold;
  iv_draft_request_add_film (request, current, IV_DRAFT_CURRENT);
  if (prior != NULL) {
    iv_draft_request_add_film (request, prior, IV_DRAFT_PRIOR);
    request->days =
        iv_draft_count_days (iv_radiograph_get_info (current), iv_radiograph_get_info (prior));
    request->prior_report = g_strdup (self->prior_report);
    request->comparison = comparison != NULL ? g_object_ref (comparison) : NULL;
  }
  request->sampling.seed = (guint64) g_random_int () << 32 | g_random_int ();
  request->has_sampling = varies;
  request->sampling.temperature = VARIED_TEMPERATURE;
  request->sampling.top_p = VARIED_TOP_P;
  return request;
}

gboolean
iv_drafter_can_draft (IvDrafter *self)
{
  g_return_val_if_fail (IV_IS_DRAFTER (self), FALSE);
  return self->model != NULL && self->cancellable == NULL &&
         iv_reading_get_current (self->reading) != NULL;
}

gboolean
iv_drafter_draft (IvDrafter *self, gboolean varies)
{
  if (!iv_drafter_can_draft (self))
    return FALSE;
  forget (self);
  self->cancellable = g_cancellable_new ();
  self->stage = IV_DRAFT_STAGE_LOADING;
  self->fraction = -1;
  self->is_queued = TRUE;
  take_text (self, g_strdup (""));
  Run *run = g_new0 (Run, 1);
  run->drafter = g_object_ref (self);
  run->cancellable = g_object_ref (self->cancellable);
  IvEngineJob job = { .name = "draft",
                      .priority = IV_ENGINE_INTERACTIVE,
                      .run = iv_draft_job_run,
                      .data = make_request (self, varies),
                      .data_free = (GDestroyNotify) iv_draft_request_free,
                      .result_free = (GDestroyNotify) iv_draft_unref,
                      .progress = on_progress_cb,
                      .stream = on_piece_cb,
                      .user_data = run };
  iv_engine_run_async (self->engine, &job, self->cancellable, on_drafted_cb, run);
  g_signal_emit (self, signals[STATE_CHANGED], 0);
  return TRUE;
}

void
iv_drafter_stop (IvDrafter *self)
{
  g_return_if_fail (IV_IS_DRAFTER (self));
  /* The engine answers with what there is. */
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

gboolean
iv_drafter_is_working (IvDrafter *self)
{
  g_return_val_if_fail (IV_IS_DRAFTER (self), FALSE);
  return self->cancellable != NULL;
}

IvDraftStage
iv_drafter_get_stage (IvDrafter *self)
{
  return self->stage;
}

double
iv_drafter_get_fraction (IvDrafter *self)
{
  return self->fraction;
}

const char *
iv_drafter_get_message (IvDrafter *self)
{
  return self->message;
}

gboolean
iv_drafter_is_queued (IvDrafter *self)
{
  return self->is_queued;
}

const GError *
iv_drafter_get_error (IvDrafter *self)
{
  return self->error;
}

/* --- what it works with --------------------------------------------------------------------- */

gboolean
iv_drafter_set_model (IvDrafter *self, const char *file, GError **error)
{
  g_autofree char *mmproj = NULL;
  g_return_val_if_fail (IV_IS_DRAFTER (self), FALSE);
  if (file != NULL && *file != '\0') {
    mmproj = iv_draft_model_find_mmproj (file, error);
    if (mmproj == NULL)
      return FALSE;
  }
  g_free (self->model);
  g_free (self->mmproj);
  self->model = mmproj != NULL ? g_strdup (file) : NULL;
  self->mmproj = g_steal_pointer (&mmproj);
  g_clear_error (&self->error);
  g_signal_emit (self, signals[STATE_CHANGED], 0);
  return TRUE;
}

const char *
iv_drafter_get_model (IvDrafter *self)
{
  g_return_val_if_fail (IV_IS_DRAFTER (self), NULL);
  return self->model;
}

void
iv_drafter_set_family (IvDrafter *self, const char *family)
{
  g_return_if_fail (IV_IS_DRAFTER (self));
  g_free (self->family);
  self->family = g_strdup (family);
}

void
iv_drafter_set_threshold (IvDrafter *self, double threshold)
{
  g_return_if_fail (IV_IS_DRAFTER (self));
  self->threshold = threshold;
}

void
iv_drafter_set_indication (IvDrafter *self, const char *indication)
{
  g_return_if_fail (IV_IS_DRAFTER (self));
  if (g_strcmp0 (self->indication, indication) == 0)
    return;
  g_free (self->indication);
  self->indication = g_strdup (indication);
  g_signal_emit (self, signals[EDITED], 0);
}

const char *
iv_drafter_get_indication (IvDrafter *self)
{
  g_return_val_if_fail (IV_IS_DRAFTER (self), "");
  return self->indication;
}

void
iv_drafter_set_prior_report (IvDrafter *self, const char *report)
{
  g_return_if_fail (IV_IS_DRAFTER (self));
  g_free (self->prior_report);
  self->prior_report = g_strdup (report);
}

/* --- the text ------------------------------------------------------------------------------- */

IvDraft *
iv_drafter_get_draft (IvDrafter *self)
{
  g_return_val_if_fail (IV_IS_DRAFTER (self), NULL);
  return self->draft;
}

const char *
iv_drafter_get_text (IvDrafter *self)
{
  g_return_val_if_fail (IV_IS_DRAFTER (self), "");
  return self->text;
}

void
iv_drafter_set_text (IvDrafter *self, const char *text)
{
  g_return_if_fail (IV_IS_DRAFTER (self));
  if (self->cancellable != NULL || g_strcmp0 (self->text, text) == 0)
    return;
  g_free (self->text);
  self->text = g_strdup (text);
  g_signal_emit (self, signals[EDITED], 0);
  if (self->accepted == NULL)
    return;
  g_clear_pointer (&self->accepted, g_free);
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

const char *
iv_drafter_get_accepted (IvDrafter *self)
{
  g_return_val_if_fail (IV_IS_DRAFTER (self), NULL);
  return self->accepted;
}

void
iv_drafter_accept (IvDrafter *self)
{
  g_return_if_fail (IV_IS_DRAFTER (self));
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  if (self->cancellable != NULL || *self->text == '\0' || self->accepted != NULL)
    return;
  self->accepted = g_date_time_format (now, "%FT%T%:z");
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

void
iv_drafter_discard (IvDrafter *self)
{
  g_return_if_fail (IV_IS_DRAFTER (self));
  if (self->cancellable != NULL)
    return;
  forget (self);
  take_text (self, g_strdup (""));
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

GPtrArray *
iv_drafter_find_places (IvDrafter *self, const IvReport *report)
{
  const GArray *sentences = iv_report_get_sentences (report);
  GPtrArray *places = iv_draft_places_new (sentences->len);
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (self->draft == NULL)
    return places;
  for (guint i = 0; i < self->draft->places->len; i++)
    g_hash_table_insert (
        known,
        iv_report_copy_span (self->draft->report,
                             iv_report_get_sentence (self->draft->report, i)->span),
        g_ptr_array_index (self->draft->places, i));
  for (guint i = 0; i < sentences->len; i++) {
    g_autofree char *text =
        iv_report_copy_span (report, g_array_index (sentences, IvSentence, i).span);
    const GArray *found = g_hash_table_lookup (known, text);
    if (found != NULL && found->len > 0)
      g_array_append_vals (g_ptr_array_index (places, i), found->data, found->len);
  }
  return places;
}

/* --- keeping -------------------------------------------------------------------------------- */

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

char *
iv_drafter_save (IvDrafter *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_return_val_if_fail (IV_IS_DRAFTER (self), NULL);
  if (*self->text == '\0' && *self->indication == '\0' && self->draft == NULL)
    return NULL;
  json_builder_begin_object (builder);
  add_string (builder, "indication", self->indication);
  add_string (builder, "text", self->text);
  if (self->accepted != NULL)
    add_string (builder, "accepted", self->accepted);
  if (self->draft != NULL) {
    json_builder_set_member_name (builder, "draft");
    json_builder_add_value (builder, iv_draft_to_json (self->draft));
  }
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return iv_json_to_string (root, FALSE);
}

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static gboolean
read_saved (IvDrafter *self, const char *saved, GError **error)
{
  g_autoptr (JsonNode) root = json_from_string (saved, NULL);
  JsonObject *object =
      root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  const char *text = object != NULL ? get_string (object, "text") : NULL;
  if (text == NULL) {
    g_set_error_literal (error,
                         IV_READ_ERROR,
                         IV_READ_ERROR_INVALID,
                         "the report kept for this study cannot be read");
    return FALSE;
  }
  JsonNode *draft = json_object_get_member (object, "draft");
  if (draft != NULL && (self->draft = iv_draft_from_json (draft, error)) == NULL)
    return FALSE;
  const char *indication = get_string (object, "indication");
  g_free (self->indication);
  self->indication = g_strdup (indication != NULL ? indication : "");
  self->accepted = g_strdup (get_string (object, "accepted"));
  g_free (self->text);
  self->text = g_strdup (text);
  return TRUE;
}

gboolean
iv_drafter_restore (IvDrafter *self, const char *saved, GError **error)
{
  g_return_val_if_fail (IV_IS_DRAFTER (self), FALSE);
  /* A draft of another study is given up where it is. */
  iv_drafter_stop (self);
  g_clear_object (&self->cancellable);
  forget (self);
  g_free (self->indication);
  self->indication = g_strdup ("");
  g_free (self->text);
  self->text = g_strdup ("");
  gboolean is_good = saved == NULL || read_saved (self, saved, error);
  g_signal_emit (self, signals[TEXT_CHANGED], 0);
  g_signal_emit (self, signals[STATE_CHANGED], 0);
  return is_good;
}

/* --- the object ----------------------------------------------------------------------------- */

static void
iv_drafter_dispose (GObject *object)
{
  IvDrafter *self = IV_DRAFTER (object);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->engine);
  g_clear_object (&self->reading);
  G_OBJECT_CLASS (iv_drafter_parent_class)->dispose (object);
}

static void
iv_drafter_finalize (GObject *object)
{
  IvDrafter *self = IV_DRAFTER (object);
  g_clear_pointer (&self->draft, iv_draft_unref);
  g_clear_error (&self->error);
  g_free (self->model);
  g_free (self->mmproj);
  g_free (self->family);
  g_free (self->prior_report);
  g_free (self->indication);
  g_free (self->text);
  g_free (self->accepted);
  g_free (self->message);
  g_string_free (self->written, TRUE);
  G_OBJECT_CLASS (iv_drafter_parent_class)->finalize (object);
}

static void
iv_drafter_class_init (IvDrafterClass *class)
{
  static const char *const names[] = { "state-changed", "progressed", "text-changed", "edited" };
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  object_class->dispose = iv_drafter_dispose;
  object_class->finalize = iv_drafter_finalize;
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i],
                               G_TYPE_FROM_CLASS (class),
                               G_SIGNAL_RUN_LAST,
                               0,
                               NULL,
                               NULL,
                               NULL,
                               G_TYPE_NONE,
                               0);
}

static void
iv_drafter_init (IvDrafter *self)
{
  self->indication = g_strdup ("");
  self->text = g_strdup ("");
  self->message = g_strdup ("");
  self->written = g_string_new (NULL);
  self->threshold = 0.5;
  self->fraction = -1;
}

IvDrafter *
iv_drafter_new (IvEngine *engine, IvReading *reading)
{
  IvDrafter *self = g_object_new (IV_TYPE_DRAFTER, NULL);
  self->engine = g_object_ref (engine);
  self->reading = g_object_ref (reading);
  return self;
}
