"""Require Two Factor Authentication, on Accounts > Settings > Access Control."""

import pytest

from expect import opened, refused, sent_to, shut_out
from people import Company
from portal import SESSION, Portal

SETTINGS = "/accounts/settings"


@pytest.fixture
def admin(open_company):
    """The configured admin of `open_company`, signed in with a token."""
    return open_company.portal(open_company.admin)


def first_step(server, person):
    """Where a right password leads."""
    portal = Portal(server)
    reply = portal.sign_in(person.login, person.password)
    assert reply.status == 303, reply
    return portal, reply.path


def test_S33_S34_the_switch_stands_under_access_control_and_is_off(company):
    portal = company.portal(company.admin)
    accounts = portal.follow(portal.get("/accounts/details")).page
    assert (SETTINGS, "Settings") in accounts.links()
    page = opened(portal.get(SETTINGS))
    assert "Access Control" in page.headings
    assert "Require Two Factor Authentication" in page.text
    assert portal.requirement() == "OFF"


def test_S34_the_state_survives_a_reload_and_turns_back(admin):
    sent_to(admin.require("on"), SETTINGS)
    assert [admin.requirement(), admin.requirement()] == ["ON", "ON"]
    sent_to(admin.require("off"), SETTINGS)
    assert admin.requirement() == "OFF"


def test_S09_S09a_an_admin_without_two_factor_cannot_require_it(server, open_company):
    second = open_company.user(admin=True)
    portal = open_company.portal(second)
    refused(portal.require("on"), "configure_own_first", 403, 422)
    assert portal.requirement() == "OFF"
    portal.enrol(second)
    assert portal.require("on").status == 303


def test_S09_on_a_fresh_account_nobody_can_require_it(server, company):
    portal = company.portal(company.admin)
    refused(portal.require("on"), "configure_own_first", 403, 422)
    assert server.command("account", "require-two-factor", company.id, "on").returncode == 1
    assert portal.requirement() == "OFF"


@pytest.mark.parametrize("level", ["hidden", "view", "manage"])
def test_S31_only_an_account_admin_operates_the_switch(open_company, admin, level):
    user = open_company.user(role=open_company.role(accounts=level, setup="manage"))
    portal = open_company.portal(user)
    if level != "hidden":
        portal.enrol(user)
    refused(portal.require("on"), "access_denied", 403)
    assert admin.requirement() == "OFF"
    if level != "hidden":
        form = opened(portal.get(SETTINGS)).form("/accounts/settings/require-two-factor")
        assert form is None or all("disabled" in e.attributes for e in form.walk() if e.tag == "button")


@pytest.mark.parametrize("value", ["", "ON!", "true", None, ["on", "off"]])
def test_S34_other_values_change_nothing(admin, value):
    reply = admin.post("/accounts/settings/require-two-factor", **({} if value is None else {"require": value}))
    assert reply.status == 422
    assert admin.requirement() == "OFF"


def test_S35_who_has_not_configured_gets_the_enrolment_and_nothing_else(server, open_company, admin):
    user = open_company.user()
    admin.require("on")
    portal, path = first_step(server, user)
    assert path == "/sign-in/enrol"
    page = opened(portal.get(path))
    assert page.message("two_factor_required") == "Your account requires two factor authentication. Set it up to continue."
    assert page.has("svg", id="totp-qr") and page.fields("token1") and page.fields("token2")
    assert not page.fields("password"), "straight from the password step it is not asked twice"
    shut_out(portal)
    assert portal.browser_cookie(SESSION) is None
    for path in ("/accounts/details/two-factor/enable", "/sign-in/recovery-codes", "/own/profile", "/accounts/details/two-factor"):
        reply = portal.post(path, password=user.password, kept="on", name="x")
        assert reply.status in (303, 403), f"{path}: {reply}"
        shut_out(portal, "/own")
    portal.enrol_in_sign_in(user)
    assert portal.inside()
    open_company.portal(user)


