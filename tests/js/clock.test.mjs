import assert from 'node:assert/strict';
import { test } from 'node:test';
import { since, steady, withSample } from '../../static/js/clock.js';
import { uuid7 } from '../../static/js/ids.js';

const at = (wall, mono) => ({ wall, mono });

test('an offset is half-way between the two trips', () => {
  const [sample] = withSample([], 'L', at(1000, 10), at(1200, 210), { received: 5000, sent: 5100 });
  assert.deepEqual(sample, { load: 'L', mono: 210, wall: 1200, offset_ms: 3950, rtt_ms: 100 });
});

test('answers in a burst leave one sample, the quickest', () => {
  const ask = (samples, mono, rtt) => withSample(samples, 'L', at(mono, mono), at(mono + rtt, mono + rtt), { received: mono + rtt / 2, sent: mono + rtt / 2 });
  let samples = ask([], 1000, 90);
  samples = ask(samples, 2000, 30);
  samples = ask(samples, 3000, 80);
  assert.deepEqual(samples.map((one) => one.rtt_ms), [30]);
  assert.equal(ask(samples, 70_000, 80).length, 2);
});

test('what the server holds stays at home, but for the newest of it', () => {
  const samples = [1, 2, 3, 4].map((mono) => ({ load: mono < 3 ? 'K' : 'L', mono }));
  assert.deepEqual(since(samples, null), samples);
  assert.deepEqual(since(samples, { load: 'K', mono: 2 }), samples.slice(1));
  assert.deepEqual(since(samples, samples.at(-1)), samples.slice(3));
  assert.deepEqual(since(samples, { load: 'K', mono: 4 }), samples); // a quicker one has taken its place
  assert.deepEqual(since([], null), []);
});

test('samples that disagree are all kept, and at most fifty', () => {
  let samples = [];
  for (let n = 0; n < 60; n++) {
    samples = withSample(samples, 'L', at(n * 5000, n * 1000), at(n * 5000, n * 1000), { received: 0, sent: 0 });
  }
  assert.equal(samples.length, 50);
  assert.equal(samples.at(-1).wall, 59 * 5000);
});

const tap = (seq, wall, mono, load = 'L') => ({ id: `e${seq}`, seq, at: wall, recorded_at: wall, load, mono });

test('a clock set back does not take later taps before earlier ones', () => {
  const { events, now } = steady([tap(1, 10_000, 0), tap(2, 4_000, 3_000), tap(3, 6_000, 5_000)], 'L', at(7_000, 6_000));
  assert.deepEqual(events.map((event) => event.at), [10_000, 13_000, 15_000]);
  assert.equal(now, 16_000);
});

test('a clock set back since the last tap does not stop the timer', () => {
  assert.equal(steady([tap(1, 10_000, 0)], 'L', at(2_000, 60_000)).now, 70_000);
});

test('across a reload nothing is known of the time between: the taps stay in order', () => {
  const { events } = steady([tap(1, 10_000, 90_000), tap(2, 4_000, 500, 'M')], 'M', at(4_000, 500));
  assert.deepEqual(events.map((event) => event.at), [10_000, 10_000]);
});

test('a clock that only runs forward is left as it is, a tap entered for earlier too', () => {
  const back = { ...tap(2, 20_000, 10_000), at: 12_000 };
  assert.deepEqual(steady([tap(1, 10_000, 0), back], 'L', at(21_000, 11_000)), { events: [tap(1, 10_000, 0), back], now: 21_000, ahead: 0 });
});

test('times put right go along with the taps of a clock set back', () => {
  const late = { ...tap(2, 4_000, 3_000), kind: 'amend', changes: { at: 3_500 } };
  const { events, ahead } = steady([tap(1, 10_000, 0), late], 'L', at(4_000, 3_000));
  assert.deepEqual([events[1].changes.at, ahead], [12_500, 9_000]);
});

test('ids are UUIDs of version 7, in order, and none twice', () => {
  const ids = Array.from({ length: 20_000 }, () => uuid7(1_795_000_000_000));
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual([...ids].sort(), ids);
  for (const id of ids.slice(0, 50)) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('an id made after the clock was set back does not look older', () => {
  const first = uuid7(1_896_000_000_000);
  assert.ok(uuid7(1_795_000_000_000) > first);
});
