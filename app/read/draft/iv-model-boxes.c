/* Boxes that a vision-language model writes, from its families' forms to pixels of the film.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/draft/iv-model-boxes.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

/* Of one JSON object; more is no box. */
#define OBJECT_MAX 2048

static void
clear_box (gpointer data)
{
  g_free (((IvModelBox *) data)->label);
}

/* Models put a corner a hair outside; further out the numbers mean something else. */
static gboolean
is_near (double value)
{
  return isfinite (value) && value >= 0 && value <= 1.02;
}

/* box is taken. */
static void
add (GArray *boxes, IvModelBox box)
{
  gboolean is_good = is_near (box.x0) && is_near (box.y0) && is_near (box.x1) && is_near (box.y1);
  box.x0 = CLAMP (box.x0, 0, 1);
  box.y0 = CLAMP (box.y0, 0, 1);
  box.x1 = CLAMP (box.x1, 0, 1);
  box.y1 = CLAMP (box.y1, 0, 1);
  if (is_good && box.x0 < box.x1 && box.y0 < box.y1 && boxes->len < IV_MODEL_BOXES_MAX)
    g_array_append_val (boxes, box);
  else
    g_free (box.label);
}

/* --- JSON ----------------------------------------------------------------------------------- */

/* Four numbers; FALSE when the member is something else. */
static gboolean
read_numbers (JsonObject *object, const char *name, double numbers[4])
{
  JsonNode *node = json_object_get_member (object, name);
  JsonArray *array =
      node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (array == NULL || json_array_get_length (array) != 4)
    return FALSE;
  for (guint i = 0; i < 4; i++) {
    JsonNode *item = json_array_get_element (array, i);
    if (!JSON_NODE_HOLDS_VALUE (item) || (json_node_get_value_type (item) != G_TYPE_INT64 &&
                                          json_node_get_value_type (item) != G_TYPE_DOUBLE))
      return FALSE;
    numbers[i] = json_node_get_double (item);
    if (!(numbers[i] >= 0)) /* and what is too large for an integer, which comes as -1 */
      return FALSE;
  }
  return TRUE;
}

static char *
read_label (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "label");
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return g_strdup ("");
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  const char *text = json_node_get_string (node);
  return g_strdup (text != NULL ? text : "");
}

static gboolean
read_object (GArray *boxes, const char *text, gsize length, IvPlaces places, IvImageSize canvas)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  double n[4];
  if (!json_parser_load_from_data (parser, text, (gssize) length, NULL))
    return FALSE;
  JsonNode *root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return FALSE;
  JsonObject *object = json_node_get_object (root);
  gboolean is_gemma = places == IV_PLACES_GEMMA;
  if (!read_numbers (object, is_gemma ? "box_2d" : "bbox_2d", n))
    return FALSE;
  gboolean is_pixels = places == IV_PLACES_QWEN_PIXELS;
  double w = is_pixels ? canvas.width : 1000, h = is_pixels ? canvas.height : 1000;
  IvModelBox box = { n[0] / w, n[1] / h, n[2] / w, n[3] / h, read_label (object), 0, 0 };
  if (is_gemma) { /* y comes first */
    box.x0 = n[1] / w;
    box.y0 = n[0] / h;
    box.x1 = n[3] / w;
    box.y1 = n[2] / h;
  }
  add (boxes, box);
  return TRUE;
}

/* The end of a list of boxes that begins at text, or NULL: only objects that hold a box, commas,
 * blanks and brackets. A list that was cut off ends with the text. */
static const char *
read_list (GArray *boxes, const char *text, IvPlaces places, IvImageSize canvas)
{
  const char *c = text;
  gboolean has_box = FALSE;
  while (*c != '\0') {
    c += strspn (c, "[], \t\r\n");
    if (*c != '{')
      break;
    gsize length = strcspn (c + 1, "{}") + 1;
    if (c[length] == '\0')
      return has_box ? c + length : NULL;
    if (c[length] != '}' || length >= OBJECT_MAX ||
        !read_object (boxes, c, length + 1, places, canvas))
      break;
    has_box = TRUE;
    c += length + 1;
  }
  return has_box ? c : NULL;
}

