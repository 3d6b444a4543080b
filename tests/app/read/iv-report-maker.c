/* Writes chest reports whose Findings and Impression agree, or differ in one seeded point.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tests/app/read/iv-report-maker.h"

#include <string.h>

#define WORDINGS 8

/* A finding in the wordings of reporting radiologists. {s} side, {g} severity, {G} the severity as
 * an adverb, {l} place; a capital letter begins the sentence by itself. */
typedef struct {
  gboolean is_sided, is_graded, has_place;
  const char *findings[WORDINGS];   /* it is there, in the Findings */
  const char *impression[WORDINGS]; /* it is there, in the Impression */
  const char *denied[WORDINGS];     /* it is not there, in either */
} Kind;

static const Kind kinds[] = {
  { TRUE,
    TRUE,
    FALSE,
    { "there is a {g} {s} pleural effusion.",
      "{g} {s}-sided effusion is seen.",
      "a {g} amount of pleural fluid layers on the {s}.",
      "{g} pleural fluid is present in the {s} hemithorax.",
      "on the {s} there is a {g} pleural effusion with a meniscus." },
    { "{g} {s} pleural effusion.",
      "{s} effusion, {g}.",
      "pleural effusion on the {s}, {g}.",
      "{g} {s}-sided pleural effusion, etiology not shown." },
    { "no pleural effusion.",
      "there is no pleural effusion on either side.",
      "costophrenic angles are sharp.",
      "pleural effusion is not seen.",
      "no evidence of effusion." } },
  { TRUE,
    TRUE,
    FALSE,
    { "a {g} {s} apical pneumothorax is present.",
      "{g} pneumothorax on the {s}.",
      "there is a {g} pneumothorax in the {s} hemithorax, pleural line at the third rib.",
      "a {g} {s} PTX is noted." },
    { "{g} {s} pneumothorax.",
      "{s} pneumothorax, {g}.",
      "{g} pneumothorax on the {s} side, clinical team informed." },
    { "no pneumothorax.",
      "there is no evidence of pneumothorax.",
      "no pneumothorax is identified.",
      "pneumothorax is not visualised." } },
  { TRUE,
    FALSE,
    TRUE,
    { "there is dense consolidation in the {s} {l}.",
      "airspace consolidation occupies the {s} {l} with air bronchograms.",
      "a consolidation is seen within the {s} {l}.",
      "new {s} {l} consolidation." },
    { "{s} {l} pneumonia.",
      "consolidation of the {s} {l}, consistent with pneumonia.",
      "{s} {l} consolidation.",
      "pneumonia in the {s} {l}." },
    { "no consolidation.",
      "no focal consolidation.",
      "there is no airspace disease.",
      "no consolidation or infiltrate." } },
  { FALSE,
    TRUE,
    FALSE,
    { "the heart is {G} enlarged.",
      "{g} enlargement of the cardiac silhouette.",
      "there is {g} cardiomegaly.",
      "cardiac silhouette is {G} enlarged." },
    { "{g} cardiomegaly.", "{g} enlargement of the heart.", "{g} cardiac enlargement." },
    { "heart size is normal.",
      "the heart is not enlarged.",
      "cardiac silhouette is within normal limits.",
      "normal heart size." } },
  { FALSE,
    TRUE,
    FALSE,
    { "{g} interstitial pulmonary edema with septal lines.",
      "there is {g} pulmonary oedema.",
      "findings of {g} edema in both lungs." },
    { "{g} pulmonary edema.", "{g} interstitial edema.", "pulmonary edema, {g}." },
    { "no pulmonary edema.", "no edema.", "there is no evidence of edema." } },
  { TRUE,
    FALSE,
    FALSE,
    { "linear atelectasis at the {s} base.",
      "there is {s} basilar atelectasis.",
      "band-like atelectasis is noted in the {s} lower lung field." },
    { "{s} basal atelectasis.", "atelectasis at the {s} lung base.", "{s} basilar atelectasis." },
    { "no atelectasis.", "atelectasis is absent." } },
  { TRUE,
    FALSE,
    TRUE,
    { "a 9 mm nodule projects over the {s} {l}.",
      "there is a 12 mm nodular opacity in the {s} {l}.",
      "solitary nodule of 2 cm in the {s} {l}." },
    { "pulmonary nodule in the {s} {l}, CT is advised.",
      "{s} {l} nodule.",
      "nodule of the {s} {l}." },
    { "no pulmonary nodule.", "no nodule or mass." } },
  { TRUE,
    FALSE,
    FALSE,
    { "acute fracture of the {s} sixth rib.",
      "there is a displaced {s} rib fracture.",
      "fractures of two ribs on the {s} are seen." },
    { "{s} rib fracture.", "rib fracture on the {s}.", "{s}-sided rib fractures." },
    { "no rib fracture.", "no acute fracture is seen.", "no displaced fracture." } },
};

