"""Desktop file, metainfo, settings schema and translations are valid and complete.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import re
import subprocess
import tempfile

import tap

APP = "io.github.intervalcxr.Interval"


def problems_of(*command):
    result = subprocess.run(command, cwd=tap.ROOT, capture_output=True, text=True)
    if result.returncode != 0:
        yield f"{' '.join(command)}: {(result.stdout + result.stderr).strip()}"


def desktop_file_is_valid():
    yield from problems_of("desktop-file-validate", f"data/{APP}.desktop")


def metainfo_is_valid():
    yield from problems_of("appstreamcli", "validate", "--no-net", f"data/{APP}.metainfo.xml")


def settings_schema_compiles():
    with tempfile.TemporaryDirectory() as folder:
        yield from problems_of("glib-compile-schemas", "--strict", "--targetdir", folder, "data")


def potfiles_name_every_file_with_words():
    listed = {line.strip() for line in tap.read("po/POTFILES.in").split("\n")
              if line.strip() and not line.startswith("#")}
    word = re.compile(r'(?<![A-Za-z0-9_])(_|N_|C_|g_dngettext|ngettext) \(\s*"|translatable="(yes|true)"')
    for name in tap.files(".c", ".h", ".ui", under=("app", "ui")):
        if word.search(tap.read(name)) and name not in listed:
            yield f"po/POTFILES.in: {name} is missing"
    for name in listed:
        if not os.path.exists(os.path.join(tap.ROOT, name)):
            yield f"po/POTFILES.in: {name} does not exist"


def translations_are_complete():
    with tempfile.TemporaryDirectory() as folder:
        pot = os.path.join(folder, "interval.pot")
        yield from problems_of("xgettext", "--from-code=UTF-8", "--files-from=po/POTFILES.in", "--keyword=_",
                               "--keyword=N_", "--keyword=C_:1c,2", "--keyword=ngettext:1,2", "--keyword=g_dngettext:2,3", "-o", pot)
        for language in tap.read("po/LINGUAS").split():
            merged = os.path.join(folder, language + ".po")
            yield from problems_of("msgmerge", "-q", "--no-fuzzy-matching", "-o", merged, f"po/{language}.po", pot)
            yield from problems_of("msgfmt", "--check", "-o", os.devnull, merged)
            done = subprocess.run(["msgfmt", "--statistics", "-o", os.devnull, merged],
                                  capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stderr
            if "untranslated" in done or "fuzzy" in done:
                yield f"po/{language}.po: {done.strip()}"


tap.run(desktop_file_is_valid, metainfo_is_valid, settings_schema_compiles,
        potfiles_name_every_file_with_words, translations_are_complete)
