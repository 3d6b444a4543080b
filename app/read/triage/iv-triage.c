/* What triage found on a film: a score for each finding, and which of them are notices.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/triage/iv-triage.h"

#include "app/read/triage/iv-triage-questions.h"

static void
free_finding (IvTriageFinding *finding)
{
  g_free (finding->name);
  g_free (finding->label);
  g_array_unref (finding->evidence);
  g_free (finding);
}

IvTriage *
iv_triage_new (void)
{
  IvTriage *self = g_new0 (IvTriage, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) free_finding);
  self->temperature = 1;
  return self;
}

IvTriage *
iv_triage_ref (IvTriage *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
iv_triage_unref (IvTriage *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_ptr_array_unref (self->findings);
  g_free (self->model);
  g_free (self->model_digest);
  g_free (self->device);
  g_free (self->time);
  g_free (self->calibration);
  g_free (self);
}

IvTriageFinding *
iv_triage_add (IvTriage *self, const char *name, const char *label)
{
  IvTriageFinding *finding = g_new0 (IvTriageFinding, 1);
  finding->name = g_strdup (name);
  finding->label = g_strdup (label);
  finding->rank = self->findings->len;
  finding->evidence = g_array_new (FALSE, FALSE, sizeof (IvTriageEvidence));
  g_ptr_array_add (self->findings, finding);
  return finding;
}

const IvTriageFinding *
iv_triage_get_first_flag (const IvTriage *self, const char *const *dismissed)
{
  for (guint i = 0; i < self->findings->len; i++) {
    const IvTriageFinding *finding = g_ptr_array_index (self->findings, i);
    if (finding->is_flag && (dismissed == NULL || !g_strv_contains (dismissed, finding->name)))
      return finding;
  }
  return NULL;
}

double
iv_triage_get_urgency (const IvTriage *self, const char *const *dismissed)
{
  const IvTriageFinding *flag = iv_triage_get_first_flag (self, dismissed);
  double urgency = -1;
  if (flag != NULL)
    return IV_TRIAGE_MAX_QUESTIONS - flag->rank + flag->score;
  for (guint i = 0; i < self->findings->len; i++) {
    const IvTriageFinding *finding = g_ptr_array_index (self->findings, i);
    if (finding->status == IV_TRIAGE_SCORED)
      urgency = MAX (urgency, finding->score);
  }
  return urgency;
}

const char *
iv_triage_status_to_string (IvTriageStatus status)
{
  static const char *const names[] = {
    [IV_TRIAGE_SCORED] = "scored",
    [IV_TRIAGE_NO_ANSWER] = "no-answer",
    [IV_TRIAGE_NO_PRIOR] = "no-prior",
  };
  return names[status];
}
