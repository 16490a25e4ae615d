"""The whole story in Chromium, as the issue tells it; with scripts and without. The steps build on each other."""

import re

import pytest

from people import Person
from person import Actor
from portal import CONFIGURED
from server import Server

pytestmark = pytest.mark.usefixtures("not_after_a_failure")


class Story:
    def __init__(self, browser, folder, scripts):
        self.browser, self.folder, self.scripts = browser, folder, scripts
        self.server = Server(folder / "server").start()
        self.ana = Person("ana.diaz", "Slate-harbour-Lark-77")
        self.bo = Person("bo.lindqvist", "Copper-window-31-Tern")
        self.cy = Person("cy.reader", "Grey-lantern-42-Otter")
        self.di = Person("di.hidden", "Amber-gravel-58-Finch")
        self.actors, self.broken = [], None
        self.at_ana = self.arrive()

    def arrive(self):
        """Somebody sits down at a browser of their own."""
        actor = Actor(self.browser, self.server, scripts=self.scripts)
        self.actors.append(actor)
        return actor

    def end(self):
        for actor in self.actors:
            actor.leave()
        assert self.server.stop() == 0


@pytest.fixture(scope="module", params=["scripts-on", "scripts-off"])
def story(request, browser, tmp_path_factory):
    told = Story(browser, tmp_path_factory.mktemp(request.param), request.param == "scripts-on")
    yield told
    told.end()


@pytest.fixture
def not_after_a_failure(request, story):
    if story.broken:
        pytest.skip(f"the story broke at {story.broken}")
    failures = request.session.testsfailed
    yield
    if request.session.testsfailed > failures:
        story.broken = request.node.name


def invite(story, actor, person, admin=False, role=None):
    """An admin makes a user and hands over the link; the user chooses a password with it."""
    actor.go("Setup", "Users")
    if not actor.page.locator('input[name="login"]').count():
        actor.press(re.compile(r"(new|add|invite|create).*(user|person|someone)|invite", re.I))
    actor.fill(login=person.login, name=person.login.replace(".", " ").title(), email=f"{person.login}@example.org")
    if admin:
        actor.page.locator('input[name="account_admin"]').first.check(force=True)
    if role:
        ticks = actor.page.get_by_label(role, exact=True)
        ticks.first.check() if ticks.count() else actor.page.locator('select[name="role"]').select_option(label=role)
    actor.submit("login")
    link = re.search(r"/invitation/[A-Za-z0-9_\-.~]+", actor.page.content()).group(0)
    guest = story.arrive()
    guest.open(link)
    guest.fill(password=person.password, password_again=person.password)
    guest.submit("password_again")
    return guest


def test_S14_01_the_first_run_makes_account_and_admin(story):
    actor = story.at_ana
    actor.open(story.server.first_run_address())
    actor.fill(account_name="Acme Works", name="Ana Díaz", login=story.ana.login, password=story.ana.password, password_again=story.ana.password)
    actor.submit("account_name")
    actor.page.wait_for_url("**/accounts/details")
    assert actor.sees("Acme Works") and actor.sees(story.ana.login)


def test_S10_S15_S16_S17_02_the_admin_asks_for_two_factor_and_scans(story):
    actor = story.at_ana
    actor.open("/")
    actor.go("Accounts", "Details")
    actor.heading("Two Factor Authentication")
    assert "second" in actor.message("second_admin_recommended").lower()
    actor.enable_two_factor(story.ana)
    story.ana.device = actor.scan(story.folder)


def test_S04_S18_S19_S20_S21_03_two_codes_configure_it(story):
    actor = story.at_ana
    actor.fill(token1=story.ana.device.wrong(), token2=story.ana.device.wrong(1))
    actor.box("token2").press("Enter")
    actor.message("tokens_refused")
    assert actor.scan(story.folder).secret == story.ana.device.secret
    actor.type_pair(story.ana.device)
    assert actor.message("two_factor_configured") == CONFIGURED
    story.ana.recovery = actor.keep_codes()
    assert len(story.ana.recovery) == 10
    actor.page.wait_for_url("**/accounts/details")
    assert not actor.page.get_by_role("button", name="Enable Two Factor Authentication").count()


def test_S23_04_the_admin_signs_out(story):
    actor = story.at_ana
    actor.sign_out()
    actor.open("/accounts/details")
    actor.page.get_by_role("button", name="Log In").wait_for()


def test_S02_S05_S24_05_the_admin_signs_in_with_the_token(story):
    actor, device = story.at_ana, story.ana.device
    actor.sign_in(story.ana.login, story.ana.password)
    spent = device.shown()
    actor.give_token(spent)
    assert "wait for the next" in actor.message("token_refused")
    assert actor.path == "/sign-in/token"
    actor.give_token(device.fresh())
    actor.page.get_by_role("link", name="Accounts", exact=True).first.wait_for()


def test_S09a_S10_06_a_second_admin_comes(story):
    guest = invite(story, story.at_ana, story.bo, admin=True)
    guest.enter(story.bo)
    guest.go("Accounts", "Settings")
    guest.heading("Access Control")
    guest.go("Details")
    assert not guest.page.locator('[data-code="second_admin_recommended"]').count()
    guest.leave()


