/* Reads a lexicon from its text.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/report/iv-lexicon-private.h"

#include <gio/gio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/read/iv-read-error.h"
#include "app/read/iv-read-resources.h"

#define SHIPPED "/io/github/intervalcxr/Interval/report/lexicon.txt"

typedef struct {
  const char *name;
  int value;
} Named;

static const Named side_names[] = { { "right", IV_SIDE_RIGHT },
                                    { "left", IV_SIDE_LEFT },
                                    { NULL } };
static const Named zone_names[] = { { "upper", IV_ZONES_UPPER },
                                    { "mid", IV_ZONES_MID },
                                    { "lower", IV_ZONES_LOWER },
                                    { NULL } };
static const Named lobe_names[] = { { "upper", IV_LOBES_UPPER },
                                    { "middle", IV_LOBES_MIDDLE },
                                    { "lower", IV_LOBES_LOWER },
                                    { "lingula", IV_LOBES_LINGULA },
                                    { NULL } };
static const Named polarity_names[] = { { "normal", IV_POLARITY_NORMAL },
                                        { "abnormal", IV_POLARITY_ABNORMAL },
                                        { "borderline", IV_POLARITY_BORDERLINE },
                                        { NULL } };
static const Named density_names[] = { { "more", IV_DENSITY_MORE },
                                       { "less", IV_DENSITY_LESS },
                                       { NULL } };
static const Named course_names[] = { { "new", IV_SAID_NEW },
                                      { "increased", IV_SAID_INCREASED },
                                      { "decreased", IV_SAID_DECREASED },
                                      { "unchanged", IV_SAID_UNCHANGED },
                                      { "persistent", IV_SAID_PERSISTENT },
                                      { "resolved", IV_SAID_RESOLVED },
                                      { "removed", IV_SAID_REMOVED },
                                      { NULL } };
static const Named cue_names[] = { { "deny-after", IV_CUE_DENY_AFTER },
                                   { "deny-before", IV_CUE_DENY_BEFORE },
                                   { "doubt-after", IV_CUE_DOUBT_AFTER },
                                   { "doubt-before", IV_CUE_DOUBT_BEFORE },
                                   { "suppose-after", IV_CUE_SUPPOSE_AFTER },
                                   { "link", IV_CUE_LINK },
                                   { "break", IV_CUE_BREAK },
                                   { "qualify", IV_CUE_QUALIFY },
                                   { "verb", IV_CUE_VERB },
                                   { "article", IV_CUE_ARTICLE },
                                   { NULL } };

/* One lexicon while it is read. */
typedef struct {
  IvLexicon *lexicon;
  GKeyFile *file;
  const char *source;
} Reader;

