"""The layout of C and C++ is what clang-format makes of it.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import subprocess

import tap


def sources_are_formatted():
    names = [n for n in tap.files(".c", ".h", ".cc") if not n.endswith(("-table.h", "-table.c"))]
    result = subprocess.run(["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", *names],
                            cwd=tap.ROOT, capture_output=True, text=True)
    for line in result.stderr.split("\n"):
        if "error:" in line:
            yield line


tap.run(sources_are_formatted)
