"""The phone's timeline.js and the server's app/timeline say the same of the same log.

Node runs once over some hundreds of seeded random logs; a seed that fails can be read alone with `random_log`.
"""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

from app.timeline import pieces, timeline, totals
from tests.node import NODE

ROOT = Path(__file__).parents[2]
SEEDS = range(400)
RUN = """
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
const [{ timeline }, { totals }] = await Promise.all(process.argv.slice(1).map((path) => import(pathToFileURL(path))));
const answer = ({ events, as_of }) => {
  const t = timeline(events, as_of);
  return { timeline: t, totals: totals(t) };
};
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(answer)));
"""
BEGIN = 1_793_624_400_000
TASKS = [f"task-{n:02d}" for n in range(24)]
# how often each kind is tapped in a log
WEIGHTS = {
    "start": 12,
    "interrupt": 8,
    "resume": 8,
    "abandon": 2,
    "stop": 3,
    "parallel_start": 8,
    "parallel_stop": 5,
    "pause": 3,
    "continue": 3,
    "prompt": 2,
    "context": 3,
    "count": 2,
    "note": 1,
    "void": 4,
    "amend": 5,
    "begin": 0.3,
    "end": 0.1,
}


def random_log(seed: int) -> dict[str, Any]:
    """A log and its `as_of`.

    Odd seeds are hostile: times, numbers and devices without any order. Every 20th has very many parallel tasks.
    """
    chance = random.Random(seed)
    hostile = seed % 2 == 1
    crowded = seed % 20 == 0
    length = 150 if crowded else chance.choice([0, 3, 12, 40, 150])
    weights = WEIGHTS | ({"parallel_start": 60} if crowded else {})
    ids = [f"{chance.getrandbits(64):016x}" for _ in range(length + 2)]
    tasks = TASKS if crowded else TASKS[: chance.choice([2, 5, 24])]
    events = []
    at = BEGIN
    for n, id in enumerate(ids):
        kind = chance.choices(list(weights), list(weights.values()))[0]
        if n == 0:
            kind = "begin"
        elif n == length + 1 and chance.random() < 0.6:
            kind = "end"
        at = BEGIN + chance.randrange(60) * 1000 if hostile else at + chance.choice([0, 1, 999, 61_234])
        event = {"id": id, "seq": chance.randrange(9) if hostile else n + 1, "at": at, "kind": kind}
        event |= fields_of(kind, chance, tasks, ids)
        if chance.random() < 0.7:
            event["recorded_at"] = at + (chance.randrange(60_000) if hostile else 0)
        events.append(event)
    events += chance.sample(events, min(3, len(events)))
    chance.shuffle(events)
    return {"events": events, "as_of": chance.choice([None, BEGIN, BEGIN + chance.randrange(10**7)])}


def fields_of(kind: str, chance: random.Random, tasks: list[str], ids: list[str]) -> dict[str, Any]:
    task, trigger, place = chance.choice(tasks), chance.choice("xyz"), chance.choice(["room", "lab"])
    context = {chance.choice(["location", "tool"]): place}
    target = chance.choice([*ids[1:], "nowhere"])
    optional: dict[str, dict[str, Any]] = {
        "start": {"context": context},
        "interrupt": {"task": task},
        "parallel_start": {"trigger": trigger},
        "parallel_stop": {"of": target},
        "count": {"n": chance.randrange(-2, 3)},
    }
    changes = {"task": task, "trigger": trigger, "at": BEGIN + chance.randrange(10**6), "context": context, "n": 2}
    required: dict[str, dict[str, Any]] = {
        "start": {"task": task},
        "interrupt": {"trigger": trigger},
        "parallel_start": {"task": task},
        "parallel_stop": {"task": task},
        "prompt": {"trigger": trigger},
        "context": {"dimension": "location", "value": place},
        # names that every JavaScript object has already
        "count": {"counter": chance.choice(["visits", "constructor", "__proto__"])},
        "note": {"text": "busy"},
        "void": {"target": target},
        "amend": {"target": target, "changes": dict(chance.sample(sorted(changes.items()), 2))},
    }
    fields = required.get(kind, {})
    for name, value in optional.get(kind, {}).items():
        fields |= chance.choice([{}, {name: None}, {name: value}])
    return fields


def on_the_phone(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    scripts = [str(ROOT / "static" / "js" / "timeline.js"), str(ROOT / "tests" / "js" / "totals.mjs")]
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", RUN, *scripts],
        input=json.dumps(logs),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def test_the_phone_and_the_server_say_the_same_of_every_log() -> None:
    logs = [random_log(seed) for seed in SEEDS]
    answers = on_the_phone(logs)
    assert len(answers) == len(logs)
    for seed, log, answer in zip(SEEDS, logs, answers, strict=True):
        t = timeline(log["events"], log["as_of"])
        assert answer["timeline"] == t.as_dict(), f"seed {seed}"
        assert answer["totals"] == totals(t), f"seed {seed}"


def test_the_random_logs_reach_every_rule() -> None:
    ts = [timeline(log["events"], log["as_of"]) for log in map(random_log, SEEDS)]
    assert {problem.code for t in ts for problem in t.problems} == {
        "amended_correction",
        "unknown_target",
        "outside_session",
        "duplicate_begin",
        "duplicate_end",
        "stop_while_idle",
        "resume_without_interruption",
        "abandon_without_interruption",
        "repeated_parallel",
        "parallel_stop_without_start",
        "repeated_pause",
        "continue_without_pause",
        "event_while_paused",
    }
    assert {i.outcome for t in ts for i in t.interruptions} == {"resumed", "abandoned", "open"}
    assert {t.open for t in ts} == {True, False}
    assert max(i.depth for t in ts for i in t.interruptions) > 3
    assert max(len(piece.tasks) for t in ts for piece in pieces(t)) > 16
