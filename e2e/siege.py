"""What strangers can do to a login, and to an address, without knowing a password."""

from expect import refused
from portal import Portal

WRONG = "this-is-not-the-password"


def besiege(server, login):
    """Wrong passwords until a stranger has to wait for minutes."""
    for _ in range(60):
        reply = Portal(server).sign_in(login, WRONG)
        if reply.status == 429 and reply.retry_after >= 300:
            return
        server.clock.jump(1 + (reply.retry_after if reply.status == 429 else 0))
    raise AssertionError(f"no wait of five minutes: {reply}")


def fill(server, address):
    """All that one address may get wrong in a quarter of an hour."""
    for number in range(100):
        Portal(server, address).sign_in(f"nobody-{number}-{address}", WRONG)
    refused(Portal(server, address).sign_in("nobody-else", WRONG), "too_many_attempts", 429)
