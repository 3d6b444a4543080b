/* The job on the engine thread that makes a comparison out of two films.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/compare/iv-change.h"
#include "app/compare/iv-comparison-private.h"

#define KEPT_NET "compare/lung-net"

typedef struct {
  IvRadiograph *current, *prior;
} Films;

static void
films_free (gpointer data)
{
  Films *films = data;
  g_clear_object (&films->current);
  g_clear_object (&films->prior);
  g_free (films);
}

/* (transfer none) The lung network, loaded once for all comparisons. */
static IvLungNet *
get_net (IvEngineContext *context, IvPlanesPasses *passes, GError **error)
{
  IvLungNet *net = iv_engine_context_get_kept (context, KEPT_NET);
  if (net != NULL)
    return net;
  net = iv_lung_net_new (passes, error);
  if (net != NULL)
    iv_engine_context_keep (context, KEPT_NET, net, (GDestroyNotify) iv_lung_net_free);
  return net;
}

/* Registration and what follows from it, into contents. */
static gboolean
compare (IvEngineContext *context,
         IvPlanesPasses *passes,
         IvComparisonContents *contents,
         GError **error)
{
  GCancellable *cancellable = iv_engine_context_get_cancellable (context);
  iv_engine_context_report (context, 0.2, _ ("Registering the films"));
  g_autoptr (IvRegistration) registration =
      iv_registration_new (&(IvRegistrationParams){ .passes = passes,
                                                    .current = contents->current_film,
                                                    .prior = contents->prior_film,
                                                    .cancellable = cancellable },
                           error);
  if (registration == NULL)
    return FALSE;
  contents->quality = registration->quality;
  contents->reason = g_steal_pointer (&registration->reason);
  contents->changes = g_ptr_array_new ();
  for (guint k = 0; k < 6; k++)
    contents->affine[k] = registration->affine[k];
  if (!registration->ok)
    return TRUE;
  contents->field = iv_planes_read (passes, registration->elastic.field, error);
  if (contents->field == NULL)
    return FALSE;
  iv_engine_context_report (context, 0.7, _ ("Looking for changes"));
  IvChangeInput input = { .passes = passes,
                          .current = contents->current_film,
                          .prior = contents->prior_film,
                          .registration = registration,
                          .cancellable = cancellable };
  GPtrArray *changes = iv_change_detect (&input, &contents->subtraction, error);
  if (changes == NULL)
    return FALSE;
  g_ptr_array_unref (contents->changes);
  contents->changes = changes;
  return TRUE;
}

static gpointer
run_job (IvEngineContext *context, gpointer data, GError **error)
{
  const Films *films = data;
  gint64 start = g_get_monotonic_time ();
  IvVkDevice *device = iv_engine_context_get_device (context, error);
  if (device == NULL)
    return NULL;
  g_autoptr (IvPlanesPasses) passes = iv_planes_passes_new (device, error);
  IvLungNet *net = passes != NULL ? get_net (context, passes, error) : NULL;
  if (net == NULL)
    return NULL;
  IvComparisonContents contents = { .current = g_object_ref (films->current),
                                    .prior = g_object_ref (films->prior) };
  iv_engine_context_report (context, 0, _ ("Preparing the films"));
  contents.device_name = g_strdup (iv_vk_device_get_description (device));
  contents.current_film = iv_compare_film_new (passes, net, films->current, error);
  if (contents.current_film != NULL)
    contents.prior_film = iv_compare_film_new (passes, net, films->prior, error);
  if (contents.prior_film == NULL || !compare (context, passes, &contents, error)) {
    iv_comparison_contents_clear (&contents);
    return NULL;
  }
  contents.seconds = (g_get_monotonic_time () - start) / (double) G_USEC_PER_SEC;
  iv_engine_context_report (context, 1, _ ("Done"));
  return iv_comparison_new (&contents);
}

static IvEngineJob
make_job (const IvComparisonParams *params)
{
  Films *films = g_new0 (Films, 1);
  films->current = g_object_ref (params->current);
  films->prior = g_object_ref (params->prior);
  return (IvEngineJob){
    .name = "compare",
    .priority = params->is_background ? IV_ENGINE_BACKGROUND : IV_ENGINE_INTERACTIVE,
    .run = run_job,
    .data = films,
    .data_free = films_free,
    .result_free = g_object_unref,
  };
}

void
iv_comparison_run_async (IvEngine *engine,
                         const IvComparisonParams *params,
                         IvEngineProgressFunc progress,
                         gpointer progress_data,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  IvEngineJob job = make_job (params);
  job.progress = progress;
  job.user_data = progress_data;
  iv_engine_run_async (engine, &job, cancellable, callback, user_data);
}

IvComparison *
iv_comparison_run_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GObject) engine = g_async_result_get_source_object (result);
  return iv_engine_run_finish (IV_ENGINE (engine), result, error);
}

IvComparison *
iv_comparison_run (IvEngine *engine,
                   const IvComparisonParams *params,
                   GCancellable *cancellable,
                   GError **error)
{
  IvEngineJob job = make_job (params);
  return iv_engine_run (engine, &job, cancellable, error);
}