def test_S35_a_wrong_pair_in_sign_in_opens_nothing_and_keeps_the_secret(server, clock, open_company, admin):
    user = open_company.user()
    admin.require("on")
    portal, path = first_step(server, user)
    device = portal.panel(path)
    refused(portal.post(path, token1=device.wrong(), token2=device.wrong(1)), "tokens_refused")
    shut_out(portal)
    again, path = first_step(server, user)
    assert again.panel(path).secret == device.secret, "signing in again within 30 minutes shows the same secret"
    clock.jump(31 * 60)
    reply = again.prove(device, path)
    sent_to(reply, "/sign-in")
    assert first_step(server, user)[1] == "/sign-in/enrol"


def test_S41_who_sees_anothers_pending_secret_is_told_and_so_is_the_other(server, open_company, admin):
    user = open_company.user()
    admin.require("on")
    owner, path = first_step(server, user)
    device = owner.panel(path)
    assert "secret_seen_elsewhere" not in owner.get(path).codes
    thief, _ = first_step(server, user)
    shown = thief.get(path)
    assert "secret_seen_elsewhere" in shown.codes and owner.address in shown.page.text
    warned = owner.get(path)
    assert "secret_seen_elsewhere" in warned.codes and thief.address in warned.page.text
    owner.get("/sign-in/enrol/new-secret")
    sent_to(owner.post("/sign-in/enrol/new-secret"), path)
    assert "secret_seen_elsewhere" not in owner.get(path).codes
    assert owner.panel(path).secret != device.secret
    refused(owner.prove(device, path), "tokens_refused")
    owner.enrol_in_sign_in(user)
    shut_out(thief)
    assert "shown to another sign-in" in open_company.log()


def test_S35_who_has_configured_gives_the_token_as_usual(server, open_company, admin):
    user = open_company.user()
    open_company.portal(user).enrol(user)
    admin.require("on")
    for person in (user, open_company.admin):
        assert first_step(server, person)[1] == "/sign-in/token"
        open_company.portal(person)


def test_S28b_hidden_accounts_and_required_still_gets_in(server, open_company, admin):
    user = open_company.user(role=open_company.role())
    admin.require("on")
    portal, path = first_step(server, user)
    assert path == "/sign-in/enrol"
    portal.enrol_in_sign_in(user)
    assert portal.get("/accounts/details").status == 403
    opened(portal.follow(portal.get("/")))


def test_S09b_forced_enrolment_does_not_wait_for_an_admin(server, open_company, admin):
    user = open_company.user()
    admin.require("on")
    server.do("user", "reset-two-factor", open_company.admin.login)
    open_company.admin.device = None
    portal, path = first_step(server, user)
    assert path == "/sign-in/enrol"
    portal.enrol_in_sign_in(user)
    portal, path = first_step(server, open_company.admin)
    assert path == "/sign-in/enrol", "Require does not change by itself"
    portal.enrol_in_sign_in(open_company.admin)


def own_authenticator(portal, where="/accounts/details"):
    for path in (where, where + "/two-factor/remove"):
        fields = portal.get(path).page.fields("authenticator")
        values = [f["value"] for f in fields if f["value"]] + [o["value"] for f in fields for o in f.all("option")]
        if values:
            return values[0]
    return None


def test_S36_nobody_turns_it_off_for_themselves_while_required(server, clock, open_company, admin):
    user = open_company.user()
    portal = open_company.portal(user)
    portal.enrol(user)
    authenticator = own_authenticator(portal)
    assert authenticator, "while it is optional, one's own authenticator can be removed"
    admin.require("on")
    assert own_authenticator(portal) is None, "the control is absent"
    reply = portal.post("/accounts/details/two-factor/remove", authenticator=authenticator,
                        password=user.password, token=user.device.fresh())
    assert reply.status in (403, 422) and reply.page.has(role="alert"), reply
    assert first_step(server, user)[1] == "/sign-in/token"


