"""Headers, cookies and refusals of cross-site requests."""

import re
import socket

import pytest

from expect import local, refused, sent_to
from people import Company
from portal import ATTEMPT, SESSION, Portal

EVERYWHERE = ["/", "/sign-in", "/sign-in/token", "/sign-in/enrol", "/own", "/accounts/details", "/accounts/settings", "/setup/users",
              "/setup/roles", "/setup/activity-log", "/setup/activity-log.csv", "/no/such/page", "/invitation/unknown", "/welcome?token=x",
              "/agent/v1/me", "/accounts/details/two-factor", "/accounts/details/recovery-codes", "/healthz", "/readyz"]


def check(reply):
    policy = reply.headers.get("Content-Security-Policy", "")
    assert "unsafe-" not in policy
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";") if rule.split()}
    assert rules.get("frame-ancestors") == ["'none'"], policy
    assert rules.get("base-uri") == ["'none'"] and rules.get("form-action") == ["'self'"], policy
    assert rules.get("object-src", rules.get("default-src")) == ["'none'"], policy
    assert "http:" not in policy and "https:" not in policy and "*" not in policy
    assert "no-store" in reply.headers.get("Cache-Control", "")
    assert reply.headers.get("Referrer-Policy") == "same-origin"
    assert reply.headers.get("X-Content-Type-Options") == "nosniff"
    assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.parametrize("path", EVERYWHERE)
def test_S24_the_headers_stand_on_every_answer(server, admin, path):
    for client in (Portal(server), admin):
        for method in ("GET", "POST", "DELETE"):
            reply = client.request(method, path)
            check(reply)
            if reply.status == 303:
                assert local(reply.location), reply.location
    if not admin.inside():
        admin.enter(admin.company.admin)


def test_S24_the_headers_stand_on_the_answer_to_what_is_no_http(server):
    with socket.create_connection(("127.0.0.1", server.port), 5) as wire:
        wire.sendall(b"NONSENSE\r\n\r\n")
        head = wire.recv(4096).decode().lower()
    assert head.startswith("http/1.1 400 "), head
    for field in ("x-content-type-options: nosniff", "cache-control: no-store", "content-security-policy: default-src 'none'"):
        assert field in head, head


@pytest.fixture(scope="module")
def admin(server):
    company = Company(server)
    portal = company.enrolled_admin()
    portal.company = company
    return portal


def test_S17_pages_load_nothing_from_elsewhere_and_carry_no_inline_script_or_style(server, admin):
    company = admin.company
    user = company.user()
    portal = company.portal(user)
    portal.start_enrolment(user)
    pages = [Portal(server).get("/sign-in"), portal.get("/accounts/details/two-factor"), admin.get("/accounts/details"), admin.get("/accounts/settings")]
    for reply in pages:
        for element in reply.page.walk():
            for name in ("src", "srcset", "poster", "data", "action", "formaction"):
                assert not re.match(r"(?i)\s*(https?:)?//", element[name] or ""), (element.tag, element[name])
            assert element["style"] is None and not any(name.startswith("on") for name in element.attributes), element.tag
            assert element.tag != "style" and (element.tag != "script" or element["src"])
            if element.tag == "link":
                assert local(element["href"])
    static = {e[n] for r in pages for e in r.page.walk() for n in ("src", "href") if e.tag in ("link", "script", "img") and e[n]}
    for path in static:
        reply = Portal(server).get(path)
        assert reply.status == 200 and reply.headers.get("X-Content-Type-Options") == "nosniff", path


def cookie_lines(reply):
    return reply.response.raw.headers.getlist("Set-Cookie")


def signed_in_cookies(server, person):
    portal = Portal(server)
    lines = cookie_lines(portal.sign_in(person.login, person.password))
    token = {ATTEMPT: None}
    for line in lines:
        name, _, rest = line.partition("=")
        token[name] = rest.split(";")[0]
    header = "; ".join(f"{name}={value}" for name, value in token.items() if value)
    reply = portal.request("POST", "/sign-in/token", data={"token": person.device.fresh()}, headers={"Cookie": header})
    assert reply.status == 303, reply
    return lines + cookie_lines(reply)


