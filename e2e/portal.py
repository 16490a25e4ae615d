"""A browser without a screen: cookies, forms, no redirect followed unasked."""

import itertools
import re
import urllib.parse

import requests

from device import Device
from markup import Page

SESSION = "countersign_session"
ATTEMPT = "countersign_attempt"
CONFIGURED = "Two factor authentication has been configured for this login."
_addresses = itertools.count(1)


def some_address():
    """An address that no other client of this run uses (198.18.0.0/15 is for tests)."""
    number = next(_addresses)
    return f"198.18.{number // 250}.{number % 250 + 1}"


class Reply:
    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.text = response.text
        self.location = response.headers.get("Location")
        self._page = None

    @property
    def page(self):
        if self._page is None:
            self._page = Page(self.text)
        return self._page

    @property
    def codes(self):
        return self.page.codes

    @property
    def path(self):
        """Where a redirect leads, without the query."""
        return self.location.split("?")[0] if self.location else None

    @property
    def retry_after(self):
        return int(self.headers["Retry-After"])

    def cookie(self, name):
        """The value of a cookie that this very answer sets."""
        for raw in self.response.raw.headers.getlist("Set-Cookie"):
            key, _, rest = raw.partition("=")
            if key.strip() == name:
                return rest.split(";")[0]
        return None

    def __repr__(self):
        return f"<{self.status} {self.location or ''} {self.codes if 'html' in self.headers.get('Content-Type', '') else ''}>"


class Portal:
    def __init__(self, server, address=None):
        self.server = server
        self.clock = server.clock
        self.address = address or some_address()
        self.history = []
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers.update({"X-Forwarded-For": self.address, "User-Agent": "countersign-e2e"})

    # Requests

    def request(self, method, path, headers=None, may_break=False, **rest):
        """One request. A 5xx fails the test unless the test says that it may happen."""
        address = self.server.url + (path if path.startswith("/") else "/" + path)
        headers = {"Sec-Fetch-Site": "same-origin", **(headers or {})}
        response = self.http.request(method, address, headers=headers, allow_redirects=False, timeout=30, **rest)
        reply = Reply(response)
        self.history.append((method, path, reply.status, reply.location))
        assert may_break or reply.status < 500, f"{method} {path}: {reply.status}\n{reply.text[:2000]}"
        return reply

    def get(self, path, **rest):
        return self.request("GET", path, **rest)

    def post(self, path, fields=None, headers=None, **more):
        """Sends a form. A list as a value repeats the field."""
        return self.request("POST", path, data={**(fields or {}), **more}, headers=headers)

    def follow(self, reply, most=6):
        while reply.status in (301, 302, 303, 307) and most:
            target = urllib.parse.urlsplit(reply.location)
            reply = self.get(target.path + (f"?{target.query}" if target.query else ""))
            most -= 1
        return reply

    def browser_cookie(self, name):
        return self.http.cookies.get(name)

    def carrying(self, **cookies):
        """Another client with just these cookies."""
        other = Portal(self.server)
        for name, value in cookies.items():
            other.plant(name, value)
        return other

    def plant(self, name, value):
        """Puts a cookie into this client as if the portal had set it."""
        self.http.cookies.set(name, value, domain="127.0.0.1", path="/")

    # Signing in and out

    def sign_in(self, login, password, **more):
        return self.post("/sign-in", login=login, password=password, **more)

    def token(self, code):
        return self.post("/sign-in/token", token=code)

    def sign_out(self):
        return self.post("/sign-out")

    def enter(self, person):
        """The whole sign-in of a person, with a token when they have a device."""
        reply = self.sign_in(person.login, person.password)
        if person.device is not None:
            assert reply.status == 303 and reply.path == "/sign-in/token", reply
            reply = self.token(person.device.fresh())
        assert reply.status == 303 and self.inside(), reply
        return self

    def inside(self):
        """Whether this client has a portal session that opens a page."""
        return self.get("/own").status == 200

    # Two-factor

    def panel(self, where="/accounts/details/two-factor"):
        """Opens the enrolment panel; returns the device that has scanned it."""
        page = self.get(where).page
        secret = page.first("code", id="totp-secret")
        assert secret is not None, f"no secret on {where}: {page.text[:300]}"
        return Device(secret.text, self.clock)

    def start_enrolment(self, person, **more):
        reply = self.post("/accounts/details/two-factor/enable", password=person.password, **more)
        assert reply.status == 303 and reply.path == "/accounts/details/two-factor", reply
        return self.panel()

    def prove(self, device, where="/accounts/details/two-factor", **more):
        first, second = device.pair()
        return self.post(where, token1=first, token2=second, **more)

    def keep(self, reply, person, device):
        """Reads the recovery codes after configuring and says that they are kept."""
        assert reply.status == 303 and reply.path.endswith("/recovery-codes"), reply
        shown = self.follow(reply)
        assert CONFIGURED in shown.page.text, shown.page.text[:500]
        person.device, person.recovery = device, recovery_codes(shown.page)
        return self.post(reply.path, kept="on")

    def enrol(self, person):
        """Configures two-factor on Accounts > Details, from button to kept codes."""
        device = self.start_enrolment(person)
        self.keep(self.prove(device), person, device)
        return device

    def enrol_in_sign_in(self, person):
        """The forced enrolment, after the password step."""
        device = self.panel("/sign-in/enrol")
        reply = self.keep(self.prove(device, "/sign-in/enrol"), person, device)
        assert reply.status == 303 and self.inside(), reply
        return device

    # Settings

    def require(self, state):
        return self.post("/accounts/settings/require-two-factor", require=state)

    def requirement(self):
        """ON or OFF, as the page of the settings reads."""
        page = self.get("/accounts/settings").page
        states = set(re.findall(r"\b(ON|OFF)\b", (page.form("/accounts/settings/require-two-factor") or page).text))
        assert len(states) == 1, f"the state reads {states}"
        return states.pop()


def recovery_codes(page):
    """The ten codes on the page: each the whole text of one element."""
    shape = re.compile(r"[A-Za-z0-9]{2,}([ -][A-Za-z0-9]{2,})*")
    found = []
    for element in page.walk():
        leaf = element.tag in ("code", "li", "dd", "td") and not any(c for c in element.children if not isinstance(c, str))
        bare = re.sub(r"[ -]", "", element.text) if leaf else ""
        if 13 <= len(bare) <= 26 and shape.fullmatch(element.text) and element.text not in found:
            found.append(element.text)
    assert len(found) == 10, f"expected 10 recovery codes, read {found}"
    return found
