"""Faults of a real PostgreSQL: each request completes or is a 503, nobody gets in wrongly, nothing answered is lost."""

import os
import subprocess
import threading
import time

import pytest
import requests

from cluster import Cluster, Node, own_clock
from people import Company
from portal import SESSION, Portal
from postgres import Postgres, open_way_to
from proxy import Proxy

PEOPLE = 4
SECONDS_TO_RECOVER = 5
pytestmark = pytest.mark.nodes


@pytest.fixture(scope="module")
def postgres():
    server = Postgres(settings="fsync = on\nfull_page_writes = on\nmax_connections = 40")
    yield server
    server.remove()


@pytest.fixture(scope="module")
def proxy(postgres):
    proxy = Proxy(postgres.port)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, postgres, proxy):
    """Two nodes that reach the server by way of the proxy."""
    running = Cluster(tmp_path_factory.mktemp("cluster"), postgres, via=proxy.address).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def people(cluster):
    company = Company(cluster.first)
    company.enrolled_admin()
    people = [company.user() for _ in range(PEOPLE)]
    for person in people:
        Portal(cluster.first).enter(person).enrol(person)
    return people


def post(portal, path, **fields):
    """One request: it completes, or it is a 503 that says when to come again."""
    reply = portal.request("POST", path, data=fields, may_break=True)
    assert reply.status in (303, 422, 429, 503), reply
    if reply.status == 503:
        assert int(reply.headers["Retry-After"]) >= 1
        assert not reply.cookie(SESSION), "a fault never hands out a session"
    return reply


class SignIn:
    """One person's sign-in at one node, step by step, whatever the steps answer."""

    def __init__(self, node, person, code):
        self.node, self.person, self.code = node, person, code
        self.portal = Portal(node)
        self.session = None

    def run(self):
        reply = post(self.portal, "/sign-in", login=self.person.login, password=self.person.password)
        if reply.path != "/sign-in/token":
            return
        # Somebody without the device tries beside it.
        wrong = post(self.portal, "/sign-in/token", token=self.person.device.wrong(7))
        assert not wrong.cookie(SESSION), "a wrong code opened a session"
        reply = post(self.portal, "/sign-in/token", token=self.code)
        if reply.status == 303 and reply.cookie(SESSION):
            self.session = reply.cookie(SESSION)

    def check(self):
        """Once the database is back: what was answered is there, and is spent."""
        if self.session is None:
            return
        assert self.portal.carrying(**{SESSION: self.session}).inside(), "an answered sign-in was lost"
        again = Portal(self.node)
        again.sign_in(self.person.login, self.person.password)
        assert again.token(self.code).status == 422, "an answered code passed once more"


def while_signing_in(cluster, people, fault, rounds=1):
    """Runs sign-ins at both nodes, with the fault in the middle of them; returns how many came through."""
    clock = cluster.postgres.clock
    done, problems = [], []
    for _ in range(rounds):
        clock.next_step()
        signs = [SignIn(cluster.nodes[n % 2], person, person.device.fresh()) for n, person in enumerate(people)]

        def attempt(sign):
            try:
                sign.run()
            except Exception as problem:  # noqa: BLE001  (told in the test's own thread)
                problems.append(problem)

        threads = [threading.Thread(target=attempt, args=(sign,)) for sign in signs]
        for thread in threads:
            thread.start()
        fault()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "a request hung"
        assert not problems, problems
        recovered(cluster)
        clock.jump(16 * 60)
        for sign in signs:
            sign.check()
        clock.jump(16 * 60)
        done += [sign for sign in signs if sign.session]
    for number, person in enumerate(people):
        Portal(cluster.nodes[number % 2]).enter(person)
    return len(done)


def recovered(cluster, seconds=SECONDS_TO_RECOVER):
    """Each node is ready again by itself, soon after the database."""
    end = time.monotonic() + seconds
    for node in cluster.nodes:
        while requests.get(node.url + "/readyz", timeout=10).status_code != 200:
            assert time.monotonic() < end, f"not ready {seconds} s after the database:\n{node.log[-2000:]}"
            time.sleep(0.05)
        while Portal(node).request("POST", "/sign-in", data={"login": "nobody", "password": "x"}, may_break=True).status == 503:
            assert time.monotonic() < end, f"no sign-in {seconds} s after the database"
            time.sleep(0.05)


@pytest.mark.parametrize("moment", [0.0, 0.1])
def test_killed_and_restarted_in_the_middle_of_sign_ins(cluster, people, postgres, moment):
    def fault():
        time.sleep(moment)
        postgres.stop("immediate")
        for node in cluster.nodes:
            reply = requests.get(node.url + "/readyz", timeout=10)
            assert (reply.status_code, reply.text.strip()) == (503, "database_unavailable")
            page = Portal(node).request("POST", "/sign-in", data={"login": people[0].login, "password": people[0].password}, may_break=True)
            assert page.status == 503 and "credentials_refused" not in page.codes, "down is never a wrong password"
        postgres.start()

    while_signing_in(cluster, people, fault)


@pytest.mark.parametrize("moment", [0.0, 0.05])
def test_connections_ended_by_the_server(cluster, people, postgres, moment):
    def fault():
        for _ in range(5):
            time.sleep(moment)
            postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'countersign'")

    while_signing_in(cluster, people, fault)


