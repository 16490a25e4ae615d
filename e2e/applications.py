"""Applications behind the portal, as their proxy sees them: questions to /forward-auth, and the hand-over."""

import re
import time
import urllib.parse

from people import Company
from server import UUID

APP_COOKIE = "countersign_app"
IDENTITY = ("Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups")


def cookie_of(origin, name):
    return ("__Host-" if origin.startswith("https:") else "") + "countersign_" + name


class Console:
    """One application of a company, made by the command line."""

    def __init__(self, company, origin, *options, name="Grafana"):
        self.company, self.server, self.origin = company, company.server, origin
        out = self.server.do("application", "create", "--account", company.id, "--name", name, "--origin", origin, *options)
        self.id = UUID.search(out).group(0)
        # A node looks no more often than every 20 ms for an application that it does not know.
        time.sleep(0.03)

    def rule(self, portal, path, match, action):
        reply = portal.post(f"/applications/{self.id}/rules", {"path": path, "match": match, "action": action})
        assert reply.status == 303, reply.text
        return reply

    # What a proxy asks

    def ask(self, portal, path="/", cookie=None, method="GET", dialect="forwarded", origin=None, **headers):
        """The answer of /forward-auth about a request of this application."""
        origin = urllib.parse.urlsplit(origin or self.origin)
        if dialect == "nginx":
            described = {"X-Original-URL": f"{origin.scheme}://{origin.netloc}{path}", "X-Original-Method": method}
        else:
            described = {
                "X-Forwarded-Proto": origin.scheme, "X-Forwarded-Host": origin.netloc,
                "X-Forwarded-Uri": path, "X-Forwarded-Method": method,
            }
        if cookie:
            described["Cookie"] = f"{cookie_of(self.origin, 'app')}={cookie}"
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return portal.__class__(self.server).get("/forward-auth", headers={**described, **more}, may_break=True)

    def navigate(self, portal, path="/", **rest):
        return self.ask(portal, path, Sec_Fetch_Mode="navigate", Accept="text/html", **rest)

    # The hand-over, step by step

    def at_host(self, portal, method, path, cookies=None, **rest):
        """A request that the application's proxy routes to the portal."""
        origin = urllib.parse.urlsplit(self.origin)
        headers = {"X-Forwarded-Proto": origin.scheme, "X-Forwarded-Host": origin.netloc, **rest.pop("headers", {})}
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return portal.__class__(self.server).request(method, path, headers=headers, **rest)

    def start(self, portal, to="/"):
        """Begins; returns the nonce and the path at the portal."""
        reply = self.at_host(portal, "GET", "/_countersign/start?to=" + urllib.parse.quote(to, safe=""))
        assert reply.status == 303, reply
        assert reply.location.startswith(self.server.public_url + "/"), reply.location
        return reply.cookie(cookie_of(self.origin, "nonce")), reply.location[len(self.server.public_url):]

    def ticket(self, portal, address):
        """Goes on at the portal; returns the ticket, or the answer where there is none."""
        reply = portal.get(address)
        place = reply.location if reply.status == 303 else None
        if reply.status == 200:
            found = re.search(r'http-equiv="refresh" content="\d+;\s*url=([^"]+)"', reply.text)
            place = found and found.group(1).replace("&#x2F;", "/").replace("&#x3D;", "=").replace("&amp;", "&")
        if not place or "ticket=" not in place:
            return None, reply
        assert place.startswith(self.origin + "/_countersign/callback?"), place
        return urllib.parse.parse_qs(urllib.parse.urlsplit(place).query)["ticket"][0], reply

    def callback(self, portal, ticket, nonce):
        cookies = {cookie_of(self.origin, "nonce"): nonce} if nonce else None
        return self.at_host(portal, "GET", "/_countersign/callback?ticket=" + ticket, cookies=cookies)

    def enter(self, portal, to="/"):
        """The whole hand-over of a signed-in person; returns the value of the application's cookie."""
        nonce, address = self.start(portal, to)
        ticket, reply = self.ticket(portal, address)
        assert ticket, reply
        reply = self.callback(portal, ticket, nonce)
        assert reply.status == 303 and reply.location == to, reply
        return reply.cookie(cookie_of(self.origin, "app"))


class Scene:
    """A company with an application, and a person who is in it."""

    def __init__(self, server, origin="https://grafana.example.com"):
        self.company = Company(server)
        self.admin = self.company.enrolled_admin()
        self.role = self.company.role(accounts="view")
        self.user = self.company.user(role=self.role)
        self.portal = self.company.portal(self.user)
        self.portal.enrol(self.user)
        self.console = Console(self.company, origin)
        self.cookie = self.console.enter(self.portal, "/d/abc?x=1")
