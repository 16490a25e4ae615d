"""Guessing is bounded. Time jumps, nobody sleeps."""

import pytest

from agent import Agent, problem
from expect import opened, refused, sent_to, shut_out
from people import fresh_word
from portal import Portal

WRONG = "this-is-not-the-password"


@pytest.fixture
def person(open_company):
    return open_company.admin


def attempt(server, person, address=None):
    portal = Portal(server, address)
    sent_to(portal.sign_in(person.login, person.password), "/sign-in/token")
    return portal


def burn(server, person, guesses):
    """Gives wrong tokens, five an attempt, until that many were judged."""
    judged = 0
    while judged < guesses:
        portal = attempt(server, person)
        for number in range(min(5, guesses - judged)):
            reply = portal.token(person.device.wrong(judged))
            assert reply.status in (422, 303), f"guess {judged + 1}: {reply}"
            judged += 1


def test_S26_after_five_wrong_tokens_the_password_is_asked_again(server, person):
    portal = attempt(server, person)
    for number in range(4):
        refused(portal.token(person.device.wrong(number)), "token_refused")
    assert portal.token(person.device.wrong(4)).status in (422, 303)
    reply = portal.token(person.device.fresh())
    sent_to(reply, "/sign-in")
    shut_out(portal)
    again = attempt(server, person)
    assert again.token(person.device.fresh()).status == 303 and again.inside()


def test_S26_ten_in_fifteen_minutes_over_all_attempts(server, clock, person):
    burn(server, person, 10)
    portal = attempt(server, person)
    reply = portal.token(person.device.fresh())
    refused(reply, "too_many_attempts", 429)
    assert 0 < reply.retry_after <= 15 * 60
    clock.jump(reply.retry_after + 1)
    again = attempt(server, person)
    assert again.token(person.device.fresh()).status == 303 and again.inside()


def test_S26_a_right_password_does_not_give_the_guesses_back(server, person):
    for round_number in range(10):
        portal = attempt(server, person)
        assert portal.token(person.device.wrong(round_number)).status == 422
    refused(attempt(server, person).token(person.device.fresh()), "too_many_attempts", 429)


def test_S26_a_restart_does_not_give_the_guesses_back(server, person):
    burn(server, person, 10)
    server.kill()
    server.restart()
    refused(attempt(server, person).token(person.device.fresh()), "too_many_attempts", 429)


def test_S26_token_guesses_lock_neither_the_agent_nor_another_user(server, open_company):
    user = open_company.user()
    open_company.portal(user).enrol(user)
    burn(server, user, 10)
    refused(attempt(server, user).token(user.device.fresh()), "too_many_attempts", 429)
    open_company.agent(user)
    open_company.portal(open_company.admin)


def test_S26_a_hundred_in_a_row_close_the_factor_until_a_recovery_code(server, clock, person):
    for _ in range(10):
        burn(server, person, 10)
        clock.jump(15 * 60 + 1)
    portal = attempt(server, person)
    reply = portal.token(person.device.fresh())
    assert reply.status in (422, 429) and not portal.inside(), reply
    clock.jump(24 * 3600)
    portal = attempt(server, person)
    assert portal.token(person.device.fresh()).status in (422, 429) and not portal.inside()
    assert portal.token(person.recovery[0]).status == 303 and portal.inside()
    again = attempt(server, person)
    assert again.token(person.device.fresh()).status == 303 and again.inside()


def test_S26_a_closed_factor_opens_by_a_reset(server, clock, open_company):
    user = open_company.user()
    open_company.portal(user).enrol(user)
    for _ in range(10):
        burn(server, user, 10)
        clock.jump(15 * 60 + 1)
    assert attempt(server, user).token(user.device.fresh()).status in (422, 429)
    server.do("user", "reset-two-factor", user.login)
    user.device = None
    open_company.portal(user).enrol(user)


def test_S26_recovery_codes_have_a_budget_of_their_own(server, clock, person):
    burn(server, person, 10)
    portal = attempt(server, person)
    assert portal.token(person.recovery[0]).status == 303 and portal.inside()
    wrong = person.recovery[1][::-1]  # well-formed, and nobody's
    statuses = []
    for number in range(12):
        if number % 4 == 0:
            portal = attempt(server, person)
        statuses.append(portal.token(wrong).status)
    assert statuses.count(422) <= 10 and 429 in statuses, statuses
    refused(attempt(server, person).token(person.recovery[2]), "too_many_attempts", 429)
    clock.jump(15 * 60 + 1)
    assert attempt(server, person).token(person.recovery[2]).status == 303


