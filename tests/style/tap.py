"""Style checks as TAP: each check is a function that yields what is wrong.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CODE = ("app", "data", "model", "shaders", "tests", "ui", "vulkan")


def files(*suffixes, under=CODE):
    """Paths, relative to the root, of the project's own files with these suffixes."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", *under],
        capture_output=True, text=True)
    if listed.returncode == 0:
        names = listed.stdout.split("\n")
    else:
        # A source archive has no git: every file below the folders is the project's.
        names = [os.path.relpath(os.path.join(d, f), ROOT) for top in under
                 for d, _, fs in os.walk(os.path.join(ROOT, top)) for f in fs]
    return sorted(n for n in set(names) if n.endswith(suffixes) and os.path.exists(os.path.join(ROOT, n)))


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as f:
        return f.read()


def run(*checks):
    """Runs the checks; exit status 1 when one of them found something."""
    print(f"1..{len(checks)}")
    failed = 0
    for number, check in enumerate(checks, 1):
        problems = list(check())
        for problem in problems[:50]:
            print(f"# {problem}")
        failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {number} - {check.__name__.replace('_', ' ')}")
    sys.exit(1 if failed else 0)
