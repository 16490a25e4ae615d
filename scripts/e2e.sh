#!/usr/bin/env bash
# e2e.sh BINARY [pytest arguments] : runs the browser tests in e2e/ against that binary.
# The tests find it in COUNTERSIGN_BIN. COUNTERSIGN_E2E_ENGINE=postgres runs them over PostgreSQL, together with those
# about several nodes. Files run beside each other, one a core; a test that hangs fails after two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || { echo "usage: e2e.sh BINARY [pytest arguments]" >&2; exit 64; }
[ -x "$1" ] || { echo "e2e: there is no program at $1; build it first" >&2; exit 1; }
COUNTERSIGN_BIN=$(realpath "$1")
export COUNTERSIGN_BIN
shift
export PYTHONDONTWRITEBYTECODE=1
exec .build-venv/bin/python -m pytest -p no:cacheprovider --timeout 120 \
    --numprocesses auto --maxprocesses 4 --dist loadfile e2e "$@"
