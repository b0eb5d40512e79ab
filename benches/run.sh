#!/usr/bin/env bash
# Measures the server beside a pass-through proxy and writes benches/RESULTS.md. Called by
# `make bench`. Arguments go to `vpaura-bench measure` (--quick, --only held, …); with any, the
# results go to standard output instead, since they are not the whole story.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${VPAURA_BENCH_SERVICES:-}" ]; then
  export VPAURA_BENCH_SERVICES=1 VPAURA_SKIP_CHROMIUM=1
  exec scripts/test-services.sh benches/run.sh "$@"
fi

cargo build --release --locked -p vpaura -p vpaura-test-support -p vpaura-bench
bin="${CARGO_TARGET_DIR:-target}/release"
work=$(mktemp -d "${TMPDIR:-/tmp}/vpaura-bench.XXXXXX")
database="vpaura_bench_$$"
finish() {
  dropdb --maintenance-db "$TEST_DATABASE_URL" --if-exists --force "$database" || true
  rm -rf "$work"
}
trap finish EXIT
createdb --maintenance-db "$TEST_DATABASE_URL" "$database"

"$bin/vpaura-bench" measure \
  --server "$bin/vpaura" --provider "$bin/scripted-provider" \
  --postgres "${TEST_DATABASE_URL%/*}/$database" --output "$work/measured.md" "$@"
if [ $# -gt 0 ]; then
  cat "$work/measured.md"
  exit
fi
# The store alone, without HTTP. The graph engine has its own: `make bench-graph`.
cargo bench --locked -p vpaura-store --benches >"$work/parts.txt"

{
  cat <<HEAD
# Results

Written by \`make bench\` on $(date -u +%Y-%m-%d), at commit $(git rev-parse --short HEAD)$(git diff --quiet HEAD -- crates Cargo.lock || echo " with changes").
The floor is a proxy that passes the same answers on and stores nothing, measured in the same
run. Client, provider, proxy and server share the machine, so ratios say more than times. The
throw-away PostgreSQL of the tests does not sync to the disk; SQLite does, at every
commit of a message or an answer.

HEAD
  cat "$work/measured.md"
  printf '\n## The store alone\n\n`cargo bench -p vpaura-store`. The graph engine: [BENCHMARKS.md](../crates/graph/BENCHMARKS.md).\n\n```text\n'
  grep -Ev '^(Timer|test |running |$)' "$work/parts.txt"
  printf '```\n'
} >benches/RESULTS.md
echo "benches/RESULTS.md is written"
