"""Who has no finished sign-in sees nothing: every path x every method x every half-key (threats C01, C02)."""

import pytest

from people import Company
from portal import ATTEMPT, SESSION, Portal
from routes import AGENT, METHODS, PORTAL, SPELLINGS
from server import UUID

FIELDS = {"password": "some-password-x", "token": "000000", "token1": "000000", "token2": "000001", "require": "off", "name": "Swept",
          "reason": "x", "kept": "on", "new_password": "Swept-password-99", "new_password_again": "Swept-password-99", "account_name": "Swept"}


class Scene:
    """An account with everything in it, and clients that hold the wrong key."""

    def __init__(self, server):
        self.company = Company(server, "Canarywords")
        self.admin = self.company.enrolled_admin()
        self.user = self.company.user("canaryuser")
        self.company.portal(self.user).enrol(self.user)
        role = next(iter(self.company._roles.values()))
        self.role = UUID.search(next(h for h, t in self.admin.get("/setup/roles").page.links() if t == role)).group(0)
        attempt = Portal(server)
        attempt.sign_in(self.company.admin.login, self.company.admin.password)
        self.attempt = attempt.browser_cookie(ATTEMPT)
        self.agent = self.company.agent(self.company.admin).bearer
        gone = self.company.portal(self.user)
        self.ended = gone.browser_cookie(SESSION)
        gone.sign_out()
        self.words = (self.company.name, self.company.admin.login, self.user.login)

    def path(self, template):
        return template.replace("{id}", self.user.id).replace("{role}", self.role)


@pytest.fixture(scope="module")
def scene(server):
    return Scene(server)


def holders(server, scene):
    """Each client without a portal session, made fresh (an answer may clear its cookies)."""
    def client(cookies=(), **headers):
        portal = Portal(server)
        portal.http.headers.update(headers)
        for name, value in dict(cookies).items():
            portal.plant(name, value)
        return portal

    return {
        "nobody": lambda: client(),
        "attempt": lambda: client({ATTEMPT: scene.attempt}),
        "attempt-as-session": lambda: client({SESSION: scene.attempt}),
        "agent-bearer": lambda: client(Authorization=f"Bearer {scene.agent}"),
        "agent-as-session": lambda: client({SESSION: scene.agent, ATTEMPT: scene.agent}),
        "ended": lambda: client({SESSION: scene.ended}),
    }


HOLDERS = ["nobody", "attempt", "attempt-as-session", "agent-bearer", "agent-as-session", "ended"]
# These may post guesses at the attempt's own step; they stay shut, but would wear the attempt out.
OWN_STEPS = {"/sign-in/token", "/sign-in/password", "/sign-in/enrol", "/sign-in/recovery-codes"}


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("method", METHODS)
def test_S08a_S24_S35_no_page_opens_without_a_finished_sign_in(server, scene, holder, method):
    make = holders(server, scene)[holder]
    leaks = []
    for template in PORTAL:
        own_step = holder == "attempt" and template in OWN_STEPS
        if own_step and method != "GET":
            continue
        path = scene.path(template)
        reply = make().request(method, path, data=FIELDS if method not in ("GET", "HEAD", "OPTIONS") else None)
        told = [word for word in scene.words if word in reply.text]
        if own_step:
            # Its own step may open; it shows the login that was typed and nothing of the account's insides.
            if reply.status == 200 and (template != "/sign-in/token" or scene.user.login in reply.text):
                leaks.append((path, reply.status))
            continue
        fine = reply.status in (303, 400, 401, 403, 404, 405, 410, 415, 422, 501) or (
            method == "OPTIONS" and reply.status in (200, 204) and not reply.text)
        if reply.status == 303:
            fine = reply.path.startswith("/sign-in")
        if told or not fine or reply.cookie(SESSION):
            leaks.append((path, reply.status, reply.location, told))
    assert not leaks, leaks


@pytest.mark.parametrize("holder", ["nobody", "attempt", "agent-bearer"])
def test_S24_no_spelling_of_a_path_opens_it(server, scene, holder):
    import http.client

    for path in SPELLINGS:
        portal = holders(server, scene)[holder]()
        cookie = "; ".join(f"{c.name}={c.value}" for c in portal.http.cookies)
        wire = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        wire.putrequest("GET", path, skip_host=False)
        wire.putheader("Cookie", cookie)
        wire.putheader("Authorization", portal.http.headers.get("Authorization", ""))
        wire.endheaders()
        answer = wire.getresponse()
        body = answer.read().decode("utf-8", "replace")
        assert answer.status in (303, 308, 400, 404, 401), (path, answer.status)
        assert not [word for word in scene.words if word in body], path
        wire.close()


@pytest.mark.parametrize("holder", ["nobody", "attempt", "session"])
@pytest.mark.parametrize("method", METHODS)
def test_S08b_the_agent_api_opens_for_agents_only(server, scene, holder, method):
    makers = {**holders(server, scene), "session": lambda: scene.admin.carrying(**{SESSION: scene.admin.browser_cookie(SESSION)})}
    for path in AGENT:
        reply = makers[holder]().request(method, path, json={})
        assert reply.status in (401, 403, 404, 405, 501) or (method == "OPTIONS" and not reply.text), (method, path, reply)
        assert not [word for word in scene.words if word in reply.text]


def test_S24_after_the_sweep_all_is_as_it_was(server, scene):
    assert scene.admin.inside() and scene.admin.requirement() == "OFF"
    assert scene.company.name in scene.admin.get("/accounts/details").text
    assert "Swept" not in scene.admin.get("/setup/users").text
    scene.company.portal(scene.user)
    scene.company.agent(scene.company.admin)


@pytest.mark.parametrize("tabs", [{}, {"accounts": "view"}, {"setup": "view"}], ids=["hidden", "accounts-view", "setup-view"])
def test_S28_S31_a_role_opens_its_tabs_and_no_others(server, scene, tabs):
    company = scene.company
    user = company.user(role=company.role(**tabs))
    portal = company.portal(user)
    areas = {"accounts": ("/accounts/",), "setup": ("/setup/",)}
    for template in PORTAL:
        for area, starts in areas.items():
            if template.startswith(starts):
                path = scene.path(template)
                if area not in tabs:
                    assert portal.get(path).status in (403, 404), path
                    assert portal.post(path, FIELDS).status in (403, 404, 405), path
    if "setup" in tabs:
        assert portal.get("/setup/users").status == 200
        for verb in ("disable", "delete", "grant-admin", "reset-two-factor", "end-sessions", "roles"):
            assert portal.post(f"/setup/users/{scene.user.id}/{verb}", FIELDS).status == 403, verb
    assert portal.inside()


@pytest.mark.parametrize("path", ["/no-such", "/admin", "/debug", "/login", "/register", "/api", "/.env", "/.git/config", "/static/../../etc/passwd", "/docs"])
def test_S24_nothing_else_is_there(server, path):
    reply = Portal(server).get(path)
    assert reply.status in (303, 404, 400), reply
