"""Rules for paths, API tokens, and the pages around applications."""

import base64
import sqlite3
import time

import pytest

from applications import IDENTITY, Console, Scene, cookie_of
from portal import Portal

ORIGIN = "https://grafana.example.com"


@pytest.fixture(scope="module")
def scene(server):
    return Scene(server)


@pytest.fixture
def ask(scene):
    return lambda *args, **rest: scene.console.ask(scene.portal, *args, **rest)


# Rules for paths


@pytest.fixture(scope="module")
def ruled(scene):
    console = Console(scene.company, "https://ruled.example.com", name="Ruled")
    for path, match, action in (("/public", "prefix", "allow"), ("/public/private", "prefix", "deny"), ("/admin", "prefix", "deny"),
                                ("/api", "prefix", "api-token"), ("/health", "exact", "allow")):
        console.rule(scene.admin, path, match, action)
    console.cookie = console.enter(scene.portal)
    return console


def test_rules_hold(scene, ruled):
    for path, nobody, signed_in in (("/", 401, 200), ("/public/a.css", 200, 200), ("/publicity", 401, 200), ("/public/private/x", 403, 403),
                                    ("/admin/users", 403, 403), ("/health", 200, 200), ("/health/x", 401, 200), ("/api/v1", 401, 200)):
        assert ruled.ask(scene.portal, path).status == nobody, path
        assert ruled.ask(scene.portal, path, ruled.cookie).status == signed_in, path
    reply = ruled.ask(scene.portal, "/public/x", Remote_User="boss")
    assert [reply.headers.get(name) for name in IDENTITY] == ["", "", "", ""]


TRICKS = """
/public/../admin /public/%2e%2e/admin /public/.%2E/admin /public/..%2fadmin /public/..%5cadmin /public\\..\\admin //admin /admin//
/ADMIN /Admin/users /%61dmin /%2561dmin /%252e%252e/admin /public/..;/admin /admin;.css /admin;x=/public /admin%00 /admin%0a
/public%2f..%2fadmin /./admin /public/./../admin /public/%c0%ae%c0%ae/admin /public/..%c0%af/admin /admin%20 /admin. /public/%ef%bc%8e%ef%bc%8e/admin
/admin?/public/ /admin?x=/../public /public/private /PUBLIC/PRIVATE /public/%70rivate /x/../admin /../admin
""".split()


@pytest.mark.parametrize("dialect", ["nginx", "forwarded"])
def test_no_spelling_gets_past_a_rule(scene, ruled, dialect):
    through = []
    for path in TRICKS:
        for cookie in (None, ruled.cookie):
            reply = ruled.ask(scene.portal, path, cookie, dialect=dialect)
            if reply.status != 403:
                through.append((path, bool(cookie), reply.status))
    assert not through, through


def test_what_cannot_be_read_in_one_way_is_refused_without_rules_too_unless_the_application_takes_it(scene, ask):
    assert ask("/api/queues/%2f/jobs", scene.cookie).status == 403
    console = Console(scene.company, "https://rabbit.example.com", name="Rabbit")
    cookie = console.enter(scene.portal)
    saved = scene.admin.post(f"/applications/{console.id}", name="Rabbit", origin=console.origin, encoded_paths="on")
    assert saved.status == 303
    assert console.ask(scene.portal, "/api/queues/%2f/jobs", cookie).status == 200
    assert scene.admin.post(f"/applications/{console.id}/rules", {"path": "/x", "match": "prefix", "action": "allow"}).status == 422


# API tokens


def make_token(scene, console, portal=None, **more):
    fields = {"name": "Backup", "application": console.id, "days": "30", **more}
    reply = (portal or scene.portal).post("/own/api-tokens", **fields)
    if reply.status != 200:
        return None, reply
    return next(e.text for e in reply.page.all("code") if e["id"] == "api-token"), reply


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_an_api_token_opens_the_paths_that_take_tokens(scene, ruled):
    token, shown = make_token(scene, ruled)
    assert token.startswith("csap_")
    assert token not in scene.portal.get("/own/api-tokens").text, "shown once"
    for header in (f"Bearer {token}", basic(scene.user.login, token), basic("x", token)):
        reply = ruled.ask(scene.portal, "/api/v1", Authorization=header)
        assert reply.status == 200 and reply.headers["Remote-User"] == scene.user.login
        assert ruled.ask(scene.portal, "/", Authorization=header).status == 401, "elsewhere it counts for nothing"
        assert scene.console.ask(scene.portal, "/api", Authorization=header).status == 401
    agent = scene.company.agent(scene.user).bearer
    for header in (f"Bearer {agent}", basic(scene.user.login, scene.user.password), f"Bearer {token[:-1]}", f"Bearer {token}x",
                   "Bearer csap_" + "A" * 43, f"Bearer {ruled.cookie}", "Basic !!!", "Bearer"):
        assert ruled.ask(scene.portal, "/api/v1", Authorization=header).status == 401, header
    href = next(h for h, _ in scene.portal.get("/own/api-tokens").page.links() if h.endswith("/revoke"))
    assert scene.portal.post(href).status == 303
    assert ruled.ask(scene.portal, "/api/v1", Authorization=f"Bearer {token}").status == 401


