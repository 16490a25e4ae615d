"""Fixtures: one server per module with a clock of its own, people per test."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import postgres  # noqa: E402
from people import Company  # noqa: E402
from portal import Portal  # noqa: E402
from server import BINARY, ENGINE, Server  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "embedded: about the file of the embedded database, which PostgreSQL has not")
    config.addinivalue_line("markers", "one_engine: asks the same of every engine, so that one is enough")
    config.addinivalue_line("markers", "nodes: about several nodes over PostgreSQL; needs COUNTERSIGN_E2E_ENGINE=postgres")


def pytest_collection_modifyitems(config, items):
    others = ("embedded", "one_engine") if ENGINE == "postgres" else ("nodes",)
    items[:] = [item for item in items if not any(item.get_closest_marker(other) for other in others)]
    if not config.option.collectonly and items and not os.access(BINARY, os.X_OK):
        raise pytest.UsageError(f"no server to test at {BINARY}: build it, or set COUNTERSIGN_BIN")


@pytest.fixture(scope="session")
def new_server(tmp_path_factory):
    """Starts servers on request; each is stopped at the end and must exit with 0."""
    started = []

    def start(**how):
        server = Server(tmp_path_factory.mktemp("server"), **how).start()
        started.append(server)
        return server

    yield start
    for server in started:
        if server.running:
            assert server.stop() == 0, server.log[-3000:]


@pytest.fixture(scope="session", autouse=True)
def nobody_left_behind():
    yield
    for server in Server.everyone:
        if server.running:
            server.kill()
    postgres.remove_shared()


@pytest.fixture(scope="module")
def server(new_server):
    running = new_server()
    yield running
    if running.running:
        assert running.stop() == 0, running.log[-3000:]


@pytest.fixture
def clock(server):
    return server.clock


@pytest.fixture
def company(server):
    """An account with one admin, nobody configured."""
    return Company(server)


@pytest.fixture
def open_company(company):
    """An account whose first admin has configured two-factor, so that others may."""
    company.enrolled_admin()
    return company


@pytest.fixture
def stranger(server):
    return Portal(server)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows the end of the server's log beside a failure."""
    outcome = yield
    report = outcome.get_result()
    running = getattr(item, "funcargs", {}).get("server")
    if report.failed and running is not None:
        report.sections.append(("the server's last lines", "\n".join(running.lines[-40:])))
