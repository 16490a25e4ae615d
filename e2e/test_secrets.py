"""Canaries: after a whole life, no secret stands in the log, the database, an address, an error or a later page."""

import base64
import re

import pytest

from agent import Agent
from people import Company
from portal import ATTEMPT, SESSION, Portal
from test_contract_users import invite


class Life:
    """Everything that a secret goes through, with the secrets noted down."""

    def __init__(self, server):
        self.server, self.secrets, self.codes, self.clients = server, {}, set(), []
        company = self.company = Company(server)
        admin = company.enrolled_admin()
        self.person("admin", company.admin)
        user = company.user()
        portal = self.client(company.portal(user))
        portal.enrol(user)
        self.person("user", user)
        self.secrets["session"] = portal.browser_cookie(SESSION)
        portal.sign_out()
        half = self.client(Portal(server))
        half.sign_in(user.login, user.password)
        self.secrets["attempt"] = half.browser_cookie(ATTEMPT)
        wrong, right = user.device.wrong(), user.device.fresh()
        self.codes |= {wrong, right}
        self.refusal = half.token(wrong)
        half.token(right)
        self.secrets["session2"] = half.browser_cookie(SESSION)
        agent = self.client(company.agent(user))
        self.secrets["agent token"] = agent.bearer
        self.secrets["wrong password"] = "Canary-wrong-password-5591"
        self.wrong_page = self.client(Portal(server)).sign_in(user.login, self.secrets["wrong password"])
        Agent(server).agent_sign_in(user.login, self.secrets["wrong password"])
        self.secrets["password typed as login"] = "Canary-typed-as-login-7730"
        Portal(server).sign_in(self.secrets["password typed as login"], "x" * 20)
        Agent(server).agent_sign_in(self.secrets["password typed as login"], "x" * 20)
        guest, link = invite(company, self.client(admin))
        self.secrets["invitation"] = link.rsplit("/", 1)[1]
        browser = self.client(Portal(server))
        browser.get(link)
        browser.post(link, password=guest.password, password_again=guest.password)
        self.secrets["guest's password"] = guest.password
        pending = company.user()
        self.pending = company.portal(pending)
        self.secrets["pending secret"] = self.pending.start_enrolment(pending).secret
        recovery = self.client(Portal(server))
        recovery.sign_in(user.login, user.password)
        recovery.token(user.recovery[9])
        self.admin, self.user, self.portal = admin, user, recovery
        self.own = self.secrets["admin's secret"], self.secrets["user's secret"]

    def client(self, portal):
        self.clients.append(portal)
        return portal

    def person(self, name, person):
        self.secrets[f"{name}'s password"] = person.password
        self.secrets[f"{name}'s secret"] = person.device.secret
        for number, code in enumerate(person.recovery):
            self.secrets[f"{name}'s recovery code {number}"] = code


def spellings(name, secret):
    """How a secret may stand somewhere: as it is, without its marks, grouped, hexadecimal, raw."""
    bare = re.sub(r"[ -]", "", secret)
    yield secret.encode()
    yield bare.encode()
    yield bare.lower().encode()
    yield " ".join(bare[i:i + 4] for i in range(0, len(bare), 4)).encode()
    if name.endswith("secret"):
        raw = base64.b32decode(bare)
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        yield base64.b64encode(raw).rstrip(b"=")
        yield base64.urlsafe_b64encode(raw).rstrip(b"=")


def found_in(secrets, data):
    return [name for name, secret in secrets.items() if any(spelling in data for spelling in spellings(name, secret))]


def code_in(codes, text):
    return [code for code in codes if re.search(rf"(?<![0-9A-Za-z.:-]){code}(?![0-9A-Za-z])", text)]


@pytest.fixture(scope="module")
def life(new_server):
    server = new_server(COUNTERSIGN_LOG_LEVEL="debug")
    return Life(server)


def test_S02_S17_the_log_holds_no_secret(life):
    log = life.server.log
    assert not found_in(life.secrets, log.encode())
    assert not code_in(life.codes, log)
    assert "password=" not in log and "token1=" not in log
    assert not re.search(r"/welcome\?token=", "\n".join(line for line in life.server.lines if "GET" in line or "POST" in line))


def test_S02_S17_the_database_holds_no_secret(life):
    dump, text = life.server.dump()
    assert life.company.admin.login in text, "the search works"
    assert not found_in(life.secrets, dump)
    assert not found_in(life.secrets, text.encode())
    blobs = b"".join(bytes.fromhex(h) for h in re.findall(r"(?:X'|\\\\x)([0-9A-Fa-f]+)", text) if len(h) % 2 == 0)
    assert not found_in(life.secrets, blobs)
    for name, secret in life.secrets.items():
        assert secret.encode().hex() not in text.lower(), name


def test_S02_the_key_file_and_the_temporary_files_hold_no_secret(life):
    for file in life.server.folder.rglob("*"):
        if file.is_file() and not file.name.startswith("countersign.sqlite"):
            assert not found_in(life.secrets, file.read_bytes()), file


def test_S02_no_address_carries_a_secret(life):
    allowed = {"invitation"}
    for client in life.clients:
        for method, path, status, location in client.history:
            assert not (set(found_in(life.secrets, (location or "").encode())) - allowed), (method, path, location)


def test_S02_a_refused_form_gives_nothing_back(life):
    for reply in (life.wrong_page, life.refusal):
        assert reply.status == 422
        assert not found_in({k: v for k, v in life.secrets.items() if "password" in k}, reply.text.encode())
        assert not code_in(life.codes, reply.page.text)
        for box in reply.page.all("input"):
            if box["name"] in ("password", "token"):
                assert not box["value"]


def test_S17_a_confirmed_secret_never_appears_again(life):
    paths = ["/own", "/accounts/details", "/accounts/details/two-factor", "/accounts/details/recovery-codes", "/accounts/details/sessions",
             "/accounts/settings", "/setup/users", f"/setup/users/{life.user.id}", "/setup/roles", "/setup/activity-log", "/setup/activity-log.csv"]
    for portal in (life.admin, life.portal):
        for path in paths:
            reply = portal.get(path)
            assert not found_in({str(n): s for n, s in enumerate(life.own)}, reply.text.encode()), path
            assert not found_in({k: v for k, v in life.secrets.items() if "recovery" in k or "password" in k}, reply.text.encode()), path
    for path in paths:
        assert life.secrets["pending secret"] not in life.admin.get(path).text, path
    assert life.secrets["pending secret"] == life.pending.panel().secret, "a pending secret appears to its own login alone"


def test_S17_the_lists_of_the_command_line_hold_no_secret(life):
    server = life.server
    for arguments in (("account", "list"), ("user", "list", "--account", life.company.id), ("keys", "list"), ("activity", "export"), ("doctor",)):
        for more in ([], ["--json"]):
            done = server.command(*arguments, *more)
            assert not found_in(life.secrets, (done.stdout + done.stderr).encode()), arguments
