/* A conversation about a case with a language model on this machine.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-chat.h"

#include "app/read/iv-prompt.h"

struct _IvChat {
  GObject parent_instance;

  IvEngine *engine;
  IvChatState state;
  IvChatModelInfo *model;
  IvChatMeter meter;
  double fraction;
  char *message;
  gboolean is_queued; /* the engine has not come to what was asked of it */

  char *case_text;
  char *language;
  IvSampling sampling;
  gboolean thinks;

  GListStore *turns;
  IvChatTurn *writing;            /* borrowed from turns: the answer that is being written */
  GCancellable *load_cancellable; /* set while a model is loaded */
  GCancellable *ask_cancellable;  /* set while an answer is written */
};

G_DEFINE_FINAL_TYPE (IvChat, iv_chat, G_TYPE_OBJECT)

enum { STATE_CHANGED, METER_CHANGED, PROGRESSED, CASE_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* An answer under way. Pieces that come after it was given up belong to nobody. */
typedef struct {
  IvChat *chat;     /* (owned) */
  IvChatTurn *turn; /* (owned) */
} Answer;

static void
answer_free (Answer *answer)
{
  g_object_unref (answer->chat);
  g_object_unref (answer->turn);
  g_free (answer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answer, answer_free)

static void
set_state (IvChat *self, IvChatState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

static void
set_progress (IvChat *self, double fraction, const char *message)
{
  self->fraction = fraction;
  g_free (self->message);
  self->message = g_strdup (message != NULL ? message : "");
  g_signal_emit (self, signals[PROGRESSED], 0);
}

static void
on_load_progress_cb (double fraction, const char *message, gpointer user_data)
{
  GTask *task = user_data;
  IvChat *self = g_task_get_source_object (task);

  if (self->load_cancellable != g_task_get_cancellable (task))
    return;
  self->is_queued = FALSE;
  set_progress (self, fraction, message);
}

static void
on_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  IvChat *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  IvChatModelInfo *info = iv_engine_run_finish (IV_ENGINE (source), result, &error);

  if (self->load_cancellable != g_task_get_cancellable (task)) { /* another load came after */
    g_clear_pointer (&info, iv_chat_model_info_free);
    if (error == NULL)
      g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Another model was chosen.");
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  g_clear_object (&self->load_cancellable);
  self->model = info;
  self->meter = (IvChatMeter){ .n_context = info != NULL ? info->n_context : 0 };
  set_progress (self, -1, "");
  set_state (self, info != NULL ? IV_CHAT_READY : IV_CHAT_NO_MODEL);
  g_signal_emit (self, signals[METER_CHANGED], 0);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

void
iv_chat_load_async (IvChat *self,
                    const char *file,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  IvEngineJob job = {
    .name = "load a language model",
    .priority = IV_ENGINE_NORMAL,
    .run = iv_chat_job_load,
    .data_free = g_free,
    .result_free = (GDestroyNotify) iv_chat_model_info_free,
    .progress = on_load_progress_cb,
  };
  GTask *task;

  g_return_if_fail (IV_IS_CHAT (self));
  g_return_if_fail (file != NULL);

  iv_chat_stop (self);
  iv_chat_cancel_load (self);
  g_clear_pointer (&self->model, iv_chat_model_info_free);
  self->load_cancellable = g_cancellable_new ();
  task = g_task_new (self, self->load_cancellable, callback, user_data);
  g_task_set_check_cancellable (task, FALSE);
  job.data = g_strdup (file);
  job.user_data = task;
  self->is_queued = TRUE;
  set_progress (self, -1, "");
  set_state (self, IV_CHAT_LOADING);
  iv_engine_run_async (self->engine, &job, self->load_cancellable, on_loaded_cb, task);
}

gboolean
iv_chat_load_finish (IvChat *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
iv_chat_cancel_load (IvChat *self)
{
  g_return_if_fail (IV_IS_CHAT (self));

  if (self->load_cancellable == NULL)
    return;
  g_cancellable_cancel (self->load_cancellable);
  g_clear_object (&self->load_cancellable);
  set_state (self, IV_CHAT_NO_MODEL);
}

static void
on_unloaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  /* Nothing is left to do, and a failure leaves nothing either: the engine is being closed. */
  g_free (iv_engine_run_finish (IV_ENGINE (source), result, NULL));
}

void
iv_chat_unload (IvChat *self)
{
  IvEngineJob job = {
    .name = "unload the language model",
    .run = iv_chat_job_unload,
    .result_free = g_free,
  };

  g_return_if_fail (IV_IS_CHAT (self));

  iv_chat_stop (self);
  iv_chat_cancel_load (self);
  g_clear_pointer (&self->model, iv_chat_model_info_free);
  self->meter = (IvChatMeter){ 0 };
  iv_engine_run_async (self->engine, &job, NULL, on_unloaded_cb, NULL);
  set_state (self, IV_CHAT_NO_MODEL);
  g_signal_emit (self, signals[METER_CHANGED], 0);
}

static void
on_piece_cb (gpointer data, gpointer user_data)
{
  const IvChatPiece *piece = data;
  Answer *answer = user_data;
  IvChat *self = answer->chat;

  if (self->writing != answer->turn)
    return;
  self->is_queued = FALSE;
  self->meter.n_used = piece->n_used;
  self->meter.n_evaluated = 0;
  /* The first token's time belongs to the reading of the prompt. */
  self->meter.tokens_per_second = piece->n_generated > 1 && piece->decode_seconds > 0
                                      ? (piece->n_generated - 1) / piece->decode_seconds
                                      : 0;
  iv_chat_turn_append (answer->turn, piece->text);
  if (piece->n_generated > 0)
    set_state (self, IV_CHAT_ANSWERING);
  g_signal_emit (self, signals[METER_CHANGED], 0);
}

static IvChatTurnState
turn_state_of (const IvChatAnswer *answer)
{
  switch (answer->stats.stop) {
  case IV_STOP_CANCELLED:
    return IV_CHAT_TURN_STOPPED;
  case IV_STOP_CONTEXT_FULL:
  case IV_STOP_LENGTH:
    return IV_CHAT_TURN_CONTEXT_FULL;
  case IV_STOP_END:
  default:
    return IV_CHAT_TURN_DONE;
  }
}

static void
on_answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Answer) answer = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree IvChatAnswer *done = iv_engine_run_finish (IV_ENGINE (source), result, &error);
  IvChat *self = answer->chat;

  if (self->writing != answer->turn)
    return;
  self->writing = NULL;
  g_clear_object (&self->ask_cancellable);
  if (done != NULL) {
    self->meter.n_used = done->n_used;
    self->meter.n_evaluated = done->stats.n_evaluated;
    if (done->stats.n_generated > 1 && done->stats.decode_seconds > 0)
      self->meter.tokens_per_second = done->stats.n_generated / done->stats.decode_seconds;
    iv_chat_turn_finish (answer->turn, turn_state_of (done), NULL);
  } else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    iv_chat_turn_finish (answer->turn, IV_CHAT_TURN_STOPPED, NULL);
  } else {
    iv_chat_turn_finish (answer->turn, IV_CHAT_TURN_FAILED, error->message);
  }
  set_state (self, self->model != NULL ? IV_CHAT_READY : IV_CHAT_NO_MODEL);
  g_signal_emit (self, signals[METER_CHANGED], 0);
}

static IvChatRequest *
build_request (IvChat *self)
{
  IvChatRequest *request = iv_chat_request_new (self->model->file);
  g_autofree char *instructions = iv_chat_get_instructions (self);
  guint n_turns = g_list_model_get_n_items (G_LIST_MODEL (self->turns));

  request->sampling = self->sampling;
  request->sampling.seed = (guint64) g_random_int () << 32 | g_random_int ();
  request->no_think = !self->thinks;
  iv_chat_request_add (request, "system", instructions);
  for (guint i = 0; i < n_turns; i++) {
    g_autoptr (IvChatTurn) turn = g_list_model_get_item (G_LIST_MODEL (self->turns), i);
    gboolean is_reader = iv_chat_turn_get_role (turn) == IV_CHAT_ROLE_READER;

    iv_chat_request_add (request, is_reader ? "user" : "assistant", iv_chat_turn_get_text (turn));
  }
  return request;
}

/* The turns end with a question: asks for its answer. */
static void
answer_last (IvChat *self)
{
  IvEngineJob job = {
    .name = "chat",
    .priority = IV_ENGINE_INTERACTIVE,
    .run = iv_chat_job_answer,
    .data = build_request (self),
    .data_free = (GDestroyNotify) iv_chat_request_free,
    .result_free = g_free,
    .stream = on_piece_cb,
  };
  Answer *answer = g_new0 (Answer, 1);

  answer->chat = g_object_ref (self);
  answer->turn = iv_chat_turn_new (IV_CHAT_ROLE_MODEL, NULL);
  self->writing = answer->turn;
  self->ask_cancellable = g_cancellable_new ();
  self->meter.tokens_per_second = 0;
  self->is_queued = TRUE;
  g_list_store_append (self->turns, answer->turn);
  set_state (self, IV_CHAT_READING);
  job.user_data = answer;
  iv_engine_run_async (self->engine, &job, self->ask_cancellable, on_answered_cb, answer);
}

gboolean
iv_chat_ask (IvChat *self, const char *question)
{
  g_autoptr (IvChatTurn) turn = NULL;
  g_autofree char *text = NULL;

  g_return_val_if_fail (IV_IS_CHAT (self), FALSE);
  g_return_val_if_fail (question != NULL, FALSE);

  text = g_strstrip (g_strdup (question));
  if (self->state != IV_CHAT_READY || *text == '\0')
    return FALSE;
  turn = iv_chat_turn_new (IV_CHAT_ROLE_READER, text);
  g_list_store_append (self->turns, turn);
  answer_last (self);
  return TRUE;
}

void
iv_chat_stop (IvChat *self)
{
  IvChatTurn *turn;

  g_return_if_fail (IV_IS_CHAT (self));

  if (self->writing == NULL)
    return;
  /* The turn ends here and now, whenever the engine gets round to it. */
  turn = g_steal_pointer (&self->writing);
  g_cancellable_cancel (self->ask_cancellable);
  g_clear_object (&self->ask_cancellable);
  iv_chat_turn_finish (turn, IV_CHAT_TURN_STOPPED, NULL);
  set_state (self, self->model != NULL ? IV_CHAT_READY : IV_CHAT_NO_MODEL);
}

static IvChatTurn *
get_last (IvChat *self)
{
  guint n_turns = g_list_model_get_n_items (G_LIST_MODEL (self->turns));

  return n_turns > 0 ? g_list_model_get_item (G_LIST_MODEL (self->turns), n_turns - 1) : NULL;
}

gboolean
iv_chat_can_regenerate (IvChat *self)
{
  g_return_val_if_fail (IV_IS_CHAT (self), FALSE);
  return self->state == IV_CHAT_READY && g_list_model_get_n_items (G_LIST_MODEL (self->turns)) > 0;
}

gboolean
iv_chat_regenerate (IvChat *self)
{
  g_autoptr (IvChatTurn) last = NULL;

  if (!iv_chat_can_regenerate (self))
    return FALSE;
  last = get_last (self);
  if (iv_chat_turn_get_role (last) == IV_CHAT_ROLE_MODEL)
    g_list_store_remove (self->turns, g_list_model_get_n_items (G_LIST_MODEL (self->turns)) - 1);
  answer_last (self);
  return TRUE;
}

void
iv_chat_clear (IvChat *self)
{
  iv_chat_restore (self, NULL);
}

void
iv_chat_restore (IvChat *self, GPtrArray *turns)
{
  g_return_if_fail (IV_IS_CHAT (self));

  iv_chat_stop (self);
  g_list_store_splice (self->turns,
                       0,
                       g_list_model_get_n_items (G_LIST_MODEL (self->turns)),
                       turns != NULL ? turns->pdata : NULL,
                       turns != NULL ? turns->len : 0);
  self->meter.n_used = 0;
  self->meter.tokens_per_second = 0;
  g_signal_emit (self, signals[METER_CHANGED], 0);
}

void
iv_chat_set_case (IvChat *self, const char *text)
{
  g_return_if_fail (IV_IS_CHAT (self));

  if (g_strcmp0 (self->case_text, text) == 0)
    return;
  g_free (self->case_text);
  self->case_text = g_strdup (text != NULL ? text : "");
  g_signal_emit (self, signals[CASE_CHANGED], 0);
}

const char *
iv_chat_get_case (IvChat *self)
{
  g_return_val_if_fail (IV_IS_CHAT (self), "");
  return self->case_text;
}

void
iv_chat_set_language (IvChat *self, const char *language)
{
  g_return_if_fail (IV_IS_CHAT (self));
  g_free (self->language);
  self->language = g_strdup (language);
}

void
iv_chat_set_sampling (IvChat *self, const IvSampling *sampling)
{
  g_return_if_fail (IV_IS_CHAT (self));
  self->sampling = *sampling;
}

void
iv_chat_set_thinks (IvChat *self, gboolean thinks)
{
  g_return_if_fail (IV_IS_CHAT (self));
  self->thinks = thinks;
}

char *
iv_chat_get_instructions (IvChat *self)
{
  g_return_val_if_fail (IV_IS_CHAT (self), NULL);
  return iv_prompt_fill ("chat", "case", self->case_text, "language", self->language, NULL);
}

IvChatState
iv_chat_get_state (IvChat *self)
{
  g_return_val_if_fail (IV_IS_CHAT (self), IV_CHAT_NO_MODEL);
  return self->state;
}

gboolean
iv_chat_is_queued (IvChat *self)
{
  g_return_val_if_fail (IV_IS_CHAT (self), FALSE);
  return self->is_queued && (self->state == IV_CHAT_LOADING || self->state == IV_CHAT_READING);
}

GListModel *
iv_chat_get_turns (IvChat *self)
{
  g_return_val_if_fail (IV_IS_CHAT (self), NULL);
  return G_LIST_MODEL (self->turns);
}

const IvChatModelInfo *
iv_chat_get_model (IvChat *self)
{
  g_return_val_if_fail (IV_IS_CHAT (self), NULL);
  return self->model;
}

const IvChatMeter *
iv_chat_get_meter (IvChat *self)
{
  g_return_val_if_fail (IV_IS_CHAT (self), NULL);
  return &self->meter;
}

double
iv_chat_get_fraction (IvChat *self)
{
  g_return_val_if_fail (IV_IS_CHAT (self), -1);
  return self->fraction;
}

const char *
iv_chat_get_message (IvChat *self)
{
  g_return_val_if_fail (IV_IS_CHAT (self), "");
  return self->message;
}

static void
iv_chat_dispose (GObject *object)
{
  IvChat *self = IV_CHAT (object);

  if (self->ask_cancellable != NULL)
    g_cancellable_cancel (self->ask_cancellable);
  if (self->load_cancellable != NULL)
    g_cancellable_cancel (self->load_cancellable);
  g_clear_object (&self->ask_cancellable);
  g_clear_object (&self->load_cancellable);
  self->writing = NULL;
  g_clear_object (&self->turns);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (iv_chat_parent_class)->dispose (object);
}

static void
iv_chat_finalize (GObject *object)
{
  IvChat *self = IV_CHAT (object);

  g_clear_pointer (&self->model, iv_chat_model_info_free);
  g_free (self->message);
  g_free (self->case_text);
  g_free (self->language);
  G_OBJECT_CLASS (iv_chat_parent_class)->finalize (object);
}

static guint
add_signal (GObjectClass *class, const char *name)
{
  return g_signal_new (
      name, G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
iv_chat_class_init (IvChatClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = iv_chat_dispose;
  object_class->finalize = iv_chat_finalize;
  signals[STATE_CHANGED] = add_signal (object_class, "state-changed");
  signals[METER_CHANGED] = add_signal (object_class, "meter-changed");
  signals[PROGRESSED] = add_signal (object_class, "progressed");
  signals[CASE_CHANGED] = add_signal (object_class, "case-changed");
}

static void
iv_chat_init (IvChat *self)
{
  self->turns = g_list_store_new (IV_TYPE_CHAT_TURN);
  self->message = g_strdup ("");
  self->case_text = g_strdup ("");
  self->language = g_strdup ("English");
  self->fraction = -1;
  self->thinks = TRUE;
  /* What reasoning models are published with. */
  self->sampling =
      (IvSampling){ .temperature = 0.6f, .top_p = 0.95f, .top_k = 20, .repeat_penalty = 1.0f };
}

IvChat *
iv_chat_new (IvEngine *engine)
{
  IvChat *self = g_object_new (IV_TYPE_CHAT, NULL);

  g_set_object (&self->engine, engine);
  return self;
}
