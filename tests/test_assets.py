"""What is sent of static/: less than what is written there, and the same to a browser."""

import gzip
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from fastapi.testclient import TestClient

from app.assets import MEDIA_TYPES, STATIC, as_sent, asset, shortened
from app.config import CHECKOUT
from tests.node import NODE

OURS = sorted(path for path in STATIC.rglob("*") if path.suffix in MEDIA_TYPES and path.parent.name != "vendor")


def test_scripts_and_styles_are_sent_without_their_comments(client: TestClient) -> None:
    for name, content in as_sent().items():
        answer = client.get(f"/static/{name}")
        assert answer.content == content
        if Path(name).suffix in MEDIA_TYPES and not name.startswith("vendor/"):
            assert "/**" not in answer.text
    assert client.get("/static/js/pad.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/static/app.css").headers["content-type"].startswith("text/css")
    assert client.get("/static/icons.svg").headers["content-type"].startswith("image/svg+xml")
    assert client.head("/static/app.css").status_code == 200


def test_a_pages_scripts_are_one_file_but_for_what_pages_share(client: TestClient) -> None:
    scripts = {name for name in as_sent() if name.startswith("js/")}
    assert {"js/pad.js", "js/page.js", "js/relay.js"} <= scripts
    assert "js/tiles.js" not in scripts
    for name in ("js/tiles.js", "js/none.js", "../pyproject.toml", "%2e%2e/pyproject.toml", "js", ""):
        assert client.get(f"/static/{name}").status_code == 404


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
    digest = hashlib.sha256(as_sent()["app.css"]).hexdigest()
    assert asset("app.css") == f"/static/app.css?v={digest[:12]}"


def test_scripts_as_they_are_shortened_pass_the_tests_of_those_that_are_written(tmp_path: Path) -> None:
    written = {path.relative_to(CHECKOUT).as_posix(): path.read_text("utf-8") for path in OURS}
    for name, content in shortened(written).items():
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
    for folder in ("js", "vectors"):
        shutil.copytree(CHECKOUT / "tests" / folder, tmp_path / "tests" / folder)
    about_the_text = {"rooms.test.mjs"}  # reads how the scripts are written, which is just what changes
    files = [path for path in sorted((tmp_path / "tests" / "js").glob("*.mjs")) if path.name not in about_the_text]
    ran = subprocess.run(
        [NODE, "--test", "--test-reporter=tap", *files], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert re.search(r"^# pass [1-9]\d+$", ran.stdout, re.M), ran.stdout[-400:]


def test_all_of_static_weighs_sixty_kilobytes_at_most() -> None:
    assert sum(len(gzip.compress(content, 9)) for content in as_sent().values()) <= 60_000