@pytest.mark.parametrize("count", [200, 1500, 6000])
def test_connections_cut_after_so_many_bytes(cluster, people, proxy, count):
    def fault():
        for _ in range(4):
            proxy.cut_after = count
            time.sleep(0.1)
            proxy.cut_after = None
            proxy.cut()

    while_signing_in(cluster, people, fault, rounds=1)


def test_a_session_is_denied_while_it_cannot_be_confirmed(cluster, people, proxy):
    cluster.postgres.clock.next_step()
    portal = Portal(cluster.first).enter(people[0])
    proxy.is_open = False
    proxy.cut()
    reply = portal.request("GET", "/own", may_break=True)
    assert reply.status == 503 and reply.headers["Retry-After"], reply
    proxy.is_open = True
    recovered(cluster)
    assert portal.inside()


def test_a_slow_link_answers_or_says_503(cluster, people, proxy):
    clock = cluster.postgres.clock
    clock.next_step()
    portal = Portal(cluster.first).enter(people[1])
    proxy.delay = 2.0
    started = time.monotonic()
    reply = portal.request("GET", "/own", may_break=True)
    assert reply.status in (200, 503), reply
    assert time.monotonic() - started < 15, "somebody waits for ever"
    sign = SignIn(cluster.second, people[2], people[2].device.fresh())
    started = time.monotonic()
    sign.run()
    assert time.monotonic() - started < 45
    proxy.delay = 0.0
    proxy.cut()
    recovered(cluster)
    clock.jump(16 * 60)
    sign.check()


def test_no_connection_is_left(cluster, people, postgres, proxy):
    """Others take them all; whoever has one goes on, and when none is left it is a 503."""
    proxy.cut()
    taken = []
    try:
        for _ in range(40):
            taken.append(subprocess.Popen(
                ["psql", "-Xq", "-c", "SELECT pg_sleep(12)", postgres.address], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            ))
        time.sleep(1)
        cluster.postgres.clock.next_step()
        signs = [SignIn(cluster.nodes[n % 2], person, person.device.fresh()) for n, person in enumerate(people)]
        threads = [threading.Thread(target=sign.run) for sign in signs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "a request hung"
    finally:
        for process in taken:
            process.kill()
    # The server does not notice that a sleeper's client is gone; what it holds is missing in the next test.
    postgres.sql_when_free("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
    recovered(cluster)
    cluster.postgres.clock.jump(16 * 60)
    for sign in signs:
        sign.check()


@pytest.mark.parametrize("offset", [45, -45])
def test_a_node_whose_clock_is_off_is_not_ready_and_decides_by_the_databases(cluster, people, tmp_path, offset):
    clock = cluster.postgres.clock
    own = own_clock(tmp_path, offset)
    own.jump(clock.now() - time.time())
    odd = Node(tmp_path / "odd", cluster.postgres, cluster.address, key=cluster.first.folder / "keys.json", clock=own)
    with pytest.raises(AssertionError, match="not ready"):
        odd.start(seconds=3)
    try:
        reply = requests.get(odd.url + "/readyz", timeout=5)
        assert (reply.status_code, reply.text.strip()) == (503, "clock_off")
        done = odd.command("doctor")
        assert done.returncode == 1 and "clock" in done.stdout, done.stdout
        # From here on the tests move the common clock, and the difference with it.
        person = people[3]
        clock.next_step()
        code = person.device.fresh()
        ahead = person.device.at(clock.step() + 2)
        portal = Portal(odd)
        portal.sign_in(person.login, person.password)
        assert portal.token(ahead).status == 422, "a code of the future passed"
        assert portal.token(code).status == 303 and portal.inside()
        clock.next_step()
        Portal(cluster.first).enter(person)
    finally:
        assert odd.stop() == 0


def test_a_full_disk(tmp_path_factory):
    """On a small tmpfs of its own."""
    folder = tmp_path_factory.mktemp("small") / "disk"
    folder.mkdir()
    administrator = [] if os.geteuid() == 0 else ["sudo", "-n"]
    subprocess.run([*administrator, "mount", "-t", "tmpfs", "-o", f"size=128m,mode=755,uid={os.geteuid()}", "tmpfs", folder], check=True)
    server = None
    try:
        # The way to the folder is open to the server's user.
        open_way_to(folder)
        server = Postgres(folder, settings="wal_keep_size = 0\nmax_wal_size = 32MB\nmin_wal_size = 32MB")
        cluster = Cluster(tmp_path_factory.mktemp("full"), server).start()
        company = Company(cluster.first)
        company.enrolled_admin()
        people = [company.admin]
        filler = folder / "filler"

        def fault():
            with open(filler, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"\0" * 65536)
                except OSError:
                    pass
            # What is written now meets the full disk; sooner or later the server cannot go on.
            end = time.monotonic() + 20
            was_refused = False
            while time.monotonic() < end and not was_refused:
                for number in range(20):
                    portal = Portal(cluster.nodes[number % 2])
                    was_refused |= post(portal, "/sign-in", login=f"nobody-{'x' * 200}-{time.monotonic()}", password="wrong").status == 503
            os.remove(filler)
            assert was_refused, "the disk was not full enough to be noticed"
            server.start_again()

        while_signing_in(cluster, people, fault, rounds=1)
        cluster.stop()
    finally:
        if server:
            server.stop_quietly()
        subprocess.run([*administrator, "umount", "-l", folder], check=True)
