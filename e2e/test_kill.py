"""kill -9 at moments during enrolment and sign-in: nothing answered is lost, the login stays usable."""

import threading
import time

import pytest

from burst import form_request, release
from expect import sent_to
from people import Company
from portal import ATTEMPT, SESSION, Portal

MOMENTS = [0.0, 0.001, 0.002, 0.004, 0.007, 0.011, 0.016, 0.025]


@pytest.fixture(scope="module")
def server(new_server):
    return new_server()


def killed_during(server, request, delay):
    """Sends one request, kills the server `delay` seconds later, starts it again; returns the answer or None."""
    killer = threading.Thread(target=lambda: (time.sleep(delay), server.kill()))
    answer = release(server, [request], on_release=killer.start)[0]
    killer.join()
    server.restart()
    return answer


@pytest.mark.parametrize("delay", MOMENTS)
def test_S24_killed_while_a_token_is_judged(server, clock, delay):
    company = Company(server)
    company.enrolled_admin().sign_out()
    person = company.admin
    portal = Portal(server)
    sent_to(portal.sign_in(person.login, person.password), "/sign-in/token")
    code = person.device.fresh()
    attempt = {ATTEMPT: portal.browser_cookie(ATTEMPT)}
    answer = killed_during(server, form_request(server, "/sign-in/token", {"token": code}, attempt, portal.address), delay)
    if answer is not None:
        assert answer.status == 303
        assert portal.carrying(**{SESSION: answer.cookie(SESSION)}).inside(), "an answered sign-in is kept"
        again = Portal(server)
        again.sign_in(person.login, person.password)
        assert again.token(code).status == 422, "an answered code is spent"
    Portal(server).enter(person)


@pytest.mark.parametrize("delay", MOMENTS)
def test_S20_killed_while_the_pair_is_judged(server, clock, delay):
    company = Company(server)
    person = company.admin
    portal = company.portal(person)
    device = portal.start_enrolment(person)
    first, second = device.pair()
    session = {SESSION: portal.browser_cookie(SESSION)}
    path = "/accounts/details/two-factor"
    answer = killed_during(server, form_request(server, path, {"token1": first, "token2": second}, session, portal.address), delay)
    after = Portal(server).sign_in(person.login, person.password)
    assert after.status == 303
    configured = after.path == "/sign-in/token"
    if answer is not None and answer.status == 303:
        assert configured, "an answered enrolment is kept"
        kept = portal.carrying(**{SESSION: answer.cookie(SESSION) or session[SESSION]})
        shown = kept.get("/accounts/details/recovery-codes")
        assert shown.status == 200, "codes that were not kept are still to be seen"
    if configured:
        person.device = device
        Portal(server).enter(person)
    else:
        company.portal(person).enrol(person)
        Portal(server).enter(person)


@pytest.mark.parametrize("delay", MOMENTS[::2])
def test_S26_killed_after_a_wrong_token_the_guess_stays_counted(server, clock, delay):
    company = Company(server)
    company.enrolled_admin().sign_out()
    person = company.admin
    answered = 0
    for number in range(10):
        portal = Portal(server)
        sent_to(portal.sign_in(person.login, person.password), "/sign-in/token")
        wrong = {"token": person.device.wrong(number)}
        if number in (3, 7):
            attempt = {ATTEMPT: portal.browser_cookie(ATTEMPT)}
            answer = killed_during(server, form_request(server, "/sign-in/token", wrong, attempt, portal.address), delay)
            answered += answer is not None and answer.status == 422
        else:
            answered += portal.post("/sign-in/token", wrong).status == 422
    for number in range(10 - answered):
        portal = Portal(server)
        portal.sign_in(person.login, person.password)
        portal.token(person.device.wrong(20 + number))
    portal = Portal(server)
    portal.sign_in(person.login, person.password)
    assert portal.token(person.device.fresh()).status == 429, "every answered guess was counted"
    clock.jump(16 * 60)
    Portal(server).enter(person)


@pytest.mark.parametrize("delay", MOMENTS[::2])
def test_S34_killed_while_the_switch_is_set(server, delay):
    company = Company(server)
    portal = company.enrolled_admin()
    session = {SESSION: portal.browser_cookie(SESSION)}
    request = form_request(server, "/accounts/settings/require-two-factor", {"require": "on"}, session, portal.address)
    answer = killed_during(server, request, delay)
    state = portal.requirement()
    assert state == "ON" if answer is not None and answer.status == 303 else state in ("ON", "OFF")
    Portal(server).enter(company.admin)


@pytest.mark.parametrize("delay", MOMENTS[::2])
def test_S40_killed_while_an_admin_resets(server, delay):
    company = Company(server)
    admin = company.enrolled_admin()
    user = company.user()
    company.portal(user).enrol(user)
    session = {SESSION: admin.browser_cookie(SESSION)}
    request = form_request(server, f"/setup/users/{user.id}/reset-two-factor", {"reason": "x"}, session, admin.address)
    answer = killed_during(server, request, delay)
    after = Portal(server).sign_in(user.login, user.password).path
    if answer is not None and answer.status == 303:
        assert after != "/sign-in/token"
    if after != "/sign-in/token":
        user.device = None
    Portal(server).enter(user)
