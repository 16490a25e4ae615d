"""What a proxy gets for its questions, and the way from a portal session to an application's own (interface 4)."""

import time

import pytest

from applications import IDENTITY, Console, Scene, cookie_of
from people import fresh_word
from portal import ATTEMPT, SESSION, Portal

ORIGIN = "https://grafana.example.com"
NEVER = {"COUNTERSIGN_TRUSTED_PROXIES": ""}


@pytest.fixture(scope="module")
def scene(server):
    return Scene(server)


@pytest.fixture
def ask(scene):
    return lambda *args, **rest: scene.console.ask(scene.portal, *args, **rest)


# The answer by kind of request


def test_a_session_is_let_through_with_all_identity_headers(scene, ask):
    for dialect in ("nginx", "forwarded"):
        reply = ask("/d/abc", scene.cookie, dialect=dialect, Remote_User="boss", Remote_Groups="admins", Remote_Email="x@y")
        assert reply.status == 200 and not reply.text, reply
        assert reply.headers["Remote-User"] == scene.user.login
        assert reply.headers["Remote-Groups"] == scene.role
        assert [name for name in IDENTITY if name not in reply.headers] == []
        assert reply.headers["Remote-Email"] == "" and reply.headers["Remote-Name"] == ""
        assert reply.headers["Countersign-Operation"] and reply.headers["Cache-Control"] == "no-store"


def test_a_navigation_is_sent_to_sign_in_and_the_rest_gets_a_problem(ask):
    page = ask("/d/abc?x=1", Sec_Fetch_Mode="navigate")
    assert page.status == 302 and page.location == ORIGIN + "/_countersign/start?to=/d/abc%3Fx%3D1"
    old = ask("/", Accept="text/html,application/xhtml+xml")
    assert old.status == 302
    for headers in ({"Sec_Fetch_Mode": "cors"}, {"Accept": "application/json"}, {"Upgrade": "websocket", "Accept": "text/html"},
                    {"X_Requested_With": "XMLHttpRequest", "Accept": "text/html"}, {"Content_Type": "application/grpc"}):
        reply = ask("/api", **headers)
        assert reply.status == 401 and reply.location.startswith(ORIGIN), headers
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert reply.response.json()["code"] == "sign_in_needed"
    assert ask("/save", method="POST", Sec_Fetch_Mode="navigate").status == 401


@pytest.mark.parametrize("kind", ["signed-in", "nobody", "denied", "unknown", "undescribed"])
def test_nginx_gets_nothing_but_200_401_and_403(scene, ask, kind):
    reply = {
        "signed-in": lambda: ask("/", scene.cookie, dialect="nginx"),
        "nobody": lambda: ask("/", dialect="nginx", Sec_Fetch_Mode="navigate"),
        "denied": lambda: ask("/..%2fx", scene.cookie, dialect="nginx", Sec_Fetch_Mode="navigate"),
        "unknown": lambda: ask("/", scene.cookie, dialect="nginx", origin="https://other.example.com"),
        "undescribed": lambda: Portal(scene.company.server).get("/forward-auth", headers={"X-Original-Method": "GET"}),
    }[kind]()
    expected = {"signed-in": 200, "nobody": 401}.get(kind, 403)
    assert reply.status == expected, reply
    if kind == "nobody":
        assert reply.location == ORIGIN + "/_countersign/start?to=/" and reply.headers["Countersign-Navigation"] == "yes"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "TRACE", "PROPFIND", "DELETE"])
def test_no_method_gets_past(scene, ask, method):
    assert ask("/", method=method).status == 401
    assert ask("/", scene.cookie, method=method).status == 200


def test_envoy_puts_the_path_behind_and_keeps_the_method(scene):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "grafana.example.com", "X-Forwarded-Uri": "/d", "X-Forwarded-Method": "POST",
               "Cookie": f"{cookie_of(ORIGIN, 'app')}={scene.cookie}"}
    assert Portal(scene.company.server).request("POST", "/forward-auth/d", headers=headers).status == 200
    assert Portal(scene.company.server).request("POST", "/forward-auth/d", headers={**headers, "Cookie": ""}).status == 401


# Whom it does not believe


def test_forwarding_headers_count_only_from_a_trusted_proxy(new_server):
    from people import Company

    server = new_server(**NEVER)
    company = Company(server)
    Console(company, ORIGIN)
    for described in ({"X-Original-URL": ORIGIN + "/", "X-Original-Method": "GET"},
                      {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "grafana.example.com", "X-Forwarded-Uri": "/", "X-Forwarded-Method": "GET"}):
        reply = Portal(server).get("/forward-auth", headers=described)
        assert reply.status == 403 and reply.response.json()["code"] == "untrusted_proxy", reply
    reply = Portal(server).get("/_countersign/start?to=/", headers={"X-Forwarded-Host": "grafana.example.com", "X-Forwarded-Proto": "https"})
    assert reply.status == 403 and "Set-Cookie" not in reply.headers


