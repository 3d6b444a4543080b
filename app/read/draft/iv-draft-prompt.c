/* A report draft's prompt from its template: texts with the images' marks, and their order.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/draft/iv-draft-prompt.h"

#include <string.h>

#include "app/read/iv-read-error.h"
#include "model/generate/iv-image-prompt.h"

typedef struct {
  const IvDraftTemplate *template;
  const IvDraftPromptInput *input;
  GHashTable *values; /* name (static) → text (owned); absent: not known */
  IvDraftPrompt *prompt;
} Filling;

/* An image's mark must come from the template alone. */
static gboolean
is_forbidden (const char *token, gpointer user_data)
{
  const IvDraftPromptInput *input = user_data;
  return g_str_equal (token, IV_IMAGE_MARK) ||
         (input->is_control != NULL && input->is_control (token, input->control_data));
}

static void
set_value (Filling *filling, const char *name, const char *text)
{
  g_autofree char *stripped = text != NULL ? g_strstrip (g_strdup (text)) : NULL;
  if (stripped == NULL || *stripped == '\0')
    return;
  g_hash_table_insert (filling->values,
                       (gpointer) name,
                       iv_chat_neutralise (stripped, is_forbidden, (gpointer) filling->input));
}

static const IvDraftFilm *
find_film (const IvDraftPromptInput *input, IvDraftParts part)
{
  for (guint i = 0; i < input->n_films; i++)
    if (input->films[i].part == part)
      return &input->films[i];
  return NULL;
}

static char *
format_days (int days)
{
  return g_strdup_printf (days == 1 ? "%d day" : "%d days", days);
}

/* What COMPARISON says of the prior, as reports do: how long ago it was. */
static char *
format_comparison (const IvDraftPromptInput *input)
{
  if (input->days < 0)
    return g_strdup ("Prior chest radiograph.");
  g_autofree char *days = format_days (input->days);
  return g_strdup_printf ("Prior chest radiograph, %s earlier.", days);
}

static void
collect_values (Filling *filling)
{
  const IvDraftPromptInput *input = filling->input;
  const IvDraftFilm *current = find_film (input, IV_DRAFT_CURRENT);
  const IvDraftFilm *prior = find_film (input, IV_DRAFT_PRIOR);
  filling->values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  set_value (filling, "indication", input->indication);
  set_value (filling, "technique", input->technique);
  set_value (filling, "prior-report", prior != NULL ? input->prior_report : NULL);
  set_value (filling, "sex", input->sex);
  set_value (filling, "language", input->language);
  set_value (filling, "view", filling->template->views[current->view]);
  g_hash_table_insert (filling->values, (gpointer) "space", g_strdup (" "));
  if (input->age >= 0) {
    g_autofree char *age = g_strdup_printf ("%d", input->age);
    set_value (filling, "age", age);
  }
  if (prior == NULL)
    return;
  g_autofree char *comparison = format_comparison (input);
  set_value (filling, "comparison", comparison);
  set_value (filling, "prior-view", filling->template->views[prior->view]);
  if (input->days >= 0) {
    g_autofree char *days = format_days (input->days);
    set_value (filling, "interval", days);
  }
}

/* --- images --------------------------------------------------------------------------------- */

static void
show (Filling *filling, guint i)
{
  g_array_append_val (filling->prompt->shown, i);
  filling->prompt->used |= filling->input->films[i].part;
}

/* A line of [image]; the mark stands for itself. */
static void
append_image_line (Filling *filling, guint i, GString *text)
{
  const IvDraftFilm *film = &filling->input->films[i];
  g_autofree char *number = g_strdup_printf ("%u", filling->prompt->shown->len + 1);
  const char *const keys[][2] = {
    { "{{number}}", number },
    { "{{time}}", film->part == IV_DRAFT_PRIOR ? "prior" : "current" },
    { "{{view}}", filling->template->views[film->view] },
    { "{{image}}", IV_IMAGE_MARK },
  };
  g_autoptr (GString) line = g_string_new (filling->template->image);
  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    g_string_replace (line, keys[k][0], keys[k][1], 0);
  if (text->len > 0)
    g_string_append_c (text, '\n');
  g_string_append (text, line->str);
  show (filling, i);
}

static char *
list_images (Filling *filling, guint parts)
{
  GString *text = g_string_new (NULL);
  for (guint k = 0; k < G_N_ELEMENTS (filling->template->order); k++)
    for (guint i = 0; i < filling->input->n_films; i++)
      if (filling->input->films[i].part == filling->template->order[k] &&
          ((parts | IV_DRAFT_LATERAL) & filling->input->films[i].part) != 0)
        append_image_line (filling, i, text);
  return g_string_free (text, FALSE);
}

