"""Behind pgbouncer in transaction mode: statements unprepared, nothing set on a connection, LISTEN by another way or not at all."""

import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.parse

import pytest

import postgres
from cluster import Cluster
from people import Company
from portal import Portal
from server import free_port
from test_nodes import moved

pytestmark = pytest.mark.nodes


def bouncer():
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    assert found, "pgbouncer is missing: run scripts/ensure-tools.sh test"
    return found


@pytest.fixture(scope="module")
def pooled(tmp_path_factory):
    """Gives the address by way of a pooler with fewer connections than the nodes want."""
    server = postgres.shared()
    folder = tmp_path_factory.mktemp("pooler")
    os.chmod(folder, 0o755)
    parts = urllib.parse.urlsplit(server.address)
    port = free_port()
    (folder / "users").write_text(f'"{parts.username}" "{parts.password}"\n')
    (folder / "pgbouncer.ini").write_text(f"""[databases]
* = host=127.0.0.1 port={parts.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 3
logfile = {folder}/log
""")
    for path in folder.iterdir():
        os.chmod(path, 0o644)
    command = [bouncer(), str(folder / "pgbouncer.ini")]
    if os.geteuid() == 0:
        # It refuses to run as root, as the server does.
        os.chmod(folder, 0o777)
        postgres.open_way_to(folder)
        command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert time.monotonic() < end and process.poll() is None, (pathlib.Path(folder) / "log").read_text()
            time.sleep(0.05)
    yield lambda address: urllib.parse.urlsplit(address)._replace(
        netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}"
    ).geturl()
    process.terminate()
    process.wait(10)


def test_everything_works_behind_a_pooler(tmp_path_factory, pooled):
    cluster = Cluster(
        tmp_path_factory.mktemp("pooled"), postgres.shared(), via=pooled, COUNTERSIGN_DATABASE_PREPARED="off"
    ).start()
    company = Company(cluster.first)
    admin = company.enrolled_admin()
    user = company.user()
    portals = [Portal(cluster.nodes[number % 2]).enter(user) for number in range(6)]
    assert all(moved(portal, cluster.nodes[(number + 1) % 2]).inside() for number, portal in enumerate(portals))
    company.act(admin, "end-sessions", user)
    time.sleep(1)
    assert not any(portal.inside() for portal in portals)
    for node in cluster.nodes:
        Portal(node).enter(company.admin)
        assert node.command("doctor").returncode == 0
    cluster.stop()
