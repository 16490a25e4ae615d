"""The agent API: login and password only, and no way round to the portal."""

import datetime

import pytest

from agent import Agent, problem
from expect import shut_out
from people import Company
from portal import ATTEMPT, SESSION, Portal


def test_S06_S07_an_agent_of_a_configured_login_gives_no_token(server, open_company):
    user = open_company.user()
    open_company.portal(user).enrol(user)
    agent = Agent(server)
    reply = agent.agent_sign_in(user.login, user.password)
    assert reply.status == 200, reply.text
    body = reply.response.json()
    assert body["user"]["login"] == user.login
    assert body["account"] == {"id": open_company.id, "name": open_company.name}
    expires = datetime.datetime.fromisoformat(body["expires_at"].replace("Z", "+00:00"))
    assert expires.timestamp() > server.clock.now()
    assert "otp" not in reply.text.lower().replace("protocol", "")
    me = agent.me()
    assert me.status == 200 and user.login in me.text
    assert Portal(server).sign_in(user.login, user.password).path == "/sign-in/token"


def test_S07_a_wrong_password_fails_and_a_code_is_no_password(server, open_company):
    admin = open_company.admin
    for password in (admin.password + "x", "", admin.device.fresh(), admin.password + admin.device.shown()):
        reply = Agent(server).agent_sign_in(admin.login, password)
        assert reply.status in (401, 422)
        assert problem(reply) in ("credentials_refused", "form_refused")
    reply = Agent(server).agent_sign_in("nobody-at-all", "some-password-here")
    assert reply.status == 401 and problem(reply) == "credentials_refused"


def test_S08_also_while_it_is_required_and_not_configured(server, open_company):
    user = open_company.user()
    open_company.portal(open_company.admin).require("on")
    assert Portal(server).sign_in(user.login, user.password).path == "/sign-in/enrol"
    agent = Agent(server)
    reply = agent.agent_sign_in(user.login, user.password)
    assert reply.status == 200
    assert agent.me().status == 200


def test_S08_S32_no_field_of_the_agent_changes_what_is_asked(server, open_company):
    reply = Agent(server).agent_sign_in(open_company.admin.login, open_company.admin.password,
                                        portal=True, session="portal", scope="portal", require="off", token="000000")
    assert reply.status == 200
    assert not reply.response.raw.headers.getlist("Set-Cookie")


def test_S08a_an_agent_token_opens_no_portal_page(server, open_company):
    agent = open_company.agent(open_company.admin)
    token = agent.bearer
    for client in (
        agent.carrying(**{SESSION: token}), agent.carrying(**{ATTEMPT: token}),
        agent.carrying(**{SESSION: token, ATTEMPT: token}),
    ):
        shut_out(client)
        assert client.require("off").status in (303, 401, 403)
    for path in ("/own", "/accounts/details", "/accounts/settings", "/setup/users", "/setup/activity-log.csv"):
        assert agent.call("GET", path).status in (303, 401, 403), path


def test_S08a_S32_no_agent_call_reads_or_changes_factors_or_settings(server, open_company):
    agent = open_company.agent(open_company.admin)
    for path in ("/accounts/settings/require-two-factor", "/accounts/details/two-factor/enable",
                 "/accounts/details/two-factor/remove", "/accounts/details/recovery-codes/replace", "/setup/users", "/setup/roles",
                 "/agent/v1/settings", "/agent/v1/users", "/agent/v1/two-factor"):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            reply = agent.call(method, path, {"require": "on", "password": open_company.admin.password})
            assert reply.status in (303, 401, 403, 404, 405, 415), f"{method} {path}: {reply}"
    portal = open_company.portal(open_company.admin)
    assert portal.requirement() == "OFF"


def test_S08b_a_portal_cookie_is_nothing_at_the_agent_api(server, open_company):
    portal = open_company.portal(open_company.admin)
    half = Portal(server)
    half.sign_in(open_company.admin.login, open_company.admin.password)
    for value in (portal.browser_cookie(SESSION), half.browser_cookie(ATTEMPT)):
        agent = Agent(server)
        agent.bearer = value
        assert agent.me().status == 401
    assert portal.get("/agent/v1/me").status == 401


def test_S08b_the_agent_endpoint_is_no_way_to_a_portal_session(server, open_company):
    admin = open_company.admin
    portal = Portal(server)
    for body in ("json", "form"):
        reply = portal.request("POST", "/agent/v1/sign-in?portal=1&return_to=/accounts/details",
                               **{"json" if body == "json" else "data": {"login": admin.login, "password": admin.password}})
        assert not reply.response.raw.headers.getlist("Set-Cookie")
    shut_out(portal)
    half = Portal(server)
    half.sign_in(admin.login, admin.password)
    half.request("POST", "/agent/v1/sign-in", json={"login": admin.login, "password": admin.password})
    shut_out(half)


def test_S07_signing_out_and_an_unknown_token(server, company):
    agent = company.agent(company.admin)
    assert agent.call("POST", "/agent/v1/sign-out").status == 204
    assert agent.me().status == 401
    nobody = Agent(server)
    reply = nobody.me()
    assert reply.status == 401
    problem(reply)


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: t + "A", lambda t: t.swapcase(), lambda t: t[:-1] + chr(ord(t[-1]) ^ 1)])
def test_S07_a_damaged_token_is_worthless(company, spoil):
    agent = company.agent(company.admin)
    agent.bearer = spoil(agent.bearer)
    assert agent.me().status == 401


def test_S07_a_role_and_the_account_can_switch_agents_off(server, open_company):
    barred = open_company.user(role=open_company.role(agent="off", accounts="view"))
    reply = Agent(server).agent_sign_in(barred.login, barred.password)
    assert reply.status == 403 and problem(reply) == "agent_not_allowed"
    open_company.portal(barred)
    user = open_company.user()
    admin = open_company.portal(open_company.admin)
    agent = open_company.agent(user)
    assert admin.post("/accounts/settings/agents", agent_sign_in="off").status == 303
    reply = Agent(server).agent_sign_in(user.login, user.password)
    assert reply.status == 403 and problem(reply) == "agent_not_allowed"
    assert agent.me().status in (401, 403)
    # A door that is shut is no place to try passwords, however often.
    for login in (barred.login, user.login):
        for password in [user.password, barred.password, *(f"wrong-{number}" for number in range(120))]:
            reply = Agent(server, address="192.0.2.77").agent_sign_in(login, password)
            assert reply.status == 403 and problem(reply) == "agent_not_allowed", (login, reply)
    told = [line for line in open_company.log().splitlines() if "agent sign-in was refused" in line]
    assert 1 < len(told) < 20, "merged by the minute"
    assert admin.post("/accounts/settings/agents", agent_sign_in="on").status == 303
    open_company.agent(user)


def test_S07_a_password_that_must_change_is_changed_in_the_portal(server, company):
    user = company.user(must_change=True)
    reply = Agent(server).agent_sign_in(user.login, user.password)
    assert reply.status == 403 and problem(reply) == "password_expired"


def test_S30_an_agent_sees_its_own_account_only(server, company):
    other = Company(server)
    assert other.id not in company.agent(company.admin).me().text


def test_S41_agent_sign_ins_stand_in_the_log(server, open_company):
    user = open_company.user()
    Agent(server).agent_sign_in(user.login, "wrong-password-once")
    open_company.agent(user)
    lines = [line for line in open_company.log().splitlines() if "agent" in line.lower() and user.login in line]
    assert len(lines) >= 2, lines
