"""Wrong types, huge bodies, broken text, unknown ids: a clear 4xx, never a 5xx, nothing changed."""

import json
import socket

import pytest

from agent import Agent, problem
from expect import opened
from people import Company, fresh_word
from portal import Portal

NIL = "00000000-0000-4000-8000-000000000000"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def admin(server):
    """A configured admin of the module's account, signed in; and the account."""
    company = Company(server)
    portal = company.enrolled_admin()
    portal.company = company
    return portal


def clear(reply):
    assert 400 <= reply.status < 500, f"{reply}\n{reply.text[:300]}"
    return reply.status


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/token", "/accounts/details/two-factor", "/setup/users", "/accounts/settings/sessions"])
def test_S24_a_form_over_64_KiB_is_413(server, admin, path):
    for client in (Portal(server), admin):
        reply = client.request("POST", path, data=b"login=" + b"a" * (65 * 1024), headers=FORM)
        assert reply.status == 413 or (client is not admin and reply.status == 303), reply
    assert admin.inside()


def test_S24_an_endless_chunked_body_is_stopped(server):
    with socket.create_connection(("127.0.0.1", server.port), 10) as wire:
        wire.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                     b"Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n\r\n")
        sent, answer = 0, b""
        try:
            while sent < 20 * 1024 * 1024:
                wire.sendall(b"4000\r\n" + b"a" * 0x4000 + b"\r\n")
                sent += 0x4000
        except OSError:
            pass
        try:
            answer = wire.recv(4096)
        except OSError:
            pass
    assert sent < 20 * 1024 * 1024 or b" 413 " in answer.split(b"\r\n")[0], (sent, answer[:80])
    if answer:
        assert b" 413 " in answer.split(b"\r\n")[0], answer[:80]


def test_S07_an_agent_body_over_one_MiB_is_413(server, admin):
    agent = admin.company.agent(admin.company.admin)
    big = json.dumps({"login": "x", "password": "p" * (1024 * 1024 + 10)}).encode()
    for method, path in (("POST", "/agent/v1/sign-in"), ("PUT", "/agent/v1/devices/one")):
        reply = agent.call(method, path, raw=big)
        assert reply.status in (413, 404), reply
    assert agent.me().status == 200


