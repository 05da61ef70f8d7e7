import assert from 'node:assert/strict';
import { test } from 'node:test';
import { earlier, lastEdge, move, tapped, triggered, wasTask, wasTrigger } from '../../static/js/late.js';
import { undo } from '../../static/js/undo.js';
import { after, seen, session } from './log.mjs';

const MINUTE = 60_000;
const start = (task) => ['start', { task }];
const told = (now) => now.line.segments.map(({ start: from, end, task }) => [from / MINUTE, end / MINUTE, task]);
const steps = (now) => earlier(lastEdge(now)).map(({ ms, whole }) => (whole ? `all ${ms / MINUTE}` : ms / MINUTE));
const idle = ['count', { counter: 'visits' }];

test('began two minutes ago moves the edge to the task before, and undo moves it back', () => {
  const now = session(start('rooming'), idle, idle, idle, start('vitals'));
  const moved = after(now, move(now, 2 * MINUTE));
  assert.deepEqual(told(moved), [[0, 1, null], [1, 3, 'rooming'], [3, 6, 'vitals']]);
  assert.deepEqual(told(after(moved, undo(moved))), [[0, 1, null], [1, 5, 'rooming'], [5, 7, 'vitals']]);
  const again = after(moved, move(moved, MINUTE));
  assert.deepEqual(told(again)[1], [1, 2, 'rooming'], 'a second time goes on from there');
});

test('never before the beginning of the one before, nor before the session', () => {
  const now = session(start('rooming'), idle, idle, start('vitals'));
  assert.deepEqual(steps(now), [1, 2, 'all 3']);
  assert.equal(lastEdge(now).floor.task, 'rooming');
  const whole = after(now, move(now, 9 * MINUTE));
  assert.deepEqual(told(whole), [[0, 1, null], [1, 5, 'vitals']]);
  assert.deepEqual(move(whole, MINUTE).length, 2, 'what lies at one moment moves as one');
  assert.equal(lastEdge(session()), null);
  assert.deepEqual(steps(session(start('rooming'))), ['all 1']);
  assert.deepEqual(steps(session(idle, idle, idle, idle, idle, start('rooming'))), [1, 2, 5]);
});

test('going back, a trigger, a stop and a pause may have been late too', () => {
  const inside = session(start('rooming'), idle, ['interrupt', { trigger: 'phone' }], start('callbacks'), idle, idle);
  const back = after(inside, ['resume']);
  assert.deepEqual(told(after(back, move(back, 2 * MINUTE))).at(-1), [5, 8, 'rooming']);
  const paused = session(start('rooming'), idle, idle, ['pause']);
  assert.equal(after(paused, move(paused, MINUTE)).pausedSince, 3 * MINUTE);
  assert.equal(lastEdge(session(start('a'), ['pause'], ['continue'])).floor.kind, 'pause');
});

test('a jump over two levels moves as a whole', () => {
  const deep = session(start('a'), ['interrupt', { trigger: 't' }], ['interrupt', { trigger: 'u' }], start('b'), idle, idle);
  const back = after(deep, [{ kind: 'abandon' }, { kind: 'resume' }]);
  const moved = after(back, move(back, 2 * MINUTE));
  assert.deepEqual([moved.task, moved.line.problems], ['a', []]);
  assert.deepEqual(told(moved).at(-1), [5, 8, 'a']);
});

test('a second task may begin before the first one did', () => {
  const now = session(idle, idle, idle, start('a'), ['parallel_start', { task: 'b' }]);
  assert.deepEqual(steps(now), [1, 2, 'all 5']);
  assert.equal(after(now, move(now, 2 * MINUTE)).parallel[0].since, 3 * MINUTE);
});

test('a wrong tile becomes another task from the same moment', () => {
  const now = session(start('rooming'), start('vitals'));
  const put = after(now, wasTask(now, 'discharge'));
  assert.deepEqual([put.task, put.since], ['discharge', 2 * MINUTE]);
  assert.deepEqual(wasTask(now, 'vitals'), [], 'it was that one');
  assert.equal(after(put, undo(put)).task, 'vitals');
  const beside = session(start('a'), ['parallel_start', { task: 'b' }]);
  assert.deepEqual(wasTask(beside, 'b'), [], 'it runs already');
  const alone = after(beside, ['stop']);
  assert.equal(after(alone, wasTask(alone, 'c')).parallel[0].task, 'c');
});

test('what is gone back to can still be put right', () => {
  const now = session(start('rooming'), ['interrupt', { trigger: 'phone' }], ['resume']);
  assert.deepEqual(wasTask(now, 'vitals'), [{ kind: 'amend', target: 'e1', changes: { task: 'vitals' } }]);
});

test('a wrong trigger is put right, of an interruption and of a question', () => {
  const broken = session(start('a'), ['interrupt', { trigger: 'phone' }]);
  assert.equal(tapped(broken), undefined);
  assert.equal(after(broken, wasTrigger(broken, 'supplies')).stack[0].trigger, 'supplies');
  const asked = session(start('a'), ['prompt', { trigger: 'phone' }]);
  assert.equal(after(asked, wasTrigger(asked, 'ehr')).line.prompts[0].trigger, 'ehr');
  assert.equal(triggered(session(start('a'))), undefined);
});

test('what may be wrong is told with when it began', () => {
  const began = (one) => one.since / MINUTE;
  const broken = session(start('a'), idle, ['interrupt', { trigger: 'phone' }], start('b'));
  assert.deepEqual([began(tapped(broken)), began(triggered(broken))], [4, 3]);
  const back = after(broken, [{ kind: 'resume' }]);
  assert.equal(began(tapped(back)), 1, 'what is gone back to: its own beginning');
  const asked = session(start('a'), ['prompt', { trigger: 'phone' }], ['stop'], ['parallel_start', { task: 'b' }]);
  assert.deepEqual([began(triggered(asked)), began(tapped(asked))], [2, 4]);
});

test('times put right on a phone whose clock was set back are told in its new time', () => {
  const now = session(start('rooming'), idle, idle, start('vitals'));
  const back = { log: now.log.map((one) => (one.seq < 5 ? one : { ...one, at: one.at - 3_600_000, recorded_at: one.recorded_at - 3_600_000 })) };
  assert.equal(seen(back).ahead, 3_600_000);
  const [{ changes }] = move(seen(back), MINUTE);
  assert.equal(changes.at, 3 * MINUTE, 'on the clock of `now`; session.js takes `ahead` off');
});
