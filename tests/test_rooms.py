"""Who imports whom, as DESIGN.md has it: read from the imports themselves, so that the plan of the house stays true."""

import ast
from pathlib import Path

import pytest

from app.config import CHECKOUT

SHARED = {
    "assets",
    "config",
    "db",
    "errors",
    "failpoints",
    "forms",
    "i18n",
    "migrate",
    "openapi",
    "scripts",
    "shorten",
    "storage",
    "web",
    "wording",
}
EDGES = {"pages", "api"}  # imported by main alone; they may use any room's access, queries and verbs

# room -> the rooms its inner files may import (its own and the shared files always; edges may import more)
MAY_IMPORT = {
    "timeline": set(),
    "audit": set(),
    "people": {"audit"},
    "clinics": {"people", "audit"},
    "capture": {"clinics", "people", "timeline", "audit"},
    "slices": {"timeline", "capture", "clinics"},
    "custody": {"audit", "capture", "clinics", "people", "reports", "slices"},
    "summary": {"slices", "capture", "clinics", "people", "timeline"},
    "demo": {"audit", "capture", "clinics", "people", "slices", "reports"},
    "workload": {"summary", "slices", "clinics", "people", "timeline", "audit"},
    "reports": {"summary", "capture", "clinics", "people", "audit", "exchange"},
    "exchange": {"workload", "summary", "capture", "clinics", "people", "timeline", "slices", "audit"},
}
KNOW_EVERYTHING = {"main", "cli", "__main__"}


def _imports(path: Path) -> set[tuple[str, str]]:
    """(room or shared file, module) of each import of ours."""
    found: set[tuple[str, str]] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "app" and len(parts) > 1:
                found.add((parts[1], parts[2] if len(parts) > 2 else ""))
    return found


def _files() -> list[Path]:
    return sorted((CHECKOUT / "app").rglob("*.py"))


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(CHECKOUT / "app")))
def test_every_file_imports_only_what_its_room_may(path: Path) -> None:
    inside = path.relative_to(CHECKOUT / "app").parts
    owner, name = (inside[0], path.stem) if len(inside) > 1 else (path.stem, "")
    if owner in KNOW_EVERYTHING:
        return
    for room, module in _imports(path):
        if owner in SHARED or owner == "__init__":
            assert room in SHARED, f"{owner}.py is shared and must know no room, but imports {room}"
        elif room not in SHARED and room != owner:
            assert module not in EDGES, f"{'/'.join(inside)} imports {room}.{module}, which only main may"
            if name not in EDGES:
                assert room in MAY_IMPORT[owner], f"{'/'.join(inside)} imports {room}"


def test_every_room_is_on_the_plan() -> None:
    rooms = {path.name for path in (CHECKOUT / "app").iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert rooms == set(MAY_IMPORT)


def test_the_timeline_needs_nothing_but_the_standard_library() -> None:
    for path in (CHECKOUT / "app" / "timeline").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module]
            for module in modules:
                top = module.split(".")[0]
                assert top in {"app", *__import__("sys").stdlib_module_names}, f"{path.name} imports {module}"
                assert top not in {"time", "random", "sqlite3"}, f"{path.name} imports {module}"
