"""GET /forward-auth measured with wrk, in turns with nginx's static 200 and a bare Hummingbird route.

Only loopback, bounded in time. The database is filled by SQL with people, sessions and applications; what is asked is
then asked over HTTP alone. Prints one Markdown table and the machine.
"""

import argparse
import base64
import hashlib
import http.client
import os
import pathlib
import random
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid

ORIGIN = "https://app0.example.com"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


def token(kind):
    return kind + base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


def digest(text):
    return hashlib.sha256(text.encode()).digest()


class Portal:
    """The release binary with a database of its own."""

    def __init__(self, binary, folder, sessions, applications):
        self.folder = folder / f"portal-{sessions}-{applications}"
        self.folder.mkdir()
        self.port = free_port()
        self.database = self.folder / "db.sqlite"
        self.environment = {
            "COUNTERSIGN_DATABASE": f"sqlite:{self.database}", "COUNTERSIGN_LISTEN": f"127.0.0.1:{self.port}",
            "COUNTERSIGN_PUBLIC_URL": "https://portal.example.com", "COUNTERSIGN_TRUSTED_PROXIES": "127.0.0.1/32",
            "COUNTERSIGN_LOG_LEVEL": "error",
        }
        self.binary = binary
        self.account = subprocess.run(
            [binary, "account", "create", "--name", "Bench", "--admin", "boss", "--password-stdin"],
            input="Slate-harbour-Lark-77", text=True, capture_output=True, check=True, env=self.environment,
        ).stdout.strip()
        self._fill(sessions, applications)

    def _fill(self, sessions, applications):
        """One person and one portal session for each session of the first application; some that are good for nothing."""
        base, now = sqlite3.connect(self.database), int(time.time())
        self.live, self.ended, self.foreign, self.expired = [], [], [], []
        ids = [str(uuid.uuid4()) for _ in range(max(2, applications))]
        for number, ident in enumerate(ids):
            base.execute(
                "INSERT INTO application (id, account_id, name, origin, assurance, everybody, header_user, header_name, header_email,"
                " header_groups, created_at) VALUES (?,?,?,?,'two-factor',1,'Remote-User','Remote-Name','Remote-Email','Remote-Groups',?)",
                (ident, self.account, f"App {number}", f"https://app{number}.example.com", now))
        for number in range(sessions + 200):
            person, portal, cookie = str(uuid.uuid4()), str(uuid.uuid4()), token("csas_")
            foreign, old = sessions <= number < sessions + 100, number >= sessions + 100
            began = now - 13 * 3600 if old else now
            base.execute("INSERT INTO person (id, account_id, login, login_key, name, created_at) VALUES (?,?,?,?,?,?)",
                         (person, self.account, f"user{number}", f"user{number}", f"User {number}", now))
            base.execute("INSERT INTO portal_session (id, digest, account_id, person_id, methods, created_at, last_seen_at) VALUES (?,?,?,?,?,?,?)",
                         (portal, os.urandom(32), self.account, person, "otp pwd", began, now))
            base.execute("INSERT INTO application_session (id, digest, account_id, application_id, portal_session_id, created_at) VALUES (?,?,?,?,?,?)",
                         (str(uuid.uuid4()), digest(cookie), self.account, ids[1] if foreign else ids[0], portal, now))
            (self.foreign if foreign else self.expired if old else self.live).append(cookie)
        self.ended = [token("csas_") for _ in range(100)]
        base.commit()
        base.close()

    def start(self, *prefix):
        self.process = subprocess.Popen([*prefix, self.binary, "serve"], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.port)
        return self

    def resident(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text()).group(1)) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def ask(self, wire, cookie):
        wire.request("GET", "/forward-auth", headers={
            "Countersign-Origin": ORIGIN, "X-Original-URL": ORIGIN + "/d/abc?x=1", "X-Original-Method": "GET", "X-Forwarded-For": "192.0.2.7",
            "Cookie": f"__Host-countersign_app={cookie}"})
        answer = wire.getresponse()
        answer.read()
        return answer.status

    def warm(self):
        wire = http.client.HTTPConnection("127.0.0.1", self.port)
        for cookie in self.live:
            assert self.ask(wire, cookie) == 200
        wire.close()


WRK = """
local cookies = {}
for line in io.lines("%s") do cookies[#cookies + 1] = line end
local requests = {}
init = function()
    math.randomseed(os.time())
    for i, cookie in ipairs(cookies) do
        wrk.headers["Countersign-Origin"] = "https://app0.example.com"
        wrk.headers["X-Original-URL"] = "https://app0.example.com/d/abc?x=1"
        wrk.headers["X-Original-Method"] = "GET"
        wrk.headers["X-Forwarded-For"] = "192.0.2.7"
        wrk.headers["Cookie"] = "__Host-countersign_app=" .. cookie
        requests[i] = wrk.format("GET", "%s")
    end
end
local at = 0
request = function()
    at = at %% #requests + 1
    return requests[at]
end
"""


