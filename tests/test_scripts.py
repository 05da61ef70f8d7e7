"""Modules that are sent as one do what they do one by one."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.scripts import joined
from tests.node import NODE

SHARED = "export const log = [];\nexport function note(word) {\n  log.push(word);\n}\n"
COUNTER = (
    "import { note } from './shared.js';\nlet n = 0;\nexport const STEP = 2;\n"
    "export async function later() {\n  return n;\n}\nexport function step() {\n  n += STEP;\n  note(`n ${n}`);\n}\n"
)
OTHER = (
    "import * as counter from './counter.js';\nimport { log,\n  note } from './shared.js';\n"
    "/** its own n */\nlet n = 10;\nexport class Other {\n  run() {\n    counter.step();\n    n += counter.STEP;\n"
    "    note(`other ${n}`);\n    return log.length;\n  }\n}\n"
)
PAGE = (
    "import { later, step } from './counter.js';\nimport { Other } from './other.js';\n"
    "import { log } from './shared.js';\nstep();\nconst n = new Other().run();\n"
    "later().then((last) => console.log(n, last, log.join()));\n"
)
SECOND = "import { log, note } from './shared.js';\nnote('second');\nconsole.log(log.join());\n"
WRITTEN = {"page.js": PAGE, "counter.js": COUNTER, "other.js": OTHER, "shared.js": SHARED, "second.js": SECOND}


def printed(folder: Path, modules: Mapping[str, str], page: str) -> str:
    folder.mkdir()
    (folder / "package.json").write_text('{"type": "module"}')
    for name, source in modules.items():
        (folder / name).write_text(source)
    return subprocess.run([NODE, folder / page], capture_output=True, text=True, check=True).stdout


def test_a_page_prints_the_same_from_one_file(tmp_path: Path) -> None:
    sent = joined(WRITTEN)
    assert sorted(sent) == ["page.js", "second.js", "shared.js"]
    assert all(sent[page].count("from './shared.js'") == 1 for page in ("page.js", "second.js"))
    for page, says in (("page.js", "3 4 n 2,n 4,other 12\n"), ("second.js", "second\n")):
        assert printed(tmp_path / f"written-{page}", WRITTEN, page) == says
        assert printed(tmp_path / f"sent-{page}", sent, page) == says


def test_all_that_pages_share_is_one_file(tmp_path: Path) -> None:
    second = (
        "import { step } from './counter.js';\nimport { log } from './shared.js';\nstep();\nconsole.log(log.join());\n"
    )
    written = {**WRITTEN, "second.js": second}
    sent = joined(written)
    assert sorted(sent) == ["counter.js", "page.js", "second.js"]
    for page, says in (("page.js", "3 4 n 2,n 4,other 12\n"), ("second.js", "n 2\n")):
        assert printed(tmp_path / f"written-{page}", written, page) == says
        assert printed(tmp_path / f"sent-{page}", sent, page) == says


def test_a_script_alone_stays_as_it_is() -> None:
    assert joined({"theme.js": "const a = 1;\n"}) == {"theme.js": "const a = 1;\n"}


@pytest.mark.parametrize(
    "source",
    [
        "export let n = 0;\n",
        "export default 1;\n",
        "const n = 0;\nexport { n };\n",
        "export * from './b.js';\n",
        "import b from './b.js';\nexport const n = b;\n",
        "import { b as c } from './b.js';\nexport const n = c;\n",
        "export const n = () => import('./b.js');\n",
    ],
)
def test_what_would_not_be_the_same_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"^a\.js cannot be joined"):
        joined({"page.js": "import { n } from './a.js';\nn;\n", "a.js": source, "b.js": "export const b = 1;\n"})


def test_modules_that_need_each_other_are_refused() -> None:
    circle = {
        "page.js": "import { a } from './a.js';\na;\n",
        "a.js": "import { b } from './b.js';\nexport const a = b;\n",
        "b.js": "import { a } from './a.js';\nexport const b = a;\n",
    }
    with pytest.raises(ValueError, match="needs itself"):
        joined(circle)
