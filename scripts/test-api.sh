#!/usr/bin/env bash
# Checks a live server against its own OpenAPI description with schemathesis (PyPI), and the
# scripted provider against the vendors' own Python clients. The tools live in a virtual
# environment outside the checkout.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(command -v python3) || { echo "please install Python 3.10 or newer" >&2; exit 69; }
tools="${XDG_CACHE_HOME:-$HOME/.cache}/vpaura/python"
want=$(sha256sum scripts/requirements.txt)
if [ "$(cat "$tools/.built-from" 2>/dev/null)" != "$want" ]; then
  "$python" -m venv "$tools" || { echo "please install python3-venv" >&2; exit 69; }
  "$tools/bin/pip" install --quiet --disable-pip-version-check -r scripts/requirements.txt
  printf '%s\n' "$want" >"$tools/.built-from"
fi

export VPAURA_API_KEY=schemathesis-runs-with-this-key RATE_LIMIT_REQUESTS=1000000
TOOLS="$tools/bin" scripts/with-server.sh scripts/run-schemathesis.sh

# with-server.sh has built it.
"$tools/bin/python" scripts/check_vendor_clients.py \
  "${CARGO_TARGET_DIR:-target}/debug/scripted-provider"