/* Severities of three steps, with words that stand for each other. */
static const char *const grades[3][5] = {
  { "small", "mild", "minimal", "slight", "trace" },
  { "moderate", "moderate", "medium-sized", "moderate", "moderate" },
  { "large", "severe", "marked", "extensive", "considerable" },
};
static const char *const adverbs[3] = { "mildly", "moderately", "severely" };
static const char *const sides[2] = { "right", "left" };
static const char *const places[] = { "upper lobe", "lower lobe", "mid zone", "upper zone" };

static const char *const neutral[] = {
  "endotracheal tube ends 4 cm above the carina.",
  "right jugular line with its tip in the superior vena cava.",
  "nasogastric tube courses below the diaphragm.",
  "mediastinal contours are unremarkable.",
  "mild degenerative changes of the thoracic spine.",
  "left chest wall pacemaker with leads in usual position.",
  "the trachea is midline.",
  "sternotomy wires are intact.",
  "the aorta is tortuous.",
};
static const char *const headings[][2] = {
  { "FINDINGS:", "IMPRESSION:" },
  { "Findings\n", "Conclusion\n" },
  { "소견:", "결론:" },
  { "FINDINGS:\n", "IMPRESSION:\n" },
};
static const char *const openings[] = {
  "",
  "INDICATION: Shortness of breath.\n",
  "HISTORY: Fall from a ladder, rule out rib fracture.\n",
  "TECHNIQUE: PA and lateral views.\n",
};

/* One finding of one report. */
typedef struct {
  const Kind *kind;
  gboolean is_there;
  guint side, grade, place;
} State;

static const char *
pick (GRand *random, const char *const *list, guint n)
{
  guint count = 0;
  while (count < n && list[count] != NULL)
    count++;
  return list[g_rand_int_range (random, 0, (gint32) count)];
}

static char *
fill (GRand *random, const char *wording, const State *state)
{
  GString *text = g_string_new (wording);
  g_string_replace (text, "{s}", sides[state->side], 0);
  g_string_replace (text, "{g}", pick (random, grades[state->grade], 5), 0);
  g_string_replace (text, "{G}", adverbs[state->grade], 0);
  g_string_replace (text, "{l}", places[state->place], 0);
  text->str[0] = g_ascii_toupper (text->str[0]);
  return g_string_free (text, FALSE);
}

static char *
say (GRand *random, const State *state, gboolean in_impression)
{
  const char *const *list = !state->is_there ? state->kind->denied
                            : in_impression  ? state->kind->impression
                                             : state->kind->findings;
  return fill (random, pick (random, list, WORDINGS), state);
}

static gboolean
can_swap (const State *state, IvSwap swap)
{
  if (swap == IV_SWAP_SIDE)
    return state->is_there && state->kind->is_sided;
  if (swap == IV_SWAP_SEVERITY)
    return state->is_there && state->kind->is_graded;
  return swap == IV_SWAP_NEGATION;
}

static void
change (GRand *random, State *state, IvSwap swap)
{
  if (swap == IV_SWAP_SIDE)
    state->side = !state->side;
  else if (swap == IV_SWAP_SEVERITY)
    state->grade = (state->grade + 1 + (guint) g_rand_int_range (random, 0, 2)) % 3;
  else
    state->is_there = !state->is_there;
}