def test_a_token_is_made_after_two_factor_and_for_open_applications_only(scene, ruled):
    weak = scene.company.user(role=scene.role)
    token, reply = make_token(scene, ruled, scene.company.portal(weak))
    assert token is None and reply.status == 403 and "two_factor_required" in reply.codes
    closed = Console(scene.company, "https://closed.example.com", "--role", scene.company.role(devices="view"), name="Closed")
    token, reply = make_token(scene, closed)
    assert token is None and reply.status == 422
    assert make_token(scene, ruled, days="0")[1].status == 422 and make_token(scene, ruled, name="")[1].status == 422


@pytest.mark.parametrize("end", ["disable", "reset-two-factor", "reset-password"])
def test_tokens_go_with_what_made_them_good(scene, ruled, end):
    user = scene.company.user(role=scene.role)
    portal = scene.company.portal(user)
    portal.enrol(user)
    token, _ = make_token(scene, ruled, portal)
    assert ruled.ask(portal, "/api", Authorization=f"Bearer {token}").status == 200
    scene.company.act(scene.admin, end, user)
    assert ruled.ask(portal, "/api", Authorization=f"Bearer {token}").status == 401
    if end == "disable":
        scene.company.act(scene.admin, "enable", user)
        assert ruled.ask(portal, "/api", Authorization=f"Bearer {token}").status == 401


# Pages


def test_every_refusal_can_be_looked_up(scene, ruled):
    reply = ruled.ask(scene.portal, "/admin/x?secret=1", ruled.cookie)
    operation = reply.headers["Countersign-Operation"]
    mine = scene.portal.get(f"/applications/why?operation={operation}")
    assert mine.status == 200 and "closes this path" in mine.page.text and "/admin/x" in mine.page.text and "secret" not in mine.text
    admin = scene.admin.get(f"/applications/why?operation={operation}").page.text
    assert "Address seen" in admin and "Address seen" not in mine.page.text
    late = ruled.ask(scene.portal, "/", "csas_" + "A" * 43).headers["Countersign-Operation"]
    assert "Log in" in scene.admin.get(f"/applications/why?operation={late}").page.text
    from people import Company
    stranger = Company(scene.company.server).enrolled_admin()
    assert stranger.get(f"/applications/why?operation={operation}").status == 404
    assert scene.portal.get("/applications/why?operation=zz").status == 404


def test_an_operation_id_is_a_key_that_nobody_counts_to(scene, ruled):
    """128 random bits behind the node's name; what stood at other people's paths is seen with the id alone, and by whom it may."""
    made = [ruled.ask(scene.portal, f"/x{n}").headers["Countersign-Operation"] for n in range(20)]
    node, bits = zip(*(operation.rsplit("-", 1) for operation in made))
    assert len(set(node)) == 1 and len(set(bits)) == 20 and all(len(text) == 26 for text in bits)
    assert len({text[:8] for text in bits}) == 20, "they do not count up"
    for other in (bits[0][:-1] + ("0" if bits[0][-1] != "0" else "1"), "0" * 26):
        assert scene.portal.get(f"/applications/why?operation={node[0]}-{other}").status == 404


def test_why_names_nobody_of_another_account(scene, ruled):
    from people import Company
    other = Company(scene.company.server)
    boss = other.enrolled_admin()
    scene.company.server.do("account", "grant-host", other.id, f"{other.admin.login}.example.com")
    theirs = Console(other, f"https://{other.admin.login}.example.com", name="Theirs")
    theirs.rule(boss, "/api", "prefix", "api-token")
    token, _ = make_token(scene, ruled, scene.company.portal(scene.user))
    reply = theirs.ask(scene.portal, "/api", Authorization=f"Bearer {token}")
    assert reply.status == 403
    page = boss.get(f"/applications/why?operation={reply.headers['Countersign-Operation']}")
    assert page.status == 200 and "Somebody of another account" in page.text and scene.user.login not in page.text
    assert "Backup" not in page.text


def test_why_shows_a_stranger_the_reason_a_person_their_own_path_and_an_admin_the_accounts(scene, ruled):
    own = ruled.ask(scene.portal, "/admin/own?x=1", ruled.cookie).headers["Countersign-Operation"]
    nobodys = ruled.ask(scene.portal, "/secret-path").headers["Countersign-Operation"]
    colleague = scene.company.portal(scene.company.user(role=scene.role))

    def why(portal, operation):
        reply = portal.get(f"/applications/why?operation={operation}")
        return reply.status, "/admin/own" in reply.text or "/secret-path" in reply.text

    assert why(scene.portal, own) == (200, True) and why(scene.admin, own) == (200, True)
    assert why(colleague, own) == (404, False)
    assert why(scene.admin, nobodys) == (200, True)
    for portal in (scene.portal, colleague):
        assert why(portal, nobodys) == (200, False)
    for operation in (own, nobodys):
        page = scene.console.at_host(scene.portal, "GET", f"/_countersign/refused?operation={operation}")
        at_ruled = ruled.at_host(scene.portal, "GET", f"/_countersign/refused?operation={operation}")
        for reply in (page, at_ruled):
            assert "/admin/own" not in reply.text and "/secret-path" not in reply.text and "/admin" not in reply.text
        assert at_ruled.page.first(data_operation_id=operation), "the reason, on its own host"
        assert not page.page.first(data_operation_id=operation), "and on no other"


