import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry, fits, stretches } from '../../static/js/stretches.js';
import { undo } from '../../static/js/undo.js';
import { after, session } from './log.mjs';

const MINUTE = 60_000;
const start = (task) => ['start', { task }];
const idle = ['count', { counter: 'visits' }];
const told = (now) => now.line.segments.map(({ start: from, end, task }) => [from / MINUTE, end / MINUTE, task]);
const span = (from, to, beside = false) => ({ from: from * MINUTE, to: to * MINUTE, beside });
const entered = (now, task, ...when) => after(now, entry(now, task, span(...when)));

test('a gap is filled, wholly or in part, and nothing else moves', () => {
  const now = session(start('a'), ['stop'], idle, idle, start('b'), idle);
  assert.deepEqual(told(entered(now, 'c', 2, 5)), [[0, 1, null], [1, 2, 'a'], [2, 5, 'c'], [5, 7, 'b']]);
  const part = entered(now, 'c', 3, 4);
  assert.deepEqual(told(part), [[0, 1, null], [1, 2, 'a'], [2, 3, null], [3, 4, 'c'], [4, 5, null], [5, 7, 'b']]);
  assert.deepEqual(part.line.problems, []);
  assert.deepEqual(told(after(part, undo(part))).slice(0, -1), told(now).slice(0, -1), 'one undo takes it back');
});

test('in place of a part of a task: that begins again after it', () => {
  const now = session(start('a'), idle, idle, idle, idle, start('b'));
  assert.deepEqual(told(entered(now, 'c', 2, 4)), [[0, 1, null], [1, 2, 'a'], [2, 4, 'c'], [4, 6, 'a'], [6, 7, 'b']]);
  assert.equal(entered(now, 'c', 2, 4).task, 'b');
});

test('the task that runs still runs after what was entered before now', () => {
  const now = session(start('a'), idle, idle, idle);
  const put = entered(now, 'c', 2, 3);
  assert.equal(put.task, 'a');
  assert.deepEqual(told(put), [[0, 1, null], [1, 2, 'a'], [2, 3, 'c'], [3, 5, 'a']]);
});

test('up to an interruption: what was interrupted stays interrupted, and is gone back to', () => {
  const now = session(start('a'), idle, idle, ['interrupt', { trigger: 't' }], start('b'), ['resume'], idle);
  const put = entered(now, 'c', 2, 4);
  assert.equal(put.task, 'a');
  assert.deepEqual(put.line.interruptions.map(({ interrupted_task: task, outcome }) => [task, outcome]), [['a', 'resumed']]);
  assert.deepEqual(put.line.problems, []);
});

test('inside an interruption, and up to the going back', () => {
  const now = session(start('a'), ['interrupt', { trigger: 't' }], idle, idle, ['resume'], idle);
  const put = entered(now, 'c', 2, 5);
  assert.deepEqual(told(put), [[0, 1, null], [1, 2, 'a'], [2, 5, 'c'], [5, 7, 'a']]);
  assert.equal(put.line.segments[2].trigger, 't');
});

test('beside: the first track stays as it was', () => {
  const now = session(start('a'), idle, idle, idle);
  const put = entered(now, 'c', 2, 4, true);
  assert.deepEqual(told(put), [[0, 1, null], [1, 5, 'a']]);
  assert.deepEqual(put.line.parallel.map(({ start: from, end, task }) => [from / MINUTE, end / MINUTE, task]), [[2, 4, 'c']]);
  assert.equal(fits(put, 'c', span(3, 4, true)), false, 'never beside itself');
});

test('only within one stretch, and never what is there already', () => {
  const now = session(start('a'), idle, start('b'), ['context', { dimension: 'd', value: 'v' }], idle, ['pause'], ['continue'], idle);
  assert.deepEqual(stretches(now).map(({ start: from, end, task }) => [from / MINUTE, end / MINUTE, task]),
    [[7, 8, 'b'], [3, 6, 'b'], [1, 3, 'a'], [0, 1, null]]);
  for (const when of [span(2, 4), span(5, 7), span(4, 4), span(5, 4), span(7, 9), { from: NaN, to: NaN }]) {
    assert.deepEqual(entry(now, 'c', when), []);
  }
  assert.deepEqual(entry(now, 'a', span(1, 2)), []);
});
