/* A radiology report as the rest of Interval sees it: sections, sentences, and what each says.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/iv-report.h"

#include <string.h>

#include "app/read/report/iv-report-private.h"

struct _IvReport {
  gatomicrefcount references;
  char *text;
  IvLexicon *lexicon;
  GArray *sections;  /* IvSection */
  GArray *sentences; /* IvSentence */
};

const char *
iv_section_kind_to_string (IvSectionKind kind)
{
  static const char *const names[] = { "body",     "indication", "technique", "comparison",
                                       "findings", "impression", "other" };
  return names[kind];
}

const char *
iv_assertion_to_string (IvAssertion assertion)
{
  static const char *const names[] = { "present", "absent", "uncertain", "supposed" };
  return names[assertion];
}

static void
clear_sentence_cb (gpointer data)
{
  IvSentence *sentence = data;
  g_clear_pointer (&sentence->mentions, g_array_unref);
  g_clear_pointer (&sentence->measurements, g_array_unref);
  g_clear_pointer (&sentence->comparisons, g_array_unref);
}

static gboolean
names_prior (const IvReport *self, const GArray *items)
{
  for (guint i = 0; i < items->len; i++) {
    const IvReportItem *item = &g_array_index (items, IvReportItem, i);
    if (item->term == NULL && iv_lexicon_has (self->lexicon,
                                              "prior named",
                                              self->text + item->span.start,
                                              item->span.end - item->span.start))
      return TRUE;
  }
  return FALSE;
}

static void
read_sentence (IvReport *self, IvSentence *sentence)
{
  g_autoptr (GArray) items = iv_report_cut (self->text, sentence->span, self->lexicon);
  sentence->mentions = g_array_new (FALSE, FALSE, sizeof (IvMention));
  sentence->measurements = g_array_new (FALSE, FALSE, sizeof (IvMeasurement));
  sentence->comparisons = g_array_new (FALSE, FALSE, sizeof (IvTextSpan));
  sentence->names_prior = names_prior (self, items);
  iv_report_find_scopes (items);
  iv_report_add_mentions (sentence, items, self->lexicon);
  iv_report_add_measurements (sentence, self->text);
}

IvReport *
iv_report_new (const char *text, IvLexicon *lexicon)
{
  IvReport *self = g_new0 (IvReport, 1);
  g_atomic_ref_count_init (&self->references);
  self->text = g_utf8_make_valid (text, -1);
  self->lexicon = iv_lexicon_ref (lexicon != NULL ? lexicon : iv_lexicon_get_default ());
  self->sections = g_array_new (FALSE, FALSE, sizeof (IvSection));
  self->sentences = g_array_new (FALSE, FALSE, sizeof (IvSentence));
  g_array_set_clear_func (self->sentences, clear_sentence_cb);
  iv_report_lay_out (self->text, self->lexicon, self->sections, self->sentences);
  for (guint i = 0; i < self->sentences->len; i++)
    read_sentence (self, &g_array_index (self->sentences, IvSentence, i));
  return self;
}

IvReport *
iv_report_ref (IvReport *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
iv_report_unref (IvReport *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_array_unref (self->sentences);
  g_array_unref (self->sections);
  iv_lexicon_unref (self->lexicon);
  g_free (self->text);
  g_free (self);
}

const char *
iv_report_get_text (const IvReport *self)
{
  return self->text;
}

IvLexicon *
iv_report_get_lexicon (const IvReport *self)
{
  return self->lexicon;
}

const GArray *
iv_report_get_sections (const IvReport *self)
{
  return self->sections;
}

const GArray *
iv_report_get_sentences (const IvReport *self)
{
  return self->sentences;
}

const IvSentence *
iv_report_get_sentence (const IvReport *self, guint i)
{
  return &g_array_index (self->sentences, IvSentence, i);
}

IvSectionKind
iv_report_get_section_kind (const IvReport *self, const IvSentence *sentence)
{
  return g_array_index (self->sections, IvSection, sentence->section).kind;
}

const IvSection *
iv_report_find_section (const IvReport *self, IvSectionKind kind)
{
  for (guint i = 0; i < self->sections->len; i++) {
    const IvSection *section = &g_array_index (self->sections, IvSection, i);
    if (section->kind == kind)
      return section;
  }
  return NULL;
}

int
iv_report_find_sentence_at (const IvReport *self, guint offset)
{
  for (guint i = 0; i < self->sentences->len; i++) {
    IvTextSpan span = iv_report_get_sentence (self, i)->span;
    if (offset >= span.start && offset < span.end)
      return (int) i;
  }
  return -1;
}

char *
iv_report_copy_span (const IvReport *self, IvTextSpan span)
{
  return g_strndup (self->text + span.start, span.end - span.start);
}

gboolean
iv_report_is_statement (const IvReport *self, const IvSentence *sentence)
{
  IvSectionKind kind = iv_report_get_section_kind (self, sentence);
  return kind == IV_SECTION_BODY || kind == IV_SECTION_FINDINGS || kind == IV_SECTION_IMPRESSION;
}
