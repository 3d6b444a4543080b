/* What decides, byte after byte, whether a text may go on.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The state in which no continuation is allowed. */
#define IV_BYTE_AUTOMATON_DEAD 0

typedef struct IvByteAutomaton IvByteAutomaton;

/* A deterministic automaton; grammars and lists of words are two kinds. The first member of each
 * kind's own struct. A state is a number; automata may make states as they are asked for them, so
 * that state numbers hold until forget() is called. Thread-safety: one thread at a time. */
struct IvByteAutomaton {
  guint32 (*start) (IvByteAutomaton *automaton);
  /* The state after one more byte; IV_BYTE_AUTOMATON_DEAD when that byte must not come. */
  guint32 (*step) (IvByteAutomaton *automaton, guint32 state, guint8 byte);
  /* Whether the text may end here. */
  gboolean (*may_end) (IvByteAutomaton *automaton, guint32 state);
  /* Optional: whether a token may end here. Refusing it in states that can hardly go on keeps a
   * network out of dead ends. */
  gboolean (*may_rest) (IvByteAutomaton *automaton, guint32 state);
  /* Optional: bounds the memory. All states but the one given are forgotten; returns its new
   * number. */
  guint32 (*forget) (IvByteAutomaton *automaton, guint32 state);
  void (*free) (IvByteAutomaton *automaton);
};

static inline void
iv_byte_automaton_free (IvByteAutomaton *automaton)
{
  automaton->free (automaton);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IvByteAutomaton, iv_byte_automaton_free)

/* Whether the whole text is allowed and may end. */
static inline gboolean
iv_byte_automaton_matches (IvByteAutomaton *automaton, const char *text, gsize length)
{
  guint32 state = automaton->start (automaton);
  for (gsize i = 0; i < length && state != IV_BYTE_AUTOMATON_DEAD; i++)
    state = automaton->step (automaton, state, (guint8) text[i]);
  return state != IV_BYTE_AUTOMATON_DEAD && automaton->may_end (automaton, state);
}

G_END_DECLS
