"""The summary as tables: one flattening for CSV and XLSX, so that both hold every figure of the JSON and no other.

Nothing here knows which figures there are: what the summary gains, all its faces gain. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.exchange.out.rows import Row, Value

# what a row of a list is called by; of any other list it is the first figure
KEYS: Mapping[str, tuple[str, ...]] = {
    "tasks": ("task",),
    "categories": ("category",),
    "by_staff_role": ("staff_role",),
    "sinks": ("source", "code"),
    "sinks_unscheduled": ("source", "code"),
    "interruptions.by_trigger": ("trigger",),
    "interruptions.by_task": ("task", "trigger"),
    "hours": ("weekday", "hour"),
    "by_day": ("day",),
    "reports": ("stealer",),
    "reported_observed": ("task",),
    "reported_interruptions": ("trigger",),
    "units": ("counter",),
    "transitions": ("from", "to"),
    "high_low.rows": ("figure", "code"),
}
WHOLE = "summary"  # the table of all figures that are in no list
CSV_COLUMNS = ("table", "key", "key_2", "label", "figure", "value")


@dataclass(frozen=True, slots=True)
class Table:
    """A list of the summary. `columns`: the keys, then every other figure that a row has, by its path in the JSON."""

    name: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[dict[str, Value], ...]


def tables(summary: Mapping[str, Any]) -> list[Table]:
    """First the one row of single figures, then each list in the order of the summary."""
    single: dict[str, Value] = {}
    found: list[Table] = []
    for name, value in _leaves(summary):
        if _is_table(value):
            rows = tuple(dict(_row(row)) for row in value)
            keys = KEYS.get(name, tuple(rows[0])[:1])
            named = [column for row in rows for column in row if column not in keys]
            found.append(Table(name, keys, (*keys, *dict.fromkeys(named)), rows))
        elif value != []:
            single[name] = _cell(value)
    return [Table(WHOLE, (), tuple(single), (single,)), *found]


def _leaves(figures: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every figure with its path in the JSON: `interruptions.outcomes.resumed`."""
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _row(row: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    return ((name, _cell(value)) for name, value in _leaves(row))


def _cell(value: Any) -> Value:
    """A list of words (codes have no spaces) as one text; everything else as it is."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    cell: Value = value
    return cell


def csv_rows(summary: Mapping[str, Any]) -> Iterator[Row]:
    """One figure a line, whatever its table: CSV_COLUMNS. Keys, labels and figures stand as in the JSON."""
    for table in tables(summary):
        for row in table.rows:
            first, second, *_rest = [*(row[key] for key in table.keys), None, None]
            for figure in table.columns:
                if figure in row and figure not in (*table.keys, "label"):
                    yield table.name, first, second, row.get("label"), figure, row[figure]
