"""The modules of static/js as browsers get them: each page's script in one file, not in forty.

A script that no other imports is a page's. What only it imports, however deep, is set into it, each module a function
of its own, in the order in which a browser would run them. What several pages import is one file that
they share, called like the last module in it.
"""

import re
from collections.abc import Mapping

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
    of_pages = {page: _of_page([name for name in order if name not in shared], sources, shared)
                for page, order in orders.items()}  # fmt: skip
    return of_pages | ({shared[-1]: _of_several(shared, sources)} if shared else {})


def _in_order(name: str, needs: Mapping[str, list[str]], above: tuple[str, ...] = ()) -> list[str]:
    """The module after all that it needs."""
    if name in above:
        raise ValueError(f"{name} needs itself, by way of {', '.join(above)}")
    needed = [one for need in needs[name] for one in _in_order(need, needs, (*above, name))]
    return list(dict.fromkeys([*needed, name]))


def _of_page(order: list[str], sources: Mapping[str, str], shared: list[str]) -> str:
    taken = sorted({found[1] for name in order for found in IMPORT.findall(sources[name])} - set(order))
    if len(order) == 1 and not taken:
        return sources[order[0]]
    imports = [f"import {{ {', '.join(map(_inside, taken))} }} from './{shared[-1]}';"] if taken else []
    return "\n".join([*imports, "(() => {", *(_as_function(name, sources[name]) for name in order), "})();"])


def _of_several(order: list[str], sources: Mapping[str, str]) -> str:
    return "\n".join(f"export {_as_function(name, sources[name])}" for name in order)


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
