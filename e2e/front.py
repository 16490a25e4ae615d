"""A real proxy in front of two consoles, with the applications and people that belong to them."""

import http.client
import ssl

from applications import Console
from people import Company
from proxies import Proxy
from upstream import Upstream

KINDS = ["nginx", "caddy", "haproxy", "apache"]


class Front:
    """`console` is what the tests are about; `wiki` is the other application of the same proxy."""

    def __init__(self, kind, server, folder):
        self.kind, self.server = kind, server
        self.upstream, self.wiki_upstream = Upstream(), Upstream()
        self.proxy = Proxy(kind, folder / kind, server, [(f"{kind}.localhost", self.upstream), (f"wiki-{kind}.localhost", self.wiki_upstream)])
        self.company = Company(server)
        self.admin = self.company.enrolled_admin()
        self.role = self.company.role(accounts="view")
        self.console = Console(self.company, self.proxy.origin, "--role", self.role, name="Graphs")
        self.console.rule(self.admin, "/admin", "prefix", "deny")
        self.console.rule(self.admin, "/public", "prefix", "allow")
        self.console.rule(self.admin, "/api", "prefix", "api-token")
        # Open where the console is closed, and for people who may not use the console.
        self.wiki_role = self.company.role(accounts="view", applications="view")
        self.wiki = Console(self.company, self.proxy.origin_of(self.proxy.hosts[1]), "--role", self.wiki_role, name="Wiki")
        self.wiki.rule(self.admin, "/open", "prefix", "allow")

    def stop(self):
        self.proxy.stop()
        self.upstream.stop()
        self.wiki_upstream.stop()

    def person(self, role=None):
        user = self.company.user(role=role or self.role)
        self.company.portal(user).enrol(user)
        return user

    def session(self, user, console=None):
        """The cookie of a session, by way of the proxy alone."""
        console = console or self.console
        host = console.origin.removeprefix("https://").rsplit(":", 1)[0]
        portal = self.company.portal(user)
        start = self.request("GET", "/_countersign/start?to=/", host=host)
        nonce = start.headers["Set-Cookie"].split(";")[0]
        ticket, reply = console.ticket(portal, start.headers["Location"][len(self.server.public_url):])
        assert ticket, reply
        done = self.request("GET", "/_countersign/callback?ticket=" + ticket, {"Cookie": nonce}, host=host)
        assert done.status == 303, done.read()
        cookie = next(v for k, v in done.getheaders() if k.lower() == "set-cookie" and "_app=" in v)
        return portal, cookie.split(";")[0]

    def wire(self, host=None):
        """A connection to the proxy; the name is told, as a browser does, and not looked up."""
        wire = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=10)
        wire.connect()
        wire.sock = ssl._create_unverified_context().wrap_socket(wire.sock, server_hostname=host or self.proxy.host)
        return wire

    def request(self, method, path, headers=None, body=None, host=None):
        """A request on the wire, its path sent as it is."""
        wire = self.wire(host)
        wire.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        wire.putheader("Host", f"{host or self.proxy.host}:{self.proxy.port}")
        for name, value in (headers or {}).items():
            wire.putheader(name, value)
        if body is not None:
            wire.putheader("Content-Length", str(len(body)))
        wire.endheaders(body)
        answer = wire.getresponse()
        answer.text = answer.read().decode("utf-8", "replace") if answer.status != 101 else ""
        return answer
