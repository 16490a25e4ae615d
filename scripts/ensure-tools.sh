#!/usr/bin/env bash
# ensure-tools.sh GROUP... : makes sure that what a group needs is installed.
#   build     C libraries and a C compiler, for the product itself
#   test      a browser, four proxies, consoles that read paths, a PostgreSQL server and the tools that the end-to-end tests use
#   postgres  the server alone, for the unit tests
#   bench     what the benchmark of forward-auth uses beside that
# Looks first and installs only what is missing, when it runs as root or may use sudo without asking;
# otherwise it prints the command to run and stops with 1.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=.build-venv
requirements=scripts/requirements-test.txt
missing=()

say() { echo "tools: $*"; }
fail() {
    echo "tools: $*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }
# Servers may stand where only root looks for programs.
has_server() { PATH=$PATH:/usr/sbin:/usr/local/sbin has "$1"; }
has_library() { has pkg-config && pkg-config --exists "$1"; }
has_faketime() {
    compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || compgen -G '/usr/lib*/faketime/libfaketimeMT.so.1' >/dev/null
}
has_pgbouncer() { has pgbouncer || [ -x /usr/sbin/pgbouncer ]; }
has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || compgen -G '/usr/pgsql-*/bin/initdb' >/dev/null || has initdb; }
has_lua_socket() { [ -e /usr/share/lua/5.3/socket/http.lua ]; }
compiles_c() { echo '#include <stdlib.h>' | cc -E -x c - >/dev/null 2>&1; }
compiles_cxx() { echo '#include <string>' | c++ -E -x c++ - >/dev/null 2>&1; }

# A Python that can make virtual environments: the first on the path or the system's own.
capable_python() {
    local candidate
    for candidate in python3 /usr/bin/python3; do
        if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

environment_is_fresh() {
    cmp -s "$requirements" "$environment/requirements.txt" &&
        "$environment/bin/python" -c 'import axe_playwright_python, h2, playwright, pytest, pytest_timeout, requests' >/dev/null 2>&1
}

# need "WHAT" TEST... : notes WHAT as missing when the test fails
need() {
    local what=$1
    shift
    "$@" || missing+=("$what")
}

look() {
    missing=()
    local group
    for group in "$@"; do
        case $group in
            build)
                need make has make
                need pkg-config has pkg-config
                need c-compiler compiles_c
                need cxx-headers compiles_cxx
                need argon2 has_library libargon2
                need qrencode has_library libqrencode
                need sqlite has_library sqlite3
                need libpq has_library libpq
                ;;
            test)
                need chromium has chromium
                need zbar has zbarimg
                need oathtool has oathtool
                need rsvg has rsvg-convert
                need faketime has_faketime
                need jq has jq
                need nginx has_server nginx
                need caddy has caddy
                need haproxy has_server haproxy
                need apache has_server apache2
                need lua-socket has_lua_socket
                need openssl has openssl
                need node has node
                need php has php
                need strace has strace
                need sqlite-command has sqlite3
                need psql has psql
                need postgres has_postgres
                need pgbouncer has_pgbouncer
                environment_is_fresh || need python-venv capable_python >/dev/null
                ;;
            postgres) need postgres has_postgres ;;
            bench)
                need nginx has_server nginx
                need wrk has wrk
                need valgrind has valgrind
                need python has python3
                ;;
            *) fail "no such group: $group (build, test, postgres, bench)" ;;
        esac
    done
}

