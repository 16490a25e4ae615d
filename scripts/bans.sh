#!/usr/bin/env bash
# Fails when the tree holds something that scripts/bans/rules.txt forbids.
# First it proves on the fixtures beside the rules that every rule still catches what it should and nothing else.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

folder=scripts/bans
rules=$folder/rules.txt
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

# judge FOLDER... : one line for each finding
judge() {
    find "$@" -type f \( -name '*.swift' -o -name '*.c' -o -name '*.h' -o -name '*.py' -o -name '*.sh' -o -name '*.js' \
        -o -name '*.css' -o -name '*.mustache' -o -name '*.html' -o -name '*.svg' -o -name '*.sql' \) \
        -not -path '*/.build*' -not -path '*/__pycache__/*' -size +0 -print0 |
        LC_ALL=C sort -z | xargs -0 -r awk -v rules="$rules" -f "$folder/judge.awk"
}

# One finding's rule: "path:line: rule: reason"
rule_of() { sed -E 's/^[^:]*:[0-9]+: ([a-z-]+): .*/\1/'; }

self_test() {
    local wrong=0 rule fixture found long=$temporary/$folder/long-file/Sources/Long
    mkdir -p "$long" "$temporary/$folder/clean/Sources/Long"
    awk 'BEGIN { for (i = 1; i <= 401; i++) print "// line " i }' >"$long/Long.swift"
    head -n 400 "$long/Long.swift" >"$temporary/$folder/clean/Sources/Long/Allowed.swift"

    judge "$folder" "$temporary/$folder" >"$temporary/fixtures"
    grep -vE '^(#|[[:space:]]*$)' "$rules" | sed 's/ :: .*//' >"$temporary/rules"
    if [ -n "$(sort "$temporary/rules" | uniq -d)" ]; then
        echo "bans: two rules have one name: $(sort "$temporary/rules" | uniq -d)" >&2
        wrong=1
    fi
    while read -r rule; do
        fixture=$folder/$rule
        [ "$rule" = long-file ] && fixture=$temporary/$fixture
        if [ -z "$(find "$fixture" -type f 2>/dev/null)" ]; then
            echo "bans: the rule $rule has no fixture in $folder/$rule" >&2
            wrong=1
            continue
        fi
        while read -r file; do
            found=$(grep -F "$file:" "$temporary/fixtures" | rule_of | sort -u | tr '\n' ' ' || true)
            if [ "$found" != "$rule " ]; then
                echo "bans: $file must break the rule $rule and no other; found: ${found:-nothing}" >&2
                wrong=1
            fi
        done < <(find "$fixture" -type f)
    done <"$temporary/rules"
    for fixture in "$folder"/*/; do
        rule=$(basename "$fixture")
        if [ "$rule" != clean ] && ! grep -qxF "$rule" "$temporary/rules"; then
            echo "bans: $fixture belongs to no rule" >&2
            wrong=1
        fi
    done
    if [ -z "$(find "$folder/clean" -type f)" ]; then
        echo "bans: there is no clean fixture" >&2
        wrong=1
    fi
    if grep -F "$folder/clean/" "$temporary/fixtures" >&2; then
        echo "bans: the clean fixture must not be caught" >&2
        wrong=1
    fi
    return "$wrong"
}

self_test || { echo "bans: the rules or their fixtures are broken; the tree was not judged" >&2; exit 2; }

places=()
for place in Sources Tests e2e; do [ -d "$place" ] && places+=("$place"); done
if [ ! -d Sources ]; then
    echo "bans: there is no folder Sources to judge" >&2
    exit 2
fi
judge "${places[@]}" >"$temporary/findings"
if [ -s "$temporary/findings" ]; then
    cat "$temporary/findings" >&2
    echo "bans: $(wc -l <"$temporary/findings") finding(s); what each rule is for stands in $rules" >&2
    exit 1
fi
echo "bans: $(wc -l <"$temporary/rules") rules proven on their fixtures; nothing found in ${places[*]}"