static char *
mark_image (Filling *filling, IvDraftParts part)
{
  const IvDraftFilm *film = find_film (filling->input, part);
  if (film == NULL)
    return NULL;
  show (filling, (guint) (film - filling->input->films));
  return g_strdup (IV_IMAGE_MARK);
}

/* --- lines ---------------------------------------------------------------------------------- */

/* (transfer full) NULL: not known. */
static char *
resolve (Filling *filling, const char *name, guint parts)
{
  if (g_str_equal (name, "images"))
    return list_images (filling, parts);
  if (g_str_equal (name, "current-image"))
    return mark_image (filling, IV_DRAFT_CURRENT);
  if (g_str_equal (name, "lateral-image"))
    return mark_image (filling, IV_DRAFT_LATERAL);
  if (g_str_equal (name, "prior-image"))
    return mark_image (filling, IV_DRAFT_PRIOR);
  const char *value = g_hash_table_lookup (filling->values, name);
  if (value != NULL && g_str_equal (name, "prior-report"))
    filling->prompt->used |= IV_DRAFT_PRIOR_REPORT;
  return value != NULL ? g_strdup (value) : g_strdup (filling->template->missing);
}

/* FALSE: the line is left out. */
static gboolean
fill_line (Filling *filling, const char *line, guint parts, GString *text)
{
  const char *rest = line;
  for (const char *open = strstr (rest, "{{"); open != NULL; open = strstr (rest, "{{")) {
    const char *close = strstr (open, "}}"); /* the template was checked */
    g_autofree char *name = g_strndup (open + 2, (gsize) (close - open - 2));
    g_autofree char *value = resolve (filling, name, parts);
    if (value == NULL)
      return FALSE;
    g_string_append_len (text, rest, open - rest);
    g_string_append (text, value);
    rest = close + 2;
  }
  g_string_append (text, rest);
  return TRUE;
}

static char *
fill (Filling *filling, const char *template, guint parts)
{
  g_auto (GStrv) lines = g_strsplit (template, "\n", -1);
  GString *text = g_string_new (NULL);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autoptr (GString) line = g_string_new (NULL);
    if (!fill_line (filling, lines[i], parts, line))
      continue;
    if (text->len > 0)
      g_string_append_c (text, '\n');
    g_string_append (text, line->str);
  }
  return g_string_free (text, FALSE);
}

static guint
collect_parts (const IvDraftPromptInput *input)
{
  guint parts = 0;
  for (guint i = 0; i < input->n_films; i++)
    parts |= input->films[i].part;
  if ((parts & IV_DRAFT_PRIOR) != 0 && input->prior_report != NULL && *input->prior_report != '\0')
    parts |= IV_DRAFT_PRIOR_REPORT;
  return parts;
}

static void
filling_clear (Filling *filling)
{
  g_clear_pointer (&filling->values, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Filling, filling_clear)

IvDraftPrompt *
iv_draft_prompt_new (const IvDraftTemplate *template,
                     const IvDraftPromptInput *input,
                     GError **error)
{
  guint parts = collect_parts (input);
  const IvDraftQuestion *question = iv_draft_template_choose (template, parts);
  if (question == NULL) {
    g_set_error_literal (
        error, IV_READ_ERROR, IV_READ_ERROR_INVALID, "a draft needs a frontal current film");
    return NULL;
  }
  g_autoptr (IvDraftPrompt) prompt = g_new0 (IvDraftPrompt, 1);
  g_auto (Filling) filling = { template, input, NULL, prompt };
  prompt->shown = g_array_new (FALSE, FALSE, sizeof (guint));
  collect_values (&filling);
  prompt->user = fill (&filling, question->text, question->parts);
  if (template->system != NULL)
    prompt->system = fill (&filling, template->system, question->parts);
  return g_steal_pointer (&prompt);
}

void
iv_draft_prompt_free (IvDraftPrompt *prompt)
{
  if (prompt == NULL)
    return;
  g_free (prompt->system);
  g_free (prompt->user);
  g_array_unref (prompt->shown);
  g_free (prompt);
}

char *
iv_draft_prompt_locate (const IvDraftTemplate *template,
                        const IvDraftPromptInput *input,
                        const char *sentences)
{
  if (template->locate == NULL)
    return NULL;
  g_autoptr (IvDraftPrompt) prompt = g_new0 (IvDraftPrompt, 1);
  g_auto (Filling) filling = { template, input, NULL, prompt };
  prompt->shown = g_array_new (FALSE, FALSE, sizeof (guint));
  collect_values (&filling);
  set_value (&filling, "sentences", sentences);
  return fill (&filling, template->locate, 0);
}
