/* The prompt of a report draft as a text file: what one family of models is asked, and how.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/draft/iv-draft-template.h"

#include <math.h>
#include <string.h>

#include "app/read/iv-prompt.h"
#include "app/read/iv-read-error.h"

/* Enough for a model to say where something is (Qwen's asks for 1,024), and no more than a machine
 * without a GPU can bear. */
#define IMAGE_TOKENS 1280

#define VALUES \
  "indication technique comparison prior-report interval view prior-view age sex language space"

/* Placeholders of each kind of section. */
#define IN_SYSTEM VALUES
#define IN_IMAGE "number time view image"
#define IN_DRAFT VALUES " images current-image lateral-image prior-image"
#define IN_LOCATE "sentences " VALUES

typedef struct {
  IvDraftTemplate *template;
  const char *source;
  guint line; /* from 1 */
} Parser;

typedef struct {
  const char *name;
  int value;
} Named;

static const Named part_names[] = { { "current", IV_DRAFT_CURRENT },
                                    { "lateral", IV_DRAFT_LATERAL },
                                    { "prior", IV_DRAFT_PRIOR },
                                    { "prior-report", IV_DRAFT_PRIOR_REPORT },
                                    { NULL } };
static const Named place_names[] = { { "none", IV_PLACES_NONE },
                                     { "auto", IV_PLACES_AUTO },
                                     { "gemma", IV_PLACES_GEMMA },
                                     { "qwen-pixels", IV_PLACES_QWEN_PIXELS },
                                     { "qwen-1000", IV_PLACES_QWEN_1000 },
                                     { "maira", IV_PLACES_MAIRA },
                                     { NULL } };
static const Named form_names[] = { { "chat", FALSE }, { "raw", TRUE }, { NULL } };
static const Named view_names[] = { { "view-unknown", IV_VIEW_UNKNOWN },
                                    { "view-pa", IV_VIEW_PA },
                                    { "view-ap", IV_VIEW_AP },
                                    { "view-lateral", IV_VIEW_LATERAL },
                                    { NULL } };

static gboolean
fail (const Parser *parser, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (const Parser *parser, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error,
               IV_READ_ERROR,
               IV_READ_ERROR_INVALID,
               "%s, line %u: %s",
               parser->source,
               parser->line,
               problem);
  return FALSE;
}

static const Named *
find_named (const Named *names, const char *name)
{
  for (; names->name != NULL; names++)
    if (g_str_equal (names->name, name))
      return names;
  return NULL;
}

static char *
list_names (const Named *names)
{
  g_autoptr (GString) list = g_string_new (NULL);
  for (; names->name != NULL; names++)
    g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", names->name);
  return g_strdup (list->str);
}

static gboolean
read_name (const Parser *parser, const Named *names, const char *word, int *value, GError **error)
{
  const Named *named = find_named (names, word);
  if (named != NULL) {
    *value = named->value;
    return TRUE;
  }
  g_autofree char *known = list_names (names);
  return fail (parser, error, "“%s” is none of %s", word, known);
}

/* --- settings ------------------------------------------------------------------------------- */

static gboolean
read_number (const Parser *parser, const char *value, double most, double *number, GError **error)
{
  char *end;
  *number = g_ascii_strtod (value, &end);
  if (end != value && *end == '\0' && isfinite (*number) && *number >= 0 && *number <= most)
    return TRUE;
  return fail (parser, error, "“%s” is not a number from 0 to %g", value, most);
}

