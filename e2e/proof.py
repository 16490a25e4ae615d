"""A fresh proof at /confirm, as a person gives it: opens the page that a post was led to, and answers what it asks."""

import re
import urllib.parse

from applications import Console
from people import Company, fresh_word

LIFETIME = 15 * 60
LEVELS = dict.fromkeys(("accounts", "devices", "applications", "setup"), "manage")


def led(reply):
    """Where a post was led that needs a proof."""
    assert reply.status == 303 and reply.path == "/confirm", f"expected /confirm, got {reply}\n{reply.text[:600]}"
    return reply.location


def fields(page):
    """What the form of the page carries without being typed."""
    form = page.first("form", action="/confirm")
    assert form is not None, page.text[:600]
    return {field["name"]: field["value"] for field in form.all("input", type="hidden")}


def asks(page):
    """token, password or nothing."""
    form = page.first("form", action="/confirm")
    return next((name for name in ("token", "password") if form.has("input", name=name)), None)


def answer(portal, location, **proof):
    """Opens the page and sends its form with this proof."""
    page = portal.get(location).page
    return portal.post("/confirm", {**fields(page), **proof})


def confirm(portal, reply, person):
    """Gives what the page asks for, as the person can."""
    location = led(reply)
    asked = asks(portal.get(location).page)
    proof = {"token": person.device.fresh()} if asked == "token" else {"password": person.password}
    return answer(portal, location, **proof)


def post_of(location):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(location).query).get("post", [None])[0]


class Scene:
    """An account with everything in it that a post can be about; fresh for each test."""

    def __init__(self, server):
        self.company = Company(server)
        self.clock = server.clock
        self.admin = self.company.enrolled_admin()
        self.person = self.company.admin
        self.role = self.company.role(accounts="view", setup="view")
        self.user = self.company.user(role=self.role)
        self.other, self.reader = self.company.user(admin=True), self.company.user(admin=True)
        self.word = fresh_word("new")
        server.do("account", "grant-host", self.company.id, f"*.{self.word}.example.com")
        self.console = Console(self.company, f"https://{fresh_word('c')}.example.com")
        self.console.rule(self.admin, "/closed", "prefix", "deny")
        self.role_id = self.company.role_value(self.admin, self.role)

    def rule_id(self):
        return re.search(r"/rules/([0-9a-f-]{36})/delete", self.admin.get(f"/applications/{self.console.id}").text)[1]

    def grow_old(self):
        """Until the proof of every session is too old, and no session has idled out."""
        self.admin.inside()
        self.clock.jump(LIFETIME)
        return self

    def log(self):
        """Read by another admin, so that no session of the test is touched."""
        return self.company.portal(self.reader).get("/setup/activity-log.csv").text
