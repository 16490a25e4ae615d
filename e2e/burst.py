"""Many requests let go at one moment: all but the last byte is sent first, then the last bytes."""

import re
import socket
import threading
import urllib.parse


class Answer:
    def __init__(self, raw):
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if len(lines[0].split()) > 1 else 0
        self.headers = [line.partition(": ")[::2] for line in lines[1:]]
        self.body = body.decode("utf-8", "replace")

    def cookie(self, name):
        for key, value in self.headers:
            if key.lower() == "set-cookie" and value.startswith(name + "="):
                return value[len(name) + 1:].split(";")[0] or None
        return None

    @property
    def codes(self):
        return re.findall(r'data-code="([a-z_]+)"', self.body)


def whole(raw):
    """Whether an answer that says its length is there to its end."""
    head, found, body = raw.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(found and length) and len(body) >= int(length.group(1))


def form_request(server, path, fields, cookies, address):
    body = urllib.parse.urlencode(fields).encode()
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost:{server.port}\r\nSec-Fetch-Site: same-origin\r\n"
        f"X-Forwarded-For: {address}\r\nCookie: {cookie}\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def release(server, requests, on_release=lambda: None):
    """Sends the requests together; returns their answers (None where the connection broke).

    Of several servers each takes its share in turn.
    """
    servers = server if isinstance(server, list) else [server]
    wires = [socket.create_connection(("127.0.0.1", servers[n % len(servers)].port), 30) for n in range(len(requests))]
    for wire, request in zip(wires, requests):
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.sendall(request[:-1])
    answers = [None] * len(requests)

    def read(number):
        raw = b""
        try:
            while not whole(raw) and (piece := wires[number].recv(65536)):
                raw += piece
        except OSError:
            pass
        wires[number].close()
        if b"\r\n\r\n" in raw:
            answers[number] = Answer(raw)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(len(requests))]
    for reader in readers:
        reader.start()
    for wire, request in zip(wires, requests):
        try:
            wire.sendall(request[-1:])
        except OSError:
            pass
    on_release()
    for reader in readers:
        reader.join(60)
    return answers
