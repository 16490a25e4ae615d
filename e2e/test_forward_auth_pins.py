"""One proxy, two applications: whatever a request calls itself, it is judged as the application that serves it."""

import itertools
import json
import re

import pytest

from front import KINDS, Front
from wire import http1, http2

pytestmark = pytest.mark.one_engine


@pytest.fixture(scope="module", params=KINDS)
def front(request, server, tmp_path_factory):
    made = Front(request.param, server, tmp_path_factory.mktemp("proxy"))
    made.insider = made.session(made.person())[1]
    made.outsider = made.session(made.person(made.wiki_role), made.wiki)[1]
    yield made
    made.stop()


def names(front):
    """What a request may call the application: its right name first, in other spellings, and names that are not its own."""
    (console, wiki), port = front.proxy.hosts, front.proxy.port
    return {
        "console": f"{console}:{port}", "console-upper": f"{console.upper()}:{port}", "console-dot": f"{console}.:{port}",
        "console-no-port": console, "console-other-port": f"{console}:1", "wiki": f"{wiki}:{port}", "wiki-no-port": wiki,
        "wiki-upper": f"{wiki.upper()}:{port}", "wiki-dot": f"{wiki}.:{port}", "unknown": "other.example.com",
        "under": f"x.{console}:{port}", "underscore": f"{console.replace('.', '_')}:{port}", "user": f"{wiki}@{console}:{port}", "empty": "",
    }


HOSTS = [
    (name,) for name in ("console", "console-upper", "console-dot", "console-no-port", "console-other-port", "wiki", "wiki-no-port", "wiki-upper",
                         "wiki-dot", "unknown", "under", "underscore", "user", "empty")
] + [(), ("wiki", "console"), ("console", "wiki"), ("wiki", "wiki")]
LINES = ["/{path}", "http://{console}/{path}", "https://{console}/{path}", "http://{wiki}/{path}", "https://{wiki}/{path}",
         "http://{console-no-port}/{path}", "//{wiki}/{path}"]
RIGHT = {"console", "console-upper", "console-dot"}


def attempts(front):
    """Nobody, where the other application is open; and somebody who may use the other application alone."""
    return ("open/x", None), ("d/x", front.outsider)


def check_console(front, seen, what, reply):
    assert front.upstream.seen[seen:] == [], f"{what} reached the console: {reply.status} {reply.text[:300]}"


@pytest.mark.parametrize("hosts", HOSTS, ids="+".join)
@pytest.mark.parametrize("line", LINES)
def test_no_claim_of_http1_makes_one_application_of_another(front, line, hosts):
    known = names(front)
    versions = ("HTTP/1.1", "HTTP/1.0") if hosts in ((), ("wiki",)) else ("HTTP/1.1",)
    for sni, (path, cookie), version in itertools.product((*front.proxy.hosts, None), attempts(front), versions):
        seen = len(front.upstream.seen)
        target = re.sub(r"\{(.*?)\}", lambda found: {**known, "path": path}[found.group(1)], line)
        sent = [f"GET {target} {version}", *(f"Host: {known[name]}" for name in hosts)]
        if cookie:
            sent.append(f"Cookie: {cookie}")
        reply = http1(front.proxy.port, sni, sent)
        check_console(front, seen, (sni, sent), reply)


@pytest.mark.parametrize("authority", ["console", "wiki", "wiki-upper", "wiki-dot", "unknown", "empty", None])
@pytest.mark.parametrize("host", ["console", "wiki", "wiki-dot", "unknown", None])
def test_no_claim_of_http2_makes_one_application_of_another(front, authority, host):
    known = names(front)
    for sni, (path, cookie) in itertools.product((*front.proxy.hosts, None), attempts(front)):
        seen = len(front.upstream.seen)
        fields = [(":method", "GET"), (":scheme", "https"), (":path", "/" + path)]
        fields += [(":authority", known[authority])] if authority else []
        fields += [("host", known[host])] if host else []
        fields += [("cookie", cookie)] if cookie else []
        check_console(front, seen, (sni, fields), http2(front.proxy.port, sni, fields))


