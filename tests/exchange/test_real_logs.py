"""Real logs, beside the checkout and never in it: imported, each equals its own file to the millisecond."""

import csv
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from app.exchange.imported import ImportedSession
from app.exchange.layout import Choices, lay_out
from app.exchange.lines import Upload
from app.exchange.reading import read
from tests.exchange.files import CHICAGO, log, meaning, number, task_ms

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
CASES = sorted((DATA / "cases").glob("*.csv"))
RAW = DATA / "original" / "wombat_raw_10388.csv"
BORIS = DATA / "original" / "boris_export_events_tabular.tsv"

pytestmark = pytest.mark.skipif(not CASES, reason="the folder of real logs is not there")

Figures = dict[tuple[str, str], tuple[int, int]]  # (session, task) to (total ms, number of rows)


def stretches(path: Path) -> dict[tuple[str, str], list[tuple[Decimal, Decimal]]]:
    found: dict[tuple[str, str], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["type"] == "state":
                session = f"{row['observation']} ({row['subject']})"
                found[session, row["behavior"]].append((Decimal(row["start_s"]), Decimal(row["stop_s"])))
    return found


def joined(found: list[tuple[Decimal, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    """Overlapping stretches as one; those that only touch stay two."""
    whole: list[tuple[Decimal, Decimal]] = []
    for start, stop in sorted(found):
        if whole and start < whole[-1][1]:
            whole[-1] = (whole[-1][0], max(stop, whole[-1][1]))
        else:
            whole.append((start, stop))
    return whole


def by_the_file(path: Path) -> Figures:
    return {
        key: (int(1000 * sum(b - a for a, b in whole)), len(whole))
        for key, found in stretches(path).items()
        for whole in [joined(found)]
    }


def points_of(path: Path) -> Counter[tuple[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        points = [row for row in csv.DictReader(file) if row["type"] == "point"]
    return Counter((f"{row['observation']} ({row['subject']})", row["behavior"]) for row in points)


def sessions_of(path: Path, choices: Choices | None = None) -> tuple[ImportedSession, ...]:
    result = lay_out(read([Upload(path.name, path.read_bytes())], CHICAGO), choices=choices)
    assert not result.faults
    return result.sessions


@pytest.mark.parametrize("path", CASES, ids=lambda path: str(path.stem))
def test_a_session_equals_its_file(path: Path) -> None:
    sessions = sessions_of(path, Choices(merge=path.stem.startswith("toggl")))
    told = {
        (session.label, task): (task_ms(session).get(task, 0), n)
        for session in sessions
        for task, n in number(session).items()
    }
    assert told == by_the_file(path)
    counted = {(session.label, name): n for session in sessions for name, n in meaning(session).counts.items()}
    assert counted == points_of(path)
    assert not any(meaning(session).open for session in sessions)


def test_two_entries_of_one_project_that_overlap_are_refused_with_both_lines() -> None:
    path = DATA / "cases" / "toggl_first_half.csv"
    result = lay_out(read([Upload(path.name, path.read_bytes())], CHICAGO))
    assert [(fault.line, fault.reason.code, fault.reason.values["line"]) for fault in result.faults] == [
        (3, "overlaps", 2)
    ]


def test_all_files_at_once_give_the_sessions_of_each() -> None:
    """Several of them hold the same sessions, others different ones of the same name."""
    merge = Choices(merge=True)
    apart = {session.id: session for path in CASES for session in sessions_of(path, merge)}
    uploads = [Upload(path.name, path.read_bytes()) for path in CASES]
    together = lay_out(read(uploads, CHICAGO), choices=merge)
    assert not together.faults
    assert {one.id: one.events for one in together.sessions} == {id: one.events for id, one in apart.items()}


@pytest.mark.skipif(not RAW.exists(), reason="the folder of real logs is not there")
def test_the_raw_export_equals_its_own_total_times() -> None:
    def ms(written: str) -> int:
        hours, minutes, seconds = written.split(":")
        return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000

    with RAW.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    (session,) = sessions_of(RAW)
    what = next(column for column in rows[0] if column.startswith("What (") and not column.endswith("(subcategories)"))
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row[what]] += ms(row["total time"])
    assert task_ms(session) == totals
    assert number(session) == Counter(row[what] for row in rows)
    (episode,) = meaning(session).interruptions
    (interrupted,) = [row for row in rows if row["interrupted by"]]
    assert (episode.outcome, episode.interrupted_task) == ("open", interrupted[what])
    assert episode.end - episode.start == ms(interrupted["inactive 1"])


@pytest.mark.skipif(not RAW.exists(), reason="the folder of real logs is not there")
def test_the_raw_export_and_the_neutral_one_of_the_same_session_agree() -> None:
    (raw,), (neutral,) = sessions_of(RAW), sessions_of(DATA / "cases" / "wombat_10388.csv")
    assert task_ms(raw) == task_ms(neutral)
    assert number(raw) == number(neutral)
    assert (raw.begin, meaning(raw).observed_ms) == (neutral.begin, meaning(neutral).observed_ms)


@pytest.mark.skipif(not BORIS.exists(), reason="the folder of real logs is not there")
def test_a_boris_export_and_the_neutral_form_of_the_same_observation_agree() -> None:
    exported, neutral = sessions_of(BORIS), sessions_of(DATA / "cases" / "boris_obs1.csv")
    assert [log(one) for one in exported] == [log(one) for one in neutral]
    assert [(one.label, one.begin) for one in exported] == [(one.label, one.begin) for one in neutral]


@pytest.mark.skipif(not RAW.exists(), reason="the raw export is not there")
def test_a_reversed_line_of_a_real_export_is_named_and_does_not_stretch_its_session() -> None:
    lines = RAW.read_text("utf-8").splitlines()[:4]
    turned = lines[3].replace(",09:18:42,09:19:53,", ",09:19:53,09:18:42,")
    assert turned != lines[3]
    result = lay_out(read([Upload(RAW.name, "\n".join([*lines[:3], turned, ""]).encode())], CHICAGO))
    assert [(fault.line, fault.reason.code) for fault in result.faults] == [(4, "not_so_long")]
    (session,) = result.sessions
    assert meaning(session).observed_ms == 14_443_000  # 09:14:02 to 13:14:45, as the file states
