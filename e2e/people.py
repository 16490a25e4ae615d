"""Accounts and people for the tests, made by the command line and, for roles, by an admin."""

import itertools
import re

from agent import Agent
from portal import Portal
from server import UUID

_numbers = itertools.count(1)
TABS = ("accounts", "devices", "applications", "setup")


def fresh_word(stem):
    return f"{stem}{next(_numbers)}"


class Person:
    def __init__(self, login, password, ident=None):
        self.login, self.password, self.id = login, password, ident
        self.device, self.recovery = None, []


def password_for(login):
    """Long enough, uncommon, without the login."""
    return f"Slate-harbour-{abs(hash(login)) % 10**6:06d}-Lark"


class Company:
    """One account with its first Account Admin."""

    def __init__(self, server, stem="acme"):
        self.server = server
        self.clock = server.clock
        self.name = fresh_word(stem).title() + " Works"
        login = fresh_word("boss")
        self.admin = Person(login, password_for(login))
        out = server.do(
            "account", "create", "--name", self.name, "--admin", login, "--password-stdin", given=self.admin.password
        )
        self.id = UUID.search(out).group(0)
        self._roles = {}

    def portal(self, person=None):
        portal = Portal(self.server)
        return portal.enter(person) if person else portal

    def agent(self, person=None):
        agent = Agent(self.server)
        if person:
            reply = agent.agent_sign_in(person.login, person.password)
            assert reply.status == 200, reply
        return agent

    def enrolled_admin(self):
        """The first admin's session, two-factor configured."""
        portal = self.portal(self.admin)
        if self.admin.device is None:
            portal.enrol(self.admin)
        return portal

    def role(self, agent="on", **tabs):
        """The name of a role with these tabs, the others hidden; made on first use."""
        levels = {tab: tabs.get(tab, "hidden") for tab in TABS}
        key = (agent, *levels.values())
        if key not in self._roles:
            name = fresh_word("Role ")
            reply = self.portal(self.admin).post("/setup/roles", name=name, description="", agent=agent, **levels)
            assert reply.status in (200, 303), reply
            self._roles[key] = name
        return self._roles[key]

    def role_value(self, portal, name):
        """What a form sends for a role: the value of its option or tick, else the id in its link."""
        page = portal.get("/setup/users").page
        for option in page.all("option"):
            if option.text == name:
                return option["value"]
        for label in page.all("label"):
            tick = label.first("input", name="role") or page.first("input", name="role", id=label["for"] or "-")
            if label.text.startswith(name) and tick:
                return tick["value"]
        links = portal.get("/setup/roles").page.links()
        return next(href for href, text in links if text == name).rsplit("/", 1)[1]

    def user(self, stem="user", admin=False, role=None, must_change=False):
        """A user with a password; `role` is a name, by default one that may view Accounts."""
        login = fresh_word(stem)
        person = Person(login, password_for(login))
        extra = ["--account-admin"] if admin else ["--role", role or self.role(accounts="view")]
        extra += ["--must-change"] if must_change else []
        out = self.server.do(
            "user", "create", "--account", self.id, "--login", login, *extra, "--password-stdin", given=person.password
        )
        person.id = UUID.search(out).group(0)
        return person

    def id_of(self, portal, login):
        """A user's id as an admin finds it on Setup > Users."""
        for href, _ in portal.get("/setup/users").page.links():
            found = re.fullmatch(r"/setup/users/(%s)" % UUID.pattern, href.split("?")[0])
            if found and login in portal.get(href).page.text:
                return found.group(1)
        raise AssertionError(f"{login} is not on Setup > Users")

    def act(self, portal, verb, person, **fields):
        """What an admin does to a user: POST /setup/users/{id}/verb."""
        person.id = person.id or self.id_of(portal, person.login)
        return portal.post(f"/setup/users/{person.id}/{verb}", **fields)

    def log(self):
        """The Activity Log as its CSV, read by the admin."""
        return self.portal(self.admin).get("/setup/activity-log.csv").text
