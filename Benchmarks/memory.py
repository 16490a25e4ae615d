"""What attacks on the memory of the portal take of it, while people sign in.

Only loopback, bounded in number and time. For each attack: resident memory before, the most during, and what is left
afterwards, and whether everybody who signed in meanwhile got in. Prints one Markdown table; exits with 1 when a bar is
missed.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time

BAR = 64
PASSWORD = "Slate-harbour-Lark-77"
HOST = b"Host: localhost\r\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Portal:
    """The release binary with a database of its own."""

    def __init__(self, binary, folder):
        self.port = free_port()
        self.environment = {
            "COUNTERSIGN_DATABASE": f"sqlite:{folder / 'db.sqlite'}", "COUNTERSIGN_LISTEN": f"127.0.0.1:{self.port}",
            "COUNTERSIGN_PUBLIC_URL": f"http://localhost:{self.port}", "COUNTERSIGN_TRUSTED_PROXIES": "127.0.0.1/32",
            "COUNTERSIGN_LOG_LEVEL": "error",
        }
        subprocess.run(
            [binary, "account", "create", "--name", "Bench", "--admin", "boss", "--password-stdin"],
            input=PASSWORD, text=True, capture_output=True, check=True, env=self.environment,
        )
        self.process = subprocess.Popen([binary, "serve"], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the portal does not start")

    def status(self, field):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(field + r":\s+(\d+)", text).group(1)) / 1024

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def connect(self):
        wire = socket.create_connection(("127.0.0.1", self.port), 10)
        wire.settimeout(2)
        return wire

    def sign_in(self):
        """A person, by the form; a program, by JSON: whether both get in."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        who = {"X-Forwarded-For": "198.51.100.9"}
        wire.request("POST", "/sign-in", f"login=boss&password={PASSWORD}", {"Content-Type": "application/x-www-form-urlencoded", **who})
        form = wire.getresponse()
        form.read()
        wire.request("POST", "/agent/v1/sign-in", json.dumps({"login": "boss", "password": PASSWORD}), {"Content-Type": "application/json", **who})
        program = wire.getresponse()
        program.read()
        wire.close()
        return form.status == 303 and program.status == 200


class People(threading.Thread):
    """Signs in again and again while an attack runs."""

    def __init__(self, portal):
        super().__init__()
        self.portal, self.done, self.failed, self.slowest = portal, 0, 0, 0.0
        self.ending = threading.Event()

    def run(self):
        while not self.ending.is_set():
            began = time.monotonic()
            try:
                good = self.portal.sign_in()
            except OSError:
                good = False
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.done, self.failed = self.done + 1, self.failed + (not good)
            self.ending.wait(0.2)


def send(wire, data):
    """As much as is taken."""
    try:
        wire.sendall(data)
    except OSError:
        pass


# The attacks: each opens connections, which are held until it is over

def pipelined(path):
    def attack(portal):
        request = b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n"
        for _ in range(200):
            wire = portal.connect()
            send(wire, request * (60_000 // len(request)))
            yield wire
    return attack


def stalled(count, size, addresses, agent=True):
    def attack(portal):
        for number in range(count):
            path, kind = (b"/agent/v1/sign-in", b"application/json") if agent else (b"/sign-in", b"application/x-www-form-urlencoded")
            wire = portal.connect()
            who = b"X-Forwarded-For: 203.0.113.%d\r\n" % (number % addresses)
            send(wire, b"POST " + path + b" HTTP/1.1\r\n" + HOST + who + b"Content-Type: " + kind + b"\r\nContent-Length: %d\r\n\r\n" % size + b"a" * (size - 1))
            yield wire
    return attack


def crumbs(portal):
    """Bodies in chunks of one byte, which are kept as pieces until they are read."""
    for number in range(250):
        wire = portal.connect()
        who = b"X-Forwarded-For: 203.0.113.%d\r\n" % (number % 200)
        send(wire, b"POST /agent/v1/sign-in HTTP/1.1\r\n" + HOST + who + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 60_000)
        yield wire


def heads(portal):
    """Requests whose headers do not end."""
    for _ in range(1_000):
        wire = portal.connect()
        send(wire, b"GET /sign-in HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: " % n + b"a" * 14_000 + b"\r\n" for n in range(2)))
        yield wire


def refusals(portal):
    """Refused questions with long descriptions, which the page on why remembers."""
    wire = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=10)
    for number in range(9_000):
        headers = {"X-Original-URL": "https://none.example.com/" + "a" * 12_000 + str(number), "X-Original-Method": "GET", "X-Forwarded-For": "b" * 9_000}
        wire.request("GET", "/forward-auth", headers=headers)
        wire.getresponse().read()
    yield wire.sock


