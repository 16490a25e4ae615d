# Reads rules.txt (variable `rules`), then judges every file named; prints "path:line: rule: reason" for each finding.
# Plain POSIX awk. A fixture's path is cut to what it would be in the tree.

BEGIN {
    while ((status = (getline line < rules)) > 0) {
        if (line ~ /^#/ || line ~ /^[ \t]*$/) continue
        if (split(line, part, / :: /) != 4) { broken("cannot read this rule: " line) }
        count++
        id[count] = part[1]; where[count] = part[2]; pattern[count] = part[3]; reason[count] = part[4]
    }
    if (status < 0 || count == 0) broken("no rules in " rules)
    logCall = "(^|[^A-Za-z0-9_])[A-Za-z0-9_]*[lL]og(ger)?\\.(trace|debug|info|notice|warning|error|critical|log)\\("
    logMetadata = "[lL]ogger\\[metadataKey"
}

FNR == 1 { endOfFile(); startOfFile() }

{
    lines = FNR
    code = $0
    if (isSwift) sub(/(^|[ \t])\/\/.*$/, "", code)
    else code = tolower(code)
    if (isSwift) findLogCall(code)
    for (i = 1; i <= active; i++) {
        n = rule[i]
        if (where[n] == "text") text = $0
        else if (where[n] == "log") text = logText
        else text = code
        if (text !~ pattern[n]) continue
        if (id[n] == "unchecked-sendable" && previous ~ /^[ \t]*\/\/[ \t]*[^ \t\/]/) continue
        report(n, FNR)
    }
    previous = $0
}

END { if (!failed) endOfFile() }

function startOfFile(    n) {
    file = FILENAME
    path = file
    sub(/^.*scripts\/bans\/[^\/]+\//, "", path)
    sub(/^\.\//, "", path)
    isSwift = path ~ /\.swift$/
    active = 0; previous = ""; depth = 0; lines = 0
    for (n = 1; n <= count; n++) if (applies(where[n])) rule[++active] = n
}

function endOfFile(    n) {
    if (path == "") return
    for (n = 1; n <= count; n++) {
        if (where[n] == "file" && lines > pattern[n] + 0 && path ~ /^(Sources|Tests|e2e)\//) report(n, lines)
    }
}

function applies(scope) {
    if (scope == "file") return 0
    if (path !~ /^Sources\//) return 0
    if (scope == "text") return 1
    if (scope == "template") return path ~ /^Sources\/Portal\/Resources\/.*\.(mustache|html|svg)$/
    if (scope == "asset") return path ~ /^Sources\/Portal\/Resources\/.*\.(mustache|html|svg|css|js)$/
    if (!isSwift) return 0
    if (scope == "swift" || scope == "log") return 1
    if (scope == "library") return path !~ /^Sources\/CountersignCLI\//
    if (scope != "pure" && scope != "pure-random") broken("no such place: " scope)
    if (scope == "pure-random" && path ~ /^Sources\/Secrets\/([^\/]+\/)*Random[^\/]*\.swift$/) return 0
    return path ~ /^Sources\/(Secrets|OneTimePassword|Accounts|SignIn\/Machine)\//
}

# Sets logText to what of this line stands inside a call of a logger; a call may go on over several lines.
function findLogCall(code,    rest, character, k) {
    logText = ""
    if (code ~ logMetadata) { logText = code; return }
    rest = code
    while (rest != "") {
        if (depth == 0) {
            if (!match(rest, logCall)) return
            rest = substr(rest, RSTART + RLENGTH)
            depth = 1
        }
        for (k = 1; k <= length(rest) && depth > 0; k++) {
            character = substr(rest, k, 1)
            if (character == "(") depth++
            else if (character == ")") depth--
        }
        logText = logText " " substr(rest, 1, k - 1)
        rest = substr(rest, k)
    }
}

function report(n, line) { printf "%s:%d: %s: %s\n", file, line, id[n], reason[n] }

function broken(message) {
    failed = 1
    print "bans: " message > "/dev/stderr"
    exit 2
}
