"""Configuring two-factor for one's own login, on Accounts > Details."""

import urllib.parse

import pytest

from device import totp
from expect import opened, refused, sent_to, shut_out
from people import Company
from portal import CONFIGURED, Portal

PANEL = "/accounts/details/two-factor"
BUTTON = "Enable Two Factor Authentication"


@pytest.fixture
def pending(company):
    """The admin's session with a pending enrolment, and the device that scanned it."""
    portal = company.portal(company.admin)
    return portal, portal.start_enrolment(company.admin)


def asked_for_a_token(server, person):
    reply = Portal(server).sign_in(person.login, person.password)
    assert reply.status == 303, reply
    return reply.path == "/sign-in/token"


def test_S15_S16_the_control_stands_on_accounts_details_below_the_details(company):
    portal = company.portal(company.admin)
    start = portal.follow(portal.get("/"))
    accounts = next(href for href, text in start.page.links() if text == "Accounts")
    page = opened(portal.follow(portal.get(accounts)))
    details = next(href for href, text in page.links() if text == "Details")
    assert details == "/accounts/details"
    page = opened(portal.get(details))
    assert "Two Factor Authentication" in page.headings and BUTTON in page.controls()
    assert page.text.index(company.admin.login) < page.text.rindex(BUTTON)
    assert page.text.index(company.name) < page.text.rindex(BUTTON)


