"""What somebody left behind must not outlive the change that was meant to end it."""

import threading

from agent import Agent
from expect import refused, sent_to, shut_out
from portal import ATTEMPT, SESSION, Portal


def reset_link(company, admin, person):
    reply = company.act(admin, "reset-password", person)
    assert reply.status == 200, reply
    link = next(text for text in (e.text for e in reply.page.walk()) if "/invitation/" in text and " " not in text)
    return link[link.index("/invitation/"):]


def test_S11_a_link_dies_when_the_server_sets_a_password(open_company):
    admin = open_company.portal(open_company.admin)
    person = open_company.user()
    link = reset_link(open_company, admin, person)
    assert Portal(open_company.server).get(link).status == 200
    open_company.server.do("user", "set-password", person.login, "--password-stdin", given=person.password)
    assert Portal(open_company.server).get(link).status == 410
    assert Portal(open_company.server).enter(person).inside()


def test_S12_a_link_dies_when_its_person_is_disabled(open_company):
    admin = open_company.portal(open_company.admin)
    person = open_company.user()
    link = reset_link(open_company, admin, person)
    sent_to(open_company.act(admin, "disable", person), f"/setup/users/{person.id}")
    sent_to(open_company.act(admin, "enable", person), f"/setup/users/{person.id}")
    assert Portal(open_company.server).get(link).status == 410


def test_S35_a_secret_seen_under_the_old_password_is_not_shown_again(open_company):
    admin = open_company.portal(open_company.admin)
    sent_to(admin.require("on"), "/accounts/settings")
    person = open_company.user()
    thief = Portal(open_company.server)
    sent_to(thief.sign_in(person.login, person.password), "/sign-in/enrol")
    seen = thief.panel("/sign-in/enrol").secret
    person.password = "Amber-quarry-517-Finch"
    open_company.server.do("user", "set-password", person.login, "--password-stdin", given=person.password)
    owner = Portal(open_company.server)
    sent_to(owner.sign_in(person.login, person.password), "/sign-in/enrol")
    assert owner.panel("/sign-in/enrol").secret != seen


def test_S23_S37_signing_out_ends_a_session_that_the_requirement_has_overtaken(open_company):
    admin = open_company.portal(open_company.admin)
    person = open_company.user()
    portal = open_company.portal(person)
    old = portal.browser_cookie(SESSION)
    sent_to(admin.require("on"), "/accounts/settings")
    sent_to(portal.sign_out(), "/sign-in")
    sent_to(admin.require("off"), "/accounts/settings")
    shut_out(portal.carrying(**{SESSION: old}))


def test_S25_signing_out_in_the_middle_ends_the_half_finished_sign_in(open_company):
    admin = open_company.admin
    portal = Portal(open_company.server)
    sent_to(portal.sign_in(admin.login, admin.password), "/sign-in/token")
    attempt = portal.browser_cookie(ATTEMPT)
    sent_to(portal.sign_out(), "/sign-in")
    sent_to(portal.carrying(**{ATTEMPT: attempt}).token(admin.device.fresh()), "/sign-in")


def test_S23_signing_in_again_ends_the_session_of_this_browser(open_company):
    person = open_company.user()
    portal = open_company.portal(person)
    old = portal.browser_cookie(SESSION)
    portal.enter(person)
    shut_out(portal.carrying(**{SESSION: old}))


def test_S11_the_recovery_window_replaces_one_phone_and_is_shut(open_company):
    admin = open_company.admin
    portal = Portal(open_company.server)
    sent_to(portal.sign_in(admin.login, admin.password), "/sign-in/token")
    assert portal.token(admin.recovery[0]).status == 303
    sent_to(portal.post("/own/two-factor/enable", password=admin.password), "/own/two-factor")
    portal.keep(portal.prove(portal.panel("/own/two-factor"), "/own/two-factor"), admin, admin.device)
    refused(portal.post("/own/two-factor/enable", password=admin.password), "token_refused")


def test_S07_agents_are_listed_and_ended_one_by_one(open_company):
    person = open_company.user()
    first, second = open_company.agent(person), open_company.agent(person)
    portal = open_company.portal(person)
    page = portal.get("/own/sessions").page
    ends = [f["action"] for f in page.all("form") if (f["action"] or "").endswith("/end")]
    assert len(ends) == 2, ends
    sent_to(portal.post(ends[0]), "/own/sessions")
    assert sorted([first.me().status, second.me().status]) == [200, 401]


def test_S07_S26_right_passwords_sent_together_are_no_failures(open_company):
    person = open_company.user()
    statuses = []

    def sign_in():
        statuses.append(Agent(open_company.server).agent_sign_in(person.login, person.password).status)

    threads = [threading.Thread(target=sign_in) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 12


def test_S29_a_refused_change_is_in_the_log(open_company):
    admin = open_company.portal(open_company.admin)
    own = open_company.act(admin, "disable", open_company.admin)
    refused(own, "last_admin", 403, 422)
    assert "change_refused" in open_company.log()


def test_S23_a_body_that_is_too_long_is_refused_where_nobody_reads_it(open_company):
    portal = open_company.portal(open_company.admin)
    assert portal.post("/sign-out", junk="x" * 200_000).status == 413
