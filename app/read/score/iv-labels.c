/* The fourteen CheXpert labels of a report, by rules over the parsed report.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/score/iv-labels.h"

static const char *const names[IV_N_LABELS] = {
  "No Finding",       "Enlarged Cardiomediastinum",
  "Cardiomegaly",     "Lung Lesion",
  "Lung Opacity",     "Edema",
  "Consolidation",    "Pneumonia",
  "Atelectasis",      "Pneumothorax",
  "Pleural Effusion", "Pleural Other",
  "Fracture",         "Support Devices",
};
enum { NO_FINDING = 0, SUPPORT_DEVICES = IV_N_LABELS - 1 };

const char *
iv_label_get_name (guint label)
{
  return names[label];
}

static int
find_label (const char *name)
{
  for (guint i = 0; name != NULL && i < IV_N_LABELS; i++)
    if (g_str_equal (names[i], name))
      return (int) i;
  return -1;
}

static void
add_mention (IvLabelValue *value, IvAssertion assertion)
{
  if (assertion == IV_ASSERTION_PRESENT)
    *value = IV_LABEL_POSITIVE;
  else if (assertion == IV_ASSERTION_UNCERTAIN && *value != IV_LABEL_POSITIVE)
    *value = IV_LABEL_UNCERTAIN;
  else if (assertion == IV_ASSERTION_ABSENT && *value == IV_LABEL_BLANK)
    *value = IV_LABEL_NEGATIVE;
}

void
iv_labels_find (const IvReport *report, IvLabelValue *values)
{
  const GArray *sentences = iv_report_get_sentences (report);
  gboolean is_normal = TRUE;
  for (guint i = 0; i < IV_N_LABELS; i++)
    values[i] = IV_LABEL_BLANK;
  for (guint i = 0; i < sentences->len; i++) {
    const IvSentence *sentence = iv_report_get_sentence (report, i);
    if (!iv_report_is_statement (report, sentence))
      continue;
    for (guint k = 0; k < sentence->mentions->len; k++) {
      const IvMention *mention = &g_array_index (sentence->mentions, IvMention, k);
      int label = find_label (mention->concept->label);
      if (label >= 0)
        add_mention (&values[label], mention->assertion);
    }
  }
  for (guint i = 0; i < IV_N_LABELS; i++)
    if (i != SUPPORT_DEVICES)
      is_normal &= values[i] != IV_LABEL_POSITIVE && values[i] != IV_LABEL_UNCERTAIN;
  values[NO_FINDING] = is_normal ? IV_LABEL_POSITIVE : IV_LABEL_BLANK;
}

void
iv_labels_count (IvLabelTable counts, const IvLabelValue *found, const IvLabelValue *reference)
{
  for (guint i = 0; i < IV_N_LABELS; i++)
    for (guint class = 0; class < 3; class ++) {
      gboolean is_found = found[i] == IV_LABEL_POSITIVE + class;
      gboolean is_true = reference[i] == IV_LABEL_POSITIVE + class;
      counts[i][class].hits += is_found && is_true;
      counts[i][class].inventions += is_found && !is_true;
      counts[i][class].misses += !is_found && is_true;
    }
}

double
iv_label_f1 (const IvLabelCounts *counts)
{
  double all = 2 * counts->hits + counts->inventions + counts->misses;
  return all > 0 ? 2 * counts->hits / all : 0;
}
