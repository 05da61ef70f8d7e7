import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resume, stop, tapTask } from '../../static/js/gestures.js';
import { choice } from '../../static/js/outcome.js';
import { session } from './log.mjs';

const off = { on: false };

test('a tile starts its task, a tile running beside ends it', () => {
  const now = session(['start', { task: 'rooming' }], ['parallel_start', { task: 'waiting' }]);
  assert.deepEqual(tapTask(now, 'vitals', off), [{ kind: 'start', task: 'vitals' }]);
  assert.deepEqual(tapTask(now, 'rooming', off), [{ kind: 'start', task: 'rooming' }]);
  assert.deepEqual(tapTask(now, 'waiting', { on: true }), [{ kind: 'parallel_stop', task: 'waiting', of: 'e2' }]);
});

test('both: the next task runs beside, but never the running one beside itself', () => {
  const now = session(['start', { task: 'rooming' }]);
  assert.deepEqual(tapTask(now, 'waiting', { on: true }), [{ kind: 'parallel_start', task: 'waiting' }]);
  assert.deepEqual(tapTask(now, 'rooming', { on: true }), []);
});

test('both after a trigger: the switch never happened, the second task has its trigger and its time', () => {
  const now = session(['start', { task: 'rooming' }], ['interrupt', { trigger: 'phone' }]);
  const both = { on: true, choice: choice(now) };
  assert.deepEqual(tapTask(now, 'callbacks', both), [
    { kind: 'void', target: 'e2' }, { kind: 'parallel_start', task: 'callbacks', trigger: 'phone', at: 120_000 }]);
  assert.deepEqual(tapTask(now, 'rooming', both), [], 'not beside itself');
});

test('stop ends the first task; after it, the second one that is left', () => {
  const lines = [['start', { task: 'rooming' }], ['parallel_start', { task: 'waiting' }], ['parallel_start', { task: 'walking' }]];
  assert.deepEqual(stop(session(...lines)), [{ kind: 'stop' }]);
  assert.deepEqual(stop(session(...lines, ['stop'])), [{ kind: 'parallel_stop', task: 'walking', of: 'e3' }]);
  assert.deepEqual(stop(session()), []);
});

test('resuming an outer level leaves the inner ones for good', () => {
  const now = session(['start', { task: 'a' }], ['interrupt', { trigger: 't' }], ['interrupt', { trigger: 'u' }], ['interrupt', { trigger: 'v' }]);
  const kinds = (drafts) => drafts.map((draft) => draft.kind);
  assert.deepEqual(kinds(resume(now)), ['resume']);
  assert.deepEqual(kinds(resume(now, 0)), ['abandon', 'abandon', 'resume']);
  assert.deepEqual(resume(session()), []);
});