/* The list may stand in a fenced block, whose fences go with it. */
static void
trim_fence (GString *plain)
{
  while (plain->len > 0 && g_ascii_isspace (plain->str[plain->len - 1]))
    g_string_truncate (plain, plain->len - 1);
  if (g_str_has_suffix (plain->str, "```json"))
    g_string_truncate (plain, plain->len - 7);
  else if (g_str_has_suffix (plain->str, "```"))
    g_string_truncate (plain, plain->len - 3);
}

static void
parse_json (GArray *boxes, const char *text, IvPlaces places, IvImageSize canvas, GString *plain)
{
  const char *c = text;
  while (*c != '\0') {
    const char *end = NULL;
    if (*c == '[' || *c == '{')
      end = read_list (boxes, c, places, canvas);
    if (end == NULL) {
      /* The brackets before an object were looked at with it. */
      gsize n = *c == '[' ? strspn (c, "[], \t\r\n") : 1;
      g_string_append_len (plain, c, (gssize) n);
      c += n;
      continue;
    }
    trim_fence (plain);
    c = end + strspn (end, " \t\r\n");
    if (g_str_has_prefix (c, "```"))
      c += 3;
    else
      c = end;
  }
}

/* --- tokens --------------------------------------------------------------------------------- */

/* <|object_ref_start|>label<|object_ref_end|><|box_start|>(x0,y0),(x1,y1)<|box_end|> */
static void
parse_qwen_tokens (GArray *boxes, GString *plain)
{
  static const char pattern[] =
      "(?:<\\|object_ref_start\\|>([^<]{0,200})<\\|object_ref_end\\|>)?"
      "<\\|box_start\\|>\\((\\d{1,4}),\\s?(\\d{1,4})\\),\\s?\\((\\d{1,4}),\\s?(\\d{1,4})\\)"
      "<\\|box_end\\|>";
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_OPTIMIZE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *text = g_strdup (plain->str);
  const char *rest = text;
  g_string_truncate (plain, 0);
  for (g_regex_match (regex, text, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL)) {
    double n[4];
    int start, end;
    for (guint i = 0; i < 4; i++) {
      g_autofree char *number = g_match_info_fetch (match, (gint) i + 2);
      n[i] = g_ascii_strtod (number, NULL) / 1000;
    }
    g_match_info_fetch_pos (match, 0, &start, &end);
    g_string_append_len (plain, rest, text + start - rest);
    rest = text + end;
    IvModelBox box = { .x0 = n[0], .y0 = n[1], .x1 = n[2], .y1 = n[3] };
    box.label = g_match_info_fetch (match, 1);
    box.start = (guint) plain->len;
    g_string_append (plain, box.label); /* words of the sentence */
    box.end = (guint) plain->len;
    add (boxes, box);
  }
  g_string_append (plain, rest);
}

/* TRUE for "<x12>" at *at, which moves behind it. */
static gboolean
read_bin (const char **at, char axis, double *value)
{
  const char *c = *at;
  guint bin = 0, n = 0;
  if (c[0] != '<' || c[1] != axis)
    return FALSE;
  for (c += 2; g_ascii_isdigit (*c) && n < 2; c++, n++)
    bin = 10 * bin + (guint) (*c - '0');
  if (n == 0 || *c != '>')
    return FALSE;
  *value = (bin + 0.5) / 100;
  *at = c + 1;
  return TRUE;
}

/* One <box>…</box> at *at, which moves behind it. */
static gboolean
read_maira_box (const char **at, IvModelBox *box)
{
  const char *c = *at + strlen ("<box>");
  if (!read_bin (&c, 'x', &box->x0) || !read_bin (&c, 'y', &box->y0) ||
      !read_bin (&c, 'x', &box->x1) || !read_bin (&c, 'y', &box->y1) ||
      !g_str_has_prefix (c, "</box>"))
    return FALSE;
  *at = c + strlen ("</box>");
  return TRUE;
}

/* The length of a token of these boxes at c, 0 where there is none. */
static gsize
measure_maira_token (const char *c)
{
  static const char *const tokens[] = { "<obj>", "</obj>", "<box>", "</box>" };
  const char *end = c;
  double value;
  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    if (g_str_has_prefix (c, tokens[i]))
      return strlen (tokens[i]);
  if (read_bin (&end, 'x', &value) || read_bin (&end, 'y', &value))
    return (gsize) (end - c);
  return 0;
}

