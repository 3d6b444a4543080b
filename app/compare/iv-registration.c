/* Registers two films: affine, stiff, elastic; judges the result.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#define G_LOG_DOMAIN "iv-compare"

#include "config.h"

#include "app/compare/iv-registration.h"

#include <math.h>

#include <glib/gi18n-lib.h>

#include "app/compare/iv-register-private.h"
#include "shaders/include/iv-shared-image.h"

/* Quality is read off the correlation of fine detail (ribs, vessels) around the lungs: 0.42 … 0.78
 * between films of one patient, 0.30 … 0.47 between patients, above 0.95 for one exposure. */
#define DETAIL_BLUR 1.0   /* working pixels */
#define DETAIL_SIGMA 12.0 /* of its local normalisation, about 6.5 mm */
#define DETAIL_FLOOR 0.01
#define DETAIL_WORST 0.2 /* correlation of quality 0 … */
#define DETAIL_BEST 0.8  /* … and of quality 1 */
/* Lungs that cannot be laid on each other take from it. */
#define OVERLAP_WORST 0.90
#define OVERLAP_GOOD 0.96
/* Below this a subtraction shows more misregistration than change. */
#define LEAST_QUALITY 0.2
#define LEAST_CONTRAST 0.1 /* of density; a blank film has less */
#define LEAST_LUNGS 0.15   /* of lung_quality */

/* Blur in pixels of each level; at level 3 a pixel is about 4.3 mm. */
static const IvDeformStage kStiff[] = {
  { .level = 3, .iterations = 60, .fluid = 3, .elastic = 3, .planes = 3, .lung_weight = 2 },
};
static const IvDeformStage kElastic[] = {
  { .level = 3, .iterations = 30, .fluid = 2, .elastic = 2, .planes = 3, .lung_weight = 2 },
  { .level = 2, .iterations = 40, .fluid = 2, .elastic = 2, .planes = 3, .lung_weight = 1 },
  { .level = 1, .iterations = 30, .fluid = 2, .elastic = 2, .planes = 1 },
};

static void
clear_warped (IvWarpedPrior *warped)
{
  g_clear_pointer (&warped->field, iv_planes_unref);
  g_clear_pointer (&warped->density, iv_planes_unref);
  g_clear_pointer (&warped->normalised, iv_planes_unref);
  g_clear_pointer (&warped->valid, iv_planes_unref);
  g_clear_pointer (&warped->lungs, iv_planes_unref);
}

void
iv_registration_free (IvRegistration *registration)
{
  if (registration == NULL)
    return;
  clear_warped (&registration->stiff);
  clear_warped (&registration->elastic);
  g_free (registration->reason);
  g_free (registration);
}

/* (transfer full) The field on the grid of another level. */
static IvPlanes *
to_level (IvRegister *self, const IvPlanes *field, guint from, guint to)
{
  const IvPlanes *grid = self->current_levels[to].planes;
  if (grid == NULL || field == NULL)
    return NULL;
  double scale = ldexp (1.0, (int) to - (int) from);
  IvPlanes *result = iv_planes_new (self->passes, grid->width, grid->height, 2);
  iv_planes_resize (
      self->passes, field, result, &(IvPlanesResize){ .scale = scale, .gain = 1 / scale });
  return result;
}

/* Runs stages one after the other; field (in, out) is on the grid of level (in, out). */
static gboolean
run_stages (IvRegister *self,
            const IvAffine *affine,
            const IvDeformStage *stages,
            guint n_stages,
            IvPlanes **field,
            guint *level,
            GError **error)
{
  for (guint k = 0; k < n_stages; k++) {
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
      return FALSE;
    if (stages[k].level != *level) {
      IvPlanes *next = to_level (self, *field, *level, stages[k].level);
      iv_planes_unref (*field);
      *field = next;
      *level = stages[k].level;
    }
    iv_register_deform (self, affine, &stages[k], *field);
    if (!iv_planes_passes_run (self->passes, error))
      return FALSE;
  }
  return TRUE;
}

