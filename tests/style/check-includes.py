"""Includes go only downwards: ui, app (cli, read, compare, study and engine), model, vulkan.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import re

import tap

# A room, and the rooms whose headers it may include besides its own.
ALLOWED = {
    "shaders": [],
    "vulkan": ["shaders"],
    "model/files": [],
    "model/ops": ["model/files", "vulkan", "shaders"],
    "model/nets": ["model/ops", "model/files", "vulkan", "shaders"],
    "model/generate": ["model/nets", "model/ops", "model/files", "vulkan"],
    "app/study": [],
    "app/engine": ["model", "vulkan"],
    "app/compare": ["app/study", "app/engine", "vulkan", "shaders"],
    "app/read": ["app/study", "app/engine", "app/compare", "model", "vulkan"],
    "app/cli": ["app", "model", "vulkan", "tests/oracle"],
    "ui": ["app", "model/files"],
}
# Toolkit headers and the only rooms that may see them.
FENCED = {"gtk/": ["ui", "tests"], "adwaita.h": ["ui", "tests"], "gdk/": ["ui", "tests"],
          "gdcm": ["app/study"], "vulkan/vulkan": ["vulkan", "tests"], "sqlite3.h": ["app", "tests"]}


def room_of(name):
    return next((r for r in ALLOWED if name.startswith(r + "/")), None)


def includes(name):
    for number, line in enumerate(tap.read(name).split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
        if match:
            yield number, match.group(1), match.group(2)


def includes_go_downwards():
    for name in tap.files(".c", ".h", ".cc"):
        room = room_of(name)
        if room is None:
            continue
        for number, kind, target in includes(name):
            if kind == '"' and target not in ("config.h",) and "/" in target:
                if not any(target.startswith(r + "/") for r in [room] + ALLOWED[room]):
                    yield f"{name}:{number}: {room} may not include {target}"


def own_headers_are_named_from_the_root():
    for name in tap.files(".c", ".h", ".cc"):
        if room_of(name) is None:
            continue
        for number, kind, target in includes(name):
            if kind == '"' and target.startswith("iv-") and "/" not in target and not target.startswith("iv-resources"):
                yield f"{name}:{number}: write the folder before {target}"


def toolkits_stay_behind_their_fence():
    for name in tap.files(".c", ".h", ".cc"):
        for number, kind, target in includes(name):
            for prefix, rooms in FENCED.items():
                if kind == "<" and target.startswith(prefix) and not any(name.startswith(r + "/") for r in rooms):
                    yield f"{name}:{number}: <{target}> belongs to {', '.join(rooms)}"


def cplusplus_is_one_file():
    sources = tap.files(".cc", ".cpp")
    if len(sources) > 1:
        yield f"C++ in more than one file: {', '.join(sources)}"


tap.run(includes_go_downwards, own_headers_are_named_from_the_root,
        toolkits_stay_behind_their_fence, cplusplus_is_one_file)
