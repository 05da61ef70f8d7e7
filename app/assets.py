"""The files of static/ as they are sent: a page's scripts as one, scripts and styles shortened, found by a fingerprint.

There is no build step: what is written in static/ is what runs, less what only its reader needs. A phone's first page
weighs a third less for it, and asks ten times less often.
"""

import hashlib
import json
import subprocess
import sys
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.config import CHECKOUT
from app.scripts import joined

STATIC, TEMPLATES = CHECKOUT / "static", CHECKOUT / "templates"
SHORTENER = Path(__file__).with_name("shorten.py")
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}
YEAR = "public, max-age=31536000, immutable"


@cache
def as_sent() -> dict[str, bytes]:
    """Name within static/ -> content, before compression, of every file that browsers ask for.

    What others wrote is sent as they published it, so that its checksum holds. Made once, when first asked for.
    """
    names = {path.relative_to(STATIC).as_posix(): path for path in sorted(STATIC.rglob("*")) if path.is_file()}
    others = {
        name: path for name, path in names.items() if name.startswith("vendor/") or path.suffix not in MEDIA_TYPES
    }
    ours = {name: path.read_text("utf-8") for name, path in names.items() if name not in others}
    modules = {name.removeprefix("js/"): source for name, source in ours.items() if name.startswith("js/")}
    written = {name: source for name, source in ours.items() if not name.startswith("js/")}
    written |= {f"js/{name}": source for name, source in joined(modules).items()}
    return {name: path.read_bytes() for name, path in others.items()} | shortened(written)


def shortened(written: dict[str, str]) -> dict[str, bytes]:
    """Name -> content of scripts and styles, from name -> source."""
    asked = json.dumps([[MEDIA_TYPES[Path(name).suffix], source] for name, source in written.items()])
    told = subprocess.run(  # noqa: S603 - a program of ours
        [sys.executable, SHORTENER], input=asked, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    return {name: content.encode() for name, content in zip(written, json.loads(told), strict=True)}


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file in static/, with a fingerprint of its content, so that it can be cached for ever."""
    return f"/static/{name}?v={_fingerprint(as_sent()[name])}"


def static(request: Request) -> Response:
    """With the fingerprint in the address for ever, without it checked each time."""
    name = request.path_params["name"]
    content = as_sent().get(name)
    if content is None:
        raise HTTPException(404)
    headers = {
        "ETag": f'"{_fingerprint(content)}"',
        "Cache-Control": YEAR if "v" in request.query_params else "no-cache",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    return Response(content, 200, headers, MEDIA_TYPES.get(Path(name).suffix) or guess_type(name)[0])


def shell_files() -> list[str]:
    """What the pad needs to open without network: all of static/ but what only desks and installers use."""
    left_out = {"sw.js", "pages.css", "js/tip.js"}
    return [name for name in sorted(as_sent()) if name not in left_out and not name.startswith("vendor/")]


def service_worker() -> str:
    """static/sw.js with its asset list and a version made of their content: nobody bumps a number by hand."""
    files = shell_files()
    source = as_sent()["sw.js"].decode()
    pages = [TEMPLATES / name for name in ("capture/pad.html", "capture/offline.html", "reports/report.html")]
    parts = [*pages, *sorted((TEMPLATES / "capture").glob("_*.html"))]
    contents = [source.encode(), *(as_sent()[name] for name in files), *(path.read_bytes() for path in parts)]
    version = _fingerprint("".join(map(_fingerprint, contents)).encode())
    addresses = ["/pad", "/report", "/offline", "/pad/scene", *(f"/static/{name}" for name in files)]
    for placeholder, value in (('"__VERSION__"', version), ('["__ASSETS__"]', addresses)):
        if placeholder not in source:
            raise RuntimeError(f"static/sw.js has lost its placeholder {placeholder}")
        source = source.replace(placeholder, json.dumps(value))
    return source
