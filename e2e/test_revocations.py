"""Every revocation x every bearer x every node: what ends, what goes on, within a second."""

import copy
import time

import pytest

from applications import Console, cookie_of
from cluster import Cluster
from people import Company, fresh_word
from portal import SESSION, Portal
from proof import LIFETIME
from server import ENGINE, UUID
import postgres


@pytest.fixture(scope="module")
def nodes(tmp_path_factory, new_server):
    """One server over SQLite, two over PostgreSQL."""
    if ENGINE != "postgres":
        yield [new_server()]
        return
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), postgres.shared()).start()
    yield cluster.nodes
    cluster.stop()


class Crowd:
    """A user with one of everything that opens something, made on the first node."""

    ALL = frozenset("session copy other attempt agent app other-app token ticket".split())

    def __init__(self, nodes):
        self.nodes, self.node = nodes, nodes[0]
        self.clock = self.node.clock
        self.company = Company(self.node)
        self.company.enrolled_admin()
        self.strong, self.weak = self.company.role(accounts="view"), self.company.role(devices="view")
        self.user = self.company.user(role=self.strong)
        self.console = Console(self.company, f"https://{fresh_word('r')}.example.com", "--role", self.strong)
        admin = self.admin()
        self.console.rule(admin, "/api", "prefix", "api-token")
        self.role_id = self.company.role_value(admin, self.strong)
        self.session = self.company.portal(self.user)
        self.session.enrol(self.user)
        self.other = self.company.portal(self.user)
        self.agent = self.company.agent(self.user)
        self.app, self.other_app = self.console.enter(self.session), self.console.enter(self.other)
        made = self.session.post("/own/api-tokens", name="CI", days="30", application=self.console.id)
        assert made.status == 200, made
        self.token = next(e.text for e in made.page.all("code") if e["id"] == "api-token")
        self.nonce, address = self.console.start(self.other)
        self.ticket, _ = self.console.ticket(self.other, address)
        # Whoever has stolen the session's cookie.
        self.copy = self.session.carrying(**{SESSION: self.session.browser_cookie(SESSION)})
        self.attempt = Portal(self.node)
        assert self.attempt.sign_in(self.user.login, self.user.password).path == "/sign-in/token"

    def admin(self):
        return self.company.portal(self.company.admin)

    def alive(self, node):
        """What opens something at this node now."""
        console = copy.copy(self.console)
        console.server = node

        def at(portal):
            there = type(portal)(node, portal.address)
            there.http.cookies.update(portal.http.cookies)
            return there

        agent = at(self.agent)
        agent.bearer = self.agent.bearer
        found = {
            "session": at(self.session).inside(),
            "copy": at(self.copy).inside(),
            "other": at(self.other).inside(),
            "attempt": at(self.attempt).get("/sign-in/token").status == 200,
            "agent": agent.me().status == 200,
            "app": console.ask(self.session, "/", self.app).status == 200,
            "other-app": console.ask(self.other, "/", self.other_app).status == 200,
            "token": console.ask(self.session, "/api", Authorization=f"Bearer {self.token}").status == 200,
        }
        return {name for name, opens in found.items() if opens}

    def redeems(self):
        """Whether the ticket still leads into the application; spends it."""
        reply = self.console.callback(self.other, self.ticket, self.nonce)
        cookie = reply.cookie(cookie_of(self.console.origin, "app")) if reply.status == 303 else None
        return bool(cookie) and self.console.ask(self.other, "/", cookie).status == 200


@pytest.fixture
def crowd(nodes):
    return Crowd(nodes)


def own_password(**more):
    def change(c):
        reply = c.session.post(
            "/own/password", current_password=c.user.password, new_password="Quite-another-harbour-9",
            new_password_again="Quite-another-harbour-9", token=c.user.device.fresh(), **more,
        )
        assert reply.status == 303 and reply.path == "/own", reply
    return change


