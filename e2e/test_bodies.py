"""Bodies that do not end: they share a few megabytes, and whoever sends slowly makes room for people."""

import select
import socket
import time

import pytest

from agent import Agent
from people import Company
from portal import Portal, some_address

pytestmark = pytest.mark.one_engine
PIECE = 400_000


@pytest.fixture
def company(server):
    company = Company(server)
    company.enrolled_admin()
    return company


def stall(server, address):
    """A body that says a megabyte and brings less than half of it."""
    wire = socket.create_connection(("127.0.0.1", server.port), 10)
    wire.sendall((
        f"POST /agent/v1/sign-in HTTP/1.1\r\nHost: localhost:{server.port}\r\nX-Forwarded-For: {address}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    ).encode())
    wire.setblocking(False)
    left = b"x" * PIECE
    end = time.monotonic() + 3
    while left and time.monotonic() < end:
        if select.select([], [wire], [], 0.2)[1]:
            try:
                left = left[wire.send(left):]
            except OSError:
                break
    return wire


def is_open(wire):
    try:
        return wire.recv(65536) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@pytest.mark.parametrize("addresses", [1, 30], ids=["one address", "thirty addresses"])
def test_bodies_that_stop_share_a_few_megabytes_and_people_get_in_meanwhile(server, company, addresses):
    names = [some_address() for _ in range(addresses)]
    wires = [stall(server, names[number % addresses]) for number in range(30)]
    try:
        assert Portal(server).enter(company.admin).inside()
        assert Agent(server).agent_sign_in(company.admin.login, company.admin.password).status == 200
        most = (3 if addresses == 1 else 5) * 1024 * 1024 // PIECE
        still = sum(is_open(wire) for wire in wires)
        assert still <= most, f"{still} bodies are held"
    finally:
        for wire in wires:
            wire.close()
