"""A fresh proof before what weakens or grants: every such post by a session whose last proof is old."""

import re

import pytest

from expect import opened, refused, sent_to, shut_out
from portal import SESSION, Portal
from proof import LEVELS, LIFETIME, Scene, answer, asks, confirm, fields, led, post_of


@pytest.fixture
def scene(server):
    return Scene(server)


def user(verb, **fields):
    return lambda s: (f"/setup/users/{s.user.id}/{verb}", fields)


# What each would give: path and fields, what the page says, what the log tells when it was done.
GRANTS = {
    "agents on": (lambda s: ("/accounts/settings/agents", {"agent_sign_in": "on"}), "Switch agent sign-in on", "switched agent sign-in on"),
    "longer sessions": (lambda s: ("/accounts/settings/sessions", {"idle_minutes": "90", "lifetime_hours": "24"}), "Change the session limits", "changed the session limits"),
    "require off": (lambda s: ("/accounts/settings/require-two-factor", {"require": "off"}), "Stop requiring", "switched Require Two Factor Authentication off"),
    "user": (lambda s: ("/setup/users", {"login": s.word, "role": s.role_id}), "Create the user new", "created the user"),
    "admin": (lambda s: ("/setup/users", {"login": s.word, "account_admin": "on"}), "Create the user new", "created the user"),
    "enable": (user("enable"), "Enable", " enabled "),
    "roles": (lambda s: (f"/setup/users/{s.user.id}/roles", {"role": s.role_id}), "Change the roles of", "changed the roles"),
    "no roles": (user("roles"), "Change the roles of", "changed the roles"),
    "grant": (user("grant-admin"), "an Account Admin", "an Account Admin"),
    "revoke": (lambda s: (f"/setup/users/{s.other.id}/revoke-admin", {}), "as Account Admin", "took the Account Admin right"),
    "reset factor": (user("reset-two-factor", reason="lost"), "Reset Two Factor Authentication", "reset two factor authentication"),
    "reset password": (user("reset-password"), "Make a password link", "made a password reset link"),
    "new role": (lambda s: ("/setup/roles", {"name": "Strong", **LEVELS, "agent": "on"}), "Create the role", "created a role"),
    "stronger role": (lambda s: (f"/setup/roles/{s.role_id}", {"name": "Strong", **LEVELS, "agent": "on"}), "Change the role", "changed a role"),
    "no role": (lambda s: (f"/setup/roles/{s.role_id}/delete", {}), "Delete the role", "deleted a role"),
    "application": (lambda s: ("/applications", {"name": "New", "origin": f"https://one.{s.word}.example.com"}), "Create the application", "created an application"),
    "origin": (lambda s: (f"/applications/{s.console.id}", {"origin": f"https://two.{s.word}.example.com"}), "Change the application", "changed an application"),
    "assurance": (lambda s: (f"/applications/{s.console.id}", {"assurance": "password"}), "Change the application", "changed an application"),
    "header": (lambda s: (f"/applications/{s.console.id}", {"header_name": "X-Somebody"}), "Change the application", "changed an application"),
    "opening": (lambda s: (f"/applications/{s.console.id}/rules", {"path": "/open", "match": "prefix", "action": "allow"}), "Add the rule", "added a rule"),
    "closing away": (lambda s: (f"/applications/{s.console.id}/rules/{s.rule_id()}/delete", {}), "Remove the rule", "removed a rule"),
    "api token": (lambda s: ("/own/api-tokens", {"name": "CI", "days": "30", "application": s.console.id}), "Create the API token", "created an API token"),
    "own e-mail": (lambda s: ("/own/profile", {"name": "", "email": "thief@example.org"}), "Change your e-mail address", "changed the own profile"),
    "e-mail on Details": (lambda s: ("/accounts/details/profile", {"name": "", "email": "thief@example.org"}), "Change your e-mail address", "changed the own profile"),
}

# What takes away or changes nothing that matters: done at any time.
HARMLESS = {
    "agents off": lambda s: ("/accounts/settings/agents", {"agent_sign_in": "off"}),
    "require on": lambda s: ("/accounts/settings/require-two-factor", {"require": "on"}),
    "shorter sessions": lambda s: ("/accounts/settings/sessions", {"idle_minutes": "30", "lifetime_hours": "6"}),
    "account data": lambda s: ("/accounts/details/account", {"account_name": "New", "account_email": "a@example.org", "time_zone": "UTC"}),
    "disable": user("disable"),
    "delete": user("delete"),
    "end sessions": user("end-sessions"),
    "own name": lambda s: ("/own/profile", {"name": "Anna", "email": ""}),
    "close a path": lambda s: (f"/applications/{s.console.id}/rules", {"path": "/shut", "match": "prefix", "action": "deny"}),
    "application away": lambda s: (f"/applications/{s.console.id}/delete", {}),
    "sign out": lambda s: ("/sign-out", {}),
}