# package_of MANAGER WHAT : the packages' names
package_of() {
    case $1:$2 in
        *:make | *:chromium | *:jq | *:pgbouncer | *:nginx | *:caddy | *:haproxy | *:openssl | *:wrk | *:valgrind | *:strace) echo "$2" ;;
        *:python) echo python3 ;;
        apt:pkg-config) echo pkg-config ;;
        apt:c-compiler) echo gcc libc6-dev ;;
        apt:cxx-headers) echo g++ ;;
        apt:argon2) echo libargon2-dev ;;
        apt:qrencode) echo libqrencode-dev ;;
        apt:sqlite) echo libsqlite3-dev ;;
        apt:libpq) echo libpq-dev ;;
        apt:postgres) echo postgresql ;;
        apt:psql) echo postgresql-client ;;
        apt:node | dnf:node | apk:node) echo nodejs ;;
        apt:php | dnf:php) echo php-cli ;;
        apt:apache) echo apache2-bin ;;
        apt:lua-socket | dnf:lua-socket) echo lua-socket ;;
        apt:zbar) echo zbar-tools ;;
        apt:oathtool) echo oathtool ;;
        apt:rsvg) echo librsvg2-bin ;;
        apt:faketime) echo faketime libfaketime ;;
        apt:sqlite-command) echo sqlite3 ;;
        apt:python-venv) echo python3 python3-venv ;;
        dnf:pkg-config) echo pkgconf-pkg-config ;;
        dnf:c-compiler) echo gcc glibc-devel ;;
        dnf:cxx-headers) echo gcc-c++ ;;
        dnf:argon2) echo libargon2-devel ;;
        dnf:qrencode) echo qrencode-devel ;;
        dnf:sqlite) echo sqlite-devel ;;
        dnf:libpq) echo libpq-devel ;;
        dnf:postgres) echo postgresql-server ;;
        dnf:psql) echo postgresql ;;
        dnf:apache) echo httpd mod_ssl mod_lua ;;
        dnf:zbar) echo zbar ;;
        dnf:oathtool) echo oathtool ;;
        dnf:rsvg) echo librsvg2-tools ;;
        dnf:faketime) echo libfaketime ;;
        dnf:sqlite-command) echo sqlite ;;
        dnf:python-venv) echo python3 ;;
        apk:pkg-config) echo pkgconf ;;
        apk:c-compiler) echo gcc musl-dev ;;
        apk:cxx-headers) echo g++ ;;
        apk:argon2) echo argon2-dev ;;
        apk:qrencode) echo libqrencode-dev ;;
        apk:sqlite) echo sqlite-dev ;;
        apk:libpq) echo libpq-dev ;;
        apk:postgres) echo postgresql ;;
        apk:psql) echo postgresql-client ;;
        apk:apache) echo apache2 apache2-ssl apache2-lua apache2-proxy ;;
        apk:php) echo php ;;
        apk:lua-socket) echo lua5.3-socket ;;
        apk:zbar) echo zbar ;;
        apk:oathtool) echo oath-toolkit-oathtool ;;
        apk:rsvg) echo rsvg-convert ;;
        apk:faketime) echo libfaketime ;;
        apk:sqlite-command) echo sqlite ;;
        apk:python-venv) echo python3 ;;
        *) fail "no package is known for $2" ;;
    esac
}

install_missing() {
    local what manager administrator=() packages=() names
    if has apt-get; then manager=apt; elif has dnf; then manager=dnf; elif has apk; then manager=apk; else
        fail "missing: ${missing[*]}. Install them with your system's package manager, then run this again."
    fi
    for what in "${missing[@]}"; do
        read -r -a names <<<"$(package_of "$manager" "$what")"
        packages+=("${names[@]}")
    done
    if [ "$(id -u)" != 0 ]; then administrator=(sudo); fi
    case $manager in
        dnf) fail "missing: ${missing[*]}. Run this, then try again: ${administrator[*]:+sudo }dnf install ${packages[*]}" ;;
        apk) fail "missing: ${missing[*]}. Run this, then try again: ${administrator[*]:+sudo }apk add ${packages[*]}" ;;
    esac
    if [ "$(id -u)" != 0 ]; then
        if ! { has sudo && sudo -n true 2>/dev/null; }; then
            fail "missing: ${missing[*]}. Run this, then try again:" \
                "sudo apt-get update && sudo apt-get install --no-install-recommends ${packages[*]}"
        fi
        administrator=(sudo -n)
    fi
    # The tests start servers of their own: the package shall not start one because it is there.
    if [[ " ${packages[*]} " == *" postgresql "* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        "${administrator[@]}" mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | "${administrator[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    say "installing ${packages[*]} (apt-get)"
    "${administrator[@]}" apt-get update -q
    # The proxies are for tests: RUNLEVEL keeps their packages from starting them as services.
    "${administrator[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -o DPkg::Lock::Timeout=300 \
        install -q -y --no-install-recommends "${packages[@]}"
}

check_swift() {
    local version
    has swift || fail "missing: Swift 6.3 or later. Install it from https://www.swift.org/install/ and put it on the PATH."
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
    [ -n "$version" ] || fail "cannot read the version of Swift: swift --version"
    awk -v version="$version" 'BEGIN { split(version, v, " "); exit !(v[1] > 6 || (v[1] == 6 && v[2] >= 3)) }' ||
        fail "Swift 6.3 or later is needed; this is ${version/ /.}. See https://www.swift.org/install/."
}

make_environment() {
    local python
    python=$(capable_python) || fail "no Python 3.10 or later with its venv module was found"
    say "installing $(grep -v '^#' "$requirements" | tr '\n' ' ')into $environment (pip)"
    rm -rf "$environment"
    "$python" -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" ||
        fail "pip could not install what $requirements names"
    cp "$requirements" "$environment/requirements.txt"
}

[ $# -gt 0 ] || fail "usage: ensure-tools.sh build|test|bench..."
look "$@"
check_swift
if [ ${#missing[@]} -gt 0 ]; then
    install_missing
    hash -r
    look "$@"
    [ ${#missing[@]} -eq 0 ] || fail "still missing after installing: ${missing[*]}"
fi
for group in "$@"; do
    if [ "$group" = test ] && ! environment_is_fresh; then
        make_environment
        environment_is_fresh || fail "$environment does not work; remove it and run this again"
    fi
done
say "all there ($*)"
