"""A person's authenticator app: an independent TOTP implementation (oathtool)."""

import subprocess
import urllib.parse

from clock import STEP


def totp(secret, moment, *options):
    command = ["oathtool", "--totp", "--base32", "--now", f"@{int(moment)}", *options, "--", secret]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Device:
    def __init__(self, secret, clock):
        self.secret = secret.replace(" ", "")
        self.clock = clock
        self._spent = -1

    @classmethod
    def from_uri(cls, uri, clock):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(uri).query)
        return cls(query["secret"][0], clock)

    def at(self, step):
        return totp(self.secret, step * STEP)

    def shown(self, later=0):
        """The code on the screen now, or `later` steps from now."""
        return self.at(self.clock.step() + later)

    def fresh(self):
        """Waits (moves the clock) until the screen shows a code not used yet."""
        self.clock.settle()
        if self.clock.step() <= self._spent:
            self.clock.to_step(self._spent + 1)
        self._spent = self.clock.step()
        return self.at(self._spent)

    def pair(self):
        """Reads the code that is shown, waits for the next one and reads it."""
        self.clock.settle()
        first = self.clock.step()
        self.clock.next_step()
        self._spent = first + 1
        return self.at(first), self.at(first + 1)

    def wrong(self, number=0):
        """A well-formed code that fits no step from six before to six after now."""
        near = {self.shown(later) for later in range(-6, 7)}
        return next(code for code in (f"{n:06d}" for n in range(number * 31, 10**6)) if code not in near)