def prepare(scene, name):
    """What some of them need to be about something."""
    if name == "agents on":
        scene.admin.post("/accounts/settings/agents", agent_sign_in="off")
    if name == "require off":
        scene.admin.require("on")
        portal = scene.company.portal()
        portal.sign_in(scene.reader.login, scene.reader.password)
        portal.enrol_in_sign_in(scene.reader)
    if name == "enable":
        scene.company.act(scene.admin, "disable", scene.user)


@pytest.mark.parametrize("name", GRANTS)
def test_what_weakens_or_grants_waits_for_a_fresh_proof(scene, name):
    make, title, told = GRANTS[name]
    prepare(scene, name)
    path, sent = make(scene)
    scene.grow_old()
    before = scene.log().count(told)
    location = led(scene.admin.post(path, sent))
    page = opened(scene.admin.get(location))
    assert "proof_required" in page.codes and asks(page) == "token"
    assert title in page.headings[0], page.headings
    refused(answer(scene.admin, location, token=scene.person.device.wrong()), "token_refused")
    assert scene.log().count(told) == before, "nothing is done without the proof"
    reply = answer(scene.admin, location, token=scene.person.device.fresh())
    assert reply.status in (200, 303) and reply.path != "/confirm" and reply.cookie(SESSION), reply
    assert scene.log().count(told) == before + 1
    assert scene.admin.inside()


@pytest.mark.parametrize("name", GRANTS)
def test_a_fresh_session_is_not_asked_again(scene, name):
    prepare(scene, name)
    path, sent = GRANTS[name][0](scene)
    reply = scene.company.portal(scene.person).post(path, sent)
    assert reply.status in (200, 303) and reply.path != "/confirm", reply


@pytest.mark.parametrize("name", HARMLESS)
def test_what_takes_away_is_done_at_any_time(scene, name):
    path, sent = HARMLESS[name](scene)
    scene.grow_old()
    reply = scene.admin.post(path, sent)
    assert reply.status == 303 and reply.path != "/confirm", reply


@pytest.mark.parametrize("path, sent, status", [
    ("/setup/users/{missing}/grant-admin", {}, 404),
    ("/setup/users", {"login": ""}, 422),
    ("/setup/users", {"login": "{user}"}, 422),
    ("/setup/roles", {"name": "{role}", "accounts": "manage"}, 422),
    ("/setup/users/{user_id}/roles", {"role": "nonsense"}, 422),
    ("/setup/users/{own_id}/reset-two-factor", {}, 403),
    ("/setup/roles", {"name": "", "accounts": "manage"}, 422),
    ("/applications", {"name": "New", "origin": "nonsense"}, 422),
    ("/applications", {"name": "New", "origin": "{origin}"}, 422),
    ("/accounts/settings/sessions", {"idle_minutes": "1", "lifetime_hours": "720"}, 422),
    ("/own/api-tokens", {"name": "CI", "days": "30"}, 422),
    ("/own/profile", {"name": "", "email": "nonsense"}, 422),
])
def test_a_proof_is_asked_for_after_every_other_refusal(scene, path, sent, status):
    known = {
        "missing": "00000000-0000-4000-8000-000000000000", "user": scene.user.login, "user_id": scene.user.id,
        "own_id": scene.company.id_of(scene.admin, scene.person.login), "origin": scene.console.origin,
        "role": scene.role,
    }
    scene.grow_old()
    reply = scene.admin.post(path.format(**known), {name: value.format(**known) for name, value in sent.items()})
    assert reply.status == status, reply


def test_a_role_keeps_people_out_before_any_proof(scene):
    portal = scene.company.portal(scene.user)
    portal.enrol(scene.user)
    scene.clock.jump(LIFETIME)
    for make, _, _ in GRANTS.values():
        path, sent = make(scene)
        if not path.startswith(("/own", "/accounts/details")):
            assert portal.post(path, sent).status in (403, 404), path


# The proof


def test_a_proof_renews_the_token_and_the_old_one_is_dead(scene):
    scene.grow_old()
    old = scene.admin.browser_cookie(SESSION)
    thief = scene.admin.carrying(**{SESSION: old})
    assert thief.inside()
    sent_to(answer(scene.admin, "/confirm?return_to=/setup/users", token=scene.person.device.fresh()), "/setup/users")
    assert scene.admin.browser_cookie(SESSION) != old and scene.admin.inside()
    shut_out(thief)
    sent_to(scene.admin.get("/confirm?return_to=/setup/users"), "/setup/users")


