/* Writing and checked reading of IvRadiographInfo as a GVariant.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-info-variant.h"

#include <math.h>

#include "app/study/iv-study-error.h"

#define MAX_LUTS 16
#define MAX_WINDOWS 64
#define LUT_TYPE "(iuqayms)"
#define WINDOW_TYPE "(ddums)"

static GVariant *
lut_to_variant (const IvLut *lut)
{
  GVariant *entries = g_variant_new_fixed_array (
      G_VARIANT_TYPE_BYTE, lut->entries, lut->n_entries * sizeof (guint16), 1);
  return g_variant_new (
      "(iuq@ayms)", lut->first, lut->n_entries, (guint16) lut->bits, entries, lut->explanation);
}

static void
add_numbers (GVariantBuilder *builder, const IvRadiographInfo *info)
{
  g_variant_builder_add (builder, "{sv}", "view", g_variant_new_uint32 (info->view));
  g_variant_builder_add (
      builder, "{sv}", "shape", g_variant_new ("(uuu)", info->rows, info->columns, info->frames));
  g_variant_builder_add (
      builder,
      "{sv}",
      "bits",
      g_variant_new ("(uub)", info->bits_allocated, info->bits_stored, info->is_signed));
  g_variant_builder_add (
      builder,
      "{sv}",
      "flags",
      g_variant_new ("(bbb)", info->is_inverted, info->is_lossy, info->is_simulated));
  if (info->has_padding)
    g_variant_builder_add (
        builder, "{sv}", "padding", g_variant_new ("(ii)", info->padding_low, info->padding_high));
  g_variant_builder_add (builder,
                         "{sv}",
                         "rescale",
                         g_variant_new ("(dd)", info->rescale_slope, info->rescale_intercept));
  g_variant_builder_add (builder,
                         "{sv}",
                         "spacing",
                         g_variant_new ("(ddud)",
                                        info->row_spacing,
                                        info->column_spacing,
                                        (guint32) info->spacing_source,
                                        info->magnification));
}

GVariant *
iv_info_to_variant (const IvRadiographInfo *info)
{
  GVariantBuilder builder, list;
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < iv_n_info_strings; i++) {
    const char *value = G_STRUCT_MEMBER (const char *, info, iv_info_strings[i].offset);
    if (value != NULL)
      g_variant_builder_add (
          &builder, "{sv}", iv_info_strings[i].name, g_variant_new_string (value));
  }
  add_numbers (&builder, info);
  if (info->modality_lut != NULL)
    g_variant_builder_add (&builder, "{sv}", "modality-lut", lut_to_variant (info->modality_lut));
  g_variant_builder_init (&list, G_VARIANT_TYPE ("a" WINDOW_TYPE));
  for (guint i = 0; i < MIN (info->windows->len, MAX_WINDOWS); i++) {
    const IvWindow *window = &g_array_index (info->windows, IvWindow, i);
    g_variant_builder_add (&list,
                           WINDOW_TYPE,
                           window->center,
                           window->width,
                           (guint32) window->function,
                           window->explanation);
  }
  g_variant_builder_add (&builder, "{sv}", "windows", g_variant_builder_end (&list));
  g_variant_builder_init (&list, G_VARIANT_TYPE ("a" LUT_TYPE));
  for (guint i = 0; i < MIN (info->voi_luts->len, MAX_LUTS); i++)
    g_variant_builder_add_value (&list, lut_to_variant (g_ptr_array_index (info->voi_luts, i)));
  g_variant_builder_add (&builder, "{sv}", "voi-luts", g_variant_builder_end (&list));
  return g_variant_builder_end (&builder);
}

static gboolean
refuse (const char *what, GError **error)
{
  g_set_error (error,
               IV_STUDY_ERROR,
               IV_STUDY_ERROR_DAMAGED,
               "the decoder answered with an impossible %s",
               what);
  return FALSE;
}

/* A text of megabytes takes a label minutes to lay out. LT holds 10,240 characters; PN at most 194,
 * all others 64, but archives write longer ones. */
#define LONGEST_COMMENT 10240
#define LONGEST_TEXT 1024

/* (transfer full): TEXT, shortened by an ellipsis when it is longer than LONGEST characters. */
static char *
shorten (const char *text, glong longest)
{
  if (g_utf8_strlen (text, -1) <= longest)
    return g_strdup (text);
  g_autofree char *start = g_utf8_substring (text, 0, longest);
  return g_strconcat (start, "…", NULL);
}

static void
read_texts (GVariant *variant, IvRadiographInfo *info)
{
  for (guint i = 0; i < iv_n_info_strings; i++) {
    const IvInfoString *string = &iv_info_strings[i];
    char **field = &G_STRUCT_MEMBER (char *, info, string->offset);
    g_clear_pointer (field, g_free);
    const char *value = NULL;
    if (!g_variant_lookup (variant, string->name, "&s", &value))
      continue;
    if (string->offset == G_STRUCT_OFFSET (IvRadiographInfo, file)) /* the reader's own, a path */
      *field = g_strdup (value);
    else if (string->offset == G_STRUCT_OFFSET (IvRadiographInfo, image_comments))
      *field = shorten (value, LONGEST_COMMENT);
    else
      *field = shorten (value, LONGEST_TEXT);
  }
}

