"""The connection itself, by raw sockets: what HTTP/1 asks of a server, and what a client may do to it."""

import re
import socket
import struct
import time

import pytest

import routes
from expect import opened
from people import Company
from portal import Portal

pytestmark = pytest.mark.one_engine
HOST = b"Host: localhost\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


class Wire:
    """A connection, and what comes back on it, read as strictly as a proxy does."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), 10)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *parts):
        self.socket.sendall(b"".join(parts))

    def more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.rest += data
        return data

    def head(self):
        """The status and headers of the next answer; None at the end."""
        while b"\r\n\r\n" not in self.rest:
            if not self.more():
                assert not self.rest, self.rest
                return None
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        line, *fields = head.decode().split("\r\n")
        assert re.fullmatch(r"HTTP/1\.[01] \d{3} .*", line), line
        return int(line[9:12]), {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}

    def answer(self, method=b"GET"):
        """The next answer with its body; None at the end."""
        head = self.head()
        if head is None:
            return None
        status, headers = head
        if method == b"HEAD" or status < 200 or status in (204, 304):
            return status, headers, b""
        if "content-length" in headers:
            length = int(headers["content-length"])
            while len(self.rest) < length:
                assert self.more(), "the body was cut off"
            body, self.rest = self.rest[:length], self.rest[length:]
        else:
            assert "transfer-encoding" not in headers, headers
            while self.more():
                pass
            body, self.rest = self.rest, b""
        return status, headers, body

    def is_over(self, within=5):
        """Whether the server ends the connection, and sends nothing before."""
        self.socket.settimeout(within)
        try:
            return self.more() == b"" and self.rest == b""
        except TimeoutError:
            return False


def ask(server, raw, method=b"GET"):
    with Wire(server) as wire:
        wire.send(raw)
        return wire.answer(method)


# Answers in their places

PATHS = ["/sign-in", "/static/app.js", "/no-such-page", "/forward-auth", "/forward-auth/x", "/agent/v1/sign-in", "/agent/v1/none",
         "/_countersign/start", "/healthz", "/readyz", "/welcome", *routes.PORTAL, *routes.AGENT]


@pytest.mark.parametrize("method", [b"HEAD", b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"PROPFIND"])
def test_every_answer_ends_where_the_next_begins(server, method):
    """Two requests on one connection, for every path: a body where none may be would be taken for the second answer."""
    for path in PATHS:
        path = path.replace("{id}", "x").replace("{role}", "x").encode()
        with Wire(server) as wire:
            wire.send(method, b" ", path, b" HTTP/1.1\r\n", HOST, b"\r\n")
            first = wire.answer(method)
            assert first is not None and first[0] < 500, (path, first)
            wire.send(b"GET /healthz HTTP/1.1\r\n", HOST, b"\r\n")
            second = wire.answer()
            assert second is not None and second[0] == 200 and len(second[2]) < 100, (path, first, second)


def test_HEAD_says_how_long_the_body_would_be(server):
    for path in ["/sign-in", "/no-such-page", "/static/app.js", "/agent/v1/sign-in", "/healthz"]:
        raw = path.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n"
        head, get = ask(server, b"HEAD " + raw, b"HEAD"), ask(server, b"GET " + raw)
        # The id of the operation in an error page has 6 to 12 characters.
        difference = int(head[1]["content-length"]) - int(get[1]["content-length"])
        assert head[0] == get[0] and abs(difference) <= (0 if head[0] == 200 else 6), path
        assert set(head[1]) == set(get[1]), path


def test_requests_that_come_together_are_answered_in_their_order(server):
    paths = [b"/healthz", b"/sign-in", b"/forward-auth", b"/no-such-page", b"/healthz", b"/forward-auth"]
    with Wire(server) as wire:
        wire.send(*(b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n" for path in paths))
        assert [wire.answer()[0] for _ in paths] == [200, 200, 403, 404, 200, 403]


# Versions and connections

OLD = {"bare": b"", "keep-alive": b"Connection: keep-alive\r\n", "close": b"Connection: close\r\n", "host": HOST}


@pytest.mark.parametrize("path", [b"/sign-in", b"/healthz", b"/forward-auth", b"/no-such-page"])
@pytest.mark.parametrize("kind", OLD)
def test_a_connection_of_HTTP_1_0_ends_with_its_answer(server, path, kind):
    with Wire(server) as wire:
        wire.send(b"GET ", path, b" HTTP/1.0\r\n", OLD[kind], b"\r\n")
        status, headers, body = wire.answer()
        assert headers["connection"] == "close" and body
        assert wire.is_over(), status


@pytest.mark.parametrize("word", [b"close", b"Close", b"TE, close", b"close, TE"])
@pytest.mark.parametrize("path", [b"/sign-in", b"/forward-auth"])
def test_a_connection_ends_when_its_client_says_so(server, word, path):
    with Wire(server) as wire:
        wire.send(b"GET ", path, b" HTTP/1.1\r\n", HOST, b"Connection: ", word, b"\r\n\r\nGET /healthz HTTP/1.1\r\n", HOST, b"\r\n")
        assert wire.answer()[1]["connection"] == "close"
        assert wire.is_over(), "what comes behind is not looked at"


@pytest.mark.parametrize("line", [b"GET / HTTP/2.0", b"GET / HTTP/0.9", b"GET / HTTP/3", b"GET / HTTPS/1.1", b"GET /", b"\x16\x03\x01\x02\x00"])
def test_what_is_no_HTTP_1_gets_400_and_the_end(server, line):
    with Wire(server) as wire:
        wire.send(line, b"\r\n", HOST, b"\r\n")
        answer = wire.answer()
        assert answer is None or answer[0] == 400 and answer[2], answer
        assert wire.is_over()


# Whose request it is, and where it ends

HOSTS = {
    "none": (b"", 400), "two": (b"Host: a\r\nHost: b\r\n", 400), "same-twice": (b"Host: a\r\nHost: a\r\n", 400),
    "case-twice": (b"Host: a\r\nhOST: a\r\n", 400), "list": (b"Host: a, b\r\n", 400), "blank-inside": (b"Host: a b\r\n", 400),
    "path": (b"Host: a/b\r\n", 400), "user": (b"Host: x@a\r\n", 400), "fragment": (b"Host: a#b\r\n", 400), "backslash": (b"Host: a\\b\r\n", 400),
    "bytes": (b"Host: a\xff\r\n", 400),
    "name": (b"Host: localhost\r\n", 200), "port": (b"Host: localhost:8080\r\n", 200), "six": (b"Host: [::1]:8080\r\n", 200),
    "dot": (b"Host: localhost.\r\n", 200), "underscore": (b"Host: a_b.example\r\n", 200), "capitals": (b"HOST: LocalHost\r\n", 200),
}


@pytest.mark.parametrize("kind", HOSTS)
@pytest.mark.parametrize("path", [b"/sign-in", b"/healthz"])
def test_a_request_has_one_host(server, kind, path):
    field, status = HOSTS[kind]
    assert ask(server, b"GET " + path + b" HTTP/1.1\r\n" + field + b"\r\n")[0] == status
    if status == 400 and field:
        assert ask(server, b"GET " + path + b" HTTP/1.0\r\n" + field + b"\r\n")[0] == status


def test_a_question_of_forward_auth_has_one_host_too(server):
    for field, status in HOSTS.values():
        assert ask(server, b"GET /forward-auth HTTP/1.1\r\n" + field + b"\r\n")[0] == (403 if status == 200 else 400)


FRAMES = {
    "length-and-chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "chunks-and-length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "two-lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n", "list": b"Content-Length: 5, 5\r\n", "plus": b"Content-Length: +5\r\n",
    "minus": b"Content-Length: -5\r\n", "hex": b"Content-Length: 0x5\r\n", "unknown-coding": b"Transfer-Encoding: gzip\r\n",
    "not-last": b"Transfer-Encoding: chunked, gzip\r\n", "huge": b"Content-Length: 99999999999999999999\r\n", "blank-name": b"Content-Length : 5\r\n",
    "vertical-tab": b"Transfer-Encoding: \x0bchunked\r\n",
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_request_that_ends_in_two_places_is_refused(server, kind):
    with Wire(server) as wire:
        wire.send(b"POST /sign-in HTTP/1.1\r\n", HOST, FORM, FRAMES[kind], b"\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n", HOST, b"\r\n")
        status, headers, _ = wire.answer()
        assert status in (400, 413) and headers["connection"] == "close"
        assert wire.is_over(), "nothing behind it is taken for a request"


CUT = {
    "length": (b"Content-Length: %d\r\n\r\n", lambda body: body), "chunk": (b"Transfer-Encoding: chunked\r\n\r\n", lambda body: b"%x\r\n%s\r\n" % (len(body), body)),
    "bad-chunk": (b"Transfer-Encoding: chunked\r\n\r\n", lambda body: b"%x\r\n%s\r\nzz\r\n" % (len(body), body)),
}


@pytest.mark.parametrize("kind", CUT)
def test_a_body_that_is_cut_off_is_not_taken_for_all_of_it(server, open_company, kind):
    user = open_company.user()
    body = f"login={user.login}&password={user.password}".replace("@", "%40").encode()
    head, frame = CUT[kind]
    if b"%d" in head:
        head = head % (len(body) + 10)
    with Wire(server) as wire:
        wire.send(b"POST /sign-in HTTP/1.1\r\n", HOST, FORM, b"Sec-Fetch-Site: same-origin\r\n", head, frame(body))
        time.sleep(0.2)
        wire.socket.shutdown(socket.SHUT_WR)
        answer = wire.answer()
        assert answer is None or answer[0] == 400 and "set-cookie" not in answer[1], answer
    # Whole, it signs in.
    reply = Portal(server).request("POST", "/sign-in", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert reply.status == 303 and reply.location != "/sign-in", reply


def test_a_client_that_is_gone_within_its_body_is_no_error_of_the_server(server):
    def told():
        return server.log.count("request failed")

    before = told()
    for _ in range(10):
        with Wire(server) as wire:
            wire.send(b"POST /sign-in HTTP/1.1\r\n", HOST, FORM, b"Sec-Fetch-Site: same-origin\r\nContent-Length: 100\r\n\r\nlogin=")
            time.sleep(0.05)
            # Without a goodbye.
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert ask(server, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")[0] == 200
    time.sleep(0.5)
    assert told() == before, server.log[-1000:]


# Too much of it

BIG = {
    "one-field": b"Cookie: " + b"a" * 17_000 + b"\r\n", "all-fields": b"".join(b"X-%d: %s\r\n" % (n, b"a" * 700) for n in range(60)),
    "many-fields": b"".join(b"X-%d: a\r\n" % n for n in range(150)),
}


@pytest.mark.parametrize("kind", BIG)
@pytest.mark.parametrize("path", [b"/sign-in", b"/forward-auth", b"/agent/v1/me"])
def test_headers_that_are_too_long_are_431_with_a_way_on(server, kind, path):
    with Wire(server) as wire:
        wire.send(b"GET ", path, b" HTTP/1.1\r\n", HOST, BIG[kind], b"\r\n")
        status, headers, body = wire.answer()
        assert status == 431 and b"cookies" in body and headers["connection"] == "close"
        assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
        assert wire.is_over()


def test_a_path_that_is_too_long_is_refused(server):
    with Wire(server) as wire:
        wire.send(b"GET /", b"a" * 100_000, b" HTTP/1.1\r\n", HOST, b"\r\n")
        assert wire.answer()[0] in (400, 414, 431)
        assert wire.is_over()


def test_a_browser_that_sends_too_many_cookies_gets_in_again_without_them(server):
    portal = Portal(server)
    assert portal.request("GET", "/sign-in", headers={"Cookie": "x=" + "a" * 20_000}).status == 431
    assert portal.get("/sign-in").status == 200


# Bodies that are announced

@pytest.mark.parametrize("word", [b"100-continue", b"100-Continue"])
@pytest.mark.parametrize("frame", ["length", "chunked"])
def test_a_client_that_waits_before_its_body_is_told_to_go_on(server, open_company, word, frame):
    user = open_company.user()
    body = ('{"login": "%s", "password": "%s"}' % (user.login, user.password)).encode()
    length = b"Content-Length: %d\r\n" % len(body) if frame == "length" else b"Transfer-Encoding: chunked\r\n"
    with Wire(server) as wire:
        wire.socket.settimeout(3)
        wire.send(b"POST /agent/v1/sign-in HTTP/1.1\r\n", HOST, length, b"Content-Type: application/json\r\nExpect: ", word, b"\r\n\r\n")
        assert wire.head() == (100, {})
        wire.send(body if frame == "length" else b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        assert wire.answer()[0] == 200
        wire.send(b"GET /healthz HTTP/1.1\r\n", HOST, b"\r\n")
        assert wire.answer()[0] == 200


def test_nobody_is_told_to_send_what_will_be_refused(server):
    with Wire(server) as wire:
        wire.send(b"POST /agent/v1/sign-in HTTP/1.1\r\n", HOST, b"Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n")
        status, headers, _ = wire.answer()
        assert status == 413 and headers["connection"] == "close"
        assert wire.is_over()


@pytest.mark.parametrize("raw, status", [
    (b"GET /healthz HTTP/1.1\r\nExpect: 100-continue\r\n", 200), (b"POST /sign-in HTTP/1.1\r\nContent-Length: 1\r\nExpect: tea\r\n", 417),
    (b"POST /sign-in HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue, tea\r\n", 417), (b"GET /healthz HTTP/1.0\r\nExpect: 100-continue\r\n", 200),
])
def test_only_a_body_is_waited_for(server, raw, status):
    assert ask(server, raw + HOST + b"\r\n")[0] == status


def test_an_answer_before_the_end_of_a_long_body_arrives(server):
    """The client is still sending: the answer must not be lost with the connection."""
    with Wire(server) as wire:
        wire.send(b"POST /sign-in HTTP/1.1\r\n", HOST, FORM, b"Content-Length: 3000000\r\n\r\n")
        for _ in range(40):
            try:
                wire.send(b"a" * 16_384)
            except OSError:
                break
        status, headers, _ = wire.answer()
        assert status == 413 and headers["connection"] == "close"


# Slow ones

def test_a_body_that_stops_is_given_up_after_five_seconds(server):
    for begun in (b"", b"login=a"):
        with Wire(server) as wire:
            began = time.monotonic()
            wire.send(b"POST /sign-in HTTP/1.1\r\n", HOST, FORM, b"Sec-Fetch-Site: same-origin\r\nContent-Length: 100\r\n\r\n", begun)
            assert wire.answer()[0] == 408
            assert 4 < time.monotonic() - began < 9
            assert wire.is_over()
    assert Portal(server).get("/healthz").status == 200


def test_whoever_sends_and_sends_and_reads_nothing_is_cut_off(server):
    question = b"GET /forward-auth HTTP/1.1\r\n" + HOST + b"\r\n"
    with Wire(server) as wire:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.socket.settimeout(5)
        with pytest.raises(OSError) as told:
            for _ in range(100_000):
                wire.send(question * 100)
        assert not isinstance(told.value, TimeoutError)
    assert Portal(server).get("/healthz").status == 200


def test_hundreds_of_requests_at_once_on_a_connection_end_it(server):
    with Wire(server) as wire:
        try:
            wire.send(b"GET /sign-in HTTP/1.1\r\n" + HOST + b"\r\n", (b"GET /sign-in HTTP/1.1\r\n" + HOST + b"\r\n") * 500)
        except OSError:
            pass
        answers = 0
        while wire.rest or wire.more():
            if b"\r\n\r\n" not in wire.rest and not wire.more():
                break
            answers += 1
            wire.rest = wire.rest.partition(b"\r\n\r\n")[2]
        assert answers < 100
    assert Portal(server).get("/healthz").status == 200
