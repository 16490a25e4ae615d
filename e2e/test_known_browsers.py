"""Whoever has signed in on a browser before is not kept out of it by strangers."""

import threading

import pytest

import postgres
from cluster import Cluster
from expect import refused, sent_to
from people import Company
from portal import Portal, some_address
from proof import LIFETIME, confirm
from siege import WRONG, besiege, fill

BROWSER = "countersign_browser"


@pytest.fixture
def owner(open_company):
    """The admin, who has signed in with this browser before and is signed out now."""
    portal = open_company.portal(open_company.admin)
    portal.person, portal.company = open_company.admin, open_company
    assert portal.browser_cookie(BROWSER)
    assert portal.sign_out().status == 303
    return portal


def test_wrong_passwords_of_strangers_do_not_keep_the_owner_out(server, owner):
    besiege(server, owner.person.login)
    refused(Portal(server).sign_in(owner.person.login, owner.person.password), "too_many_attempts", 429)
    owner.enter(owner.person)
    # Nor did that help the strangers.
    refused(Portal(server).sign_in(owner.person.login, owner.person.password), "too_many_attempts", 429)


def test_an_office_whose_address_is_used_up_gets_in_where_it_is_known(server, owner):
    fill(server, owner.address)
    refused(Portal(server, owner.address).sign_in(owner.person.login, owner.person.password), "too_many_attempts", 429)
    owner.enter(owner.person)


def test_wrong_tokens_of_somebody_with_the_password_do_not_either(server, owner):
    person = owner.person
    for _ in range(2):
        thief = Portal(server)
        sent_to(thief.sign_in(person.login, person.password), "/sign-in/token")
        for number in range(5):
            thief.token(person.device.wrong(number))
    thief = Portal(server)
    sent_to(thief.sign_in(person.login, person.password), "/sign-in/token")
    refused(thief.token(person.device.fresh()), "too_many_attempts", 429)
    owner.enter(person)


def test_a_signed_in_person_can_prove_who_they_are_meanwhile(server, clock, owner):
    owner.enter(owner.person)
    besiege(server, owner.person.login)
    fill(server, owner.address)
    clock.jump(LIFETIME + 1)
    assert owner.inside()
    reply = owner.post("/accounts/details/password", current_password=owner.person.password, new_password="Quiet-river-Stone-41",
                       new_password_again="Quiet-river-Stone-41", token=owner.person.device.fresh())
    assert reply.status == 303, reply


def test_its_own_budget_is_bounded(server, owner):
    for _ in range(5):
        refused(owner.sign_in(owner.person.login, WRONG), "credentials_refused")
    refused(owner.sign_in(owner.person.login, owner.person.password), "too_many_attempts", 429)
    # And nobody else pays for it.
    Portal(server, owner.address).enter(owner.person)


def test_it_is_known_for_the_logins_that_signed_in_there_and_for_no_other(server, clock, owner):
    other = owner.company.user()
    besiege(server, other.login)
    refused(owner.sign_in(other.login, other.password), "too_many_attempts", 429)
    clock.jump(16 * 60)
    owner.enter(other)
    owner.sign_out()
    for person in (owner.person, other):
        besiege(server, person.login)
    for person in (owner.person, other):
        owner.enter(person)
        owner.sign_out()


def test_a_value_that_somebody_planted_is_not_the_one_that_becomes_known(server, owner):
    thief = Portal(server)
    planted = owner.browser_cookie(BROWSER)
    user = owner.company.user()
    victim = Portal(server)
    victim.plant(BROWSER, planted)
    victim.enter(user)
    besiege(server, user.login)
    thief.plant(BROWSER, planted)
    refused(thief.sign_in(user.login, user.password), "too_many_attempts", 429)
    victim.sign_out()
    victim.enter(user)


def test_an_answer_that_gets_lost_takes_nothing_away(server, owner):
    before = owner.browser_cookie(BROWSER)
    owner.enter(owner.person)
    besiege(server, owner.person.login)
    late = Portal(server)
    late.plant(BROWSER, before)
    late.enter(owner.person)


