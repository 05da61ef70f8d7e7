import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, lastTap, redo, redoable, taps, undo } from '../../static/js/undo.js';
import { after, session } from './log.mjs';

const start = (task) => ['start', { task }];
test('undo goes back tap by tap, over what is undone already, never before the begin', () => {
  const now = session(start('a'), ['count', { counter: 'visits' }], ['void', { target: 'e2' }]);
  assert.equal(lastTap(now)[0].id, 'e1');
  const bare = after(now, undo(now));
  assert.deepEqual([undo(bare), lastTap(bare)], [[], undefined]);
});

test('undo goes by the order of the taps, even if the clock was set back between them', () => {
  const now = session(start('a'), start('b'));
  now.log[2].at = now.log[2].recorded_at = 1;
  assert.equal(lastTap(now)[0].task, 'b');
});

test('25 taps are undone one by one, each to what stood before it', () => {
  const stood = [session()];
  const kinds = [start('a'), ['interrupt', { trigger: 't' }], start('b'), ['count', { counter: 'c', n: 2 }], ['resume'],
    ['parallel_start', { task: 'p' }], ['pause'], ['continue'], ['parallel_stop', { task: 'p' }], ['stop'], ['note', { text: 'fix-later' }],
    ['context', { dimension: 'd', value: 'v' }]];
  for (let n = 0; n < 25; n += 1) stood.push(after(stood.at(-1), kinds[n % kinds.length]));
  let now = stood.at(-1);
  for (const before of stood.slice(0, -1).reverse()) {
    now = after(now, undo(now));
    const shown = ({ counts, line, task, stack, context, paused }) => ({ counts, notes: line.notes, task, stack, context, paused });
    assert.deepEqual(shown(now), shown(before));
  }
  assert.equal(lastTap(now), undefined);
});

test('a tap that means several events is one step', () => {
  const now = session(start('a'), ['interrupt', { trigger: 't' }], [{ kind: 'void', target: 'e2' }, { kind: 'prompt', trigger: 't', at: 120_000 }]);
  assert.deepEqual(undo(now), [{ kind: 'void', target: 'e3' }, { kind: 'void', target: 'e4' }]);
  const back = after(now, undo(now));
  assert.deepEqual([back.stack.length, back.line.prompts.length], [1, 0]);
  assert.equal(lastTap(back)[0].id, 'e2');
});

test('two thumbs in one moment of the wall clock are two taps', () => {
  const { log } = session(start('a'), start('b'));
  log[2] = { ...log[2], recorded_at: log[1].recorded_at, mono: log[1].mono + 0.001 };
  assert.deepEqual([...taps(log)].map((tap) => tap.map(({ id }) => id)), [['e2'], ['e1'], ['e0']]);
});

test('redo takes back undo after undo, until something else is tapped', () => {
  const now = session(start('a'), start('b'), start('c'));
  const one = after(now, undo(now));
  const two = after(one, undo(one));
  assert.equal(redoable(two)[0].task, 'b');
  const again = after(two, redo(two));
  assert.equal(again.task, 'b');
  const whole = after(again, redo(again));
  assert.equal(whole.task, 'c');
  assert.deepEqual([redo(whole), redoable(whole)], [[], undefined]);
  assert.equal(after(whole, undo(whole)).task, 'b', 'what was brought back can be undone');
  assert.deepEqual(redo(after(two, start('d'))), []);
});

test('an end that was taken back is not brought back by redo', () => {
  const now = session(start('a'), ['end'], ['void', { target: 'e2' }]);
  assert.deepEqual(redo(now), []);
  assert.equal(lastTap(now)[0].task, 'a');
});

test('a correction made on another device is not undone from here, a tap made there is', () => {
  const now = session(start('a'), start('b'), ['amend', { target: 'e2', changes: { task: 'c' }, device: 'page' }]);
  assert.equal(lastTap(now)[0].id, 'e2');
  now.log[2].device = 'phone-2';
  assert.equal(lastTap(now)[0].id, 'e2');
});

test('what a tap did is named by what stood before it', () => {
  const { log } = session(start('a'), start('b'), start('b'), ['interrupt', { trigger: 't' }], ['resume'], ['stop']);
  const said = [...taps(log)].reverse().slice(1).map((tap) => describe(tap, log));
  assert.deepEqual(said.map((one) => one.key), ['did_start', 'did_switch', 'did_next', 'did_interrupt', 'did_resume', 'did_stop']);
  assert.equal(said[1].before, 'a');
  assert.equal(said[4].task, 'b');
});

test('a tap undone long ago is not what stood before', () => {
  const now = session(start('a'), start('b'), ['void', { target: 'e2' }], start('c'));
  assert.equal(describe(lastTap(now), now.log).before, 'a');
});

test('corrections are named by what they changed', () => {
  const now = session(start('a'), start('b'), ['amend', { target: 'e2', changes: { at: 60_001 } }], ['amend', { target: 'e2', changes: { task: 'c' } }]);
  assert.deepEqual(describe(lastTap(now), now.log), { key: 'did_other_task', task: 'c', before: 'b' });
  const { key, ms, task } = describe(lastTap(after(now, undo(now))), now.log);
  assert.deepEqual([key, ms, task], ['did_earlier', 59_999, 'b']);
});
