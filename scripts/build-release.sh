#!/usr/bin/env bash
# build-release.sh PRODUCT : builds a product for release, one binary in .build/release.
# Argon2's code is put where a cache line begins: where chance puts it, a hash may take a tenth longer (decision 0029).
set -euo pipefail
cd "$(dirname "$0")/.."
product="${1:?which product}"

options=(-c release --static-swift-stdlib -Xlinker -s --product "$product")
for archive in /usr/lib/{x86_64-linux-gnu,aarch64-linux-gnu,.}/libargon2.a; do
  [ -f "$archive" ] || continue
  # Named by what is in it: a libargon2 that the system has updated is linked anew.
  name="libargon2-$(sha256sum "$archive" | cut -c1-16).a"
  rm -rf .build/aligned && mkdir -p .build/aligned
  if objcopy --set-section-alignment .text=64 "$archive" ".build/aligned/$name"; then
    export COUNTERSIGN_LINK_ARGON2=":$name"
    options+=(-Xlinker "-L$PWD/.build/aligned")
  fi
  break
done
exec swift build "${options[@]}"