def replace_after_recovery(c):
    portal = Portal(c.node)
    portal.sign_in(c.user.login, c.user.password)
    assert portal.token(c.user.recovery[0]).status == 303
    assert portal.post("/own/two-factor/enable", password=c.user.password).status == 303
    device = portal.panel("/own/two-factor")
    assert portal.prove(device, "/own/two-factor").path == "/own/recovery-codes"


def remove_factor(c):
    page = c.session.get("/own").page
    ident = next(o["value"] for o in page.all("option") if UUID.fullmatch(o["value"] or ""))
    reply = c.session.post(
        "/own/two-factor/remove", authenticator=ident, password=c.user.password, token=c.user.device.fresh())
    assert reply.status == 303, reply


def end_one(c):
    page = c.session.get("/own/sessions").page
    paths = [f["action"] for f in page.all("form") if (f["action"] or "").endswith("/end")]
    rows = [p for p in paths if c.other.address in page.first("form", action=p).within("tr").text]
    assert len(rows) == 1 and c.session.post(rows[0]).status == 303


def ok(reply):
    assert reply.status in (200, 303) and reply.path != "/confirm", reply


def by_admin(verb, **fields):
    return lambda c: ok(c.company.act(c.admin(), verb, c.user, **fields))


def by_command(*words, **given):
    def run(c):
        c.node.do("user", words[0], c.user.login, *words[1:], **given)
        return "told later"
    return run


def lose_role(c):
    admin = c.admin()
    ok(admin.post(f"/setup/users/{c.user.id}/roles", role=c.company.role_value(admin, c.weak)))


def narrow(c):
    admin = c.admin()
    ok(admin.post(f"/applications/{c.console.id}", role=c.company.role_value(admin, c.weak)))


def revoke_by_admin(c):
    admin = c.admin()
    page = admin.get(f"/setup/users/{c.user.id}").page
    path = next(href for href, _ in page.links() if "/api-tokens/" in href)
    ok(admin.post(path))


def revoke_own(c):
    path = next(href for href, _ in c.session.get("/own/api-tokens").page.links() if href.endswith("/revoke"))
    ok(c.session.post(path))


def sign_out_there(c):
    """At the application's own host, with its cookie alone."""
    ok(c.console.at_host(c.session, "POST", "/_countersign/sign-out", cookies={cookie_of(c.console.origin, "app"): c.app}))


def change_address(c):
    host = f"{fresh_word('moved')}.example.com"
    c.node.do("account", "grant-host", c.company.id, host)
    ok(c.admin().post(f"/applications/{c.console.id}", origin=f"https://{host}"))


def take_place(c):
    """Another person enters the application in the same browser."""
    second = c.company.user(role=c.strong)
    portal = c.company.portal(second)
    portal.enrol(second)
    nonce, address = c.console.start(portal)
    ticket, _ = c.console.ticket(portal, address)
    held = {cookie_of(c.console.origin, "nonce"): nonce, cookie_of(c.console.origin, "app"): c.app}
    ok(c.console.at_host(portal, "GET", f"/_countersign/callback?ticket={ticket}", cookies=held))


def prove_wrong_five_times(c):
    c.clock.jump(LIFETIME)
    for number in range(5):
        reply = c.session.post("/confirm", token=c.user.device.wrong(number))
    assert reply.path == "/sign-in", reply


APPLICATION = {"app", "other-app", "token", "ticket"}
THERE = {"other", "other-app", "ticket"}
# The session goes on under another token, and what was opened from it by whose hand ever is opened anew.
TAKEN_OVER = THERE | {"copy", "attempt", "app"}
SESSIONS = {"session", "copy", "other", "attempt", "app", "other-app", "ticket"}
PASSWORD = {"password": "Grey-lantern-42-Otter"}


