#!/usr/bin/env bash
# Runs a command with throw-away test services around it:
#
#   scripts/test-services.sh cargo nextest run --workspace
#
# Starts PostgreSQL and Redis on free ports of 127.0.0.1 in a temporary folder, exports
#   TEST_DATABASE_URL   postgres://…   (a superuser: tests make databases of their own)
#   TEST_REDIS_URL      redis://…
#   CHROMIUM            the browser's path, for the browser story
# runs the command, and removes everything again: after success, failure or a signal.
# The command's exit status is the script's. A URL that is set already is kept as it is.
#
# What is missing is installed with apt-get when that is possible (root on Debian or Ubuntu);
# otherwise the script says what to install and stops. VPAURA_SKIP_CHROMIUM=1 does without
# the browser.
set -euo pipefail

say() { printf 'test-services: %s\n' "$*" >&2; }
die() { say "$*"; exit 69; }

[ $# -gt 0 ] || die "usage: scripts/test-services.sh COMMAND [ARGUMENT…]"

# --- find or install ---------------------------------------------------------------------

# Debian keeps PostgreSQL's server programs out of PATH; the newest version wins.
postgres_bin() {
  local dir
  if command -v initdb >/dev/null && command -v postgres >/dev/null; then
    dirname "$(command -v initdb)"
    return
  fi
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin | sort -rV); do
    if [ -x "$dir/initdb" ]; then printf '%s\n' "$dir"; return; fi
  done
}
redis_bin() { command -v redis-server || command -v valkey-server || true; }
chromium_bin() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }

missing=()
[ -n "${TEST_DATABASE_URL:-}" ] || [ -n "$(postgres_bin)" ] || missing+=(postgresql)
[ -n "${TEST_REDIS_URL:-}" ] || [ -n "$(redis_bin)" ] || missing+=(redis-server)
[ -n "${VPAURA_SKIP_CHROMIUM:-}" ] || [ -n "${CHROMIUM:-$(chromium_bin)}" ] || missing+=(chromium)
# For a real embedding model and for the vendors' own clients, which come from PyPI.
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3 python3-pip)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing ${missing[*]}"
    # Debian would start a server of its own at once; ours is all we want.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >&2 ||
      die "could not install: ${missing[*]}"
  else
    die "please install: ${missing[*]}   (Debian, Ubuntu: sudo apt-get install ${missing[*]})"
  fi
fi

# --- start and stop ----------------------------------------------------------------------

root=$(mktemp -d "${TMPDIR:-/tmp}/vpaura-services.XXXXXX")
postgres_started=
redis_pid=
command_pid=

# PostgreSQL refuses to run as root, so root hands it to the system user of that name.
as_postgres() {
  if [ "$(id -u)" != 0 ]; then "$@"
  elif command -v runuser >/dev/null; then runuser -u postgres -- "$@"
  else su postgres -s /bin/sh -c "$(printf '%q ' "$@")"
  fi
}

stop() {
  trap - EXIT INT TERM HUP
  if [ -n "$command_pid" ]; then
    kill -TERM "$command_pid" 2>/dev/null || true
    wait "$command_pid" 2>/dev/null || true
  fi
  if [ -n "$postgres_started" ]; then
    (cd / && as_postgres "$bin/pg_ctl" -D "$root/pg/data" -m immediate -w stop) >/dev/null 2>&1 || true
  fi
  if [ -n "$redis_pid" ]; then
    kill -TERM "$redis_pid" 2>/dev/null || true
    wait "$redis_pid" 2>/dev/null || true
  fi
  rm -rf "$root"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# A port that nothing answers on. Two callers may pick the same one: the loser's server does
# not start, and it tries the next.
free_port() {
  local port
  while :; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 40000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then printf '%s\n' "$port"; return; fi
  done
}

start_postgres() {
  bin=$(postgres_bin)
  mkdir "$root/pg"
  if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || die "PostgreSQL cannot run as root and there is no user 'postgres'"
    chmod 711 "$root"
    chown postgres "$root/pg"
  fi
  (cd / && as_postgres "$bin/initdb" -D "$root/pg/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync) \
    >"$root/initdb.log" 2>&1 || { cat "$root/initdb.log" >&2; die "initdb failed"; }
  # Durability is not under test on PostgreSQL, and tests must not wait for the disk.
  local port options
  for _ in 1 2 3 4 5; do
    port=$(free_port)
    options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300"
    options="$options -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB"
    if (cd / && as_postgres "$bin/pg_ctl" -D "$root/pg/data" -l "$root/pg/log" -o "$options" -w -t 60 start) \
      >/dev/null 2>&1; then
      postgres_started=1
      export TEST_DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres"
      return
    fi
  done
  cat "$root/pg/log" >&2 || true
  die "PostgreSQL did not start"
}

start_redis() {
  local server port
  server=$(redis_bin)
  for _ in 1 2 3 4 5; do
    port=$(free_port)
    "$server" --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$root" \
      >"$root/redis.log" 2>&1 &
    redis_pid=$!
    for _ in $(seq 100); do
      kill -0 "$redis_pid" 2>/dev/null || break
      if grep -q 'Ready to accept connections' "$root/redis.log"; then
        export TEST_REDIS_URL="redis://127.0.0.1:$port"
        return
      fi
      sleep 0.05
    done
    kill -TERM "$redis_pid" 2>/dev/null || true
  done
  cat "$root/redis.log" >&2
  die "Redis did not start"
}

[ -n "${TEST_DATABASE_URL:-}" ] || start_postgres
[ -n "${TEST_REDIS_URL:-}" ] || start_redis
[ -n "${VPAURA_SKIP_CHROMIUM:-}" ] || export CHROMIUM="${CHROMIUM:-$(chromium_bin)}"

# In the background, so that a signal to this script is handled at once, not when the command
# ends; with our own standard input, which background commands otherwise lose.
status=0
"$@" <&0 &
command_pid=$!
wait "$command_pid" || status=$?
command_pid=
exit "$status"
