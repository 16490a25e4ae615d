"""Real proxies in front of a real console, used with a browser as a person does."""

import json
import time

import pytest

from applications import Console, cookie_of
from front import KINDS, Front
from person import Actor

# The store is behind the portal's answers, and those are tested over both engines without a proxy.
pytestmark = pytest.mark.one_engine


@pytest.fixture(scope="module", params=KINDS)
def front(request, server, tmp_path_factory):
    made = Front(request.param, server, tmp_path_factory.mktemp("proxy"))
    yield made
    made.stop()


@pytest.fixture
def actor(browser, server):
    made = Actor(browser, server, ignore_https_errors=True)
    yield made
    made.leave()


def told(actor):
    return json.loads(actor.page.locator("#told").inner_text())


def header(seen, name):
    return [value for key, value in seen["headers"] if key.lower() == name.lower()]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_person_signs_in_and_comes_back_to_the_deep_link(front, browser, server, scripts):
    person = front.person()
    actor = Actor(browser, server, scripts=scripts, ignore_https_errors=True)
    deep = front.proxy.origin + "/d/abc%20x?panel=2&from=now-1h"
    actor.open(deep)
    assert actor.page.url.startswith(server.public_url + "/sign-in?return_to="), actor.page.url
    actor.page.get_by_label("Login", exact=True).fill(person.login)
    actor.page.get_by_label("Password", exact=True).fill(person.password)
    actor.page.get_by_role("button", name="Log In").click()
    actor.give_token(person.device.fresh())
    actor.page.wait_for_url(deep)
    seen = told(actor)
    assert header(seen, "Remote-User") == [person.login] and header(seen, "Remote-Groups") == [front.role]
    assert seen["path"] == "/d/abc%20x?panel=2&from=now-1h"
    assert not actor.errors, actor.errors
    # The second application of the same sign-in needs no more than a click.
    actor.open(front.proxy.origin + "/other")
    assert told(actor)["path"] == "/other"
    # Out at the portal: within a second nothing is left.
    actor.open("/own")
    actor.sign_out()
    time.sleep(1)
    actor.open(front.proxy.origin + "/d/again")
    assert actor.page.url.startswith(server.public_url + "/sign-in"), actor.page.url
    actor.leave()


def test_who_lacks_the_role_is_told_so_and_sees_nothing(front, actor):
    person = front.person(front.company.role(accounts="view", devices="view"))
    seen = len(front.upstream.seen)
    actor.enter(person)
    actor.open(front.proxy.origin + "/d/secret")
    assert actor.message("access_denied")
    assert actor.page.url.startswith(front.server.public_url) and len(front.upstream.seen) == seen


def test_a_closed_path_shows_why(front, actor):
    person = front.person()
    actor.enter(person)
    actor.open(front.proxy.origin + "/")
    actor.page.locator("#told").wait_for()
    actor.open(front.proxy.origin + "/admin/users")
    assert "closes this path" in actor.message("path_denied")
    assert actor.page.locator("[data-operation-id]").count() == 1
    assert actor.page.evaluate("getComputedStyle(document.querySelector('.card')).borderRadius") != "0px", "the page has its style"
    assert not actor.errors, actor.errors


@pytest.mark.parametrize("end", ["sign-out-at-portal", "sign-out-at-application", "disable", "disable-by-command", "role-taken"])
def test_access_ends_within_a_second(front, end):
    person = front.person()
    portal, cookie = front.session(person)
    ask = lambda: front.request("GET", "/x", {"Cookie": cookie}).status  # noqa: E731
    assert [ask() for _ in range(3)] == [200, 200, 200]
    if end == "sign-out-at-portal":
        portal.sign_out()
    elif end == "sign-out-at-application":
        assert front.request("POST", "/_countersign/sign-out", {"Cookie": cookie, "Origin": front.proxy.origin}, b"").status == 200
        assert not portal.inside()
    elif end == "disable":
        front.company.act(front.admin, "disable", person)
    elif end == "disable-by-command":
        front.server.do("user", "disable", person.login)
        time.sleep(0.9)
    else:
        role = front.company.role_value(front.admin, front.company.role(accounts="view", devices="view"))
        front.company.act(front.admin, "roles", person, role=role)
    assert ask() == (403 if end == "role-taken" else 401)


def test_a_post_arrives_with_its_body_and_without_a_session_does_not(front):
    _, cookie = front.session(front.person())
    body = b"x" * 70_000
    reply = front.request("POST", "/save?a=1", {"Cookie": cookie, "Content-Type": "text/plain"}, body)
    assert reply.status == 200 and json.loads(reply.text)["body"] == body.decode() and json.loads(reply.text)["method"] == "POST"
    seen = len(front.upstream.seen)
    alone = {"Content-Type": "text/plain", "Sec-Fetch-Mode": "cors"}
    reply = front.request("POST", "/save", alone, body[:5_000])
    assert reply.status == 401 and reply.headers["Location"].startswith(front.proxy.origin)
    try:
        assert front.request("POST", "/save", alone, body).status == 401
    except OSError:
        # It answers and closes without reading the rest, so the answer may be lost to whoever still sends.
        assert front.proxy.kind == "haproxy"
    assert len(front.upstream.seen) == seen


