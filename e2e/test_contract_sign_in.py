"""Sign-in at the portal: login and password, then the token when one is configured."""

import pytest

from expect import local, opened, refused, sent_to, shut_out
from people import Company
from portal import ATTEMPT, SESSION, Portal


@pytest.fixture
def enrolled(open_company):
    """A user with two-factor, nobody signed in."""
    person = open_company.user()
    portal = open_company.portal(person)
    portal.enrol(person)
    portal.sign_out()
    return person


def attempt(server, person):
    """A client that has passed the password step of a configured login."""
    portal = Portal(server)
    sent_to(portal.sign_in(person.login, person.password), "/sign-in/token")
    return portal


def test_S14_the_portal_has_a_log_in_with_login_and_password(stranger):
    page = opened(stranger.get("/sign-in"))
    labels = [label.text for label in page.all("label")]
    assert "Login" in labels and "Password" in labels
    assert page.fields("login") and page.fields("password")[0]["type"] == "password"
    assert "Log In" in page.controls()
    sent_to(stranger.get("/accounts/details"), "/sign-in")
    assert "return_to=" in stranger.get("/accounts/details").location


def test_S03_a_login_without_two_factor_signs_in_in_one_step(company):
    portal = company.portal()
    reply = portal.sign_in(company.admin.login, company.admin.password)
    assert reply.status == 303 and not reply.path.startswith("/sign-in")
    assert portal.inside()


def test_S03_S22_one_person_configuring_changes_nothing_for_another(open_company, enrolled):
    other = open_company.user()
    portal = open_company.portal(other)
    assert portal.inside() and other.device is None


def test_S02_neither_factor_replaces_the_other(server, clock, enrolled):
    portal = Portal(server)
    refused(portal.sign_in(enrolled.login, "not-the-password-at-all"), "credentials_refused")
    reply = portal.token(enrolled.device.fresh())
    sent_to(reply, "/sign-in")
    shut_out(portal)
    half = attempt(server, enrolled)
    refused(half.token(""), "token_refused")
    refused(half.token(enrolled.device.wrong()), "token_refused")
    shut_out(half)
    assert half.token(enrolled.device.fresh()).status == 303
    assert half.inside()


def test_S24_after_login_and_password_comes_the_token(server, enrolled):
    portal = attempt(server, enrolled)
    page = opened(portal.get("/sign-in/token"))
    assert "Two Factor Authentication" in page.headings
    assert "TOTP token" in [label.text for label in page.all("label")]
    assert "Authenticate" in page.controls()
    box = page.fields("token")[0]
    assert box["autocomplete"] == "one-time-code" and "autofocus" in box.attributes
    shut_out(portal)
    assert portal.browser_cookie(SESSION) is None
    reply = portal.token(enrolled.device.wrong())
    sentence = refused(reply, "token_refused")
    assert "wait for the next" in sentence
    assert reply.page.fields("token"), "the person stays at the token step"
    reply = portal.token(enrolled.device.fresh())
    assert reply.status == 303 and local(reply.location)
    assert portal.inside()


def test_S24_the_prompt_comes_only_after_a_right_password(server, enrolled):
    portal = Portal(server)
    reply = portal.sign_in(enrolled.login, enrolled.password + "x")
    refused(reply, "credentials_refused")
    assert reply.cookie(ATTEMPT) in (None, "")
    sent_to(portal.get("/sign-in/token"), "/sign-in")


def test_S05_a_spent_code_is_not_accepted_again(server, clock, enrolled):
    code = enrolled.device.fresh()
    first = attempt(server, enrolled)
    assert first.token(code).status == 303
    first.sign_out()
    second = attempt(server, enrolled)
    refused(second.token(code), "token_refused")
    refused(second.token(f"{code[:3]} {code[3:]}"), "token_refused")
    assert second.token(enrolled.device.fresh()).status == 303


def test_S05_an_older_code_is_refused_after_a_newer_one(server, clock, enrolled):
    clock.next_step(), clock.next_step(), clock.next_step()
    older, newer = enrolled.device.shown(-1), enrolled.device.shown()
    assert attempt(server, enrolled).token(newer).status == 303
    for code in (older, newer, older):
        refused(attempt(server, enrolled).token(code), "token_refused")


