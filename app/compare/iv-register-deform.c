/* The deformation: stages of demons steps from coarse to fine, over a fixed affine map.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-register-private.h"
#include "shaders/include/iv-shared-image.h"

#define CLIP 1.5 /* largest difference of normalised density that pulls */
#define ALPHA 0.25

void
iv_register_build_levels (IvRegister *self)
{
  IvPlanesPasses *passes = self->passes;
  for (guint k = 0; k < 2 * IV_REGISTER_LEVELS; k++) {
    guint level = k / 2, factor = 1u << level;
    const IvCompareFilm *film = k % 2 == 0 ? self->current : self->prior;
    IvRegisterLevel *made = k % 2 == 0 ? &self->current_levels[level] : &self->prior_levels[level];
    guint w = (film->width + factor - 1) / factor, h = (film->height + factor - 1) / factor;
    g_autoptr (IvPlanes) small = iv_planes_new (passes, w, h, 1);
    g_autoptr (IvPlanes) lungs = iv_planes_new (passes, w, h, 2);
    made->planes = iv_planes_new (passes, w, h, 3);
    made->valid = iv_planes_new (passes, w, h, 1);
    iv_planes_shrink (passes, film->valid, made->valid, factor);
    iv_planes_shrink (passes, film->normalised, small, factor);
    iv_planes_shrink (passes, film->lungs, lungs, factor);
    iv_planes_copy_plane (passes, small, 0, made->planes, 0);
    iv_planes_copy_plane (passes, lungs, 0, made->planes, 1);
    iv_planes_copy_plane (passes, lungs, 1, made->planes, 2);
  }
}

void
iv_register_clear_levels (IvRegister *self)
{
  for (guint level = 0; level < IV_REGISTER_LEVELS; level++) {
    g_clear_pointer (&self->current_levels[level].planes, iv_planes_unref);
    g_clear_pointer (&self->current_levels[level].valid, iv_planes_unref);
    g_clear_pointer (&self->prior_levels[level].planes, iv_planes_unref);
    g_clear_pointer (&self->prior_levels[level].valid, iv_planes_unref);
  }
}

/* One step: force, its blur (the fluid part), the sum's blur (the elastic part). */
static void
step (IvRegister *self,
      const struct IvPushForce *push,
      const IvDeformStage *stage,
      IvPlanes *force,
      IvPlanes *field)
{
  const IvRegisterLevel *c = &self->current_levels[stage->level];
  const IvRegisterLevel *p = &self->prior_levels[stage->level];
  iv_planes_dispatch (self->passes,
                      &(IvPlanesDispatch){
                          .shader = "compare/reg-force",
                          .images = { c->planes, p->planes, c->valid, p->valid, field, force },
                          .n_images = 6,
                          .push = push,
                          .push_size = sizeof *push,
                          .groups = { IV_VK_GROUPS (push->width, IV_IMAGE_LOCAL), push->height },
                      });
  iv_planes_blur (self->passes,
                  &(IvPlanesBlur){ .source = force, .target = force, .sigma = stage->fluid });
  iv_planes_blur (self->passes,
                  &(IvPlanesBlur){
                      .source = field,
                      .second = force,
                      .add = 1,
                      .sigma = stage->elastic,
                      .target = field,
                  });
}

void
iv_register_deform (IvRegister *self,
                    const IvAffine *affine,
                    const IvDeformStage *stage,
                    IvPlanes *field)
{
  const IvPlanes *p = self->prior_levels[stage->level].planes;
  g_autoptr (IvPlanes) force = iv_planes_new_like (self->passes, field);
  double a[6];
  if (p == NULL || field == NULL || force == NULL)
    return;
  iv_affine_at_level (self, affine, stage->level, a);
  struct IvPushForce push = {
    .width = field->width,
    .height = field->height,
    .prior_width = p->width,
    .prior_height = p->height,
    .planes = stage->planes,
    .lung_weight = stage->lung_weight,
    .clip = CLIP,
    .alpha = ALPHA,
    .a0 = a[0],
    .a1 = a[1],
    .a2 = a[2],
    .a3 = a[3],
    .a4 = a[4],
    .a5 = a[5],
  };
  for (guint i = 0; i < stage->iterations; i++)
    step (self, &push, stage, force, field);
}
