/* The questions of triage as a text file: what is asked, in order of urgency.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/triage/iv-triage-questions.h"

#include <math.h>
#include <string.h>

#include "app/read/iv-prompt.h"
#include "app/read/iv-read-error.h"
#include "model/generate/iv-image-prompt.h"

#define PROMPT "prompt"
#define PLACEHOLDER "{{question}}"

#define DIRECTIONS (IV_TRIAGE_EVIDENCE_INCREASED | IV_TRIAGE_EVIDENCE_DECREASED)
#define KINDS (IV_TRIAGE_EVIDENCE_OPACITY | IV_TRIAGE_EVIDENCE_TEXTURE | IV_TRIAGE_EVIDENCE_CONTOUR)
#define THIRDS (IV_TRIAGE_EVIDENCE_UPPER | IV_TRIAGE_EVIDENCE_MID | IV_TRIAGE_EVIDENCE_LOWER)

static const char *const evidence_words[] = {
  "increased", "decreased", "opacity", "texture", "contour", "upper", "mid", "lower",
};

/* Where in the file something is read. */
typedef struct {
  GKeyFile *file;
  const char *source, *section;
} Place;

static gboolean
fail (const Place *place, const char *key, const char *problem, GError **error)
{
  g_set_error (error,
               IV_READ_ERROR,
               IV_READ_ERROR_INVALID,
               "%s, [%s], %s: %s",
               place->source,
               place->section,
               key,
               problem);
  return FALSE;
}

static gboolean
read_text (const Place *place, const char *key, char **text, GError **error)
{
  *text = g_key_file_get_string (place->file, place->section, key, NULL);
  if (*text != NULL && *g_strstrip (*text) != '\0')
    return TRUE;
  return fail (place, key, "a text is wanted", error);
}

/* Stays as it is when the key is not there. */
static gboolean
read_share (const Place *place, const char *key, double *value, GError **error)
{
  g_autofree char *text = g_key_file_get_value (place->file, place->section, key, NULL);
  char *end;
  if (text == NULL)
    return TRUE;
  double number = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || !isfinite (number) || number < 0 || number > 1)
    return fail (place, key, "a number from 0 to 1 is wanted", error);
  *value = number;
  return TRUE;
}

/* The section's own words, or else those of all. */
static gboolean
read_words (const Place *place, const char *key, char ***words, GError **error)
{
  Place at = *place;
  if (!g_key_file_has_key (place->file, place->section, key, NULL))
    at.section = PROMPT;
  *words = g_key_file_get_string_list (at.file, at.section, key, NULL, NULL);
  for (char **word = *words; word != NULL && *word != NULL; word++)
    if (*g_strstrip (*word) == '\0')
      return fail (&at, key, "a word is empty", error);
  if (*words == NULL || **words == NULL)
    return fail (&at, key, "a word is wanted", error);
  return TRUE;
}

static gboolean
read_evidence (const Place *place, guint *evidence, GError **error)
{
  g_autofree char *text = g_key_file_get_string (place->file, place->section, "evidence", NULL);
  g_auto (GStrv) words = g_strsplit_set (text != NULL ? text : "", " ,;", -1);
  for (char **word = words; *word != NULL; word++) {
    guint i = 0;
    if (**word == '\0')
      continue;
    while (i < G_N_ELEMENTS (evidence_words) && !g_str_equal (*word, evidence_words[i]))
      i++;
    if (i == G_N_ELEMENTS (evidence_words)) {
      g_autofree char *problem = g_strdup_printf ("“%s” is no word for a change", *word);
      return fail (place, "evidence", problem, error);
    }
    *evidence |= 1u << i;
  }
  return TRUE;
}

static gboolean
read_flag (const Place *place, const char *key, gboolean *value, GError **error)
{
  g_autoptr (GError) problem = NULL;
  if (!g_key_file_has_key (place->file, place->section, key, NULL))
    return TRUE;
  *value = g_key_file_get_boolean (place->file, place->section, key, &problem);
  return problem == NULL || fail (place, key, "true or false is wanted", error);
}

static void
free_question (IvTriageQuestion *question)
{
  g_free (question->name);
  g_free (question->label);
  g_free (question->text);
  g_strfreev (question->yes);
  g_strfreev (question->no);
  g_free (question);
}

/* Cards, results and what was put away go by these names. */
static gboolean
check_name (const Place *place, GError **error)
{
  for (const char *c = place->section; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '-')
      return fail (place, "name", "letters, digits and - are wanted", error);
  return TRUE;
}

static gboolean
read_question (IvTriageQuestions *self, const Place *place, GError **error)
{
  IvTriageQuestion *question = g_new0 (IvTriageQuestion, 1);
  g_ptr_array_add (self->questions, question);
  question->name = g_strdup (place->section);
  question->threshold = 0.5;
  return check_name (place, error) && read_text (place, "label", &question->label, error) &&
         read_text (place, "question", &question->text, error) &&
         read_words (place, "yes", &question->yes, error) &&
         read_words (place, "no", &question->no, error) &&
         read_share (place, "threshold", &question->threshold, error) &&
         read_flag (place, "needs-prior", &question->needs_prior, error) &&
         read_evidence (place, &question->evidence, error);
}

