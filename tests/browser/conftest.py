"""A real server on loopback, a real database, a real Chromium. Fakes only for the clock and the network.

What is tested here runs in the browser, and what the server says to it is tested on both kinds of database without one.
So these run on SQLite; the road from the finger to the figures, where a tap could be lost, is walked `ON_BOTH`.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser

from app.config import Settings
from app.main import create_app, furnish
from tests.browser.launching import INSECURE_HOST
from tests.browser.phone import Phone
from tests.people import Member, Town

ON_BOTH = pytest.mark.on("sqlite", "postgresql")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Called for what lies in this folder."""
    if isinstance(collector, pytest.Module):
        collector.add_marker(pytest.mark.browser)
        collector.add_marker(pytest.mark.on("sqlite", why="a browser cannot tell the databases apart"))


@dataclass
class Site:
    """The app as it listens on a port of this machine. `requests` counts what reached /api/v1/batches."""

    port: int
    app: FastAPI
    server: uvicorn.Server
    listening: socket.socket
    thread: threading.Thread = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def insecure_url(self) -> str:
        return f"http://{INSECURE_HOST}:{self.port}"

    def start(self) -> None:
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]}, daemon=True)
        self.thread.start()
        deadline = time.monotonic() + 15
        while not self.server.started:
            assert self.thread.is_alive(), "the server stopped while starting"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.01)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(15)
        assert not self.thread.is_alive(), "the server did not stop"

    def ask(self, member: Member, path: str) -> Any:
        """The JSON that a program of this person gets."""
        answer = httpx.get(self.url + path, headers={"Authorization": f"Bearer {member.token}"}, timeout=20)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def events(self, member: Member, session: str) -> list[dict[str, Any]]:
        """All raw events of a session."""
        items: list[dict[str, Any]] = self.ask(member, f"/api/v1/sessions/{session}/events?limit=1000")["items"]
        return items

    def timeline(self, member: Member, session: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(member, f"/api/v1/sessions/{session}/timeline")
        return found


@pytest.fixture(scope="session")
def _site_app() -> FastAPI:
    """One for all tests, like that of `client`; a test may hold both."""
    return create_app(Settings(database_url="sqlite:////nowhere/timesink.db"))


@pytest.fixture
def site(_site_app: FastAPI, database_url: str, town: Town) -> Iterator[Site]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    settings = Settings(
        database_url=database_url, base_url=base, lan_origins=[f"http://{INSECURE_HOST}:{port}"], log_level="warning"
    )
    furnish(_site_app, settings)
    config = uvicorn.Config(_site_app, log_level="warning", ws="none", timeout_graceful_shutdown=5)
    running = Site(port, _site_app, uvicorn.Server(config), listening)
    running.start()
    yield running
    running.stop()
    listening.close()


@pytest.fixture
def otto(town: Town) -> Member:
    """An observer of clinic north."""
    return town["otto"]


@pytest.fixture
def hand_out(browser: Browser, site: Site) -> Iterator[Callable[..., Phone]]:
    """Phones, as many as a test wants; each is checked for faults when the test is over."""
    out: list[Phone] = []

    def hand(member: Member | None, url: str = "", **options: Any) -> Phone:
        phone = Phone.held_by(browser, url or site.url, member, **options)
        out.append(phone)
        return phone

    yield hand
    for phone in out:
        phone.context.close()
    for phone in out:
        phone.check()


@pytest.fixture
def phone(hand_out: Callable[..., Phone], otto: Member) -> Phone:
    """Otto's phone with the pad open, before a session."""
    held: Phone = hand_out(otto)
    held.open()
    return held
