"""A rule for a path in every spelling of it: as documented, and as consoles read it."""

import http.client
import itertools
import re

import pytest

from applications import Console, Scene, cookie_of
from consoles import Consoles
from front import KINDS, Front
from proxies import DOCS
from wire import http1

HELD = {"holds", "does not hold", "refused", "passes"}


def documented():
    """The rows of the table: what, example, what it says of opening rules, closing rules and none."""
    for line in (DOCS / "forward-auth.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and set(cells[2:]) <= HELD:
            for example in re.findall(r"`([^`]*)`", cells[1]):
                yield pytest.param(example, *cells[2:], id=example)


TABLE = list(documented())


class Applications:
    """One with an opening rule, one with a closing one, one with both kinds, one without; and somebody who may use all."""

    def __init__(self, server):
        scene = Scene(server)
        self.portal, self.admin = scene.portal, scene.admin

        def made(name, *rules):
            console = Console(scene.company, f"https://{name}.example.com", name=name)
            for rule in rules:
                console.rule(self.admin, *rule)
            return console, console.enter(self.portal)

        self.opening = made("opening", ("/admin", "prefix", "allow"))
        self.closing = made("closing", ("/admin", "prefix", "deny"))
        self.within = made("within", ("/", "prefix", "deny"), ("/admin", "prefix", "two-factor"))
        self.plain = made("plain")
        self.both = made("both", ("/admin", "prefix", "deny"), ("/public", "prefix", "allow"))

    def ask(self, which, path, inside):
        console, cookie = which
        return console.ask(self.portal, path.encode("utf-8", "surrogateescape").decode("latin-1"), cookie if inside else None)

    def quick(self, which, wire):
        """The same for thousands of paths, over one connection; the status alone."""
        console, cookie = which
        name = cookie_of(console.origin, "app")

        def ask(path, inside):
            wire.request("GET", "/forward-auth", headers={
                "X-Original-URL": (console.origin + path).encode(), "X-Original-Method": "GET", **({"Cookie": f"{name}={cookie}"} if inside else {})})
            answer = wire.getresponse()
            answer.read()
            return answer.status

        return ask


@pytest.fixture(scope="module")
def applications(server):
    return Applications(server)


@pytest.fixture(scope="module")
def consoles(tmp_path_factory):
    made = Consoles(tmp_path_factory.mktemp("consoles"))
    yield made
    made.stop()


def code(reply):
    return reply.response.json()["code"] if reply.text else ""


def test_the_table_is_there():
    assert len(TABLE) > 40 and {row.values[1] for row in TABLE} == {"holds", "does not hold", "refused"}


@pytest.mark.parametrize(["path", "opens", "closes", "alone"], TABLE)
def test_each_kind_of_rule_reads_a_spelling_as_documented(applications, path, opens, closes, alone):
    # Opening: nobody is signed in.
    reply = applications.ask(applications.opening, path, inside=False)
    assert reply.status == {"holds": 200, "does not hold": 401, "refused": 403}[opens], (reply.status, code(reply))
    # Opening within what another rule closes: somebody is, and has two factors.
    reply = applications.ask(applications.within, path, inside=True)
    assert (reply.status, code(reply)) == {"holds": (200, ""), "does not hold": (403, "path_denied"), "refused": (403, "path_refused")}[opens]
    # Closing: whoever asks.
    for inside in (True, False):
        reply = applications.ask(applications.closing, path, inside)
        assert (reply.status, code(reply)) == (403, {"holds": "path_denied", "refused": "path_refused"}[closes])
    reply = applications.ask(applications.plain, path, inside=True)
    assert reply.status == {"passes": 200, "refused": 403}[alone], code(reply)
    assert applications.ask(applications.plain, path, inside=False).status != 200


def spellings():
    """Every way to write a path under /public or /admin that the table knows of, and some of two at once."""
    slashes = ["/", "//", "///", "/./", "/x/../", "/%2e/", "/x/%2e%2e/", "/x/.%2E/", "%2f", "/\\", "\\", "/;/", "/;x=y/", "/%2f", "/%5c", "//host/", "//public/",
               "/public/../", "/public//../", "/public/..;/", "/public/%2e%2e/", "/public/..%2f", "/public/%252e%252e/", "/public/..%c0%af", "/public/%00/../"]
    names = ["admin", "ADMIN", "%61dmin", "%41DMIN", "admi%6e", "%2561dmin", "admin;x", "admin.", "admin%20", "admin%00", "admin%c0%af", "adm\u0131n",
             "\uff41dmin", "admin%3f", "admin#", "admin%23", "admin?", "public", "Public", "%70ublic", "public;", "public%00", "public?", "public#", "public%2e"]
    ends = ["", "/", "/x", "//x", "/../admin/x", "/..%2fadmin", "/%2e%2e/admin", "//../admin", "/..;/admin", "/..\\admin", "?/../admin", "?/public/", "/x//../../admin",
            "/%CC%81x", "/a%20b", "/caf%C3%A9", "/a+b", "/\u00e9"]
    yield from (slash + name + end for slash, name, end in itertools.product(slashes, names, ends))
    for row in TABLE:
        yield row.values[0]
        yield re.sub("admin", "public", row.values[0], flags=re.IGNORECASE)


def test_no_console_reads_a_closed_page_in_what_passes_or_a_closed_one_in_what_is_open(applications, consoles, server):
    """What is let through to everybody is under /public for every console; what any console takes for /admin is refused."""
    wrong, passed, refused, opened = [], 0, 0, 0
    seen = set()
    ask = applications.quick(applications.both, http.client.HTTPConnection("127.0.0.1", server.port, timeout=10))
    for path in spellings():
        if not path.startswith("/") or path in seen:
            continue
        seen.add(path)
        inside, outside = ask(path, True), ask(path, False)
        assert inside in (200, 403) and outside in (200, 401, 403), (path, inside, outside)
        passed, refused, opened = passed + (inside == 200), refused + (inside == 403), opened + (outside == 200)
        if inside != 200:
            continue
        readings = consoles.readings(path)
        if any(reading.lower() == "admin" for reading in readings.values()):
            wrong.append(("reaches the closed page", path, readings))
        if outside == 200 and any(reading != "public" for reading in readings.values()):
            wrong.append(("opens something else", path, readings))
    assert wrong == [], wrong[:20]
    assert passed > 100 and refused > 1_000 and opened > 5, (passed, refused, opened)


# Through real proxies, which read paths as well


@pytest.fixture(scope="module", params=KINDS)
def front(request, server, tmp_path_factory):
    made = Front(request.param, server, tmp_path_factory.mktemp("proxy"))
    made.cookie = made.session(made.person())[1]
    yield made
    made.stop()


def sent(front, path, *more):
    seen = len(front.upstream.seen)
    reply = http1(front.proxy.port, front.proxy.host, [f"GET {path} HTTP/1.1", f"Host: {front.proxy.host}:{front.proxy.port}", *more])
    return reply.status, front.upstream.seen[seen:]


@pytest.mark.one_engine
def test_no_spelling_of_a_closed_page_gets_through_a_proxy(front):
    wrong = []
    for row in TABLE:
        for cookie in ([f"Cookie: {front.cookie}"], []):
            status, seen = sent(front, row.values[0], *cookie)
            if seen or status not in (400, 401, 403, 404):
                wrong.append((row.values[0], bool(cookie), status, seen))
    assert wrong == []


@pytest.mark.one_engine
def test_only_the_written_spelling_of_an_open_page_gets_through_a_proxy(front):
    """A number sign in a query is the proxy's to take or refuse."""
    wrong = []
    for row in TABLE:
        path = re.sub("(?i)admin", lambda found: "PUBLIC" if found.group().isupper() else found.group()[0].replace("a", "p").replace("A", "P") + "ublic", row.values[0])
        if "public" not in path.lower() or "#" in path.partition("?")[2]:
            continue
        status, seen = sent(front, path)
        holds = row.values[1] == "holds"
        if holds != bool(seen) or holds != (status == 200):
            wrong.append((path, row.values[1], status, seen))
    assert wrong == []
