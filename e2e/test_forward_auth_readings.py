"""A question is read in two places, on the event loop and behind the router; both read it the same way.

The router gets one in absolute form (`GET http://…/forward-auth`), which the event loop leaves to it.
"""

import json

import pytest

from applications import Scene, cookie_of
from test_wire import Wire

pytestmark = pytest.mark.one_engine
ORIGIN = "https://grafana.example.com"
URL = f"X-Original-URL: {ORIGIN}/d/abc?x=1".encode()
METHOD = b"X-Original-Method: GET"
TOLD = ("countersign-", "remote-", "location", "content-type", "www-authenticate", "retry-after", "cache-control")


@pytest.fixture(scope="module")
def scene(server):
    return Scene(server, ORIGIN)


def questions(cookie):
    """Headers of a question, by what is odd about them."""
    name = cookie_of(ORIGIN, "app").encode()
    pair = name + b"=" + cookie.encode()
    mine, other = b"Cookie: " + pair, b"Cookie: " + name + b"=" + b"A" * 43
    forwarded = [b"X-Forwarded-Proto: https", b"X-Forwarded-Host: grafana.example.com", b"X-Forwarded-Uri: /d", b"X-Forwarded-Method: GET"]
    return {
        "nothing": [URL, METHOD, mine],
        "the other dialect": [*forwarded, mine],
        "both dialects": [URL, METHOD, *forwarded, mine],
        "capital names": [line.split(b":")[0].upper() + b":" + line.split(b":", 1)[1] for line in (URL, METHOD, mine)],
        "no blank behind the colon": [line.replace(b": ", b":", 1) for line in (URL, METHOD, mine)],
        "blanks around values": [line.replace(b": ", b": \t ", 1) + b" \t " for line in (URL, METHOD, mine)],
        "a blank within the address": [URL + b" y", METHOD, mine],
        "no cookie": [URL, METHOD],
        "an empty cookie": [URL, METHOD, b"Cookie:"],
        "a cookie without a value": [URL, METHOD, b"Cookie: " + name + b"="],
        "another cookie": [URL, METHOD, other],
        "a cookie twice": [URL, METHOD, mine, mine],
        "two cookies of the name": [URL, METHOD, mine, other],
        "two cookies of the name in one line": [URL, METHOD, mine + b"; " + name + b"=x"],
        "cookies in one line": [URL, METHOD, b"Cookie: a=b; " + pair + b"; c=d"],
        "cookies without blanks": [URL, METHOD, b"Cookie: a=b;" + pair + b";c=d"],
        "cookies with many blanks": [URL, METHOD, b"Cookie: a=b;   " + pair + b"  ;; c=d;"],
        "cookies with tabs": [URL, METHOD, b"Cookie: a=b;\t" + pair],
        "a quoted cookie": [URL, METHOD, b"Cookie: " + name + b'="' + cookie.encode() + b'"'],
        "a mark behind a semicolon": [URL, METHOD, b"Cookie: a=b;\xcc\x81 " + pair],
        "bytes that are no text in a cookie": [URL, METHOD, b"Cookie: a=\xff; " + pair],
        "the address twice": [URL, URL, METHOD, mine],
        "two addresses": [URL, f"X-Original-URL: {ORIGIN}/other".encode(), METHOD, mine],
        "an empty address": [b"X-Original-URL:", METHOD, mine],
        "an address with an underscore": [URL.replace(b"-", b"_", 2), METHOD, mine],
        "bytes that are no text in the address": [URL + b"\xff\xfe", METHOD, mine],
        "letters beyond ASCII in the address": [URL + "é".encode(), METHOD, mine],
        "a control byte in the address": [URL + b"\x01", METHOD, mine],
        "a zero byte in the address": [URL + b"\x00", METHOD, mine],
        "a delete in the address": [URL + b"\x7f", METHOD, mine],
        "a carriage return in the address": [URL + b"\rX-Original-Method: GET", METHOD, mine],
        "a folded line": [URL, METHOD, mine + b"\r\n  x"],
        "an unknown host": [b"X-Original-URL: https://none.example.com/", METHOD, mine],
        "no method": [URL, mine],
        "an empty method": [URL, b"X-Original-Method:", mine],
        "a small method": [URL, b"X-Original-Method: get", mine],
        "the pinned origin": [URL, METHOD, mine, f"Countersign-Origin: {ORIGIN}".encode()],
        "another pinned origin": [URL, METHOD, mine, b"Countersign-Origin: https://none.example.com"],
        "two pinned origins": [URL, METHOD, mine, *[f"Countersign-Origin: {ORIGIN}".encode()] * 2],
        "an empty pinned origin": [URL, METHOD, mine, b"Countersign-Origin:"],
        "identities": [URL, METHOD, mine, b"Remote-User: boss", b"Remote-Groups: admins"],
        "a navigation": [*forwarded, b"Sec-Fetch-Mode: navigate"],
        "an old browser": [*forwarded, b"Accept: image/png", b"Accept: text/html"],
        "a program": [*forwarded, b"Accept: text/html", b"X-Requested-With: XMLHttpRequest"],
        "a WebSocket": [*forwarded, b"Accept: text/html", b"Upgrade: websocket"],
        "gRPC": [*forwarded, b"Sec-Fetch-Mode: navigate", b"Content-Type: application/grpc"],
        "a bearer": [URL, METHOD, b"Authorization: Bearer cst_" + b"a" * 43],
        "a bearer of the application's own": [URL, METHOD, mine, b"Authorization: Bearer xyz"],
        "a bearer in capitals with blanks": [URL, METHOD, b"Authorization: BEARER   cst_" + b"a" * 43],
        "two bearers": [URL, METHOD, *[b"Authorization: Bearer cst_" + b"a" * 43] * 2],
        "a header without a name": [URL, METHOD, mine, b": x"],
        "a blank before the colon": [URL, METHOD, b"Cookie : " + pair],
        "an odd name": [URL, METHOD, mine, b"X!#$%&'*+.^`|~: x", b"X(Y): z"],
        "a body": [URL, METHOD, mine, b"Content-Length: 0"],
    }


