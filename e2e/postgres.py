"""A PostgreSQL server of the tests' own, which lives by the tests' clock (with it the database's time decides)."""

import itertools
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import time

from clock import Clock

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "scripts/postgres.sh"
_names = itertools.count(1)


def open_way_to(folder):
    """Lets every local user reach a folder of this run; what they can enter already, such as /tmp, stays as it is."""
    for parent in pathlib.Path(folder).parents:
        mode = parent.stat().st_mode
        if mode & 0o005 == 0o005:
            return
        os.chmod(parent, stat.S_IMODE(mode) | 0o055)


class Postgres:
    def __init__(self, folder=None, settings="", follows=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="countersign-postgres-"))
        # The server is not root, and has to look up its clock here.
        os.chmod(self.folder, 0o755)
        self.clock = follows.clock if follows else Clock(self.folder / "clock")
        if follows:
            self._run("follow", str(self.folder), str(follows.folder))
        else:
            self._run("make", str(self.folder))
        with open(self.folder / "data/postgresql.conf", "a") as file:
            file.write(settings + "\n")
        self.address = None
        self.start()

    def _run(self, *arguments, environment=None, check=True):
        done = subprocess.run([SCRIPT, *arguments], env={**os.environ, **(environment or {})}, capture_output=True, text=True)
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def start(self):
        self.address = self._run("start", str(self.folder), environment=self.clock.environment())

    def stop(self, mode="fast"):
        """`immediate` is as good as killing it: nothing is written any more."""
        self._run("stop", str(self.folder), mode)

    def promote(self):
        """A standby takes the primary's place."""
        self._run("promote", str(self.folder), environment=self.clock.environment())

    def start_again(self):
        """Starts it if a fault ended it."""
        self._run("start", str(self.folder), environment=self.clock.environment(), check=False)
        self.sql_when_free("SELECT 1")

    def stop_quietly(self):
        self._run("stop", str(self.folder), "immediate", check=False)

    def remove(self):
        self.stop_quietly()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self):
        """The address of an empty database."""
        name = f"portal{next(_names)}"
        self.sql(f"CREATE DATABASE {name}")
        return self.address.rpartition("/")[0] + "/" + name

    def sql(self, statement, address=None):
        """What a statement answers, one line a row."""
        command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement, address or self.address]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sql_when_free(self, statement, seconds=20):
        """The same once the server takes a connection."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self.sql(statement)
            except AssertionError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def dump(self, address):
        """All that a database holds, as text."""
        program = shutil.which("pg_dump")
        return subprocess.run([program, address], capture_output=True, check=True).stdout

    @property
    def port(self):
        return int(re.search(r":(\d+)/", self.address).group(1))


_shared = []


def shared():
    """The one that all tests of a run use; each server under test has a database of its own in it."""
    if not _shared:
        _shared.append(Postgres())
    return _shared[0]


def remove_shared():
    while _shared:
        _shared.pop().remove()
