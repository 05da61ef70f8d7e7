import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OFFER_MS, choice, choose } from '../../static/js/outcome.js';
import { undo } from '../../static/js/undo.js';
import { after, seen, session, soon } from './log.mjs';

const rooming = session(['start', { task: 'rooming' }]);
const tapped = after(rooming, ['interrupt', { trigger: 'phone' }]);
const decide = (now, how, task) => soon(now, choose(now, choice(now), how, task));

/** The timeline less the names of its events, which tell how one got there. */
function meaning({ line }) {
  const names = new Set(['id', 'event', 'occurrence', 'interruption', 'interrupted_occurrence']);
  const nameless = (one) => Object.fromEntries(Object.entries(one).filter(([key]) => !names.has(key)));
  const lists = ['segments', 'parallel', 'interruptions', 'prompts', 'occurrences', 'problems'];
  return lists.map((list) => line[list].map(nameless));
}

const FORMS = {
  interrupt: [{ kind: 'interrupt', trigger: 'phone' }],
  prompt: [{ kind: 'prompt', trigger: 'phone' }],
  worked: [{ kind: 'interrupt', trigger: 'phone' }, { kind: 'start', task: 'callbacks' }],
  parallel_start: [{ kind: 'parallel_start', task: 'callbacks', trigger: 'phone' }],
};

/** As if it had been chosen so at once, a minute after rooming, and looked at when `now` was. */
const atOnce = (form, now) => seen(after(rooming, FORMS[form]), (now.at - 120_000) / 1000);

test('every choice, in any order, leaves the timeline as if it had been made at once', () => {
  const chains = [
    ['interrupt', 'prompt'], ['interrupt', 'prompt', 'interrupt'], ['worked', 'parallel_start'], ['worked', 'prompt'],
    ['worked', 'parallel_start', 'interrupt'], ['parallel_start', 'prompt'], ['prompt', 'interrupt', 'prompt'],
  ];
  for (const [first, ...rest] of chains) {
    const now = rest.reduce((before, how) => decide(before, how), after(rooming, FORMS[first]));
    const last = rest.at(-1) === 'interrupt' && first === 'worked' ? 'worked' : rest.at(-1);
    assert.deepEqual(meaning(now), meaning(atOnce(last, now)), [first, ...rest].join(', then '));
    const undone = rest.reduce((before) => soon(before, undo(before)), now);
    assert.deepEqual(meaning(undone), meaning(atOnce(first, undone)), `undone: ${first}`);
  }
});

test('the work that was tapped in between goes along', () => {
  const now = soon(tapped, ['start', { task: 'callbacks' }]);
  assert.equal(choice(now).task, 'callbacks');
  const both = decide(now, 'parallel_start');
  assert.deepEqual(both.parallel.map(({ task, trigger, since }) => [task, trigger, since]), [['callbacks', 'phone', 120_000]]);
  assert.deepEqual([both.task, both.stack], ['rooming', []]);
  const undone = soon(both, undo(both));
  assert.deepEqual([undone.task, undone.stack.length, undone.parallel], ['callbacks', 1, []], 'one undo takes back the choice');
});

test('it can be chosen for some seconds, and as long as nothing else was tapped', () => {
  assert.equal(choice(tapped).how, 'interrupt');
  assert.equal(choice(seen(tapped, OFFER_MS / 1000)), null);
  assert.equal(choice(soon(tapped, ['count', { counter: 'visits' }])).trigger, 'phone');
  for (const other of [['resume'], ['stop'], ['pause'], ['interrupt', { trigger: 'supplies' }]]) {
    const made = choice(soon(tapped, other));
    assert.notEqual(made?.trigger, 'phone', other[0]);
  }
  assert.equal(choice(rooming), null);
  assert.equal(choice(session()), null);
});

test('a trigger that was put right can still be chosen about', () => {
  const other = soon(tapped, [{ kind: 'amend', target: 'e2', changes: { trigger: 'supplies', at: 100_000 } }]);
  const asked = decide(other, 'prompt');
  assert.deepEqual(asked.line.prompts, [{ at: 100_000, trigger: 'supplies', task: 'rooming' }]);
  assert.deepEqual(soon(asked, undo(asked)).stack.map(({ trigger }) => trigger), ['supplies']);
});

test('an undone trigger is nothing to choose about', () => {
  assert.equal(choice(after(tapped, undo(tapped))), null);
});

test('both never runs the task in hand beside itself', () => {
  assert.deepEqual(choose(tapped, choice(tapped), 'parallel_start', 'rooming'), []);
});