/* (transfer full) Affine part and field together, on the working grid. */
static IvPlanes *
whole_field (IvRegister *self, const IvAffine *affine, const IvPlanes *field, guint level)
{
  g_autoptr (IvPlanes) fine = to_level (self, field, level, 0);
  IvPlanes *whole = iv_planes_new_like (self->passes, fine);
  if (whole == NULL)
    return NULL;
  double a[6];
  iv_affine_at_level (self, affine, 0, a);
  struct IvPushField push = { whole->width, whole->height, a[0], a[1], a[2], a[3], a[4], a[5] };
  iv_planes_dispatch (self->passes,
                      &(IvPlanesDispatch){
                          .shader = "compare/reg-field",
                          .images = { fine, whole },
                          .n_images = 2,
                          .push = &push,
                          .push_size = sizeof push,
                          .groups = { IV_VK_GROUPS (push.width, IV_IMAGE_LOCAL), push.height },
                      });
  return whole;
}

/* (transfer full) */
static IvPlanes *
pull (IvRegister *self, const IvPlanes *source, const IvPlanes *field)
{
  if (source == NULL || field == NULL)
    return NULL;
  IvPlanes *target = iv_planes_new (self->passes, field->width, field->height, source->planes);
  iv_planes_warp (self->passes,
                  &(IvPlanesWarp){ .source = source, .field = field, .target = target });
  return target;
}

/* (transfer full) Fine detail of a film, of even contrast. */
static IvPlanes *
find_detail (IvPlanesPasses *passes, const IvPlanes *density, const IvPlanes *valid)
{
  IvPlanes *detail = density != NULL ? iv_planes_new_like (passes, density) : NULL;
  iv_planes_blur (passes,
                  &(IvPlanesBlur){ .source = density, .target = detail, .sigma = DETAIL_BLUR });
  iv_planes_local_norm (passes,
                        &(IvPlanesNorm){ .source = detail,
                                         .valid = valid,
                                         .sigma = DETAIL_SIGMA,
                                         .floor = DETAIL_FLOOR,
                                         .target = detail });
  return detail;
}

/* Correlations around the lungs where both are film, and Dice of the lungs. */
static gboolean
measure (IvRegister *self, IvWarpedPrior *warped, GError **error)
{
  const IvCompareFilm *c = self->current;
  IvPlanesPasses *passes = self->passes;
  g_autoptr (IvPlanes) weight = iv_planes_new_like (passes, c->valid);
  const IvPlanes *factors[] = { c->valid, self->around };
  const IvPlanes *product = warped->valid;
  for (guint k = 0; k < G_N_ELEMENTS (factors); k++) {
    iv_planes_point (passes,
                     &(IvPlanesPoint){ .op = IV_PLANES_MULTIPLY,
                                       .a = product,
                                       .b = factors[k],
                                       .k = { 1 },
                                       .target = weight });
    product = weight;
  }
  g_autoptr (IvPlanes) detail = find_detail (passes, c->density, c->valid);
  g_autoptr (IvPlanes) other = find_detail (passes, warped->density, warped->valid);
  IvStats film = { .a = c->normalised, .b = warped->normalised, .weight = weight };
  IvStats fine = { .a = detail, .b = other, .weight = weight };
  if (!iv_register_stats (passes, &film, error) || !iv_register_stats (passes, &fine, error))
    return FALSE;
  warped->correlation = film.correlation;
  warped->detail = fine.correlation;
  warped->overlap = 0;
  for (guint side = 0; side < 2; side++) {
    IvStats lung = { .a = c->lungs, .b = warped->lungs, .plane = side };
    if (!iv_register_stats (passes, &lung, error))
      return FALSE;
    warped->overlap += 0.5 * lung.dice;
  }
  return TRUE;
}

/* Brings the prior onto the current's grid by a field (transfer full). */
static gboolean
warp_prior (IvRegister *self, IvPlanes *field, IvWarpedPrior *warped, GError **error)
{
  const IvCompareFilm *p = self->prior;
  warped->field = field;
  warped->density = pull (self, p->density, field);
  warped->normalised = pull (self, p->normalised, field);
  warped->valid = pull (self, p->valid, field);
  warped->lungs = pull (self, p->lungs, field);
  return measure (self, warped, error);
}

/* 1 within the lungs' surroundings of the current film. Recorded. */
static IvPlanes *
find_around (IvRegister *self)
{
  const IvPlanes *lungs = self->current->lungs;
  IvPlanesPasses *passes = self->passes;
  g_autoptr (IvPlanes) wide = iv_planes_new_like (passes, lungs);
  IvPlanes *around = iv_planes_new_like (passes, self->current->valid);
  iv_planes_blur (passes, &(IvPlanesBlur){ .source = lungs, .target = wide, .sigma = 12 });
  iv_planes_copy_plane (passes, wide, 0, around, 0);
  g_autoptr (IvPlanes) other = iv_planes_new_like (passes, self->current->valid);
  iv_planes_copy_plane (passes, wide, 1, other, 0);
  iv_planes_point (
      passes,
      &(IvPlanesPoint){
          .op = IV_PLANES_LINEAR, .a = around, .b = other, .k = { 1, 1, 0 }, .target = around });
  iv_planes_point (
      passes,
      &(IvPlanesPoint){ .op = IV_PLANES_STEP, .a = around, .k = { 0.1 }, .target = around });
  return around;
}

