#!/usr/bin/env bash
# build-release.sh PRODUCT : builds a product for release, one binary in .build/release.
# Argon2's code is put where a cache line begins: where chance puts it, a hash may take a tenth longer (decision 0029).
set -euo pipefail
cd "$(dirname "$0")/.."
product="${1:?which product}"

options=(-c release --static-swift-stdlib -Xlinker -s --product "$product")
for archive in /usr/lib/{x86_64-linux-gnu,aarch64-linux-gnu,.}/libargon2.a; do
  [ -f "$archive" ] && command -v objcopy >/dev/null || continue
  mkdir -p .build/aligned
  objcopy --set-section-alignment .text=64 "$archive" .build/aligned/libargon2-aligned.a
  export COUNTERSIGN_LINK_ARGON2=:libargon2-aligned.a
  options+=(-Xlinker "-L$PWD/.build/aligned")
  break
done
exec swift build "${options[@]}"
