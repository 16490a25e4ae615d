"""The command line: its commands, what they refuse, and how they end."""

import json
import os
import sqlite3
import stat

import pytest

from clock import preloadable
from expect import shut_out
from people import Company, fresh_word
from portal import Portal
from server import UUID, Server

GOOD = "Slate-harbour-Lark-77"


@pytest.fixture
def unstarted(tmp_path):
    """A folder with nothing in it and no server running."""
    return Server(tmp_path / "fresh")


def create(server, *more, name=None, login=None, given=GOOD):
    return server.command("account", "create", "--name", fresh_word("Firm ") if name is None else name, "--admin", login or fresh_word("head"),
                          *more, "--password-stdin", given=given)


def failed(done, status=1):
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    assert done.stderr.strip() and not done.stdout.strip()
    if status == 1:
        assert len(done.stderr.strip().splitlines()) == 1, "one plain sentence: " + done.stderr
    return done.stderr


def rows(document):
    return document if isinstance(document, list) else next(v for v in document.values() if isinstance(v, list))


@pytest.mark.embedded
def test_S01_account_create_makes_database_key_file_and_admin(unstarted):
    done = create(unstarted, "--admin-name", "Ana Díaz", "--email", "ana@example.org", name="Acme", login="ana")
    assert done.returncode == 0, done.stderr
    ident = UUID.fullmatch(done.stdout.strip())
    assert ident, done.stdout
    assert GOOD not in done.stdout + done.stderr
    key = unstarted.folder / "keys.json"
    assert stat.S_IMODE(os.stat(key).st_mode) == 0o600
    accounts = rows(unstarted.ask("account", "list"))
    assert [(a["id"], a["name"]) for a in accounts] == [(ident.group(0), "Acme")]
    unstarted.start()
    portal = Portal(unstarted)
    assert portal.sign_in("ana", GOOD).status == 303 and portal.inside()
    assert unstarted.stop() == 0


@pytest.mark.parametrize(("arguments", "status"), [(["account", "list"], 0), (["--help"], 0), (["user", "disable", "nobody"], 1), (["unheard"], 64)])
def test_the_end_of_a_command_does_not_hang_on_the_libraries_clean_up(server, arguments, status):
    """OpenSSL's once ran beside a thread that closed its connection to PostgreSQL: all was done, and the status said it was not."""
    preloaded = f"{server.environment['LD_PRELOAD']} {preloadable('clean_up.c')}"
    done = server.command(*arguments, environment={"LD_PRELOAD": preloaded})
    assert done.returncode == status, (done.stdout, done.stderr)
    assert done.stdout.strip() if status == 0 else done.stderr.strip()


def test_the_end_of_a_server_does_not_hang_on_the_libraries_clean_up(tmp_path):
    server = Server(tmp_path / "server")
    server.environment["LD_PRELOAD"] += f" {preloadable('clean_up.c')}"
    assert server.start().stop() == 0, server.log


def test_S01_json_goes_to_standard_output_alone(unstarted):
    done = create(unstarted, "--json")
    assert done.returncode == 0
    assert UUID.search(json.dumps(json.loads(done.stdout)))


def test_S01_a_final_newline_of_the_password_is_dropped(server):
    login = fresh_word("newline")
    assert create(server, login=login, given=GOOD + "\n").returncode == 0
    assert Portal(server).sign_in(login, GOOD).status == 303
    login = fresh_word("newline")
    assert create(server, login=login, given=GOOD + "\n\n").returncode in (0, 1)


def test_S01_what_is_refused(server, company):
    login = company.admin.login
    failed(create(server, login=login))
    failed(create(server, given="short"))
    failed(create(server, given=""))
    failed(create(server, name=""))
    failed(server.command("user", "create", "--account", "no such account", "--login", "x", "--password-stdin", given=GOOD))
    failed(server.command("user", "create", "--account", company.id, "--login", fresh_word("x"), "--role", "No Such Role", "--password-stdin", given=GOOD))
    failed(server.command("user", "create", "--account", company.id, "--login", login.upper(), "--password-stdin", given=GOOD))
    for verb in ("disable", "delete", "reset-two-factor", "grant-admin"):
        assert "nobody-here" in failed(server.command("user", verb, "nobody-here"))


