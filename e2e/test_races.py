"""Simultaneous submissions: of one code exactly one passes, and guesses stay within the budget."""

import pytest

from burst import form_request, release
from expect import sent_to
from people import Company
from portal import ATTEMPT, SESSION, Portal
from proof import LIFETIME

CROWD = 50


def attempts(server, person, count):
    portals = []
    for _ in range(count):
        portal = Portal(server)
        sent_to(portal.sign_in(person.login, person.password), "/sign-in/token")
        portals.append(portal)
    return portals


def submit(server, portals, tokens):
    """Each portal's attempt gives its token, all at one moment."""
    return release(server, [
        form_request(server, "/sign-in/token", {"token": token}, {ATTEMPT: portal.browser_cookie(ATTEMPT)}, portal.address)
        for portal, token in zip(portals, tokens)
    ])


def winners(answers):
    assert all(answer is not None for answer in answers), "every request was answered"
    assert all(answer.status in (303, 422, 429, 503) for answer in answers), sorted({a.status for a in answers})
    return [answer for answer in answers if answer.status == 303 and answer.cookie(SESSION)]


def aftermath(server, clock, person, won):
    """The winner's session works, and the login is usable as before."""
    assert len(won) == 1, f"{len(won)} of {CROWD} passed"
    assert Portal(server).carrying(**{SESSION: won[0].cookie(SESSION)}).inside()
    clock.jump(16 * 60)
    Portal(server).enter(person)


@pytest.mark.parametrize("round_number", range(3))
def test_S05_one_code_at_fifty_browsers_passes_once(server, clock, open_company, round_number):
    person = open_company.admin
    portals = attempts(server, person, CROWD)
    answers = submit(server, portals, [person.device.fresh()] * CROWD)
    aftermath(server, clock, person, winners(answers))


@pytest.mark.parametrize("round_number", range(3))
def test_S05_one_code_fifty_times_in_one_attempt_passes_once(server, clock, open_company, round_number):
    person = open_company.admin
    portals = attempts(server, person, 1) * CROWD
    answers = submit(server, portals, [person.device.fresh()] * CROWD)
    aftermath(server, clock, person, winners(answers))


@pytest.mark.parametrize("round_number", range(2))
def test_S11_one_recovery_code_fifty_times_passes_once(server, clock, open_company, round_number):
    person = open_company.admin
    portals = attempts(server, person, CROWD)
    answers = submit(server, portals, [person.recovery[0]] * CROWD)
    aftermath(server, clock, person, winners(answers))


def test_S05_both_neighbouring_codes_at_once_pass_in_order_only(server, clock, open_company):
    person = open_company.admin
    portals = attempts(server, person, 20)
    person.device.fresh()
    older, newer = person.device.shown(), person.device.shown(+1)
    won = winners(submit(server, portals, [older, newer] * 10))
    assert len(won) in (1, 2), "the older may pass before the newer, never after, and each once"
    clock.jump(16 * 60)
    Portal(server).enter(person)


def test_S26_fifty_guesses_at_once_stay_within_the_budget(server, clock, open_company):
    person = open_company.admin
    portals = attempts(server, person, CROWD)
    answers = submit(server, portals, [person.device.wrong(number) for number in range(CROWD)])
    assert not winners(answers)
    judged = [answer for answer in answers if "token_refused" in answer.codes]
    assert len(judged) <= 10, f"{len(judged)} guesses were judged"
    last = attempts(server, person, 1)[0]
    assert last.token(person.device.fresh()).status == 429
    clock.jump(16 * 60)
    Portal(server).enter(person)


def test_S26_guesses_at_once_in_one_attempt_stay_within_five(server, clock, open_company):
    person = open_company.admin
    portals = attempts(server, person, 1) * CROWD
    answers = submit(server, portals, [person.device.wrong(number) for number in range(CROWD)])
    assert not winners(answers)
    assert len([answer for answer in answers if "token_refused" in answer.codes]) <= 5


def test_S26_proofs_at_once_in_one_session_are_judged_five_times(server, clock, open_company):
    person = open_company.admin
    portal = Portal(server).enter(person)
    clock.jump(LIFETIME)
    cookie = {SESSION: portal.browser_cookie(SESSION)}
    answers = release(server, [form_request(server, "/confirm", {"token": person.device.wrong(n)}, cookie, portal.address) for n in range(60)])
    assert all(answer is not None for answer in answers)
    assert len([answer for answer in answers if "token_refused" in answer.codes]) == 4, "the fifth ends the session"
    assert {answer.status for answer in answers} <= {303, 422}
    assert not portal.inside()
    log = open_company.log()
    assert log.count("wrong proofs") == 1
    Portal(server).enter(person)


def test_S20_wrong_pairs_at_once_are_all_counted(server, open_company):
    user = open_company.user()
    portal = open_company.portal(user)
    device = portal.start_enrolment(user)
    cookie = {SESSION: portal.browser_cookie(SESSION)}
    pairs = [(device.wrong(n), device.wrong(n + 100)) for n in range(60)]

    def send(pairs):
        answers = release(server, [
            form_request(server, "/accounts/details/two-factor", {"token1": one, "token2": two}, cookie, portal.address) for one, two in pairs
        ])
        assert all(answer is not None and answer.status == 422 for answer in answers), sorted({a and a.status for a in answers})
        return portal.panel().secret

    # Twenty for the first secret, twenty for the second, nineteen for the third: one that was not counted would keep it.
    third = send(pairs[:59])
    assert send(pairs[59:]) not in (device.secret, third)
    assert portal.prove(device).status == 422, "the first secret is void"
    open_company.portal(user)


def test_S18_one_pair_at_once_configures_once(server, open_company):
    user = open_company.user()
    portal = open_company.portal(user)
    device = portal.start_enrolment(user)
    first, second = device.pair()
    cookie = {SESSION: portal.browser_cookie(SESSION)}
    request = form_request(server, "/accounts/details/two-factor", {"token1": first, "token2": second}, cookie, portal.address)
    answers = release(server, [request] * 20)
    good = [a for a in answers if a and a.status == 303 and a.cookie(SESSION)]
    assert len(good) == 1, [a and a.status for a in answers]
    user.device = device
    open_company.portal(user)


def test_S11_two_admins_cannot_demote_each_other_at_once(server):
    verbs = ("revoke-admin", "disable", "delete")
    for number in range(6):
        company = Company(server)
        second = company.user(admin=True)
        one, two = company.portal(company.admin), company.portal(second)
        company.admin.id = company.id_of(one, company.admin.login)
        verb = verbs[number % 3]
        release(server, [
            form_request(server, f"/setup/users/{second.id}/{verb}", {}, {SESSION: one.browser_cookie(SESSION)}, one.address),
            form_request(server, f"/setup/users/{company.admin.id}/{verb}", {}, {SESSION: two.browser_cookie(SESSION)}, two.address),
        ])
        left = 0
        for person in (company.admin, second):
            portal = Portal(server)
            portal.sign_in(person.login, person.password)
            left += portal.get("/setup/users").status == 200
        assert left >= 1, f"{verb}: no admin is left"


def test_S26_wrong_passwords_at_once_stay_within_the_budget(server, clock, company):
    with clock.frozen():
        answers = release(server, [
            form_request(server, "/sign-in", {"login": company.admin.login, "password": f"wrong-password-{n}"}, {}, f"198.51.100.{n}")
            for n in range(40)
        ])
        judged = [a for a in answers if a and "credentials_refused" in a.codes]
        assert len(judged) <= 5, len(judged)
        clock.jump(15 * 60)
        company.portal(company.admin)