@pytest.mark.parametrize("name", sorted(RIGHT))
@pytest.mark.parametrize("sni", ["console", "wiki"])
def test_who_may_use_the_console_reaches_it_and_it_hears_its_own_name(front, name, sni):
    """A TLS name other than the host is a browser's right under HTTP/2: one connection serves both."""
    claimed, sni = names(front)[name], front.proxy.hosts[sni == "wiki"]
    if front.kind in ("caddy", "haproxy") and name == "console-dot":
        assert http1(front.proxy.port, sni, ["GET /d/x HTTP/1.1", f"Host: {claimed}"]).status == 421, "it knows no final dot"
        return
    replies = [
        http1(front.proxy.port, sni, ["GET /d/x HTTP/1.1", f"Host: {claimed}", f"Cookie: {front.insider}"]),
        http2(front.proxy.port, sni, [(":method", "GET"), (":scheme", "https"), (":path", "/d/x"), (":authority", claimed), ("cookie", front.insider)]),
    ]
    for reply in replies:
        assert reply.status == 200, (reply.status, reply.text)
        told = [value for key, value in json.loads(reply.text)["headers"] if key.lower() == "host"]
        assert told == [f"{front.proxy.host}:{front.proxy.port}"]


@pytest.mark.parametrize("path", ["/", "/open/x", "/_countersign/start?to=/", "/_countersign/refused"])
def test_a_name_that_nobody_serves_is_misdirected(front, path):
    for sni in (*front.proxy.hosts, None):
        for host in ("other.example.com", "unknown.invalid", f"127.0.0.1:{front.proxy.port}"):
            reply = http1(front.proxy.port, sni, [f"GET {path} HTTP/1.1", f"Host: {host}"])
            assert reply.status == 421, (sni, host, reply.status, reply.text)


@pytest.mark.parametrize("line", ["/", "http://{console}/", "http://{wiki}/"])
@pytest.mark.parametrize("host", ["console", "wiki", "unknown"])
def test_the_portals_own_paths_speak_of_the_application_that_is_served(front, line, host):
    known = names(front)
    target = re.sub(r"\{(.*?)\}", lambda found: known[found.group(1)], line) + "_countersign/start?to=/"
    for sni in (*front.proxy.hosts, None):
        reply = http1(front.proxy.port, sni, [f"GET {target} HTTP/1.1", f"Host: {known[host]}"])
        if reply.status != 303:
            assert reply.status in (400, 403, 421) and reply.header("Set-Cookie") is None, (sni, target, host, reply.status)
            continue
        # The proxy chose by the request line or by the host, as it does; the portal speaks of no third.
        named = {"wiki" if "{wiki}" in line else "console" if "{console}" in line else host, host}
        consoles = [console for name, console in (("wiki", front.wiki), ("console", front.console)) if name in named]
        assert any(console.id in reply.header("Location") for console in consoles), (sni, target, host, reply.headers)


@pytest.mark.parametrize("name", ["Remote_User", "REMOTE_USER", "remote.user", "Remote_Groups", "Remote.Email", "remote_name"])
def test_no_other_name_of_an_identity_header_arrives(front, name):
    """What a CGI-like console reads as HTTP_REMOTE_USER."""
    for path, cookie in (("/d/x", front.insider), ("/public/x", None)):
        sent = [f"GET {path} HTTP/1.1", f"Host: {names(front)['console']}", f"{name}: boss"]
        reply = http1(front.proxy.port, front.proxy.host, sent + ([f"Cookie: {cookie}"] if cookie else []))
        assert reply.status == 200, (reply.status, reply.text)
        told = json.loads(reply.text)["headers"]
        assert [pair for pair in told if re.sub("[^a-z]", "-", pair[0].lower()).startswith("remote-") and "boss" in pair[1]] == []


def test_a_client_cannot_pin_for_the_proxy(front):
    """Its own marker neither opens the other application's door nor keeps the right one shut."""
    known = names(front)
    for path, cookie in attempts(front):
        seen = len(front.upstream.seen)
        for claim in (front.wiki.origin, front.console.origin, "nonsense"):
            sent = [f"GET /{path} HTTP/1.1", f"Host: {known['console']}", f"Countersign-Origin: {claim}", "Connection: Countersign-Origin"]
            reply = http1(front.proxy.port, front.proxy.host, sent + ([f"Cookie: {cookie}"] if cookie else []))
            check_console(front, seen, sent, reply)
    sent = [f"GET /d/x HTTP/1.1", f"Host: {known['console']}", f"Countersign-Origin: {front.wiki.origin}", f"Cookie: {front.insider}"]
    assert http1(front.proxy.port, front.proxy.host, sent).status == 200