def test_a_recovery_code_proves_too_and_works_once(scene):
    scene.grow_old()
    code = scene.person.recovery[0]
    sent_to(answer(scene.admin, "/confirm?return_to=/own", token=code), "/own")
    scene.clock.jump(LIFETIME)
    refused(answer(scene.admin, "/confirm?return_to=/own", token=code), "token_refused")


def test_a_spent_token_proves_nothing(scene):
    scene.grow_old()
    code = scene.person.device.fresh()
    Portal(scene.company.server).sign_in(scene.person.login, scene.person.password)
    other = scene.company.portal()
    other.sign_in(scene.person.login, scene.person.password)
    assert other.token(code).status == 303
    refused(answer(scene.admin, "/confirm", token=code), "token_refused")


def test_the_fifth_wrong_proof_ends_the_session(scene):
    scene.grow_old()
    for number in range(4):
        refused(answer(scene.admin, "/confirm", token=scene.person.device.wrong(number)), "token_refused")
    for _ in range(3):
        refused(answer(scene.admin, "/confirm", token="no code"), "token_refused")
    sent_to(answer(scene.admin, "/confirm", token=scene.person.device.wrong(5)), "/sign-in")
    shut_out(scene.admin)
    assert "wrong proofs" in scene.log()


def test_somebody_without_a_factor_gives_the_password(scene):
    portal = scene.company.portal(scene.user)
    scene.clock.jump(LIFETIME)
    location = led(portal.post("/own/profile", name="", email="new@example.org"))
    page = opened(portal.get(location))
    assert asks(page) == "password" and "proof_required" in page.codes
    refused(answer(portal, location, password="not this one, surely"), "credentials_refused")
    refused(answer(portal, location, password="x" * 2_000), "credentials_refused")
    sent_to(answer(portal, location, password=scene.user.password), "/own")
    assert "new@example.org" in portal.get("/own").text


def test_ending_sessions_asks_for_the_password_alone(scene):
    there = scene.company.portal(scene.person)
    scene.grow_old()
    page = scene.admin.get("/own/sessions").text
    one = re.search(r"/own/sessions/[0-9a-f-]{36}/end", page)[0]
    for path in (one, "/own/sessions/end-others"):
        location = led(scene.admin.post(path))
        assert asks(opened(scene.admin.get(location))) == "password"
        refused(answer(scene.admin, location, password="not this one, surely"), "credentials_refused")
        assert there.get("/healthz").status == 200
        sent_to(answer(scene.admin, location, password=scene.person.password), "/own/sessions")
        scene.clock.jump(LIFETIME)
    shut_out(there)
    # The password is no proof for anything more.
    led(scene.admin.post("/own/profile", name="", email="thief@example.org"))


# What waits


def test_a_planted_post_gains_nothing_from_the_owners_next_proof(scene):
    scene.grow_old()
    thief = scene.admin.carrying(**{SESSION: scene.admin.browser_cookie(SESSION)})
    led(thief.post(f"/setup/users/{scene.user.id}/grant-admin"))
    # The owner proves themselves for something else, and for nothing.
    sent_to(confirm(scene.admin, scene.admin.post("/own/profile", name="", email="me@example.org"), scene.person), "/own")
    assert "an Account Admin" not in scene.log()
    scene.clock.jump(LIFETIME)
    sent_to(answer(scene.admin, "/confirm?return_to=/own", token=scene.person.device.fresh()), "/own")
    assert "an Account Admin" not in scene.log()


def test_a_waiting_post_is_its_sessions_alone_and_done_once(scene):
    other = scene.company.portal(scene.person)
    scene.grow_old()
    location = led(scene.admin.post(f"/setup/users/{scene.user.id}/grant-admin"))
    assert post_of(location)
    # Another session of the same person, and nobody's, see no such post, and prove nothing for it.
    sent_to(other.get(location), f"/setup/users/{scene.user.id}/grant-admin")
    sent_to(other.post("/confirm", post=post_of(location), token=scene.person.device.fresh()), "/")
    assert "an Account Admin" not in scene.log()
    first = answer(scene.admin, location, token=scene.person.device.fresh())
    sent_to(first, f"/setup/users/{scene.user.id}")
    again = scene.admin.post("/confirm", post=post_of(location))
    assert again.status == 303 and scene.log().count("an Account Admin") == 1


def test_a_post_waits_for_a_quarter_of_an_hour(scene):
    scene.grow_old()
    location = led(scene.admin.post(f"/setup/users/{scene.user.id}/grant-admin"))
    scene.clock.jump(LIFETIME)
    reply = scene.admin.get(location)
    sent_to(reply, f"/setup/users/{scene.user.id}/grant-admin")
    assert "does not wait any more" in opened(scene.admin.follow(reply)).text
    reply = scene.admin.post("/confirm", post=post_of(location), token=scene.person.device.fresh())
    assert reply.status == 303 and "an Account Admin" not in scene.log() and not reply.cookie(SESSION)


