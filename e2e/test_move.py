"""countersign move: from the embedded database to PostgreSQL."""

import json

import pytest

import postgres
from people import Company
from portal import SESSION, Portal
from server import Server

pytestmark = pytest.mark.nodes


def test_everything_moves_and_people_go_on(tmp_path):
    shared = postgres.shared()
    old = Server(tmp_path / "old", engine="sqlite", clock=shared.clock).start()
    company = Company(old)
    portal = company.enrolled_admin()
    person, session = company.admin, portal.browser_cookie(SESSION)
    code = person.device.shown()
    assert old.stop() == 0
    before = old.dump()[1]

    target = shared.new_database()
    key = str(old.folder / "keys.json")
    move = ["move", "--from", f"sqlite:{old.database}", "--key-file", key]
    assert old.command(*move, "--to", target).returncode == 64, "an address with a password is no argument"
    done = old.command(*move, "--json", environment={"COUNTERSIGN_DATABASE": target})
    assert done.returncode == 0, done.stderr
    rows = {table["table"]: table["rows"] for table in json.loads(done.stdout)["tables"]}
    assert rows["person"] == 1 and rows["authenticator"] == 1 and rows["activity"] > 1
    assert old.dump()[1] == before, "the source is left alone"
    again = old.command(*move, environment={"COUNTERSIGN_DATABASE": target})
    assert again.returncode == 1 and "empty" in again.stderr, again.stderr

    new = Server(tmp_path / "new", engine="postgres", COUNTERSIGN_DATABASE=target, COUNTERSIGN_KEY_FILE=key).start()
    assert Portal(new).carrying(**{SESSION: session}).inside(), "who was in stays in"
    late = Portal(new)
    late.sign_in(person.login, person.password)
    assert late.token(code).status == 422, "a spent code stays spent"
    Portal(new).enter(person)
    assert new.stop() == 0
