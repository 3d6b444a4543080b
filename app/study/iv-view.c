/* Words for projections, as modalities and technicians write them.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-view.h"

/* "PA", "p.a.", "Thorax pa", "postero-anterior"; not the "pa" of "patient". */
#define PA_PATTERN "\\bp\\.?a\\b|postero-?\\s?anterior|post-ant"
#define AP_PATTERN \
  "\\ba\\.?p\\b|antero-?\\s?posterior|ant-post|\\bportable\\b|\\bbedside\\b|\\bsupine\\b"
#define LATERAL_PATTERN "\\blat\\b|\\blateral\\b|\\b[lr]l\\b|\\bseitlich\\b|\\bprofil\\b|측면|側面"
/* A decubitus film is taken with the patient lying on one side: a frontal projection, AP as a rule,
 * and no lateral whatever its name says. */
#define DECUBITUS_PATTERN "decub|\\b[lr]ld\\b"

static gboolean
matches (const char *pattern, const char *text)
{
  return g_regex_match_simple (pattern, text, G_REGEX_CASELESS, 0);
}

static IvView
view_of_text (const char *text)
{
  if (text == NULL || *text == '\0')
    return IV_VIEW_UNKNOWN;
  g_autofree char *words = g_strdelimit (g_strdup (text), "_/\\,;:()[]", ' ');
  if (matches (DECUBITUS_PATTERN, words))
    return IV_VIEW_AP;
  gboolean pa = matches (PA_PATTERN, words);
  gboolean ap = matches (AP_PATTERN, words);
  gboolean lateral = matches (LATERAL_PATTERN, words);
  if (pa + ap + lateral != 1)
    return IV_VIEW_UNKNOWN;
  return pa ? IV_VIEW_PA : ap ? IV_VIEW_AP : IV_VIEW_LATERAL;
}

/* Rows of a lateral film run along the patient's front-back axis. Frontal films look alike here,
 * taken from the front or the back. */
static IvView
view_of_orientation (const char *orientation)
{
  if (orientation != NULL && (orientation[0] == 'A' || orientation[0] == 'P') &&
      (orientation[1] == '\\' || orientation[1] == '\0'))
    return IV_VIEW_LATERAL;
  return IV_VIEW_UNKNOWN;
}

IvView
iv_view_guess (const IvViewHints *hints)
{
  const char *texts[] = {
    hints->view_position, hints->view_code_meaning, hints->series_description, hints->protocol
  };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    IvView view = view_of_text (texts[i]);
    if (view != IV_VIEW_UNKNOWN)
      return view;
  }
  return view_of_orientation (hints->patient_orientation);
}
