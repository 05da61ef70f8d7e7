import assert from 'node:assert/strict';
import { test } from 'node:test';

import { aligned, score, steps } from '../../static/js/score.js';

const SCENE = {
  lasts: 100,
  cards: [
    { at: 0, key: [{ kind: 'start', task: 'rooming' }] },
    { at: 20, key: [{ kind: 'interrupt', trigger: 'phone' }, { kind: 'start', task: 'callbacks' }] },
    { at: 40, key: [{ kind: 'resume' }] },
    { at: 50, key: [{ kind: 'prompt', trigger: 'provider-question' }] },
    { at: 60, key: [{ kind: 'parallel_start', task: 'testing' }] },
    { at: 70, key: [{ kind: 'parallel_stop', task: 'testing' }] },
    { at: 80, key: [{ kind: 'start', task: 'discharge' }] },
  ],
};
const SHOWN = SCENE.cards.map(({ at }) => at * 1000);

/** [second, draft] ... as a log. */
function log(...taps) {
  return [[0, { kind: 'begin' }], ...taps, [100, { kind: 'end' }]]
    .map(([at, draft], n) => ({ id: `e${String(n).padStart(2, '0')}`, seq: n + 1, at: at * 1000, recorded_at: at * 1000, ...draft }));
}
const start = (task) => ({ kind: 'start', task });
const perfect = [
  [1, start('rooming')], [22, { kind: 'interrupt', trigger: 'phone' }], [23, start('callbacks')], [41, { kind: 'resume' }],
  [52, { kind: 'prompt', trigger: 'provider-question' }], [63, { kind: 'parallel_start', task: 'testing' }],
  [71, { kind: 'parallel_stop', task: 'testing' }], [84, start('discharge')],
];
const scored = (taps, has = () => true) => score(SCENE, SHOWN, log(...taps), has);
const without = (...at) => perfect.filter(([second]) => !at.includes(second));

test('whoever codes it as the key does is told nothing else', () => {
  const found = scored(perfect);
  assert.deepEqual(found.tasks, { n: 4, of: 4 });
  assert.deepEqual(found.breaks, { n: 2, of: 2 });
  for (const list of ['took', 'missed', 'extra', 'asMain', 'asBeside', 'breaksMissed', 'onlyAsked', 'switched', 'notBack', 'leftOut']) {
    assert.deepEqual(found[list], [], list);
  }
  assert.deepEqual(found.gaps, { half: 3000, most: 4000, code: 'discharge' });
});

test('what was taken for something else, what was left out, and what the key does not have', () => {
  const found = scored([[1, start('vitals')], ...without(1, 84), [90, { kind: 'prompt', trigger: 'phone' }]]);
  assert.deepEqual(found.took, [{ key: 'rooming', yours: 'vitals', n: 1 }]);
  assert.deepEqual(found.missed, ['discharge']);
  assert.deepEqual(found.extra, ['phone']);
  assert.deepEqual(found.tasks, { n: 2, of: 4 });
});

test('interruptions: missed, a request taken for a switch, a switch for a request, not resumed', () => {
  assert.deepEqual(scored(without(22, 41)).breaksMissed.map(({ code, at }) => [code, at]), [['phone', 20_000]]);
  const asked = { kind: 'interrupt', trigger: 'provider-question' };
  assert.deepEqual(scored([...without(52), [52, asked], [53, { kind: 'resume' }]]).onlyAsked.map(({ code }) => code), ['provider-question']);
  const phone = { kind: 'prompt', trigger: 'phone' };
  assert.deepEqual(scored([...without(22, 41), [22, phone]]).switched.map(({ code }) => code), ['phone']);
  assert.deepEqual(scored(without(41)).notBack, ['phone']);
});

test('a second task coded as the next one, and the other way round', () => {
  assert.deepEqual(scored([...without(63, 71), [63, start('testing')]]).asMain, ['testing']);
  assert.deepEqual(scored([...without(84), [84, { kind: 'parallel_start', task: 'discharge' }]]).asBeside, ['discharge']);
});

test('what the clinic has not is neither asked for nor held against anybody', () => {
  const has = (code) => code !== 'callbacks' && code !== 'phone';
  const found = scored([...without(22, 23), [22, { kind: 'interrupt', trigger: 'other' }], [23, start('forms')]], has);
  assert.deepEqual(found.leftOut, ['phone', 'callbacks']);
  assert.deepEqual([found.tasks, found.breaks], [{ n: 3, of: 3 }, { n: 1, of: 1 }]);
  assert.deepEqual([found.took, found.extra], [[], []]);
});

test('undone taps and taps put right at once count as nothing', () => {
  const slip = [[80, start('vitals')], [80, start('discharge')]];
  assert.deepEqual(scored([...without(84), ...slip]).extra, []);
  const events = log(...perfect, [90, start('vitals')]);
  const undo = { id: 'u', seq: 99, at: 91_000, recorded_at: 91_000, kind: 'void', target: events.find(({ at }) => at === 90_000).id };
  assert.deepEqual(score(SCENE, SHOWN, [...events, undo], () => true).extra, []);
});

test('nothing tapped at all is said, not divided by', () => {
  const found = scored([]);
  assert.deepEqual([found.tasks, found.breaks, found.gaps], [{ n: 0, of: 4 }, { n: 0, of: 2 }, null]);
});

test('steps side by side keep both orders', () => {
  const pairs = aligned(steps(log(...perfect)), steps(log(...without(63, 71))));
  assert.deepEqual(pairs.filter(({ yours }) => !yours).map(({ key }) => key.code), ['testing']);
  assert.deepEqual(pairs.map(({ key }) => key.at), steps(log(...perfect)).map(({ at }) => at));
});
