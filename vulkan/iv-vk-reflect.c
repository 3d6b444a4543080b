/* What a SPIR-V module says of its bindings, so that no caller has to repeat it.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "vulkan/iv-vk-private.h"

#define SPIRV_MAGIC 0x07230203u
#define SPIRV_HEADER_WORDS 5

/* Numbers of the SPIR-V specification, sections 3.2 to 3.52. */
enum {
  OP_TYPE_INT = 21,
  OP_TYPE_FLOAT = 22,
  OP_TYPE_IMAGE = 25,
  OP_TYPE_SAMPLED_IMAGE = 27,
  OP_TYPE_STRUCT = 30,
  OP_TYPE_POINTER = 32,
  OP_VARIABLE = 59,
  OP_DECORATE = 71,
  OP_MEMBER_DECORATE = 72,

  DECORATION_NON_WRITABLE = 24,
  DECORATION_BINDING = 33,
  DECORATION_DESCRIPTOR_SET = 34,

  STORAGE_UNIFORM_CONSTANT = 0,
  STORAGE_UNIFORM = 2,
  STORAGE_STORAGE_BUFFER = 12,

  DIM_BUFFER = 5,
};

/* What is known of one result id. */
typedef struct {
  guint opcode;
  guint32 type;          /* pointee, image or component type */
  guint32 storage_class; /* of a pointer or variable */
  guint32 dim;           /* of an image */
  guint n_members;       /* of a struct */
  guint n_non_writable;  /* members so decorated */
  gboolean non_writable;
  gboolean has_binding;
  guint32 binding, set;
} Id;

typedef struct {
  Id *ids;
  guint32 n_ids;
} Module;

static void
note_decoration (Id *id, const guint32 *operands, guint n)
{
  if (operands[0] == DECORATION_NON_WRITABLE)
    id->non_writable = TRUE;
  if (n < 2)
    return;
  if (operands[0] == DECORATION_BINDING) {
    id->has_binding = TRUE;
    id->binding = operands[1];
  } else if (operands[0] == DECORATION_DESCRIPTOR_SET) {
    id->set = operands[1];
  }
}

/* n: words of the instruction after the first. */
static void
note_instruction (Module *module, guint opcode, const guint32 *words, guint n)
{
  gboolean second = opcode == OP_VARIABLE; /* the result id stands second */
  guint32 at = n > (second ? 1u : 0u) ? words[second ? 1 : 0] : 0;
  if (at == 0 || at >= module->n_ids)
    return;
  Id *id = &module->ids[at];
  switch (opcode) {
  case OP_DECORATE:
    if (n >= 2)
      note_decoration (id, words + 1, n - 1);
    break;
  case OP_MEMBER_DECORATE:
    if (n >= 3 && words[2] == DECORATION_NON_WRITABLE)
      id->n_non_writable++;
    break;
  case OP_TYPE_STRUCT:
    id->n_members = n - 1;
    id->opcode = opcode;
    break;
  case OP_TYPE_POINTER:
  case OP_VARIABLE:
    id->opcode = opcode;
    id->type = second ? words[0] : (n >= 3 ? words[2] : 0);
    id->storage_class = n >= 3 ? words[second ? 2 : 1] : G_MAXUINT32;
    break;
  case OP_TYPE_IMAGE:
    id->dim = n >= 3 ? words[2] : G_MAXUINT32;
    G_GNUC_FALLTHROUGH;
  case OP_TYPE_SAMPLED_IMAGE:
    id->type = n >= 2 ? words[1] : 0;
    G_GNUC_FALLTHROUGH;
  case OP_TYPE_INT:
  case OP_TYPE_FLOAT:
    id->opcode = opcode;
    break;
  default:
    break;
  }
}

static const Id *
get_id (const Module *module, guint32 id)
{
  return &module->ids[id < module->n_ids ? id : 0];
}

/* FALSE when the variable is no buffer. */
static gboolean
describe_variable (const Module *module, const Id *variable, IvVkBindingInfo *info)
{
  const Id *type = get_id (module, get_id (module, variable->type)->type);
  info->used = TRUE;
  if (variable->storage_class == STORAGE_STORAGE_BUFFER && type->opcode == OP_TYPE_STRUCT) {
    gboolean read_only = variable->non_writable || type->n_non_writable == type->n_members;
    info->type = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    info->writes = !read_only;
    return TRUE;
  }
  if (variable->storage_class != STORAGE_UNIFORM_CONSTANT || type->opcode != OP_TYPE_SAMPLED_IMAGE)
    return FALSE;
  const Id *image = get_id (module, type->type);
  guint component = get_id (module, image->type)->opcode;
  if (image->dim != DIM_BUFFER)
    return FALSE;
  info->type = VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER;
  info->format =
      component == OP_TYPE_FLOAT ? VK_FORMAT_R32G32B32A32_SFLOAT : VK_FORMAT_R32G32B32A32_UINT;
  return TRUE;
}

static gboolean
collect (const Module *module, IvVkShader *shader, GError **error)
{
  for (guint32 i = 0; i < module->n_ids; i++) {
    const Id *variable = &module->ids[i];
    if (variable->opcode != OP_VARIABLE || !variable->has_binding)
      continue;
    if (variable->set != 0 || variable->binding >= IV_VK_MAX_BINDINGS ||
        !describe_variable (module, variable, &shader->bindings[variable->binding])) {
      g_set_error (error,
                   IV_VK_ERROR,
                   IV_VK_ERROR_SHADER,
                   "shader %s: binding %u of set %u is not one of %d buffers of set 0",
                   shader->name,
                   variable->binding,
                   variable->set,
                   IV_VK_MAX_BINDINGS);
      return FALSE;
    }
    shader->n_bindings = MAX (shader->n_bindings, variable->binding + 1);
  }
  return TRUE;
}

gboolean
iv_vk_reflect (const guint32 *words, gsize n_words, IvVkShader *shader, GError **error)
{
  if (n_words < SPIRV_HEADER_WORDS || words[0] != SPIRV_MAGIC || words[3] > n_words * 4) {
    g_set_error (error, IV_VK_ERROR, IV_VK_ERROR_SHADER, "shader %s is not SPIR-V", shader->name);
    return FALSE;
  }
  g_autofree Id *ids = g_new0 (Id, words[3] + 1);
  Module module = { ids, words[3] + 1 };
  for (gsize i = SPIRV_HEADER_WORDS; i < n_words;) {
    guint length = words[i] >> 16;
    if (length == 0 || length > n_words - i)
      break;
    note_instruction (&module, words[i] & 0xffff, words + i + 1, length - 1);
    i += length;
  }
  return collect (&module, shader, error);
}