def test_S36_removing_by_choice_needs_password_and_token(server, clock, open_company):
    user = open_company.user()
    portal = open_company.portal(user)
    portal.enrol(user)
    what = {"authenticator": own_authenticator(portal)}
    path = "/accounts/details/two-factor/remove"
    for fields in ({}, {"password": user.password}, {"token": user.device.shown()},
                   {"password": user.password, "token": user.device.wrong()},
                   {"password": "wrong-one-entirely", "token": user.device.fresh()}):
        assert portal.post(path, **what, **fields).status == 422, fields
    assert first_step(server, user)[1] == "/sign-in/token"
    clock.jump(60)
    reply = portal.post(path, **what, password=user.password, token=user.device.fresh())
    assert reply.status == 303
    assert "two_factor_removed" in portal.follow(reply).codes
    user.device = None
    open_company.portal(user)


def test_S37_open_sessions_without_two_factor_are_diverted(server, open_company, admin):
    user = open_company.user()
    portal = open_company.portal(user)
    cookie = portal.browser_cookie(SESSION)
    admin.require("on")
    sent_to(portal.get("/accounts/details"), "/sign-in/enrol")
    shut_out(portal.carrying(**{SESSION: cookie}), "/own")
    page = opened(portal.get("/sign-in/enrol"))
    assert page.fields("password") and not page.has("code", id="totp-secret"), "a stolen session must not bind a phone"
    refused(portal.post("/sign-in/enrol", password="not-the-password"), "credentials_refused")
    assert portal.post("/sign-in/enrol", password=user.password).status in (200, 303)
    portal.enrol_in_sign_in(user)
    assert admin.inside(), "the acting admin stays"


def test_S38_users_created_later_are_covered(server, open_company, admin):
    admin.require("on")
    late = open_company.user()
    assert first_step(server, late)[1] == "/sign-in/enrol"


def test_S39_switching_off_returns_to_the_option(server, open_company, admin):
    configured, other = open_company.user(), open_company.user()
    open_company.portal(configured).enrol(configured)
    admin.require("on")
    admin.require("off")
    open_company.portal(other)
    assert first_step(server, configured)[1] == "/sign-in/token"


def test_S40_a_reset_while_required_leads_to_a_new_enrolment(server, clock, open_company, admin):
    user = open_company.user()
    open_company.portal(user).enrol(user)
    old = user.device
    admin.require("on")
    assert open_company.act(admin, "reset-two-factor", user, reason="lost phone").status == 303
    user.device = None
    portal, path = first_step(server, user)
    assert path == "/sign-in/enrol"
    device = portal.panel(path)
    assert device.secret != old.secret
    assert portal.post(path, token1=old.shown(-1), token2=old.shown()).status == 422
    portal.enrol_in_sign_in(user)


def test_S30_every_login_of_this_account_and_no_other(server, open_company, admin):
    other = Company(server)
    other.enrolled_admin()
    guest = other.user()
    second = open_company.user(admin=True)
    admin.require("on")
    assert first_step(server, second)[1] == "/sign-in/enrol"
    assert not first_step(server, guest)[1].startswith("/sign-in")
    assert other.portal(other.admin).requirement() == "OFF"


def test_S32_S39_the_server_command_is_the_last_resort(server, open_company, admin):
    user = open_company.user()
    admin.require("on")
    server.do("account", "require-two-factor", open_company.id, "off")
    assert admin.requirement() == "OFF"
    open_company.portal(user)
    server.do("account", "require-two-factor", open_company.name, "on")
    assert admin.requirement() == "ON"


def test_S41_admins_see_who_is_not_configured_and_the_log_says_who_did(server, open_company, admin):
    user = open_company.user()
    assert user.login in opened(admin.get(SETTINGS)).text, "the page lists who is affected before switching"
    admin.require("on")
    portal, _ = first_step(server, user)
    portal.enrol_in_sign_in(user)
    assert user.login not in opened(admin.get(SETTINGS)).text
    entries = [line for line in open_company.log().splitlines() if user.login in line]
    assert any("two factor" in line.lower() or "two_factor" in line.lower() for line in entries), entries
