/* The texts in a film's corners, the patient's sides and the scale bar.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/film/iv-film-annotation.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "ui/film/iv-film-text.h"
#include "ui/film/iv-film-tint.h"

#define MARGIN 10.0f

static const GdkRGBA text_color = { 0.93f, 0.93f, 0.93f, 1 };
static const GdkRGBA dim_color = { 0.74f, 0.76f, 0.78f, 1 };
static const GdkRGBA notice_color = { 1.0f, 0.80f, 0.35f, 1 };
static const GdkRGBA plate_color = { 0, 0, 0, 0.55f };
static const GdkRGBA shadow_color = { 0, 0, 0, 0.85f };

typedef struct {
  const IvFilmAnnotation *frame;
  GtkSnapshot *snapshot;
  float width, height; /* logical */
} Page;

#define SEPARATOR " · "
#define SHORT_PART 20 /* characters */

/* Short parts of a line stay whole: Korean may otherwise break inside any word. */
static void
keep_parts_whole (PangoAttrList *attributes, const char *text)
{
  const char *part = text;

  while (part != NULL) {
    const char *end = strstr (part, SEPARATOR);
    const gsize length = end != NULL ? (gsize) (end - part) : strlen (part);

    if (g_utf8_strlen (part, (gssize) length) <= SHORT_PART) {
      PangoAttribute *whole = pango_attr_allow_breaks_new (FALSE);
      whole->start_index = (guint) (part - text);
      whole->end_index = whole->start_index + (guint) length;
      pango_attr_list_insert (attributes, whole);
    }
    part = end != NULL ? end + strlen (SEPARATOR) : NULL;
  }
}

static PangoLayout *
create_layout (const Page *page, const char *text, double scale, PangoWeight weight)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (page->frame->widget, text);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (scale));
  pango_attr_list_insert (attributes, pango_attr_weight_new (weight));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  keep_parts_whole (attributes, text);
  pango_layout_set_attributes (layout, attributes);
  return layout;
}

