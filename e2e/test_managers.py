"""The manager as the enemy: for each permission alone, what it can post, and who one can be at a console afterwards."""

import re

import pytest

from applications import IDENTITY, Console
from expect import refused, sent_to
from people import Company, fresh_word
from portal import Portal
from server import UUID


class Scene:
    """Two consoles: one for a role that the managers lack, one for a role that they have."""

    def __init__(self, server):
        self.server = server
        self.company = Company(server)
        self.company.enrolled_admin()
        self.keys = self.company.role(devices="view")
        self.secret = Console(self.company, self.origin(), "--role", self.keys, name="Secret")
        self.secret.rule(self.admin(), "/closed", "prefix", "deny")

    def origin(self):
        return f"https://{fresh_word('m')}.example.com"

    def admin(self):
        return self.company.portal(self.company.admin)

    def manager(self, **tabs):
        """Somebody with a role that gives just this, two-factor configured."""
        role = self.company.role(**tabs)
        person = self.company.user(role=role)
        portal = self.company.portal(person)
        # Configuring by choice takes the Accounts tab, which this role may not have.
        if "accounts" not in tabs:
            self.admin().require("on")
            portal = Portal(self.server)
            portal.sign_in(person.login, person.password)
            portal.enrol_in_sign_in(person)
            self.admin().require("off")
        else:
            portal.enrol(person)
        person.role = role
        return person, portal


@pytest.fixture(scope="module")
def scene(server):
    return Scene(server)


def gets_in(scene, portal, console, path="/"):
    nonce, address = console.start(portal)
    ticket, reply = console.ticket(portal, address)
    if not ticket:
        return None
    cookie = console.callback(portal, ticket, nonce).cookie("__Host-countersign_app")
    answer = console.ask(portal, path, cookie)
    return {name: answer.headers.get(name, "") for name in IDENTITY} if answer.status == 200 else None


@pytest.mark.parametrize("tabs", [{"applications": "manage"}, {"setup": "manage"}, {"accounts": "manage"}, {"devices": "manage"}])
def test_no_permission_alone_leads_to_a_console_that_its_owner_lacks(scene, tabs):
    person, portal = scene.manager(**tabs)
    assert gets_in(scene, portal, scene.secret) is None
    roles = re.findall(UUID.pattern, scene.admin().get("/setup/roles").text)
    path = f"/applications/{scene.secret.id}"
    own = scene.company.role_value(scene.admin(), person.role)
    posts = [
        (path, {"assurance": "password", "role": own}), (path, {"role": own}), (path, {"role": ""}),
        (path, {"name": "Secret", "origin": scene.secret.origin, "assurance": "password"}),
        (path, {"origin": scene.origin()}), (path, {"header_name": "Remote-User", "header_user": "X-Who"}),
        (path, {"encoded_paths": "on"}), (path, {"session_hours": "720"}), (path + "/delete", {}),
        (path + "/rules", {"path": "/", "match": "prefix", "action": "allow"}),
        (path + "/rules", {"path": "/closed/x", "match": "prefix", "action": "two-factor"}),
        (path + "/rules", {"path": "/x", "match": "prefix", "action": "password"}),
        (path + "/rules", {"path": "/x", "match": "prefix", "action": "api-token"}),
        (f"/setup/users/{person_id(scene, person)}/roles", {"role": roles}),
        (f"/setup/users/{person_id(scene, person)}/grant-admin", {}),
        ("/setup/roles", {"name": fresh_word("Mine"), "accounts": "manage", "agent": "on"}),
        (f"/setup/roles/{own}", {"name": person.role, "accounts": "manage", "setup": "manage", "agent": "on"}),
        ("/applications", {"name": "Copy", "origin": scene.secret.origin, "role": own}),
        ("/setup/users", {"login": fresh_word("friend"), "role": scene.company.role_value(scene.admin(), scene.keys)}),
        ("/own/api-tokens", {"name": "CI", "days": "30", "application": scene.secret.id}),
    ]
    rules = re.findall(r"/rules/(%s)/delete" % UUID.pattern, scene.admin().get(path).text)
    posts += [(f"{path}/rules/{rule}/delete", {}) for rule in rules]
    for address, fields in posts:
        reply = portal.post(address, fields)
        assert reply.status in (403, 404, 422), f"{address} {fields}: {reply}"
    assert gets_in(scene, portal, scene.secret) is None
    keeper = scene.company.user(role=scene.keys)
    scene.company.portal(keeper)
    page = scene.admin().get(path).text
    assert scene.secret.origin in page and "Closed for everybody" in page


