"""Every sentence that people read goes through gettext: none stands alone in a template, in Python or in a script."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import nodes

from app.config import CHECKOUT
from app.web import templates as environment

GETTEXT = {"_", "gettext", "ngettext"}
HERE = "\x00"  # where a template says something that is not its own text
READ_ALOUD = {"title", "aria-label", "aria-description", "placeholder", "alt", "label", "summary"}
NAMES = {"Timesink"}  # its name is the same in every language
# two words or more, or one that begins like a sentence or a label
SENTENCE = re.compile(r"[^\W\d_]{2,}[,;:.]? [^\W\d_]{2,}")
LABEL = re.compile(r"[A-Z][a-z]{2,}")


# --- templates -------------------------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """What people would see or hear of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.read: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.inside.append(tag)
        kind = dict(attributes)
        spoken = READ_ALOUD | ({"value"} if tag == "input" and kind.get("type") in ("submit", "button") else set())
        spoken |= {"content"} if kind.get("name") == "description" else set()
        self.read += [value for name, value in attributes if name in spoken and value]

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.inside):
            self.read.append(data)


def own_text(source: str) -> str:
    """A template without what Jinja puts there or translates."""
    text, translated, block = "", False, False
    for _line, token, value in environment.lex(source):
        if token == "data":
            text += HERE if translated else value
        elif token == "block_begin":
            block = True
        elif block and token == "name":
            translated = value == "trans" or (translated and value != "endtrans")
            block = False
        elif token in ("variable_begin", "raw_begin"):
            text += HERE
    return text


def templates() -> list[Path]:
    return sorted((CHECKOUT / "templates").rglob("*.html"))


def left_untranslated(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    said = (" ".join(part.replace(HERE, " ").split()) for part in reader.read)
    # a block may hold nothing but an attribute of the tag that base.html puts around it
    mute = re.compile(r"[\w-]+=\"[^\"]*\"|[\W\d_]*")
    return [part for part in said if len(part) > 1 and not mute.fullmatch(part) and part.strip(" ·") not in NAMES]


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(CHECKOUT / "templates")))
def test_a_templates_own_text_is_markup_alone(path: Path) -> None:
    assert left_untranslated(own_text(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(CHECKOUT / "templates")))
def test_a_templates_expressions_hold_no_sentence_but_in_gettext(path: Path) -> None:
    tree = environment.parse(path.read_text("utf-8"))
    translated = {
        id(const)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in GETTEXT
        for const in call.find_all(nodes.Const)
    }
    said = [
        const.value
        for const in tree.find_all(nodes.Const)
        if id(const) not in translated and isinstance(const.value, str)
    ]
    assert [text for text in said if SENTENCE.search(text) or LABEL.match(text)] == []


def test_this_test_would_find_one() -> None:
    for bad in (
        "<p>Hello</p>",
        "<p>{{ n }} sessions</p>",
        '<input placeholder="Name">',
        '{% if x %}<button aria-label="Close">{{ _("x") }}</button>{% endif %}',
        "<b>{% trans %}fine{% endtrans %} not fine</b>",
    ):
        assert left_untranslated(own_text(bad)), bad
    good = (
        '<title>{{ _("Hi") }} · Timesink</title><p>{% trans n=2 %}One thing{% endtrans %}</p><p class="a b">1 – 2</p>'
    )
    assert left_untranslated(own_text(good)) == []


# --- Python ----------------------------------------------------------------------------------------------------------

# files in which no string is a sentence for people in their language, and why
NOT_SENTENCES = {
    "app/openapi.py": "the API's description of itself: one, in English, for the programs of all callers",
    "app/demo/watching.py": "the notes of made-up observers are data",
    "app/demo/writing.py": "the names of made-up people are data",
    "app/exchange/formats/boris.py": "columns of other programs' files",
    "app/exchange/formats/wombat.py": "columns of other programs' files",
    "app/exchange/records.py": "columns of other programs' files",
}
# the same for single strings
CODES = {
    "private, no-cache": "a header",
    "text/csv; charset=utf-8": "a header",
    '<?xml version="1.0" encoding="UTF-8"?>': "a header",
    'attachment; filename="': "a header",
    "public, max-age=31536000, immutable": "a header",
    "Cookie, Accept-Language, HX-Request": "a header",
    "nobody has this password": "hashed, so that no account takes as long as a wrong password",
    "field limit": "looked for in what Python says of a file",
    "not ready": "a state, for machines",
}
# and for arguments and members: help of commands (typer reads it when Python starts), descriptions in the API
FOR_PROGRAMS = {"help", "description", "summary", "openapi_extra", "style"}
# faults of ours, and lines of the log: nobody but us meets them
NEVER_SHOWN = {
    "RuntimeError", "ValueError", "TypeError", "debug", "info", "warning", "error", "exception",
}  # fmt: skip
SQL = re.compile(
    r"\s*\(?(SELECT|INSERT|UPDATE|DELETE|LOCK|PRAGMA|TRUNCATE|VACUUM|BEGIN|ALTER|SET)\b"
    r"|.*\bIS (NOT )?NULL\b|.* IN \(|[^a-z]*\Z"
)


