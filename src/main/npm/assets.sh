#!/bin/sh
# Brings noVNC and Tabler's stylesheet from npm and copies what pages load into the folder given.
# Does nothing when the lock file has not changed since the last copy.
set -eu
to=$1
here=$(cd "$(dirname "$0")" && pwd)
stamp=$(sha256sum "$here/package-lock.json" "$0" | sha256sum | cut -d' ' -f1)
[ "$(cat "$to/.stamp" 2>/dev/null || true)" = "$stamp" ] && exit 0

work=$to/../../../../npm
mkdir -p "$work" "$to"
work=$(cd "$work" && pwd)
cp "$here/package.json" "$here/package-lock.json" "$work/"
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)

rm -rf "$to/novnc" "$to/tabler"
mkdir -p "$to/novnc" "$to/tabler"
cp -R "$work/node_modules/@novnc/novnc/core" "$work/node_modules/@novnc/novnc/vendor" "$to/novnc/"
cp "$work/node_modules/@novnc/novnc/LICENSE.txt" "$to/novnc/"
cp "$work/node_modules/@tabler/core/dist/css/tabler.min.css" "$to/tabler/"
cp "$work/node_modules/@tabler/core/LICENSE" "$to/tabler/" 2>/dev/null || true
printf %s "$stamp" > "$to/.stamp"