def test_S24_cookies_over_http(server, admin):
    lines = signed_in_cookies(server, admin.company.admin)
    assert {line.split("=")[0] for line in lines} <= {SESSION, ATTEMPT, "countersign_browser"}
    for line in lines:
        attributes = {part.strip().lower() for part in line.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= attributes, line
        assert "secure" not in attributes and not any(a.startswith("domain") for a in attributes), line


def test_S24_cookies_with_an_https_public_url(new_server):
    server = new_server(public_url="https://portal.example")
    company = Company(server)
    portal = Portal(server)
    reply = portal.sign_in(company.admin.login, company.admin.password)
    assert reply.status == 303
    lines = cookie_lines(reply)
    assert any(line.startswith("__Host-" + SESSION + "=") for line in lines), lines
    for line in lines:
        attributes = {part.strip().lower() for part in line.split(";")[1:]}
        assert line.startswith("__Host-") and {"secure", "httponly", "samesite=lax", "path=/"} <= attributes, line
        assert not any(a.startswith("domain") for a in attributes)
    assert "max-age=" in reply.headers.get("Strict-Transport-Security", "max-age=").lower()


CROSS = [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site", "Origin": "PUBLIC"},
    {"Sec-Fetch-Site": "nonsense"}, {"Sec-Fetch-Site": None, "Origin": "https://evil.example"}, {"Sec-Fetch-Site": None, "Origin": "null"},
    {"Sec-Fetch-Site": None, "Origin": "PUBLIC.evil.example"}, {"Sec-Fetch-Site": None, "Origin": "https://localhost"},
]
SAME = [
    {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": None, "Origin": "PUBLIC"}, {"Sec-Fetch-Site": None},
]


def filled(headers, server):
    return {name: value.replace("PUBLIC", server.public_url) if value else value for name, value in headers.items()}


@pytest.mark.parametrize("headers", CROSS, ids=lambda h: "-".join(str(v) for v in h.values()))
def test_S31_a_cross_site_form_is_refused_and_changes_nothing(server, admin, headers):
    headers = filled(headers, server)
    sentence = refused(admin.post("/accounts/settings/require-two-factor", {"require": "on"}, headers=headers), "cross_site", 403)
    assert server.public_url in sentence
    assert admin.requirement() == "OFF"
    person = admin.company.admin
    for path, fields in (("/sign-in", {"login": person.login, "password": person.password}), ("/sign-out", {}),
                         ("/accounts/details/two-factor/enable", {"password": person.password})):
        reply = admin.post(path, fields, headers=headers)
        assert reply.status == 403 and not cookie_lines(reply), path
    assert admin.inside()


@pytest.mark.parametrize("headers", SAME, ids=lambda h: "-".join(str(v) for v in h.values()))
def test_S24_a_form_of_this_site_is_accepted(server, admin, headers):
    person = admin.company.admin
    portal = Portal(server)
    sent_to(portal.post("/sign-in", {"login": person.login, "password": person.password}, headers=filled(headers, server)), "/sign-in/token")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_S31_looking_changes_nothing(admin, method):
    for path in ("/accounts/settings/require-two-factor?require=on", "/sign-out", "/accounts/details/sessions/end-others",
                 "/accounts/details/two-factor/cancel", "/accounts/details/recovery-codes/replace", "/accounts/settings/agents?agent_sign_in=off"):
        admin.request(method, path)
        admin.request(method, path, headers={"X-HTTP-Method-Override": "POST"})
    assert admin.inside() and admin.requirement() == "OFF"


@pytest.mark.parametrize("host", ["evil.example", "localhost:1", "a" * 200], ids=["foreign", "port", "long"])
def test_S24_the_host_header_is_neither_used_nor_refused(server, admin, host):
    reply = Portal(server).get("/accounts/details", headers={"Host": host, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    sent_to(reply, "/sign-in")
    page = Portal(server).get("/sign-in", headers={"Host": host, "X-Forwarded-Host": "evil.example"})
    assert page.status == 200 and "evil.example" not in page.text


def test_S24_identity_headers_from_outside_mean_nothing(server, admin):
    login = admin.company.admin.login
    headers = {name: login for name in ("Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Auth-Request-User", "Authorization")}
    sent_to(Portal(server).get("/accounts/details", headers=headers), "/sign-in")


def test_S41_every_refusal_carries_an_operation_id_or_a_code(server, admin):
    reply = admin.get("/no/such/page")
    assert reply.status == 404 and "not_found" in reply.codes
    assert reply.page.has(data_operation_id=True)
