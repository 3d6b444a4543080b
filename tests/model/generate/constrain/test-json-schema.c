/* JSON schemas as grammars: what is valid passes, what is not does not.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "model/files/iv-model-error.h"
#include "model/generate/constrain/iv-grammar.h"
#include "model/generate/constrain/iv-json-schema.h"

static IvByteAutomaton *
new_automaton (const char *schema)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *grammar = iv_json_schema_to_grammar (schema, -1, &error);
  g_assert_no_error (error);
  IvByteAutomaton *automaton = iv_grammar_new (grammar, &error);
  g_assert_no_error (error);
  return automaton;
}

typedef struct {
  const char *schema;
  const char *yes[6], *no[8];
} Case;

static const Case cases[] = {
  { "{'type':'boolean'}", { "true", "false", " true" }, { "", "TRUE", "true " } },
  { "{'type':['integer','null']}", { "0", "-12", "null" }, { "01", "-", "1.5", "+1" } },
  { "{'type':'number'}", { "0", "-1.25", "3e8", "1.5E-7" }, { ".5", "1.", "1e", "--1" } },
  { "{'type':'integer','minimum':-1,'maximum':2}", { "-1", "0", "2" }, { "-2", "3", "22" } },
  { "{'type':'string','minLength':1,'maxLength':3}",
    { "'a'", "'흉부x'", "'\\\\n\\\"'" },
    { "''", "'abcd'", "'a", "'\n'", "'\\q'", "a" } },
  { "{'enum':['left','right',2,null]}", { "'left'", "'right'", "2", "null" }, { "left", "'up'" } },
  { "{'const':'a\\\"b'}", { "'a\\\"b'" }, { "'a'" } },
  { "{'type':'array','items':{'type':'integer'},'minItems':1,'maxItems':3}",
    { "[1]", "[1,2]", "[ 1, 2 ,3 ]" },
    { "[]", "[1,2,3,4]", "[1,]", "[1 2]" } },
  { "{'type':'array','items':{'type':'null'}}", { "[]", "[null, null]" }, { "[", "[,]" } },
  { "{'type':'array','items':{'type':'null'},'maxItems':0}", { "[]" }, { "[null]" } },
  { "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'null'},"
    "'c':{'type':'boolean'}},'required':['b']}",
    { "{'b':null}",
      "{'a':1,'b':null}",
      "{'b': null, 'c': true}",
      "{\n  'a': 1,\n 'b':null,'c':false}" },
    { "{}", "{'a':1}", "{'b':null,'a':1}", "{'b':null,}", "{,'b':null}", "{'a':1 'b':null}" } },
  { "{'type':'object','properties':{}}", { "{}", "{ }" }, { "{'a':1}" } },
  { "{'anyOf':[{'type':'null'},{'type':'object','properties':{'x':{'type':'null'}}}]}",
    { "null", "{}", "{'x':null}" },
    { "[]" } },
  { "{'$ref':'#/$defs/tree','$defs':{'tree':{'type':'object','properties':{'of':{'type':'array',"
    "'items':{'$ref':'#/$defs/tree'}}},'required':['of']}}}",
    { "{'of':[]}", "{'of':[{'of':[]},{'of':[{'of':[]}]}]}" },
    { "{'of':[{}]}", "{}" } },
};

/* Single quotes stand for double ones. */
static char *
with_quotes (const char *text)
{
  return g_strdelimit (g_strdup (text), "'", '"');
}

static void
test_values (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *schema = with_quotes (cases[i].schema);
    g_autoptr (IvByteAutomaton) automaton = new_automaton (schema);
    for (guint k = 0; k < 16; k++) {
      gboolean is_yes = k < 8;
      const char *text = is_yes ? (k < 6 ? cases[i].yes[k] : NULL) : cases[i].no[k - 8];
      g_autofree char *value = text != NULL ? with_quotes (text) : NULL;
      if (value != NULL && iv_byte_automaton_matches (automaton, value, strlen (value)) != is_yes)
        g_error ("%s %s %s", schema, is_yes ? "refuses" : "matches", value);
    }
  }
}

static void
test_mistakes (void)
{
  static const struct {
    const char *schema;
    int code;
    const char *message;
  } mistakes[] = {
    { "[", IV_MODEL_ERROR_FORMAT, "schema: *" },
    { "{}", IV_MODEL_ERROR_UNSUPPORTED, "*#: the type “(none)”*" },
    { "{'type':'text'}", IV_MODEL_ERROR_UNSUPPORTED, "*“text”*" },
    { "{'type':'string','pattern':'a'}", IV_MODEL_ERROR_UNSUPPORTED, "*“pattern”*" },
    { "{'type':'object','properties':{'a':{'type':'string','format':'date'}}}",
      IV_MODEL_ERROR_UNSUPPORTED,
      "*#/properties/a: *“format”*" },
    { "{'type':'array'}", IV_MODEL_ERROR_UNSUPPORTED, "*“items”*" },
    { "{'type':'object'}", IV_MODEL_ERROR_UNSUPPORTED, "*“properties”*" },
    { "{'type':'object','properties':{},'required':['a']}", IV_MODEL_ERROR_FORMAT, "*required*" },
    { "{'type':'object','properties':{},'required':1}", IV_MODEL_ERROR_FORMAT, "*required*" },
    { "{'type':'string','maxLength':-1}", IV_MODEL_ERROR_FORMAT, "*“maxLength”*" },
    { "{'type':'string','maxLength':1e9}", IV_MODEL_ERROR_FORMAT, "*“maxLength”*" },
    { "{'type':'string','minLength':3,'maxLength':2}", IV_MODEL_ERROR_FORMAT, "*more than*" },
    { "{'type':'integer','minimum':0}", IV_MODEL_ERROR_UNSUPPORTED, "*maximum*" },
    { "{'type':'integer','minimum':0,'maximum':1e6}", IV_MODEL_ERROR_UNSUPPORTED, "*apart*" },
    { "{'type':'integer','minimum':0.2,'maximum':0.8}", IV_MODEL_ERROR_FORMAT, "*no integer*" },
    { "{'type':'number','minimum':0}", IV_MODEL_ERROR_UNSUPPORTED, "*integers only*" },
    { "{'enum':[]}", IV_MODEL_ERROR_FORMAT, "*“enum”*" },
    { "{'anyOf':3}", IV_MODEL_ERROR_FORMAT, "*“anyOf”*" },
    { "{'$ref':'other.json'}", IV_MODEL_ERROR_UNSUPPORTED, "*“other.json”*" },
    { "{'type':[]}", IV_MODEL_ERROR_FORMAT, "*empty list*" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *schema = with_quotes (mistakes[i].schema);
    g_assert_null (iv_json_schema_to_grammar (schema, -1, &error));
    g_assert_error (error, IV_MODEL_ERROR, mistakes[i].code);
    if (!g_pattern_match_simple (mistakes[i].message, error->message))
      g_error ("%s: %s", schema, error->message);
  }
}

/* A schema that is only itself has no value; the grammar says so. */
static void
test_endless (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *grammar = iv_json_schema_to_grammar (
      "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"$ref\":\"#/$defs/a\"}}}", -1, &error);
  g_assert_no_error (error);
  g_assert_null (iv_grammar_new (grammar, &error));
  g_assert_error (error, IV_MODEL_ERROR, IV_MODEL_ERROR_FORMAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-schema/values", test_values);
  g_test_add_func ("/json-schema/mistakes", test_mistakes);
  g_test_add_func ("/json-schema/endless", test_endless);
  return g_test_run ();
}
