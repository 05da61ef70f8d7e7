"""A server of its own process, to be killed; a network to be spoilt; the test's own list of taps."""

import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.conftest import _site_app, hand_out, otto, phone, site
from tests.faults.amount import SOAK, Tally
from tests.faults.ledger import Ledger
from tests.faults.proxy import FaultProxy
from tests.faults.servers import Nursery, Server
from tests.people import Town

__all__ = ["_site_app", "hand_out", "otto", "phone", "site"]  # fixtures of the browser tests


@pytest.fixture
def browser(playwright: Playwright, launching: dict[str, Any]) -> Iterator[Browser]:
    """One for each test: what is killed or frozen in it is nobody else's."""
    running = playwright.chromium.launch(**launching)
    yield running
    running.close()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    held = Nursery()
    yield held
    held.close()


@pytest.fixture
def server(nursery: Nursery, database_url: str, town: Town, tmp_path: Path) -> Iterator[Server]:
    """Not started: `with server:` or `server.start(...)`."""
    held = Server(nursery, database_url, tmp_path)
    yield held
    held.kill()


@pytest.fixture
def network(server: Server) -> Iterator[FaultProxy]:
    """Between whoever calls `network.url` and the server."""
    with FaultProxy(server.port) as held:
        yield held


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


TALLY = Tally()
BEGUN = time.time()


@pytest.fixture
def tally() -> Tally:
    """One for the whole run."""
    return TALLY


# tests of the whole pad, one fault each: their names say which, and that they passed says what came of it
ROWS_OF = {"test_browser": "B", "test_accounts": "A", "test_clock_on": "C"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    group = next((group for start, group in ROWS_OF.items() if item.path.name.startswith(start)), None)
    if group and report.when == "call" and report.passed:
        name = item.name.partition("[")[0].removeprefix("test_").replace("_", " ")
        TALLY.add(f"{group} {name}", "the pad itself in a browser", result="0 lost, 0 doubled, and said so")
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tally"] = TALLY.as_plain()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a process beside this one has done, where xdist has shared the tests out."""
    TALLY.take(getattr(node, "workeroutput", {}).get("tally", {"lines": {}, "said": []}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if SOAK:
        terminalreporter.section("faults")
        begun = time.strftime("%Y-%m-%d %H:%M", time.gmtime(BEGUN))
        terminalreporter.write_line(f"Begun {begun} UTC, {(time.time() - BEGUN) / 60:.0f} minutes.\n")
        terminalreporter.write_line(TALLY.table())
