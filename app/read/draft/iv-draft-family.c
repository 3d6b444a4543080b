/* Which family of report models a model belongs to, by its files.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "app/read/draft/iv-draft-template.h"

static const char *const families[] = { "cxr-llava", "generic", "maira-2", "medgemma",
                                        "mvl-rrg",   "qwen-vl", NULL };

/* Parts of a model's name, in lower case with - for all that is neither letter nor digit. A name
 * tells more than a projector: many models share one. */
static const struct {
  const char *part, *family;
} names[] = {
  { "mvl-rrg", "mvl-rrg" },   { "maira", "maira-2" },   { "cxr-llava", "cxr-llava" },
  { "medgemma", "medgemma" }, { "lingshu", "qwen-vl" },
};

static const struct {
  const char *projector, *family;
} projectors[] = {
  { "maira2", "maira-2" },           { "cxr_llava", "cxr-llava" },
  { "gemma3", "medgemma" },          { "qwen2vl_merger", "qwen-vl" },
  { "qwen2.5vl_merger", "qwen-vl" }, { "qwen3vl_merger", "qwen-vl" },
};

const char *const *
iv_draft_family_list (void)
{
  return families;
}

static const char *
find_by_name (const char *name)
{
  if (name == NULL)
    return NULL;
  g_autofree char *folded = g_ascii_strdown (name, -1);
  for (char *c = folded; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c))
      *c = '-';
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strstr (folded, names[i].part) != NULL)
      return names[i].family;
  return NULL;
}

const char *
iv_draft_family_find (IvWeights *weights, const char *projector)
{
  const char *file = iv_weights_get_file (weights);
  g_autofree char *name = g_path_get_basename (file);
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *folder_name = g_path_get_basename (folder);
  const char *said[] = { iv_weights_get_string (weights, "general.name"),
                         iv_weights_get_string (weights, "general.basename"),
                         name,
                         folder_name };
  for (guint i = 0; i < G_N_ELEMENTS (said); i++) {
    const char *family = find_by_name (said[i]);
    if (family != NULL)
      return family;
  }
  for (guint i = 0; projector != NULL && i < G_N_ELEMENTS (projectors); i++)
    if (g_str_equal (projectors[i].projector, projector))
      return projectors[i].family;
  return "generic";
}

IvPlaces
iv_places_resolve (IvPlaces places, const char *projector)
{
  if (places != IV_PLACES_AUTO)
    return places;
  if (g_str_equal (projector, "qwen2.5vl_merger"))
    return IV_PLACES_QWEN_PIXELS;
  if (g_str_equal (projector, "qwen2vl_merger") || g_str_equal (projector, "qwen3vl_merger"))
    return IV_PLACES_QWEN_1000;
  if (g_str_equal (projector, "gemma3"))
    return IV_PLACES_GEMMA;
  return IV_PLACES_NONE;
}