def test_two_stories_about_one_request_are_refused(scene, ask):
    for more in ({"X_Original_URL": ORIGIN + "/other", "X_Original_Method": "GET"}, {"X_Original_URL": "https://other.example.com/"}):
        assert ask("/", scene.cookie, **more).status == 403
    assert ask("/", scene.cookie, dialect="nginx", X_Forwarded_Uri="/public").status == 403
    assert ask("/", scene.cookie, dialect="nginx", X_Forwarded_Host="other.example.com").status == 403


def test_a_host_is_one_host_however_it_is_spelled(scene, ask):
    for origin in ("https://GRAFANA.example.com", "https://grafana.example.com.", "https://grafana.example.com:443"):
        assert ask("/", scene.cookie, origin=origin).status == 200, origin
    for origin in ("http://grafana.example.com", "https://grafana.example.com:8443", "https://xgrafana.example.com"):
        assert ask("/", scene.cookie, origin=origin).status == 403, origin


# What opens nothing


def test_no_other_key_fits(scene, ask):
    agent = scene.company.agent(scene.user).bearer
    attempt = Portal(scene.company.server)
    attempt.sign_in(scene.user.login, scene.user.password)
    for value in (scene.portal.browser_cookie(SESSION), attempt.browser_cookie(ATTEMPT), agent, scene.cookie[:-1], scene.cookie + "A",
                  scene.cookie.swapcase(), "csas_" + "A" * 43, "", "x"):
        assert ask("/", value).status == 401, value
    for cookie in (f"{SESSION}={scene.portal.browser_cookie(SESSION)}", f"{ATTEMPT}={attempt.browser_cookie(ATTEMPT)}",
                   f"countersign_app={scene.cookie}", f"__host-countersign_app={scene.cookie}",
                   f"__Host-countersign_app={scene.cookie}; __Host-countersign_app=csas_{'B' * 43}"):
        assert ask("/", Cookie=cookie).status == 401, cookie


def test_the_cookie_of_one_application_opens_no_other(scene):
    other = Console(scene.company, "https://wiki.example.com", name="Wiki")
    mine = other.enter(scene.portal)
    assert other.ask(scene.portal, "/", mine).status == 200
    assert other.ask(scene.portal, "/", scene.cookie).status == 401
    assert scene.console.ask(scene.portal, "/", mine).status == 401
    for value in (mine, scene.cookie):
        assert not scene.portal.carrying(**{SESSION: value}).inside()


# The hand-over


def test_a_ticket_is_good_once_in_one_browser_for_one_application_and_half_a_minute(scene):
    console, portal = scene.console, scene.portal
    other = Console(scene.company, "https://notes.example.com", name="Notes")
    nonce, address = console.start(portal, "/deep/link?q=1")
    ticket, _ = console.ticket(portal, address)
    assert console.callback(portal, ticket, nonce).status == 303
    again = console.callback(portal, ticket, nonce)
    assert again.status == 410 and not again.cookie(cookie_of(ORIGIN, "app"))
    for bring in ("without-nonce", "other-nonce", "other-application", "late"):
        nonce, address = console.start(portal)
        ticket, _ = console.ticket(portal, address)
        if bring == "late":
            portal.clock.jump(31)
        reply = {
            "without-nonce": lambda: console.callback(portal, ticket, None),
            "other-nonce": lambda: console.callback(portal, ticket, console.start(portal)[0]),
            "other-application": lambda: other.callback(portal, ticket, nonce),
            "late": lambda: console.callback(portal, ticket, nonce),
        }[bring]()
        assert reply.status in (403, 410) and not any("_app=" in c for c in reply.response.raw.headers.getlist("Set-Cookie")), bring
        assert console.callback(portal, ticket, nonce).status == 410, "spent all the same"


