#!/bin/sh
# Runs a command on a display and a session bus of its own.
# Copyright 2026 The Interval developers
# SPDX-License-Identifier: GPL-3.0-or-later
set -e
if ! command -v xvfb-run >/dev/null || ! command -v dbus-run-session >/dev/null; then
  echo "1..0 # SKIP needs xvfb-run and dbus-run-session"
  exit 0
fi
run=$(mktemp -d "${TMPDIR:-/tmp}/interval-ui-XXXXXX")
chmod 700 "$run"
trap 'rm -rf "$run"' EXIT
export XDG_RUNTIME_DIR="$run" GDK_BACKEND=x11 GSK_RENDERER=cairo LIBGL_ALWAYS_SOFTWARE=1
export LC_ALL=C.UTF-8 NO_AT_BRIDGE=0 GTK_A11Y="${GTK_A11Y:-atspi}"
# -noreset: without it the display starts anew when the first client leaves.
# What the bus starts talks on the bus's standard output; that of the command alone is TAP.
exec 9>&1
xvfb-run -a -s '-screen 0 1600x1000x24 -noreset' dbus-run-session -- \
  sh -c '"$@" >&9 9>&-' sh "$@" 1>&2