def guess(number, logins, body=None, length=None):
    """A password of one of some logins, from one of 200 addresses; or another body, and the length that is announced."""
    body = body or b'{"login":"nobody%d","password":"some-password-x"}' % (number % logins)
    return (b"POST /agent/v1/sign-in HTTP/1.1\r\n" + HOST + b"X-Forwarded-For: 203.0.113.%d\r\n" % (number % 200)
            + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (length or len(body)) + body)


def long_heads(portal):
    """The longest requests behind one that waits for its turn: six logins let one check run at a time."""
    head = b"GET /healthz HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: " % n + b"a" * 15_900 + b"\r\n" for n in range(2)) + b"\r\n"
    for number in range(600):
        wire = portal.connect()
        send(wire, guess(number, 6) + head * 15)
        yield wire


def behind(portal):
    """Bodies that stop behind a request that waits."""
    for number in range(600):
        wire = portal.connect()
        send(wire, guess(number, 6) + guess(number, 6, body=b"a" * 100_000, length=900_000))
        yield wire


def waiting(portal):
    """Passwords that wait for other checks of the same login, on connections that stay open."""
    for number in range(3_000):
        wire = portal.connect()
        send(wire, guess(number, 30))
        yield wire


def idle(portal):
    """Connections that are kept open behind their request."""
    for _ in range(3_000):
        wire = portal.connect()
        send(wire, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
        yield wire


def unread(portal):
    """Answers that nobody reads."""
    for _ in range(300):
        wire = socket.socket()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        wire.connect(("127.0.0.1", portal.port))
        wire.settimeout(2)
        send(wire, (b"GET /static/style.css HTTP/1.1\r\n" + HOST + b"\r\n") * 15)
        yield wire


ATTACKS = {
    "200 connections, 60 kB of requests for a page on each": pipelined(b"/sign-in"),
    "the same for forward-auth, answers unread": pipelined(b"/forward-auth"),
    "250 bodies of 1 MiB that stop, from one address": stalled(250, 1024 * 1024, 1),
    "250 bodies of 1 MiB that stop, from 200 addresses": stalled(250, 1024 * 1024, 200),
    "1,000 forms of 64 KiB that stop, from 200 addresses": stalled(1_000, 64 * 1024, 200, agent=False),
    "250 bodies of 60,000 chunks that stop": crumbs,
    "1,000 heads of 28 kB that stop": heads,
    "9,000 refused questions of 21 kB": refusals,
    "600 connections, 15 heads of 32 kB on each behind a request that waits": long_heads,
    "600 connections, 100 kB of a body on each behind a request that waits": behind,
    "3,000 sign-ins of 30 logins at once": waiting,
    "300 connections, 15 answers each, unread": unread,
    "3,000 connections that are kept open": idle,
}


def measure(portal, attack):
    """MiB above idle: the most, and what is left after half a minute at the longest; and who signed in."""
    idle = portal.status("VmRSS")
    portal.forget_peak()
    people = People(portal)
    people.start()
    wires = []
    try:
        for wire in attack(portal):
            wires.append(wire)
        time.sleep(3)
    finally:
        peak = portal.status("VmHWM")
        for wire in wires:
            wire.close()
        people.ending.set()
        people.join()
    end = time.monotonic() + 30
    while portal.status("VmRSS") > idle + 16 and time.monotonic() < end:
        time.sleep(0.5)
    return peak - idle, portal.status("VmRSS") - idle, people


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--portal", required=True)
    options.add_argument("--only", default="", help="a part of an attack's name")
    chosen = options.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (8_192, max(8_192, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    missed = False
    print("| attack | most above idle, MiB | left, MiB | sign-ins meanwhile | slowest, s |\n|---|---|---|---|---|", flush=True)
    for name, attack in ATTACKS.items():
        if chosen.only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            portal = Portal(os.path.abspath(chosen.portal), pathlib.Path(folder))
            try:
                # What the first ones build up belongs to being at rest.
                for _ in range(30):
                    assert portal.sign_in()
                time.sleep(12)
                most, left, people = measure(portal, attack)
            finally:
                portal.process.terminate()
                portal.process.wait(20)
        good = people.done - people.failed
        print(f"| {name} | {most:.1f} | {left:.1f} | {good} of {people.done} | {people.slowest:.2f} |", flush=True)
        missed = missed or most > BAR or left > 16 or people.failed > 0
    print(f"\nThe bar: {BAR} MiB above idle, at most 16 MiB of it left, everybody gets in.", file=sys.stderr)
    sys.exit(missed)


if __name__ == "__main__":
    main()