def test_S05_S24_the_second_code_of_enrolment_is_spent(server, open_company):
    person = open_company.user()
    portal = open_company.portal(person)
    device = portal.start_enrolment(person)
    first, second = device.pair()
    portal.keep(portal.post("/accounts/details/two-factor", token1=first, token2=second), person, device)
    portal.sign_out()
    again = attempt(server, person)
    refused(again.token(second), "token_refused")
    refused(again.token(first), "token_refused")
    assert again.token(device.shown(+1)).status == 303, "the next code, one step of drift, is accepted at once"


@pytest.mark.parametrize("steps, accepted", [(-3, False), (-2, False), (-1, True), (0, True), (1, True), (2, False), (3, False)])
@pytest.mark.parametrize("second", [0, 29])
def test_S24_codes_one_step_off_are_accepted_and_no_others(server, clock, one_for_all, steps, accepted, second):
    clock.jump(16 * 60)
    with clock.frozen():
        clock.to_step(clock.step() + 1, second)
        portal = attempt(server, one_for_all)
        reply = portal.token(one_for_all.device.shown(steps))
    assert (reply.status == 303) is accepted, f"{steps} steps off at second {second}: {reply}"
    clock.jump(6 * 30)


@pytest.fixture(scope="module")
def one_for_all(server):
    """One configured admin for the tables of codes; each row moves 16 minutes on."""
    company = Company(server)
    company.enrolled_admin().sign_out()
    return company.admin


SPELLINGS = {
    "full-width": lambda c: "".join(chr(ord(d) + 0xFEE0) for d in c),
    "arabic": lambda c: "".join(chr(0x0660 + int(d)) for d in c),
    "plus": lambda c: "+" + c,
    "underscore": lambda c: c[:3] + "_" + c[3:],
    "zero-before": lambda c: "0" + c,
    "five": lambda c: c[:5],
    "seven": lambda c: c + "0",
    "point": lambda c: c + ".0",
    "letters": lambda c: "abcdef",
    "list": lambda c: ["", c],
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_S24_only_six_ascii_digits_are_a_code(server, clock, one_for_all, spelling):
    clock.jump(16 * 60)
    clock.settle()
    portal = attempt(server, one_for_all)
    code = one_for_all.device.shown()
    reply = portal.token(SPELLINGS[spelling](code))
    assert reply.status == 422 and not portal.inside()
    if spelling != "list":
        assert portal.token(f" {code[:3]} {code[3:]} ").status == 303, "blanks are how apps show it"


def test_S25_the_token_step_belongs_to_the_browser_of_the_password(server, enrolled):
    attempt(server, enrolled)
    other = Portal(server)
    reply = other.token(enrolled.device.fresh())
    sent_to(reply, "/sign-in")
    assert "attempt_expired" in other.follow(reply).codes
    shut_out(other)


def test_S25_a_code_counts_only_for_the_login_of_its_attempt(server, open_company, enrolled):
    other = open_company.user()
    open_company.portal(other).enrol(other)
    portal = attempt(server, enrolled)
    refused(portal.post("/sign-in/token", token=other.device.fresh(), login=other.login), "token_refused")
    shut_out(portal)


def test_S25_the_token_step_ends_after_ten_minutes(server, clock, enrolled):
    early, late = attempt(server, enrolled), attempt(server, enrolled)
    clock.jump(9 * 60)
    assert early.token(enrolled.device.fresh()).status == 303
    clock.jump(2 * 60)
    reply = late.token(enrolled.device.fresh())
    sent_to(reply, "/sign-in")
    assert "attempt_expired" in late.follow(reply).codes
    shut_out(late)


def test_S25_of_fifty_one_attempts_the_oldest_is_closed(server, enrolled):
    oldest = attempt(server, enrolled)
    later = [attempt(server, enrolled) for _ in range(50)]
    sent_to(oldest.token(enrolled.device.shown()), "/sign-in")
    assert later[0].token(enrolled.device.fresh()).status == 303


def test_S23_signing_out_ends_the_session_on_the_server(server, company):
    portal = company.portal(company.admin)
    value = portal.browser_cookie(SESSION)
    sent_to(portal.sign_out(), "/sign-in")
    sent_to(portal.get("/accounts/details"), "/sign-in")
    thief = portal.carrying(**{SESSION: value})
    sent_to(thief.get("/accounts/details"), "/sign-in")


def test_S24_every_step_makes_a_new_cookie_and_none_is_adopted(server, enrolled):
    portal = Portal(server)
    planted = "cs_planted_" + "A" * 43
    portal.plant(SESSION, planted)
    portal.plant(ATTEMPT, planted)
    first = portal.sign_in(enrolled.login, enrolled.password).cookie(ATTEMPT)
    done = portal.token(enrolled.device.fresh())
    session = done.cookie(SESSION)
    assert first and session and len({planted, first, session}) == 3
    shut_out(portal.carrying(**{SESSION: planted}))
    shut_out(portal.carrying(**{SESSION: first}))
    old = portal.carrying(**{ATTEMPT: first})
    sent_to(old.token(enrolled.device.fresh()), "/sign-in")


def test_S24_unknown_disabled_and_wrong_look_alike(server, company):
    user, gone = company.user(), company.user()
    server.do("user", "disable", gone.login)
    answers = []
    for login, password in ((user.login, "wrong-" + user.password), ("nobody-here", "wrong-" + user.password), (gone.login, gone.password)):
        reply = Portal(server).sign_in(login, password)
        text = reply.page.text.replace(login, "LOGIN")
        operation = reply.page.first(data_operation_id=True)
        for word in filter(None, [operation and operation.text, operation and operation["data-operation-id"]]):
            text = text.replace(word, "OPERATION")
        answers.append((reply.status, reply.codes, text, sorted(reply.headers), reply.cookie(ATTEMPT) or None))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1] == ["credentials_refused"]


