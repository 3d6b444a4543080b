/* interval-cli compare: registers the prior to the current film and lists what changed.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>
#include <stdlib.h>

#include <cairo.h>
#include <json-glib/json-glib.h>

#include "app/cli/iv-cli-commands.h"
#include "app/cli/iv-cli.h"
#include "app/compare/iv-swap-check.h"
#include "model/files/iv-json.h"

typedef struct {
  gboolean json, swap;
  int device;
  char *points, *overlay, *lungs;
} Options;

/* Rounded to what the numbers mean, so that the output stays readable. */
static void
add_number (JsonBuilder *builder, double value, double unit)
{
  double parts = round (1 / unit);
  json_builder_add_double_value (builder, round (value * parts) / parts);
}

static void
add_named (JsonBuilder *builder, const char *name, double value, double unit)
{
  json_builder_set_member_name (builder, name);
  if (isfinite (value))
    add_number (builder, value, unit);
  else
    json_builder_add_null_value (builder);
}

/* value: NULL becomes null. */
static void
add_named_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

/* One "x y" a line. (transfer full) IvPoint; NULL with error. */
static GArray *
read_points (const char *file, GError **error)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (file, &text, NULL, error))
    return NULL;
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (IvPoint));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    IvPoint point;
    char *end;
    if (*g_strstrip (lines[i]) == '\0')
      continue;
    point.x = g_ascii_strtod (lines[i], &end);
    point.y = g_ascii_strtod (end, &end);
    if (*end != '\0' || !isfinite (point.x) || !isfinite (point.y)) {
      g_set_error (error,
                   G_IO_ERROR,
                   G_IO_ERROR_INVALID_DATA,
                   "%s, line %u: \"%s\" is not a point \"x y\"",
                   file,
                   i + 1,
                   lines[i]);
      return NULL;
    }
    g_array_append_val (points, point);
  }
  return g_steal_pointer (&points);
}

static void
add_registration (JsonBuilder *builder, IvComparison *comparison, const GArray *points)
{
  json_builder_set_member_name (builder, "registration");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "ok");
  json_builder_add_boolean_value (builder, iv_comparison_is_ok (comparison));
  if (!iv_comparison_is_ok (comparison))
    add_named_string (builder, "reason", iv_comparison_get_reason (comparison));
  add_named (builder, "quality", iv_comparison_get_quality (comparison), 0.001);
  add_named_string (builder, "caution", iv_comparison_get_caution (comparison));
  json_builder_set_member_name (builder, "points");
  json_builder_begin_array (builder);
  for (guint i = 0; points != NULL && iv_comparison_is_ok (comparison) && i < points->len; i++) {
    IvPoint c = g_array_index (points, IvPoint, i);
    IvPoint p = iv_comparison_current_to_prior (comparison, c);
    json_builder_begin_array (builder);
    add_number (builder, c.x, 0.001);
    add_number (builder, c.y, 0.001);
    add_number (builder, p.x, 0.001);
    add_number (builder, p.y, 0.001);
    json_builder_end_array (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_change (JsonBuilder *builder, const IvChange *change, IvSwapMark mark)
{
  static const char *const kinds[] = { "opacity", "texture", "contour" };
  const double box[] = { change->x, change->y, change->width, change->height };
  gboolean more = change->direction == IV_CHANGE_INCREASED;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "bbox");
  json_builder_begin_array (builder);
  for (guint k = 0; k < 4; k++)
    add_number (builder, box[k], 0.1);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "contour");
  json_builder_begin_array (builder);
  for (guint k = 0; k < change->contour->len; k++) {
    IvPoint point = g_array_index (change->contour, IvPoint, k);
    json_builder_begin_array (builder);
    add_number (builder, point.x, 0.1);
    add_number (builder, point.y, 0.1);
    json_builder_end_array (builder);
  }
  json_builder_end_array (builder);
  add_named_string (builder, "direction", more ? "increased" : "decreased");
  add_named_string (builder, "kind", kinds[change->kind]);
  add_named (builder, "score", change->score, 0.0001);
  add_named_string (builder, "zone", iv_zone_to_string (change->zone));
  add_named (builder, "area_mm2", change->area_mm2, 0.1);
  add_named (builder, "area_px", change->area_px, 1);
  add_named (builder, "mean_difference", change->mean_difference, 0.0001);
  add_named (builder, "mean_normalised", change->mean_normalised, 0.0001);
  add_named (builder, "mean_relative", change->mean_relative, 0.0001);
  add_named_string (builder, "side", change->zone < IV_ZONE_LEFT_UPPER ? "right" : "left");
  add_named_string (builder, "course", iv_change_course_to_string (iv_change_get_course (change)));
  add_named_string (builder, "swap", iv_swap_mark_to_string (mark));
  json_builder_end_object (builder);
}

