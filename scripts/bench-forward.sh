#!/usr/bin/env bash
# bench-forward.sh [--quick] : measures GET /forward-auth against nginx and a bare Hummingbird route; prints a Markdown table.
# Needs `make build`, nginx and wrk. Takes some minutes, with --quick one; uses loopback only, and ends by itself.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "==> building the baseline for release" >&2
scripts/build-release.sh bare-route >&2
echo "==> measuring; leave the machine alone meanwhile" >&2
exec python3 Benchmarks/forward.py --portal .build/release/countersign --bare .build/release/bare-route "$@"
