#!/usr/bin/env bash
# Everything that is checked without building: format and style, the three format settings, the bans.
# Runs all of them, then fails if one did.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0

echo "lint: swift format"
swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks || failed=1

# The nearest .swift-format replaces the others, so each is complete; they may differ in these rules only.
differing='NeverForceUnwrap|NeverUseForceTry|NeverUseImplicitlyUnwrappedOptionals|AllPublicDeclarationsHaveDocumentation|BeginDocumentationCommentWithOneLineSummary|ValidateDocumentationComments'
for settings in Tests/.swift-format Sources/OneTimePassword/.swift-format; do
    if ! diff <(grep -vE "\"($differing)\"" .swift-format) <(grep -vE "\"($differing)\"" "$settings") >&2; then
        echo "lint: $settings differs from .swift-format in more than its own rules" >&2
        failed=1
    fi
done

echo "lint: bans"
scripts/bans.sh || failed=1

if [ "$failed" = 0 ]; then echo "lint: nothing found"; fi
exit "$failed"
