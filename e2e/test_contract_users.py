"""What admins do to others: invite, reset, disable, grant; and who may."""

import re

import pytest

from expect import opened, refused, sent_to, shut_out
from people import Company, Person, fresh_word, password_for
from portal import SESSION, Portal

INVITATION = re.compile(r"/invitation/[A-Za-z0-9_\-.~]+")


def asked_for_a_token(server, person):
    return Portal(server).sign_in(person.login, person.password).path == "/sign-in/token"


def invite(company, portal, **more):
    login = fresh_word("guest")
    fields = {"login": login, "name": "A Guest", "email": "", **more}
    reply = portal.follow(portal.post("/setup/users", **fields))
    found = INVITATION.search(opened(reply).text)
    assert found, "creating answers with a one-time invitation link"
    return Person(login, password_for(login)), found.group(0)


def test_S38_an_invitation_sets_the_first_password_once(server, company):
    admin = company.enrolled_admin()
    guest, link = invite(company, admin, role=company.role_value(admin, company.role(accounts="view")))
    browser = Portal(server)
    for _ in range(3):
        assert opened(browser.get(link)).fields("password"), "looking does not spend it"
    refused(browser.post(link, password=guest.password, password_again="x" + guest.password), "password_refused")
    assert browser.post(link, password=guest.password, password_again=guest.password).status == 303
    assert browser.get(link).status == 410
    assert browser.post(link, password="Other-pass-word-9", password_again="Other-pass-word-9").status == 410
    company.portal(guest)


def test_S38_an_invitation_ends_after_72_hours(server, clock, company):
    _, link = invite(company, company.enrolled_admin())
    clock.jump(71 * 3600)
    assert Portal(server).get(link).status == 200
    clock.jump(2 * 3600)
    assert Portal(server).get(link).status == 410


def test_S11_one_admin_restores_another(server, clock, open_company):
    second = open_company.user(admin=True)
    portal = open_company.portal(second)
    portal.enrol(second)
    old = second.device
    admin = open_company.portal(open_company.admin)
    reply = open_company.act(admin, "reset-two-factor", second, reason="phone lost")
    assert reply.status == 303
    page = admin.follow(reply).page
    assert page.message("two_factor_reset") == f"Two factor authentication was reset for {second.login}."
    shut_out(portal)
    second.device = None
    again = open_company.portal(second)
    assert not asked_for_a_token(server, second)
    fresh = again.start_enrolment(second)
    assert fresh.secret != old.secret
    lines = [line for line in open_company.log().splitlines() if second.login in line and "reset" in line.lower()]
    assert lines and any("phone lost" in line for line in lines)


def test_S11_a_confirmation_page_stands_before_each_act(open_company):
    user = open_company.user()
    admin = open_company.portal(open_company.admin)
    open_company.act(admin, "end-sessions", user)
    for verb in ("disable", "delete", "grant-admin", "reset-two-factor", "reset-password", "end-sessions"):
        path = f"/setup/users/{user.id}/{verb}"
        assert opened(admin.get(path)).form(path) is not None, path
    open_company.portal(user)


@pytest.mark.parametrize("setup", ["view", "manage"])
def test_S11_S31_only_an_account_admin_acts_on_credentials_and_rights(server, open_company, setup):
    user = open_company.user(role=open_company.role(accounts="manage", setup=setup))
    victim = open_company.user()
    victim_portal = open_company.portal(victim)
    victim_portal.enrol(victim)
    portal = open_company.portal(user)
    admin = open_company.portal(open_company.admin)
    victim.id, user.id = victim.id, user.id
    for verb, fields in {
        "reset-two-factor": {"reason": "x"}, "reset-password": {}, "grant-admin": {}, "roles": {"role": []},
    }.items():
        for target in (victim, user, open_company.admin):
            refused(open_company.act(portal, verb, target, **fields) if target.id else
                    portal.post(f"/setup/users/{open_company.id_of(admin, target.login)}/{verb}", **fields),
                    "access_denied", 403)
    refused(portal.post("/setup/roles", name="Mine", description="", accounts="manage", agent="on"), "access_denied", 403)
    reply = portal.post("/setup/users", login=fresh_word("planted"), name="x", email="", account_admin="on")
    assert reply.status == 403
    assert asked_for_a_token(server, victim)


def test_S30_another_accounts_people_do_not_exist_here(server, open_company):
    other = Company(server)
    stranger = other.user()
    admin = open_company.portal(open_company.admin)
    unknown = "00000000-0000-4000-8000-000000000000"
    for verb in ("disable", "delete", "grant-admin", "revoke-admin", "reset-two-factor", "reset-password", "end-sessions", "roles"):
        one = admin.post(f"/setup/users/{stranger.id}/{verb}", reason="x")
        two = admin.post(f"/setup/users/{unknown}/{verb}", reason="x")
        assert (one.status, one.codes) == (two.status, two.codes) == (404, ["not_found"]), verb
    assert admin.get(f"/setup/users/{stranger.id}").status == 404
    assert stranger.login not in admin.get("/setup/users").text
    assert stranger.login not in open_company.log()
    other.portal(stranger)


