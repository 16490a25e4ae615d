#!/usr/bin/env bash
# bench-sign-in.sh [--quick] : measures signing in against the release build and prints a Markdown table.
# Needs `make build`. Takes about six minutes, with --quick one; uses loopback only, and ends by itself.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "==> building the load client for release" >&2
scripts/build-release.sh countersign-bench >&2
compiler=$(swift --version 2>/dev/null | sed -n 's/^.*\(Swift version [0-9.]*\).*$/\1/p')
echo "==> measuring; leave the machine alone meanwhile" >&2
exec .build/release/countersign-bench --compiler "${compiler/ version/}" "$@"