BROKEN = {
    "broken-utf8": b"\xff\xfe\x80", "cut-utf8": b"caf\xc3", "overlong": b"\xc0\xaf", "surrogate": b"\xed\xa0\x80",
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("field", ["login", "password"])
def test_S24_broken_utf8_at_sign_in(server, kind, field):
    escaped = "".join(f"%{byte:02x}" for byte in BROKEN[kind]).encode()
    for value in (BROKEN[kind], escaped):
        fields = {b"login": fresh_word("someone").encode(), b"password": b"some-password-x"} | {field.encode(): value}
        body = b"&".join(key + b"=" + text for key, text in fields.items())
        clear(Portal(server).request("POST", "/sign-in", data=body, headers=FORM))


def test_S24_NUL_and_control_characters(server, admin):
    company = admin.company
    for login in ("a\0b", f"{company.admin.login}\0", "a\x1b[31mb", "a\r\nb"):
        clear(Portal(server).sign_in(login, company.admin.password))
    clear(Portal(server).sign_in(company.admin.login, company.admin.password + "\0"))
    before = admin.get("/own").page.text
    for path in ("/accounts/details/profile", "/own/profile"):
        assert admin.post(path, name="A\0B", email="a@example.org").status == 422
    clear(admin.post("/setup/users", login="nul\0login", name="x", email=""))
    assert admin.get("/setup/activity-log", params={"q": "a\0b"}).status in (200, 400, 422)
    assert admin.get("/own").page.text == before
    for path in ("/own%00", "/%ff", "/setup/users/%00", "/invitation/%00", "/invitation/%ff%fe", "/welcome?token=%00"):
        clear(admin.get(path)) if path.startswith("/invitation") else admin.get(path)


@pytest.mark.parametrize("login, password", [
    ("x" * 255, "p" * 20), ("someone", "p" * 1025), ("someone", "é" * 600), ("x" * 60000, "p"), ("", ""), ("someone", ""),
], ids=["login", "password", "password-in-bytes", "near-64-KiB", "both-empty", "password-empty"])
def test_S24_too_long_and_empty_are_refused_before_hashing(server, login, password):
    assert Portal(server).sign_in(fresh_word(login) if login == "someone" else login, password).status == 422


def test_S24_missing_doubled_and_foreign_fields(server, admin):
    person = admin.company.admin
    for body in ("", "login=", "password=x", "login", "&&&", "=", "a=b&" * 2000,
                 f"login={person.login}&login=other&password={person.password}",
                 f"login[]={person.login}&password[]={person.password}"):
        portal = Portal(server)
        reply = portal.request("POST", "/sign-in", data=body.encode(), headers=FORM)
        assert reply.status in (400, 413, 422), f"{body[:40]}: {reply}"
        assert not portal.inside()


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", "", "application/xml"])
def test_S24_a_body_of_another_kind(server, admin, kind):
    person = admin.company.admin
    portal = Portal(server)
    body = json.dumps({"login": person.login, "password": person.password}).encode()
    clear(portal.request("POST", "/sign-in", data=body, headers={"Content-Type": kind}))
    clear(portal.request("POST", "/sign-in", data=b"\x1f\x8b\x08" + b"\0" * 50, headers={**FORM, "Content-Encoding": "gzip"}))


VALUES = [None, True, 0, 1.5, [], ["x"], {}, {"$gt": ""}, 10**40, "\ud800"]


@pytest.mark.parametrize("value", VALUES, ids=[json.dumps(v)[:16] for v in VALUES])
@pytest.mark.parametrize("field", ["login", "password"])
def test_S07_wrong_types_at_the_agent_api(server, field, value):
    body = {"login": "someone", "password": "some-password-x"} | {field: value}
    reply = Agent(server).call("POST", "/agent/v1/sign-in", raw=json.dumps(body).encode())
    assert reply.status in (400, 422), reply
    assert problem(reply) == "form_refused"


@pytest.mark.parametrize("raw", [
    b"", b"{", b"[]", b"null", b"\xff", b'"x"', b'{"login":"a"}', b"[" * 100_000, b'{"a":' * 50_000, b"1e999999", b"{" + b'"a":1,' * 50_000 + b"}",
    b'{"login":"a\\u0000b","password":"some-password-x"}', b'{"login":"\\ud800","password":"some-password-x"}',
], ids=["empty", "cut", "array", "null", "utf8", "string", "missing", "deep-array", "deep-object", "huge", "wide", "nul", "lone"])
def test_S07_bodies_that_are_no_sign_in(server, raw):
    reply = Agent(server).call("POST", "/agent/v1/sign-in", raw=raw)
    assert reply.status in (400, 401, 413, 422), reply
    problem(reply)


def test_S07_unknown_fields_are_ignored_for_agents(server, admin):
    person = admin.company.admin
    assert Agent(server).agent_sign_in(person.login, person.password, extra={"a": [1]}, admin=True).status == 200


@pytest.mark.parametrize("ident", [NIL, "1", "x", "..", "%2e%2e", "a" * 300, "1' OR '1'='1", "%00"],
                         ids=["nil", "one", "letter", "up", "up-encoded", "long", "quotes", "nul"])
def test_S30_unknown_ids_are_not_found(admin, ident):
    for path in (f"/setup/users/{ident}", f"/setup/roles/{ident}", f"/invitation/{ident}"):
        assert admin.get(path).status in (303, 400, 404, 410), path
    for path in (f"/setup/users/{ident}/disable", f"/setup/users/{ident}/reset-two-factor", f"/setup/roles/{ident}/delete",
                 f"/accounts/details/sessions/{ident}/end"):
        assert admin.post(path, reason="x").status in (400, 404, 405), path
    reply = admin.post("/accounts/details/two-factor/remove", authenticator=ident,
                       password=admin.company.admin.password, token="000000")
    assert clear(reply) in (400, 404, 422)


TOKENS = ["", " ", "null", "0", "-1", "1e5", "123456\0", "1" * 5000, "１２３４５６", "' OR 1=1 --", "<script>", "\u202e123456"]


@pytest.mark.parametrize("token", TOKENS, ids=range(len(TOKENS)))
def test_S24_nonsense_as_a_token(server, clock, admin, token):
    clock.jump(16 * 60)
    admin.enter(admin.company.admin)
    portal = Portal(server)
    portal.sign_in(admin.company.admin.login, admin.company.admin.password)
    reply = portal.token(token)
    assert clear(reply) in (400, 422)
    assert "<script>" not in reply.text.replace("<script src", "") or token != "<script>"
    assert not portal.inside()


def test_S19_nonsense_in_the_pair_changes_nothing(server, admin):
    company = admin.company
    second = company.user(admin=True)
    portal = company.portal(second)
    device = portal.start_enrolment(second)
    for first, other in (([], []), (["1", "2"], "3"), ("\0", "\0"), ("9" * 5000, "9" * 5000), ("１２３４５６", "１２３４５７")):
        clear(portal.post("/accounts/details/two-factor", token1=first, token2=other, secret="AAAAAAAA", user=company.admin.login))
    assert portal.panel().secret == device.secret
    portal.keep(portal.prove(device, secret="AAAA" * 8), second, device)
    assert Portal(server).sign_in(second.login, second.password).path == "/sign-in/token"


def test_S41_text_of_people_is_shown_as_text(server, admin):
    company = admin.company
    evil = "\"><img src=x onerror=alert(1)>{{name}}'"
    assert admin.post("/own/profile", name=evil, email="e@example.org").status in (303, 422)
    for path in ("/own", "/accounts/details", "/setup/users", "/setup/activity-log"):
        reply = admin.get(path)
        assert not opened(reply).has("img", src="x") and "<img src=x" not in reply.text, path
    admin.post("/own/profile", name="=1+1", email="e@example.org")
    for line in admin.get("/setup/activity-log.csv").text.splitlines():
        assert not any(cell.strip('"').startswith(("=1", "+1", "@")) for cell in line.split(","))
    admin.post("/own/profile", name=company.admin.login, email="")


def test_S30_long_names_and_limits_of_fields(admin):
    assert admin.post("/own/profile", name="n" * 101, email="").status == 422
    assert admin.post("/own/profile", name="n" * 100, email="").status == 303
    assert admin.post("/setup/users", login="l" * 255, name="x", email="").status == 422


@pytest.mark.parametrize("query", ["page=-1", "page=0", "page=x", "page=99999999999999999999", "from=x&to=y", "from=9999-99-99",
                                   "q=%25%27%22", "user=%ff", "page=1&page=2"])
def test_S41_odd_queries_of_the_activity_log(admin, query):
    assert admin.get("/setup/activity-log?" + query).status in (200, 400, 404, 422)
    assert admin.get("/setup/activity-log.csv?" + query).status in (200, 400, 404, 422)


def test_S24_odd_requests_on_the_wire(server):
    for raw in (b"GET / HTTP/1.1\r\n\r\n", b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
                b"NONSENSE\r\n\r\n", b"GET http://evil.example/own HTTP/1.1\r\nHost: a\r\n\r\n",
                b"GET /own HTTP/1.1\r\nHost: a\r\nCookie: " + b"x=1; " * 20000 + b"\r\n\r\n",
                b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.port), 5) as wire:
            wire.settimeout(5)
            try:
                wire.sendall(raw)
                line = wire.recv(4096).split(b"\r\n")[0]
            except OSError:
                line = b""
        assert b" 50" not in line[:14] and b" 200 " not in line[:14], (raw[:60], line)
    assert Portal(server).get("/healthz").status == 200