# What each ends; the rest goes on.
REVOCATIONS = {
    "sign out": (lambda c: ok(c.session.sign_out()), {"session", "copy", "app"}),
    "end one": (end_one, THERE),
    "end others": (lambda c: ok(c.session.post("/own/sessions/end-others")), TAKEN_OVER | {"agent", "token"}),
    "end others, keep tokens": (
        lambda c: ok(c.session.post("/own/sessions/end-others", keep_api_tokens="on")), TAKEN_OVER | {"agent"}),
    "own password": (own_password(), TAKEN_OVER | {"agent", "token"}),
    "own password, keep tokens": (own_password(keep_api_tokens="on"), TAKEN_OVER | {"agent"}),
    "new phone after recovery": (replace_after_recovery, SESSIONS | {"token"}),
    "remove factor": (remove_factor, TAKEN_OVER),
    "revoke token": (revoke_own, {"token"}),
    "admin revokes token": (revoke_by_admin, {"token"}),
    "admin ends sessions": (by_admin("end-sessions"), Crowd.ALL),
    "disable": (by_admin("disable"), Crowd.ALL),
    "delete": (by_admin("delete"), Crowd.ALL),
    "reset factor": (by_admin("reset-two-factor", reason="lost"), SESSIONS | {"token"}),
    "reset password": (by_admin("reset-password"), Crowd.ALL),
    "command: disable": (by_command("disable"), Crowd.ALL),
    "command: delete": (by_command("delete"), Crowd.ALL),
    "command: reset factor": (by_command("reset-two-factor"), SESSIONS | {"token"}),
    "command: password": (by_command("set-password", "--password-stdin", given=PASSWORD["password"]), Crowd.ALL),
    "lose the role": (lose_role, APPLICATION),
    "role deleted": (lambda c: ok(c.admin().post(f"/setup/roles/{c.role_id}/delete")), APPLICATION),
    "application narrowed": (narrow, APPLICATION),
    "application deleted": (lambda c: ok(c.admin().post(f"/applications/{c.console.id}/delete")), APPLICATION),
    "application moved": (change_address, APPLICATION),
    "application closed": (lambda c: c.console.rule(c.admin(), "/", "prefix", "deny") and None, {"app", "other-app", "ticket"}),
    "sign out at the application": (sign_out_there, {"session", "copy", "app"}),
    # A ticket, which lives for half a minute, and an attempt, which lives for ten, are over by the end of these two.
    "another person in the same browser": (take_place, {"app", "ticket"}),
    "five wrong proofs": (prove_wrong_five_times, {"session", "copy", "app", "attempt", "ticket"}),
    "agents off": (lambda c: ok(c.admin().post("/accounts/settings/agents", agent_sign_in="off")), {"agent"}),
    "role without agents": (
        lambda c: ok(c.admin().post(f"/setup/roles/{c.role_id}", name=c.strong, accounts="view", agent="off")), {"agent"}),
}


@pytest.mark.parametrize("name", REVOCATIONS)
def test_what_a_revocation_ends_is_dead_on_every_node_within_a_second(crowd, name):
    revoke, ends = REVOCATIONS[name]
    for node in crowd.nodes:
        assert crowd.alive(node) == Crowd.ALL - {"ticket"}, "before"
    told_later = revoke(crowd)
    if not told_later:
        # At the node that did it, at once.
        assert crowd.alive(crowd.node) == Crowd.ALL - {"ticket"} - ends
    time.sleep(1)
    for node in crowd.nodes:
        assert crowd.alive(node) == Crowd.ALL - {"ticket"} - ends, f"at {node.url}"
    assert crowd.redeems() == ("ticket" not in ends)


@pytest.mark.parametrize("name", ["lose the role", "role deleted", "application narrowed"])
def test_what_came_with_a_role_brings_no_old_token_along_when_it_comes_back(crowd, name):
    REVOCATIONS[name][0](crowd)
    admin = crowd.admin()
    if name == "role deleted":
        ok(admin.post(f"/applications/{crowd.console.id}", role=crowd.company.role_value(admin, crowd.weak)))
        ok(admin.post(f"/setup/users/{crowd.user.id}/roles", role=crowd.company.role_value(admin, crowd.weak)))
    else:
        ok(admin.post(f"/setup/users/{crowd.user.id}/roles", role=crowd.role_id))
        ok(admin.post(f"/applications/{crowd.console.id}", role=crowd.role_id))
    assert "token" not in crowd.alive(crowd.node)
    assert "app" in crowd.alive(crowd.node), "the session is judged by what its owner has now"
    assert not [href for href, _ in crowd.session.get("/own/api-tokens").page.links() if href.endswith("/revoke")]


