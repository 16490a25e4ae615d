"""Which application a proxy asks about, by whose word, and what a question gets that lost its way (interface 4)."""

import time

import pytest

from applications import Console, Scene, cookie_of
from portal import Portal

ORIGIN = "https://grafana.example.com"


@pytest.fixture(scope="module")
def scene(server):
    return Scene(server)


@pytest.fixture
def ask(scene):
    return lambda *args, **rest: scene.console.ask(scene.portal, *args, **rest)


@pytest.mark.parametrize("dialect", ["nginx", "forwarded"])
def test_the_pinned_origin_is_asked_about_and_nothing_may_contradict_it(scene, ask, dialect):
    other = Console(scene.company, f"https://open-{dialect}.example.com", name="Open")
    other.rule(scene.admin, "/", "prefix", "allow")
    assert ask("/", scene.cookie, dialect=dialect, Countersign_Origin=ORIGIN).status == 200
    for claim in (other.origin, "https://grafana.example.com:8443", "nonsense", ""):
        assert ask("/", scene.cookie, dialect=dialect, Countersign_Origin=claim).status == 403, claim
    # The proxy serves Grafana, and the client calls it something else.
    for more in ({}, {"Cookie": f"{cookie_of(ORIGIN, 'app')}={scene.cookie}"}):
        described = {
            "nginx": {"X-Original-URL": ORIGIN + "/x", "X-Original-Method": "GET"},
            "forwarded": {"X-Forwarded-Uri": "/x", "X-Forwarded-Method": "GET", "X-Forwarded-Proto": "https"},
        }[dialect]
        for host in ("open-nginx.example.com", "open-forwarded.example.com", "grafana.example.com:8443", "grafana.example.com, open"):
            told = {**described, "Countersign-Origin": ORIGIN, "X-Forwarded-Host": host, **more}
            reply = Portal(scene.company.server).get("/forward-auth", headers=told)
            assert reply.status == 403 and reply.response.json()["code"] == "request_described_twice", (host, reply)
    # A proxy that is asked without any host says the origin all the same.
    alone = {"X-Forwarded-Uri": "/x", "X-Forwarded-Method": "GET", "Countersign-Origin": other.origin}
    assert Portal(scene.company.server).get("/forward-auth", headers=alone).status == 200


@pytest.mark.parametrize("path", ["start?to=/", "callback?ticket=x", "sign-out", "refused?operation=1"])
def test_the_portals_own_paths_on_a_host_refuse_a_contradiction(scene, path):
    other = Console(scene.company, f"https://host-{path.split('?')[0]}.example.com", name="Other")
    for pinned in ({"Countersign-Origin": ORIGIN}, {"X-Original-URL": f"{ORIGIN}/_countersign/{path}", "X-Original-Method": "GET"}):
        ask = lambda host: Portal(scene.company.server).get(  # noqa: E731
            f"/_countersign/{path}", headers={**pinned, "X-Forwarded-Host": host, "X-Forwarded-Proto": "https"})
        refused = ask(other.origin.removeprefix("https://"))
        assert refused.status == 403 and "describe two different requests" in refused.text and "Set-Cookie" not in refused.headers
        assert "describe two different requests" not in ask("grafana.example.com").text


@pytest.mark.parametrize("path", ["/", "/sign-in", "/healthz", "/readyz", "/launch", "/static/style.css", "/own", "/agent/v1/me", "/applications/why", "/nowhere"])
def test_a_question_that_lost_its_way_gets_no_2xx(scene, path):
    """A proxy takes every 2xx for permission."""
    import http.client

    for portal in (Portal(scene.company.server), scene.admin):
        for told in ({"Countersign-Origin": ORIGIN}, {"X-Forwarded-Uri": "/x", "X-Forwarded-Method": "GET"}):
            reply = portal.get(path, headers=told)
            assert reply.status == 403, (path, told, reply)
    for target in ("x:" + path, "x:http://a" + path, path[1:] or "x", "*", "?" + path):
        wire = http.client.HTTPConnection("127.0.0.1", scene.company.server.port, timeout=10)
        wire.putrequest("GET", target)
        wire.endheaders()
        answer = wire.getresponse()
        assert answer.status == 400, (target, answer.status, answer.read())
        wire.close()


def test_a_session_that_another_persons_replaces_ends_with_it(scene, ask):
    """Two people at one browser: the cookie of the first is overwritten, and whoever kept a copy holds nothing."""
    first, second = scene.company.user(role=scene.role), scene.company.user(role=scene.role)
    old = []
    for user in (first, second):
        portal = scene.company.portal(user)
        portal.enrol(user)
        nonce, address = scene.console.start(portal)
        ticket, reply = scene.console.ticket(portal, address)
        assert ticket, reply
        cookies = {cookie_of(ORIGIN, "nonce"): nonce, **({cookie_of(ORIGIN, "app"): old[-1]} if old else {})}
        reply = scene.console.at_host(portal, "GET", "/_countersign/callback?ticket=" + ticket, cookies=cookies)
        old.append(reply.cookie(cookie_of(ORIGIN, "app")))
        assert ask("/", old[-1]).status == 200
    assert ask("/", old[0]).status == 401, "at once, where it happened"
    assert ask("/", old[1]).status == 200


def test_questions_without_the_pin_are_warned_of_on_the_page_and_by_doctor(server, scene, ask):
    console = Console(scene.company, "https://unpinned.example.com", name="Unpinned")
    warned = lambda: scene.admin.get(f"/applications/{console.id}").page.message("unpinned_proxy")  # noqa: E731
    headers = {"origin": console.origin, "Countersign_Origin": console.origin}
    assert ask("/", **headers).status == 401
    assert not warned() and console.origin not in server.do("doctor")
    assert ask("/", origin=console.origin).status == 401, "it is answered all the same"
    end = time.monotonic() + 5
    while not warned() and time.monotonic() < end:
        time.sleep(0.05)
    assert "Countersign-Origin" in warned()
    found = [finding for finding in server.ask("doctor")["findings"] if finding["check"] == "proxies"]
    assert [f["level"] for f in found if console.origin in f["message"]] == ["warning"]