static void
shorten_explanation (char **explanation)
{
  if (*explanation == NULL)
    return;
  g_autofree char *whole = g_steal_pointer (explanation);
  *explanation = shorten (whole, LONGEST_TEXT);
}

static IvLut *
lut_from_variant (GVariant *variant, GError **error)
{
  g_autoptr (GVariant) entries = NULL;
  g_autoptr (IvLut) lut = g_new0 (IvLut, 1);
  guint16 bits;
  g_variant_get (
      variant, "(iuq@ayms)", &lut->first, &lut->n_entries, &bits, &entries, &lut->explanation);
  lut->bits = bits;
  shorten_explanation (&lut->explanation);
  gsize size;
  const guint16 *data = g_variant_get_fixed_array (entries, &size, 1);
  if (lut->n_entries < 1 || lut->n_entries > 65536 || size != lut->n_entries * 2ul || bits < 8 ||
      bits > 16) {
    refuse ("lookup table", error);
    return NULL;
  }
  lut->entries = g_memdup2 (data, size);
  return g_steal_pointer (&lut);
}

static gboolean
read_numbers (GVariant *variant, IvRadiographInfo *info, GError **error)
{
  guint32 view = 0, source = 0;
  if (!g_variant_lookup (variant, "shape", "(uuu)", &info->rows, &info->columns, &info->frames) ||
      info->rows < 1 || info->rows > 65535 || info->columns < 1 || info->columns > 65535)
    return refuse ("size", error);
  if (!g_variant_lookup (
          variant, "bits", "(uub)", &info->bits_allocated, &info->bits_stored, &info->is_signed) ||
      info->bits_allocated > 16 || info->bits_stored < 1 ||
      info->bits_stored > info->bits_allocated)
    return refuse ("depth", error);
  if (!g_variant_lookup (variant, "view", "u", &view) || view > IV_VIEW_LATERAL)
    return refuse ("view", error);
  info->view = view;
  g_variant_lookup (
      variant, "flags", "(bbb)", &info->is_inverted, &info->is_lossy, &info->is_simulated);
  info->has_padding =
      g_variant_lookup (variant, "padding", "(ii)", &info->padding_low, &info->padding_high);
  if (!g_variant_lookup (
          variant, "rescale", "(dd)", &info->rescale_slope, &info->rescale_intercept) ||
      !isfinite (info->rescale_slope) || info->rescale_slope == 0 ||
      !isfinite (info->rescale_intercept))
    return refuse ("rescale slope", error);
  if (!g_variant_lookup (variant,
                         "spacing",
                         "(ddud)",
                         &info->row_spacing,
                         &info->column_spacing,
                         &source,
                         &info->magnification) ||
      source > IV_SPACING_SCANNED || !isfinite (info->row_spacing) ||
      !isfinite (info->column_spacing) || !isfinite (info->magnification) ||
      info->row_spacing < 0 || info->column_spacing < 0)
    return refuse ("pixel spacing", error);
  info->spacing_source = source;
  return TRUE;
}

static gboolean
read_windows (GVariant *variant, IvRadiographInfo *info, GError **error)
{
  g_autoptr (GVariantIter) iter = NULL;
  if (!g_variant_lookup (variant, "windows", "a" WINDOW_TYPE, &iter))
    return TRUE;
  IvWindow window = { 0 };
  guint32 function;
  while (g_variant_iter_next (
      iter, WINDOW_TYPE, &window.center, &window.width, &function, &window.explanation)) {
    window.function = function;
    shorten_explanation (&window.explanation);
    g_array_append_val (info->windows, window);
    if (function > IV_VOI_SIGMOID || !isfinite (window.center) || !isfinite (window.width) ||
        info->windows->len > MAX_WINDOWS)
      return refuse ("window", error);
  }
  return TRUE;
}

static gboolean
read_luts (GVariant *variant, IvRadiographInfo *info, GError **error)
{
  g_autoptr (GVariant) modality =
      g_variant_lookup_value (variant, "modality-lut", G_VARIANT_TYPE (LUT_TYPE));
  if (modality != NULL && (info->modality_lut = lut_from_variant (modality, error)) == NULL)
    return FALSE;
  g_autoptr (GVariant) list =
      g_variant_lookup_value (variant, "voi-luts", G_VARIANT_TYPE ("a" LUT_TYPE));
  gsize n = list != NULL ? g_variant_n_children (list) : 0;
  if (n > MAX_LUTS)
    return refuse ("number of lookup tables", error);
  for (gsize i = 0; i < n; i++) {
    g_autoptr (GVariant) child = g_variant_get_child_value (list, i);
    IvLut *lut = lut_from_variant (child, error);
    if (lut == NULL)
      return FALSE;
    g_ptr_array_add (info->voi_luts, lut);
  }
  return TRUE;
}

IvRadiographInfo *
iv_info_from_variant (GVariant *variant, GError **error)
{
  g_autoptr (IvRadiographInfo) info = iv_radiograph_info_new ();
  read_texts (variant, info);
  if (info->photometric == NULL) {
    refuse ("photometric interpretation", error);
    return NULL;
  }
  if (!read_numbers (variant, info, error) || !read_windows (variant, info, error) ||
      !read_luts (variant, info, error))
    return NULL;
  return g_steal_pointer (&info);
}