static void
add_line (JsonBuilder *builder, const char *name, const IvPoint ends[2])
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < 2; i++) {
    json_builder_begin_array (builder);
    add_number (builder, ends[i].x, 0.1);
    add_number (builder, ends[i].y, 0.1);
    json_builder_end_array (builder);
  }
  json_builder_end_array (builder);
}

/* Right before left, as the patient's. */
static void
add_sides (JsonBuilder *builder, const char *name, const double values[2])
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < 2; i++)
    if (isfinite (values[i]))
      add_number (builder, values[i], 1);
    else
      json_builder_add_null_value (builder);
  json_builder_end_array (builder);
}

static void
add_measure (JsonBuilder *builder, const char *name, const IvFilmMeasure *measure)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  add_named (builder, "ctr", measure->ratio, 0.0001);
  if (isfinite (measure->ratio)) {
    add_line (builder, "heart", measure->heart);
    add_line (builder, "thorax", measure->thorax);
  }
  add_named (builder, "heart_mm", measure->heart_mm, 0.1);
  add_named (builder, "thorax_mm", measure->thorax_mm, 0.1);
  add_sides (builder, "lung_px", measure->lung_px);
  add_sides (builder, "lung_mm2", measure->lung_mm2);
  add_named (builder, "lung_asymmetry", measure->asymmetry, 0.0001);
  add_named_string (builder, "spacing_source", iv_spacing_source_to_string (measure->source));
  json_builder_set_member_name (builder, "doubts");
  json_builder_begin_array (builder);
  for (guint bit = 1; bit <= IV_DOUBT_NO_HEART; bit <<= 1)
    if (measure->doubts & bit)
      json_builder_add_string_value (builder, iv_measure_doubt_to_string (bit));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
print_json (IvComparison *comparison, const GArray *points, const IvSwapCheck *check)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  GPtrArray *changes = iv_comparison_get_changes (comparison);
  json_builder_begin_object (builder);
  add_registration (builder, comparison, points);
  json_builder_set_member_name (builder, "changes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < changes->len; i++)
    add_change (builder,
                g_ptr_array_index (changes, i),
                check != NULL ? g_array_index (check->marks, IvSwapMark, i) : IV_SWAP_UNKNOWN);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "measures");
  json_builder_begin_object (builder);
  add_measure (builder, "current", iv_comparison_get_current_measure (comparison));
  add_measure (builder, "prior", iv_comparison_get_prior_measure (comparison));
  json_builder_end_object (builder);
  if (check != NULL)
    add_named (builder, "swap_seconds", check->seconds, 0.001);
  add_named (builder, "seconds", iv_comparison_get_seconds (comparison), 0.001);
  add_named_string (builder, "device", iv_comparison_get_device_name (comparison));
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = iv_json_to_string (root, FALSE);
  g_print ("%s\n", text);
}

static void
print_measure (const char *film, const IvFilmMeasure *measure)
{
  g_autofree char *doubts = iv_film_measure_describe_doubts (measure->doubts);

  if (isfinite (measure->ratio))
    g_print ("%s film: cardiothoracic ratio %.2f", film, measure->ratio);
  else
    g_print ("%s film: no cardiothoracic ratio", film);
  g_print ("%s%s%s\n",
           doubts != NULL ? " (" : "",
           doubts != NULL ? doubts : "",
           doubts != NULL ? ")" : "");
}