static gboolean
fail (const Reader *reader, GError **error, const char *group, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static gboolean
fail (const Reader *reader, GError **error, const char *group, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (
      error, IV_READ_ERROR, IV_READ_ERROR_INVALID, "%s, [%s]: %s", reader->source, group, problem);
  return FALSE;
}

static gboolean
find_named (const Reader *reader,
            const char *group,
            const Named *names,
            const char *name,
            int *value,
            GError **error)
{
  for (; names->name != NULL; names++)
    if (g_str_equal (names->name, name)) {
      *value = names->value;
      return TRUE;
    }
  return fail (reader, error, group, "“%s” is not known", name);
}

/* Bits of a list such as "right;left"; 0 when the key is not there. */
static gboolean
read_bits (const Reader *reader,
           const char *group,
           const char *key,
           const Named *names,
           guint *bits,
           GError **error)
{
  g_auto (GStrv) list = g_key_file_get_string_list (reader->file, group, key, NULL, NULL);
  *bits = 0;
  for (guint i = 0; list != NULL && list[i] != NULL; i++) {
    int value = 0;
    if (!find_named (reader, group, names, g_strstrip (list[i]), &value, error))
      return FALSE;
    *bits |= (guint) value;
  }
  return TRUE;
}

static gboolean
read_name (const Reader *reader,
           const char *group,
           const char *key,
           const Named *names,
           int *value,
           GError **error)
{
  g_autofree char *name = g_key_file_get_string (reader->file, group, key, NULL);
  if (name == NULL)
    return TRUE;
  return find_named (reader, group, names, g_strstrip (name), value, error);
}

/* Two numbers "least;greatest" from 0 to limit; untouched when the key is not there. */
static gboolean
read_range (const Reader *reader,
            const char *group,
            const char *key,
            double range[2],
            GError **error)
{
  gsize n = 0;
  g_autofree double *list = g_key_file_get_double_list (reader->file, group, key, &n, NULL);
  if (!g_key_file_has_key (reader->file, group, key, NULL))
    return TRUE;
  if (list == NULL || n != 2 || !(list[0] >= 0) || !(list[1] >= list[0]))
    return fail (reader, error, group, "%s is not of the form least;greatest", key);
  range[0] = list[0];
  range[1] = list[1];
  return TRUE;
}

/* The lists of every key that begins with "words". (transfer full) */
static GPtrArray *
read_words (const Reader *reader, const char *group)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) keys = g_key_file_get_keys (reader->file, group, NULL, NULL);
  for (guint i = 0; keys[i] != NULL; i++) {
    g_auto (GStrv) list = NULL;
    if (!g_str_has_prefix (keys[i], "words"))
      continue;
    list = g_key_file_get_string_list (reader->file, group, keys[i], NULL, NULL);
    for (guint k = 0; list != NULL && list[k] != NULL; k++)
      g_ptr_array_add (words, g_strdup (g_strstrip (list[k])));
  }
  return words;
}

static void
node_free (IvLexiconNode *node)
{
  g_clear_pointer (&node->next, g_hash_table_unref);
  g_free (node);
}

static IvLexiconNode *
step (IvLexiconNode *node, const char *word, gssize length)
{
  char *key = iv_lexicon_normalise (word, length);
  IvLexiconNode *next;
  if (node->next == NULL)
    node->next =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) node_free);
  next = g_hash_table_lookup (node->next, key);
  if (next == NULL) {
    next = g_new0 (IvLexiconNode, 1);
    g_hash_table_insert (node->next, key, next);
  } else
    g_free (key);
  return next;
}

static gboolean
is_word_char (gunichar c)
{
  return g_unichar_isalnum (c) || c == '\'';
}

/* Adds a spelling, word by word as the text of a report is cut. */
static gboolean
add_spelling (const Reader *reader,
              const char *group,
              const char *spelling,
              const IvTerm *term,
              GError **error)
{
  IvLexiconNode *node = reader->lexicon->root;
  for (const char *at = spelling; *at != '\0';) {
    const char *start = at;
    while (*at != '\0' && is_word_char (g_utf8_get_char (at)))
      at = g_utf8_next_char (at);
    if (at > start)
      node = step (node, start, at - start);
    else
      at = g_utf8_next_char (at);
  }
  if (node == reader->lexicon->root)
    return fail (reader, error, group, "a spelling is empty");
  if (node->term != NULL && node->term != term)
    return fail (reader, error, group, "“%s” is in [%s] as well", spelling, node->group);
  node->term = term;
  node->group = group;
  return TRUE;
}

static void
concept_free (IvConcept *concept)
{
  g_free (concept->id);
  g_free (concept->title);
  g_free (concept->label);
  g_free (concept->family);
  g_ptr_array_unref (concept->is);
  g_ptr_array_unref (concept->excludes);
  g_free (concept);
}

static void
term_free (IvTerm *term)
{
  g_free (term->state);
  g_free (term);
}

