import assert from 'node:assert/strict';
import { test } from 'node:test';

const Channel = globalThis.BroadcastChannel;
globalThis.BroadcastChannel = class extends Channel {
  constructor(name) {
    super(name);
    this.unref(); // an open one would keep the test running
  }
};
globalThis.self = globalThis; // what a page calls itself
const { merged } = await import('../../static/js/session.js');
const { goesOnThere, theirTaps } = await import('../../static/js/handover.js');

/** `own(3)`, `theirs(4)`: a tap at that second. */
let n = 0;
const tap = (at, more) => ({ id: `e${n++}`, seq: 1, at: at * 1000, recorded_at: at * 1000, kind: 'start', ...more });
const own = (at, more) => tap(at, more);
const theirs = (at, more) => tap(at, { device: 'other', ...more });
const order = (log) => log.map(({ recorded_at, device }) => `${device ? 't' : 'o'}${recorded_at / 1000}`).join(' ');

test('a log of this phone alone is in the order of its numbers, whatever the order it was put back in', () => {
  const log = [own(1, { seq: 1 }), own(2, { seq: 2 })];
  assert.deepEqual(merged(log), log);
  assert.deepEqual(merged(log.toReversed()), log);
});

test('two devices make one log, by when things were tapped, numbered anew', () => {
  const log = merged([own(1), own(4), theirs(3), theirs(2), theirs(9)]);
  assert.equal(order(log), 'o1 t2 t3 o4 t9');
  assert.deepEqual(log.map(({ seq }) => seq), [1, 2, 3, 4, 5]);
});

test('the own taps keep their order though this clock was set back', () => {
  assert.equal(order(merged([own(10), own(3), own(4), theirs(9), theirs(11)])), 't9 o10 o3 o4 t11');
});

test('a session goes on there only where something newer was tapped there, and corrections are no taps', () => {
  assert.equal(goesOnThere([own(1), own(2)]), null);
  assert.equal(goesOnThere([own(1), theirs(2), own(3)]), null);
  assert.equal(goesOnThere([own(1), theirs(2)]).recorded_at, 2000);
  assert.equal(goesOnThere([own(1), theirs(2, { kind: 'void' })]), null);
  assert.equal(goesOnThere([own(1), theirs(2, { at: 500 })]), null, 'entered later');
  assert.equal(theirTaps([own(1), theirs(2), theirs(3, { kind: 'void' })]).length, 1);
});
