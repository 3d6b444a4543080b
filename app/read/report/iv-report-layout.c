/* Finds the sections and sentences of a report.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/report/iv-report-private.h"

#include <string.h>

/* A heading has at most this many bytes. */
#define HEADING_MAX 60
/* A line that ends before this column was ended on purpose, not wrapped. */
#define WRAP_MIN 50

typedef struct {
  const char *text;
  IvLexicon *lexicon;
} Layout;

static const struct {
  const char *name;
  IvSectionKind kind;
} section_names[] = {
  { "indication", IV_SECTION_INDICATION }, { "technique", IV_SECTION_TECHNIQUE },
  { "comparison", IV_SECTION_COMPARISON }, { "findings", IV_SECTION_FINDINGS },
  { "impression", IV_SECTION_IMPRESSION }, { "other", IV_SECTION_OTHER },
};

/* TRUE when the words are a heading's; its kind goes to kind. */
static gboolean
is_heading (const Layout *layout, const char *start, const char *end, IvSectionKind *kind)
{
  const char *name = iv_lexicon_find_section (layout->lexicon, start, end - start);
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (section_names); i++)
    if (g_str_equal (section_names[i].name, name)) {
      *kind = section_names[i].kind;
      return TRUE;
    }
  return FALSE;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Marks that stand around headings: "## Findings", "**Findings:**", "[소견]". */
static const char *
skip_marks (const char *at, const char *end)
{
  static const char *const wide[] = { "【", "】", "■", "▶", "●", "◆", "□", "<", ">" };
  for (;;) {
    const char *before = at;
    while (at < end && strchr ("#*[]<>=-_ \t", *at) != NULL)
      at++;
    for (guint i = 0; i < G_N_ELEMENTS (wide); i++)
      if ((gsize) (end - at) >= strlen (wide[i]) && g_str_has_prefix (at, wide[i]))
        at += strlen (wide[i]);
    if (at == before)
      return at;
  }
}

static const char *
skip_marks_back (const char *start, const char *end)
{
  static const char *const wide[] = { "】", "■" };
  for (;;) {
    const char *before = end;
    while (end > start && strchr ("#*[]<>=-_ \t\r", end[-1]) != NULL)
      end--;
    for (guint i = 0; i < G_N_ELEMENTS (wide); i++)
      if ((gsize) (end - start) > strlen (wide[i]) &&
          memcmp (end - strlen (wide[i]), wide[i], strlen (wide[i])) == 0)
        end -= strlen (wide[i]);
    if (end == before)
      return end;
  }
}

static gboolean
is_upper_case (const char *start, const char *end)
{
  for (; start < end; start++)
    if (g_ascii_islower (*start) || (*start & 0x80) != 0)
      return FALSE;
  return TRUE;
}

/* A heading may begin here: a line's start, behind a sentence, or capitals only. */
static gboolean
may_begin (const Layout *layout, const char *start, const char *end)
{
  const char *at = start;
  while (at > layout->text && strchr (" \t*#[<", at[-1]) != NULL)
    at--;
  if (at == layout->text || strchr ("\n\r.!?;>]", at[-1]) != NULL)
    return TRUE;
  return is_upper_case (start, end) && is_blank (start[-1]);
}

/* The heading that ends at a colon. */
static gboolean
find_colon_heading (const Layout *layout, const char *colon, const char *floor, IvSection *section)
{
  const char *end = skip_marks_back (floor, colon);
  const char *line = MAX (floor, colon - MIN (HEADING_MAX, colon - floor));
  for (const char *start = end; start > line && start[-1] != '\n';) {
    start = g_utf8_find_prev_char (line, start);
    if (start == NULL)
      return FALSE;
    gboolean at_word = start == layout->text || strchr (" \t\n\r*#[<.>]", start[-1]) != NULL ||
                       g_str_has_prefix (start - 1, "\x90"); /* "【" ends with this byte */
    if (at_word && is_heading (layout, start, end, &section->kind) &&
        may_begin (layout, start, end)) {
      section->heading.start = (guint) (start - layout->text);
      return TRUE;
    }
  }
  return FALSE;
}