def test_S12_a_disabled_user_is_out_everywhere(server, open_company):
    user = open_company.user()
    portal, agent = open_company.portal(user), open_company.agent(user)
    admin = open_company.portal(open_company.admin)
    assert open_company.act(admin, "disable", user).status == 303
    shut_out(portal)
    assert agent.me().status == 401
    refused(Portal(server).sign_in(user.login, user.password), "credentials_refused")
    assert open_company.act(admin, "enable", user).status == 303
    shut_out(portal)
    open_company.portal(user)


@pytest.mark.parametrize("verb", ["disable", "revoke-admin", "delete"])
def test_S11_the_last_admin_cannot_be_lost(server, company, verb):
    admin = company.enrolled_admin()
    second = company.user(admin=True)
    server.do("user", "disable", second.login)
    refused(company.act(admin, verb, company.admin), "last_admin", 403, 422)
    assert admin.inside()
    server.do("user", "enable", second.login)
    assert company.act(company.portal(second), verb, company.admin).status in (303, 403)


def test_S11_a_deleted_login_leaves_nothing_to_the_next_of_that_name(server, open_company):
    user = open_company.user()
    open_company.portal(user).enrol(user)
    admin = open_company.portal(open_company.admin)
    assert open_company.act(admin, "delete", user).status == 303
    refused(Portal(server).sign_in(user.login, user.password), "credentials_refused")
    server.do("user", "create", "--account", open_company.id, "--login", user.login, "--password-stdin",
              given=user.password)
    reply = Portal(server).sign_in(user.login, user.password)
    assert reply.status == 303 and reply.path != "/sign-in/token"


def test_S29_a_demoted_admin_loses_power_at_once(open_company):
    second = open_company.user(admin=True)
    portal = open_company.portal(second)
    opened(portal.get("/setup/users"))
    assert open_company.act(open_company.portal(open_company.admin), "revoke-admin", second).status == 303
    assert portal.get("/setup/users").status in (303, 403)
    assert portal.post("/setup/roles", name="Late", accounts="manage").status in (303, 403)


def test_S31_extra_fields_give_nobody_more(server, open_company):
    user = open_company.user()
    portal = open_company.portal(user)
    extra = {"account_admin": "on", "role": "Account Admin", "login": "another", "is_admin": "1", "account_id": "x",
             "two_factor": "off", "require": "on", "password": "Whatever-fits-99"}
    for path in ("/accounts/details/profile", "/own/profile"):
        portal.post(path, name="Renamed", email="a@example.org", **extra)
    assert portal.get("/setup/users").status == 403
    row = next(u for u in listed(server, open_company) if u["login"] == user.login)
    assert not [key for key, value in row.items() if "admin" in key.lower() and value is True]
    open_company.portal(user)


def listed(server, company):
    document = server.ask("user", "list", "--account", company.id)
    return document if isinstance(document, list) else next(v for v in document.values() if isinstance(v, list))


def test_S22_changing_the_password_ends_the_other_sessions(server, open_company):
    user = open_company.user()
    here, there = open_company.portal(user), open_company.portal(user)
    agent = open_company.agent(user)
    new = "Copper-window-31-Tern"
    path = "/own/password"
    refused(here.post(path, current_password="wrong-current-one", new_password=new, new_password_again=new), "credentials_refused", 422)
    for bad in ("short", "password1234", "passwordpassword", f"{user.login}-{user.login}"):
        refused(here.post(path, current_password=user.password, new_password=bad, new_password_again=bad), "password_refused")
    assert here.post(path, current_password=user.password, new_password=new, new_password_again=new).status == 303
    assert here.inside()
    shut_out(there)
    assert agent.me().status == 401
    user.password = new
    open_company.portal(user)


def test_S11_ending_sessions_ends_them(open_company):
    user = open_company.user()
    portal, agent = open_company.portal(user), open_company.agent(user)
    assert open_company.act(open_company.portal(open_company.admin), "end-sessions", user).status == 303
    shut_out(portal)
    assert agent.me().status == 401


def test_S31_what_weakens_needs_a_session_that_passed_two_factor(server, open_company):
    # A session of before the admin configured does not exist any more: nothing planted outlives it.
    second = open_company.user(admin=True)
    planted = open_company.portal(second)
    cookie = planted.browser_cookie(SESSION)
    open_company.portal(second).enrol(second)
    thief = planted.carrying(**{SESSION: cookie})
    sent_to(thief.require("off"), "/sign-in")
    shut_out(thief)


def test_S41_the_log_is_asked_for_a_person_by_id_or_by_login_of_this_account_alone(server, open_company):
    admin = open_company.portal(open_company.admin)
    user = open_company.user()
    open_company.portal(user)
    for asked in (user.id, user.login, user.login.upper()):
        text = admin.get(f"/setup/activity-log.csv?user={asked}").text
        lines = text.strip().splitlines()[1:]
        assert lines and all(user.login in line for line in lines), text
    stranger = Company(server).admin
    assert admin.get(f"/setup/activity-log?user={stranger.login}").status == 404
    assert admin.get("/setup/activity-log?user=nobody-of-that-name").status == 404