def python_files() -> list[Path]:
    return sorted((CHECKOUT / "app").rglob("*.py"))


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, string) of every one below that is neither translated nor excepted above."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and name_of(child) in GETTEXT | NEVER_SHOWN:
            continue
        if isinstance(child, ast.keyword) and child.arg in FOR_PROGRAMS:
            continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue  # a docstring
        if isinstance(child, ast.Assert):
            continue
        if isinstance(child, ast.Dict):
            for key, value in zip(child.keys, child.values, strict=True):
                if not (isinstance(key, ast.Constant) and key.value in FOR_PROGRAMS):
                    yield from strings(ast.List([value], ast.Load()))
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.lineno, child.value
        yield from strings(child)


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_python_says_nothing_to_people_but_through_gettext(path: Path) -> None:
    inside = str(path.relative_to(CHECKOUT))
    if inside in NOT_SENTENCES:
        return
    found = [
        f"{inside}:{line}: {text!r}"
        for line, text in strings(ast.parse(path.read_text("utf-8")))
        if SENTENCE.search(text) and text not in CODES and not SQL.match(text)
    ]
    assert found == []


def test_every_exception_is_still_needed() -> None:
    files = {str(path.relative_to(CHECKOUT)): ast.parse(path.read_text("utf-8")) for path in python_files()}
    for name in NOT_SENTENCES:
        assert any(SENTENCE.search(text) for _line, text in strings(files[name])), name
    assert CODES.keys() <= {text for tree in files.values() for _line, text in strings(tree)}


def test_what_gettext_is_given_is_a_whole_sentence_and_no_f_string() -> None:
    """xgettext reads the source: it finds neither what was put together nor what stands in a variable."""
    for path in python_files():
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("_", "ngettext"):
                sentences = call.args[:2] if call.func.id == "ngettext" else call.args
                for given in sentences:
                    fixed = isinstance(given, ast.Constant) and isinstance(given.value, str)
                    assert fixed, f"{path.name}:{call.lineno}: gettext must be given the sentence itself"


# --- scripts ---------------------------------------------------------------------------------------------------------

SCRIPTS = sorted((CHECKOUT / "static" / "js").glob("*.js"))
CARRYING = ("capture/_words.html", "reports/report.html")
WORDS = "".join((CHECKOUT / "templates" / name).read_text("utf-8") for name in CARRYING)


# said by their very names: a session's day type, and what the server has answered
NAMED = {"high", "typical", "low", "unknown", "gone"}
# names of the browser's own things, of classes and headers
SPOKEN_TO_MACHINES = {"Content-Type", "Retry-After", "tile more", "big go"}


def code_of(path: Path) -> str:
    """Without comments, and without the faults that only a console shows."""
    return re.sub(r"/\*.*?\*/|(?<![:'\"])//[^\n]*|new \w*Error\([^)]*\)", "", path.read_text("utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_has_no_sentence_of_its_own(path: Path) -> None:
    found = re.findall(r"'((?:[^'\\\n]|\\.)*)'|\"((?:[^\"\\\n]|\\.)*)\"|`((?:[^`\\]|\\.)*)`", code_of(path))
    said = {re.sub(r"\$\{[^}]*\}", " ", "".join(parts)) for parts in found}
    assert {text for text in said - SPOKEN_TO_MACHINES if SENTENCE.search(text) or LABEL.match(text)} == set()


def test_every_sentence_of_a_script_comes_with_the_page_and_each_is_said() -> None:
    carried = set(re.findall(r'^  "(\w+)": _\(', WORDS, re.MULTILINE))
    code = "".join(code_of(path) for path in SCRIPTS)
    said = set(re.findall(r"\bsay\('(\w+)'", code))
    for key in re.findall(r"\bsayN\('(\w+)'", code):
        said |= {key, f"{key}_one"}
    assert said <= carried, "a script says what the page does not carry"
    prefixes = re.findall(r"`(\w+_)\$\{", code)
    unsaid = {
        key
        for key in carried - said
        if not key.startswith(tuple(prefixes)) and not re.search(rf"['\"`]{key}['\"`]", code)
    }
    assert unsaid <= NAMED, "nobody says these any more"
