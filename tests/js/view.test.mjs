import assert from 'node:assert/strict';
import { test } from 'node:test';
import { view } from '../../static/js/view.js';
import { namesOf, watch } from '../../static/js/words.js';

const MINUTE = 60_000;
function log(...lines) {
  return [[0, 'begin'], ...lines].map(([minute, kind, fields = {}], n) => ({
    id: `e${n}`, seq: n + 1, at: minute * MINUTE, recorded_at: minute * MINUTE, load: 'L', mono: minute * MINUTE, kind, ...fields }));
}
const seen = (minute, ...lines) => view(log(...lines), 'L', { wall: minute * MINUTE, mono: minute * MINUTE });

test('what was suspended shows its own time, not the time since', () => {
  const now = seen(10, [1, 'start', { task: 'a' }], [4, 'interrupt', { trigger: 't' }], [5, 'start', { task: 'b' }]);
  assert.deepEqual(now.suspended, [{ task: 'a', trigger: 't', since: 4 * MINUTE, ms: 3 * MINUTE }]);
  assert.equal(now.activeMs, 5 * MINUTE);
});

test('idle time is counted from where it began, over a change of place too', () => {
  const now = seen(9, [1, 'start', { task: 'a' }], [3, 'stop'], [5, 'context', { dimension: 'location', value: 'lab' }]);
  assert.equal(now.idleSince, 3 * MINUTE);
  assert.equal(seen(4).idleSince, 0);
});

test('an interruption not coded yet is timed from its trigger', () => {
  assert.equal(seen(9, [1, 'start', { task: 'a' }], [6, 'interrupt', { trigger: 't' }]).idleSince, 6 * MINUTE);
});

test('what came before is the last task done', () => {
  const now = seen(9, [1, 'start', { task: 'a' }], [3, 'start', { task: 'b' }], [3, 'start', { task: 'c' }]);
  assert.deepEqual(now.before, { task: 'a', ms: 2 * MINUTE });
});

test('what came before is what ended last, not what began last', () => {
  const now = seen(9, [1, 'start', { task: 'vitals' }], [2, 'interrupt', { trigger: 't', task: 'callbacks' }],
    [3, 'interrupt', { trigger: 'u', task: 'searching' }], [4, 'resume'], [5, 'resume'], [7, 'start', { task: 'charting' }]);
  assert.deepEqual(now.before, { task: 'vitals', ms: 3 * MINUTE });
});

test('a stop-watch', () => {
  assert.deepEqual([0, 7_900, 760_000, 3_725_000, -5].map(watch), ['0:00', '0:07', '12:40', '1:02:05', '0:00']);
});

test('the first screen keeps one place for the button that opens the rest', () => {
  const many = (n, first) => Array.from({ length: n }, (_x, i) => ({ code: `c${i}`, label: `C ${i}`, first: i < first }));
  const pad = (tasks, triggers) => namesOf({ tasks, triggers, categories: [], counters: [] });
  assert.equal(pad(many(25, 14), many(18, 7)).firstTasks.length, 14);
  assert.equal(pad(many(30, 30), many(8, 8)).firstTasks.length, 24);
  assert.equal(pad(many(30, 26), many(9, 8)).firstTasks.length, 23);
  assert.equal(pad(many(24, 24), many(9, 8)).firstTriggers.length, 7);
});