static void
add (GString *text, GPtrArray *sentences)
{
  for (guint i = 0; i < sentences->len; i++)
    g_string_append_printf (text, " %s", (const char *) sentences->pdata[i]);
  g_string_append_c (text, '\n');
}

/* What the Findings say, in their order, with two sentences that matter to nothing. */
static GPtrArray *
make_findings (GRand *random, const State *states)
{
  GPtrArray *sentences = g_ptr_array_new_with_free_func (g_free);
  guint start = (guint) g_rand_int_range (random, 0, G_N_ELEMENTS (neutral));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_ptr_array_add (sentences, say (random, &states[i], FALSE));
  for (guint i = 0; i < 2; i++) {
    State none = { 0 };
    g_ptr_array_insert (sentences,
                        g_rand_int_range (random, 0, (gint32) sentences->len),
                        fill (random, neutral[(start + 3 * i) % G_N_ELEMENTS (neutral)], &none));
  }
  return sentences;
}

/* All that is there, and some of what is not; the changed one in any case. */
static GPtrArray *
make_impression (GRand *random, State *states, int changed, IvSwap swap, char **sentence)
{
  GPtrArray *sentences = g_ptr_array_new_with_free_func (g_free);
  gboolean is_numbered = g_rand_boolean (random);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (changed == (int) i)
      change (random, &states[i], swap);
    if (!states[i].is_there && changed != (int) i && g_rand_int_range (random, 0, 4) > 0)
      continue;
    g_autofree char *said = say (random, &states[i], TRUE);
    if (changed == (int) i)
      *sentence = g_strdup (said);
    g_ptr_array_add (sentences,
                     is_numbered ? g_strdup_printf ("%u. %s", sentences->len + 1, said)
                                 : g_strdup (said));
  }
  if (sentences->len == 0)
    g_ptr_array_add (sentences, g_strdup ("No acute cardiopulmonary abnormality."));
  return sentences;
}

IvMadeReport
iv_report_make (GRand *random, IvSwap swap)
{
  State states[G_N_ELEMENTS (kinds)];
  IvMadeReport made = { NULL };
  GString *text = g_string_new (NULL);
  int changed = -1;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    states[i] = (State){ .kind = &kinds[i],
                         .is_there = g_rand_int_range (random, 0, 5) < 2,
                         .side = (guint) g_rand_int_range (random, 0, 2),
                         .grade = (guint) g_rand_int_range (random, 0, 3),
                         .place = (guint) g_rand_int_range (random, 0, G_N_ELEMENTS (places)) };
  guint first = (guint) g_rand_int_range (random, 0, G_N_ELEMENTS (kinds));
  for (guint i = 0; swap != IV_SWAP_NONE && changed < 0 && i < G_N_ELEMENTS (kinds); i++)
    if (can_swap (&states[(first + i) % G_N_ELEMENTS (kinds)], swap))
      changed = (int) ((first + i) % G_N_ELEMENTS (kinds));
  if (swap != IV_SWAP_NONE && changed < 0) { /* nothing there to swap: make it so */
    changed = 0;
    states[0].is_there = TRUE;
  }
  guint heading = (guint) g_rand_int_range (random, 0, G_N_ELEMENTS (headings));
  g_autoptr (GPtrArray) findings = make_findings (random, states);
  g_autoptr (GPtrArray) impression = make_impression (random, states, changed, swap, &made.changed);
  g_string_append (text, pick (random, openings, G_N_ELEMENTS (openings)));
  g_string_append (text, headings[heading][0]);
  add (text, findings);
  g_string_append (text, headings[heading][1]);
  add (text, impression);
  made.text = g_string_free (text, FALSE);
  return made;
}

void
iv_made_report_clear (IvMadeReport *report)
{
  g_clear_pointer (&report->text, g_free);
  g_clear_pointer (&report->changed, g_free);
}
