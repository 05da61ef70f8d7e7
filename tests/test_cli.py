"""The commands as an operator types them: real processes on a real database."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.config import CHECKOUT, Settings
from tests.builders import envelope, observed

PASSWORD = "seven quiet lamps"


class Terminal:
    """Runs `timesink` with the settings of one database, from a directory that is not the checkout."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TIMESINK_")},
            "TIMESINK_DATABASE_URL": database_url,
        }

    def run(self, *arguments: str, stdin: str = "", code: int = 0) -> str:
        """What it printed; of a failure, what it said on stderr."""
        done = subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            input=stdin,
            cwd=self.folder,
            env=self.environment | {"PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stderr if code else done.stdout

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[tuple[str, str]]:
        """(address, all that it printed until it answered) of `timesink serve` on a free port; killed at the end."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        printed = self.folder / "serve.log"
        with printed.open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve", "--port", str(port), *arguments],
                cwd=self.folder,
                env=self.environment | {"PYTHONPATH": str(CHECKOUT)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_until_ready(address, process)
            yield address, printed.read_text()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    for _try in range(300):
        assert process.poll() is None, "serve ended before it answered"
        try:
            if httpx.get(f"{address}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("serve did not answer within 30 s")


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    return Terminal(database_url, tmp_path)


def set_up(terminal: Terminal, clinic: str = "north") -> str:
    return terminal.run(
        "setup", "--clinic", clinic, "--name", f"{clinic.title()} Clinic", "--timezone", "America/Chicago",
        "--admin", f"ana@{clinic}.example", "--password-stdin", stdin=PASSWORD + "\n",
    )  # fmt: skip


def test_from_nothing_to_an_answer_over_the_api(terminal: Terminal) -> None:
    assert "North Clinic" in set_up(terminal)
    invitation = terminal.run("person", "add", "otto@north.example", "--clinic", "north", "--role", "observer")
    assert re.search(r"/invitation/[\w-]{20,}\s*$", invitation)
    token = terminal.run("token", "otto@north.example", "--days", "2").strip().splitlines()[-1]
    with terminal.serving() as (address, printed):
        assert address in printed
        assert "/setup/" not in printed  # somebody has an account
        headers = {"Authorization": f"Bearer {token}"}
        items = observed("09:00 rooming", "09:05 end")
        answer = httpx.post(f"{address}/api/v1/batches", json=envelope(items), headers=headers)
        assert [result["status"] for result in answer.json()["results"]] == ["stored"] * 4
        listed = httpx.get(f"{address}/api/v1/sessions", params={"clinic": "north"}, headers=headers).json()
        assert [item["observed_ms"] for item in listed["items"]] == [300_000]
    assert "follow" in terminal.run("rebuild")


def test_on_an_empty_database_serve_prints_a_link_that_sets_up_the_first_clinic(terminal: Terminal) -> None:
    with terminal.serving() as (address, printed):
        found = re.search(rf"{address}/setup/[\w-]+", printed)
        assert found, printed
        page = httpx.get(found[0])
        assert page.status_code == 200
        assert "<form" in page.text


def add(terminal: Terminal, role: str, *options: str) -> list[str]:
    return terminal.run("person", "add", "ana@north.example", "--clinic", "north", "--role", role, *options).split("\n")


def test_somebody_with_a_password_gets_a_role_that_is_told_and_a_link_only_when_asked(terminal: Terminal) -> None:
    set_up(terminal)
    unchanged = ["ana@north.example has a password and signs in with it. --new-link prints a link to choose a new one."]
    assert add(terminal, "admin") == [*unchanged, ""]
    told = add(terminal, "manager")
    assert told == ["ana@north.example was admin in this clinic and is now manager.", *unchanged, ""]
    *told, link, _end = add(terminal, "manager", "--new-link")
    assert told == ["With this link a new password is chosen. The old one stays valid until then:"]
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/invitation/[\w-]{20,}", link)


def test_links_name_the_address_at_which_serve_was_last_seen(terminal: Terminal) -> None:
    set_up(terminal)
    with terminal.serving() as (address, _printed):
        link = add(terminal, "admin", "--new-link")[-2]
        assert link.startswith(f"{address}/invitation/")
        assert httpx.get(link).status_code == 200
    assert add(terminal, "admin", "--new-link")[-2].startswith(f"{address}/")
    terminal.environment["TIMESINK_BASE_URL"] = "https://timesink.example"
    assert add(terminal, "admin", "--new-link")[-2].startswith("https://timesink.example/")


def test_faults_are_one_sentence_and_an_exit_code(terminal: Terminal) -> None:
    set_up(terminal)
    again = terminal.run(
        "setup",
        "--clinic",
        "north",
        "--name",
        "North",
        "--timezone",
        "America/Chicago",
        "--admin",
        "a@b.example",
        code=2,
    )
    assert "north" in again
    assert "no time zone" in terminal.run(
        "setup", "--clinic", "east", "--name", "East", "--timezone", "Mars/Base", "--admin", "a@b.example", code=2
    )
    weak = terminal.run(
        "setup", "--clinic", "east", "--name", "East", "--timezone", "America/Chicago", "--admin", "a@b.example",
        "--password-stdin", stdin="short\n", code=2,
    )  # fmt: skip
    assert "at least 12" in weak
    assert "nowhere" in terminal.run(
        "person", "add", "o@n.example", "--clinic", "nowhere", "--role", "observer", code=2
    )
    assert "king" in terminal.run("person", "add", "o@n.example", "--clinic", "north", "--role", "king", code=2)
    assert "nobody@north.example" in terminal.run("token", "nobody@north.example", code=2)
    terminal.run("dance", code=2)
    # nothing of what failed half-way is there
    assert "east" in set_up(terminal, "east").lower()


def test_more_than_one_worker_on_sqlite_is_refused_with_the_reason(terminal: Terminal) -> None:
    if "postgresql" in terminal.environment["TIMESINK_DATABASE_URL"]:
        set_up(terminal)
        with terminal.serving("--workers", "2") as (address, _printed):
            assert httpx.get(f"{address}/healthz").status_code == 200
    else:
        assert "one writer" in terminal.run("serve", "--workers", "2", code=2)


@pytest.mark.on("sqlite", why="the database of the test is not opened")
def test_a_bad_setting_stops_a_command_by_name_and_value(terminal: Terminal) -> None:
    terminal.environment["TIMESINK_LOGIN_DAYS"] = "never"
    assert "TIMESINK_LOGIN_DAYS='never'" in terminal.run("settings", code=2)


@pytest.mark.on("sqlite", why="the database of the test is not opened")
def test_settings_shows_every_one_but_no_password(terminal: Terminal) -> None:
    long = f"sqlite:////tmp/{'long-name-' * 20}/timesink.db"
    terminal.environment["TIMESINK_DATABASE_URL"] = long
    printed = terminal.run("settings")
    for name, field in Settings.model_fields.items():
        assert f"TIMESINK_{name.upper()}=" in printed
        assert (field.description or "?") in printed  # whole, however narrow the terminal
    assert f"TIMESINK_DATABASE_URL={long}\n" in printed
    terminal.environment["TIMESINK_DATABASE_URL"] = "postgresql://me:hushhush@db.example/timesink"
    assert "hushhush" not in terminal.run("settings")


@pytest.mark.on("sqlite", why="the database of the test is not opened")
def test_a_database_that_cannot_be_reached_is_one_sentence(terminal: Terminal, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "timesink.db").mkdir()
    terminal.environment["TIMESINK_DATABASE_URL"] = f"sqlite:///{blocked}/timesink.db"
    assert "database" in terminal.run("rebuild", code=1)