/* The line from start is a heading and nothing else. */
static gboolean
find_line_heading (const Layout *layout, const char *start, const char *stop, IvSection *section)
{
  const char *from = skip_marks (start, stop);
  const char *to = skip_marks_back (from, stop);
  if (from >= to || to - from > HEADING_MAX || !is_heading (layout, from, to, &section->kind))
    return FALSE;
  section->heading.start = (guint) (from - layout->text);
  return TRUE;
}

static IvTextSpan
trim (const char *text, IvTextSpan span)
{
  while (span.start < span.end && is_blank (text[span.start]))
    span.start++;
  while (span.end > span.start && is_blank (text[span.end - 1]))
    span.end--;
  return span;
}

static void
close_section (const Layout *layout, GArray *sections, guint end)
{
  IvSection *last =
      sections->len > 0 ? &g_array_index (sections, IvSection, sections->len - 1) : NULL;
  if (last != NULL) {
    last->body.end = end;
    last->body = trim (layout->text, last->body);
    return;
  }
  IvSection body = { IV_SECTION_BODY, { 0, 0 }, trim (layout->text, (IvTextSpan){ 0, end }) };
  if (body.body.end > body.body.start)
    g_array_append_val (sections, body);
}

/* Adds the heading that ends at end; the body begins behind the marks there. */
static const char *
open_section (const Layout *layout, GArray *sections, IvSection *section, const char *end)
{
  const char *body = end;
  while (section->heading.start > 0 &&
         strchr ("#*[<= \t", layout->text[section->heading.start - 1]) != NULL)
    section->heading.start--; /* "## " and "**" belong to the heading */
  close_section (layout, sections, section->heading.start);
  section->heading.end = (guint) (end - layout->text);
  while (*body == '*' || *body == ']' || *body == ':')
    body++;
  section->body.start = (guint) (body - layout->text);
  g_array_append_val (sections, *section);
  return body;
}

/* Bytes of the mark at *at that ends a heading: a colon, or the bracket of "[소견]" at a line's
 * start; 0 when there is none. */
static gsize
measure_heading_end (const char *line, const char *at)
{
  if (*at == ':')
    return 1;
  if (g_str_has_prefix (at, "："))
    return strlen ("：");
  while (*line == ' ' || *line == '\t')
    line++;
  if ((*at == ']' && *line == '[') || (*at == '>' && *line == '<'))
    return 1;
  return g_str_has_prefix (at, "】") && g_str_has_prefix (line, "【") ? strlen ("】") : 0;
}

static void
find_sections (const Layout *layout, GArray *sections)
{
  const char *floor = layout->text; /* nothing before belongs to a next heading */
  const char *line = layout->text;
  const char *at = layout->text;
  while (*at != '\0') {
    IvSection section = { 0 };
    gsize colon = measure_heading_end (line, at);
    gboolean ends_line = *at == '\n' || at[1] == '\0';
    const char *stop = *at == '\n' ? at : at + 1;
    if (colon > 0 && find_colon_heading (layout, at, floor, &section))
      at = floor = line = open_section (layout, sections, &section, at + colon);
    else if (ends_line && find_line_heading (layout, line, stop, &section))
      at = floor = line = open_section (layout, sections, &section, stop);
    else {
      if (*at == '\n')
        line = at + 1;
      at++;
    }
  }
  close_section (layout, sections, (guint) (at - layout->text));
}

/* "1. ", "2) ", "(3) ", "- ", "• " at the start of a sentence; 0 when there is none. */
static gsize
measure_list_mark (const char *at, const char *end)
{
  static const char *const bullets[] = { "-", "*", "•", "·", "▪", "‣", "○", "●", "–", ">", "+" };
  const char *c = at;
  for (guint i = 0; i < G_N_ELEMENTS (bullets); i++) {
    gsize n = strlen (bullets[i]);
    if ((gsize) (end - at) > n && memcmp (at, bullets[i], n) == 0 && is_blank (at[n]))
      return n;
  }
  c += *c == '(';
  const char *digits = c;
  while (c < end && g_ascii_isdigit (*c) && c - digits < 2)
    c++;
  if (c == digits || c >= end || (*c != '.' && *c != ')'))
    return 0;
  c++;
  return c < end && (is_blank (*c) || g_ascii_isupper (*c)) ? (gsize) (c - at) : 0;
}

