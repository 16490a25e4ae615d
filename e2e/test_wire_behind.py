"""What comes behind a request, and what of an answer is left unread."""

import socket
import time

import pytest

from test_wire import HOST, Wire

pytestmark = pytest.mark.one_engine


@pytest.mark.parametrize("lines", [b"CONNECT localhost:1 HTTP/1.1\r\n", b"GET /healthz HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n"])
def test_behind_a_request_for_another_protocol_the_connection_ends(server, lines):
    with Wire(server) as wire:
        wire.send(lines, HOST, b"\r\nGET /healthz HTTP/1.1\r\n", HOST, b"\r\n")
        assert wire.answer()[1]["connection"] == "close"
        assert wire.is_over()


def test_nobody_else_is_cut_off_by_what_comes_behind_a_last_request(server):
    """Many megabytes behind it, where all heads share three."""
    with Wire(server) as waiting, Wire(server) as wire:
        waiting.send(b"GET /healthz HTTP/1.1\r\n", HOST, b"X-Half: ")
        wire.send(b"CONNECT localhost:1 HTTP/1.1\r\n", HOST, b"\r\n")
        assert wire.answer()
        try:
            for _ in range(400):
                wire.send(b"a" * 65_536)
        except OSError:
            pass
        waiting.send(b"x\r\n\r\n")
        assert waiting.answer()[0] == 200


def test_the_system_keeps_little_of_an_answer_that_is_read_slowly(server):
    """So much that whoever reads a few kilobytes a second is seen to read, and not cut off after half a minute."""
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        slow.connect(("127.0.0.1", server.port))
        slow.sendall((b"GET /static/style.css HTTP/1.1\r\n" + HOST + b"\r\n") * 15)
        mine, before, end = ":%04X" % slow.getsockname()[1], -1, time.monotonic() + 20
        while time.monotonic() < end:
            time.sleep(0.5)
            lines = [line.split() for line in open("/proc/net/tcp")]
            kept = next(int(words[4].split(":")[0], 16) for words in lines[1:] if words[2].endswith(mine))
            if kept == before > 16_384:
                break
            before = kept
    assert 16_384 < kept < 160_000, kept