static gboolean
add_concept (const Reader *reader,
             const char *group,
             IvConceptKind kind,
             const char *id,
             GError **error)
{
  IvConcept *concept = g_new0 (IvConcept, 1);
  double lengths[2] = { 0, INFINITY };
  g_autofree char *longest = g_key_file_get_string (reader->file, group, "max-mm", NULL);
  int density = IV_DENSITY_UNKNOWN;
  concept->kind = kind;
  concept->id = g_strdup (id);
  concept->title = g_key_file_get_string (reader->file, group, "title", NULL);
  if (concept->title == NULL)
  concept->title = g_strdelimit (g_strdup (id), "-", ' ');
  concept->label = g_key_file_get_string (reader->file, group, "label", NULL);
  concept->family = g_key_file_get_string (reader->file, group, "family", NULL);
  concept->is = g_ptr_array_new ();
  concept->excludes = g_ptr_array_new ();
  concept->is_critical = g_key_file_get_boolean (reader->file, group, "critical", NULL);
  concept->carina_mm[0] = concept->carina_mm[1] = NAN;
  g_ptr_array_add (reader->lexicon->concepts, concept);
  g_hash_table_insert (reader->lexicon->by_id, concept->id, concept);
  if (longest != NULL && !((lengths[1] = g_ascii_strtod (longest, NULL)) > 0))
    return fail (reader, error, group, "max-mm is not a length");
  concept->max_mm = lengths[1];
  if (!read_name (reader, group, "density", density_names, &density, error))
    return FALSE;
  concept->density = density;
  return read_range (reader, group, "carina-mm", concept->carina_mm, error);
}

/* The concepts a key names. FALSE with error when one is not there. */
static gboolean
read_concepts (const Reader *reader,
               const char *group,
               const char *key,
               GPtrArray *concepts,
               GError **error)
{
  g_auto (GStrv) list = g_key_file_get_string_list (reader->file, group, key, NULL, NULL);
  for (guint i = 0; list != NULL && list[i] != NULL; i++) {
    IvConcept *concept = g_hash_table_lookup (reader->lexicon->by_id, g_strstrip (list[i]));
    if (concept == NULL)
      return fail (reader, error, group, "%s: there is no finding “%s”", key, list[i]);
    g_ptr_array_add (concepts, concept);
  }
  return TRUE;
}

/* FALSE when being its own kind would never end. */
static gboolean
check_kinds (const IvConcept *concept, guint depth)
{
  for (guint i = 0; i < concept->is->len; i++)
    if (depth == 0 || !check_kinds (g_ptr_array_index (concept->is, i), depth - 1))
      return FALSE;
  return TRUE;
}