/* What stands for something exactly once. */
static gboolean
check_mark (const Place *place, const char *key, const char *text, const char *mark, GError **error)
{
  const char *first = strstr (text, mark);
  if (first != NULL && strstr (first + 1, mark) == NULL)
    return TRUE;
  g_autofree char *problem = g_strdup_printf ("%s is wanted, once", mark);
  return fail (place, key, problem, error);
}

static gboolean
read_prompt (IvTriageQuestions *self, const Place *place, GError **error)
{
  return read_text (place, "current", &self->current, error) &&
         read_text (place, "prior", &self->prior, error) &&
         read_text (place, "question", &self->question, error) &&
         check_mark (place, "current", self->current, IV_IMAGE_MARK, error) &&
         check_mark (place, "prior", self->prior, IV_IMAGE_MARK, error) &&
         check_mark (place, "question", self->question, PLACEHOLDER, error) &&
         read_share (place, "least-mass", &self->least_mass, error);
}

static gboolean
read_sections (IvTriageQuestions *self, Place *place, GError **error)
{
  g_auto (GStrv) sections = g_key_file_get_groups (place->file, NULL);
  place->section = PROMPT;
  if (!read_prompt (self, place, error))
    return FALSE;
  for (char **section = sections; *section != NULL; section++) {
    place->section = *section;
    if (!g_str_equal (*section, PROMPT) && !read_question (self, place, error))
      return FALSE;
  }
  if (self->questions->len > 0 && self->questions->len <= IV_TRIAGE_MAX_QUESTIONS)
    return TRUE;
  g_set_error (error,
               IV_READ_ERROR,
               IV_READ_ERROR_INVALID,
               "%s: has %u findings, 1 to %d are wanted",
               place->source,
               self->questions->len,
               IV_TRIAGE_MAX_QUESTIONS);
  return FALSE;
}

IvTriageQuestions *
iv_triage_questions_parse (const char *text, const char *source, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) problem = NULL;
  g_autoptr (IvTriageQuestions) self = g_new0 (IvTriageQuestions, 1);
  Place place = { file, source, PROMPT };
  self->questions = g_ptr_array_new_with_free_func ((GDestroyNotify) free_question);
  self->least_mass = 0.5;
  self->digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  if (!g_key_file_load_from_data (file, text, (gsize) -1, G_KEY_FILE_NONE, &problem)) {
    g_set_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID, "%s: %s", source, problem->message);
    return NULL;
  }
  return read_sections (self, &place, error) ? g_steal_pointer (&self) : NULL;
}

IvTriageQuestions *
iv_triage_questions_load (GError **error)
{
  g_autofree char *source = NULL;
  g_autofree char *text = iv_prompt_load ("triage", &source, error);
  return text != NULL ? iv_triage_questions_parse (text, source, error) : NULL;
}

void
iv_triage_questions_free (IvTriageQuestions *self)
{
  if (self == NULL)
    return;
  g_free (self->current);
  g_free (self->prior);
  g_free (self->question);
  g_free (self->digest);
  g_ptr_array_unref (self->questions);
  g_free (self);
}

char *
iv_triage_questions_compose (const IvTriageQuestions *self,
                             const IvTriageQuestion *question,
                             gboolean has_prior)
{
  g_autoptr (GString) text = g_string_new (self->current);
  if (has_prior)
    g_string_append_printf (text, "\n%s", self->prior);
  g_string_append_printf (text, "\n%s", self->question);
  g_string_replace (text, PLACEHOLDER, question->text, 1);
  return g_strdup (text->str);
}

gboolean
iv_triage_question_wants (const IvTriageQuestion *question, const IvChange *change)
{
  static const guint thirds[] = {
    [IV_ZONE_RIGHT_UPPER] = IV_TRIAGE_EVIDENCE_UPPER,
    [IV_ZONE_RIGHT_MID] = IV_TRIAGE_EVIDENCE_MID,
    [IV_ZONE_RIGHT_LOWER] = IV_TRIAGE_EVIDENCE_LOWER,
    [IV_ZONE_LEFT_UPPER] = IV_TRIAGE_EVIDENCE_UPPER,
    [IV_ZONE_LEFT_MID] = IV_TRIAGE_EVIDENCE_MID,
    [IV_ZONE_LEFT_LOWER] = IV_TRIAGE_EVIDENCE_LOWER,
  };
  static const guint kinds[] = {
    [IV_CHANGE_OPACITY] = IV_TRIAGE_EVIDENCE_OPACITY,
    [IV_CHANGE_TEXTURE] = IV_TRIAGE_EVIDENCE_TEXTURE,
    [IV_CHANGE_CONTOUR] = IV_TRIAGE_EVIDENCE_CONTOUR,
  };
  static const guint groups[] = { DIRECTIONS, KINDS, THIRDS };
  guint has = kinds[change->kind] | thirds[change->zone];
  has |= change->direction == IV_CHANGE_INCREASED ? IV_TRIAGE_EVIDENCE_INCREASED
                                                  : IV_TRIAGE_EVIDENCE_DECREASED;
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if ((question->evidence & groups[i]) != 0 && (question->evidence & groups[i] & has) == 0)
      return FALSE;
  return question->evidence != IV_TRIAGE_EVIDENCE_NONE;
}
