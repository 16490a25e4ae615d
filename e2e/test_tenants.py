"""Every id of one account, at every address and in every form that takes one, by everybody of another account.

Nothing is listed by hand: the pages of the one account are walked, and whatever names one of its things by an id is
asked for and sent by the others. A new page or form is tried as soon as a page leads to it.
"""

import re

import pytest

from applications import Console
from people import TABS, Company, fresh_word
from portal import SESSION, Portal
from proof import LIFETIME
from server import UUID

SKIPPED = ("/static/", "/sign-out")
# What the walk must have met, so that it cannot become empty by a page that moved.
KINDS = [
    "/setup/users/ID", "/setup/users/ID/roles", "/setup/users/ID/reset-two-factor", "/setup/users/ID/disable", "/setup/users/ID/delete",
    "/setup/users/ID/end-sessions", "/setup/users/ID/reset-password", "/setup/users/ID/grant-admin", "/setup/users/ID/revoke-admin",
    "/setup/roles/ID", "/setup/roles/ID/delete", "/applications/ID", "/applications/ID/rules", "/applications/ID/rules/ID/delete",
    "/applications/ID/delete", "/own/sessions/ID/end", "/accounts/details/sessions/ID/end", "/own/api-tokens/ID/revoke", "/confirm?return_to=/setup/roles&post=ID",
    "/setup/activity-log?user=ID",
]


def kind(path):
    return UUID.sub("ID", path)


class Walk:
    """The addresses with an id in them, and the forms with an id in a field, of what one browser can reach."""

    def __init__(self):
        self.paths, self.forms = {}, {}

    def through(self, portal, start):
        seen, waiting = set(), [start]
        while waiting:
            path = waiting.pop()
            if path.split("?")[0] in seen or path.startswith(SKIPPED):
                continue
            seen.add(path.split("?")[0])
            reply = portal.get(path)
            if reply.status != 200 or "html" not in reply.headers.get("Content-Type", ""):
                continue
            for href, _ in reply.page.links():
                if href.startswith("/"):
                    self.note(href)
                    waiting.append(href.split("#")[0])
            for form in reply.page.all("form"):
                self.form(form, path)
        return self

    def note(self, path):
        if UUID.search(path):
            self.paths.setdefault(kind(path), set()).add(path.split("#")[0])

    def form(self, form, page):
        action = form["action"] or page
        self.note(action)
        fields = {}
        for field in [e for e in form.walk() if e.tag in ("input", "select", "textarea") and e["name"]]:
            values = [option["value"] for option in field.all("option")] if field.tag == "select" else [field["value"] or ""]
            ids = [value for value in values if UUID.fullmatch(value or "")]
            fields.setdefault(field["name"], (ids or values or [""])[0])
        if any(UUID.fullmatch(value) for value in fields.values()):
            self.forms.setdefault((kind(action), *sorted(fields)), (action, fields))


@pytest.fixture(scope="module")
def mine(server):
    """An account with one of everything, and what its pages name by an id."""
    company = Company(server, "mine")
    admin = company.enrolled_admin()
    role, other = company.role(accounts="view"), company.role(setup="view")
    company.user(admin=True)
    person = company.user(role=role)
    company.user(role=other)
    portal = company.portal(person)
    portal.enrol(person)
    company.portal(person)
    company.agent(person)
    company.agent(company.admin)
    company.portal(company.admin)
    title = fresh_word("Graphs of mine ")
    console = Console(company, f"https://{fresh_word('mine')}.example.com", name=title)
    console.rule(admin, "/closed", "prefix", "deny")
    console.rule(admin, "/api", "prefix", "api-token")
    for owner in (admin, portal):
        assert owner.post("/own/api-tokens", name="CI", application=console.id, days="7").status == 200
    walk = Walk().through(admin, "/").through(portal, "/own").through(portal, "/own/api-tokens")
    walk.through(admin, "/own").through(admin, "/own/api-tokens")
    company.people = (admin, portal)
    company.walk, company.console, company.marks = walk, console, [company.name, company.admin.login, person.login, role, title, console.origin]
    # A post that waits for a proof, last: it takes a session whose proof is old.
    company.clock.jump(LIFETIME)
    waits = admin.post("/setup/roles", {"name": fresh_word("Waiting "), "agent": "on", **{tab: "manage" for tab in TABS}})
    assert waits.status == 303 and waits.path == "/confirm", waits
    walk.through(admin, waits.location).note(waits.location)
    company.waiting = waits.location
    return company


