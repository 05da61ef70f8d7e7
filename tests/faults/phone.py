"""A phone without a browser, which keeps and sends its taps by the rules of static/js/outbox.js and relay.js.

Written anew from CONTRACT.md and not translated, so that the two check each other: the soak drives the real JavaScript
in a real Chromium (tests/faults/page.py); this one is for the thousands of short histories of the state machine, where
a browser would take a hundred times as long and Hypothesis could not shrink what it finds.

It has both clocks of a phone: `wall` may be wrong and be set, `mono` begins anew with every page load. Time itself is
this machine's, which the server has too, so every stamp's truth is known.
"""

import contextlib
import http.client
import json
import secrets
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.faults.ledger import Ledger

ITEMS, PATIENCE_S = 200, 20.0
LOST = ("drop_request", "drop_response", "hold")  # ways of a request that end without an answer
WAYS = ("pass", "duplicate", *LOST, "portal", "other_batch")
SAMPLES = 50


def true_ms() -> int:
    return time.time_ns() // 1_000_000


class Lost(Exception):
    """No answer: whatever the server has done with the request, the phone does not know."""


@dataclass(slots=True)
class Row:
    body: dict[str, Any]
    waiting: bool = True
    status: str | None = None


@dataclass
class Sitting:
    id: str
    seq: int = 0
    ended: bool = False
    taps: list[str] = field(default_factory=list)


