#!/bin/bash
# Installs what is missing, builds, and opens Interval on the demonstration study.
# Arguments are files or folders to open instead. Without a display the same job is done by interval-cli.
set -euo pipefail
cd "$(dirname "$0")"

.ci/install-packages build
[ -f build/build.ninja ] || meson setup build >/dev/null
ninja -C build

if [ -n "${WAYLAND_DISPLAY:-}${DISPLAY:-}" ]; then
  if [ $# -gt 0 ]; then exec build/ui/interval "$@"; fi
  exec build/ui/interval --demonstration
fi

echo "There is no display: interval-cli does the same job."
out=build/demonstration
mkdir -p "$out"
cli=build/app/cli/interval-cli
if [ $# -ge 2 ]; then prior=$1; current=$2; else prior=data/demo/study/prior.dcm; current=data/demo/study/current.dcm; fi
"$cli" devices
"$cli" scan "$prior" "$current" --json > "$out/study.json"
"$cli" compare "$current" "$prior" --json --overlay "$out/changes.png" --lungs "$out/lungs.png" > "$out/changes.json"
"$cli" compare "$current" "$prior"
cat <<TEXT

Pictures:  $PWD/$out/changes.png  (current film, regions of change outlined)
           $PWD/$out/lungs.png    (lung fields of the current film)
Report:    $PWD/$out/changes.json (registration and changes)
           $PWD/$out/study.json   (patient, films, chosen prior and why)
TEXT
