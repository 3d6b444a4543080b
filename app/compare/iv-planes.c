/* Planes of floats on the device, and the recording that works on them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-planes.h"

#include "app/compare/iv-planes-private.h"

struct IvPlanesPasses {
  IvVkDevice *device;
  IvVkCommands *commands;
  IvPlanes *scratch; /* of the two-step passes; grows */
};

static gsize
image_size (const IvPlanes *image)
{
  return (gsize) image->width * image->height * image->planes * sizeof (float);
}

IvPlanes *
iv_planes_ref (IvPlanes *image)
{
  g_atomic_ref_count_inc (&image->refs);
  return image;
}

void
iv_planes_unref (IvPlanes *image)
{
  if (image == NULL || !g_atomic_ref_count_dec (&image->refs))
    return;
  g_clear_pointer (&image->buffer, iv_vk_buffer_unref);
  g_free (image);
}

IvPlanesPasses *
iv_planes_passes_new (IvVkDevice *device, GError **error)
{
  g_autoptr (IvVkCommands) commands = iv_vk_commands_new (device, error);
  if (commands == NULL || !iv_vk_commands_begin (commands, error))
    return NULL;
  IvPlanesPasses *passes = g_new0 (IvPlanesPasses, 1);
  passes->device = iv_vk_device_ref (device);
  passes->commands = g_steal_pointer (&commands);
  return passes;
}

void
iv_planes_passes_free (IvPlanesPasses *passes)
{
  if (passes == NULL)
    return;
  g_clear_pointer (&passes->commands, iv_vk_commands_free);
  g_clear_pointer (&passes->scratch, iv_planes_unref);
  g_clear_pointer (&passes->device, iv_vk_device_unref);
  g_free (passes);
}

IvVkDevice *
iv_planes_passes_get_device (IvPlanesPasses *passes)
{
  return passes->device;
}

gboolean
iv_planes_passes_run (IvPlanesPasses *passes, GError **error)
{
  gboolean done = iv_vk_commands_run (passes->commands, error);
  /* After a failure too: the kept error goes with the recording it belongs to. */
  gboolean begun = iv_vk_commands_begin (passes->commands, done ? error : NULL);
  return done && begun;
}

void
iv_planes_passes_fail (IvPlanesPasses *passes, GError *error)
{
  iv_vk_commands_fail (passes->commands, error);
}

IvPlanes *
iv_planes_new (IvPlanesPasses *passes, guint width, guint height, guint planes)
{
  GError *error = NULL;
  gsize size = (gsize) width * height * planes * sizeof (float);
  IvVkBuffer *buffer = iv_vk_buffer_new (
      passes->device, &(IvVkBufferParams){ .name = "comparison image", .size = size }, &error);
  if (buffer == NULL) {
    iv_planes_passes_fail (passes, error);
    return NULL;
  }
  IvPlanes *image = g_new0 (IvPlanes, 1);
  image->width = width;
  image->height = height;
  image->planes = planes;
  image->buffer = buffer;
  g_atomic_ref_count_init (&image->refs);
  return image;
}

IvPlanes *
iv_planes_new_like (IvPlanesPasses *passes, const IvPlanes *other)
{
  return other != NULL ? iv_planes_new (passes, other->width, other->height, other->planes) : NULL;
}

IvPlanes *
iv_planes_new_from (IvPlanesPasses *passes, const IvPlanesValues *values)
{
  g_autoptr (IvPlanes) image =
      iv_planes_new (passes, values->width, values->height, values->planes);
  GError *error = NULL;
  if (image == NULL)
    return NULL;
  if (!iv_vk_buffer_write (image->buffer, 0, values->values, image_size (image), &error)) {
    iv_planes_passes_fail (passes, error);
    return NULL;
  }
  return g_steal_pointer (&image);
}

void
iv_planes_clear (IvPlanesPasses *passes, IvPlanes *image)
{
  if (image != NULL)
    iv_vk_commands_fill (passes->commands, image->buffer, 0, image_size (image), 0);
}

void
iv_planes_copy_plane (IvPlanesPasses *passes,
                      const IvPlanes *source,
                      guint source_plane,
                      IvPlanes *target,
                      guint target_plane)
{
  if (source == NULL || target == NULL)
    return;
  gsize plane = (gsize) source->width * source->height * sizeof (float);
  iv_vk_commands_copy (passes->commands,
                       &(IvVkCopy){
                           .source = source->buffer,
                           .source_offset = source_plane * plane,
                           .target = target->buffer,
                           .target_offset = target_plane * plane,
                           .size = plane,
                       });
}

float *
iv_planes_read (IvPlanesPasses *passes, const IvPlanes *image, GError **error)
{
  if (!iv_planes_passes_run (passes, error))
    return NULL;
  g_autofree float *values = g_malloc (image_size (image));
  if (!iv_vk_buffer_read (image->buffer, 0, values, image_size (image), error))
    return NULL;
  return g_steal_pointer (&values);
}

const IvPlanes *
iv_planes_passes_scratch (IvPlanesPasses *passes, const IvPlanes *like)
{
  if (like == NULL)
    return NULL;
  if (passes->scratch == NULL || image_size (passes->scratch) < image_size (like)) {
    g_clear_pointer (&passes->scratch, iv_planes_unref);
    passes->scratch = iv_planes_new_like (passes, like);
  }
  return passes->scratch;
}

void
iv_planes_dispatch (IvPlanesPasses *passes, const IvPlanesDispatch *dispatch)
{
  GError *error = NULL;
  IvVkDispatch vk = { .push = dispatch->push, .push_size = dispatch->push_size };
  for (guint i = 0; i < dispatch->n_images; i++) {
    if (dispatch->images[i] == NULL)
      return; /* the error of its making is kept */
    vk.bindings[i].buffer = dispatch->images[i]->buffer;
  }
  vk.shader =
      iv_vk_shader_get (passes->device, &(IvVkShaderParams){ .name = dispatch->shader }, &error);
  if (vk.shader == NULL) {
    iv_planes_passes_fail (passes, error);
    return;
  }
  for (guint i = 0; i < 3; i++)
    vk.groups[i] = dispatch->groups[i];
  iv_vk_commands_dispatch (passes->commands, &vk);
}