/* <obj>text<box><x10><y20><x30><y40></box>…</obj>. Phrases become sentences of their own lines. */
static void
parse_maira (GArray *boxes, const char *text, GString *plain)
{
  guint start = 0;
  for (const char *c = text; *c != '\0';) {
    IvModelBox box = { .label = NULL };
    if (g_str_has_prefix (c, "<obj>")) {
      if (plain->len > 0 && !g_ascii_isspace (plain->str[plain->len - 1]))
        g_string_append_c (plain, ' ');
      c += strlen ("<obj>") + strspn (c + strlen ("<obj>"), " ");
      start = (guint) plain->len;
    } else if (g_str_has_prefix (c, "<box>") && read_maira_box (&c, &box)) {
      box.label = g_strdup ("");
      box.start = start;
      box.end = (guint) plain->len;
      add (boxes, box);
    } else if (measure_maira_token (c) > 0) {
      c += measure_maira_token (c);
    } else {
      g_string_append_c (plain, *c++);
    }
  }
}

GArray *
iv_model_boxes_parse (const char *text, IvPlaces places, IvImageSize canvas, char **plain)
{
  GArray *boxes = g_array_new (FALSE, FALSE, sizeof (IvModelBox));
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *rest = g_string_new (NULL);
  g_array_set_clear_func (boxes, clear_box);
  switch (places) {
  case IV_PLACES_MAIRA:
    parse_maira (boxes, valid, rest);
    break;
  case IV_PLACES_GEMMA:
  case IV_PLACES_QWEN_PIXELS:
  case IV_PLACES_QWEN_1000:
    parse_json (boxes, valid, places, canvas, rest);
    if (places == IV_PLACES_QWEN_1000)
      parse_qwen_tokens (boxes, rest);
    break;
  case IV_PLACES_NONE:
  case IV_PLACES_AUTO:
  default:
    g_string_append (rest, valid);
    break;
  }
  if (plain != NULL)
    *plain = g_strdup (rest->str);
  g_string_free (rest, TRUE);
  return boxes;
}

/* --- to the film and back ------------------------------------------------------------------- */

gboolean
iv_model_box_to_film (const IvModelBox *box, const IvImageLayout *layout, IvFilmBox *film)
{
  double width = layout->picture.width, height = layout->picture.height;
  double left = CLAMP (layout->shown.x + box->x0 * layout->shown.width, 0, width);
  double right = CLAMP (layout->shown.x + box->x1 * layout->shown.width, 0, width);
  double top = CLAMP (layout->shown.y + box->y0 * layout->shown.height, 0, height);
  double bottom = CLAMP (layout->shown.y + box->y1 * layout->shown.height, 0, height);
  /* Pixel centres of a film are whole numbers. */
  *film = (IvFilmBox){ left - 0.5, top - 0.5, right - left, bottom - top };
  return film->width > 0 && film->height > 0;
}

char *
iv_model_boxes_get_grammar (IvPlaces places, guint n_sentences)
{
  const char *key = NULL;
  if (places == IV_PLACES_GEMMA)
    key = "box_2d";
  else if (places == IV_PLACES_QWEN_PIXELS || places == IV_PLACES_QWEN_1000)
    key = "bbox_2d";
  if (key == NULL || n_sentences == 0)
    return NULL;
  GString *grammar = g_string_new ("root ::= \"[\" (box (\", \" box){0,15})? \"]\"\n");
  g_string_append_printf (grammar,
                          "box ::= \"{\\\"%s\\\": [\" number \", \" number \", \" number \", \" "
                          "number \"], \\\"label\\\": \\\"\" label \"\\\"}\"\n"
                          "number ::= %s\nlabel ::= ",
                          key,
                          places == IV_PLACES_QWEN_PIXELS ? "\"0\" | [1-9] [0-9]{0,3}"
                                                          : "\"0\" | \"1000\" | [1-9] [0-9]{0,2}");
  for (guint i = 1; i <= n_sentences; i++)
    g_string_append_printf (grammar, "%s\"%u\"", i > 1 ? " | " : "", i);
  g_string_append_c (grammar, '\n');
  return g_string_free (grammar, FALSE);
}
