#!/usr/bin/env bash
# Measures how well and how fast collections are searched, and writes benches/RETRIEVAL.md. Called
# by `make eval`. With `--quick` the collections of the speed tests are small and the results go to
# standard output, since they are not the whole story; `--only quality` or `--only speed` does one
# half, to standard output too.
#
# CRANFIELD names the folder of the Cranfield collection (cran.all.1400, cran.qry, cranqrel).
# EVAL_RERANKER may name a reranker as [knowledge] reranker takes it; without it a server of the
# rerank API orders by late interaction of MiniLM's token vectors (reranker.py). The peers come from
# PyPI and live in a virtual environment outside the checkout.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ -z "${VPAURA_BENCH_SERVICES:-}" ]; then
  export VPAURA_BENCH_SERVICES=1 VPAURA_SKIP_CHROMIUM=1
  exec scripts/test-services.sh benches/retrieval/run.sh "$@"
fi

only="" sizes="100000 1000000" whole=yes
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) sizes="5000" whole="" ;;
    --chunks) sizes="$2" whole="" && shift ;;
    --only) only="$2" whole="" && shift ;;
    *) echo "usage: $0 [--quick | --chunks N] [--only quality|speed]" >&2; exit 64 ;;
  esac
  shift
done

cranfield="${CRANFIELD:-../shared/data/cranfield}"
requirements=benches/retrieval/requirements.txt
python=$(command -v python3) || { echo "please install Python 3.10 or newer" >&2; exit 69; }
tools="${XDG_CACHE_HOME:-$HOME/.cache}/vpaura/retrieval-peers"
want=$(sha256sum "$requirements")
if [ "$(cat "$tools/.built-from" 2>/dev/null)" != "$want" ]; then
  "$python" -m venv "$tools" || { echo "please install python3-venv" >&2; exit 69; }
  "$tools/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  printf '%s\n' "$want" >"$tools/.built-from"
fi
model=$(scripts/test-model.sh)

