"""Starts, stops, kills and asks a countersign binary, in a folder of its own."""

import itertools
import json
import os
import pathlib
import random
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time

import requests

import postgres
from clock import Clock, forget_the_dead

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
BINARY = os.path.abspath(os.environ.get("COUNTERSIGN_BIN", REPOSITORY / ".build/debug/countersign"))
# Each client of these tests says by X-Forwarded-For who it is, so that the
# limits per address of one test do not reach the next.
TRUSTED = {"COUNTERSIGN_TRUSTED_PROXIES": "127.0.0.1/32"}
ENGINE = os.environ.get("COUNTERSIGN_E2E_ENGINE", "sqlite")
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
FIRST_RUN = re.compile(r"https?://\S+?/welcome\?token=[^\s\"'<>]+")


def _ports():
    """Below those that the system gives to connections that go out, so that none of them takes one before its use; each
    process of a run has a thousand of its own, beginning anywhere."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    begin = random.randrange(1_000)
    return itertools.cycle(10_000 + 1_000 * (worker % 10) + (begin + step) % 1_000 for step in range(1_000))


_next_port = _ports()


def free_port():
    for port in _next_port:
        with socket.socket() as probe:
            # What a server that has ended leaves behind keeps nobody away.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Server:
    """One binary with its folder. What a failed test leaves running, the last fixture kills."""

    everyone = []

    def __init__(self, folder, clock=None, public_url=None, engine=ENGINE, **environment):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.engine = engine
        if engine == "postgres":
            # The database's time decides, so that both live by one clock.
            clock = clock or postgres.shared().clock
        self.clock = clock or Clock(self.folder / "clock")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.public_url = public_url or f"http://localhost:{self.port}"
        self.database = self.folder / "countersign.sqlite"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")},
            **self.clock.environment(),
            "COUNTERSIGN_DATABASE": f"sqlite:{self.database}",
            "COUNTERSIGN_LISTEN": f"127.0.0.1:{self.port}",
            "COUNTERSIGN_PUBLIC_URL": self.public_url,
            **TRUSTED,
            **environment,
        }
        self._process = None
        self._reader = None
        self.lines = []
        self._first_line = 0
        Server.everyone.append(self)
        if engine == "postgres" and "COUNTERSIGN_DATABASE" not in environment:
            self.environment["COUNTERSIGN_DATABASE"] = postgres.shared().new_database()
            self.environment["COUNTERSIGN_KEY_FILE"] = str(self.folder / "keys.json")
            self.do("migrate")

    # Life

    def start(self, seconds=20):
        self._first_line = len(self.lines)
        forget_the_dead()
        self._process = subprocess.Popen(
            [BINARY, "serve"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        self._wait_ready(seconds)
        return self

    def _read(self, process):
        for line in process.stdout:
            self.lines.append(line.decode("utf-8", "backslashreplace").rstrip("\n"))

    def _wait_ready(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise AssertionError(f"serve ended with {self._process.returncode}:\n{self.log}")
            try:
                if requests.get(self.url + "/readyz", timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.03)
        raise AssertionError(f"not ready after {seconds} s:\n{self.log}")

    @property
    def running(self):
        return self._process is not None and self._process.poll() is None

    def stop(self, seconds=20):
        """Asks it to stop as a service manager would; returns its exit status."""
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(seconds)
        self._reader.join(5)
        return status

    def kill(self):
        self._process.kill()
        self._process.wait(10)
        self._reader.join(5)

    def restart(self):
        return self.start()

    def dump(self):
        """All that its database holds: the bytes on the disk where there are any, and as text."""
        if self.engine == "postgres":
            text = postgres.shared().dump(self.environment["COUNTERSIGN_DATABASE"])
            return text, text.decode("utf-8", "replace")
        raw = b"".join(file.read_bytes() for file in sorted(self.folder.glob("countersign.sqlite*")))
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            return raw, "\n".join(connection.iterdump())

    def alter(self, statement):
        """Changes its database behind its back, as another program (an older one) would have left it."""
        if self.engine == "postgres":
            postgres.shared().sql(statement, self.environment["COUNTERSIGN_DATABASE"])
            return
        with sqlite3.connect(self.database, timeout=10) as connection:
            connection.execute(statement)

    # What it says

    @property
    def log(self):
        return "\n".join(self.lines)

    def first_run_address(self, seconds=5):
        """The address that `serve` printed when it last started."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = FIRST_RUN.search("\n".join(self.lines[self._first_line:]))
            if found:
                return found.group(0)
            time.sleep(0.05)
        raise AssertionError("no first-run address was printed:\n" + self.log)

    # Its command line

    def command(self, *arguments, given=None, environment=None):
        """Runs one countersign command on the same database; returns the finished process."""
        forget_the_dead()
        return subprocess.run(
            [BINARY, *arguments],
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            input=given,
            capture_output=True,
            text=True,
            timeout=20,
        )

    def do(self, *arguments, given=None):
        """Runs a command that must succeed; returns what it wrote to standard output."""
        done = self.command(*arguments, given=given)
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def ask(self, *arguments):
        """Runs a listing command with --json; returns the document."""
        return json.loads(self.do(*arguments, "--json"))
