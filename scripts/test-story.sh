#!/usr/bin/env bash
# One story in the browser, twice: with the built-in model, and with a slow scripted provider
# (where an answer can be watched, reloaded and stopped half-way, and where a tool asks first).
set -euo pipefail
cd "$(dirname "$0")/.."

story() { scripts/with-server.sh bash -c 'node web/e2e/story.mjs "$VPAURA_URL"'; }

story
# And the story of an installation's first people, who sign in, invite, and are shut out.
scripts/with-server.sh bash -c 'node web/e2e/identity-story.mjs "$VPAURA_URL"'
# And of a collection: what is read, found and cited.
scripts/with-server.sh bash -c 'node web/e2e/knowledge-story.mjs "$VPAURA_URL"'

# with-server.sh has built it.
log=$(mktemp)
"${CARGO_TARGET_DIR:-target}/debug/scripted-provider" --port 0 --tokens 80 --delay-ms 60 >"$log" &
provider=$!
trap 'kill "$provider" 2>/dev/null || true; rm -f "$log"' EXIT
for _ in $(seq 100); do
  address=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$log" | head -n 1 || true)
  [ -n "$address" ] && break
  sleep 0.1
done
export OPENAI_BASE_URL="$address/v1" LLM_MODEL=openai/scripted STORY_SLOW_MODEL=1
story