@pytest.mark.parametrize("arguments", [
    ["nonsense"], ["account"], ["account", "create"], ["account", "create", "--name", "A", "--admin", "b", "--password", GOOD],
    ["user", "set-password"], ["account", "require-two-factor", "A", "maybe"], ["serve", "--no-such-option"],
    ["doctor", "--database", "postgres://user:secret@127.0.0.1/db"], ["user", "list"],
])
def test_S01_wrong_usage_is_64(server, arguments):
    done = server.command(*arguments, given="")
    assert done.returncode == 64, (done.returncode, done.stderr)
    assert "secret" not in done.stdout + done.stderr
    assert GOOD not in done.stdout + done.stderr or GOOD in arguments


def test_S01_user_create_list_and_names(server, company):
    login, role = fresh_word("lister"), company.role(accounts="view")
    done = server.command("user", "create", "--account", company.name, "--login", login, "--name", "Bo Lindqvist",
                          "--email", "bo@example.org", "--role", role, "--password-stdin", given=GOOD)
    assert done.returncode == 0 and UUID.fullmatch(done.stdout.strip()), (done.stdout, done.stderr)
    row = next(u for u in rows(server.ask("user", "list", "--account", company.name)) if u["login"] == login)
    assert row["id"] == done.stdout.strip() and "Bo Lindqvist" in row.values()
    assert not any(word in json.dumps(row).lower() for word in ("argon2", "hash", "secret"))
    text = server.do("user", "list", "--account", company.id)
    assert login in text and company.admin.login in text


def test_S12_disable_and_enable(server, company):
    user = company.user()
    portal = company.portal(user)
    server.do("user", "disable", user.login)
    shut_out(portal)
    assert Portal(server).sign_in(user.login, user.password).status == 422
    server.do("user", "enable", user.login)
    company.portal(user)


def test_S11_set_password_ends_sessions_and_must_change_is_asked(server, company):
    user = company.user()
    portal = company.portal(user)
    server.do("user", "set-password", user.login, "--must-change", "--password-stdin", given="Grey-lantern-42-Otter")
    shut_out(portal)
    assert Portal(server).sign_in(user.login, user.password).status == 422
    assert Portal(server).sign_in(user.login, "Grey-lantern-42-Otter").path == "/sign-in/password"


def test_S11_reset_two_factor_from_the_server(server, open_company):
    portal = open_company.portal(open_company.admin)
    server.do("user", "reset-two-factor", open_company.admin.login)
    shut_out(portal)
    open_company.admin.device = None
    portal = open_company.portal(open_company.admin)
    assert "reset" in portal.get("/setup/activity-log.csv").text.lower()


def test_S29_grant_and_revoke_admin(server, company):
    user = company.user(role=company.role())
    portal = company.portal(user)
    assert portal.get("/setup/users").status == 403
    server.do("user", "grant-admin", user.login)
    portal = company.portal(user)
    assert portal.get("/setup/users").status == 200
    server.do("user", "revoke-admin", user.login)
    assert company.portal(user).get("/setup/users").status == 403


def test_S09_require_from_the_server(server, company):
    assert "admin" in failed(server.command("account", "require-two-factor", company.id, "on")).lower()
    portal = company.enrolled_admin()
    server.do("account", "require-two-factor", company.name, "on")
    assert portal.requirement() == "ON"
    server.do("account", "require-two-factor", company.id, "off")
    assert portal.requirement() == "OFF"


def test_S11_the_server_may_take_the_last_admin_and_warns(server, company):
    done = server.command("user", "disable", company.admin.login)
    assert done.returncode == 0 and "admin" in done.stderr.lower(), (done.returncode, done.stderr)
    server.do("user", "enable", company.admin.login)
    company.portal(company.admin)