commit="$(git rev-parse --short HEAD)$(git diff --quiet HEAD -- crates Cargo.lock || echo " with changes")"
# The features of the whole workspace: what other builds made is used again.
cargo build --release --locked --workspace --bins
bin="${CARGO_TARGET_DIR:-target}/release"
case "$bin" in /*) ;; *) bin="$PWD/$bin" ;; esac
work=$(mktemp -d "${TMPDIR:-/tmp}/vpaura-eval.XXXXXX")
server="${TEST_DATABASE_URL%/*}"
databases=()
reranking=""
finish() {
  [ -z "$reranking" ] || kill "$reranking" 2>/dev/null || true
  for database in "${databases[@]}"; do
    dropdb --maintenance-db "$TEST_DATABASE_URL" --if-exists --force "$database" || true
  done
  rm -rf "$work"
}
trap finish EXIT
new_database() {
  createdb --maintenance-db "$TEST_DATABASE_URL" "$1"
  databases+=("$1")
}

# What reranks in `ours`, if anything, and where it is.
reranker="" rerank_url=""

# Makes ready what the quality tests rerank with.
begin_reranking() {
  reranker="${EVAL_RERANKER:-}"
  [ -z "$reranker" ] || return 0
  "$tools/bin/python" benches/retrieval/reranker.py "$model" "$work/port" &
  reranking=$!
  until [ -f "$work/port" ]; do
    kill -0 "$reranking" || exit 70
    sleep 0.2
  done
  reranker=jina/late-interaction rerank_url="http://127.0.0.1:$(cat "$work/port")/v1"
}

# vpaura with its data in $1 and the database $2 (SQLite when empty), with the local embedder
# unless $embedder is empty.
embedder="local/$(basename "$model")"
ours() {
  local data="$1" database="$2"
  shift 2
  mkdir -p "$data"
  env -u VPAURA_SERVER ${database:+DATABASE_URL="$database"} DATA_DIR="$data" LOG_LEVEL=error \
    VPAURA__KNOWLEDGE__MODELS_DIR="$(dirname "$model")" \
    ${embedder:+VPAURA__KNOWLEDGE__EMBEDDER="$embedder"} \
    ${reranker:+VPAURA__KNOWLEDGE__RERANKER="$reranker"} \
    ${rerank_url:+VPAURA__LLM__PROVIDERS__JINA__BASE_URL="$rerank_url"} \
    "$bin/vpaura" "$@"
}

quality() {
  "$python" benches/retrieval/cranfield.py "$cranfield" "$work/cranfield"
  "$tools/bin/python" benches/retrieval/peers.py "$cranfield" "$model" "$work/peers.json"
  begin_reranking
  new_database "vpaura_eval_$$"
  local name database
  for name in SQLite PostgreSQL; do
    database=""
    [ "$name" = SQLite ] || database="$server/vpaura_eval_$$"
    ours "$work/$name" "$database" ingest "$work/cranfield" --collection cranfield >&2
    if [ -n "$reranking" ] && [ "$name" = SQLite ]; then
      # Once for the vectors that it keeps: a passage it has not met may take it too long.
      ours "$work/$name" "$database" eval retrieval --collection cranfield \
        --queries "$cranfield/cran.qry" --qrels "$cranfield/cranqrel" >&2 || true
    fi
    ours "$work/$name" "$database" eval retrieval --collection cranfield --json \
      --queries "$cranfield/cran.qry" --qrels "$cranfield/cranqrel" >"$work/$name.json"
  done
  cat <<'WORDS'
## How well

The Cranfield collection: 1,398 abstracts with any words, 225 questions, judgements from 4 (a
complete answer) to 1; documents by the best of their chunks. The peers rank the same texts in the
same run: bm25s with English stop words and a Snowball stemmer, and a plain search with the vectors of
all-MiniLM-L6-v2, which is our embedder here too. A query of ours brings a hundred documents with
their passages from the database; the peers', numbers from memory.

WORDS
  "$python" benches/retrieval/report.py quality \
    "VPAura, SQLite=$work/SQLite.json" "VPAura, PostgreSQL=$work/PostgreSQL.json" \
    "peer=$work/peers.json"
  if [ -z "${EVAL_RERANKER:-}" ]; then
    cat <<'WORDS'

Reranked is the fused search's first fifty in the order of a server that speaks the rerank API and
goes by late interaction of the same MiniLM's token vectors, kept once computed. No package registry
has a cross-encoder with its weights; EVAL_RERANKER measures one where there is one. MiniLM was not
trained to rank so: such a reranker costs quality, and what is trained for it has to earn its time.
WORDS
  fi
  reranker="" rerank_url=""
}

# How long the Cranfield collection, a file for each document, takes with and without vectors: from
# the start of the command until all is found.
filling() {
  local embedder name begun
  [ -d "$work/cranfield" ] || "$python" benches/retrieval/cranfield.py "$cranfield" "$work/cranfield"
  printf '### Small files, many\n\n'
  printf 'The Cranfield collection into SQLite:\n\n'
  for name in "no embedder=" "all-MiniLM-L6-v2, local=local/$(basename "$model")"; do
    embedder="${name##*=}"
    begun=$(date +%s.%N)
    ours "$work/filling" "" ingest "$work/cranfield" --collection cranfield >"$work/told"
    cat "$work/told" >&2
    "$python" benches/retrieval/report.py filling "${name%=*}" "$work/cranfield" "$begun" "$work/told"
    rm -rf "$work/filling"
  done
  echo
}

speed() {
  local size name database
  printf '## How fast\n\n'
  filling
  for size in $sizes; do
    for name in SQLite PostgreSQL; do
      database=""
      if [ "$name" = PostgreSQL ]; then
        new_database "vpaura_speed_${size}_$$"
        database="$server/vpaura_speed_${size}_$$"
      fi
      "$bin/vpaura-retrieval-bench" ${database:+--database "$database"} --chunks "$size" \
        --folder "$work/speed-$name-$size" --texts "$work/texts-$size"
      if [ -n "$database" ]; then
        printf 'The database has %s on the disk.\n\n' "$(psql -XAtq "$database" \
          -c 'SELECT pg_size_pretty(pg_database_size(current_database()))')"
      fi
    done
    XDG_RUNTIME_DIR="$work" "$tools/bin/python" benches/retrieval/databases.py \
      "$work/texts-$size" "$work/databases-$size"
    rm -rf "$work/speed-"* "$work/texts-$size" "$work/databases-$size"
  done
}

{
  [ "$only" = speed ] || quality
  [ -n "$only" ] || echo
  [ "$only" = quality ] || speed
} >"$work/measured.md"
if [ -z "$whole" ]; then
  cat "$work/measured.md"
  exit
fi

{
  cat <<HEAD
# Retrieval

Written by \`make eval\` on $(date -u +%Y-%m-%d), at commit $commit, on a machine with $(nproc) cores.
Throw-away PostgreSQL, which does not sync to the disk; SQLite does.

HEAD
  cat "$work/measured.md"
} >benches/RETRIEVAL.md
echo "benches/RETRIEVAL.md is written"
