"""What was granted before a fresh proof was asked for: `doctor` lists it once, by the first run after the upgrade."""

import pytest

from applications import Scene
from people import fresh_word


@pytest.fixture
def scene(server):
    scene = Scene(server, f"https://{fresh_word('old')}.example.com")
    edit = {"name": "Graphs", "origin": scene.console.origin, "assurance": "two-factor", "header_user": "X-Who"}
    assert scene.admin.post(f"/applications/{scene.console.id}", edit).status == 303
    scene.console.rule(scene.admin, "/open", "prefix", "allow")
    assert scene.portal.post("/own/api-tokens", name="Nightly", application=scene.console.id, days="7").status == 200
    scene.manager = scene.company.user(role=scene.company.role(applications="manage"))
    return scene


def told(server, scene):
    done = server.command("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in (done.stdout + done.stderr).splitlines() if scene.company.name in line]


def as_an_older_program_left_it(server, scene):
    for table in ("application", "api_token"):
        server.alter(f"UPDATE {table} SET reviewed = 0 WHERE account_id = '{scene.company.id}'")


@pytest.mark.parametrize("kind", ["application_created", "application_changed", "application_rule_added"])
def test_doctor_lists_what_managers_made_or_changed_and_old_tokens_once(server, scene, kind):
    assert not [line for line in told(server, scene) if scene.console.origin in line or "Nightly" in line], "made under the new rules"
    if kind == "application_created":
        server.alter(
            f"UPDATE activity SET kind = '{kind}' WHERE account_id = '{scene.company.id}' AND kind = 'application_changed'"
        )
    server.alter(
        f"UPDATE activity SET actor_id = '{scene.manager.id}', actor_login = '{scene.manager.login}' "
        f"WHERE account_id = '{scene.company.id}' AND kind = '{kind}'"
    )
    as_an_older_program_left_it(server, scene)
    lines = told(server, scene)
    door = next(line for line in lines if scene.console.origin in line)
    for word in (scene.manager.login, "two-factor", "allow", "/open", "X-Who"):
        assert word in door, (word, door)
    token = next(line for line in lines if "Nightly" in line)
    assert scene.user.login in token
    assert not [line for line in told(server, scene) if scene.console.origin in line or "Nightly" in line], "told once"


def test_what_account_admins_made_is_no_door_to_look_at(server, scene):
    as_an_older_program_left_it(server, scene)
    lines = told(server, scene)
    assert [line for line in lines if "Nightly" in line] and not [line for line in lines if scene.console.origin in line]