def wrk(address, seconds, script=None):
    """Requests a second and p99 in ms; anything but 2xx ends the run."""
    command = ["wrk", "-t2", "-c64", f"-d{seconds}s", "--latency", address] + (["-s", script] if script else [])
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(f"wrong answers from {address}:\n{out}")
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


NGINX = """
worker_processes 2;
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream portal {{ server 127.0.0.1:{portal}; keepalive 64; keepalive_requests 1000000000; }}
    upstream bare {{ server 127.0.0.1:{bare}; keepalive 64; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{port};
        location = /static {{ return 200; }}
        location = /bare {{ proxy_pass http://bare; proxy_http_version 1.1; proxy_set_header Connection ""; }}
        location = /file {{ alias {folder}/file; }}
        location = /protected {{ auth_request /check; alias {folder}/file; }}
        location = /check {{
            internal;
            proxy_pass http://portal/forward-auth;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }}
    }}
}}
"""


class Process:
    def __init__(self, command, port):
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(port)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def script(folder, cookies, path):
    lines, lua = folder / "cookies", folder / "wrk.lua"
    lines.write_text("\n".join(cookies) + "\n")
    lua.write_text(WRK % (lines, path))
    return lua


def alternate(rounds, seconds, measures):
    """Each measure once a round, in turns; lists of (requests/s, p99)."""
    results = {name: [] for name in measures}
    for number in range(rounds):
        names = list(measures) if number % 2 == 0 else list(reversed(measures))
        for name in names:
            results[name].append(measures[name](seconds))
        print(f"    round {number + 1}: " + ", ".join(f"{n} {results[n][-1][0]:,.0f}/s" for n in measures), file=sys.stderr)
    return results


def ratio(results, left, right):
    pairs = [a[0] / b[0] for a, b in zip(results[left], results[right])]
    return statistics.median(pairs), min(pairs), max(pairs)


