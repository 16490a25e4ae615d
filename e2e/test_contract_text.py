"""Whatever text comes from outside, looking at it takes a time that grows with its length alone."""

import json
import pathlib
import resource

import pytest

from agent import Agent
from people import Company
from portal import Portal

pytestmark = pytest.mark.one_engine
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NIL = "00000000-0000-4000-8000-000000000000"

# So many bytes of each. Marks in a row take a time with the square of their number to normalise, compare and hash; flags to walk
# over backwards; letters with thirty marks each are as bad as what is let in.
TEXTS = {
    "marks": lambda size: "a" + "\u0301\u0316" * (size // 4), "flags": lambda size: "\U0001f1e6" * (size // 4),
    "letters": lambda size: ("a" + "\u0301\u0316" * 15) * (size // 61), "joined": lambda size: "\U0001f468\u200d" * (size // 7),
    "blanks": lambda size: "\u2003" * (size // 3), "percent": lambda size: "%25" * (size // 3),
}

SETTINGS = [f"COUNTERSIGN_{name}" for name in ("DATABASE", "KEY_FILE", "LISTEN", "PUBLIC_URL", "TRUSTED_PROXIES", "METRICS_LISTEN", "LOG_LEVEL", "LOG_FORMAT")]

FORMS = {
    "/sign-in": ["login", "password", "return_to"],
    "/sign-in/token": ["token", "recovery_code"],
    "/accounts/details/profile": ["name", "email"],
    "/accounts/details/account": ["name", "email", "time_zone"],
    "/accounts/details/password": ["password", "new_password", "new_password_again", "token"],
    "/accounts/details/two-factor": ["token1", "token2", "name"],
    "/accounts/settings/sessions": ["idle_minutes", "lifetime_hours"],
    "/setup/users": ["login", "name", "email", "role"],
    f"/setup/users/{NIL}/roles": ["role"],
    "/setup/roles": ["name", "description", "accounts"],
    "/applications": ["name", "origin", "role", "header_user", "header_groups", "session_hours"],
    "/own/api-tokens": ["name", "application", "days"],
    "/confirm": ["password", "token", "waiting"],
    "/applications/why": ["operation"],
}


@pytest.fixture(scope="module")
def scene(server):
    company = Company(server)
    portal = company.enrolled_admin()
    role = portal.post("/applications", {"name": "Wiki", "origin": "https://wiki.example.com", "assurance": "two-factor"})
    assert role.status == 303, role
    portal.company, portal.application = company, role.location
    return portal


def spent(server):
    """Nanoseconds of the processor that the server has had."""
    return sum(int(task.joinpath("schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{server._process.pid}/task").iterdir())


def cost(server, ask):
    before = spent(server)
    reply = ask()
    assert reply.status < 500, reply
    return (spent(server) - before) / 1e6


def check(server, size, ask):
    """`ask` sends a text; each kind may cost a few times what letters of the same length do."""
    ask("warm up")
    plain = min(cost(server, lambda: ask("a" * size)) for _ in range(2))
    for kind, make in TEXTS.items():
        # A second time where it was much, as the machine may have been busy for the server's own chores.
        taken = min(cost(server, lambda: ask(make(size))) for _ in range(1 if kind == "plain" else 2))
        assert taken < 4 * plain + 60, f"{kind}: {taken:.0f} ms of the processor, letters {plain:.0f} ms"


def encoded(text):
    return text.replace("%", "%25").encode()


@pytest.mark.parametrize("path", FORMS)
def test_a_form(server, scene, path):
    for name in FORMS[path]:
        for client in (Portal(server), scene):
            check(server, 60_000, lambda text: client.request("POST", path, data=name.encode() + b"=" + encoded(text), headers=FORM))
    check(server, 60_000, lambda text: scene.request("POST", path, data=encoded(text) + b"=x", headers=FORM))
    assert scene.inside()


def test_a_rule_of_an_application(server, scene):
    for name in ("path", "match", "action"):
        body = {"path": "/public", "match": "prefix", "action": "deny"}
        check(server, 60_000, lambda text: scene.request("POST", scene.application + "/rules", headers=FORM, data=b"&".join(
            key.encode() + b"=" + (encoded(text) if key == name else value.encode()) for key, value in body.items())))


@pytest.mark.parametrize("place", ["login", "password", "unknown", "name"])
@pytest.mark.parametrize("escaped", [False, True])
def test_json_of_an_agent(server, place, escaped):
    def ask(text):
        body = {"login": "nobody", "password": "some-password-x"} | ({text: 1} if place == "name" else {place: text})
        raw = json.dumps(body, ensure_ascii=escaped).encode()
        return Portal(server).request("POST", "/agent/v1/sign-in", data=raw, headers={"Content-Type": "application/json"})

    check(server, 150_000 if escaped else 900_000, ask)


def test_json_that_nests_or_repeats(server):
    for raw in (b"[" * 500_000, b'{"a":' * 200_000, b'{"login":"x","password":"y",' + b",".join(b'"k%d":1' % n for n in range(60_000)) + b"}",
                b'{"login":"x","password":"y","n":' + b"9" * 900_000 + b"}", b'{"login":"x","login":' * 40_000):
        taken = cost(server, lambda: Portal(server).request("POST", "/agent/v1/sign-in", data=raw, headers={"Content-Type": "application/json"}))
        assert taken < 3_000, (raw[:40], taken)


HEADERS = ["Cookie", "User-Agent", "X-Forwarded-For", "Origin", "Sec-Fetch-Site", "Accept", "Authorization", "Content-Type", "X-Original-URL",
           "X-Forwarded-Host", "X-Forwarded-Uri", "Countersign-Origin", "X-Anything"]


@pytest.mark.parametrize("name", HEADERS)
def test_a_header(server, scene, name):
    for path in ("/sign-in", "/forward-auth", "/agent/v1/me", "/_countersign/start"):
        for before in ("", "countersign_session=", "Bearer ", "https://"):
            check(server, 15_000, lambda text: Portal(server).request("GET", path, headers={name: (before + text).encode()}))


@pytest.mark.parametrize("path", ["/setup/users?q=", "/setup/activity-log?q=", "/setup/activity-log?from=", "/setup/activity-log?user=", "/setup/users?page=",
                                  "/sign-in?return_to=", "/welcome?token=", "/invitation/", "/setup/users/", "/applications/", "/applications/why?operation=", "/static/",
                                  "/_countersign/start?to=", "/applications/hand-over?"])
def test_an_address(server, scene, path):
    for client in (Portal(server), scene):
        check(server, 8_000, lambda text: client.request("GET", path + "".join(f"%{byte:02x}" for byte in text.encode())))


def test_the_command_line(server):
    marks = TEXTS["marks"](100_000)
    for arguments, given in [
        (("user", "create", "--account", marks, "--login", "x"), None), (("account", "create", "--name", marks, "--admin", "x", "--password-stdin"), "Slate-harbour-Lark-77"),
        (("account", "create", "--name", "Other", "--admin", "x", "--password-stdin"), marks), (("doctor", "--config", "/dev/zero"), None),
        (("account", "grant-host", "x", marks), None),
    ]:
        done = server.command(*arguments, given=given)
        assert done.returncode in (1, 64) and done.stderr.strip() and len(done.stderr) < 2_000, (arguments[:3], done.stderr[:300])
        if marks in arguments:
            assert "more marks on one letter" in done.stderr, done.stderr[:300]


def test_a_setting(server, tmp_path):
    marks = TEXTS["marks"](60_000)
    file = tmp_path / "settings.yaml"
    file.write_text(f'listen: "{marks}"\n')
    plain = tmp_path / "plain.yaml"
    plain.write_text(f'listen: "{"a" * 60_000}"\n')

    def seconds(*arguments, **environment):
        begun = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = server.command(*arguments, environment=environment)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime, done

    letters, _ = seconds("serve", "--config", plain)
    taken, done = seconds("serve", "--config", file)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and len(done.stderr) < 1_000, done.stderr[:300]
    assert taken < 4 * letters + 0.3
    keys = tmp_path / "keys.yaml"
    keys.write_text("".join(f"{'k' * 2_000}{number}: 1\n" for number in range(400)))
    _, done = seconds("serve", "--config", keys)
    assert done.returncode == 1 and len(done.stderr) < 2_000, done.stderr[:300]
    for name in SETTINGS:
        for text, said in ((marks[:4_000], "more marks on one letter"), (marks, "longer than"), ("a" * 60_000, "longer than")):
            taken, done = seconds("serve", **{name: text})
            assert done.returncode == 1 and said in done.stderr and len(done.stderr) < 300, (name, done.stderr[:300])
            assert taken < 4 * letters + 0.3, (name, taken, letters)