@pytest.fixture(scope="module")
def theirs(server, mine):
    """Everybody that another account has: by name, a client."""
    company = Company(server, "theirs")
    company.enrolled_admin()
    manager = company.user(role=company.role(**{tab: "manage" for tab in TABS}))
    user = company.user(role=company.role(accounts="view"))
    clients = {"admin": company.portal(company.admin), "manager": company.portal(manager), "user": company.portal(user), "nobody": Portal(server)}
    clients["manager"].enrol(manager)
    clients["agent"] = Portal(server).carrying(**{SESSION: company.agent(user).bearer})
    company.clients = clients
    company.console = Console(company, f"https://{fresh_word('theirs')}.example.com", name="Theirs")
    return company


def picture(company):
    """What the account's own people see of it, without the times."""
    admin = company.portal(company.admin)
    pages = [admin.get(path) for path in ("/setup/users", "/setup/roles", "/applications", f"/applications/{company.console.id}", "/own/api-tokens")]
    assert all(page.status == 200 for page in pages)
    return [sorted(set(UUID.findall(page.text))) for page in pages] + [re.findall(r"<input[^>]*checked[^>]*>", page.text) for page in pages]


def test_the_walk_meets_every_kind_of_id(mine):
    missing = [path for path in KINDS if path not in mine.walk.paths]
    assert not missing, (missing, sorted(mine.walk.paths))
    assert len(mine.walk.forms) >= 4, sorted(mine.walk.forms)


@pytest.mark.parametrize("who", ["admin", "manager", "user", "nobody", "agent"])
def test_no_id_of_another_account_opens_or_changes_anything(mine, theirs, who):
    client, before = theirs.clients[who], picture(mine)
    for path in sorted(set().union(*mine.walk.paths.values())):
        for reply in (client.get(path), client.post(path, {"reason": "x", "role": mine.console.id, "path": "/x", "match": "prefix", "action": "allow"})):
            # What is only named behind the question mark (a filter, a post that waits) is as good as not named.
            is_named = UUID.search(path.split("?")[0])
            is_shut = reply.status in (401, 403, 404, 405, 410, 422) or reply.status == 303 and reply.path == "/sign-in"
            assert is_shut or not is_named, (path, reply)
            assert not [mark for mark in mine.marks if mark in reply.text], path
    assert picture(mine) == before
    assert all(portal.inside() for portal in mine.people)


@pytest.mark.parametrize("who", ["admin", "manager", "user"])
def test_no_form_of_ones_own_takes_an_id_of_another_account(mine, theirs, who):
    """The form goes to one's own thing where its address names one, with the other account's ids in its fields."""
    client, before = theirs.clients[who], picture(mine)
    own = Walk().through(theirs.clients["admin"], "/")
    for (action, *_), (_, fields) in mine.walk.forms.items():
        if UUID.search(action) and kind(action) not in own.paths:
            continue
        target = min(own.paths.get(kind(action), [action]))
        filled = {name: value or fresh_word("text") for name, value in fields.items()}
        if "origin" in filled:
            filled["origin"] = f"https://{fresh_word('free')}.example.com"
        if "login" in filled:
            filled["login"] = fresh_word("new")
        reply = client.post(target, filled)
        ids = [value for value in fields.values() if UUID.fullmatch(value)]
        # A post that waits is as good as none; whoever names it goes on.
        assert reply.status in (403, 404, 405, 409, 410, 422) or target.startswith("/confirm") and reply.status == 303, (target, filled, reply)
        assert not [mark for mark in mine.marks if mark in reply.text], (target, reply)
        # Whatever the answer: nothing of one's own names the other's things now.
        admin = theirs.clients["admin"]
        for page in ("/setup/users", "/setup/roles", "/applications", "/own/api-tokens", target):
            text = admin.get(page).text
            assert not [one for one in (*ids, *mine.marks) if one in text], (target, page)
    assert picture(mine) == before


def test_the_hand_over_knows_no_application_of_another_account(mine, theirs):
    console = mine.console
    for who in ("admin", "manager", "user"):
        nonce, address = console.start(theirs.clients[who])
        ticket, reply = console.ticket(theirs.clients[who], address)
        assert ticket is None and reply.status in (403, 404), (who, reply)
        assert nonce and not [mark for mark in mine.marks if mark in reply.text]


def test_no_cookie_or_token_of_another_account_opens_an_application(mine, theirs):
    admin = theirs.clients["admin"]
    theirs.console.rule(admin, "/api", "prefix", "api-token")
    cookie = theirs.console.enter(admin)
    made = admin.post("/own/api-tokens", name="CI", days="7", application=theirs.console.id)
    bearer = {"Authorization": "Bearer " + next(e.text for e in made.page.all("code") if e["id"] == "api-token")}
    assert theirs.console.ask(admin, "/x", cookie).status == 200 and theirs.console.ask(admin, "/api", **bearer).status == 200
    for path in ("/x", "/api", "/closed"):
        assert mine.console.ask(admin, path, cookie).status in (401, 403), path
        assert mine.console.ask(admin, path, **bearer).status in (401, 403), path
