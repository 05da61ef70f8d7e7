"""One Chromium for a whole test session, whichever folder asks for it (two of Playwright cannot live in one thread)."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.find import NoBrowser, browser_path

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

INSECURE_HOST = "clinic.test"
# a command line has one --disable-features: Playwright's own ones that matter to a page, and the address bar's lists,
# pages of their own which Chromium starts with every window; nobody sees them here, and they take half of its time
WITHOUT = (
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter",
    "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
    "ThirdPartyStoragePartitioning", "WebUIOmniboxAimPopup", "WebUIOmniboxPopup",
)  # fmt: skip
ARGS = [
    f"--disable-features={','.join(WITHOUT)}",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {INSECURE_HOST} 127.0.0.1",
]


@pytest.fixture(scope="session")
def playwright() -> Iterator["Playwright"]:
    from playwright.sync_api import expect, sync_playwright  # here: most tests need no browser, and it takes a while

    expect.set_options(
        timeout=15_000
    )  # only what fails takes so long; a busy machine may need more than the usual five
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def launching() -> dict[str, Any]:
    """How Chromium is started; without its own sandbox, which root may not have."""
    try:
        path = browser_path()
    except NoBrowser as fault:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(fault))
    return {"executable_path": path, "args": ARGS, "chromium_sandbox": False}


@pytest.fixture(scope="session")
def browser(playwright: "Playwright", launching: dict[str, Any]) -> Iterator["Browser"]:
    running = playwright.chromium.launch(**launching)
    yield running
    running.close()
