"""A copy of a session's cookie in somebody else's hands: what the owner's next proof and clean-up leave it."""

import socket
import time
import urllib.parse

import pytest

from expect import opened, sent_to
from portal import SESSION
from proof import LEVELS, LIFETIME, Scene, answer, led


@pytest.fixture
def scene(server):
    return Scene(server)


def thief_of(scene, portal=None):
    portal = portal or scene.admin
    return portal.carrying(**{SESSION: portal.browser_cookie(SESSION)})


HELD = {
    "user": lambda s: ("/setup/users", {"login": s.word, "account_admin": "on"}),
    "opening": lambda s: (f"/applications/{s.console.id}/rules", {"path": "/", "match": "prefix", "action": "allow"}),
    "api token": lambda s: ("/own/api-tokens", {"name": "CI", "days": "366", "application": s.console.id}),
    "harmless": lambda s: (f"/setup/users/{s.user.id}/disable", {}),
}


@pytest.mark.parametrize("event", ["owner proves", "owner signs out", "grows old"])
@pytest.mark.parametrize("name", HELD)
def test_a_request_that_is_held_open_is_judged_by_the_session_as_it_is_at_its_end(scene, name, event):
    path, sent = HELD[name](scene)
    if event == "owner proves":
        scene.grow_old()
    cookie = scene.admin.browser_cookie(SESSION)
    body = urllib.parse.urlencode(sent).encode() or b"x=y"
    with socket.create_connection(("127.0.0.1", scene.company.server.port), timeout=20) as held:
        held.sendall(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            f"Cookie: {SESSION}={cookie}\r\n\r\n".encode() + body[:1]
        )
        time.sleep(0.3)
        if event == "owner proves":
            sent_to(answer(scene.admin, "/confirm?return_to=/own", token=scene.person.device.fresh()), "/own")
        elif event == "owner signs out":
            scene.admin.sign_out()
        else:
            scene.clock.jump(LIFETIME)
        held.sendall(body[1:])
        reply = b"".join(iter(lambda: held.recv(65536), b""))
    head = reply.split(b"\r\n\r\n")[0].decode()
    log = scene.log()
    # A handler that reads no body has judged at the head, when all was right.
    if name == "harmless":
        return
    assert " 303 " in head.splitlines()[0], head
    assert ("/confirm" if event == "grows old" else "/sign-in") in head, head
    assert b"csap_" not in reply and f"login: {scene.word}" not in log and "created an API token" not in log
    assert log.count("added a rule") == 1, "the one of the scene"


def test_codes_that_wait_to_be_kept_are_no_proof_for_a_thief(scene):
    portal = scene.company.portal(scene.other)
    device = portal.start_enrolment(scene.other)
    assert portal.prove(device).path.endswith("/recovery-codes")
    assert "recovery" in opened(portal.get("/own/recovery-codes")).text.lower()
    portal.inside()
    scene.clock.jump(LIFETIME)
    for client in (portal, thief_of(scene, portal)):
        for path in ("/own/recovery-codes", "/accounts/details/recovery-codes", "/sign-in/recovery-codes"):
            reply = client.get(path)
            assert reply.status == 303 and reply.path == "/confirm", reply
    scene.other.device = device
    sent_to(answer(portal, "/confirm?return_to=/own/recovery-codes", token=device.fresh()), "/own/recovery-codes")
    opened(portal.get("/own/recovery-codes"))


@pytest.mark.parametrize("change", ["enable", "codes", "end others"])
def test_what_is_begun_or_cleaned_up_with_a_proof_is_out_of_the_reach_of_a_copied_cookie(scene, change):
    thief = thief_of(scene)
    proof = {"password": scene.person.password, "token": scene.person.device.fresh()}
    if change == "enable":
        sent_to(scene.admin.post("/own/two-factor/enable", proof), "/own/two-factor")
        assert opened(scene.admin.get("/own/two-factor")).first("code", id="totp-secret")
    elif change == "codes":
        assert scene.admin.post("/own/recovery-codes/replace", proof).path == "/own/recovery-codes"
        opened(scene.admin.get("/own/recovery-codes"))
    else:
        sent_to(scene.admin.post("/own/sessions/end-others"), "/own/sessions")
    for path in ("/own/two-factor", "/own/recovery-codes", "/own"):
        sent_to(thief.get(path), "/sign-in")
    assert scene.admin.inside()


def test_a_form_sent_twice_leaves_the_browser_its_new_cookie(scene):
    scene.grow_old()
    twin = thief_of(scene)
    sent_to(answer(scene.admin, "/confirm?return_to=/own", token=scene.person.device.fresh()), "/own")
    late = twin.post("/confirm", token="000000")
    sent_to(late, "/sign-in")
    assert late.cookie(SESSION) is None and "Set-Cookie" not in late.headers


def test_the_page_names_what_is_changed_by_the_name_that_people_know(scene):
    scene.grow_old()
    keep = {"role": ""}
    shown = {
        "Change the role " + scene.role: (f"/setup/roles/{scene.role_id}", {"name": "Interns", **LEVELS, "agent": "on"}),
        "Change the application Grafana": (f"/applications/{scene.console.id}", {"name": "Lunch menu", "header_name": "X-Somebody", **keep}),
    }
    for title, (path, sent) in shown.items():
        page = opened(scene.admin.get(led(scene.admin.post(path, sent))))
        assert page.headings[0] == title + "?", page.headings
        assert sent["name"] in page.text
    assert "X-Somebody" in page.text
