"""The clock of the server under test, which a test moves at will.

The server runs under libfaketime and reads its offset from a file before each
look at the wall clock. Only CLOCK_REALTIME is moved: timers, waits and
deadlines inside the process (CLOCK_MONOTONIC) run on as always. README.md says
how this was tried out.
"""

import atexit
import contextlib
import functools
import glob
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

STEP = 30
SHARED_MEMORY = pathlib.Path("/dev/shm")


def _faketime():
    named = os.environ.get("FAKETIME_LIBRARY")
    places = [named] if named else glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1") + glob.glob(
        "/usr/lib/faketime/libfaketimeMT.so.1"
    )
    if not places:
        raise RuntimeError("libfaketime is missing: run scripts/ensure-tools.sh")
    return places[0]


@functools.cache
def preloadable(source):
    """A C file of this folder, compiled for this run as a library to be preloaded."""
    folder = tempfile.mkdtemp(prefix="countersign-preload-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # A server that is not root loads it too.
    os.chmod(folder, 0o755)
    library = pathlib.Path(folder, source).with_suffix(".so")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, pathlib.Path(__file__).with_name(source)], check=True)
    return library


def forget_the_dead():
    """libfaketime names its shared memory by process. One that is killed, or ends at once as ours does, leaves it behind,
    and the next with that number ends at its start."""
    for left in SHARED_MEMORY.glob("*faketime_*"):
        number = re.search(r"faketime_(?:shm|sem)_(\d+)$", left.name)
        if number and not os.path.exists(f"/proc/{number[1]}"):
            with contextlib.suppress(OSError):
                left.unlink()


class Clock:
    def __init__(self, path):
        self._path = str(path)
        self._offset = 0.0
        self._frozen_at = None
        self._write("+0")

    def environment(self):
        """What a process needs in order to live by this clock."""
        forget_the_dead()
        return {
            "LD_PRELOAD": f"{preloadable('timers.c')} {_faketime()}",
            "FAKETIME_TIMESTAMP_FILE": self._path,
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Without this, libfaketime 0.9.10 makes every timed wait on a
            # monotonic condition variable return at once (a busy loop).
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",
            "TZ": "UTC",
        }

    def now(self):
        return self._frozen_at if self._frozen_at is not None else time.time() + self._offset

    def step(self):
        return int(self.now() // STEP)

    def jump(self, seconds):
        """Moves the server's clock, forward or (negative) back."""
        if self._frozen_at is not None:
            self._frozen_at += seconds
            self._write_frozen()
        else:
            self._offset += seconds
            self._write(f"{self._offset:+.3f}")

    def to_step(self, step, second=1):
        """Goes to the given second of the given time step."""
        self.jump(step * STEP + second - self.now())

    def next_step(self, second=1):
        self.to_step(self.step() + 1, second)

    def settle(self, room=12):
        """Leaves at least `room` seconds before the running step ends."""
        if STEP - self.now() % STEP < room:
            self.next_step()

    @contextlib.contextmanager
    def frozen(self):
        """Stands still inside the block, at a whole second; jump() still works.

        The second is far enough ahead that a node which keeps the database's clock sees at once that it was set."""
        self._frozen_at = float(int(self.now() + 0.25) + 1)
        self._write_frozen()
        try:
            yield self
        finally:
            self._offset = self._frozen_at - time.time()
            self._frozen_at = None
            self._write(f"{self._offset:+.3f}")

    def _write_frozen(self):
        self._frozen_at = float(int(self._frozen_at))
        self._write(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self._frozen_at)))

    def _write(self, text):
        # A rename, so that no reader ever sees half a line.
        with open(self._path + ".new", "w") as file:
            file.write(text + "\n")
        os.replace(self._path + ".new", self._path)
