#!/bin/bash
# Installs what is missing, builds with gcc, clang and the sanitizers, and passes all tests.
# The last line is the total. Arguments go to the main "meson test", e.g. --suite compare.
set -uo pipefail
cd "$(dirname "$0")"
export LC_ALL=C.UTF-8
passed=0 failed=0 skipped=0

# Adds the cases of one meson log to the totals. A test that left no case of its own counts as one.
count() {
  local counted
  counted=$(/usr/bin/python3 - "$1/meson-logs/testlog.junit.xml" <<'PY'
import sys
import xml.etree.ElementTree as ET
passed = failed = skipped = 0
try:
    for case in ET.parse(sys.argv[1]).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
except (OSError, ET.ParseError):
    failed = 1
print(passed, failed, skipped)
PY
)
  read -r p f s <<< "$counted"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# step NAME COMMAND…: a build step that counts as one case.
step() {
  local name=$1
  shift
  echo "== $name"
  if "$@" > "build-logs/$name.log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
    tail -40 "build-logs/$name.log"
    return 1
  fi
}

configure() { # folder, options…
  local folder=$1
  shift
  if [ -f "$folder/build.ninja" ]; then meson setup --reconfigure "$folder" "$@"; else meson setup "$folder" "$@"; fi
}

# suite FOLDER ARGUMENTS…: runs tests; a failure that left no failed case is counted all the same.
suite() {
  local folder=$1 before=$failed
  shift
  meson test -C "$folder" --no-rebuild --print-errorlogs "$@"
  local status=$?
  count "$folder"
  [ $status -eq 0 ] || [ "$failed" -gt "$before" ] || failed=$((failed + 1))
}

mkdir -p build-logs
.ci/install-packages test || { echo "0 passed, 1 failed"; exit 1; }

if step gcc-configure configure build --werror && step gcc-build ninja -C build; then
  suite build "$@"
fi
if [ $# -eq 0 ]; then
  if step sanitizer-configure configure build-sanitizer --werror -Db_sanitize=address,undefined -Db_lundef=false \
      && step sanitizer-build ninja -C build-sanitizer; then
    # Leaks inside drivers and toolkits are not ours to mend; everything else stops the test.
    ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
      suite build-sanitizer --timeout-multiplier 4 --no-suite ui --no-suite style --no-suite e2e
  fi
  if CC=clang CXX=clang++ step clang-configure configure build-clang --werror; then
    step clang-build ninja -C build-clang
  fi
fi

rm -rf build-logs
echo
[ "$skipped" -eq 0 ] || echo "$skipped skipped, for the reasons above"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