def test_S13_S17_the_panel_carries_a_fresh_secret_for_this_login(server, pending, company):
    portal, device = pending
    page = opened(portal.get(PANEL))
    assert page.has("svg", id="totp-qr")
    assert len(device.secret) == 32 and set(device.secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert all(len(group) == 4 for group in page.first("code", id="totp-secret").text.split(" "))
    uri = urllib.parse.urlsplit(page.first("a", id="totp-uri")["href"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    query = urllib.parse.parse_qs(uri.query, strict_parsing=True)
    assert query["secret"] == [device.secret]
    issuer, _, login = urllib.parse.unquote(uri.path[1:]).partition(":")
    assert login.strip() == company.admin.login and query["issuer"] == [issuer]
    assert "Countersign" in issuer and company.name in issuer
    assert query.get("digits", ["6"]) == ["6"] and query.get("period", ["30"]) == ["30"]
    assert query.get("algorithm", ["SHA1"]) == ["SHA1"] and "+" not in uri.query
    other = Company(server)
    assert other.portal(other.admin).start_enrolment(other.admin).secret != device.secret


def test_S12a_S17_S20_nothing_is_enabled_before_it_is_proven(server, company, pending):
    portal, _ = pending
    portal.sign_out()
    assert not asked_for_a_token(server, company.admin)
    assert BUTTON in company.portal(company.admin).get("/accounts/details").page.controls()


def test_S18_there_are_exactly_two_token_boxes(pending):
    portal, _ = pending
    page = opened(portal.get(PANEL))
    form = page.form(PANEL)
    boxes = [box["name"] for box in form.all("input") if (box["name"] or "").startswith("token")]
    assert boxes == ["token1", "token2"]


PAIRS = {
    "right-wrong": lambda d: (d.shown(), d.wrong()),
    "wrong-right": lambda d: (d.wrong(), d.shown(+1)),
    "same-twice": lambda d: (d.shown(), d.shown()),
    "one-left-out": lambda d: (d.shown(-1), d.shown(+1)),
    "turned-round": lambda d: (d.shown(), d.shown(-1)),
    "empty": lambda d: ("", ""),
    "second-empty": lambda d: (d.shown(), ""),
    "letters": lambda d: ("abcdef", "ghijkl"),
    "five-digits": lambda d: (d.shown()[:5], d.shown(+1)[:5]),
    "too-early": lambda d: (d.shown(-3), d.shown(-2)),
    "too-late": lambda d: (d.shown(+2), d.shown(+3)),
    "long-ago": lambda d: (d.shown(-20), d.shown(-19)),
}


@pytest.mark.parametrize("kind", PAIRS)
def test_S19_S20_a_wrong_pair_configures_nothing_and_keeps_the_secret(server, clock, company, pending, kind):
    portal, device = pending
    clock.settle()
    first, second = PAIRS[kind](device)
    reply = portal.post(PANEL, token1=first, token2=second)
    assert reply.status == 422, reply
    assert set(reply.codes) & {"tokens_refused", "clock_off", "form_refused"}, reply.codes
    assert portal.panel().secret == device.secret, "the same secret can be tried again"
    assert not asked_for_a_token(server, company.admin)
    portal.keep(portal.prove(device), company.admin, device)
    assert asked_for_a_token(server, company.admin)


@pytest.mark.parametrize("steps", [-2, -1, 0, 1])
def test_S18_S19_two_consecutive_codes_near_now_are_accepted(server, clock, company, pending, steps):
    portal, device = pending
    clock.settle()
    reply = portal.post(PANEL, token1=device.shown(steps), token2=device.shown(steps + 1))
    sent_to(reply, "/accounts/details/recovery-codes")
    assert asked_for_a_token(server, company.admin)


def test_S19_a_device_whose_clock_is_off_is_told_by_how_much(clock, pending):
    portal, device = pending
    with clock.frozen():
        for steps, word in ((-10, "behind"), (+10, "ahead")):
            reply = portal.post(PANEL, token1=device.shown(steps), token2=device.shown(steps + 1))
            sentence = refused(reply, "clock_off")
            assert word in sentence and any(character.isdigit() for character in sentence)


def test_S20_the_secret_survives_a_reload_and_half_an_hour_but_not_more(clock, pending):
    portal, device = pending
    assert portal.panel().secret == device.secret
    clock.jump(25 * 60)
    assert portal.panel().secret == device.secret
    clock.jump(6 * 60)
    reply = portal.prove(device)
    assert reply.status != 200 and not (reply.path or "").endswith("recovery-codes"), reply


def test_S20_after_twenty_wrong_pairs_there_is_a_new_secret(server, company, pending):
    portal, device = pending
    for number in range(20):
        portal.post(PANEL, token1=device.wrong(number), token2=device.wrong(number + 1))
    reply = portal.prove(device)
    assert not (reply.path or "").endswith("recovery-codes"), "the worn out secret is dead"
    assert not asked_for_a_token(server, company.admin)
    assert portal.start_enrolment(company.admin).secret != device.secret


def test_S20_cancelling_leaves_the_login_as_it_was(server, company, pending):
    portal, device = pending
    sent_to(portal.post(PANEL + "/cancel"), "/accounts/details")
    assert portal.prove(device).path != "/accounts/details/recovery-codes"
    assert not asked_for_a_token(server, company.admin)


def test_S17_enabling_needs_the_password_again(company):
    portal = company.portal(company.admin)
    for fields in ({"password": "wrong-password-here"}, {"password": ""}, {}):
        assert portal.post("/accounts/details/two-factor/enable", **fields).status == 422
    assert not portal.get(PANEL).page.has("code", id="totp-secret")


def test_S21_the_message_says_so_word_for_word(pending):
    portal, device = pending
    page = portal.follow(portal.prove(device)).page
    message = page.first(data_code="two_factor_configured")
    assert message["role"] == "status" and message.text == CONFIGURED


def test_S21_recovery_codes_are_shown_until_kept_and_then_never(pending, company):
    portal, device = pending
    reply = portal.prove(device)
    portal.keep(reply, company.admin, device)
    assert len(set(company.admin.recovery)) == 10
    page = portal.get("/accounts/details/recovery-codes")
    assert not any(code in page.text for code in company.admin.recovery)


def test_S22_other_sessions_of_the_login_end_this_one_stays(company):
    old, portal = company.portal(company.admin), company.portal(company.admin)
    portal.enrol(company.admin)
    assert portal.inside()
    shut_out(old)


def test_S01_S27_admin_and_then_user_configure_by_the_same_steps(server, company):
    admin = company.portal(company.admin)
    admin.enrol(company.admin)
    user = company.user()
    company.portal(user).enrol(user)
    for person in (company.admin, user):
        assert asked_for_a_token(server, person)
        company.portal(person)


def test_S04_codes_come_from_any_app_that_follows_the_standard(server, clock, company):
    portal = company.portal(company.admin)
    device = portal.enrol(company.admin)
    portal.sign_out()
    clock.next_step()
    portal.sign_in(company.admin.login, company.admin.password)
    code = totp(device.secret, clock.now(), "--digits=6", "--time-step-size=30s")
    assert portal.token(code).status == 303 and portal.inside()


def test_S09_users_are_offered_it_only_after_an_admin(company):
    user = company.user()
    portal = company.portal(user)
    page = opened(portal.get("/accounts/details"))
    assert page.message("admin_first") == "An Account Admin must configure two factor authentication first."
    assert not any(b.text == BUTTON and "disabled" not in b.attributes for b in page.all("button"))
    refused(portal.post("/accounts/details/two-factor/enable", password=user.password), "admin_first", 403, 422)
    assert not portal.get(PANEL).page.has("code", id="totp-secret")
    company.enrolled_admin()
    assert BUTTON in opened(portal.get("/accounts/details")).controls()
    portal.enrol(user)


def test_S09a_a_second_admin_may_configure_at_once(company):
    second = company.user(admin=True)
    company.portal(second).enrol(second)


def test_S09b_resetting_the_only_configured_admin_leaves_the_users_alone(server, open_company):
    user = open_company.user()
    open_company.portal(user).enrol(user)
    server.do("user", "reset-two-factor", open_company.admin.login)
    open_company.admin.device = None
    assert asked_for_a_token(server, user)
    open_company.portal(user)
    assert not asked_for_a_token(server, open_company.admin)
    later = open_company.user()
    reply = open_company.portal(later).post("/accounts/details/two-factor/enable", password=later.password)
    refused(reply, "admin_first", 403, 422)


@pytest.mark.parametrize("page", ["/accounts/details", "/accounts/settings"])
def test_S10_S12_one_enabled_admin_is_warned_and_not_stopped(server, company, page):
    portal = company.enrolled_admin()
    assert "second_admin_recommended" in opened(portal.get(page)).codes
    second = company.user(admin=True)
    assert "second_admin_recommended" not in opened(portal.get(page)).codes
    server.do("user", "disable", second.login)
    assert "second_admin_recommended" in opened(portal.get(page)).codes
    assert portal.require("on").status == 303


def test_S28_a_role_that_hides_accounts_cannot_configure(open_company):
    user = open_company.user(role=open_company.role())
    portal = open_company.portal(user)
    assert "Accounts" not in [text for _, text in portal.follow(portal.get("/")).page.links()]
    refused(portal.get("/accounts/details"), "access_denied", 403)
    refused(portal.post("/accounts/details/two-factor/enable", password=user.password), "access_denied", 403)
    assert portal.get(PANEL).status == 403


@pytest.mark.parametrize("level", ["view", "manage"])
def test_S28_view_and_manage_are_enough(open_company, level):
    user = open_company.user(role=open_company.role(accounts=level))
    open_company.portal(user).enrol(user)


def test_S28a_a_reader_configures_and_saves_nothing_else(open_company):
    user = open_company.user(role=open_company.role(accounts="view"))
    portal = open_company.portal(user)
    portal.enrol(user)
    before = portal.get("/accounts/details").page.text
    for path, fields in {
        "/accounts/details/account": {"account_name": "Taken Over", "account_email": "", "time_zone": "UTC"},
        "/accounts/settings/require-two-factor": {"require": "on"},
        "/accounts/settings/sessions": {"idle_minutes": "5", "lifetime_hours": "1"},
        "/accounts/settings/agents": {"agent_sign_in": "off"},
    }.items():
        refused(portal.post(path, **fields), "access_denied", 403)
    assert portal.get("/accounts/details").page.text == before


def test_S28c_hiding_the_tab_later_keeps_two_factor_on(server, open_company):
    user = open_company.user()
    open_company.portal(user).enrol(user)
    admin = open_company.portal(open_company.admin)
    hidden = open_company.role()
    value = open_company.role_value(admin, hidden)
    assert open_company.act(admin, "roles", user, role=value).status == 303
    assert asked_for_a_token(server, user)
    portal = open_company.portal(user)
    assert portal.get("/accounts/details").status == 403


def test_S29_an_admin_always_has_the_tab(server, company):
    hidden, login = company.role(), "barred-admin-1"
    server.do("user", "create", "--account", company.id, "--login", login, "--role", hidden, "--account-admin",
              "--password-stdin", given="Slate-harbour-Lark-77")
    portal = Portal(server)
    portal.sign_in(login, "Slate-harbour-Lark-77")
    for path in ("/accounts/details", "/accounts/settings", "/setup/users", "/setup/roles"):
        opened(portal.get(path))


def test_S17_names_with_special_characters_stay_in_their_place(server):
    company = Company(server, "a&b?secret=AAAA#%:")
    portal = company.portal(company.admin)
    device = portal.start_enrolment(company.admin)
    uri = urllib.parse.urlsplit(portal.get(PANEL).page.first("a", id="totp-uri")["href"])
    query = urllib.parse.parse_qs(uri.query, strict_parsing=True)
    assert query["secret"] == [device.secret] and set(query) <= {"secret", "issuer", "algorithm", "digits", "period"}
    assert urllib.parse.unquote(uri.path[1:]).count(":") == 1 and not uri.fragment
    portal.keep(portal.prove(device), company.admin, device)