static const char *
skip_blanks (const char *at, const char *end)
{
  while (at < end && is_blank (*at))
    at++;
  return at;
}

/* A line break ends a sentence before an empty line, a list mark, and a capital after a short line.
 */
static gboolean
breaks_line (const char *sentence, const char *at, const char *end)
{
  const char *next = skip_blanks (at, end), *line = at;
  if (next >= end)
    return TRUE;
  if (memchr (at + 1, '\n', next - at - 1) != NULL || measure_list_mark (next, end) > 0)
    return TRUE;
  while (line > sentence && line[-1] != '\n')
    line--;
  gboolean is_capital = g_ascii_isupper (*next) || (*next & 0x80) != 0;
  return is_capital && at - line < WRAP_MIN;
}

/* A full stop, exclamation or question mark ends a sentence here. */
static gboolean
stops (const Layout *layout, const char *sentence, const char *at, const char *end)
{
  const char *next = at + 1, *word = at;
  if (*at != '.')
    return next >= end || is_blank (*next) || *next == '"' || *next == ')';
  while (word > sentence && (g_ascii_isalnum (word[-1]) || word[-1] == '.'))
    word--;
  if (next < end && !is_blank (*next)) {
    /* "effusion.No": a forgotten blank */
    return g_ascii_isupper (*next) && at - word > 2 && g_ascii_islower (at[-1]) &&
           memchr (word, '.', at - word) == NULL;
  }
  if (at > word && iv_lexicon_has (layout->lexicon, "abbreviation inside", word, at - word))
    return FALSE;
  if (at - word == 1 && g_ascii_isupper (*word) && word > sentence)
    return FALSE; /* an initial */
  next = skip_blanks (next, end);
  if (at > word && iv_lexicon_has (layout->lexicon, "abbreviation last", word, at - word))
    return next >= end || g_ascii_isupper (*next) || measure_list_mark (next, end) > 0;
  return TRUE;
}

/* The end of the sentence that begins at start. */
static const char *
find_end (const Layout *layout, const char *start, const char *end)
{
  for (const char *at = start; at < end; at++) {
    if (*at == '\n' && breaks_line (start, at, end))
      return at;
    if ((*at == '.' || *at == '!' || *at == '?') && stops (layout, start, at, end)) {
      while (at + 1 < end && strchr (".!?)\"'", at[1]) != NULL)
        at++;
      return at + 1;
    }
    if (g_str_has_prefix (at, "。"))
      return at + strlen ("。");
  }
  return end;
}

static void
find_sentences (const Layout *layout, const IvSection *section, guint index, GArray *sentences)
{
  const char *at = layout->text + section->body.start;
  const char *end = layout->text + section->body.end;
  while ((at = skip_blanks (at, end)) < end) {
    gsize mark = measure_list_mark (at, end);
    if (mark > 0) {
      at += mark;
      continue;
    }
    const char *stop = find_end (layout, at, end);
    IvSentence sentence = { .section = index };
    sentence.span.start = (guint) (at - layout->text);
    sentence.span.end = (guint) (stop - layout->text);
    sentence.span = trim (layout->text, sentence.span);
    g_array_append_val (sentences, sentence);
    at = stop;
  }
}

void
iv_report_lay_out (const char *text, IvLexicon *lexicon, GArray *sections, GArray *sentences)
{
  Layout layout = { text, lexicon };
  find_sections (&layout, sections);
  for (guint i = 0; i < sections->len; i++)
    find_sentences (&layout, &g_array_index (sections, IvSection, i), i, sentences);
}
