#!/usr/bin/env bash
# postgres.sh with COMMAND...      runs a command beside a PostgreSQL of its own, which goes when it ends
# postgres.sh make|start FOLDER    the same in parts, for tests that stop and start the server
# postgres.sh stop FOLDER [MODE]   smart, fast or immediate
# postgres.sh follow FOLDER OTHER  makes a standby of the running OTHER; promote FOLDER makes it the primary
#
# The server runs in a folder of its own, on a free port of 127.0.0.1, as an unprivileged user (PostgreSQL refuses to run
# as root), and is thrown away. COUNTERSIGN_TEST_POSTGRES holds its address for the command;
# COUNTERSIGN_POSTGRES_SETTINGS adds lines to its configuration.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "postgres: $*" >&2
    exit 1
}

# The newest server that is installed; Debian keeps it off the path.
programs() {
    local folder
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV); do
        if [ -x "$folder/initdb" ]; then echo "$folder" && return; fi
    done
    folder=$(dirname "$(command -v initdb || echo /nonexistent/initdb)")
    [ -x "$folder/initdb" ] || fail "no PostgreSQL server is installed; run scripts/ensure-tools.sh test"
    echo "$folder"
}

owner() {
    if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

# As whoever runs this, or as nobody of importance when that is root.
unprivileged() {
    if [ "$(id -u)" != 0 ]; then
        "$@"
    else
        setpriv --reuid="$(owner)" --regid="$(id -g "$(owner)")" --clear-groups --no-new-privs "$@"
    fi
}

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port" && return; fi
    done
}

make() {
    local folder=$1 password
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    echo "$password" >"$folder/password"
    if [ "$(id -u)" = 0 ]; then chown -R "$(owner)" "$folder"; fi
    (cd "$folder" && unprivileged "$(programs)/initdb" --pgdata=data --username=countersign --pwfile=password \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions >init.log) ||
        fail "initdb failed: $(tail -n 3 "$folder/init.log")"
    cat >>"$folder/data/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = $(free_port)
max_connections = 400
shared_buffers = 64MB
# Thrown away after the tests; what is answered must survive the server's death, not the machine's.
fsync = off
full_page_writes = off
log_min_messages = fatal
${COUNTERSIGN_POSTGRES_SETTINGS:-}
END
}

address() {
    local folder=$1 port
    port=$(sed -n 's/^port = //p' "$folder/data/postgresql.conf" | tail -n 1)
    echo "postgres://countersign:$(cat "$folder/password")@127.0.0.1:$port/postgres"
}

start() {
    local folder
    folder=$(cd "$1" && pwd)
    (cd "$folder" && unprivileged "$(programs)/pg_ctl" start --pgdata=data --log=server.log --wait --timeout=60 \
        >start.log 2>&1 </dev/null) || fail "the server did not start: $(tail -n 5 "$folder/server.log" 2>/dev/null)"
    address "$folder"
}

stop() {
    local folder
    folder=$(cd "$1" && pwd)
    (cd "$folder" && unprivileged "$(programs)/pg_ctl" stop --pgdata=data --mode="${2:-fast}" --wait >stop.log 2>&1)
}

# A standby: a copy of the running other one that goes on reading its log.
follow() {
    local folder=$1 other=$2
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    cp "$other/password" "$folder/password"
    if [ "$(id -u)" = 0 ]; then chown -R "$(owner)" "$folder"; fi
    (cd "$folder" && unprivileged "$(programs)/pg_basebackup" --pgdata=data --write-recovery-conf --checkpoint=fast \
        --no-sync --dbname="$(address "$other")" >copy.log 2>&1) || fail "no copy: $(tail -n 3 "$folder/copy.log")"
    echo "port = $(free_port)" >>"$folder/data/postgresql.conf"
}

promote() {
    local folder
    folder=$(cd "$1" && pwd)
    (cd "$folder" && unprivileged "$(programs)/pg_ctl" promote --pgdata=data --wait >promote.log 2>&1)
}

with() {
    local folder status=0
    folder=$(mktemp -d "${TMPDIR:-/tmp}/countersign-postgres.XXXXXX")
    chmod 755 "$folder"
    # shellcheck disable=SC2064  # the folder of now
    trap "'$here/postgres.sh' stop '$folder' immediate || true; rm -rf '$folder'" EXIT
    make "$folder"
    COUNTERSIGN_TEST_POSTGRES=$(start "$folder")
    export COUNTERSIGN_TEST_POSTGRES
    "$@" || status=$?
    return "$status"
}

[ $# -ge 2 ] || { echo "usage: postgres.sh with COMMAND... | make FOLDER | start FOLDER | stop FOLDER [MODE]" >&2; exit 64; }
case $1 in
    with | make | start | stop | follow | promote) "$@" ;;
    *) fail "no such command: $1 (with, make, start, stop, follow, promote)" ;;
esac