# Ways past the question


@pytest.mark.parametrize("upgrade", ["h2c", "H2C", "websocket, h2c", "h2c, websocket", "TLS/1.0", "HTTP/2.0", "websocketx", " websocket\t, h2c"])
def test_no_protocol_but_websockets_is_switched_to(front, upgrade):
    """Behind another one, requests would reach the console that nobody asked about."""
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    for path, cookie in (("/public/x", None), ("/d/x", front.insider)):
        sent = [f"GET {path} HTTP/1.1", f"Host: {names(front)['console']}", f"Upgrade: {upgrade}", "HTTP2-Settings: AAMAAABkAAQAAP__", key]
        sent += [f"Cookie: {cookie}"] if cookie else []
        for connection in ("Upgrade, HTTP2-Settings", "upgrade"):
            check_upgrade(front, http1(front.proxy.port, front.proxy.host, [*sent, f"Connection: {connection}"]))
        fields = [(":method", "GET"), (":scheme", "https"), (":path", path), (":authority", names(front)["console"]), ("upgrade", upgrade.strip())]
        check_upgrade(front, http2(front.proxy.port, front.proxy.host, fields + ([("cookie", cookie)] if cookie else [])))
        connect = [(":method", "CONNECT"), (":protocol", "h2c"), *fields[1:4]]
        check_upgrade(front, http2(front.proxy.port, front.proxy.host, connect + ([("cookie", cookie)] if cookie else [])))


def check_upgrade(front, reply):
    assert reply.status != 101
    if reply.status == 200:
        told = dict((key.lower(), value.lower()) for key, value in json.loads(reply.text)["headers"])
        # The settings mean nothing without the upgrade that they belong to.
        assert "upgrade" not in told or told["upgrade"] == "websocket" and front.kind == "apache", told


STRAY = ["x:http://a/sign-in", "x:http://a/healthz", "x:http://a/readyz?x=1", "http:/sign-in", "https:sign-in", "x:/sign-in", "x://a/sign-in", "sign-in",
         "*", "?/sign-in", "x:http://a/launch", "x:http://a/static/style.css", "//a/sign-in", "x:http://a/forward-auth", "x:http://a/_countersign/start"]


@pytest.mark.parametrize("target", STRAY)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_odd_target_is_asked_about_as_another_page(front, target, method):
    from portal import SESSION

    portal = f"Cookie: {SESSION}={front.admin.browser_cookie(SESSION)}"
    for more in ([], [portal]):
        seen = len(front.upstream.seen)
        sent = [f"{method} {target} HTTP/1.1", f"Host: {names(front)['console']}", *more]
        check_console(front, seen, sent, http1(front.proxy.port, front.proxy.host, sent))
        fields = [(":method", method), (":scheme", "https"), (":path", target), (":authority", names(front)["console"])]
        check_console(front, seen, fields, http2(front.proxy.port, front.proxy.host, fields))


@pytest.mark.parametrize("name", ["Remote-User", "Remote!User", "Remote~User", "Remote'User", "Remote|User", "Remote^User", "Remote--User"])
def test_no_header_of_a_client_is_read_as_an_identity(front, name):
    for path, cookie in (("/d/x", front.insider), ("/public/x", None)):
        for connection in ("keep-alive", "keep-alive, Remote-User, Remote-Groups, Host, Countersign-Origin", "Upgrade, Remote-User"):
            sent = [f"GET {path} HTTP/1.1", f"Host: {names(front)['console']}", f"{name}: boss", f"Connection: {connection}"]
            reply = http1(front.proxy.port, front.proxy.host, sent + ([f"Cookie: {cookie}"] if cookie else []))
            if reply.status == 400:
                continue
            assert reply.status == 200, (reply.status, reply.text)
            told = json.loads(reply.text)["headers"]
            # Two hyphens are another name for everybody.
            assert [pair for pair in told if re.sub("[^a-z]", "-", pair[0].lower()) == "remote-user" and "boss" in pair[1]] == []
            assert [pair for pair in told if pair[0].lower() == "connection" and "remote" in pair[1].lower()] == []


def test_the_documented_configuration_asks_with_the_pin(front):
    """After everything above: nobody asked about these applications without it."""
    page = front.admin.get(f"/applications/{front.console.id}").page
    assert page.message("unpinned_proxy") is None
    assert front.console.origin not in front.server.do("doctor")