def test_S01_doctor_warns_without_failing(server):
    Company(server)
    done = server.command("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    said = (done.stdout + done.stderr).lower()
    for word in ("https", "admin", "key"):
        assert word in said, word


@pytest.mark.embedded
def test_S01_doctor_fails_on_what_is_broken(tmp_path):
    server = Server(tmp_path / "broken")
    assert create(server).returncode == 0
    os.chmod(server.folder / "keys.json", 0o644)
    done = server.command("doctor")
    assert done.returncode == 1 and "keys.json" in done.stdout + done.stderr
    assert server.command("serve").returncode == 1, "a key file that others can read is refused"
    os.chmod(server.folder / "keys.json", 0o600)
    assert server.command("doctor").returncode == 0
    server.database.write_bytes(b"this is not a database" * 200)
    assert server.command("doctor").returncode == 1
    assert server.command("account", "list").returncode == 1


def test_S01_another_key_ring_is_refused(tmp_path):
    one, two = Server(tmp_path / "one"), Server(tmp_path / "two")
    for server in (one, two):
        assert create(server).returncode == 0
    (one.folder / "keys.json").write_bytes((two.folder / "keys.json").read_bytes())
    assert one.command("serve").returncode == 1
    assert one.command("doctor").returncode == 1


@pytest.mark.embedded
def test_S11_backup_is_consistent_while_serving_and_opens_elsewhere(server, tmp_path):
    company = Company(server)
    company.enrolled_admin()
    target = tmp_path / "backup.file"
    done = server.command("backup", str(target))
    assert done.returncode == 0, done.stderr
    assert "key" in (done.stdout + done.stderr).lower(), "it says whether it holds the key ring"
    assert stat.S_IMODE(os.stat(target).st_mode) & 0o077 == 0
    assert company.admin.device.secret.encode() not in target.read_bytes()
    failed(server.command("backup", str(tmp_path / "no" / "such" / "folder" / "file")))
    other = Server(tmp_path / "restored", clock=server.clock)
    (other.folder / "keys.json").write_bytes((server.folder / "keys.json").read_bytes())
    os.chmod(other.folder / "keys.json", 0o600)
    other.database.write_bytes(target.read_bytes())
    os.chmod(other.database, 0o600)
    other.start()
    again = Portal(other)
    again.sign_in(company.admin.login, company.admin.password)
    assert again.token(company.admin.device.shown()).status == 422, "codes spent before the backup stay spent"
    server.clock.next_step()
    Portal(other).enter(company.admin)
    assert other.stop() == 0


@pytest.mark.embedded
def test_S01_configuration_file_and_its_order(tmp_path):
    server = Server(tmp_path / "configured")
    other = server.folder / "other.sqlite"
    config = server.folder / "countersign.yaml"
    config.write_text("no_such_key: 1\n")
    assert server.command("account", "list", "--config", str(config)).returncode != 0, "unknown keys are an error"
    assert create(server, "--database", f"sqlite:{other}").returncode == 0
    assert other.exists() and not server.database.exists(), "an option is stronger than the environment"
    with sqlite3.connect(other) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


def test_S01_serve_answers_health_and_stops_on_SIGTERM(tmp_path):
    server = Server(tmp_path / "life").start()
    portal = Portal(server)
    assert portal.get("/healthz").status == 200 and portal.get("/readyz").status == 200
    assert portal.get("/metrics").status in (303, 404), "metrics are on their own listener only"
    assert server.stop() == 0


def test_S14_the_first_run_address_works_once(tmp_path):
    server = Server(tmp_path / "first").start()
    address = server.first_run_address()
    assert address.startswith(server.public_url)
    path = address[len(server.public_url):]
    stranger = Portal(server)
    fields = {"account_name": "Acme", "name": "Ana", "login": "ana", "password": GOOD, "password_again": GOOD}
    assert stranger.post("/welcome", token="wrong", **fields).status in (403, 404, 410, 422)
    assert stranger.get("/welcome").status in (303, 403, 404, 410, 422)
    assert stranger.get(path).status == stranger.get(path).status == 200
    token = path.split("token=")[1]
    assert stranger.post("/welcome", {**fields, "password_again": "x" + GOOD}, token=token).status == 422
    assert stranger.post("/welcome", {**fields, "password": "short", "password_again": "short"}, token=token).status == 422
    server.kill()
    server.restart()
    path = server.first_run_address()[len(server.public_url):] if stranger.get(path).status != 200 else path
    reply = stranger.post("/welcome", fields, token=path.split("token=")[1])
    assert reply.status == 303 and reply.path == "/accounts/details", reply
    assert stranger.inside()
    assert stranger.get(path).status == 410
    assert Portal(server).post("/welcome", fields, token=path.split("token=")[1]).status == 410
    assert server.stop() == 0


def test_S14_an_account_by_command_closes_the_first_run(tmp_path):
    server = Server(tmp_path / "closed").start()
    address = server.first_run_address()
    assert create(server).returncode == 0
    assert Portal(server).get(address[len(server.public_url):]).status == 410
    server.stop()
    before = len(server.lines)
    server.restart()
    assert not any("/welcome?token=" in line for line in server.lines[before:])
    assert server.stop() == 0
