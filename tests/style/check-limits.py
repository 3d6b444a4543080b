"""Sizes, heads and words: what CONTRIBUTING.md promises about every file.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import re

import tap

SOURCES = (".c", ".h", ".cc", ".comp", ".glsl", ".py")
# Generated tables may be long: nobody reads them line by line.
TABLES = ("-table.h", "-table.c")
# Tables, create-info fill-ins and set-up functions are exempt from the function limit.
EXEMPT = re.compile(r"class_init|main|_get_type|init_template|usage")


def files_have_at_most_1000_lines():
    for name in tap.files(*SOURCES):
        lines = tap.read(name).count("\n")
        if lines > 1000 and not name.endswith(TABLES):
            yield f"{name}: {lines} lines"


def functions_have_at_most_100_lines():
    for name in tap.files(".c", ".cc"):
        start, header = None, ""
        lines = tap.read(name).split("\n")
        for number, line in enumerate(lines, 1):
            if line == "{" and start is None:
                start, header = number, lines[number - 2]
            elif line == "}" and start is not None:
                if number - start > 100 and not EXEMPT.search(header):
                    yield f"{name}:{start}: {number - start} lines: {header.strip()}"
                start = None


def lines_have_at_most_100_columns():
    for name in tap.files(".c", ".h", ".cc", ".comp", ".glsl"):
        if name.endswith(TABLES):
            continue
        for number, line in enumerate(tap.read(name).split("\n"), 1):
            if len(line) > 100 and "http" not in line:
                yield f"{name}:{number}: {len(line)} columns"


def sources_have_a_head():
    for name in tap.files(*SOURCES):
        head = "\n".join(tap.read(name).split("\n")[:8])
        if "Copyright 2026 The Interval developers" not in head or "SPDX-License-Identifier: GPL-3.0-or-later" not in head:
            yield f"{name}: no copyright and SPDX line at its top"


def there_is_no_goto():
    for name in tap.files(".c", ".cc"):
        for number, line in enumerate(tap.read(name).split("\n"), 1):
            if re.match(r"\s*goto\s+\w+;", line):
                yield f"{name}:{number}: goto"


def folders_have_a_readme():
    rooms = ("app", "app/study", "app/engine", "app/compare", "app/read", "app/cli", "data", "data/demo",
             "model", "model/files", "model/ops", "model/nets", "model/generate",
             "shaders", "tests", "ui", "vulkan")
    for room in rooms:
        path = os.path.join(tap.ROOT, room, "README.md")
        if not tap.files(".c", ".comp", under=(room,)):
            continue
        if not os.path.exists(path):
            yield f"{room}: no README.md"
        elif not 5 <= open(path, encoding="utf-8").read().count("\n") <= 60:
            yield f"{room}/README.md: not between 5 and 60 lines"


def no_path_of_a_build_machine():
    # Split so that this file does not find itself.
    words = re.compile("(^|[^a-zA-Z0-9_.-])/(wo" + "rk|fa" + "rm)/|deb\\.debian\\.o" + "rg|registry\\.npm" + "js")
    for name in tap.files(*SOURCES, ".md", ".sh", ".build", ".xml", ".ui", ".json", under=(".",)):
        for number, line in enumerate(tap.read(name).split("\n"), 1):
            if words.search(line):
                yield f"{name}:{number}: {line.strip()[:80]}"


tap.run(files_have_at_most_1000_lines, functions_have_at_most_100_lines,
        lines_have_at_most_100_columns, sources_have_a_head, there_is_no_goto,
        folders_have_a_readme, no_path_of_a_build_machine)