static const char *
swap_in_words (const IvSwapCheck *check, guint i)
{
  IvSwapMark mark = check != NULL ? g_array_index (check->marks, IvSwapMark, i) : IV_SWAP_UNKNOWN;

  if (mark == IV_SWAP_UNKNOWN)
    return "";
  return mark == IV_SWAP_CONSISTENT ? ", holds with the films exchanged"
                                    : ", does not hold with the films exchanged";
}

static void
print_text (IvComparison *comparison, const IvSwapCheck *check)
{
  GPtrArray *changes = iv_comparison_get_changes (comparison);

  print_measure ("current", iv_comparison_get_current_measure (comparison));
  print_measure ("prior", iv_comparison_get_prior_measure (comparison));
  if (!iv_comparison_is_ok (comparison)) {
    g_print ("not registered: %s\n", iv_comparison_get_reason (comparison));
    return;
  }
  g_print ("registered, quality %.2f, %.1f s on %s\n",
           iv_comparison_get_quality (comparison),
           iv_comparison_get_seconds (comparison),
           iv_comparison_get_device_name (comparison));
  if (iv_comparison_get_caution (comparison) != NULL)
    g_print ("caution: %s\n", iv_comparison_get_caution (comparison));
  for (guint i = 0; i < changes->len; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);
    if (change->score >= 0.5)
      g_print ("%s %s (score %.2f) at %.0f %.0f%s\n",
               iv_zone_to_string (change->zone),
               change->direction == IV_CHANGE_INCREASED ? "increased" : "decreased",
               change->score,
               change->centroid.x,
               change->centroid.y,
               swap_in_words (check, i));
  }
}

static gboolean
save_surface (cairo_surface_t *surface, const char *file, GError **error)
{
  cairo_status_t status = cairo_surface_write_to_png (surface, file);
  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", file, cairo_status_to_string (status));
  return FALSE;
}

/* 255 inside of the lungs, on the grid of the current film. */
static gboolean
save_lungs (IvComparison *comparison, const char *file, GError **error)
{
  IvRadiograph *film = iv_comparison_get_current (comparison);
  guint w = iv_radiograph_get_columns (film), h = iv_radiograph_get_rows (film), gw, gh;
  const guint8 *lungs = iv_comparison_get_lungs (comparison, &gw, &gh);
  double pitch = MAX (w, h) / (double) MAX (gw, gh);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, w, h);
  guint8 *pixels = cairo_image_surface_get_data (surface);
  gsize stride = cairo_image_surface_get_stride (surface);
  for (guint y = 0; pixels != NULL && y < h; y++) {
    guint32 *row = (guint32 *) (gpointer) (pixels + y * stride);
    guint gy = MIN ((guint) ((y + 0.5) / pitch), gh - 1);
    for (guint x = 0; x < w; x++)
      row[x] = lungs[gy * gw + MIN ((guint) ((x + 0.5) / pitch), gw - 1)] != 0 ? 0xffffff : 0;
  }
  cairo_surface_mark_dirty (surface);
  gboolean done = save_surface (surface, file, error);
  cairo_surface_destroy (surface);
  return done;
}

