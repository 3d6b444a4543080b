/* The automaton of a grammar, made as far as texts go.
 *
 * A stack is the positions in the rules at which matching goes on, the innermost on top; stacks
 * share their lower parts. A state is a set of stacks, each with a set of bytes on top: all ways in
 * which the text so far can go on. Rules that are called last leave no trace, so that repetitions
 * do not grow stacks.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/constrain/iv-grammar.h"

#include <string.h>

#include "model/files/iv-model-error.h"
#include "model/generate/constrain/iv-grammar-private.h"

#define NO_STACK 0
#define UNKNOWN G_MAXUINT32
/* forget() keeps what is below. */
#define MANY_STATES 4096
#define MANY_STACKS (1u << 18)

/* A position in the elements on the stack below. */
typedef struct {
  guint32 position;
  guint32 below; /* a stack; NO_STACK under the root */
} Stack;

typedef struct {
  guint32 *stacks; /* [n_stacks], ascending */
  guint n_stacks;
  gboolean may_end;
  guint32 next[256]; /* state after each byte; UNKNOWN until asked for */
} State;

typedef struct {
  IvByteAutomaton parent;
  IvGrammarRules *rules;
  GArray *stacks;        /* Stack; number 0 is none */
  GHashTable *stack_ids; /* Stack → its number */
  GPtrArray *states;     /* State; number 0 is the dead one */
  GHashTable *state_ids; /* State → its number */
  GArray *found;         /* guint32 stacks of the state that is being made */
  GHashTable *visited;   /* numbers of stacks seen while it is made */
  gboolean found_end;
} Grammar;

/* --- stacks --------------------------------------------------------------------------------- */

static guint
hash_stack (gconstpointer key)
{
  const Stack *stack = key;
  return stack->position * 2654435761u ^ stack->below * 40503u;
}

static gboolean
equal_stacks (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (Stack)) == 0;
}

static guint32
stack_id (Grammar *grammar, guint32 position, guint32 below)
{
  Stack stack = { position, below };
  gpointer id = g_hash_table_lookup (grammar->stack_ids, &stack);
  if (id != NULL)
    return GPOINTER_TO_UINT (id);
  g_array_append_val (grammar->stacks, stack);
  guint32 number = grammar->stacks->len - 1;
  g_hash_table_insert (
      grammar->stack_ids, g_memdup2 (&stack, sizeof stack), GUINT_TO_POINTER (number));
  return number;
}

static const IvElement *
element_at (const Grammar *grammar, guint32 position)
{
  return &g_array_index (grammar->rules->elements, IvElement, position);
}

static gboolean
is_sequence_end (const IvElement *element)
{
  return element->kind == IV_ELEMENT_END || element->kind == IV_ELEMENT_OR;
}

/* Finds the stacks, with bytes on top, to which a position on a stack leads without a byte. */
static void
expand (Grammar *grammar, guint32 position, guint32 below)
{
  const IvElement *element = element_at (grammar, position);
  if (is_sequence_end (element)) {
    if (below == NO_STACK) {
      grammar->found_end = TRUE;
      return;
    }
    Stack caller = g_array_index (grammar->stacks, Stack, below);
    expand (grammar, caller.position, caller.below);
    return;
  }
  guint32 here = stack_id (grammar, position, below);
  if (!g_hash_table_add (grammar->visited, GUINT_TO_POINTER (here)))
    return;
  if (element->kind == IV_ELEMENT_BYTES) {
    g_array_append_val (grammar->found, here);
    return;
  }
  guint32 after = position + 1;
  if (!is_sequence_end (element_at (grammar, after)))
    below = stack_id (grammar, after, below);
  guint32 start = g_array_index (grammar->rules->rules, guint32, element->value);
  for (guint32 at = start;; at++) {
    IvElementKind before = at == start ? IV_ELEMENT_OR : element_at (grammar, at - 1)->kind;
    if (before == IV_ELEMENT_OR)
      expand (grammar, at, below);
    if (element_at (grammar, at)->kind == IV_ELEMENT_END)
      return;
  }
}

/* --- states --------------------------------------------------------------------------------- */

static guint
hash_state (gconstpointer key)
{
  const State *state = key;
  guint hash = (guint) state->may_end;
  for (guint i = 0; i < state->n_stacks; i++)
    hash = hash * 31 + state->stacks[i] * 2654435761u;
  return hash;
}

static gboolean
equal_states (gconstpointer a, gconstpointer b)
{
  const State *x = a, *y = b;
  return x->may_end == y->may_end && x->n_stacks == y->n_stacks &&
         (x->n_stacks == 0 ||
          memcmp (x->stacks, y->stacks, x->n_stacks * sizeof x->stacks[0]) == 0);
}

static void
free_state (gpointer data)
{
  State *state = data;
  if (state != NULL)
    g_free (state->stacks);
  g_free (state);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;
  return x < y ? -1 : x > y;
}

static void
begin_state (Grammar *grammar)
{
  g_array_set_size (grammar->found, 0);
  g_hash_table_remove_all (grammar->visited);
  grammar->found_end = FALSE;
}

