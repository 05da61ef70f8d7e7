import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overlong } from '../../static/js/nudge.js';
import { after, seen, session } from './log.mjs';

const names = { pad: { nudge: { rooming: { after_ms: 240_000, usual_ms: 120_000 }, vitals: { after_ms: 60_000, usual_ms: null } } } };
const rooming = session(['start', { task: 'rooming' }]);

test('a task is overlong from the limit of its clinic on, by its own time', () => {
  assert.equal(overlong(names, seen(rooming, 239)), null);
  assert.deepEqual(overlong(names, seen(rooming, 240)), { occurrence: 'e1', task: 'rooming', usualMs: 120_000 });
  assert.deepEqual(overlong(names, seen(rooming, 200), 40_000)?.task, 'rooming', 'the timer runs on between two taps');
  const broken = after(rooming, ['interrupt', { trigger: 'phone' }], ['resume']);
  assert.equal(overlong(names, seen(broken, 179)), null, 'the interruption is not its own time');
  assert.ok(overlong(names, seen(broken, 180)));
});

test('where the clinic never asks, about what it does not ask, and in a pause, nothing is overlong', () => {
  for (const pad of [{}, { nudge: null }, { nudge: {} }]) assert.equal(overlong({ pad }, seen(rooming, 9000)), null);
  assert.equal(overlong(names, seen(after(rooming, ['pause']), 9000)), null);
  assert.equal(overlong(names, seen(session(), 9000)), null);
});
