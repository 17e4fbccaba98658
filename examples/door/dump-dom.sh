#!/bin/sh
# Runs Tenshot with a browser and nothing else: no driver, no Node.js (docs/door.md).
#
#   dump-dom.sh ADDRESS [QUERY]
#
# QUERY is what is asked for, without "?", such as "autorun=harmful-10&device=cpu"; the golden check of the device otherwise. CHROMIUM may
# name the browser, CHROMIUM_ARGUMENTS what else it is started with, LIMIT_MS how long it may take. The page's result, one JSON
# object, goes to standard output. Exit codes: those of docs/door.md.
set -u

[ $# -ge 1 ] || { echo "usage: dump-dom.sh ADDRESS [QUERY]" >&2; exit 2; }
address=$1
query=${2:-autorun=check}
profile=$(mktemp -d) || exit 7
trap 'rm -rf "$profile"' EXIT

# With "hold" the document is loaded once the run has come to its end, and that is when the browser writes it.
# shellcheck disable=SC2086 # several arguments
dom=$("${CHROMIUM:-chromium}" --headless --user-data-dir="$profile" --timeout="${LIMIT_MS:-600000}" ${CHROMIUM_ARGUMENTS:-} \
  --dump-dom "$address?$query&hold" 2>/dev/null)

attribute() { printf '%s' "$dom" | sed -n "s/.*<html[^>]* $1=\"\([^\"]*\)\".*/\1/p" | head -n 1; }
state=$(attribute data-tenshot)
code=$(attribute data-tenshot-code)
printf '%s' "$dom" | sed -n 's/.*<output id="tenshot-result" hidden="">\([^<]*\)<.*/\1/p'

case $state:$code in
done:) exit 0 ;;
failed:no-gpu) exit 3 ;;
failed:device-lost) exit 4 ;;
failed:wrong-numbers) exit 5 ;;
failed:network | failed:model | failed:build | failed:boot) exit 6 ;;
failed:*) exit 7 ;;
loading:* | ready:* | running:*) exit 8 ;;
*) echo "there is no Tenshot at $address" >&2; exit 6 ;;
esac
