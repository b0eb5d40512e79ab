#!/usr/bin/env bash
# Makes small mistakes in the code that decides who somebody is and what they may see, one at a
# time, and runs the tests on each: a mistake that no test notices is a test that is missing.
#
#   scripts/test-mutants.sh                 all parts, one after the other
#   scripts/test-mutants.sh domain auth     these: domain, auth, store, engine
#   scripts/test-mutants.sh auth -- --iterate      more arguments for cargo mutants; this one
#                                                  tries again only what survived before
#
# Fails when a mistake survives, and names it; the whole report is in target/mutants/<part>. What
# cannot be noticed, since it changes nothing, is listed with the reason in .cargo/mutants.toml.
#
# Not a part of CI, because it compiles each crate once for every mistake in it: run it after a
# change of these files. CONTRIBUTING.md says how long it takes and what came out last.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'test-mutants: %s\n' "$*" >&2; }

cargo mutants --version >/dev/null 2>&1 || {
  say "please install cargo-mutants: cargo install cargo-mutants --locked"
  exit 69
}

parts=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  parts+=("$1")
  shift
done
[ $# -eq 0 ] || shift
[ ${#parts[@]} -gt 0 ] || parts=(domain auth store engine)

# Only what a changed line needs is compiled again, and nothing for a debugger.
export CARGO_INCREMENTAL=1 CARGO_PROFILE_DEV_DEBUG=0
# A snapshot that differs is a finding, not a new snapshot.
export INSTA_UPDATE=no
# The first test that notices is enough, and where it stood need not be told.
export NEXTEST_PROFILE=mutants RUST_BACKTRACE=0
# The conditions are the same on both databases; one is enough to see whether they are tested.
export VPAURA_SKIP_POSTGRES=1

output=${CARGO_TARGET_DIR:-target}/mutants
survivors=()
for part in "${parts[@]}"; do
  case $part in
    domain)
      what=(-p vpaura-domain)
      for file in permission role scope; do what+=(-f "crates/domain/src/$file.rs"); done
      ;;
    auth) what=(-p vpaura-auth) ;;
    store) what=(-p vpaura-store -f crates/store/src/visible.rs -f crates/store/src/within.rs) ;;
    engine)
      what=(-p vpaura-engine -f crates/engine/src/authenticate.rs)
      what+=(-f 'crates/engine/src/authenticate/*.rs' -f crates/engine/src/sessions/authenticate.rs)
      ;;
    *)
      say "there is no part $part; there are domain, auth, store and engine"
      exit 64
      ;;
  esac
  mkdir -p "$output/$part"
  cargo mutants "${what[@]}" --test-tool nextest --output "$output/$part" "$@" || survivors+=("$part")
done
if [ ${#survivors[@]} -gt 0 ]; then
  say "not every mistake was noticed in: ${survivors[*]}"
  exit 1
fi