def person_id(scene, person):
    return person.id or scene.company.id_of(scene.admin(), person.login)


def test_a_manager_of_applications_makes_them_for_roles_of_their_own_and_changes_names(scene):
    person, portal = scene.manager(applications="manage")
    own = scene.company.role_value(scene.admin(), person.role)
    keys = scene.company.role_value(scene.admin(), scene.keys)
    new = {"name": "Mine", "origin": scene.origin()}
    for fields in ({**new, "role": keys}, {**new, "role": [own, keys]}):
        reply = portal.post("/applications", fields)
        refused(reply, "access_denied", 403)
        assert "Tick one or more roles that you have yourself" in reply.text
    for more in ({"assurance": "password"}, {"header_name": "X-Called"}, {"encoded_paths": "on"}):
        refused(portal.post("/applications", {**new, "role": own, **more}), "access_denied", 403)
    offered = {box["value"] for box in portal.get("/applications/new").page.all("input", name="role")}
    assert offered == {own}
    made = portal.post("/applications", new)
    path = made.path
    assert made.status == 303 and portal.get(path).page.first("input", name="role", value=own)["checked"] is not None
    assert portal.get(path).page.first("input", name="role", value=keys)["checked"] is None, "none ticked is one's own roles"
    sent_to(portal.post(path, name="Renamed"), path)
    page = portal.get(path)
    assert "Renamed" in page.text and path + "/delete" not in page.text
    boxes = [box for box in page.page.all("input", type="checkbox") if box["name"] in ("role", "encoded_paths")]
    assert boxes and all("disabled" in box.attributes for box in boxes)
    offered = {option["value"] for option in page.page.first("select", name="action").all("option")}
    assert offered == {"deny", "two-factor"}
    sent_to(portal.post(path + "/rules", {"path": "/admin", "match": "prefix", "action": "deny"}), path)
    offered = {option["value"] for option in portal.get(path).page.first("select", name="action").all("option")}
    assert offered == {"deny"}, "two-factor may open now, and is not offered"
    refused(portal.post(path + "/rules", {"path": "/admin/x", "match": "prefix", "action": "allow"}), "access_denied", 403)
    console = Console.__new__(Console)
    console.company, console.server, console.origin, console.id = scene.company, scene.server, new["origin"], path.rsplit("/", 1)[1]
    assert gets_in(scene, portal, console)["Remote-User"] == person.login


def test_the_form_of_a_manager_as_a_browser_sends_it_changes_the_name_alone(scene, browser):
    from person import Actor

    person, portal = scene.manager(applications="manage", accounts="view")
    actor = Actor(browser, scene.server)
    actor.enter(person)
    actor.open(f"/applications/{scene.secret.id}")
    actor.fill(name="Secret, too")
    actor.press("Save")
    assert "Saved" in actor.message("saved")
    page = scene.admin().get(f"/applications/{scene.secret.id}").page
    assert page.first("input", name="name")["value"] == "Secret, too"
    assert "checked" in page.first("input", name="role", value=scene.company.role_value(scene.admin(), scene.keys)).attributes
    actor.leave()


def test_a_login_that_opened_a_console_is_not_given_to_somebody_else(scene):
    keeper = scene.company.user(role=scene.keys)
    portal = scene.company.portal(keeper)
    scene.admin().require("on")
    portal = Portal(scene.server)
    portal.sign_in(keeper.login, keeper.password)
    portal.enrol_in_sign_in(keeper)
    scene.admin().require("off")
    assert gets_in(scene, portal, scene.secret)["Remote-User"] == keeper.login
    unused = scene.company.user(role=scene.keys)
    manager = scene.manager(setup="manage")[1]
    for person in (keeper, unused):
        assert manager.post(f"/setup/users/{person.id}/delete").status == 303
    for inviter in (manager, scene.admin()):
        for login in (keeper.login, keeper.login.upper()):
            reply = inviter.post("/setup/users", login=login)
            refused(reply, "form_refused")
            assert "stays theirs for a year" in reply.page.text
    assert manager.post("/setup/users", login=unused.login).status == 200
    other = Company(scene.server)
    refused(other.portal(other.admin).post("/setup/users", login=keeper.login), "form_refused")
    result = scene.server.command("user", "create", "--account", other.id, "--login", keeper.login, "--password-stdin", given=keeper.password)
    assert result.returncode == 0 and "was another person's" in result.stderr


