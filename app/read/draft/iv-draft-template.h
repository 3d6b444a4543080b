/* The prompt of a report draft as a text file: what one family of models is asked, and how.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "app/study/iv-radiograph-info.h"
#include "model/files/iv-weights.h"

G_BEGIN_DECLS

/* What a draft can be made from; bits. The current film is always there. */
typedef enum {
  IV_DRAFT_CURRENT = 1 << 0,
  IV_DRAFT_LATERAL = 1 << 1,
  IV_DRAFT_PRIOR = 1 << 2,
  IV_DRAFT_PRIOR_REPORT = 1 << 3,
} IvDraftParts;

/* In what form a model says where something is. */
typedef enum {
  IV_PLACES_NONE,
  IV_PLACES_AUTO,        /* by the projector */
  IV_PLACES_GEMMA,       /* {"box_2d":[y0,x0,y1,x1]}, thousandths */
  IV_PLACES_QWEN_PIXELS, /* {"bbox_2d":[x0,y0,x1,y1]}, pixels of the resized picture */
  IV_PLACES_QWEN_1000,   /* the same, thousandths; also Qwen2-VL's box tokens */
  IV_PLACES_MAIRA,       /* <box><x10><y20><x30><y40></box>, hundredths */
} IvPlaces;

/* Of one [draft …] section. */
typedef struct {
  guint parts; /* IvDraftParts it asks for */
  char *text;
} IvDraftQuestion;

/* Immutable. Thread-safety of all in this header: any. */
typedef struct {
  char *name;      /* "medgemma" */
  char *source;    /* file, for messages */
  gboolean is_raw; /* the question is the whole prompt; no chat template */
  IvPlaces places;
  IvDraftParts order[3]; /* of the films in {{images}}; 0 at the end */
  char *views[4];        /* by IvView */
  char *missing;         /* stands for what is not there; NULL: the line is left out */
  double temperature, top_p;
  guint max_tokens;
  guint image_tokens;            /* that one film may take, where the model leaves its size open */
  char *system, *image, *locate; /* NULL: no such section */
  GArray *questions;             /* IvDraftQuestion */
} IvDraftTemplate;

/* The family's file of prompts/report, or the reader's own. Errors: those of iv_prompt_load (),
 * IV_READ_ERROR_INVALID with file and line. (transfer full) */
IvDraftTemplate *iv_draft_template_load (const char *family, GError **error);
/* text: of such a file; source names it in errors. */
IvDraftTemplate *
iv_draft_template_parse (const char *family, const char *text, const char *source, GError **error);
void iv_draft_template_free (IvDraftTemplate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvDraftTemplate, iv_draft_template_free)

/* The question that asks for most of the parts that there are. */
const IvDraftQuestion *iv_draft_template_choose (const IvDraftTemplate *self, guint parts);

/* Which family a model belongs to by its files: its names, its projector. Static; "generic" when
 * nothing tells. projector: IvVisionConfig.projector. */
const char *iv_draft_family_find (IvWeights *weights, const char *projector);
/* The families that ship with Interval, NULL-terminated, static. */
const char *const *iv_draft_family_list (void);
/* IV_PLACES_AUTO resolved. */
IvPlaces iv_places_resolve (IvPlaces places, const char *projector);

G_END_DECLS
