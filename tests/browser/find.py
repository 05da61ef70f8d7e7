"""Which browser the tests drive. `python -m tests.browser.find` makes sure that there is one (make test-setup).

In this order: TIMESINK_BROWSER, a Chromium or Chrome on the PATH, Debian's package where one may install it,
Playwright's own download.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


class NoBrowser(Exception):
    """None was found; the message says in one sentence what to install."""


def browser_path() -> str:
    """The browser's executable. Raises NoBrowser; installs nothing."""
    named = os.environ.get("TIMESINK_BROWSER")
    if named:
        if shutil.which(named) is None:
            raise NoBrowser(f"TIMESINK_BROWSER is {named}, which cannot be run: name a Chromium or Chrome.")
        return named
    found = next((path for name in NAMES if (path := shutil.which(name))), None) or _downloaded()
    if found is None:
        raise NoBrowser(
            "The browser tests need Chromium: install it (Debian: apt-get install chromium) "
            "or set TIMESINK_BROWSER to a Chromium or Chrome."
        )
    return found


def _downloaded() -> str | None:
    """Playwright's own copy, wherever it keeps it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def by_debian(*packages: str) -> None:
    """Where one may install Debian's packages; else nothing happens."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        for command in (["apt-get", "update", "-qq"], install):
            subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False)


def _by_playwright() -> None:
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    installers: list[Callable[[], None]] = [lambda: by_debian("chromium"), _by_playwright]
    while True:
        try:
            print(f"browser: {browser_path()}")
            return 0
        except NoBrowser as fault:
            if not installers or os.environ.get("TIMESINK_BROWSER"):
                print(fault, file=sys.stderr)
                return 1
        installers.pop(0)()


if __name__ == "__main__":
    sys.exit(main())
