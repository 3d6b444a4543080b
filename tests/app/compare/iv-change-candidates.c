/* Prints the candidate regions of film pairs with their features, to train the scores on.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads lines "CURRENT PRIOR OUT" and writes one JSON object to each OUT:
 * {"features": [names], "candidates": [{"kind", "sign", "zone", "contour", "values"}]}. */

#include "config.h"

#include <stdio.h>

#include "app/compare/iv-change-score.h"
#include "app/compare/iv-change.h"

typedef struct {
  IvRadiograph *current, *prior;
} Pair;

static void
print_candidate (GString *out,
                 const IvCandidate *candidate,
                 const IvChangeInput *input,
                 IvZone zone)
{
  g_autoptr (GArray) contour = iv_change_region_outline (candidate->region);
  double pitch = input->current->pitch;

  g_string_append_printf (out,
                          "{\"kind\":%d,\"sign\":%d,\"zone\":\"%s\",\"contour\":[",
                          candidate->kind,
                          candidate->sign,
                          iv_zone_to_string (zone));
  for (guint i = 0; i < contour->len; i++) {
    IvPoint p = g_array_index (contour, IvPoint, i);
    g_string_append_printf (
        out, "%s[%.1f,%.1f]", i ? "," : "", (p.x + 0.5) * pitch - 0.5, (p.y + 0.5) * pitch - 0.5);
  }
  g_string_append (out, "],\"values\":[");
  for (guint i = 0; i < IV_N_CHANGE_FEATURES; i++)
    g_string_append_printf (out, "%s%.6g", i ? "," : "", candidate->features[i]);
  g_string_append (out, "]}");
}

static gboolean
print_candidates (GString *out, const IvChangeInput *input, GError **error)
{
  const IvCompareFilm *film = input->current;
  g_autoptr (IvChangeAnatomy) anatomy =
      iv_change_anatomy_new ((IvMaskView){ film->width, film->height, film->lung_labels });
  g_autoptr (IvChangeMaps) maps = anatomy ? iv_change_maps_new (input, anatomy, error) : NULL;
  if (!maps)
    return anatomy == NULL; /* without a lung there are no candidates */
  g_autoptr (GPtrArray) candidates = iv_change_candidates (maps, anatomy);
  for (guint i = 0; i < candidates->len; i++) {
    const IvCandidate *candidate = g_ptr_array_index (candidates, i);
    IvPoint centre = iv_change_region_centroid (candidate->region);
    g_string_append (out, i ? ",\n" : "\n");
    print_candidate (out, candidate, input, iv_change_anatomy_zone (anatomy, centre));
  }
  return TRUE;
}

/* Engine thread. (transfer full) GString. */
static gpointer
run_pair (IvEngineContext *context, gpointer data, GError **error)
{
  const Pair *pair = data;
  IvVkDevice *device = iv_engine_context_get_device (context, error);
  g_autoptr (IvPlanesPasses) passes = device ? iv_planes_passes_new (device, error) : NULL;
  g_autoptr (IvLungNet) net = passes ? iv_lung_net_new (passes, error) : NULL;
  g_autoptr (IvCompareFilm) current =
      net ? iv_compare_film_new (passes, net, pair->current, error) : NULL;
  g_autoptr (IvCompareFilm) prior =
      current ? iv_compare_film_new (passes, net, pair->prior, error) : NULL;
  if (!prior)
    return NULL;
  IvRegistrationParams params = { .passes = passes, .current = current, .prior = prior };
  g_autoptr (IvRegistration) registration = iv_registration_new (&params, error);
  if (!registration)
    return NULL;
  GString *out = g_string_new ("{\"features\":[");
  for (guint i = 0; i < IV_N_CHANGE_FEATURES; i++)
    g_string_append_printf (out, "%s\"%s\"", i ? "," : "", iv_change_feature_name (i));
  g_string_append_printf (out, "],\"quality\":%.3f,\"candidates\":[", registration->quality);
  IvChangeInput input = {
    .passes = passes, .current = current, .prior = prior, .registration = registration
  };
  if (registration->ok && !print_candidates (out, &input, error)) {
    g_string_free (out, TRUE);
    return NULL;
  }
  g_string_append (out, "]}\n");
  return out;
}

static gboolean
write_pair (IvEngine *engine, char **files, GError **error)
{
  g_autoptr (IvRadiograph) current = iv_radiograph_load (files[0], NULL, error);
  g_autoptr (IvRadiograph) prior = current ? iv_radiograph_load (files[1], NULL, error) : NULL;
  if (!prior)
    return FALSE;
  Pair pair = { current, prior };
  IvEngineJob job = { .name = "candidates", .run = run_pair, .data = &pair };
  GString *out = iv_engine_run (engine, &job, NULL, error);
  if (!out)
    return FALSE;
  gboolean done = g_file_set_contents (files[2], out->str, out->len, error);
  g_string_free (out, TRUE);
  return done;
}

int
main (void)
{
  g_autoptr (IvEngine) engine = iv_engine_new (NULL);
  char line[8192];
  int status = 0;

  while (fgets (line, sizeof line, stdin)) {
    g_autoptr (GError) error = NULL;
    g_auto (GStrv) files = g_strsplit (g_strstrip (line), " ", -1);
    if (g_strv_length (files) != 3 || !write_pair (engine, files, &error)) {
      fprintf (stderr, "%s: %s\n", line, error ? error->message : "three file names are needed");
      status = 1;
    }
  }
  iv_engine_shutdown (engine);
  return status;
}