/* The number of the state with the stacks found since begin_state(). */
static guint32
finish_state (Grammar *grammar)
{
  if (grammar->found->len == 0 && !grammar->found_end)
    return IV_BYTE_AUTOMATON_DEAD;
  g_array_sort (grammar->found, compare_ids);
  State key = { .stacks = (guint32 *) (gpointer) grammar->found->data,
                .n_stacks = grammar->found->len,
                .may_end = grammar->found_end };
  gpointer id = g_hash_table_lookup (grammar->state_ids, &key);
  if (id != NULL)
    return GPOINTER_TO_UINT (id);
  State *state = g_new (State, 1);
  *state = key;
  state->stacks = g_memdup2 (key.stacks, key.n_stacks * sizeof key.stacks[0]);
  memset (state->next, 0xFF, sizeof state->next);
  g_ptr_array_add (grammar->states, state);
  guint32 number = grammar->states->len - 1;
  g_hash_table_insert (grammar->state_ids, state, GUINT_TO_POINTER (number));
  return number;
}

static void
clear (Grammar *grammar)
{
  g_hash_table_remove_all (grammar->state_ids);
  g_ptr_array_set_size (grammar->states, 0);
  g_ptr_array_add (grammar->states, NULL);
  g_hash_table_remove_all (grammar->stack_ids);
  g_array_set_size (grammar->stacks, 1);
}

/* --- the automaton -------------------------------------------------------------------------- */

static guint32
start (IvByteAutomaton *automaton)
{
  Grammar *grammar = (Grammar *) automaton;
  begin_state (grammar);
  /* The last two elements call the root. */
  expand (grammar, grammar->rules->elements->len - 2, NO_STACK);
  return finish_state (grammar);
}

static guint32
step (IvByteAutomaton *automaton, guint32 number, guint8 byte)
{
  Grammar *grammar = (Grammar *) automaton;
  State *state = g_ptr_array_index (grammar->states, number);
  if (state == NULL || state->next[byte] != UNKNOWN)
    return state == NULL ? IV_BYTE_AUTOMATON_DEAD : state->next[byte];
  begin_state (grammar);
  for (guint i = 0; i < state->n_stacks; i++) {
    Stack stack = g_array_index (grammar->stacks, Stack, state->stacks[i]);
    guint32 set = element_at (grammar, stack.position)->value;
    if (iv_byte_set_has (&g_array_index (grammar->rules->byte_sets, IvByteSet, set), byte))
      expand (grammar, stack.position + 1, stack.below);
  }
  state->next[byte] = finish_state (grammar);
  return state->next[byte];
}

static gboolean
may_end (IvByteAutomaton *automaton, guint32 number)
{
  const State *state = g_ptr_array_index (((Grammar *) automaton)->states, number);
  return state != NULL && state->may_end;
}

/* A stack's positions from the top down, appended. */
static void
write_stack (const Grammar *grammar, guint32 id, GArray *positions)
{
  for (; id != NO_STACK; id = g_array_index (grammar->stacks, Stack, id).below)
    g_array_append_val (positions, g_array_index (grammar->stacks, Stack, id).position);
}

static guint32
forget (IvByteAutomaton *automaton, guint32 number)
{
  Grammar *grammar = (Grammar *) automaton;
  const State *state = g_ptr_array_index (grammar->states, number);
  if (state == NULL || (grammar->states->len < MANY_STATES && grammar->stacks->len < MANY_STACKS))
    return number;
  g_autoptr (GArray) positions = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (guint32));
  gboolean ended = state->may_end;
  for (guint i = 0; i < state->n_stacks; i++) {
    write_stack (grammar, state->stacks[i], positions);
    g_array_append_val (ends, positions->len);
  }
  clear (grammar);
  begin_state (grammar);
  grammar->found_end = ended;
  for (guint i = 0, at = 0; i < ends->len; i++) {
    guint32 end = g_array_index (ends, guint32, i), id = NO_STACK;
    for (guint p = end; p-- > at;)
      id = stack_id (grammar, g_array_index (positions, guint32, p), id);
    at = end;
    g_array_append_val (grammar->found, id);
  }
  return finish_state (grammar);
}

static void
free_grammar (IvByteAutomaton *automaton)
{
  Grammar *grammar = (Grammar *) automaton;
  iv_grammar_rules_free (grammar->rules);
  g_hash_table_unref (grammar->state_ids);
  g_ptr_array_unref (grammar->states);
  g_hash_table_unref (grammar->stack_ids);
  g_array_unref (grammar->stacks);
  g_array_unref (grammar->found);
  g_hash_table_unref (grammar->visited);
  g_free (grammar);
}

/* --- left recursion ------------------------------------------------------------------------- */

typedef enum {
  NOT_SEEN,
  OPEN, /* further up in the chain of leftmost rules */
  DONE,
} Mark;

typedef struct {
  const IvGrammarRules *rules;
  guint8 *may_be_empty; /* [n rules] */
  guint8 *marks;        /* [n rules] Mark */
} Check;