/* (transfer full) Why a film cannot be registered to any other, or NULL. */
static char *
refuse_film (const IvCompareFilm *film, const char *const reasons[3])
{
  if (film->view == IV_VIEW_LATERAL)
    return g_strdup (reasons[0]);
  if (film->contrast < LEAST_CONTRAST)
    return g_strdup (reasons[1]);
  if (film->lung_quality < LEAST_LUNGS)
    return g_strdup (reasons[2]);
  return NULL;
}

/* (transfer full) Why these films cannot be registered, seen before trying; or NULL. */
static char *
refuse_films (const IvCompareFilm *current, const IvCompareFilm *prior)
{
  const char *const now[] = {
    _ ("The current film is a lateral view; frontal films can be compared"),
    _ ("The current film is blank"),
    _ ("No two lungs were found on the current film; is it a frontal radiograph?"),
  };
  const char *const before[] = {
    _ ("The prior film is a lateral view; frontal films can be compared"),
    _ ("The prior film is blank"),
    _ ("No two lungs were found on the prior film; is it a frontal radiograph?"),
  };
  char *reason = refuse_film (current, now);
  return reason != NULL ? reason : refuse_film (prior, before);
}

static gboolean
run (IvRegister *self, IvRegistration *result, GError **error)
{
  IvAffine affine;
  double score;
  guint level = kStiff[0].level;
  iv_register_build_levels (self);
  self->around = find_around (self);
  if (!iv_register_find_affine (self, &affine, &score, error))
    return FALSE;
  iv_affine_at_level (self, &affine, 0, result->affine);
  const IvPlanes *grid = self->current_levels[level].planes;
  g_autoptr (IvPlanes) field = iv_planes_new (self->passes, grid->width, grid->height, 2);
  iv_planes_clear (self->passes, field);
  if (!run_stages (self, &affine, kStiff, G_N_ELEMENTS (kStiff), &field, &level, error) ||
      !warp_prior (self, whole_field (self, &affine, field, level), &result->stiff, error) ||
      !run_stages (self, &affine, kElastic, G_N_ELEMENTS (kElastic), &field, &level, error) ||
      !warp_prior (self, whole_field (self, &affine, field, level), &result->elastic, error))
    return FALSE;
  const IvWarpedPrior *stiff = &result->stiff, *elastic = &result->elastic;
  g_debug ("affine %.3f stiff %.3f %.3f %.3f elastic %.3f %.3f %.3f",
           score,
           stiff->correlation,
           stiff->detail,
           stiff->overlap,
           elastic->correlation,
           elastic->detail,
           elastic->overlap);
  double better = MAX (stiff->detail, elastic->detail);
  double detail = (better - DETAIL_WORST) / (DETAIL_BEST - DETAIL_WORST);
  double overlap = (elastic->overlap - OVERLAP_WORST) / (OVERLAP_GOOD - OVERLAP_WORST);
  result->quality = CLAMP (detail, 0, 1) * CLAMP (overlap, 0, 1);
  return TRUE;
}

IvRegistration *
iv_registration_new (const IvRegistrationParams *params, GError **error)
{
  g_autoptr (IvRegistration) result = g_new0 (IvRegistration, 1);
  IvRegister self = { .passes = params->passes,
                      .current = params->current,
                      .prior = params->prior,
                      .cancellable = params->cancellable };
  result->reason = refuse_films (params->current, params->prior);
  if (result->reason != NULL)
    return g_steal_pointer (&result);
  gboolean done = run (&self, result, error);
  iv_register_clear_levels (&self);
  g_clear_pointer (&self.around, iv_planes_unref);
  if (!done)
    return NULL;
  result->ok = result->quality >= LEAST_QUALITY;
  if (!result->ok)
    result->reason = g_strdup_printf (_ ("The films do not show the same chest well enough "
                                         "(quality %.2f, at least %.2f is needed)"),
                                      result->quality,
                                      LEAST_QUALITY);
  return g_steal_pointer (&result);
}
