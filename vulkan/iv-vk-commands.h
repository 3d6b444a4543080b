/* Work for the device, recorded once and submitted: dispatches, copies, fills.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "vulkan/iv-vk-buffer.h"
#include "vulkan/iv-vk-profile.h"
#include "vulkan/iv-vk-shader.h"

G_BEGIN_DECLS

#define IV_VK_MAX_PUSH 128

typedef struct IvVkCommands IvVkCommands;

/* A range of a buffer for binding i of a shader. */
typedef struct {
  IvVkBuffer *buffer;
  gsize offset; /* bytes; a multiple of the device's alignment (256 always is) */
  gsize size;   /* bytes; 0: to the end */
} IvVkBinding;

typedef struct {
  IvVkShader *shader;
  IvVkBinding bindings[IV_VK_MAX_BINDINGS]; /* index = the shader's layout (binding = …) */
  const void *push;                         /* push constants */
  gsize push_size;                          /* bytes, a multiple of 4, at most IV_VK_MAX_PUSH */
  guint groups[3];                          /* work-groups; 0 counts as 1 */
} IvVkDispatch;

/* Work-groups that cover n items. */
#define IV_VK_GROUPS(n, local_size) (((n) + (local_size) -1) / (local_size))

IvVkCommands *iv_vk_commands_new (IvVkDevice *device, GError **error);
void iv_vk_commands_free (IvVkCommands *commands); /* waits for submitted work */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvVkCommands, iv_vk_commands_free)

IvVkDevice *iv_vk_commands_get_device (IvVkCommands *commands);

/* Starts a new recording; waits for the work submitted before. The recording calls below do not
 * report: the first thing that goes wrong is kept, later calls do nothing, and submit() returns
 * it. Buffers are referenced until the next begin(). Reads after writes, writes after reads and
 * writes after writes of overlapping ranges are ordered by barriers that are put in as needed. */
gboolean iv_vk_commands_begin (IvVkCommands *commands, GError **error);
void iv_vk_commands_dispatch (IvVkCommands *commands, const IvVkDispatch *dispatch);

typedef struct {
  IvVkBuffer *source;
  gsize source_offset;
  IvVkBuffer *target;
  gsize target_offset;
  gsize size; /* bytes */
} IvVkCopy;

void iv_vk_commands_copy (IvVkCommands *commands, const IvVkCopy *copy);
/* 32-bit value over a range; offset and size multiples of 4, size 0: to the end. */
void iv_vk_commands_fill (IvVkCommands *commands,
                          IvVkBuffer *buffer,
                          gsize offset,
                          gsize size,
                          guint32 value);
/* Lets a recording function refuse: kept as the first error, submit() returns it. (transfer full)
 */
void iv_vk_commands_fail (IvVkCommands *commands, GError *error);
/* The kept error, or NULL. */
const GError *iv_vk_commands_get_error (IvVkCommands *commands);

/* Ends the recording if it is open and hands it to the queue; the same recording may be submitted
 * again after wait(). Results are visible to the host and to later submissions after wait(). */
gboolean iv_vk_commands_submit (IvVkCommands *commands, GError **error);
gboolean iv_vk_commands_wait (IvVkCommands *commands, GError **error);
/* submit() and wait(). */
gboolean iv_vk_commands_run (IvVkCommands *commands, GError **error);

/* Dispatches in the recording so far, and barriers put between them. */
guint iv_vk_commands_get_n_dispatches (IvVkCommands *commands);
guint iv_vk_commands_get_n_barriers (IvVkCommands *commands);

/* Times each dispatch of later recordings; NULL to stop. The profile must outlive them. */
void iv_vk_commands_set_profile (IvVkCommands *commands, IvVkProfile *profile);

G_END_DECLS
