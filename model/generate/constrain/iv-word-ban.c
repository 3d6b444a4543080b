/* Words that must not come, as an automaton for constrained decoding: Aho and Corasick's, over
 * folded bytes.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "model/generate/constrain/iv-word-ban.h"

#include <string.h>

#define NONE G_MAXUINT32
#define ROOT 0

/* State s of the automaton is node s - 1. */
typedef struct {
  guint32 next[256]; /* node after a folded byte */
  guint32 suffix;    /* the longest other node that the text so far also ends with */
  gboolean is_banned;
  gboolean ends_word;  /* an entry is whole but for the end of its word */
  gboolean ends_space; /* the last byte was a space */
} Node;

typedef struct {
  IvByteAutomaton parent;
  GArray *nodes;
} WordBan;

static Node *
node_at (WordBan *ban, guint32 i)
{
  return &g_array_index (ban->nodes, Node, i);
}

static guint8
fold (guint8 byte)
{
  return byte >= 0x80 || g_ascii_isalnum (byte) ? (guint8) g_ascii_tolower ((char) byte) : ' ';
}

static guint32
add_node (WordBan *ban)
{
  Node node = { 0 };
  for (guint i = 0; i < 256; i++)
    node.next[i] = NONE;
  g_array_append_val (ban->nodes, node);
  return ban->nodes->len - 1;
}

static guint32
child (WordBan *ban, guint32 parent, guint8 byte)
{
  guint32 next = node_at (ban, parent)->next[byte];
  if (next != NONE)
    return next;
  next = add_node (ban);
  node_at (ban, parent)->next[byte] = next;
  node_at (ban, next)->ends_space = byte == ' ';
  return next;
}

/* " word " or " beginn": spaces are ends of words. */
static void
add_entry (WordBan *ban, const char *entry)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (entry));
  gboolean is_beginning = g_str_has_suffix (trimmed, "*");
  guint32 at = child (ban, ROOT, ' ');
  guint8 last = ' ';
  if (is_beginning)
    trimmed[strlen (trimmed) - 1] = '\0';
  for (const char *p = trimmed; *p != '\0'; p++) {
    guint8 byte = fold ((guint8) *p);
    if (byte == ' ' && last == ' ')
      continue;
    at = child (ban, at, byte);
    last = byte;
  }
  if (at == node_at (ban, ROOT)->next[' '])
    return;
  if (!is_beginning && last != ' ') {
    node_at (ban, at)->ends_word = TRUE;
    at = child (ban, at, ' ');
  }
  node_at (ban, at)->is_banned = TRUE;
}

/* Breadth first: a node's suffix is less deep than the node. */
static void
link_nodes (WordBan *ban)
{
  g_autoptr (GArray) queue = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 root = ROOT;
  g_array_append_val (queue, root);
  for (guint i = 0; i < queue->len; i++) {
    guint32 here = g_array_index (queue, guint32, i);
    Node *node = node_at (ban, here);
    const Node *suffix = node_at (ban, node->suffix);
    node->is_banned |= suffix->is_banned;
    node->ends_word |= suffix->ends_word;
    for (guint byte = 0; byte < 256; byte++) {
      guint32 elsewhere = here == ROOT ? ROOT : suffix->next[byte];
      if (node->next[byte] == NONE) {
        node->next[byte] = elsewhere;
        continue;
      }
      node_at (ban, node->next[byte])->suffix = elsewhere;
      g_array_append_val (queue, node->next[byte]);
    }
  }
}

/* Where texts and words begin. */
static guint32
start (IvByteAutomaton *automaton)
{
  return node_at ((WordBan *) automaton, ROOT)->next[' '] + 1;
}

static guint32
step (IvByteAutomaton *automaton, guint32 state, guint8 byte)
{
  WordBan *ban = (WordBan *) automaton;
  guint8 folded = fold (byte);
  guint32 next = node_at (ban, state - 1)->next[folded];
  /* Several spaces are one: after a space, another leads nowhere new. */
  if (folded == ' ' && node_at (ban, state - 1)->ends_space)
    next = state - 1;
  return node_at (ban, next)->is_banned ? IV_BYTE_AUTOMATON_DEAD : next + 1;
}

static gboolean
may_end (IvByteAutomaton *automaton, guint32 state)
{
  return step (automaton, state, ' ') != IV_BYTE_AUTOMATON_DEAD;
}

static gboolean
may_rest (IvByteAutomaton *automaton, guint32 state)
{
  return !node_at ((WordBan *) automaton, state - 1)->ends_word;
}

static void
free_ban (IvByteAutomaton *automaton)
{
  WordBan *ban = (WordBan *) automaton;
  g_array_unref (ban->nodes);
  g_free (ban);
}

IvByteAutomaton *
iv_word_ban_new (const char *const *entries)
{
  WordBan *ban = g_new0 (WordBan, 1);
  ban->parent = (IvByteAutomaton){
    .start = start, .step = step, .may_end = may_end, .may_rest = may_rest, .free = free_ban
  };
  ban->nodes = g_array_new (FALSE, FALSE, sizeof (Node));
  add_node (ban);
  child (ban, ROOT, ' ');
  for (; *entries != NULL; entries++)
    add_entry (ban, *entries);
  link_nodes (ban);
  return &ban->parent;
}
