"""Two nodes, one truth: what one node decides holds on the other."""

import time

import pytest

import postgres
from burst import form_request, release
from cluster import Cluster
from expect import refused, sent_to, shut_out
from people import Company
from portal import ATTEMPT, SESSION, Portal
from proof import LIFETIME, answer, led

CROWD = 50
pytestmark = pytest.mark.nodes


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    running = Cluster(tmp_path_factory.mktemp("cluster"), postgres.shared()).start()
    yield running
    running.stop()


@pytest.fixture
def company(cluster):
    company = Company(cluster.first)
    company.enrolled_admin()
    return company


@pytest.fixture
def clock(cluster):
    return cluster.postgres.clock


def moved(portal, node):
    """The same browser, which the load balancer now sends to another node."""
    other = Portal(node, portal.address)
    other.http.cookies.update(portal.http.cookies)
    return other


def on_both(cluster, requests):
    """Half of the requests to each node, all at one moment."""
    return release(cluster.nodes, requests)


def test_a_sign_in_begun_on_one_node_goes_on_at_the_other(cluster, company):
    person = company.admin
    begun = Portal(cluster.first)
    sent_to(begun.sign_in(person.login, person.password), "/sign-in/token")
    ended = moved(begun, cluster.second)
    reply = ended.token(person.device.fresh())
    assert reply.status == 303 and reply.cookie(SESSION), reply
    assert ended.inside() and moved(ended, cluster.first).inside()


def test_enrolment_begun_on_one_node_is_proven_on_the_other(cluster, company):
    user = company.user()
    portal = Portal(cluster.first).enter(user)
    device = portal.start_enrolment(user)
    first, second = device.pair()
    other = moved(portal, cluster.second)
    reply = other.post("/accounts/details/two-factor", token1=first, token2=second)
    assert reply.status == 303 and reply.cookie(SESSION), reply
    user.device = device
    Portal(cluster.first).enter(user)


@pytest.mark.parametrize("how", ["sign out", "end others", "disable", "password"])
def test_a_session_ended_on_one_node_is_dead_on_the_other(cluster, company, how):
    user = company.user()
    portal = Portal(cluster.first).enter(user)
    there = moved(portal, cluster.second)
    assert there.inside()
    if how == "sign out":
        assert portal.post("/sign-out").status == 303
    elif how == "end others":
        other = Portal(cluster.first).enter(user)
        assert other.post("/accounts/details/sessions/end-others").status in (200, 303)
    elif how == "disable":
        cluster.first.do("user", "disable", user.login)
    else:
        cluster.first.do("user", "set-password", user.login, "--password-stdin", given="Grey-lantern-42-Otter")
    time.sleep(1)
    shut_out(there)


def test_a_post_that_waits_on_one_node_is_done_at_the_other_and_the_old_token_is_dead_on_both(cluster, clock, company):
    user, person = company.user(), company.admin
    portal = Portal(cluster.first).enter(person)
    thief = moved(portal, cluster.second)
    clock.jump(LIFETIME)
    location = led(portal.post(f"/setup/users/{user.id}/grant-admin"))
    other = moved(portal, cluster.second)
    sent_to(answer(other, location, token=person.device.fresh()), f"/setup/users/{user.id}")
    assert other.inside() and moved(other, cluster.first).inside()
    time.sleep(1)
    shut_out(thief)
    shut_out(moved(thief, cluster.first))


def test_wrong_proofs_count_over_both_nodes(cluster, clock, company):
    person = company.admin
    portal = Portal(cluster.first).enter(person)
    both = [portal, moved(portal, cluster.second)]
    clock.jump(LIFETIME)
    release(cluster.nodes, [
        form_request(node, "/confirm", {"token": person.device.wrong(n)}, {SESSION: portal.browser_cookie(SESSION)}, f"198.51.100.{n}")
        for n, node in enumerate(cluster.nodes * 10)
    ])
    for there in both:
        shut_out(there)


def test_requiring_two_factor_on_one_node_diverts_sessions_on_the_other(cluster, company):
    user = company.user()
    there = Portal(cluster.second).enter(user)
    admin = Portal(cluster.first).enter(company.admin)
    assert admin.post("/accounts/settings/require-two-factor", require="on").status == 303
    time.sleep(1)
    reply = there.get("/own")
    assert reply.status == 303 and reply.path == "/sign-in/enrol", reply


def test_wrong_tokens_count_over_both_nodes(cluster, clock, company):
    person = company.admin
    judged = 0
    for number in range(12):
        portal = Portal(cluster.nodes[number % 2])
        sent_to(portal.sign_in(person.login, person.password), "/sign-in/token")
        judged += "token_refused" in portal.token(person.device.wrong(number)).codes
    assert judged == 10
    for node in cluster.nodes:
        portal = Portal(node)
        portal.sign_in(person.login, person.password)
        refused(portal.token(person.device.fresh()), "too_many_attempts", 429)
    clock.jump(16 * 60)
    Portal(cluster.second).enter(person)


