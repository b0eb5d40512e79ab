#!/usr/bin/env bash
# Runs a command with a fresh server around it, and exports its address as VPAURA_URL:
#
#   scripts/with-server.sh COMMAND [ARGUMENT…]
#
# The server is the development build, on a free port with a data folder that is removed
# afterwards. Its settings come from the environment (OPENAI_BASE_URL and so on).
set -euo pipefail
cd "$(dirname "$0")/.."

# All of the workspace, as the tests build it: one package alone would have its dependencies built
# again with other features.
cargo build --locked --workspace --bins --tests
binary="${CARGO_TARGET_DIR:-target}/debug/vpaura"
data=$(mktemp -d "${TMPDIR:-/tmp}/vpaura-server.XXXXXX")
server=
finish() {
  status=$?
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  if [ "$status" -ne 0 ]; then echo "--- the server's log:" >&2; tail -n 60 "$data/log" >&2 || true; fi
  rm -rf "$data"
  exit "$status"
}
trap finish EXIT

DATA_DIR="$data" "$binary" serve --host 127.0.0.1 --port 0 >"$data/log" 2>&1 &
server=$!
for _ in $(seq 100); do
  VPAURA_URL=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$data/log" | head -n 1 || true)
  if [ -n "$VPAURA_URL" ] && curl -fsS "$VPAURA_URL/health/ready" >/dev/null 2>&1; then break; fi
  if ! kill -0 "$server" 2>/dev/null; then echo "the server did not start" >&2; exit 1; fi
  sleep 0.1
done
export VPAURA_URL
"$@"
