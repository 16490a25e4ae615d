"""Files with secrets are their owner's alone from the first byte on, whatever the umask of whoever starts the program."""

import os
import pathlib
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile

import pytest

from server import BINARY

pytestmark = pytest.mark.embedded

CREATES = re.compile(r'(?:openat|open|creat)\(.*?"(?P<path>[^"]+)".*?O_CREAT[^,)]*, 0(?P<mode>[0-7]+)\)\s+= \d')
CHANGES = re.compile(r'f?chmod(?:at)?\((?:AT_FDCWD, )?(?P<what>[^,]+), 0(?P<mode>[0-7]+)')
UMASK = re.compile(r"umask\(0?77\)")


@pytest.fixture
def folder():
    """One that every local user may enter."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="countersign-modes-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def settings(folder):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_") and name != "LD_PRELOAD"}
    return {**kept, "COUNTERSIGN_DATABASE": f"sqlite:{folder}/countersign.sqlite"}


COMMANDS = {
    "new": ["account", "create", "--name", "Acme", "--admin", "boss", "--password-stdin"],
    "backup": ["backup", "{folder}/copy.sqlite"],
    "list": ["account", "list"],
}


def run(folder, name, *prefix):
    command = [part.format(folder=folder) for part in COMMANDS[name]]
    done = subprocess.run(
        [*prefix, BINARY, *command], env=settings(folder), cwd=folder, input="Slate-harbour-Lark-77", capture_output=True, text=True,
        timeout=60, preexec_fn=lambda: os.umask(0),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def serve(folder, *prefix):
    """Serves until it listens, once on the database that is there."""
    process = subprocess.Popen(
        [*prefix, BINARY, "serve", "--listen", "127.0.0.1:0"], env=settings(folder), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, preexec_fn=lambda: os.umask(0), start_new_session=True,
    )
    try:
        assert any("Countersign listens" in line for line in process.stdout)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=20)


@pytest.mark.parametrize("names", [(*COMMANDS, "serve"), ("first start",)], ids=["commands", "first start"])
def test_every_file_is_made_with_the_right_mode_and_none_is_widened(folder, names):
    for name in names:
        trace = folder / f"trace-{name}"
        strace = ["strace", "-f", "-qq", "-e", "trace=open,openat,creat,chmod,fchmod,fchmodat,umask", "-o", trace]
        if name in COMMANDS:
            run(folder, name, *strace)
        else:
            serve(folder, *strace)
        lines = trace.read_text().splitlines()
        masked = next((place for place, line in enumerate(lines) if UMASK.search(line)), len(lines))
        made = []
        for place, line in enumerate(lines):
            if found := CREATES.search(line):
                made.append(found["path"])
                mode = int(found["mode"], 8) & ~(0o077 if place > masked else 0)
                assert mode & 0o077 == 0, line
            if found := CHANGES.search(line):
                assert int(found["mode"], 8) & 0o077 == 0, line
        assert made or name in ("list", "serve"), "the trace shows what is made"
        if name == "backup":
            # By its own mode too, not by the mask alone: the library that makes it may be asked from another program.
            own = [CREATES.search(line) for line in lines if "copy.sqlite" in line and CREATES.search(line)]
            assert own and all(int(found["mode"], 8) & 0o077 == 0 for found in own[:1])


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
def test_another_local_user_never_opens_one(folder):
    nobody = pwd.getpwnam("nobody").pw_uid
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # Looks as fast as it can, until it is told to stop by the folder's end.
        os.setgid(nobody)
        os.setuid(nobody)
        seen = b""
        while os.path.exists(folder):
            for name in os.listdir(folder) if os.path.exists(folder) else []:
                if name.startswith("trace") or name == "stop":
                    continue
                try:
                    os.close(os.open(folder / name, os.O_RDONLY))
                    seen += name.encode() + b" "
                except OSError:
                    pass
            if os.path.exists(folder / "stop"):
                break
        os.write(writing, seen[:4096] or b"-")
        os._exit(0)
    try:
        run(folder, "new")
        for _ in range(12):
            run(folder, "backup")
            (folder / "copy.sqlite").unlink()
        for file in folder.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
    finally:
        (folder / "stop").write_text("")
        os.waitpid(child, 0)
    assert os.read(reading, 4096) == b"-"


@pytest.mark.parametrize("there", ["file", "link", "dangling"])
def test_a_backup_follows_and_overwrites_nothing(folder, there):
    run(folder, "new")
    target, other = folder / "copy.sqlite", folder / "other"
    if there == "file":
        target.write_text("mine")
    else:
        if there == "link":
            other.write_text("mine")
        target.symlink_to(other)
    done = subprocess.run([BINARY, "backup", target], env=settings(folder), cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert other.read_text() == "mine" if there == "link" else not other.exists()
    assert there != "file" or target.read_text() == "mine"