def test_wrong_passwords_at_once_on_both_nodes_stay_within_the_budget(cluster, clock, company):
    login = company.admin.login
    answers = on_both(cluster, [
        form_request(cluster.first, "/sign-in", {"login": login, "password": f"wrong-password-{n}"}, {}, f"198.51.100.{n}")
        for n in range(40)
    ])
    assert all(answer and answer.status in (422, 429, 503) for answer in answers)
    # A second of waiting may pass meanwhile, and lets one more through.
    assert len([answer for answer in answers if "credentials_refused" in answer.codes]) <= 7
    clock.jump(16 * 60)
    Portal(cluster.second).enter(company.admin)


@pytest.mark.parametrize("round_number", range(3))
def test_one_code_at_fifty_browsers_on_two_nodes_passes_once(cluster, clock, company, round_number):
    person = company.admin
    portals = []
    for number in range(CROWD):
        portal = Portal(cluster.nodes[number % 2])
        sent_to(portal.sign_in(person.login, person.password), "/sign-in/token")
        portals.append(portal)
    code = person.device.fresh()
    answers = on_both(cluster, [
        form_request(cluster.first, "/sign-in/token", {"token": code}, {ATTEMPT: portal.browser_cookie(ATTEMPT)}, portal.address)
        for portal in portals
    ])
    assert all(answer is not None for answer in answers), "every request was answered"
    assert all(answer.status in (303, 422, 429, 503) for answer in answers), sorted({a.status for a in answers})
    won = [answer for answer in answers if answer.status == 303 and answer.cookie(SESSION)]
    assert len(won) == 1, f"{len(won)} of {CROWD} passed"
    assert Portal(cluster.second).carrying(**{SESSION: won[0].cookie(SESSION)}).inside()
    clock.jump(16 * 60)
    Portal(cluster.first).enter(person)


def test_one_recovery_code_on_two_nodes_passes_once(cluster, clock, company):
    person = company.admin
    portals = []
    for number in range(20):
        portal = Portal(cluster.nodes[number % 2])
        sent_to(portal.sign_in(person.login, person.password), "/sign-in/token")
        portals.append(portal)
    answers = on_both(cluster, [
        form_request(cluster.first, "/sign-in/token", {"token": person.recovery[0]}, {ATTEMPT: p.browser_cookie(ATTEMPT)}, p.address)
        for p in portals
    ])
    assert len([a for a in answers if a and a.status == 303 and a.cookie(SESSION)]) == 1
    clock.jump(16 * 60)
    Portal(cluster.first).enter(person)


def test_two_admins_on_two_nodes_cannot_remove_each_other(cluster):
    for number in range(6):
        company = Company(cluster.first)
        second = company.user(admin=True)
        one, two = Portal(cluster.first).enter(company.admin), Portal(cluster.second).enter(second)
        company.admin.id = company.id_of(one, company.admin.login)
        verb = ("revoke-admin", "disable", "delete")[number % 3]
        release(cluster.nodes, [
            form_request(cluster.first, f"/setup/users/{second.id}/{verb}", {}, {SESSION: one.browser_cookie(SESSION)}, one.address),
            form_request(cluster.second, f"/setup/users/{company.admin.id}/{verb}", {}, {SESSION: two.browser_cookie(SESSION)}, two.address),
        ])
        left = 0
        for person in (company.admin, second):
            portal = Portal(cluster.first)
            portal.sign_in(person.login, person.password)
            left += portal.get("/setup/users").status == 200
        assert left >= 1, f"{verb}: no admin is left"


def test_nodes_with_another_key_file_or_another_schema_do_not_start(cluster, tmp_path):
    from cluster import Node

    stranger = Node(tmp_path / "stranger", cluster.postgres, cluster.postgres.new_database())
    stranger.environment["COUNTERSIGN_DATABASE"] = cluster.address
    done = stranger.command("serve")
    assert done.returncode == 1 and "belongs to another database" in done.stderr, done.stderr
    empty = cluster.postgres.new_database()
    done = cluster.first.command("serve", environment={"COUNTERSIGN_DATABASE": empty})
    assert done.returncode == 1 and "countersign migrate" in done.stderr, done.stderr
    assert cluster.postgres.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", empty) == "0"
    cluster.postgres.sql("CREATE TABLE schema_version (version BIGINT); INSERT INTO schema_version VALUES (99)", empty)
    for command in ("serve", "migrate"):
        done = cluster.first.command(command, environment={"COUNTERSIGN_DATABASE": empty})
        assert done.returncode == 1 and "99" in done.stderr and "newer program" in done.stderr, done.stderr


def test_of_several_who_migrate_at_once_all_are_content(cluster, tmp_path):
    import subprocess

    from server import BINARY

    empty = cluster.postgres.new_database()
    running = [
        subprocess.Popen([BINARY, "migrate"], env={**cluster.first.environment, "COUNTERSIGN_DATABASE": empty}, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in running:
        assert process.wait(20) == 0, process.stderr.read()
    assert cluster.postgres.sql("SELECT count(*) FROM seal_check", empty) == "1"
