#!/usr/bin/env bash
# Builds the web UI into web/dist, when it changed and Node is there. Without Node the server
# builds and serves the API, and says that the UI is missing.
set -euo pipefail
cd "$(dirname "$0")/../web"

if ! command -v npm >/dev/null; then
  echo "web: Node and npm are not installed, so the web UI is left out (Node 20 or newer)." >&2
  exit 0
fi

# What the build reads, as one number: the sources and the exact dependencies.
sources() { git -C .. ls-files -co --exclude-standard web | LC_ALL=C sort; }
state=$({ sources; sources | git -C .. hash-object --stdin-paths; } | git hash-object --stdin)
if [ -f dist/index.html ] && [ "$(cat dist/.built-from 2>/dev/null)" = "$state" ]; then
  exit 0
fi
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund
fi
npm run build
printf '%s\n' "$state" >dist/.built-from
