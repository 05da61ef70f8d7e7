"""The files of static/ as they are sent: scripts and styles without their comments, found by a fingerprint.

There is no build step: what is written in static/ is what runs, less what only its reader needs. A third of the bytes
of a phone's first page are such.
"""

import hashlib
import json
import os
from functools import cache
from pathlib import Path

from rcssmin import cssmin
from rjsmin import jsmin
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, PathLike, StaticFiles
from starlette.types import Scope

from app.config import CHECKOUT

STATIC, TEMPLATES = CHECKOUT / "static", CHECKOUT / "templates"
STRIPPED = {".js": (jsmin, "text/javascript"), ".css": (cssmin, "text/css")}
YEAR = "public, max-age=31536000, immutable"


def is_stripped(path: Path) -> bool:
    """Ours are; what others wrote is sent as they published it, so that its checksum holds."""
    return path.suffix in STRIPPED and "vendor" not in path.parts


def sent(path: Path) -> bytes:
    """The content of a file of static/ as it goes to browsers, before compression."""
    return _sent(path, path.stat().st_mtime_ns)


@cache
def _sent(path: Path, _changed_ns: int) -> bytes:
    content = path.read_bytes()
    if not is_stripped(path):
        return content
    strip, _media_type = STRIPPED[path.suffix]
    return str(strip(content.decode())).encode()


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(sent(path)).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file in static/, with a fingerprint of its content, so that it can be cached for ever."""
    return f"/static/{name}?v={_fingerprint(STATIC / name)}"


class Assets(StaticFiles):
    """With the fingerprint in the address for ever, without it checked each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = YEAR if b"v=" in scope["query_string"] else "no-cache"
        return response

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        path = Path(full_path)
        if not is_stripped(path):
            return super().file_response(full_path, stat_result, scope, status_code)
        _strip, media_type = STRIPPED[path.suffix]
        headers = {"ETag": f'"{_fingerprint(path)}"'}
        response = Response(sent(path), status_code, headers, media_type)
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response


def shell_files() -> list[Path]:
    """What the pad needs to open without network: all of static/ but what only desks and installers use."""
    left_out = {"sw.js", "pages.css"}
    return [
        path
        for path in sorted(STATIC.rglob("*"))
        if path.is_file() and path.name not in left_out and "vendor" not in path.parts
    ]


def service_worker() -> str:
    """static/sw.js with its asset list and a version made of their content: nobody bumps a number by hand."""
    files = shell_files()
    names = ["/pad", "/offline", "/pad/scene", *(f"/static/{path.relative_to(STATIC).as_posix()}" for path in files)]
    source = sent(STATIC / "sw.js").decode()
    pages = [TEMPLATES / "capture" / name for name in ("pad.html", "offline.html")]
    parts = [*pages, *sorted((TEMPLATES / "capture").glob("_*.html"))]
    prints = [_fingerprint(path) for path in (*files, *parts)]
    version = hashlib.sha256("".join([source, *prints]).encode()).hexdigest()[:12]
    for placeholder, value in (('"__VERSION__"', version), ('["__ASSETS__"]', names)):
        if placeholder not in source:
            raise RuntimeError(f"static/sw.js has lost its placeholder {placeholder}")
        source = source.replace(placeholder, json.dumps(value))
    return source