def test_S01_S03_S27_S28_07_a_reader_configures_by_the_same_steps(story):
    actor = story.at_ana
    actor.go("Setup", "Roles")
    if not actor.page.locator('input[name="name"]').count():
        actor.press(re.compile(r"(new|add|create).*role", re.I))
    actor.fill(name="Reader")
    for tab, level in {"accounts": "view", "setup": "hidden"}.items():
        actor.choose(tab, level)
    actor.submit("accounts")
    reader = invite(story, actor, story.cy, role="Reader")
    reader.enter(story.cy)
    reader.go("Accounts", "Details")
    reader.enable_two_factor(story.cy)
    story.cy.device = reader.scan(story.folder)
    assert story.cy.device.secret != story.ana.device.secret
    reader.type_pair(story.cy.device)
    assert reader.message("two_factor_configured") == CONFIGURED
    story.cy.recovery = reader.keep_codes()
    reader.sign_out()
    reader.enter(story.cy)
    reader.page.get_by_role("link", name="Accounts", exact=True).first.wait_for()
    assert not reader.shows_tab("Setup")
    reader.leave()


def test_S30_S33_S34_08_the_admin_requires_it(story):
    actor = story.at_ana
    actor.go("Accounts", "Settings")
    actor.heading("Access Control")
    switch = actor.page.get_by_label("Require Two Factor Authentication").first
    assert not switch.is_checked()
    switch.check(force=True)
    actor.submit("require")
    actor.page.wait_for_url("**/accounts/settings")
    actor.page.reload()
    assert actor.page.get_by_label("Require Two Factor Authentication").first.is_checked()
    assert actor.page.get_by_text(re.compile(r"\bON\b")).first.is_visible()


def test_S28b_S35_S38_S41_09_a_newcomer_without_the_tab_must_configure(story):
    actor = story.at_ana
    actor.go("Setup", "Roles")
    if not actor.page.locator('input[name="name"]').count():
        actor.press(re.compile(r"(new|add|create).*role", re.I))
    actor.fill(name="Nothing")
    for tab in ("accounts", "setup"):
        actor.choose(tab, "hidden")
    actor.submit("accounts")
    guest = invite(story, actor, story.di, role="Nothing")
    guest.sign_in(story.di.login, story.di.password)
    guest.message("two_factor_required")
    story.di.device = guest.scan(story.folder)
    guest.open("/accounts/details")
    assert guest.path.startswith("/sign-in")
    guest.sign_in(story.di.login, story.di.password)
    guest.type_pair(story.di.device)
    assert guest.message("two_factor_configured") == CONFIGURED
    story.di.recovery = guest.keep_codes()
    assert not guest.shows_tab("Accounts")
    guest.sign_out()
    guest.enter(story.di)
    guest.page.get_by_role("button", name=re.compile("(log|sign) ?out", re.I)).first.wait_for(state="attached")
    guest.open("/accounts/details")
    guest.message("access_denied")
    guest.leave()


def test_S11_S40_10_an_admin_resets_a_lost_phone(story):
    actor = story.at_ana
    actor.go("Setup", "Users")
    actor.page.get_by_role("link", name=re.compile(re.escape(story.cy.login) + "|cy reader", re.I)).first.click()
    actor.press("Reset Two Factor Authentication")
    if actor.page.locator('[name="reason"]').count() and actor.page.locator('[data-code="two_factor_reset"]').count() == 0:
        actor.confirm(reason="The phone fell into the harbour")
    assert actor.message("two_factor_reset") == f"Two factor authentication was reset for {story.cy.login}."
    old = story.cy.device
    guest = story.arrive()
    guest.sign_in(story.cy.login, story.cy.password)
    guest.message("two_factor_required")
    story.cy.device = guest.scan(story.folder)
    assert story.cy.device.secret != old.secret
    guest.type_pair(story.cy.device)
    story.cy.recovery = guest.keep_codes()
    guest.leave()


def test_S11_11_a_recovery_code_opens_the_portal(story):
    guest = story.arrive()
    guest.sign_in(story.cy.login, story.cy.password)
    guest.give_token(story.cy.recovery[0])
    guest.open("/accounts/details")
    guest.heading("Two Factor Authentication")
    guest.sign_out()
    guest.sign_in(story.cy.login, story.cy.password)
    guest.give_token(story.cy.recovery[0])
    guest.message("token_refused")
    guest.leave()


def test_S36_S41_12_the_log_tells_the_story(story):
    actor = story.at_ana
    actor.go("Setup", "Activity Log")
    text = actor.page.inner_text("main")
    for person in (story.ana, story.bo, story.cy, story.di):
        assert person.login in text or person.login.replace(".", " ") in text.lower()
    assert re.search(r"reset\b.{0,20}two.?factor|two.?factor.{0,40}\breset", text, re.I)


def test_S17_13_nothing_was_loaded_from_elsewhere(story):
    for actor in story.actors:
        assert not actor.foreign and not actor.errors, (actor.foreign, actor.errors)
