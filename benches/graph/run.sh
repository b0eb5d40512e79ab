#!/usr/bin/env bash
# Measures the graph engine beside LangGraph and writes crates/graph/BENCHMARKS.md. Called by
# `make bench-graph`. Arguments go to `vpaura-graph-bench measure` (--quick, --only B1,B4, …); with
# any, the results go to standard output instead, since they are not the whole story.
#
# LangGraph comes from PyPI and lives in a virtual environment outside the checkout.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ -z "${VPAURA_BENCH_SERVICES:-}" ]; then
  export VPAURA_BENCH_SERVICES=1 VPAURA_SKIP_CHROMIUM=1
  exec scripts/test-services.sh benches/graph/run.sh "$@"
fi

requirements=benches/graph/requirements.txt
python=$(command -v python3) || { echo "please install Python 3.10 or newer" >&2; exit 69; }
tools="${XDG_CACHE_HOME:-$HOME/.cache}/vpaura/langgraph"
want=$(sha256sum "$requirements")
if [ "$(cat "$tools/.built-from" 2>/dev/null)" != "$want" ]; then
  "$python" -m venv "$tools" || { echo "please install python3-venv" >&2; exit 69; }
  "$tools/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  printf '%s\n' "$want" >"$tools/.built-from"
fi

commit="$(git rev-parse --short HEAD)$(git diff --quiet HEAD -- crates Cargo.lock || echo " with changes")"
cargo build --release --locked -p vpaura-graph-bench
bin="${CARGO_TARGET_DIR:-target}/release/vpaura-graph-bench"
work=$(mktemp -d "${TMPDIR:-/tmp}/vpaura-bench.XXXXXX")
ours="vpaura_bench_$$"
theirs="langgraph_bench_$$"
finish() {
  for database in "$ours" "$theirs"; do
    dropdb --maintenance-db "$TEST_DATABASE_URL" --if-exists --force "$database" || true
  done
  rm -rf "$work"
}
trap finish EXIT
for database in "$ours" "$theirs"; do
  createdb --maintenance-db "$TEST_DATABASE_URL" "$database"
done

server="${TEST_DATABASE_URL%/*}"
"$bin" measure --python "$tools/bin/python" --postgres "$server/$ours" "$server/$theirs" \
  --output "$work/measured.md" "$@"
if [ $# -gt 0 ]; then
  cat "$work/measured.md"
  exit
fi

{
  cat <<HEAD
# Benchmarks

Written by \`make bench-graph\` on $(date -u +%Y-%m-%d), at commit $commit.
The same graphs in this engine and in LangGraph, in one run on one machine, by turns: first one,
then the other, so that what else the machine does hits both. Three executions to warm up, then as
many as the last column says (ours, LangGraph's). Ratios say more than times.

- A unit is what the row names: a step, a branch, a token, a run. A step's share of starting and
  ending its run is in it.
- CPU is that of the whole process. Allocations are counted by the allocator; Python's are not.
- B1 to B6, B10 and B11 run on one thread; B7 to B9 on as many as there are cores.
- SQLite syncs every commit to the disk, on both sides. The throw-away PostgreSQL does not.
- LangGraph's threads are stored with \`durability="sync"\`. Where one of its executions takes
  seconds it has fewer of them, and in B7 5 steps a thread where ours has 20.
- A round trip of B6 is counted by a relay before the server. What growth of B3 is told is of CPU
  time. B13's processes are killed at random moments of a run that works, sends two helpers with an
  effect each, and merges, four times over.
- B11's figure of LangGraph includes LangChain's fake model.

HEAD
  cat "$work/measured.md"
} >crates/graph/BENCHMARKS.md
echo "crates/graph/BENCHMARKS.md is written"