def test_a_ticket_of_an_address_dies_with_it(scene):
    """An origin moved away, an admin lured there, and moved back: what was caught there opens nothing."""
    console = Console(scene.company, scene.origin(), "--role", scene.keys, name="Moving")
    admin, victim = scene.admin(), scene.admin()
    away = scene.origin()
    scene.server.do("account", "grant-host", scene.company.id, away.split("//")[1])
    cookie = console.enter(victim)
    assert console.ask(victim, "/", cookie).status == 200
    home = console.origin
    sent_to(admin.post(f"/applications/{console.id}", origin=away, role=scene.company.role_value(admin, scene.keys)), f"/applications/{console.id}")
    console.origin = away
    nonce, address = console.start(victim)
    ticket, _ = console.ticket(victim, address)
    assert ticket
    sent_to(admin.post(f"/applications/{console.id}", origin=home, role=scene.company.role_value(admin, scene.keys)), f"/applications/{console.id}")
    console.origin = home
    assert console.callback(victim, ticket, nonce).status in (403, 410)
    assert console.ask(victim, "/", cookie).status == 401, "the cookie of before died with the address"


@pytest.mark.parametrize("gain", ["role", "admin", "application"])
def test_an_invitation_opens_nothing_that_its_maker_lacks_when_it_is_used(scene, gain):
    _, manager = scene.manager(setup="manage")
    friend = fresh_word("friend")
    page = manager.post("/setup/users", login=friend, role=scene.company.role_value(scene.admin(), scene.company.role())).page
    link = re.search(r"/invitation/csin_[\w-]+", page.text)[0]
    ident = scene.company.id_of(scene.admin(), friend)
    admin, keys = scene.admin(), scene.company.role_value(scene.admin(), scene.keys)
    if gain == "role":
        assert admin.post(f"/setup/users/{ident}/roles", role=keys).status == 303
    elif gain == "admin":
        assert admin.post(f"/setup/users/{ident}/grant-admin").status == 303
    else:
        plain = scene.company.role_value(admin, scene.company.role())
        console = Console(scene.company, scene.origin(), "--role", scene.company.role(), name="Later")
        assert plain and console.id
    given = {"password": "Slate-harbour-55-Lark", "password_again": "Slate-harbour-55-Lark"}
    assert Portal(scene.server).get(link).status == 410 and Portal(scene.server).post(link, given).status == 410
    fresh = admin.post(f"/setup/users/{ident}/reset-password").page
    link = re.search(r"/invitation/csin_[\w-]+", fresh.text)[0]
    assert Portal(scene.server).post(link, given).status == 303, "an Account Admin's opens"


def test_a_manager_makes_no_application_where_a_proxy_may_still_ask(scene):
    person, portal = scene.manager(applications="manage")
    console = Console(scene.company, scene.origin(), "--role", scene.keys, name="Gone")
    for origin in (console.origin, console.origin + ":8443"):
        assert portal.post("/applications", name="Mine", origin=origin).status in (403, 422)
    assert scene.admin().post(f"/applications/{console.id}/delete").status == 303
    for origin in (console.origin, console.origin + ":8443"):
        refused(portal.post("/applications", name="Mine", origin=origin), "access_denied", 403)
    assert scene.admin().post("/applications", name="Back", origin=console.origin).status == 303


def test_a_header_does_not_say_that_it_carries_another_value(scene):
    path = f"/applications/{scene.secret.id}"
    keys = scene.company.role_value(scene.admin(), scene.keys)
    for fields in ({"header_user": "X-Who", "header_name": "Remote-User"}, {"header_email": "X-Login"}, {"header_groups": "X-Username"}):
        reply = scene.admin().post(path, {"role": keys, **fields})
        refused(reply, "form_refused")
        assert "must not say that it carries another" in reply.text


def test_nobody_enables_a_login_that_has_more_than_they(scene):
    keeper = scene.company.user(role=scene.keys)
    scene.server.do("user", "disable", keeper.login)
    manager = scene.manager(setup="manage", devices="view")[1]
    assert "more than you have" in refused(manager.post(f"/setup/users/{keeper.id}/enable"), "access_denied", 403)
    assert scene.admin().post(f"/setup/users/{keeper.id}/enable").status == 303
