"""Every page: axe-core finds nothing, light and dark; nothing scrolls sideways at 360 and 320 px."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from applications import Console
from people import Company
from person import Actor
from portal import ATTEMPT, SESSION, Portal

# Pages are the same over every engine.
pytestmark = pytest.mark.one_engine

PAGES = {
    "sign-in": ("nobody", "/sign-in"),
    "not-found": ("admin", "/no/such/page"),
    "spent-link": ("nobody", "/invitation/unknown"),
    "token": ("attempt", "/sign-in/token"),
    "enrol": ("forced", "/sign-in/enrol"),
    "own": ("admin", "/own"),
    "own-of-a-person-without-tabs": ("hidden", "/own"),
    "details": ("admin", "/accounts/details"),
    "details-open-to-enable": ("second", "/accounts/details"),
    "panel": ("second", "/accounts/details/two-factor"),
    "recovery-codes": ("fresh", "/accounts/details/recovery-codes"),
    "sessions": ("admin", "/accounts/details/sessions"),
    "settings": ("admin", "/accounts/settings"),
    "users": ("admin", "/setup/users"),
    "user": ("admin", "/setup/users/{user}"),
    "confirm-reset": ("admin", "/setup/users/{user}/reset-two-factor"),
    "confirm-delete": ("admin", "/setup/users/{user}/delete"),
    "roles": ("admin", "/setup/roles"),
    "activity-log": ("admin", "/setup/activity-log"),
    "applications": ("admin", "/applications"),
    "application": ("admin", "/applications/{application}"),
    "new-application": ("admin", "/applications/new"),
    "delete-application": ("admin", "/applications/{application}/delete"),
    "launch": ("admin", "/launch"),
    "api-tokens": ("admin", "/own/api-tokens"),
    "why": ("admin", "/applications/why"),
    "access-denied": ("hidden", "/accounts/details"),
}
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}


class Scene:
    """One account with people in every state, and the cookies of each."""

    def __init__(self, server):
        company = Company(server)
        admin = company.enrolled_admin()
        long_name = "Maximiliana-Alexandra Featherstonehaugh von Hohenzollern-Sig"
        admin.post("/own/profile", name=long_name, email="m@example.org")
        self.console = Console(company, "https://a-rather-long-name-of-a-console.monitoring.example.com", name=long_name)
        self.console.rule(admin, "/public/assets-with-a-rather-long-path-that-has-to-break-somewhere", "prefix", "allow")
        user = company.user()
        company.portal(user).enrol(user)
        second = company.user(admin=True)
        at_second = company.portal(second)
        at_second.start_enrolment(second)
        hidden = company.portal(company.user(role=company.role()))
        fresh_person = company.user()
        fresh = company.portal(fresh_person)
        fresh.prove(fresh.start_enrolment(fresh_person))
        attempt = Portal(server)
        attempt.sign_in(user.login, user.password)
        other = Company(server)
        forced_person = other.user()
        other.enrolled_admin().require("on")
        forced = Portal(server)
        forced.sign_in(forced_person.login, forced_person.password)
        self.portals = {"admin": admin, "second": at_second, "hidden": hidden, "fresh": fresh, "attempt": attempt, "forced": forced,
                        "nobody": Portal(server)}
        self.user = user

    def cookies(self, who, address):
        return [{"name": c.name, "value": c.value, "url": address} for c in self.portals[who].http.cookies if c.name in (SESSION, ATTEMPT)]


@pytest.fixture(scope="module")
def scene(server):
    return Scene(server)


@pytest.fixture(scope="module")
def lights(browser, server):
    actors = {scheme: Actor(browser, server, color_scheme=scheme, reduced_motion="reduce") for scheme in ("light", "dark")}
    yield actors
    for actor in actors.values():
        actor.leave()


@pytest.fixture
def show(server, scene):
    def open_as(actor, name):
        who, path = PAGES[name]
        actor.context.clear_cookies()
        cookies = scene.cookies(who, server.public_url)
        if cookies:
            actor.context.add_cookies(cookies)
        path = path.replace("{user}", scene.user.id).replace("{application}", scene.console.id)
        actor.open(path)
        assert actor.path == path, f"{name}: expected {path}, was led to {actor.path}"
        return actor.page

    return open_as


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_S14_S15_S33_axe_finds_nothing(lights, show, name, scheme):
    actor = lights[scheme]
    page = show(actor, name)
    page.set_viewport_size({"width": 1280, "height": 900})
    results = Axe().run(page, options=OPTIONS)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") != "normal" or scheme == "light"
    assert not actor.errors and not actor.foreign, (actor.errors, actor.foreign)


@pytest.mark.parametrize("width", [360, 320])
@pytest.mark.parametrize("name", PAGES)
def test_S14_S15_S33_nothing_scrolls_sideways(lights, show, name, width):
    page = show(lights["light"], name)
    page.set_viewport_size({"width": width, "height": 740})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{name} is {wide} px wide"


@pytest.mark.parametrize("name", ["sign-in", "token", "panel", "settings"])
def test_S24_S18_the_first_tab_stop_skips_and_focus_is_seen(lights, show, name):
    page = show(lights["light"], name)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.activeElement.blur()")
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.tagName, (e.innerText || e.name || '').slice(0, 40), s.outlineStyle !== 'none' || s.boxShadow !== 'none' || e === document.body] })()"
        ))
    assert all(visible for _, _, visible in seen), [row for row in seen if not row[2]]


def test_S17_the_qr_code_reads_in_the_dark_too(lights, show, tmp_path):
    show(lights["dark"], "panel")
    lights["dark"].scan(tmp_path)


def test_S24_the_box_of_the_token_has_the_focus(lights, show):
    page = show(lights["light"], "token")
    assert page.evaluate("document.activeElement.name") == "token"
    page = show(lights["light"], "sign-in")
    assert page.evaluate("document.activeElement.name") == "login"