def instructions(binary, folder, sessions, applications, count=3000):
    """Instructions for one request, from the difference of two runs under callgrind."""
    totals = []
    for requests in (count, 2 * count):
        portal = Portal(binary, folder / f"callgrind-{requests}", sessions, applications)
        out = portal.folder / "callgrind"
        portal.start("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--quiet")
        wire = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=120)
        sample = portal.live[:: max(1, len(portal.live) // 200)][:200]
        for cookie in sample:
            portal.ask(wire, cookie)
        for number in range(requests):
            portal.ask(wire, sample[number % len(sample)])
        portal.stop()
        totals.append(int(re.search(r"^(?:summary|totals):\s+(\d+)", out.read_text(), re.M).group(1)))
    return (totals[1] - totals[0]) / count


# Requests sent at once on a connection; of more than sixteen that wait the portal keeps none.
BATCH = 10


def mixed(portal, total, workers=8):
    """Live, ended, foreign, expired and forged ones in one stream; how many were asked, and answered wrong."""
    kinds = [(portal.live, 200), (portal.ended, 401), (portal.foreign, 401), (portal.expired, 401)]
    wrong, asked = [0] * workers, [0] * workers

    def run(index):
        chance, data = random.Random(index), socket.create_connection(("127.0.0.1", portal.port))
        reader = data.makefile("rb")
        for _ in range(total // workers // BATCH):
            batch, expected = [], []
            for _ in range(BATCH):
                pick = chance.random()
                if pick < 0.6:
                    cookie, status = chance.choice(portal.live), 200
                elif pick < 0.9:
                    pool, status = kinds[chance.randrange(1, 4)]
                    cookie = chance.choice(pool)
                else:
                    cookie, status = chance.choice(portal.live)[:-2] + chance.choice(["AA", "", "__", "A A"]), 401
                    if cookie in live:
                        status = 200
                batch.append("GET /forward-auth HTTP/1.1\r\nHost: p\r\nCountersign-Origin: https://app0.example.com\r\nX-Original-URL: https://app0.example.com/d\r\nX-Original-Method: GET\r\n"
                             f"Remote-User: boss\r\nCookie: __Host-countersign_app={cookie}\r\n\r\n")
                expected.append(status)
            data.sendall("".join(batch).encode())
            for status in expected:
                line = reader.readline()
                length = 0
                while True:
                    header = reader.readline()
                    if header in (b"\r\n", b""):
                        break
                    if header.lower().startswith(b"content-length:"):
                        length = int(header.split(b":")[1])
                reader.read(length)
                asked[index] += 1
                wrong[index] += int(line.split(b" ")[1]) != status
        data.close()

    live = set(portal.live)
    threads = [threading.Thread(target=run, args=(i,)) for i in range(workers)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    return sum(asked), sum(wrong)


def machine():
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) / 2**20
    return f"{time.strftime('%Y-%m-%d')}. {cpu}, {os.cpu_count()} cores, {memory:.0f} GiB of memory; Linux {os.uname().release}"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--portal", required=True)
    options.add_argument("--bare", required=True)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--part", choices=["all", "speed", "answers", "flat"], default="all")
    options = options.parse_args()
    rounds, seconds = (3, 2) if options.quick else (9, 4)
    binary = os.path.abspath(options.portal)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.chmod(folder, 0o755)
        if options.part in ("all", "speed"):
            rows += speed(binary, os.path.abspath(options.bare), folder, rounds, seconds)
        if options.part in ("all", "answers"):
            portal = Portal(binary, folder, 1000, 5).start()
            total = 100_000 if options.quick else 1_000_000
            asked, wrong = mixed(portal, total)
            portal.stop()
            rows.append(("6. wrong answers, mixed requests", f"{wrong} in {asked:,}", f"0 in {total:,}", wrong == 0 and asked == total))
        if options.part in ("all", "flat") and shutil.which("valgrind"):
            rows += flat(binary, folder, options.quick)
    print("| | measured | target | verdict |\n|---|---|---|---|")
    for what, measured, target, met in rows:
        print(f"| {what} | {measured} | {target} | {'' if met is None else 'met' if met else '**missed**'} |")
    print(f"\n{machine()}.")


def speed(binary, bare_binary, folder, rounds, seconds):
    portal = Portal(binary, folder, 10_000, 10).start()
    portal.warm()
    bare_port, port = free_port(), free_port()
    bare = Process([bare_binary, str(bare_port)], bare_port)
    nginx_folder = folder / "nginx"
    nginx_folder.mkdir()
    (nginx_folder / "file").write_text("")
    user = "user root;" if os.getuid() == 0 else ""
    (nginx_folder / "conf").write_text(
        NGINX.format(user=user, folder=nginx_folder, portal=portal.port, bare=bare_port, port=port))
    nginx = Process([shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-c", nginx_folder / "conf"], port)
    direct = script(folder, portal.live[:2000], "/forward-auth")
    behind_folder = folder / "behind"
    behind_folder.mkdir()
    behind = script(behind_folder, portal.live[:2000], "/protected")
    print("==> forward-auth, nginx's static 200 and the bare route, in turns", file=sys.stderr)
    first = alternate(rounds, seconds, {
        "forward-auth": lambda s: wrk(f"http://127.0.0.1:{portal.port}/forward-auth", s, direct),
        "bare": lambda s: wrk(f"http://127.0.0.1:{bare_port}/bare", s),
        "nginx": lambda s: wrk(f"http://127.0.0.1:{port}/static", s),
    })
    print("==> behind nginx: auth_request, and proxying to the bare route", file=sys.stderr)
    second = alternate(rounds, seconds, {
        "auth_request": lambda s: wrk(f"http://127.0.0.1:{port}/protected", s, behind),
        "proxy to bare": lambda s: wrk(f"http://127.0.0.1:{port}/bare", s),
    })
    resident = portal.resident()
    for process in (portal, bare, nginx):
        process.stop()
    rows = []
    for what, results, left, right, target in (
        ("1. forward-auth over the bare Hummingbird route", first, "forward-auth", "bare", 0.80),
        ("2. forward-auth over nginx's static 200", first, "forward-auth", "nginx", 0.35),
        ("4. nginx auth_request over nginx proxying to the bare route", second, "auth_request", "proxy to bare", 0.90),
    ):
        middle, low, high = ratio(results, left, right)
        a, b = (statistics.median(r[0] for r in results[n]) for n in (left, right))
        rows.append((what, f"{a:,.0f} / {b:,.0f} = {middle:.2f} (median of {rounds} pairs, {low:.2f} to {high:.2f})", f"at least {target:.2f}", middle >= target))
    p99 = statistics.median(r[1] for r in first["forward-auth"])
    bare, static = (statistics.median(r[1] for r in first[name]) for name in ("bare", "nginx"))
    rows.insert(2, ("3. p99 at 64 connections", f"{p99:.2f} ms", "under 5 ms, or under nginx's", p99 < max(5, static)))
    rows.insert(3, ("3a. the same of the bare route, of nginx's static 200", f"{bare:.2f} ms, {static:.2f} ms", "", None))
    rows.append(("5. resident memory after the run, 10,000 sessions", f"{resident:.1f} MiB", "at most 64 MiB", resident <= 64))
    return rows


def flat(binary, folder, quick):
    print("==> instructions of one request, under callgrind", file=sys.stderr)
    for requests in (3000, 6000):
        (folder / f"callgrind-{requests}").mkdir()
    many = 10_000 if quick else 100_000
    few, sessions = instructions(binary, folder, 10, 1), instructions(binary, folder, many, 1)
    applications = instructions(binary, folder, 10, 1_000)
    rows = []
    for what, value in ((f"7. instructions a request, {many:,} sessions over 10", sessions), ("8. the same, 1,000 applications over 1", applications)):
        change = value / few - 1
        rows.append((what, f"{value:,.0f} / {few:,.0f} ({change:+.1%})", "within 5 %", abs(change) <= 0.05))
    return rows


if __name__ == "__main__":
    main()