static gboolean
read_order (const Parser *parser, const char *value, GError **error)
{
  IvDraftTemplate *template = parser->template;
  g_auto (GStrv) words = g_strsplit_set (value, " ,", -1);
  guint n = 0, seen = 0;
  memset (template->order, 0, sizeof template->order);
  for (guint i = 0; words[i] != NULL; i++) {
    int part;
    if (*words[i] == '\0')
      continue;
    if (!read_name (parser, part_names, words[i], &part, error))
      return FALSE;
    if (part == IV_DRAFT_PRIOR_REPORT || (seen & (guint) part) != 0)
      return fail (parser, error, "the order has “%s” where a film is wanted", words[i]);
    seen |= (guint) part;
    template->order[n++] = (IvDraftParts) part;
  }
  if ((seen & IV_DRAFT_CURRENT) == 0)
    return fail (parser, error, "the order lacks the current film");
  return TRUE;
}

static gboolean
set_setting (const Parser *parser, const char *key, const char *value, GError **error)
{
  IvDraftTemplate *template = parser->template;
  const Named *view = find_named (view_names, key);
  double number;
  int choice;
  if (view != NULL) {
    g_free (template->views[view->value]);
    template->views[view->value] = g_strdup (value);
    return TRUE;
  }
  if (g_str_equal (key, "missing")) {
    g_free (template->missing);
    template->missing = g_strdup (value);
    return TRUE;
  }
  if (g_str_equal (key, "order"))
    return read_order (parser, value, error);
  if (g_str_equal (key, "temperature"))
    return read_number (parser, value, 10, &template->temperature, error);
  if (g_str_equal (key, "top-p"))
    return read_number (parser, value, 1, &template->top_p, error);
  if (g_str_equal (key, "form")) {
    if (!read_name (parser, form_names, value, &choice, error))
      return FALSE;
    template->is_raw = choice;
    return TRUE;
  }
  if (g_str_equal (key, "places")) {
    if (!read_name (parser, place_names, value, &choice, error))
      return FALSE;
    template->places = (IvPlaces) choice;
    return TRUE;
  }
  if (g_str_equal (key, "max-tokens") || g_str_equal (key, "image-tokens")) {
    if (!read_number (parser, value, 1 << 20, &number, error))
      return FALSE;
    *(*key == 'm' ? &template->max_tokens : &template->image_tokens) = (guint) number;
    return TRUE;
  }
  return fail (parser, error, "there is no setting “%s”", key);
}

static gboolean
read_settings (Parser *parser, char **lines, guint n_lines, GError **error)
{
  for (guint i = 0; i < n_lines; i++, parser->line++) {
    g_autofree char *line = g_strstrip (g_strdup (lines[i]));
    char *equals = strchr (line, '=');
    if (*line == '\0' || *line == '#')
      continue;
    if (equals == NULL)
      return fail (parser, error, "“%s” is no setting of the form KEY = VALUE", line);
    *equals = '\0';
    if (!set_setting (parser, g_strchomp (line), g_strchug (equals + 1), error))
      return FALSE;
  }
  return TRUE;
}

/* --- texts ---------------------------------------------------------------------------------- */

static gboolean
check_placeholders (const Parser *parser, const char *line, const char *known, GError **error)
{
  g_auto (GStrv) names = g_strsplit (known, " ", -1);
  for (const char *open = strstr (line, "{{"); open != NULL; open = strstr (open, "{{")) {
    const char *close = strstr (open, "}}");
    if (close == NULL)
      return fail (parser, error, "“%s” has no }}", open);
    g_autofree char *name = g_strndup (open + 2, (gsize) (close - open - 2));
    if (!g_strv_contains ((const char *const *) names, name))
      return fail (parser, error, "there is no placeholder {{%s}} here; there are %s", name, known);
    open = close + 2;
  }
  return TRUE;
}

