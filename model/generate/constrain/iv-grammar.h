/* Context-free grammars over texts, as automata for constrained decoding.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/generate/constrain/iv-byte-automaton.h"

G_BEGIN_DECLS

/* A grammar in the GBNF notation:
 *
 *   root   ::= "yes" | "no" | list     # the text is a root
 *   list   ::= "[" item ("," item){0,9} "]"
 *   item   ::= [a-zé가-힣]+ | [^\x00-\x1f"]  # classes of characters, or of all others
 *
 * with "…" literals (escapes \" \\ \n \r \t \xHH \uHHHH \UHHHHHHHH), [...] classes, . for any
 * character, ( ) groups, | and the repetitions * + ? {m} {m,} {m,n}. A rule ends at the end of its
 * line unless a group is open or the next line begins with |. Only valid UTF-8 matches classes.
 *
 * States are made as they are needed, about 1 KB each; forget() keeps them few.
 * Errors: IV_MODEL_ERROR_FORMAT with line and column for a mistake, an unknown or twice defined
 * rule, left recursion (also through a repeated part that may be empty), or a grammar of more than
 * 2^20 elements. Thread-safety: one thread at a time. */
IvByteAutomaton *iv_grammar_new (const char *text, GError **error);

G_END_DECLS