@pytest.mark.parametrize("target, followed", [
    ("/accounts/details", True), ("/setup/users?page=2", True),
    ("//evil.example", False), ("https://evil.example/", False), ("/\\evil.example", False), ("\\\\evil.example", False),
    ("https:evil.example", False), ("javascript:alert(1)", False), ("/\t/evil.example", False), ("/a\r\nSet-Cookie: x=1", False),
    ("///evil.example", False), ("", False), ("%2f%2fevil.example", False), ("evil.example", False),
])
def test_S24_return_to_stays_on_this_portal(server, one_for_all, clock, target, followed):
    portal = Portal(server)
    portal.sign_in(one_for_all.login, one_for_all.password, return_to=target)
    reply = portal.token(one_for_all.device.fresh())
    assert reply.status == 303 and local(reply.location), reply.location
    assert "evil" not in reply.location and reply.cookie("x") is None
    if followed:
        assert reply.location == target


def test_S02_a_new_password_is_asked_after_the_token_never_before(server, enrolled):
    new = "Grey-lantern-42-Otter"
    server.do("user", "set-password", enrolled.login, "--must-change", "--password-stdin", given=enrolled.password)
    portal = attempt(server, enrolled)
    reply = portal.post("/sign-in/password", new_password=new, new_password_again=new)
    assert reply.status in (303, 403, 422) and (reply.path or "/sign-in").startswith("/sign-in")
    sent_to(portal.token(enrolled.device.fresh()), "/sign-in/password")
    shut_out(portal)
    refused(portal.post("/sign-in/password", new_password=new, new_password_again=new + "x"), "password_refused")
    refused(portal.post("/sign-in/password", new_password="short", new_password_again="short"), "password_refused")
    assert portal.post("/sign-in/password", new_password=new, new_password_again=new).status == 303
    assert portal.inside()
    refused(Portal(server).sign_in(enrolled.login, enrolled.password), "credentials_refused")
    enrolled.password = new
    Portal(server).enter(enrolled)


def test_S11_a_recovery_code_opens_the_portal_once(server, enrolled):
    portal = attempt(server, enrolled)
    assert portal.token(enrolled.recovery[0]).status == 303
    assert portal.inside()
    again = attempt(server, enrolled)
    refused(again.token(enrolled.recovery[0]), "token_refused")
    typed = enrolled.recovery[1].lower().replace("-", "").replace(" ", "")
    assert again.token(f" {typed} ").status == 303, "blanks, hyphens and case do not matter"
    Portal(server).enter(enrolled)
