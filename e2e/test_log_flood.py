"""Refusals that cost nothing do not fill the disk, and an operator sees what strangers tried."""

import pytest

from agent import Agent
from people import Company, fresh_word
from portal import Portal
from siege import WRONG, besiege

TOO_LONG = "x" * 2_000


@pytest.fixture
def flood(new_server):
    """A server of its own, whose log has nothing else in it."""
    return new_server()


def strangers(server):
    return server.ask("activity", "--limit", "10000")


def addresses(kind):
    return {"one": lambda n: "203.0.113.7", "prefix": lambda n: f"2001:db8:1:2::{n:x}"}[kind]


SENDERS = {
    "limited-password": lambda portal, login: portal.sign_in(login, WRONG),
    "unreadable-password": lambda portal, login: portal.sign_in(login, TOO_LONG),
    "limited-agent": lambda portal, login: portal.agent_sign_in(login, WRONG),
}


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("address", ["one", "prefix"])
def test_logins_that_are_made_up_are_one_entry_an_address_and_minute(flood, sender, address):
    where = addresses(address)
    for number in range(100):
        SENDERS[sender](Agent(flood, where(number)), fresh_word("charged"))
    # From here on nothing is judged, or nothing could be: whatever comes costs nobody anything.
    before = sum(entry["times"] for entry in strangers(flood))
    rows = len(strangers(flood))
    for number in range(150):
        reply = SENDERS[sender](Agent(flood, where(1_000 + number)), fresh_word("flood"))
        assert reply.status in (401, 422, 429), reply
    after = strangers(flood)
    # A minute may have ended meanwhile.
    assert len(after) - rows <= 3, (rows, len(after))
    assert sum(entry["times"] for entry in after) == before + 150, "each is counted"
    assert not any("flood" in str(entry) for entry in after), "what somebody typed as a login is not kept"


def test_a_login_that_exists_is_told_of_in_its_own_log(flood):
    company = Company(flood)
    user = company.user()
    besiege(flood, user.login)

    def limited():
        return [entry for entry in flood.ask("activity", "--account", company.name, "--limit", "1000") if entry["kind"] == "limit_reached"]

    rows, times = len(limited()), sum(entry["times"] for entry in limited())
    for _ in range(60):
        assert Portal(flood).sign_in(user.login, WRONG).status == 429
    entries = limited()
    assert len(entries) <= rows + 2 and sum(entry["times"] for entry in entries) == times + 60, entries
    assert not any(entry["kind"] == "limit_reached" for entry in strangers(flood))


def test_an_operator_sees_what_belongs_to_no_account(flood):
    Portal(flood, "203.0.113.9").sign_in("nobody-of-ours", WRONG)
    entry = strangers(flood)[0]
    assert entry["kind"] == "unknown_login_refused" and entry["address"] == "203.0.113.9" and entry["times"] == 1
    assert "login digest" in entry["facts"] and "nobody-of-ours" not in str(entry)
    table = flood.do("activity")
    assert "203.0.113.9" in table and "Somebody tried an unknown login" in table
    assert flood.command("activity", "--limit", "0").returncode == 64
    assert flood.command("activity", "--account", "nobody-has-this-name").returncode == 1