def read(server, target, lines):
    """Status, what is told in headers, and the body; and whether the router answered."""
    with Wire(server) as wire:
        wire.send(b"\r\n".join([b"GET " + target + b" HTTP/1.1", b"Host: localhost", b"Connection: close", *lines, b"", b""]))
        status, headers, body = wire.answer()
    if body and headers.get("content-type", "").endswith("json"):
        body = {key: value for key, value in json.loads(body).items() if key != "operation"}
    told = {name: value for name, value in headers.items() if name.startswith(TOLD) and name != "countersign-operation"}
    return (status, told, body), "date" in headers


def test_both_read_a_question_the_same_way(scene):
    server = scene.company.server
    different, quick, permitted = [], 0, 0
    for what, lines in questions(scene.cookie).items():
        read(server, b"/forward-auth", lines)
        there, is_router = read(server, b"/forward-auth", lines)
        behind, is_behind = read(server, f"http://localhost:{server.port}/forward-auth".encode(), lines)
        if there != behind:
            different.append((what, there, behind))
        quick += not is_router and is_behind
        permitted += there[0] == 200
    assert not different, different
    assert quick > 30 and permitted > 12, (quick, permitted)


@pytest.mark.parametrize("announced, body", [(b"Content-Length: 3", b"abc"), (b"Transfer-Encoding: chunked", b"3\r\nabc\r\n0\r\n\r\n")])
def test_a_question_that_has_not_ended_is_answered_as_things_are_then(scene, announced, body):
    """Whoever holds back the last byte would keep what was allowed before the sign-out."""
    server, portal = scene.company.server, scene.company.portal(scene.user)
    pair = b"Cookie: " + cookie_of(ORIGIN, "app").encode() + b"=" + scene.console.enter(portal).encode()
    lines = [URL, METHOD, pair]
    for _ in range(2):
        assert read(server, b"/forward-auth", lines)[0][0] == 200
    with Wire(server) as wire:
        wire.send(b"\r\n".join([b"GET /forward-auth HTTP/1.1", b"Host: localhost", *lines, announced, b"", b""]))
        assert portal.post("/sign-out").status == 303
        wire.send(body)
        assert wire.answer()[0] == 401
