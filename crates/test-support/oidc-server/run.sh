#!/usr/bin/env bash
# Runs the provider of server.mjs. Its packages are installed once, outside of the checkout, as
# the lock file says and without running any of their scripts.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sum=$(cat "$here/package-lock.json" | cksum | cut -d ' ' -f 1)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/vpaura/oidc-server-$sum"

mkdir -p "$cache"
(
  # Tests run side by side: one of them installs, the others wait.
  if command -v flock >/dev/null; then flock 9; fi
  if [ ! -e "$cache/installed" ]; then
    cp "$here/package.json" "$here/package-lock.json" "$cache/"
    npm ci --prefix "$cache" --ignore-scripts --no-audit --no-fund --silent >&2
    touch "$cache/installed"
  fi
) 9>"$cache/lock"

cp "$here/server.mjs" "$cache/server-$$.mjs"
trap 'rm -f "$cache/server-$$.mjs"' EXIT
node "$cache/server-$$.mjs" "$@"