def test_the_cookies_of_an_application_are_its_hosts_alone(scene):
    reply = scene.console.at_host(scene.portal, "GET", "/_countersign/start?to=/")
    nonce = reply.headers["Set-Cookie"]
    assert nonce.startswith("__Host-countersign_nonce=") and "Domain" not in nonce
    value = nonce.split("=", 1)[1].split(";")[0]
    assert value not in reply.location
    ticket, _ = scene.console.ticket(scene.portal, reply.location[len(scene.company.server.public_url):])
    done = scene.console.callback(scene.portal, ticket, value)
    session = next(c for c in done.response.raw.headers.getlist("Set-Cookie") if c.startswith("__Host-countersign_app="))
    assert all(word in session for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/")) and "Domain" not in session


def test_a_sign_in_on_the_way_ends_in_a_page_that_links_and_refreshes_onward(scene):
    console = scene.console
    nonce, address = console.start(scene.portal, "/d/deep?x=1&y=2")
    browser = Portal(scene.company.server)
    reply = browser.get(address)
    assert reply.status == 303 and reply.path == "/sign-in"
    page = browser.get(reply.location).page
    wanted = page.first("input", name="return_to")["value"]
    reply = browser.sign_in(scene.user.login, scene.user.password, return_to=wanted)
    assert reply.path == "/sign-in/token"
    half = console.ticket(browser, address)
    assert half[0] is None, "a half-finished sign-in gets no ticket"
    reply = browser.token(scene.user.device.fresh())
    assert reply.status == 303 and reply.location.startswith("/applications/hand-over?"), reply
    ticket, shown = console.ticket(browser, reply.location)
    assert shown.status == 200 and any("ticket=" in href for href, _ in shown.page.links())
    done = console.callback(browser, ticket, nonce)
    assert done.status == 303 and done.location == "/d/deep?x=1&y=2"
    assert console.ask(browser, "/", done.cookie(cookie_of(ORIGIN, "app"))).status == 200


@pytest.mark.parametrize("to", ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "", "/_countersign/start"])
def test_nobody_is_led_elsewhere(scene, to):
    console = scene.console
    nonce, address = console.start(scene.portal, to)
    ticket, _ = console.ticket(scene.portal, address)
    assert console.callback(scene.portal, ticket, nonce).location == "/"


# Roles and assurance


def test_who_lacks_the_role_is_refused_until_it_is_given(scene):
    company = scene.company
    ops = company.role(accounts="view", setup="view")
    console = Console(company, "https://ops.example.com", "--role", ops, name="Ops")
    reply = console.ticket(scene.portal, console.start(scene.portal)[1])[1]
    assert reply.status == 403 and "access_denied" in reply.codes
    user = company.user(role=ops)
    portal = company.portal(user)
    portal.enrol(user)
    cookie = console.enter(portal)
    assert console.ask(portal, "/", cookie).status == 200
    roles = company.role_value(scene.admin, scene.role)
    assert company.act(scene.admin, "roles", user, role=roles).status == 303
    refused = console.ask(portal, "/", cookie)
    assert refused.status == 403 and refused.response.json()["code"] == "role_missing"
    page = console.navigate(portal, "/", cookie=cookie)
    assert page.status == 403 and "None of your roles" in page.text and page.page.first("code")["data-operation-id"]
    assert console.ask(scene.admin, "/", console.enter(scene.admin)).status == 200, "an Account Admin overrides every role"


def test_a_password_is_enough_only_where_the_application_says_so(server):
    from people import Company

    company = Company(server)
    user = company.user()
    portal = company.portal(user)
    strict = Console(company, "https://strict.example.com", name="Strict")
    lax = Console(company, "https://lax.example.com", "--assurance", "password", name="Lax")
    reply = strict.ticket(portal, strict.start(portal)[1])[1]
    assert reply.status == 403 and "two_factor_required" in reply.codes
    cookie = lax.enter(portal)
    assert lax.ask(portal, "/", cookie).status == 200
    admin = company.enrolled_admin()
    lax.rule(admin, "/strict", "prefix", "two-factor")
    assert lax.ask(portal, "/strict/x", cookie).status == 403
    admin.require("on")
    assert lax.ask(portal, "/", cookie).status == 401, "an account's requirement raises it at once"


# Ends


ENDS = {
    "sign-out": lambda s, u, p: p.sign_out(),
    "end-others": lambda s, u, p: s.company.portal(u).post("/own/sessions/end-others"),
    "disable": lambda s, u, p: s.company.act(s.admin, "disable", u),
    "disable-by-command": lambda s, u, p: s.company.server.do("user", "disable", u.login),
    "delete": lambda s, u, p: s.company.act(s.admin, "delete", u),
    "reset-two-factor": lambda s, u, p: s.company.act(s.admin, "reset-two-factor", u, reason="lost"),
    "reset-password": lambda s, u, p: s.company.act(s.admin, "reset-password", u),
    "end-sessions": lambda s, u, p: s.company.act(s.admin, "end-sessions", u),
    "reset-by-command": lambda s, u, p: s.company.server.do("user", "reset-two-factor", u.login),
}