@pytest.mark.parametrize("known", [True, False])
def test_S26_wrong_passwords_slow_a_login_down_known_or_not(server, clock, company, known):
    login = company.admin.login if known else fresh_word("ghost")
    with clock.frozen():
        for _ in range(5):
            refused(Portal(server).sign_in(login, WRONG), "credentials_refused")
        waits = []
        for _ in range(5):
            reply = Portal(server).sign_in(login, company.admin.password)
            sentence = refused(reply, "too_many_attempts", 429)
            assert str(reply.retry_after) in sentence
            waits.append(reply.retry_after)
            clock.jump(reply.retry_after)
            refused(Portal(server).sign_in(login, WRONG), "credentials_refused")
        assert waits == sorted(waits) and waits[0] <= 2 and waits[-1] >= 8, waits
        clock.jump(15 * 60)
        if known:
            company.portal(company.admin)


def test_S26_spellings_of_one_login_share_one_count(server, clock, company):
    login = company.admin.login
    with clock.frozen():
        for spelling in (login, login.upper(), f" {login}", f"{login} ", login.title()):
            assert Portal(server).sign_in(spelling, WRONG).status == 422
        assert Portal(server).sign_in(login, company.admin.password).status == 429


def test_S26_wrong_passwords_at_the_agent_count_apart(server, clock, company):
    login = company.admin.login
    with clock.frozen():
        for _ in range(5):
            assert Agent(server).agent_sign_in(login, WRONG).status == 401
        reply = Agent(server).agent_sign_in(login, company.admin.password)
        assert reply.status == 429 and problem(reply) == "too_many_attempts" and reply.retry_after > 0
        company.portal(company.admin)
        clock.jump(reply.retry_after)
        company.agent(company.admin)


def test_S26_wrong_passwords_at_the_portal_do_not_lock_the_agent(server, clock, company):
    with clock.frozen():
        for _ in range(6):
            Portal(server).sign_in(company.admin.login, WRONG)
        company.agent(company.admin)


def test_S26_one_address_may_fail_a_hundred_times_each_kind(server, clock, company):
    address = "203.0.113.7"
    with clock.frozen():
        for number in range(100):
            assert Portal(server, address).sign_in(f"spray-{number}", WRONG).status == 422, number
        reply = Portal(server, address).sign_in(company.admin.login, company.admin.password)
        refused(reply, "too_many_attempts", 429)
        company.portal(company.admin)
        assert Agent(server, address).agent_sign_in(company.admin.login, company.admin.password).status == 200
        clock.jump(15 * 60 + 1)
        assert Portal(server, address).sign_in(company.admin.login, company.admin.password).status == 303


def test_S26_an_ipv6_neighbourhood_counts_as_one_address(server, clock, company):
    with clock.frozen():
        for number in range(100):
            Portal(server, f"2001:db8:7:7::{number:x}").sign_in(f"spray6-{number}", WRONG)
        assert Portal(server, "2001:db8:7:7:ffff::1").sign_in(company.admin.login, company.admin.password).status == 429
        assert Portal(server, "2001:db8:7:8::1").sign_in(company.admin.login, company.admin.password).status == 303


def test_S26_a_forged_forwarding_header_gives_no_fresh_address(server, clock, company):
    with clock.frozen():
        for number in range(100):
            Portal(server, f"10.9.{number}.1, 203.0.113.99").sign_in(f"forged-{number}", WRONG)
        assert Portal(server, "10.8.1.1, 203.0.113.99").sign_in(company.admin.login, company.admin.password).status == 429


def test_S26_refusals_are_logged_and_the_owner_is_shown(server, clock, person, open_company):
    burn(server, person, 3)
    portal = attempt(server, person)
    portal.token(person.device.fresh())
    lines = [line for line in portal.get("/setup/activity-log.csv").text.splitlines() if person.login in line]
    assert len(lines) >= 4, lines
    ghost = "typed-a-password-into-the-login"
    Portal(server).sign_in(ghost, WRONG)
    page = opened(portal.get("/setup/activity-log"))
    for heading in ("Date/Time", "User", "IP Address", "Details", "Parameters"):
        assert heading in [th.text for th in page.all("th")]
    assert ghost not in portal.get("/setup/activity-log.csv").text