/* Whether one of the rule's alternatives can match nothing, as far as is known. */
static gboolean
is_empty_so_far (const Check *check, guint rule)
{
  const IvElement *element = &g_array_index (
      check->rules->elements, IvElement, g_array_index (check->rules->rules, guint32, rule));
  for (gboolean is_empty = TRUE;; element++) {
    if (element->kind == IV_ELEMENT_BYTES ||
        (element->kind == IV_ELEMENT_RULE && !check->may_be_empty[element->value]))
      is_empty = FALSE;
    if (is_sequence_end (element) && is_empty)
      return TRUE;
    if (element->kind == IV_ELEMENT_END)
      return FALSE;
    if (element->kind == IV_ELEMENT_OR)
      is_empty = TRUE;
  }
}

static void
find_empty (Check *check)
{
  gboolean has_changed = TRUE;
  while (has_changed) {
    has_changed = FALSE;
    for (guint rule = check->rules->rules->len; rule-- > 0;)
      if (!check->may_be_empty[rule] && is_empty_so_far (check, rule))
        has_changed = check->may_be_empty[rule] = TRUE;
  }
}

typedef struct {
  guint32 rule, at; /* where in the elements its leftmost rules are looked for */
  gboolean is_left; /* nothing but what may be empty came before in this alternative */
} Frame;

/* The next rule that can come first in the frame's rule, or UNKNOWN. */
static guint32
next_leftmost (const Check *check, Frame *frame)
{
  for (;; frame->at++) {
    const IvElement *element = &g_array_index (check->rules->elements, IvElement, frame->at);
    if (element->kind == IV_ELEMENT_END)
      return UNKNOWN;
    if (element->kind == IV_ELEMENT_OR)
      frame->is_left = TRUE;
    else if (element->kind == IV_ELEMENT_BYTES)
      frame->is_left = FALSE;
    else if (frame->is_left) {
      frame->is_left = check->may_be_empty[element->value];
      frame->at++;
      return element->value;
    }
  }
}

/* Depth first, with a stack of its own: chains can be as long as the grammar. */
static gboolean
has_left_recursion (Check *check, guint32 first)
{
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  for (guint32 rule = first;;) {
    if (rule != UNKNOWN && check->marks[rule] == OPEN)
      return TRUE;
    if (rule != UNKNOWN && check->marks[rule] == NOT_SEEN) {
      Frame frame = { rule, g_array_index (check->rules->rules, guint32, rule), TRUE };
      check->marks[rule] = OPEN;
      g_array_append_val (frames, frame);
    }
    if (frames->len == 0)
      return FALSE;
    Frame *top = &g_array_index (frames, Frame, frames->len - 1);
    rule = next_leftmost (check, top);
    if (rule == UNKNOWN) {
      check->marks[top->rule] = DONE;
      g_array_set_size (frames, frames->len - 1);
    }
  }
}

static gboolean
check_left_recursion (const IvGrammarRules *rules, GError **error)
{
  g_autofree guint8 *may_be_empty = g_new0 (guint8, rules->rules->len);
  g_autofree guint8 *marks = g_new0 (guint8, rules->rules->len);
  Check check = { rules, may_be_empty, marks };
  find_empty (&check);
  for (guint32 rule = 0; rule < rules->rules->len; rule++)
    if (marks[rule] == NOT_SEEN && has_left_recursion (&check, rule)) {
      g_set_error_literal (error,
                           IV_MODEL_ERROR,
                           IV_MODEL_ERROR_FORMAT,
                           "grammar: a rule begins with itself (left recursion), or a repeated "
                           "part may be empty");
      return FALSE;
    }
  return TRUE;
}

IvByteAutomaton *
iv_grammar_new (const char *text, GError **error)
{
  g_autoptr (IvGrammarRules) rules = iv_grammar_parse (text, error);
  if (rules == NULL || !check_left_recursion (rules, error))
    return NULL;
  const IvElement call[] = { { IV_ELEMENT_RULE, 0 }, { IV_ELEMENT_END, 0 } };
  g_array_append_vals (rules->elements, call, G_N_ELEMENTS (call));
  Grammar *grammar = g_new0 (Grammar, 1);
  grammar->parent = (IvByteAutomaton){
    .start = start, .step = step, .may_end = may_end, .forget = forget, .free = free_grammar
  };
  grammar->rules = g_steal_pointer (&rules);
  grammar->stacks = g_array_new (FALSE, TRUE, sizeof (Stack));
  g_array_set_size (grammar->stacks, 1);
  grammar->stack_ids = g_hash_table_new_full (hash_stack, equal_stacks, g_free, NULL);
  grammar->states = g_ptr_array_new_with_free_func (free_state);
  g_ptr_array_add (grammar->states, NULL);
  grammar->state_ids = g_hash_table_new (hash_state, equal_states);
  grammar->found = g_array_new (FALSE, FALSE, sizeof (guint32));
  grammar->visited = g_hash_table_new (NULL, NULL);
  return &grammar->parent;
}
