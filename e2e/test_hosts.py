"""Host names are one name space: with more than one account the operator says whose they are."""

import pytest

from applications import Console, Scene
from people import Company, fresh_word


@pytest.fixture(scope="module")
def scene(server):
    """The owner of https://grafana.example.com."""
    return Scene(server)


@pytest.fixture(scope="module")
def other(server, scene):
    company = Company(server)
    company.enrolled_admin()
    return company


def post(company, origin, path="/applications", **more):
    portal = company.portal(company.admin)
    return portal.post(path, {"name": "Theirs", "origin": origin, "assurance": "two-factor", **more})


def fresh_host():
    return f"{fresh_word('host')}.example.com"


@pytest.mark.parametrize("origin", [
    "https://grafana.example.com", "https://GRAFANA.example.com.", "https://grafana.example.com:443", "https://grafana.example.com:8443",
    "https://x.grafana.example.com", "https://free.example.com", "http://grafana.localhost:3000",
])
def test_an_account_gets_no_host_that_was_not_granted(server, scene, other, origin):
    manager = other.portal(other.user(role=other.role(applications="manage")))
    fields = {"name": "Theirs", "origin": origin, "assurance": "password"}
    for reply in (post(other, origin), manager.post("/applications", fields)):
        assert reply.status == 422 and "origin_not_granted" in reply.codes, reply
        host = origin.split("://")[1].rsplit(":", 1)[0].rstrip(".").lower()
        assert f"countersign account grant-host {other.id} {host}" in reply.page.message("origin_not_granted")
        assert scene.company.name not in reply.text, "whose it is stays untold"
    assert server.ask("application", "list", "--account", other.id) == []
    assert scene.console.ask(scene.portal, "/").status == 401 and scene.console.ask(scene.portal, "/", scene.cookie).status == 200


def test_a_grant_lets_in_and_the_most_specific_one_holds(server, scene, other):
    host = fresh_host()
    server.do("account", "grant-host", other.id, f"*.{host}")
    server.do("account", "grant-host", scene.company.name, f"a.{host}")
    assert post(other, f"https://a.{host}").status == 422
    assert post(other, f"https://{host}").status == 422, "a domain's own name is another name"
    assert post(other, f"https://b.{host}:8443").status == 303
    assert post(scene.company, f"https://a.{host}").status == 303
    assert post(scene.company, f"https://b.{host}").status == 422, "cookies of a host know no port"
    listed = {row["host"]: row for row in server.ask("account", "hosts", other.id)}
    assert listed[f"*.{host}"] == {"host": f"*.{host}", "granted": True, "applications": 0}
    assert listed[f"b.{host}"] == {"host": f"b.{host}", "granted": False, "applications": 1}
    log = other.log()
    assert "granted a host name" in log and f"*.{host}" in log


def test_an_application_does_not_move_to_a_host_that_was_not_granted(server, scene, other):
    host = fresh_host()
    made = Console(other, f"https://{host}", name="Theirs")
    path = f"/applications/{made.id}"
    assert post(other, scene.console.origin, path).status == 422
    assert post(other, f"https://{fresh_host()}", path).status == 422
    assert post(other, f"https://{host}", path, session_hours="3").status == 303
    assert post(other, f"https://{host}:8443", path).status == 303
    assert post(other, f"https://{host}", path).status == 303


def test_what_the_command_line_made_and_what_is_there_count_as_granted(server, other):
    host = fresh_host()
    made = Console(other, f"https://{host}", name="Theirs")
    assert post(other, f"https://{host}:8443").status == 303
    assert other.portal(other.admin).post(f"/applications/{made.id}/delete").status == 303
    assert post(other, f"https://{host}").status == 303
    done = server.command("account", "revoke-host", other.id, host)
    assert done.returncode == 0 and "still has applications there" in done.stderr
    assert post(other, f"https://{host}:9443").status == 303, "what is there counts"
    assert any("granted a host name" in line and host in line for line in other.log().splitlines())


def test_taking_back_a_domain_names_the_applications_under_it(server, other):
    host = fresh_host()
    server.do("account", "grant-host", other.id, f"*.{host}")
    assert post(other, f"https://a.{host}", name="Under it").status == 303
    done = server.command("account", "revoke-host", other.id, f"*.{host}")
    assert done.returncode == 0 and "Under it" in done.stderr and "any more" in done.stdout
    assert post(other, f"https://b.{host}").status == 422


def test_the_command_line_warns_where_a_host_is_another_accounts(server, scene, other):
    host = fresh_host()
    server.do("account", "grant-host", scene.company.id, host)
    done = server.command("application", "create", "--account", other.id, "--name", "Wrong", "--origin", f"https://{host}")
    assert done.returncode == 0 and "granted to another account" in done.stderr
    assert post(scene.company, f"https://{host}").status == 422
    server.do("application", "delete", f"https://{host}")
    assert post(scene.company, f"https://{host}").status == 303


def test_a_revoked_host_takes_no_new_application(server, other):
    host = fresh_host()
    server.do("account", "grant-host", other.id, host)
    server.do("account", "grant-host", other.id, host)
    done = server.command("account", "revoke-host", other.id, host)
    assert done.returncode == 0 and "warning" not in done.stderr.lower()
    assert post(other, f"https://{host}").status == 422
    assert server.command("account", "revoke-host", other.id, host).returncode == 1


def test_the_operator_gives_no_host_twice(server, scene, other):
    host = fresh_host()
    server.do("account", "grant-host", other.id, host)
    for name, said in ((host, other.name), ("grafana.example.com", scene.company.name)):
        giver = scene.company if name == host else other
        done = server.command("account", "grant-host", giver.id, name)
        assert done.returncode == 1 and said in done.stderr and len(done.stderr.strip().splitlines()) == 1, done.stderr
    # The command line may, and says what follows.
    done = server.command("application", "create", "--account", other.id, "--name", "Beside", "--origin", "https://grafana.example.com:8443")
    assert done.returncode == 0 and "another account" in done.stderr
    server.do("application", "delete", "https://grafana.example.com:8443")


@pytest.mark.parametrize("host", ["", "*", "https://a.example", "a.example:443", "a b", "*.*.a", "x" * 300, "a.example/x"])
def test_what_is_no_host_is_refused_in_one_sentence(server, other, host):
    for verb in ("grant-host", "revoke-host"):
        done = server.command("account", verb, other.id, host)
        assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, (verb, done.stderr)
    assert server.command("account", "grant-host", "Nobody Ltd", "a.example").returncode == 1


def test_alone_an_account_needs_no_grant_and_keeps_what_it_has_when_others_come(new_server):
    server = new_server()
    first = Company(server)
    first.enrolled_admin()
    made = post(first, "https://wiki.example.com")
    assert made.status == 303
    second = Company(server)
    second.enrolled_admin()
    assert post(first, "https://wiki.example.com", made.location, session_hours="2").status == 303
    assert post(first, "https://new.example.com").status == 422
    assert post(second, "https://wiki.example.com:8443").status == 422
    server.do("account", "grant-host", second.id, "*.example.com")
    assert post(second, "https://new.example.com").status == 303
    assert post(second, "https://wiki.example.com:8443").status == 422