@pytest.mark.parametrize("end", ENDS)
def test_it_dies_with_the_portal_session_within_a_second(scene, end):
    user = scene.company.user(role=scene.role)
    portal = scene.company.portal(user)
    portal.enrol(user)
    cookie = scene.console.enter(portal)
    for _ in range(5):
        assert scene.console.ask(portal, "/", cookie).status == 200
    ENDS[end](scene, user, portal)
    if end.endswith("command"):
        time.sleep(0.9)
    assert scene.console.ask(portal, "/", cookie).status == 401, end
    assert scene.console.ask(scene.portal, "/", scene.cookie).status == 200, "others go on"


@pytest.mark.parametrize("headers, told", [
    ({"X-Forwarded-Host": "nobodys.example.com"}, "https://nobodys.example.com"),
    ({"X-Forwarded-Proto": "http"}, "http://grafana.example.com"),
    ({"X-Forwarded-Host": "a b<i>"}, "of this page"),
])
def test_an_address_without_an_application_says_which_and_what_to_do(scene, headers, told):
    for path in ("/_countersign/start?to=/", "/_countersign/refused?operation=x"):
        reply = scene.console.at_host(scene.portal, "GET", path, headers=headers)
        assert reply.status == 404 and reply.codes == ["not_found"]
        assert f"no application with the address {told}" in reply.text and "<i>" not in reply.text
        assert "/_countersign/static/style.css" in reply.text and not reply.headers.get("Set-Cookie")


def test_signing_out_at_the_application_ends_all(scene):
    portal = scene.company.portal(scene.user)
    cookie = scene.console.enter(portal)
    name = cookie_of(ORIGIN, "app")
    foreign = scene.console.at_host(portal, "POST", "/_countersign/sign-out", cookies={name: cookie}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status == 403 and scene.console.ask(portal, "/", cookie).status == 200
    asked = scene.console.at_host(portal, "GET", "/_countersign/sign-out")
    assert asked.status == 200 and "/_countersign/static/style.css" in asked.text
    done = scene.console.at_host(portal, "POST", "/_countersign/sign-out", cookies={name: cookie})
    assert done.status == 200 and done.cookie(name) == ""
    assert scene.console.ask(portal, "/", cookie).status == 401 and not portal.inside()


def test_idle_and_lifetime_end_it_and_work_in_the_application_keeps_it_awake(new_server):
    server = new_server()
    scene = Scene(server)
    for _ in range(5):
        server.clock.jump(25 * 60)
        before, end = server.dump()[1], time.monotonic() + 10
        assert scene.console.ask(scene.portal, "/", scene.cookie).status == 200
        # Use is written down each half a minute: that goes by before the next jump.
        server.clock.jump(31)
        while server.dump()[1] == before:
            assert time.monotonic() < end, "the use was not written down"
            time.sleep(0.1)
    assert scene.portal.inside(), "the portal session was kept awake"
    server.clock.jump(61 * 60)
    assert scene.console.ask(scene.portal, "/", scene.cookie).status == 401


def test_an_application_may_ask_for_a_younger_sign_in(new_server):
    server = new_server()
    scene = Scene(server)
    assert scene.admin.post(f"/applications/{scene.console.id}", name="Grafana", origin=ORIGIN, assurance="two-factor", session_hours="1").status == 303
    for _ in range(3):
        server.clock.jump(20 * 60)
        scene.portal.inside()
    assert scene.console.ask(scene.portal, "/", scene.cookie).status == 401
    ticket, reply = scene.console.ticket(scene.portal, scene.console.start(scene.portal)[1])
    assert ticket is None and reply.status == 200 and "Log in again" in reply.text
    again = reply.page.first("input", name="return_to")["value"]
    reply = scene.portal.post("/applications/hand-over", return_to=again)
    assert reply.status == 303 and reply.path == "/sign-in" and not scene.portal.inside()


def test_signing_out_at_one_port_of_a_host_ends_what_was_opened_at_another(server):
    """The browser has one cookie for both."""
    scene = Scene(server, f"https://{fresh_word('ports')}.example.com")
    other = Console(scene.company, scene.console.origin + ":8443", name="Wiki")
    portal = scene.portal
    cookie = other.enter(portal)
    done = scene.console.at_host(portal, "POST", "/_countersign/sign-out", cookies={cookie_of(scene.console.origin, "app"): cookie})
    assert done.status == 200 and not portal.inside(), done
    assert other.ask(portal, "/", cookie).status == 401
