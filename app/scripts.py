"""The modules of static/js as browsers get them: each page's script in one file, not in forty.

A script that no other imports is a page's. What only it imports, however deep, is set into it, each module a function
of its own, in the order in which a browser would run them. What several pages import is one file that they
share, called like the last module in it.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

IMPORT = re.compile(r"^import (\* as \w+|\{\s*\w+(?:,\s*\w+)*,?\s*\}) from '\./([\w-]+\.js)';\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function\*?|const|class) (\w+)", re.MULTILINE)
# what would not be the same when it is taken from a function once: these are refused
UNJOINABLE = re.compile(r"^import\b.*|\bimport\(|^export (?:default|let|var|[{*]).*", re.MULTILINE)


def joined(sources: Mapping[str, str]) -> dict[str, str]:
    """Name -> source of the files that browsers ask for, from name -> source of those that are written.

    Raises ValueError where a module is written otherwise than can be joined, or needs itself.
    """
    needs = {name: [found[1] for found in IMPORT.findall(source)] for name, source in sources.items()}
    pages = sources.keys() - {one for needed in needs.values() for one in needed}
    orders = {page: _in_order(page, needs) for page in sorted(pages)}
    met = [name for order in orders.values() for name in order]
    shared = [name for name in dict.fromkeys(met) if met.count(name) > 1]
    homes = {name: Home(shared[-1], len(shared) > 1) for name in shared}
    of_pages = {
        page: _joined([name for name in order if name not in homes], sources, homes) for page, order in orders.items()
    }
    return of_pages | ({shared[-1]: _shared(shared, sources, homes)} if shared else {})


class Home(NamedTuple):
    """The file in which a shared module stands, and whether it stands there with others."""

    file: str
    with_others: bool


def _in_order(name: str, needs: Mapping[str, list[str]], above: tuple[str, ...] = ()) -> list[str]:
    """The module after all that it needs."""
    if name in above:
        raise ValueError(f"{name} needs itself, by way of {', '.join(above)}")
    needed = [one for need in needs[name] for one in _in_order(need, needs, (*above, name))]
    return list(dict.fromkeys([*needed, name]))


def _joined(order: list[str], sources: Mapping[str, str], homes: Mapping[str, Home]) -> str:
    imports, as_they_are = _imports(order, sources, homes)
    if len(order) == 1 and as_they_are:
        return sources[order[0]]
    return "\n".join([*imports, "(() => {", *(_as_function(name, sources[name]) for name in order), "})();"])


def _shared(group: list[str], sources: Mapping[str, str], homes: Mapping[str, Home]) -> str:
    imports, as_they_are = _imports(group, sources, homes)
    if len(group) == 1 and as_they_are:
        return sources[group[0]]
    return "\n".join([*imports, *(f"export {_as_function(name, sources[name])}" for name in group)])


def _imports(order: list[str], sources: Mapping[str, str], homes: Mapping[str, Home]) -> tuple[list[str], bool]:
    """What stands elsewhere, as one file imports it; whether each of these is a file of its own, as is written."""
    elsewhere = sorted({found[1] for name in order for found in IMPORT.findall(sources[name])} - set(order))
    lines = [
        f"import {{ {_inside(name)} }} from './{homes[name].file}';"
        if homes[name].with_others
        else f"import * as {_inside(name)} from './{name}';"
        for name in elsewhere
    ]
    return lines, not any(homes[name].with_others for name in elsewhere)


def _as_function(name: str, source: str) -> str:
    body = IMPORT.sub(lambda found: f"const {found[1].removeprefix('* as ')} = {_inside(found[2])};\n", source)
    if unjoinable := UNJOINABLE.search(body):
        raise ValueError(f"{name} cannot be joined with others: {unjoinable[0].strip()}")
    exports = ", ".join(EXPORT.findall(body))
    body = re.sub(r"^export ", "", body, flags=re.MULTILINE)
    return f"const {_inside(name)} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();"


def _inside(name: str) -> str:
    """What a module is called where it has been set in: no module begins a name with a dollar."""
    return "$" + name.removesuffix(".js").replace("-", "_")