def test_the_tick_that_keeps_tokens_stays_when_the_form_comes_back(crowd):
    sent = {"new_password": "Quite-another-harbour-9", "new_password_again": "Quite-another-harbour-9", "keep_api_tokens": "on"}
    for wrong in (
        {"current_password": "not this one, surely", "token": crowd.user.device.fresh()}, {"current_password": ""},
        {"current_password": crowd.user.password, "token": "000000"},
        {"current_password": crowd.user.password, "new_password_again": "other"},
    ):
        reply = crowd.session.post("/own/password", {**sent, **wrong})
        assert reply.status == 422
        assert reply.page.first("input", name="keep_api_tokens")["checked"] is not None, wrong
    page = crowd.session.get("/own").page
    assert page.first("input", name="keep_api_tokens")["checked"] is None


def test_tokens_that_open_nothing_are_gone_with_their_application(crowd):
    ok(crowd.admin().post(f"/applications/{crowd.console.id}/delete"))
    assert not [href for href, _ in crowd.session.get("/own/api-tokens").page.links() if href.endswith("/revoke")]


def test_an_admin_who_is_one_no_more_keeps_no_token_for_what_the_roles_do_not_open(nodes):
    crowd = Crowd(nodes)
    admin = crowd.admin()
    crowd.company.act(admin, "grant-admin", crowd.user)
    closed = Console(crowd.company, f"https://{fresh_word('r')}.example.com", "--role", crowd.weak)
    closed.rule(admin, "/api", "prefix", "api-token")
    made = crowd.session.post("/own/api-tokens", name="Both", days="30", application=[closed.id, crowd.console.id])
    token = next(e.text for e in made.page.all("code") if e["id"] == "api-token")
    asked = {"Authorization": f"Bearer {token}"}
    assert closed.ask(crowd.session, "/api", **asked).status == 200
    crowd.company.act(admin, "revoke-admin", crowd.user)
    assert closed.ask(crowd.session, "/api", **asked).status in (401, 403)
    time.sleep(1)
    for node in nodes:
        there = copy.copy(closed)
        there.server = node
        assert there.ask(crowd.session, "/api", **asked).status in (401, 403), f"at {node.url}"
    assert crowd.console.ask(crowd.session, "/api", **asked).status == 200, "what the roles open goes on"
    crowd.company.act(admin, "grant-admin", crowd.user)
    assert closed.ask(crowd.session, "/api", **asked).status in (401, 403)


def test_only_those_who_may_end_somebodys_sessions_see_and_end_their_tokens(crowd):
    admin = crowd.admin()
    path = next(href for href, _ in admin.get(f"/setup/users/{crowd.user.id}").page.links() if "/api-tokens/" in href)
    reader = crowd.company.portal(crowd.company.user(role=crowd.company.role(setup="view")))
    page = reader.get(f"/setup/users/{crowd.user.id}")
    assert page.status == 200 and "tokens-heading" not in page.text and path not in page.text
    stranger = Company(crowd.node)
    for portal in (reader, stranger.portal(stranger.admin), crowd.company.portal(crowd.company.user())):
        assert portal.get(path).status in (403, 404) and portal.post(path).status in (403, 404)
    manager = crowd.company.portal(crowd.company.user(role=crowd.company.role(setup="manage")))
    # Another person's page does not lead to it.
    other = crowd.company.user()
    assert manager.post(path.replace(crowd.user.id, other.id)).status == 404
    assert "token" in crowd.alive(crowd.node)
    ok(manager.post(path))
    assert "token" not in crowd.alive(crowd.node)
    assert "revoked an API token" in admin.get("/setup/activity-log.csv").text