@pytest.mark.parametrize("change", ["own password", "end others"])
def test_who_cleans_up_stays_known_where_they_do_it(server, clock, owner, change):
    user = owner.company.user()
    portal = owner.company.portal(user)
    if change == "own password":
        new = "Quiet-river-Stone-43"
        assert portal.post("/own/password", current_password=user.password, new_password=new, new_password_again=new).status == 303
        user.password = new
    else:
        assert portal.post("/own/sessions/end-others").status == 303
    besiege(server, user.login)
    clock.jump(LIFETIME + 1)
    # In the session that goes on, and in the next one.
    assert confirm(portal, portal.post("/own/sessions/end-others"), user).status == 303
    portal.sign_out()
    portal.enter(user)


def test_enabling_two_factor_keeps_the_browser_known(server, open_company):
    user = open_company.user()
    portal = open_company.portal(user)
    portal.enrol(user)
    portal.sign_out()
    besiege(server, user.login)
    portal.enter(user)


def test_right_passwords_together_stand_in_one_queue_whatever_they_say_they_are(server, open_company):
    """A made-up value gives nobody a queue of their own: beside each other right passwords would look like failures."""
    user = open_company.user()
    value = ("0" * 16) + "-cskb_"
    clients = []
    for number in range(12):
        client = Portal(server, some_address())
        client.plant(BROWSER, value + f"{number:043d}"[:42] + "A")
        clients.append(client)
    told = []
    crowd = [threading.Thread(target=lambda client=client: told.append(client.sign_in(user.login, user.password).status)) for client in clients]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert told == [303] * 12, told


@pytest.mark.parametrize("change", ["end others", "admin ends sessions", "own password", "reset"])
def test_what_cleans_up_after_a_stranger_forgets_the_browsers(server, owner, change):
    user = owner.company.user()
    portal = owner.company.portal(user)
    stolen = portal.browser_cookie(BROWSER)
    owner.enter(owner.person)
    id = owner.company.id_of(owner, user.login)
    if change == "end others":
        assert portal.post("/own/sessions/end-others", password=user.password).status == 303
    elif change == "own password":
        new = "Quiet-river-Stone-42"
        assert portal.post("/own/password", current_password=user.password, new_password=new, new_password_again=new).status == 303
        user.password = new
    else:
        path = {"admin ends sessions": "end-sessions", "reset": "reset-two-factor"}[change]
        assert owner.post(f"/setup/users/{id}/{path}").status == 303
    besiege(server, user.login)
    thief = Portal(server)
    thief.plant(BROWSER, stolen)
    refused(thief.sign_in(user.login, user.password), "too_many_attempts", 429)


def test_twenty_wrong_passwords_a_second_do_not_keep_the_owner_out(server, owner):
    """They stand in another queue."""
    ending, address = threading.Event(), some_address()

    def hammer():
        while not ending.is_set():
            Portal(server, address).sign_in(owner.person.login, WRONG)

    crowd = [threading.Thread(target=hammer) for _ in range(4)]
    for one in crowd:
        one.start()
    try:
        for _ in range(3):
            owner.enter(owner.person)
            owner.sign_out()
            owner.clock.jump(31)
    finally:
        ending.set()
        for one in crowd:
            one.join()


def test_the_cookie_is_kept_by_the_browser_and_read_by_no_script(server, open_company):
    portal = Portal(server)
    person = open_company.admin
    portal.sign_in(person.login, person.password)
    reply = portal.token(person.device.fresh())
    raw = next(line for line in reply.response.raw.headers.getlist("Set-Cookie") if line.startswith(BROWSER))
    assert "HttpOnly" in raw and "SameSite=Lax" in raw and "Path=/" in raw and "Max-Age=7776000" in raw
    value = reply.cookie(BROWSER)
    assert person.login not in value and value not in server.dump()[1]


@pytest.mark.nodes
def test_every_node_knows_it(tmp_path):
    cluster = Cluster(tmp_path, postgres.shared()).start()
    try:
        company = Company(cluster.first)
        company.enrolled_admin()
        portal = company.portal(company.admin)
        portal.sign_out()
        besiege(cluster.first, company.admin.login)
        second = Portal(cluster.second)
        refused(second.sign_in(company.admin.login, company.admin.password), "too_many_attempts", 429)
        second.plant(BROWSER, portal.browser_cookie(BROWSER))
        second.enter(company.admin)
    finally:
        cluster.stop()
