"""How long a session lives, who may end it, and what each change ends."""

import re

import pytest

from expect import opened, refused, sent_to, shut_out
from portal import SESSION, Portal
from server import UUID


def test_S23_an_idle_session_ends_after_an_hour(clock, company):
    portal = company.portal(company.admin)
    clock.jump(59 * 60)
    assert portal.inside()
    clock.jump(61 * 60)
    sent_to(portal.get("/accounts/details"), "/sign-in")


def test_S23_a_busy_session_ends_after_twelve_hours(clock, company):
    portal = company.portal(company.admin)
    for _ in range(14):
        clock.jump(50 * 60)
        assert portal.inside()
    clock.jump(25 * 60)
    shut_out(portal)


def test_S23_an_admin_sets_both_limits(clock, company):
    portal = company.portal(company.admin)
    path = "/accounts/settings/sessions"
    for idle, lifetime in (("4", "12"), ("1441", "12"), ("60", "0"), ("60", "721"), ("x", "12"), ("", "")):
        assert portal.post(path, idle_minutes=idle, lifetime_hours=lifetime).status == 422
    assert portal.post(path, idle_minutes="5", lifetime_hours="1").status == 303
    clock.jump(4 * 60)
    assert portal.inside()
    clock.jump(6 * 60)
    shut_out(portal)


def test_S23_one_sees_and_ends_ones_own_sessions(company):
    here, there = company.portal(company.admin), company.portal(company.admin)
    page = opened(here.get("/accounts/details/sessions"))
    ends = sorted({a for a in re.findall(r"/accounts/details/sessions/%s/end" % UUID.pattern, here.get("/accounts/details/sessions").text)})
    assert len(ends) >= 1 and there.address in page.text
    for path in ends:
        if here.inside() and there.inside():
            here.post(path)
    assert not (here.inside() and there.inside()), "one of the two was ended"


def test_S23_ending_the_others_keeps_this_one(company):
    here, there = company.portal(company.admin), company.portal(company.admin)
    assert here.post("/accounts/details/sessions/end-others").status == 303
    assert here.inside()
    shut_out(there)


def test_S30_nobody_ends_a_session_of_another_login(open_company):
    user = open_company.user()
    portal, admin = open_company.portal(user), open_company.portal(open_company.admin)
    ids = re.findall(r"/accounts/details/sessions/(%s)/end" % UUID.pattern, admin.get("/accounts/details/sessions").text)
    for ident in ids + ["00000000-0000-4000-8000-000000000000"]:
        assert portal.post(f"/accounts/details/sessions/{ident}/end").status == 404
    assert admin.inside()


@pytest.mark.parametrize("spoil", [
    lambda v: v[:-1], lambda v: v + "A", lambda v: v.swapcase(), lambda v: v[:-1] + chr(ord(v[-1]) ^ 1),
    lambda v: v[: len(v) // 2], lambda v: v + "=", lambda v: "", lambda v: v.split("_")[-1], lambda v: '"' + v + '"x',
])
def test_S23_a_damaged_cookie_is_worthless(company, spoil):
    portal = company.portal(company.admin)
    shut_out(portal.carrying(**{SESSION: spoil(portal.browser_cookie(SESSION))}), "/own", "/accounts/details")


def test_S24_two_cookies_of_one_name_open_nothing_new(server, company):
    portal = company.portal(company.admin)
    good = portal.browser_cookie(SESSION)
    for header in (f"{SESSION}=bad; {SESSION}={good}", f"{SESSION}={good}; {SESSION}=bad", f"__host-{SESSION}={good}"):
        reply = Portal(server).get("/own", headers={"Cookie": header})
        assert reply.status in (200, 303, 400), reply
    assert Portal(server).get("/own", headers={"Cookie": f"__host-{SESSION}={good}"}).status == 303


def test_S40_a_reset_ends_the_sessions_and_attempts_of_that_login(server, open_company):
    user = open_company.user()
    portal = open_company.portal(user)
    portal.enrol(user)
    half = Portal(server)
    sent_to(half.sign_in(user.login, user.password), "/sign-in/token")
    code = user.device.fresh()
    admin = open_company.portal(open_company.admin)
    assert open_company.act(admin, "reset-two-factor", user, reason="x").status == 303
    shut_out(portal)
    assert half.token(code).status in (303, 422) and not half.inside()


def test_S24_of_two_attempts_one_is_promoted(server, open_company):
    person = open_company.admin
    owner, thief = Portal(server), Portal(server)
    owner.sign_in(person.login, person.password)
    thief.sign_in(person.login, person.password)
    assert owner.token(person.device.fresh()).status == 303
    shut_out(thief)
    refused(thief.token(person.device.shown()), "token_refused")


def test_S12a_a_session_of_before_does_not_become_one_of_two_factors(open_company):
    user = open_company.user()
    early = open_company.portal(user)
    later = open_company.portal(user)
    later.enrol(user)
    shut_out(early)
    assert later.inside()


def test_S23_restarting_the_server_keeps_the_sessions(server, company):
    portal = company.portal(company.admin)
    assert server.stop() == 0
    server.restart()
    assert portal.inside()


def test_S24_the_clock_going_back_lets_no_old_code_in(server, clock, open_company):
    person = open_company.admin
    first = Portal(server).enter(person)
    used = person.device.shown()
    step = clock.step()
    clock.jump(-10 * 60)
    try:
        for code in (used, person.device.shown(), person.device.at(step)):
            portal = Portal(server)
            portal.sign_in(person.login, person.password)
            assert portal.token(code).status in (303, 422) and not portal.inside()
    finally:
        clock.jump(10 * 60 + 30)
    assert first.inside()
    Portal(server).enter(person)


def test_S15_a_person_without_any_tab_has_their_own_page(open_company):
    user = open_company.user(role=open_company.role())
    portal = open_company.portal(user)
    reply = portal.follow(portal.get("/"))
    assert user.login in opened(reply).text
    assert portal.post("/own/profile", name="New Name", email="new@example.org").status == 303
    assert "New Name" in portal.get("/own").text