def test_the_right_password_for_a_post_that_is_gone_is_judged_as_nothing(scene):
    there = scene.company.portal(scene.person)
    scene.grow_old()
    location = led(scene.admin.post("/own/sessions/end-others"))
    sent = fields(opened(scene.admin.get(location)))
    scene.clock.jump(LIFETIME)
    sent_to(scene.admin.post("/confirm", {**sent, "password": scene.person.password}), "/own/sessions/end-others")
    assert there.inside() and "token was refused" not in scene.log()


def test_a_session_that_is_fresh_by_now_does_what_waited_by_one_press(scene):
    scene.grow_old()
    first, second = (led(scene.admin.post(f"/setup/users/{scene.user.id}/{verb}")) for verb in ("grant-admin", "revoke-admin"))
    assert answer(scene.admin, first, token=scene.person.device.fresh()).status == 303
    page = opened(scene.admin.get(second))
    assert asks(page) is None and "as Account Admin" in page.headings[0]
    assert scene.admin.post("/confirm", fields(page)).status == 303
    assert scene.log().count("took the Account Admin right") == 1


def test_what_waited_is_judged_again_when_it_is_done(scene):
    scene.grow_old()
    location = led(scene.admin.post(f"/setup/users/{scene.user.id}/grant-admin"))
    scene.company.act(scene.company.portal(scene.reader), "delete", scene.user)
    reply = answer(scene.admin, location, token=scene.person.device.fresh())
    assert reply.status == 404 and reply.cookie(SESSION)
    assert scene.admin.inside(), "the session goes on under its new token all the same"
    location = led_again(scene)
    scene.company.act(scene.company.portal(scene.reader), "revoke-admin", scene.person)
    reply = answer(scene.admin, location, token=scene.person.device.fresh())
    assert reply.status == 403, reply


def led_again(scene):
    scene.clock.jump(LIFETIME)
    scene.person.id = scene.company.id_of(scene.admin, scene.person.login)
    return led(scene.admin.post("/setup/roles", name="Strong", accounts="manage", agent="on"))


def test_forms_with_secrets_never_wait(scene):
    """A change that takes a password carries its own token; with a field of that name in it no other post is kept."""
    scene.grow_old()
    for secret in ("password", "current_password", "new_password", "token", "token1"):
        location = led(scene.admin.post("/own/profile", {"name": "", "email": "thief@example.org", secret: "hunter2 hunter2"}))
        assert post_of(location) is None, secret
    reply = scene.admin.post(
        "/own/password", current_password=scene.person.password, new_password="Quite-another-harbour-9",
        new_password_again="Quite-another-harbour-9",
    )
    refused(reply, "token_refused")


def test_a_form_that_is_too_long_does_not_wait(scene):
    scene.grow_old()
    assert scene.admin.post("/setup/roles", name="x", description="y" * 70_000).status == 413
    location = led(scene.admin.post("/own/profile", {"name": "", "email": "thief@example.org", "more": "z" * 60_000}))
    assert post_of(location)
    sent_to(answer(scene.admin, location, token=scene.person.device.fresh()), "/own")


def test_another_site_sends_no_proof(scene):
    scene.grow_old()
    location = led(scene.admin.post(f"/setup/users/{scene.user.id}/grant-admin"))
    page = scene.admin.get(location).page
    reply = scene.admin.post("/confirm", {**fields(page), "token": scene.person.device.fresh()}, headers={"Sec-Fetch-Site": "cross-site"})
    refused(reply, "cross_site", 403)


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "/confirm?return_to=/confirm", "/sign-in"])
def test_the_way_on_stays_here(scene, target):
    scene.grow_old()
    reply = answer(scene.admin, "/confirm?return_to=" + target, token=scene.person.device.fresh())
    sent_to(reply, "/")


def test_enrolment_is_a_proof_and_an_old_session_has_none(scene):
    portal = scene.company.portal(scene.user)
    portal.enrol(scene.user)
    assert portal.post("/own/profile", name="", email="a@example.org").path == "/own"
    scene.clock.jump(LIFETIME - 1)
    assert portal.post("/own/profile", name="", email="b@example.org").path == "/own"
    scene.clock.jump(1)
    led(portal.post("/own/profile", name="", email="c@example.org"))


def test_nothing_of_what_waits_is_readable_in_the_files(scene):
    scene.grow_old()
    led(scene.admin.post("/own/profile", name="", email="waiting-secret@example.org"))
    if scene.company.server.engine == "sqlite":
        for path in scene.company.server.folder.rglob("*.sqlite*"):
            assert b"waiting-secret" not in path.read_bytes(), path