class Phone:
    """Otto's phone, say. `send(how)` is one upload; `how` is what becomes of it on its way."""

    def __init__(self, port: int, person: str, token: str, ledger: Ledger, *, wrong_ms: int = 0) -> None:
        """`token`: of the person's login, as a program has it. `wrong_ms`: how far the phone's clock is off."""
        self.port, self.person, self.token, self.ledger = port, person, token, ledger
        self.device = self._word()
        self.rows: dict[str, Row] = {}
        self.sittings: list[Sitting] = []
        self.measured: set[str] = set()  # page loads of which the server was told a sample
        self.held: list[bytes] = []  # requests that are still on their way
        self.epoch: str | None = None
        self.fault: str | None = None
        self.wall_off = wrong_ms
        self.times_set = 0
        self._samples: list[dict[str, Any]] = []
        self._told: dict[str, Any] | None = None
        self._filled: set[str] = set()
        self._connection: http.client.HTTPConnection | None = None
        self.reload()

    def close(self) -> None:
        """Hangs up: what is sent next has a connection of its own."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # --- clocks -----------------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Another page load: its monotonic clock begins at nothing."""
        self.load, self._loaded = self._word(), time.perf_counter()
        self._told = None
        self._filled = set()

    def set_clock(self, by_ms: int) -> None:
        self.wall_off += by_ms
        self.times_set += 1

    def reading(self) -> dict[str, Any]:
        return {"wall": true_ms() + self.wall_off, "mono": round((time.perf_counter() - self._loaded) * 1000, 1)}

    def _word(self) -> str:
        return secrets.token_hex(8)

    # --- taps -------------------------------------------------------------------------------------------------------

    @property
    def sitting(self) -> Sitting | None:
        return self.sittings[-1] if self.sittings and not self.sittings[-1].ended else None

    def begin(self, version: int = 1, **header: Any) -> Sitting:
        made = Sitting(self._id())
        now = self.reading()
        self.sittings.append(made)
        self._keep(
            {
                "type": "session", "id": made.id, "at": now["wall"], "load": self.load, "mono": now["mono"],
                "clinic": "north", "mode": "observed", "subject": "MA-01", "staff_role": "MA", "day_type": "high",
                "task_list": "back-of-house", "version": version, **header,
            }
        )  # fmt: skip
        self.tap("begin")
        return made

    def tap(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Saved when it returns. A saved tap is the ledger's."""
        sitting = self.sitting
        assert sitting is not None
        now = self.reading()
        sitting.seq += 1
        body = {
            "type": "event", "id": self._id(), "session": sitting.id, "seq": sitting.seq, "kind": kind,
            "at": now["wall"], "recorded_at": now["wall"], "load": self.load, "mono": now["mono"], **fields,
        }  # fmt: skip
        sitting.taps.append(body["id"])
        sitting.ended = kind == "end"
        self._keep(body)
        return body

    def _keep(self, body: dict[str, Any]) -> None:
        self.ledger.tapped(body, self.person, self.wall_off)
        self.rows[body["id"]] = Row(body)
        self.ledger.saved(body, self.person)

    def _id(self) -> str:
        return str(uuid.uuid4())  # not of a seed: a history that is told again is made of other taps

    # --- the relay --------------------------------------------------------------------------------------------------

    def waiting(self) -> list[dict[str, Any]]:
        return [row.body for row in self.rows.values() if row.waiting]

    def send(self, how: str = "pass", most: int = ITEMS, *, hello: bool = False) -> str:
        """One upload of the oldest that wait; what became of it, in a word. `hello`: even if nothing waits."""
        items = self.waiting()[:most]
        if not items and not hello:
            self.fault = None
            return "nothing"
        sent = self.reading()
        batch = self._word()
        samples = self._since_told()
        body = json.dumps(
            {
                "proto": 1, "batch_id": batch, "device": self.device, "app": "1.0.0", "load": self.load,
                "person": self.person, "clock": {**sent, "samples": samples}, "items": items,
            }
        ).encode()  # fmt: skip
        try:
            status, kind, told = self._exchange(how, body)
        except Lost:
            self.fault = "unreachable"
            return self.fault
        if how == "portal":
            status, kind, told = 200, "text/html", b"<h1>Free Wi-Fi</h1>"
        answer = _json(told) if "json" in kind else None
        if how == "other_batch" and isinstance(answer, dict):
            answer["batch_id"] = "another"
        if status == 200 and isinstance(answer, dict) and answer.get("timesink") == 1 and answer["batch_id"] == batch:
            self._sample(sent, answer["server"])
            self._told = samples[-1] if samples else None
            self.measured |= {sample["load"] for sample in samples}
            self._accept(answer, {item["id"] for item in items})
            self.fault = None
            return "taken"
        self.fault = {401: "signed_out", 403: "forbidden", 426: "update"}.get(status) or (
            "busy" if status == 429 or status >= 500 else "not_ours"
        )
        return self.fault

    def deliver(self) -> None:
        """What was held arrives at last: nobody waits for its answer any more."""
        for body in self.held:
            try:
                self._post(body)
            except Lost:
                continue
        self.held.clear()

    def _exchange(self, how: str, body: bytes) -> tuple[int, str, bytes]:
        if how == "drop_request":
            raise Lost
        if how == "hold":
            self.held.append(body)
            raise Lost
        if how == "duplicate":
            with ThreadPoolExecutor(2) as both:
                twice = [both.submit(self._post_anew, body) for _ in range(2)]
                answers = [one.result() for one in twice if one.exception() is None]
            if not answers:
                raise Lost
            return answers[-1]
        answer = self._post(body)
        if how == "drop_response":
            raise Lost
        return answer

    def _post(self, body: bytes) -> tuple[int, str, bytes]:
        held, self._connection = self._connection, None
        if held is not None:  # as browsers do: on a connection that has ended since, they ask again on a new one
            with contextlib.suppress(Lost):
                answer = self._speak(held, body)
                self._connection = held
                return answer
        fresh = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        answer = self._speak(fresh, body)
        self._connection = fresh
        return answer

    def _post_anew(self, body: bytes) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            return self._speak(connection, body)
        finally:
            connection.close()

    def _speak(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, str, bytes]:
        headers = {"Content-Type": "application/json", "X-Timesink": "1", "Authorization": f"Bearer {self.token}"}
        try:
            connection.request("POST", "/api/v1/batches", body, headers)
            with connection.getresponse() as answer:
                return answer.status, answer.headers.get("content-type", ""), answer.read()
        except (TimeoutError, OSError, http.client.HTTPException) as error:
            connection.close()
            raise Lost from error

    def _since_told(self) -> list[dict[str, Any]]:
        first = self._samples.index(self._told) if self._told in self._samples else 0
        return self._samples[first:]

    def _sample(self, sent: dict[str, Any], server: dict[str, int]) -> None:
        back = self.reading()
        rtt = max(0.0, back["mono"] - sent["mono"] - (server["sent"] - server["received"]))
        made = {
            "load": self.load, "mono": back["mono"], "wall": back["wall"], "rtt_ms": round(rtt),
            "offset_ms": round((server["received"] - sent["wall"] + server["sent"] - back["wall"]) / 2),
        }  # fmt: skip
        last = self._samples[-1] if self._samples else None
        near = last is not None and last["load"] == self.load and back["mono"] - last["mono"] < 60_000
        if last is None or not near or abs(last["offset_ms"] - made["offset_ms"]) >= 500:
            self._samples = [*self._samples, made][-SAMPLES:]
        elif made["rtt_ms"] < last["rtt_ms"]:
            self._samples[-1] = made

    def _accept(self, answer: dict[str, Any], sent: set[str]) -> None:
        for result in answer["results"]:
            row = self.rows.get(result["id"])
            if row is not None:
                row.waiting, row.status = False, result["status"]
        if self.epoch != answer["db_epoch"]:
            self._told = None
            if self.epoch is not None:
                self._again(lambda item_id, row: item_id not in sent)
            self.epoch = answer["db_epoch"]
        for told in answer["sessions"]:
            missing = {seq for low, high in told["missing"] for seq in range(low, high + 1)}
            if missing:
                self._again(lambda item_id, row, told=told, missing=missing: self._fills(item_id, row, told, missing))  # type: ignore[misc]

    def _fills(self, item_id: str, row: Row, told: dict[str, Any], missing: set[int]) -> bool:
        body = row.body
        if body.get("session") != told["session"] or body["seq"] not in missing or item_id in self._filled:
            return False
        self._filled.add(item_id)
        return True

    def _again(self, wanted: Callable[[str, Row], bool]) -> None:
        for item_id, row in self.rows.items():
            if not row.waiting and wanted(item_id, row):
                row.waiting = True


def _json(told: bytes) -> Any:
    try:
        return json.loads(told)
    except ValueError:
        return None