def test_a_websocket_passes_and_without_a_session_gets_401(front):
    person = front.person()
    _, cookie = front.session(person)
    handshake = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    assert front.request("GET", "/live", handshake).status == 401
    wire = front.wire()
    lines = ["GET /live HTTP/1.1", f"Host: {front.proxy.host}:{front.proxy.port}", f"Cookie: {cookie}"]
    wire.sock.sendall("\r\n".join([*lines, *(f"{k}: {v}" for k, v in handshake.items()), "", ""]).encode())
    data, end = b"", time.monotonic() + 5
    while b"hello" not in data and time.monotonic() < end:
        data += wire.sock.recv(4096)
    assert data.startswith(b"HTTP/1.1 101") and f"hello {person.login}".encode() in data, data
    wire.close()


@pytest.mark.parametrize("forged", [
    {"Remote-User": "boss"}, {"remote-user": "boss", "REMOTE-GROUPS": "admins"}, {"Remote-Email": "boss@example.com", "Remote-Name": "Boss"},
    {"Connection": "close, Remote-User", "Remote-User": "boss"},
])
def test_identity_headers_of_the_client_do_not_arrive(front, forged):
    person = front.person()
    _, cookie = front.session(person)
    for path, login in (("/x", person.login), ("/public/x", "")):
        reply = front.request("GET", path, {**forged, **({"Cookie": cookie} if login else {})})
        assert reply.status == 200, reply.status
        seen = json.loads(reply.text)
        assert [v for v in header(seen, "Remote-User") if v] == ([login] if login else [])
        for name in ("Remote-Name", "Remote-Email", "Remote-Groups"):
            assert not any(v in ("boss@example.com", "Boss", "admins") for v in header(seen, name)), seen
    assert front.request("GET", "/x", forged).status == 401


@pytest.mark.parametrize("forged", [
    {"X-Original-URL": "https://other.example/public"}, {"X-Original-Method": "GET"}, {"X-Forwarded-Uri": "/public/x"},
    {"X-Forwarded-Host": "other.example"}, {"X-Forwarded-Proto": "http"}, {"X-Forwarded-Method": "GET", "X-Rewrite-URL": "/public"},
    {"Connection": "close, X-Forwarded-Uri, X-Original-URL"},
])
def test_a_client_that_tells_the_proxys_story_gets_nothing(front, forged):
    assert front.request("GET", "/x", forged).status in (401, 403)
    assert front.request("GET", "/admin", forged).status == 403
    _, cookie = front.session(front.person())
    assert front.request("GET", "/admin", {**forged, "Cookie": cookie}).status == 403


TRICKS = """
/public/../admin /public/%2e%2e/admin /public/..%2fadmin /public/..%5cadmin //admin /ADMIN /%61dmin /%252e%252e/admin /public/..;/admin
/admin;.css /admin%00 /./admin /public/./../admin /public/%c0%ae%c0%ae/admin /admin. /admin?/public/ /x/../admin /public/..//admin
""".split()


@pytest.mark.parametrize("path", TRICKS)
def test_no_spelling_of_a_closed_path_reaches_the_console(front, path):
    front.cookie = getattr(front, "cookie", None) or front.session(front.person())[1]
    for cookie in (None, front.cookie):
        seen = len(front.upstream.seen)
        reply = front.request("GET", path, {"Cookie": cookie} if cookie else {})
        assert reply.status in (400, 401, 403, 404) and len(front.upstream.seen) == seen, (path, reply.status, front.upstream.seen[seen:])


def test_keys_of_other_doors_open_nothing(front):
    person = front.person()
    portal, cookie = front.session(person)
    from portal import ATTEMPT, SESSION, Portal

    attempt = Portal(front.server)
    attempt.sign_in(person.login, person.password)
    other = Console(front.company, f"https://other-{front.kind}.example.com", name="Other")
    name = cookie_of(front.proxy.origin, "app")
    for value in (other.enter(portal), portal.browser_cookie(SESSION), attempt.browser_cookie(ATTEMPT), front.company.agent(person).bearer):
        assert front.request("GET", "/x", {"Cookie": f"{name}={value}"}).status == 401
    assert front.request("GET", "/x", {"Cookie": f"{SESSION}={portal.browser_cookie(SESSION)}"}).status == 401
    assert not portal.carrying(**{SESSION: cookie.split("=", 1)[1]}).inside()


def test_a_script_gets_in_by_its_token_where_a_rule_says_so(front):
    person = front.person()
    portal = front.company.portal(person)
    reply = portal.post("/own/api-tokens", name="Script", application=front.console.id, days="7")
    token = next(e.text for e in reply.page.all("code") if e["id"] == "api-token")
    reply = front.request("GET", "/api/v1", {"Authorization": f"Bearer {token}"})
    assert reply.status == 200 and header(json.loads(reply.text), "Remote-User") == [person.login]
    if front.kind != "caddy":
        assert token not in reply.text, "the console does not see it"
    assert front.request("GET", "/x", {"Authorization": f"Bearer {token}"}).status == 401
    assert front.request("GET", "/api/v1", {"Authorization": f"Bearer {token}x"}).status == 401


def test_the_portal_gone_lets_nobody_in(new_server, tmp_path, front):
    server = new_server()
    own = Front(front.kind, server, tmp_path)
    _, cookie = own.session(own.person())
    assert own.request("GET", "/x", {"Cookie": cookie}).status == 200
    server.stop()
    assert own.request("GET", "/x", {"Cookie": cookie}).status in (500, 502, 503)
    assert own.request("GET", "/public/x").status in (500, 502, 503)
    own.stop()
