// Every worked example of TIMELINE.md through the phone's own timeline, and what the pad reads from it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { state, timeline } from '../../static/js/timeline.js';
import { totals } from './totals.mjs';

const folder = new URL('../vectors/', import.meta.url);
const vectors = readdirSync(folder).sort().map((name) => (
  { name, ...JSON.parse(readFileSync(new URL(name, folder), 'utf8')) }));

test('the examples are all here', () => assert.equal(vectors.length, 46));

for (const vector of vectors) {
  test(`${vector.name}: ${vector.says}`, () => {
    const before = structuredClone(vector.events);
    const t = timeline(vector.events, vector.as_of);
    assert.deepEqual(t, vector.timeline);

    const { person_ms: person, ...rest } = totals(t);
    const { person_ms: expected, ...others } = vector.totals;
    assert.deepEqual(rest, others);
    assert.deepEqual(Object.keys(person).sort(), Object.keys(expected).sort());
    for (const task of Object.keys(expected)) {
      // the examples added floats, we convert an exact sum
      assert.ok(Math.abs(person[task] - expected[task]) < 1e-9, `${task}: ${person[task]}, not ${expected[task]}`);
    }
    assert.deepEqual(vector.events, before, 'the log is left as it was');
  });
}

/** `at` in seconds after the begin. */
function log(...events) {
  return events.map(([at, kind, fields], n) => ({ id: `e${n + 1}`, seq: n + 1, at: at * 1000, kind, ...fields }));
}

test('before the begin nothing is in hand', () => {
  assert.deepEqual(state([], 5000), {
    open: true, begin: null, end: null, at: null, paused: false, pausedSince: null, observedMs: 0,
    task: null, occurrence: null, since: null, activeMs: 0, context: {}, counts: {}, stack: [], parallel: [],
  });
});

test('an interruption inside an interruption shows what waits at each level', () => {
  const events = log(
    [0, 'begin'], [10, 'start', { task: 'rooming', context: { location: 'exam-room' } }],
    [20, 'interrupt', { trigger: 'phone', task: 'callbacks' }], [25, 'parallel_start', { task: 'forms' }],
    [30, 'interrupt', { trigger: 'supplies' }], [40, 'context', { dimension: 'location', value: 'lab' }],
    [45, 'count', { counter: 'visits' }],
  );
  assert.deepEqual(state(events, 60_000), {
    open: true, begin: 0, end: null, at: 60_000, paused: false, pausedSince: null, observedMs: 60_000,
    task: null, occurrence: null, since: null, activeMs: 0, context: { location: 'lab' }, counts: { visits: 1 },
    stack: [
      { interruption: 'e3', trigger: 'phone', task: 'rooming', since: 20_000, work: 'callbacks' },
      { interruption: 'e5', trigger: 'supplies', task: 'callbacks', since: 30_000, work: null },
    ],
    parallel: [{ event: 'e4', task: 'forms', trigger: null, since: 25_000, activeMs: 35_000 }],
  });
});

test('the time of the work in hand stands still while it is suspended and while the observer is away', () => {
  const events = log(
    [0, 'begin'], [10, 'start', { task: 'rooming' }], [20, 'interrupt', { trigger: 'phone' }], [30, 'resume'],
    [35, 'pause'], [50, 'continue'], [55, 'pause'],
  );
  const away = state(events, 70_000);
  assert.deepEqual(
    [away.task, away.occurrence, away.since, away.activeMs], ['rooming', 'e2', 10_000, 20_000]);
  assert.deepEqual([away.paused, away.pausedSince, away.observedMs], [true, 55_000, 40_000]);

  const back = state([...events, ...log([60, 'continue']).map((e) => ({ ...e, id: 'e8', seq: 8 }))], 70_000);
  assert.deepEqual([back.paused, back.activeMs, back.observedMs], [false, 30_000, 50_000]);
});

test('the time of a second task stands still while the observer is away', () => {
  const events = log([0, 'begin'], [10, 'parallel_start', { task: 'waiting' }], [20, 'pause'], [50, 'continue'], [55, 'pause']);
  const activeMs = (at, n) => state(events.slice(0, n), at * 1000).parallel[0].activeMs;
  assert.deepEqual([activeMs(15, 2), activeMs(40, 3), activeMs(53, 4), activeMs(70, 5)], [5000, 10_000, 13_000, 15_000]);
});

test('a moment before the last event is the last event', () => {
  const events = log([0, 'begin'], [10, 'start', { task: 'rooming' }]);
  assert.equal(state(events, 5000).at, 10_000);
  assert.equal(state(events).at, 10_000);
});

test('after the end nothing is in hand and nothing runs', () => {
  const events = log(
    [0, 'begin'], [10, 'start', { task: 'rooming' }], [15, 'parallel_start', { task: 'forms' }],
    [20, 'interrupt', { trigger: 'phone' }], [25, 'pause'], [30, 'end'],
  );
  const { open, at, end, task, stack, parallel, paused, observedMs } = state(events, 90_000);
  assert.deepEqual({ open, at, end, task, stack, parallel, paused, observedMs },
    { open: false, at: 30_000, end: 30_000, task: null, stack: [], parallel: [], paused: false, observedMs: 25_000 });
});

test('what the pad shows is what the timeline closes with, after every event of every example', () => {
  for (const { name, events } of vectors) {
    events.forEach((_, n) => {
      const sofar = events.slice(0, n + 1);
      const [shown, t] = [state(sofar), timeline(sofar)];
      const last = t.occurrences.find(({ id }) => id === shown.occurrence);
      assert.equal(shown.observedMs, t.observed_ms, name);
      assert.deepEqual(shown.counts, t.counts, name);
      assert.equal(shown.activeMs, last ? last.active_ms : 0, name);
      if (t.open) {
        const running = t.interruptions.filter(({ outcome }) => outcome === 'open');
        assert.deepEqual(shown.stack.map((level) => level.interruption), running.map(({ id }) => id), name);
      }
    });
  }
});
