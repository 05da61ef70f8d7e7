import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, onlyAsked, resume, stop, tapTask, undoable } from '../../static/js/gestures.js';
import { state } from '../../static/js/timeline.js';

/** A log from lines such as ['start', {task: 'rooming'}], one a minute. */
function log(...lines) {
  return [['begin'], ...lines].map(([kind, fields = {}], n) => (
    { id: `e${n}`, seq: n + 1, at: n * 60_000, recorded_at: n * 60_000, kind, ...fields }));
}
const off = { on: false };

test('a tile starts its task, a tile running beside ends it', () => {
  const events = log(['start', { task: 'rooming' }], ['parallel_start', { task: 'waiting' }]);
  const now = state(events);
  assert.deepEqual(tapTask(now, 'vitals', off, events), [{ kind: 'start', task: 'vitals' }]);
  assert.deepEqual(tapTask(now, 'rooming', off, events), [{ kind: 'start', task: 'rooming' }]);
  assert.deepEqual(tapTask(now, 'waiting', { on: true }, events), [{ kind: 'parallel_stop', task: 'waiting', of: 'e2' }]);
});

test('both: the next task runs beside, but never the running one beside itself', () => {
  const events = log(['start', { task: 'rooming' }]);
  assert.deepEqual(tapTask(state(events), 'waiting', { on: true }, events), [{ kind: 'parallel_start', task: 'waiting' }]);
  assert.deepEqual(tapTask(state(events), 'rooming', { on: true }, events), []);
});

test('both after a trigger: the switch never happened, the second task has its trigger and its time', () => {
  const events = log(['start', { task: 'rooming' }], ['interrupt', { trigger: 'phone' }]);
  const [gone, beside] = tapTask(state(events), 'callbacks', { on: true, asked: 'e2' }, events);
  assert.deepEqual(gone, { kind: 'void', target: 'e2' });
  assert.deepEqual([beside.kind, beside.task, beside.trigger, beside.from.at], ['parallel_start', 'callbacks', 'phone', 120_000]);
});

test('stop ends the first task; after it, the second one that is left', () => {
  const events = log(['start', { task: 'rooming' }], ['parallel_start', { task: 'waiting' }], ['parallel_start', { task: 'walking' }]);
  assert.deepEqual(stop(state(events)), [{ kind: 'stop' }]);
  const left = [...events, { id: 'e4', seq: 5, at: 240_000, kind: 'stop' }];
  assert.deepEqual(stop(state(left)), [{ kind: 'parallel_stop', task: 'walking', of: 'e3' }]);
  assert.deepEqual(stop(state(log())), []);
});

test('only asked: the question stays at its own time', () => {
  const asked = log(['interrupt', { trigger: 'phone' }])[1];
  assert.deepEqual(onlyAsked(asked), [{ kind: 'void', target: 'e1' }, { kind: 'prompt', trigger: 'phone', from: asked }]);
});

test('resuming an outer level leaves the inner ones for good', () => {
  const events = log(['start', { task: 'a' }], ['interrupt', { trigger: 't' }], ['interrupt', { trigger: 'u' }], ['interrupt', { trigger: 'v' }]);
  const kinds = (drafts) => drafts.map((draft) => draft.kind);
  assert.deepEqual(kinds(resume(state(events))), ['resume']);
  assert.deepEqual(kinds(resume(state(events), 0)), ['abandon', 'abandon', 'resume']);
  assert.deepEqual(resume(state(log())), []);
});

test('undo goes back tap by tap, over what is undone already, never before the begin', () => {
  const events = log(['start', { task: 'a' }], ['count', { counter: 'visits' }], ['void', { target: 'e2' }]);
  assert.equal(undoable(events).id, 'e1');
  assert.equal(undoable([...events, { id: 'e4', seq: 5, at: 0, kind: 'void', target: 'e1' }]), undefined);
});

test('undo goes by the order of the taps, even if the clock was set back between them', () => {
  const events = log(['start', { task: 'a' }], ['start', { task: 'b' }]);
  events[2].at = events[2].recorded_at = 1;
  assert.equal(undoable(events).task, 'b');
});

test('what a tap did is named by what stood before it', () => {
  const events = log(['start', { task: 'a' }], ['start', { task: 'b' }], ['start', { task: 'b' }], ['interrupt', { trigger: 't' }], ['resume'], ['stop']);
  const keys = events.slice(1).map((event) => describe(event, events));
  assert.deepEqual(keys.map((one) => one.key), ['did_start', 'did_switch', 'did_next', 'did_interrupt', 'did_resume', 'did_stop']);
  assert.equal(keys[1].before, 'a');
  assert.equal(keys[4].task, 'b');
});

test('a tap undone long ago is not what stood before', () => {
  const events = log(['start', { task: 'a' }], ['start', { task: 'b' }], ['void', { target: 'e2' }], ['start', { task: 'c' }]);
  assert.equal(describe(events[4], events).before, 'a');
});