/* What each state says of this anatomy. */
static gboolean
read_states (const Reader *reader, const char *group, const IvConcept *anatomy, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (reader->file, group, NULL, NULL);
  for (guint i = 0; keys[i] != NULL; i++) {
    GPtrArray *concepts;
    if (g_str_equal (keys[i], "title") || g_str_has_prefix (keys[i], "words"))
      continue;
    concepts = g_ptr_array_new ();
    g_hash_table_insert (
        reader->lexicon->states, g_strconcat (anatomy->id, " ", keys[i], NULL), concepts);
    if (!read_concepts (reader, group, keys[i], concepts, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_state_term (const Reader *reader, const char *group, IvTerm *term, GError **error)
{
  int polarity = IV_POLARITY_ABNORMAL;
  if (!read_name (reader, group, "polarity", polarity_names, &polarity, error))
    return FALSE;
  term->polarity = polarity;
  term->state = g_key_file_get_string (reader->file, group, "as", NULL);
  if (term->state == NULL)
    term->state = g_strdup (polarity == IV_POLARITY_NORMAL ? "normal" : "abnormal");
  return TRUE;
}

static gboolean
read_term (const Reader *reader, const char *group, const char *name, IvTerm *term, GError **error)
{
  double grades[2] = { 0, 0 };
  int value = 0;
  switch (term->kind) {
  case IV_TERM_STATE:
    return read_state_term (reader, group, term, error);
  case IV_TERM_PLACE:
    return read_bits (reader, group, "sides", side_names, &term->sides, error) &&
           read_bits (reader, group, "zones", zone_names, &term->zones, error) &&
           read_bits (reader, group, "lobes", lobe_names, &term->lobes, error) &&
           read_bits (reader, group, "only", side_names, &term->only_side, error);
  case IV_TERM_SEVERITY:
    if (!read_range (reader, group, "grades", grades, error))
      return FALSE;
    term->grade_low = (guint) CLAMP (grades[0], 0, 4);
    term->grade_high = (guint) CLAMP (grades[1], 0, 4);
    return TRUE;
  case IV_TERM_COURSE:
    if (!read_name (reader, group, "course", course_names, &value, error))
      return FALSE;
    term->course = value;
    return TRUE;
  case IV_TERM_CUE:
    if (!find_named (reader, group, cue_names, name, &value, error))
      return FALSE;
    term->cue = value;
    return TRUE;
  case IV_TERM_CONCEPT:
  default:
    term->concept
    = iv_lexicon_find_concept (reader->lexicon, name);
    return TRUE;
  }
}

/* A group whose words are looked up as they stand. */
static void
add_plain_group (const Reader *reader, const char *group, const char *section)
{
  g_autoptr (GPtrArray) words = read_words (reader, group);
  GHashTable *set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < words->len; i++) {
    char *folded = iv_lexicon_fold (words->pdata[i], -1);
    if (section != NULL)
      g_hash_table_insert (reader->lexicon->headings, g_strdup (folded), g_strdup (section));
    g_hash_table_add (set, folded);
  }
  g_hash_table_insert (reader->lexicon->groups, g_strdup (group), set);
}

static const struct {
  const char *prefix;
  IvTermKind kind;
  int concept; /* IvConceptKind, or -1 */
} group_kinds[] = {
  { "finding ", IV_TERM_CONCEPT, IV_CONCEPT_FINDING },
  { "device ", IV_TERM_CONCEPT, IV_CONCEPT_DEVICE },
  { "anatomy ", IV_TERM_CONCEPT, IV_CONCEPT_ANATOMY },
  { "state ", IV_TERM_STATE, -1 },
  { "side ", IV_TERM_PLACE, -1 },
  { "place ", IV_TERM_PLACE, -1 },
  { "severity ", IV_TERM_SEVERITY, -1 },
  { "course ", IV_TERM_COURSE, -1 },
  { "cue ", IV_TERM_CUE, -1 },
};

/* Index in group_kinds, or -1. */
static int
find_kind (const char *group)
{
  for (guint i = 0; i < G_N_ELEMENTS (group_kinds); i++)
    if (g_str_has_prefix (group, group_kinds[i].prefix))
      return (int) i;
  return -1;
}

static gboolean
add_term_group (const Reader *reader, const char *group, GError **error)
{
  int kind = find_kind (group);
  const char *name = strchr (group, ' ') + 1;
  g_autoptr (GPtrArray) words = read_words (reader, group);
  IvTerm *term = g_new0 (IvTerm, 1);
  g_ptr_array_add (reader->lexicon->terms, term);
  term->kind = group_kinds[kind].kind;
  if (!read_term (reader, group, name, term, error))
    return FALSE;
  if (term->kind == IV_TERM_CONCEPT) {
    IvConcept *concept = (IvConcept *) term->concept;
    if (concept->kind == IV_CONCEPT_ANATOMY) {
      if (!read_states (reader, group, concept, error))
        return FALSE;
    } else if (!read_concepts (reader, group, "is", concept->is, error) ||
               !read_concepts (reader, group, "excludes", concept->excludes, error))
      return FALSE;
  }
  for (guint i = 0; i < words->len; i++)
    if (!add_spelling (reader, group, words->pdata[i], term, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_groups (const Reader *reader, char **groups, GError **error)
{
  for (guint i = 0; groups[i] != NULL; i++) {
    int kind = find_kind (groups[i]);
    if (kind >= 0 && group_kinds[kind].concept >= 0 &&
        !add_concept (
            reader, groups[i], group_kinds[kind].concept, strchr (groups[i], ' ') + 1, error))
      return FALSE;
  }
  for (guint i = 0; groups[i] != NULL; i++) {
    char *group = g_strdup (groups[i]);
    g_ptr_array_add (reader->lexicon->names, group);
    if (find_kind (group) >= 0) {
      if (!add_term_group (reader, group, error))
        return FALSE;
    } else if (g_str_has_prefix (group, "section "))
      add_plain_group (reader, group, group + strlen ("section "));
    else if (g_str_has_prefix (group, "abbreviation ") || g_str_has_prefix (group, "prior "))
      add_plain_group (reader, group, NULL);
    else
      return fail (reader, error, group, "no kind of group is called so");
  }
  for (guint i = 0; i < reader->lexicon->concepts->len; i++) {
    const IvConcept *concept = g_ptr_array_index (reader->lexicon->concepts, i);
    if (!check_kinds (concept, 8))
      return fail (reader, error, concept->id, "it is a kind of itself");
  }
  return TRUE;
}

static IvLexicon *
make_empty (void)
{
  IvLexicon *self = g_new0 (IvLexicon, 1);
  g_atomic_ref_count_init (&self->references);
  self->root = g_new0 (IvLexiconNode, 1);
  self->concepts = g_ptr_array_new_with_free_func ((GDestroyNotify) concept_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->terms = g_ptr_array_new_with_free_func ((GDestroyNotify) term_free);
  self->states =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->groups =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  self->headings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->names = g_ptr_array_new_with_free_func (g_free);
  return self;
}

IvLexicon *
iv_lexicon_new (const char *text, const char *source, GError **error)
{
  g_autoptr (IvLexicon) self = make_empty ();
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) cause = NULL;
  g_auto (GStrv) groups = NULL;
  Reader reader = { self, file, source };
  if (!g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, &cause)) {
    g_set_error (error, IV_READ_ERROR, IV_READ_ERROR_INVALID, "%s: %s", source, cause->message);
    return NULL;
  }
  groups = g_key_file_get_groups (file, NULL);
  return read_groups (&reader, groups, error) ? g_steal_pointer (&self) : NULL;
}

IvLexicon *
iv_lexicon_new_shipped (void)
{
  g_autoptr (GBytes) bytes = g_resource_lookup_data (iv_read_get_resource (), SHIPPED, 0, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  IvLexicon *lexicon = iv_lexicon_new (text, "lexicon.txt", &error);
  if (lexicon == NULL) /* a mistake of ours, which the tests find */
    g_error ("%s", error->message);
  return lexicon;
}

static GError *own_problem; /* written once, before the lexicon is handed out */

static gpointer
load_default (gpointer data)
{
  g_autofree char *file =
      g_build_filename (g_get_user_config_dir (), "interval", "lexicon.txt", NULL);
  g_autofree char *text = NULL;
  IvLexicon *lexicon = NULL;
  if (g_file_get_contents (file, &text, NULL, NULL))
    lexicon = iv_lexicon_new (text, file, &own_problem);
  return lexicon != NULL ? lexicon : iv_lexicon_new_shipped ();
}

IvLexicon *
iv_lexicon_get_default (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, load_default, NULL);
}

const GError *
iv_lexicon_get_problem (void)
{
  iv_lexicon_get_default ();
  return own_problem;
}

IvLexicon *
iv_lexicon_ref (IvLexicon *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
iv_lexicon_unref (IvLexicon *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  node_free (self->root);
  g_ptr_array_unref (self->concepts);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->terms);
  g_hash_table_unref (self->states);
  g_hash_table_unref (self->groups);
  g_hash_table_unref (self->headings);
  g_ptr_array_unref (self->names);
  g_free (self);
}