/* The lines without empty ones around them. (transfer full) */
static char *
read_text (Parser *parser, char **lines, guint n_lines, const char *known, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint title = parser->line - 1;
  while (n_lines > 0 && *lines[n_lines - 1] == '\0')
    n_lines--;
  for (guint i = 0; i < n_lines; i++, parser->line++) {
    if (!check_placeholders (parser, lines[i], known, error))
      return NULL;
    if (text->len > 0)
      g_string_append_c (text, '\n');
    g_string_append (text, lines[i]);
  }
  if (text->len == 0) {
    parser->line = title;
    fail (parser, error, "the section is empty");
    return NULL;
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
read_only_text (Parser *parser,
                char **text,
                char **lines,
                guint n_lines,
                const char *known,
                GError **error)
{
  if (*text != NULL) {
    parser->line--;
    return fail (parser, error, "the section is here a second time");
  }
  *text = read_text (parser, lines, n_lines, known, error);
  return *text != NULL;
}

/* words: "current prior". */
static gboolean
read_question (Parser *parser, const char *words, char **lines, guint n_lines, GError **error)
{
  IvDraftQuestion question = { 0 };
  g_auto (GStrv) parts = g_strsplit (words, " ", -1);
  parser->line--; /* of the heading */
  for (guint i = 0; parts[i] != NULL; i++) {
    int part;
    if (*parts[i] == '\0')
      continue;
    if (!read_name (parser, part_names, parts[i], &part, error))
      return FALSE;
    question.parts |= (guint) part;
  }
  if ((question.parts & IV_DRAFT_CURRENT) == 0)
    return fail (parser, error, "a draft needs the current film: [draft current …]");
  for (guint i = 0; i < parser->template->questions->len; i++)
    if (g_array_index (parser->template->questions, IvDraftQuestion, i).parts == question.parts)
      return fail (parser, error, "the section is here a second time");
  parser->line++;
  question.text = read_text (parser, lines, n_lines, IN_DRAFT, error);
  if (question.text == NULL)
    return FALSE;
  g_array_append_val (parser->template->questions, question);
  return TRUE;
}

static gboolean
read_section (Parser *parser, const char *title, char **lines, guint n_lines, GError **error)
{
  IvDraftTemplate *template = parser->template;
  if (g_str_equal (title, "settings"))
    return read_settings (parser, lines, n_lines, error);
  if (g_str_equal (title, "system"))
    return read_only_text (parser, &template->system, lines, n_lines, IN_SYSTEM, error);
  if (g_str_equal (title, "image"))
    return read_only_text (parser, &template->image, lines, n_lines, IN_IMAGE, error);
  if (g_str_equal (title, "locate"))
    return read_only_text (parser, &template->locate, lines, n_lines, IN_LOCATE, error);
  if (g_str_has_prefix (title, "draft "))
    return read_question (parser, title + strlen ("draft "), lines, n_lines, error);
  parser->line--;
  return fail (parser,
               error,
               "there is no section [%s]; there are settings, system, image, draft … and locate",
               title);
}

/* --- the whole ------------------------------------------------------------------------------ */

/* (transfer full) "draft current" of a line that is "[draft current]", or NULL. */
static char *
get_title (const char *line)
{
  gsize length = strlen (line);
  if (length < 3 || line[0] != '[' || line[length - 1] != ']' || strpbrk (line + 1, "[{<") != NULL)
    return NULL;
  return g_strstrip (g_strndup (line + 1, length - 2));
}

static gboolean
read_sections (Parser *parser, char **lines, GError **error)
{
  guint n_lines = g_strv_length (lines), first = 0;
  g_autofree char *title = NULL;
  for (guint i = 0; i <= n_lines; i++) {
    g_autofree char *next = i < n_lines ? get_title (lines[i]) : NULL;
    if (next == NULL && i < n_lines)
      continue;
    parser->line = first + 1;
    /* What stands before the first heading is a note. */
    if (title != NULL && !read_section (parser, title, lines + first, i - first, error))
      return FALSE;
    g_free (title);
    title = g_steal_pointer (&next);
    first = i + 1;
  }
  return TRUE;
}

static void
clear_question (gpointer data)
{
  g_free (((IvDraftQuestion *) data)->text);
}

static IvDraftTemplate *
template_new (const char *family, const char *source)
{
  static const char *const views[] = { "frontal", "PA", "AP", "lateral" };
  IvDraftTemplate *self = g_new0 (IvDraftTemplate, 1);
  self->name = g_strdup (family);
  self->source = g_strdup (source);
  self->max_tokens = 512;
  self->image_tokens = IMAGE_TOKENS;
  self->order[0] = IV_DRAFT_CURRENT;
  self->order[1] = IV_DRAFT_LATERAL;
  self->order[2] = IV_DRAFT_PRIOR;
  self->questions = g_array_new (FALSE, TRUE, sizeof (IvDraftQuestion));
  g_array_set_clear_func (self->questions, clear_question);
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    self->views[i] = g_strdup (views[i]);
  return self;
}

/* {{images}} needs to know what one of them looks like. */
static gboolean
check_whole (const Parser *parser, GError **error)
{
  const IvDraftTemplate *template = parser->template;
  gboolean lists = FALSE;
  for (guint i = 0; i < template->questions->len; i++)
    if (strstr (g_array_index (template->questions, IvDraftQuestion, i).text, "{{images}}") != NULL)
      lists = TRUE;
  if (iv_draft_template_choose (template, IV_DRAFT_CURRENT) == NULL)
    return fail (parser, error, "there is no section [draft current]");
  if (lists && template->image == NULL)
    return fail (parser, error, "{{images}} is used and there is no section [image]");
  if (template->image != NULL && strstr (template->image, "{{image}}") == NULL)
    return fail (parser, error, "the section [image] has no {{image}}");
  if (template->locate != NULL && strstr (template->locate, "{{sentences}}") == NULL)
    return fail (parser, error, "the section [locate] has no {{sentences}}");
  return TRUE;
}

IvDraftTemplate *
iv_draft_template_parse (const char *family, const char *text, const char *source, GError **error)
{
  g_autoptr (IvDraftTemplate) self = template_new (family, source);
  Parser parser = { self, source, 1 };
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    gsize length = strlen (lines[i]);
    if (length > 0 && lines[i][length - 1] == '\r')
      lines[i][length - 1] = '\0';
  }
  if (!read_sections (&parser, lines, error))
    return NULL;
  parser.line = MAX (g_strv_length (lines), 1);
  return check_whole (&parser, error) ? g_steal_pointer (&self) : NULL;
}

IvDraftTemplate *
iv_draft_template_load (const char *family, GError **error)
{
  g_autofree char *name = g_strconcat ("report/", family, NULL);
  g_autofree char *source = NULL;
  /* The name is the reader's: it must not lead out of the folder. */
  if (*family == '\0' || *family == '.' || strpbrk (family, "/\\") != NULL) {
    g_set_error (
        error, IV_READ_ERROR, IV_READ_ERROR_INVALID, "“%s” cannot be the name of a prompt", family);
    return NULL;
  }
  g_autofree char *text = iv_prompt_load (name, &source, error);
  return text != NULL ? iv_draft_template_parse (family, text, source, error) : NULL;
}

void
iv_draft_template_free (IvDraftTemplate *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->source);
  for (guint i = 0; i < G_N_ELEMENTS (self->views); i++)
    g_free (self->views[i]);
  g_free (self->missing);
  g_free (self->system);
  g_free (self->image);
  g_free (self->locate);
  g_array_unref (self->questions);
  g_free (self);
}

static guint
count_bits (guint parts)
{
  guint n = 0;
  for (; parts != 0; parts &= parts - 1)
    n++;
  return n;
}

const IvDraftQuestion *
iv_draft_template_choose (const IvDraftTemplate *self, guint parts)
{
  const IvDraftQuestion *best = NULL;
  for (guint i = 0; i < self->questions->len; i++) {
    const IvDraftQuestion *question = &g_array_index (self->questions, IvDraftQuestion, i);
    if ((question->parts & ~parts) != 0)
      continue;
    if (best == NULL || count_bits (question->parts) > count_bits (best->parts))
      best = question;
  }
  return best;
}