/* Readable on white as on black: the text on a dark plate that black film swallows. */
static void
append_layout (const Page *page, PangoLayout *layout, float x, float y, const GdkRGBA *color)
{
  PangoRectangle extents;
  GskRoundedRect plate;

  pango_layout_get_pixel_extents (layout, NULL, &extents);
  const graphene_rect_t bounds = GRAPHENE_RECT_INIT (x + (float) extents.x - 5,
                                                     y + (float) extents.y - 1,
                                                     (float) extents.width + 10,
                                                     (float) extents.height + 2);
  gsk_rounded_rect_init_from_rect (&plate, &bounds, 4);
  gtk_snapshot_push_rounded_clip (page->snapshot, &plate);
  gtk_snapshot_append_color (page->snapshot, &plate_color, &bounds);
  gtk_snapshot_pop (page->snapshot);
  gtk_snapshot_save (page->snapshot);
  gtk_snapshot_translate (page->snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_layout (page->snapshot, layout, color);
  gtk_snapshot_restore (page->snapshot);
}

typedef struct {
  const char *text;
  const GdkRGBA *color;
  double size;
  PangoWeight weight;
} Line;

/* Lines from the top or, upwards, from the bottom; at the left or right edge. */
static void
append_lines (const Page *page, const Line *lines, guint n, gboolean at_right, gboolean at_bottom)
{
  float y = at_bottom ? page->height - MARGIN : MARGIN;
  /* The scale bar stands between the lower corners. */
  const int room = (int) MAX (page->width * (at_bottom ? 0.38f : 0.5f) - 2 * MARGIN, 60);

  for (guint i = 0; i < n; i++) {
    const Line *line = &lines[at_bottom ? n - 1 - i : i];
    int width, height;

    if (line->text == NULL || line->text[0] == '\0')
      continue;
    g_autoptr (PangoLayout) layout = create_layout (page, line->text, line->size, line->weight);
    pango_layout_set_width (layout, room * PANGO_SCALE);
    pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
    if (at_bottom)
      pango_layout_set_height (layout, -2); /* lines */
    pango_layout_set_alignment (layout, at_right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    pango_layout_get_pixel_size (layout, &width, &height);
    if (at_bottom)
      y -= (float) height + 2;
    append_layout (
        page, layout, at_right ? page->width - MARGIN - (float) room : MARGIN, y, line->color);
    if (!at_bottom)
      y += (float) height + 2;
  }
}

#define IDENTITY_LINES 3

/* date and view are filled with strings to be freed. */
static void
fill_identity (Line *lines,
               const IvRadiographInfo *info,
               const char *heading,
               char **date,
               char **view)
{
  *date = iv_film_text_date (info);
  *view = iv_film_text_view (info);
  lines[0] = (Line){ heading, &dim_color, 0.92, PANGO_WEIGHT_BOLD };
  lines[1] = (Line){ *date, &text_color, 1.1, PANGO_WEIGHT_SEMIBOLD };
  lines[2] = (Line){ *view, &text_color, 1.0, PANGO_WEIGHT_NORMAL };
}

static void
append_identity (const Page *page)
{
  g_autofree char *date = NULL;
  g_autofree char *view = NULL;
  Line lines[IDENTITY_LINES];

  fill_identity (lines, page->frame->info, page->frame->heading, &date, &view);
  append_lines (page, lines, G_N_ELEMENTS (lines), FALSE, FALSE);
}

/* What is unusual about the picture, under the name of the film right of a curtain. */
static void
append_state (const Page *page)
{
  const IvFilmAnnotation *frame = page->frame;
  const guint turns = frame->geometry->quarter_turns;
  g_autofree char *turned = turns != 0 ? g_strdup_printf (_ ("Turned %u°"), turns * 90) : NULL;
  g_autofree char *date = NULL;
  g_autofree char *view = NULL;
  Line lines[IDENTITY_LINES + 6] = { 0 };
  Line *line = lines + IDENTITY_LINES;
  const char *const notices[] = { frame->info->is_simulated ? _ ("Simulated film") : NULL,
                                  frame->notice,
                                  frame->geometry->is_flipped ? _ ("Mirrored") : NULL,
                                  turned,
                                  frame->grayscale->invert ? _ ("Inverted") : NULL };

  if (frame->right_info != NULL)
    fill_identity (lines, frame->right_info, frame->right_heading, &date, &view);
  for (guint i = 0; i < G_N_ELEMENTS (notices); i++)
    *line++ = (Line){ notices[i], &notice_color, 1.0, PANGO_WEIGHT_SEMIBOLD };
  *line = (Line){
    frame->info->is_lossy ? _ ("Lossy compression") : NULL, &dim_color, 0.92, PANGO_WEIGHT_NORMAL
  };
  append_lines (page, lines, G_N_ELEMENTS (lines), TRUE, FALSE);
}

static char *
describe_window (const IvFilmAnnotation *frame)
{
  const IvGrayscale *grayscale = frame->grayscale;

  if (grayscale->voi_lut != NULL)
    return g_strdup (grayscale->voi_lut->explanation != NULL ? grayscale->voi_lut->explanation
                                                             : _ ("Table of the file"));
  if (frame->preset_name != NULL)
    /* Translators: width and centre of the gray-scale window, and the name of its preset */
    return g_strdup_printf (_ ("W %.0f C %.0f · %s"),
                            grayscale->window.width,
                            grayscale->window.center,
                            frame->preset_name);
  return g_strdup_printf (_ ("W %.0f C %.0f"), grayscale->window.width, grayscale->window.center);
}

static void
append_technique (const Page *page)
{
  g_autofree char *spacing = iv_film_text_spacing (page->frame->info);
  g_autofree char *window = describe_window (page->frame);
  /* In logical pixels of the screen 1:1 still means device pixels. */
  g_autofree char *zoom = g_strdup_printf (_ ("Zoom %.0f %%"), page->frame->geometry->zoom * 100);
  /* The figure and where it comes from, one above the other: the scale bar needs the middle. */
  g_auto (GStrv) parts = g_strsplit (spacing, ", ", 2);
  const Line left[] = {
    { parts[0], &dim_color, 0.92, PANGO_WEIGHT_NORMAL },
    { parts[0] != NULL ? parts[1] : NULL, &dim_color, 0.92, PANGO_WEIGHT_NORMAL },
  };
  const Line right[] = { { zoom, &dim_color, 0.92, PANGO_WEIGHT_NORMAL },
                         { window, &dim_color, 0.92, PANGO_WEIGHT_NORMAL } };

  append_lines (page, left, G_N_ELEMENTS (left), FALSE, TRUE);
  append_lines (page, right, G_N_ELEMENTS (right), TRUE, TRUE);
}

/* The patient's side towards one edge of the screen. */
static void
append_side (const Page *page, int screen_dx, int screen_dy)
{
  const IvFilmAxes axes = iv_film_geometry_axes (page->frame->geometry);
  const int dx = axes.xx * screen_dx + axes.yx * screen_dy;
  const int dy = axes.xy * screen_dx + axes.yy * screen_dy;
  gboolean is_assumed;
  const char *letter = iv_film_text_side (page->frame->info, dx, dy, &is_assumed);
  int width, height;

  if (letter == NULL)
    return;

  /* In brackets: the file does not say, the usual orientation is taken. */
  g_autofree char *text = is_assumed ? g_strdup_printf ("(%s)", letter) : g_strdup (letter);
  g_autoptr (PangoLayout) layout =
      create_layout (page, text, is_assumed ? 1.25 : 1.6, PANGO_WEIGHT_BOLD);
  pango_layout_get_pixel_size (layout, &width, &height);

  const float free_x = page->width - (float) width, free_y = page->height - (float) height;
  const float x = screen_dx == 0 ? free_x / 2 : screen_dx < 0 ? MARGIN : free_x - MARGIN;
  const float y = screen_dy == 0 ? free_y / 2 : screen_dy < 0 ? MARGIN : free_y - MARGIN;
  append_layout (page, layout, x, y, is_assumed ? &dim_color : &text_color);
}

double
iv_film_annotation_round_length (double limit_mm)
{
  static const double lengths[] = { 200, 100, 50, 20, 10, 5, 2, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    if (lengths[i] <= limit_mm)
      return lengths[i];
  return 0;
}

static void
append_bar (const Page *page, const graphene_rect_t *line, const GdkRGBA *color, float grow)
{
  const float x = line->origin.x - grow, y = line->origin.y - grow;
  const float width = line->size.width + 2 * grow, thickness = 2 + 2 * grow;

  gtk_snapshot_append_color (page->snapshot, color, &GRAPHENE_RECT_INIT (x, y, width, thickness));
  for (guint i = 0; i < 2; i++)
    gtk_snapshot_append_color (
        page->snapshot,
        color,
        &GRAPHENE_RECT_INIT (i == 0 ? x : x + width - thickness, y - 6, thickness, 6 + thickness));
}

static void
append_scale_bar (const Page *page)
{
  const IvRadiographInfo *info = page->frame->info;
  const gboolean is_turned = (page->frame->geometry->quarter_turns & 1) != 0;
  const double spacing = is_turned ? info->row_spacing : info->column_spacing;
  int text_width, text_height;

  if (info->spacing_source == IV_SPACING_NONE || !(spacing > 0))
    return;

  const double per_mm = page->frame->geometry->zoom / spacing / page->frame->scale;
  const double length = iv_film_annotation_round_length (page->width * 0.22 / per_mm);
  if (length <= 0)
    return;

  const float width = (float) (length * per_mm);
  const float x = (page->width - width) / 2, y = page->height - MARGIN - 6;
  const graphene_rect_t line = GRAPHENE_RECT_INIT (x, y, width, 2);
  append_bar (page, &line, &shadow_color, 1);
  append_bar (page, &line, &text_color, 0);

  g_autofree char *text = length >= 10 ? g_strdup_printf (_ ("%.0f cm"), length / 10)
                                       : g_strdup_printf (_ ("%.0f mm"), length);
  g_autoptr (PangoLayout) layout = create_layout (page, text, 0.92, PANGO_WEIGHT_NORMAL);
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  append_layout (page,
                 layout,
                 (page->width - (float) text_width) / 2,
                 y - (float) text_height - 5,
                 &text_color);
}

#define LEGEND_WIDTH 180.0f
#define LEGEND_HEIGHT 10.0f

/* What the colours of the subtraction mean, over the place of the scale bar. */
static void
append_legend (const Page *page)
{
  GskColorStop stops[17];
  const float x = (page->width - LEGEND_WIDTH) / 2, y = page->height - MARGIN - 56;

  for (guint i = 0; i < G_N_ELEMENTS (stops); i++) {
    const double difference = i / 8.0 - 1;
    stops[i].offset = (float) i / 16.0f;
    stops[i].color = iv_film_tint_over_gray (difference, 0.45);
  }
  gtk_snapshot_append_color (
      page->snapshot,
      &shadow_color,
      &GRAPHENE_RECT_INIT (x - 1, y - 1, LEGEND_WIDTH + 2, LEGEND_HEIGHT + 2));
  gtk_snapshot_append_linear_gradient (page->snapshot,
                                       &GRAPHENE_RECT_INIT (x, y, LEGEND_WIDTH, LEGEND_HEIGHT),
                                       &GRAPHENE_POINT_INIT (x, y),
                                       &GRAPHENE_POINT_INIT (x + LEGEND_WIDTH, y),
                                       stops,
                                       G_N_ELEMENTS (stops));

  g_autoptr (PangoLayout) less =
      create_layout (page, _ ("− less opaque"), 0.92, PANGO_WEIGHT_NORMAL);
  int width, height;
  pango_layout_get_pixel_size (less, &width, &height);
  append_layout (
      page, less, x + LEGEND_WIDTH / 2 - 8 - (float) width, y - (float) height - 3, &text_color);
  g_autoptr (PangoLayout) more =
      create_layout (page, _ ("more opaque +"), 0.92, PANGO_WEIGHT_NORMAL);
  append_layout (page, more, x + LEGEND_WIDTH / 2 + 8, y - (float) height - 3, &text_color);
}

void
iv_film_annotation_snapshot (const IvFilmAnnotation *self, GtkSnapshot *snapshot)
{
  const Page page = { self,
                      snapshot,
                      (float) self->geometry->width / (float) self->scale,
                      (float) self->geometry->height / (float) self->scale };

  append_identity (&page);
  append_state (&page);
  append_technique (&page);
  append_side (&page, -1, 0);
  append_side (&page, 1, 0);
  if ((self->geometry->quarter_turns & 1) != 0) {
    append_side (&page, 0, -1);
    append_side (&page, 0, 1);
  }
  append_scale_bar (&page);
  if (self->has_legend)
    append_legend (&page);
}