def test_the_launcher_shows_what_is_open_to_somebody(scene):
    hidden = Console(scene.company, "https://hidden.example.com", "--role", scene.company.role(devices="manage"), name="Hidden")
    page = scene.portal.get("/launch").page
    assert "Grafana" in page.text and "Hidden" not in page.text
    assert "Hidden" in scene.admin.get("/launch").page.text
    assert hidden.id not in scene.portal.get("/launch").text


def test_the_tab_opens_by_role_and_changes_are_logged(scene):
    company = scene.company
    viewer = company.portal(company.user(role=company.role(applications="view")))
    manager = company.portal(company.user(role=company.role(applications="manage")))
    path = f"/applications/{scene.console.id}"
    assert scene.portal.get("/applications").status == 403 and scene.portal.post("/applications", name="X").status == 403
    assert viewer.get(path).status == 200
    for reply in (viewer.post("/applications", name="X", origin="https://x.example.com"), viewer.post(path, name="X"), viewer.post(path + "/delete"),
                  viewer.post(path + "/rules", {"path": "/x", "match": "exact", "action": "allow"})):
        assert reply.status == 403
    company.server.do("account", "grant-host", company.id, "mine.example.com")
    made = manager.post("/applications", name="Mine", origin="https://mine.example.com", assurance="two-factor", session_hours="8")
    assert made.status == 303 and made.location.startswith("/applications/")
    assert manager.post(made.location + "/rules", {"path": "/a", "match": "exact", "action": "deny"}).status == 303
    admin = company.portal(company.admin)
    rule = next(h for h, _ in admin.get(made.location).page.links() if "/rules/" in h)
    for path in (rule, made.location + "/delete"):
        assert manager.get(path).status == 403 and manager.post(path).status == 403, "what closes stays"
        assert admin.get(path).status == 200 and admin.post(path).status == 303
    log = company.log()
    for word in ("created an application", "added a rule", "removed a rule", "deleted an application"):
        assert word in log
    assert log.count("opened an application") >= 1


@pytest.mark.parametrize("fields", [
    {"name": "", "origin": "https://a.example"}, {"name": "A", "origin": "http://a.example"}, {"name": "A", "origin": "a.example"},
    {"name": "A", "origin": ORIGIN}, {"name": "A", "origin": "https://a.example", "session_hours": "x"},
    {"name": "A", "origin": "https://a.example", "session_hours": "721"}, {"name": "A", "origin": "https://a.example", "header_user": "Cookie"},
    {"name": "A", "origin": "https://a.example", "assurance": "none"}, {"name": "A", "origin": "https://a.example", "role": "nobody"},
])
def test_a_form_that_cannot_be_used_changes_nothing(scene, fields):
    before = scene.company.server.ask("application", "list", "--account", scene.company.id)
    assert scene.admin.post("/applications", fields).status == 422
    assert scene.company.server.ask("application", "list", "--account", scene.company.id) == before


def test_by_the_command_line(server):
    from people import Company

    company = Company(server)
    console = Console(company, "http://app.localhost:9000", name="Local")
    listed = server.ask("application", "list", "--account", company.name)
    assert [(row["id"], row["origin"], row["assurance"], row["everybody"]) for row in listed] == [(console.id, "http://app.localhost:9000", "two-factor", True)]
    again = server.command("application", "create", "--account", company.id, "--name", "X", "--origin", console.origin)
    assert again.returncode == 1 and again.stderr.strip()
    assert server.command("application", "create", "--account", company.id, "--name", "X", "--origin", "http://x.example").returncode == 1
    assert server.command("application", "create", "--account", company.id, "--name", "X", "--origin", "https://x.example", "--role", "No").returncode == 1
    server.do("application", "delete", console.id)
    assert server.ask("application", "list", "--account", company.id) == []
    assert server.command("application", "delete", console.id).returncode == 1


@pytest.mark.embedded
def test_the_database_gone_lets_nobody_in(new_server):
    server = new_server()
    scene = Scene(server)
    assert scene.console.ask(scene.portal, "/", scene.cookie).status == 200
    hold = sqlite3.connect(server.database)
    hold.execute("ALTER TABLE access_change RENAME TO gone")
    hold.commit()
    time.sleep(1.1)
    assert scene.console.ask(scene.portal, "/", scene.cookie).status == 503
    assert scene.console.ask(scene.portal, "/", scene.cookie, dialect="nginx").status == 403
    hold.execute("ALTER TABLE gone RENAME TO access_change")
    hold.commit()
    hold.close()
    time.sleep(0.4)
    assert scene.console.ask(scene.portal, "/", scene.cookie).status == 200