/* The film in grey, what increased in red and what decreased in blue, shown regions outlined. */
static cairo_surface_t *
paint_film (IvComparison *comparison)
{
  IvRadiograph *film = iv_comparison_get_current (comparison);
  guint w = iv_radiograph_get_columns (film), h = iv_radiograph_get_rows (film), gw, gh;
  const float *difference = iv_comparison_get_subtraction (comparison, &gw, &gh);
  double pitch = MAX (w, h) / (double) MAX (gw, gh);
  g_autofree float *density = iv_radiograph_get_density (film);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, w, h);
  guint8 *pixels = cairo_image_surface_get_data (surface);
  gsize stride = cairo_image_surface_get_stride (surface);
  for (guint y = 0; pixels != NULL && y < h; y++) {
    guint32 *row = (guint32 *) (gpointer) (pixels + y * stride);
    guint gy = MIN ((guint) ((y + 0.5) / pitch), gh - 1);
    for (guint x = 0; x < w; x++) {
      guint gx = MIN ((guint) ((x + 0.5) / pitch), gw - 1);
      double d = difference != NULL ? CLAMP (difference[gy * gw + gx], -1, 1) : 0;
      double v = 255 * CLAMP (density[(gsize) y * w + x], 0, 1), tint = 0.8 * fabs (d);
      guint strong = (guint) (v + (255 - v) * tint), weak = (guint) (v * (1 - tint));
      row[x] = (d > 0 ? strong : weak) << 16 | weak << 8 | (d < 0 ? strong : weak);
    }
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static gboolean
save_overlay (IvComparison *comparison, const char *file, GError **error)
{
  GPtrArray *changes = iv_comparison_get_changes (comparison);
  cairo_surface_t *surface = paint_film (comparison);
  cairo_t *cr = cairo_create (surface);
  cairo_set_line_width (cr, MAX (1.5, cairo_image_surface_get_width (surface) / 400.0));
  for (guint i = 0; i < changes->len; i++) {
    const IvChange *change = g_ptr_array_index (changes, i);
    if (change->score < 0.5)
      continue;
    for (guint k = 0; k < change->contour->len; k++) {
      IvPoint point = g_array_index (change->contour, IvPoint, k);
      cairo_line_to (cr, point.x + 0.5, point.y + 0.5);
    }
    cairo_close_path (cr);
    if (change->direction == IV_CHANGE_INCREASED)
      cairo_set_source_rgb (cr, 1.0, 0.45, 0.2);
    else
      cairo_set_source_rgb (cr, 0.3, 0.6, 1.0);
    cairo_stroke (cr);
  }
  cairo_destroy (cr);
  gboolean done = save_surface (surface, file, error);
  cairo_surface_destroy (surface);
  return done;
}

static gboolean
compare (char **files, const Options *options, GError **error)
{
  g_autoptr (GArray) points = NULL;
  if (options->points != NULL && (points = read_points (options->points, error)) == NULL)
    return FALSE;
  g_autoptr (IvRadiograph) current = iv_radiograph_load (files[0], NULL, error);
  g_autoptr (IvRadiograph) prior =
      current != NULL ? iv_radiograph_load (files[1], NULL, error) : NULL;
  if (prior == NULL)
    return FALSE;
  g_autoptr (IvEngine) engine = iv_engine_new (&(IvEngineParams){ .device = options->device });
  g_autoptr (IvComparison) comparison = iv_comparison_run (
      engine, &(IvComparisonParams){ .current = current, .prior = prior }, NULL, error);
  g_autoptr (IvSwapCheck) check = comparison != NULL && options->swap
                                      ? iv_swap_check_run (engine, comparison, NULL, error)
                                      : NULL;
  iv_engine_shutdown (engine);
  if (comparison == NULL || (options->swap && check == NULL))
    return FALSE;
  if (options->overlay != NULL && !save_overlay (comparison, options->overlay, error))
    return FALSE;
  if (options->lungs != NULL && !save_lungs (comparison, options->lungs, error))
    return FALSE;
  if (options->json)
    print_json (comparison, points, check);
  else
    print_text (comparison, check);
  return TRUE;
}

int
iv_cli_run_compare (int argc, char **argv)
{
  Options options = { .device = -1 };
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "print one JSON object", NULL },
    { "points",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &options.points,
      "positions in the current film, \"x y\" a line, to be found in the prior",
      "FILE" },
    { "overlay",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &options.overlay,
      "write the film with the changes",
      "PNG" },
    { "lungs", 0, 0, G_OPTION_ARG_FILENAME, &options.lungs, "write the lung-field mask", "PNG" },
    { "swap",
      0,
      0,
      G_OPTION_ARG_NONE,
      &options.swap,
      "compare the other way round too, and say which changes hold",
      NULL },
    { "device", 0, 0, G_OPTION_ARG_INT, &options.device, "Vulkan device", "N" },
    { NULL },
  };
  const IvCliCommand *command = iv_cli_find ("compare");
  g_autoptr (GError) error = NULL;
  int status = IV_CLI_DONE;
  if (!iv_cli_parse (command, entries, &argc, &argv))
    return IV_CLI_USAGE;
  if (argc != 3)
    status = iv_cli_usage (command, "two films are needed, the current and the prior one");
  else if (!compare (argv + 1, &options, &error))
    status = iv_cli_fail ("compare", error);
  g_free (options.points);
  g_free (options.overlay);
  g_free (options.lungs);
  return status;
}
