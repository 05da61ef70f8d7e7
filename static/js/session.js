/** The session in hand. Gestures queue, so each is judged by a log that holds the one before; stamps are the fingers'. */
import * as outbox from './outbox.js';
import { reading } from './clock.js';
import { load, uuid7 } from './ids.js';
import { describe, lastTap } from './undo.js';
import { view } from './view.js';

const FRESH_MS = 300;

export class Session {
  constructor(row, log) {
    this.row = row;
    this.pad = row.pad;
    this.log = log;
    this.line = Promise.resolve();
  }

  /** The one that this phone has open for the person, if any. */
  static async resumed(person) {
    const row = await outbox.openSession(person);
    return row ? new Session(row, merged(await outbox.eventsOf(row.id))) : null;
  }

  static async begun(person, pad, header, stamp) {
    const { task_list, version, clinic } = pad;
    const whole = { id: uuid7(), at: stamp.at, load, mono: stamp.mono, clinic, task_list, version, ...header };
    const row = await outbox.addSession(person, pad, whole, event({ kind: 'begin' }, stamp));
    return new Session(row, await outbox.eventsOf(row.id));
  }

  /** A long log is dear to walk: one that was looked at a moment ago, and has not changed since, is not walked again. */
  look() {
    const at = reading();
    const age = at.wall - this.seen?.wall;
    if (this.seenOf !== this.log || !(age >= 0 && age < FRESH_MS)) this.see(this.log, at);
    return this.seen;
  }

  foresee(log) {
    this.see(log, reading());
    const tap = lastTap(this.seen);
    if (tap) describe(tap, this.seen.log);
  }

  see(log, at) {
    this.seen = view(log, load, at);
    this.seenOf = log;
  }

  /**
   * Stores the drafts of `mean(now)`; resolves with the events, rejects if the phone could not keep them. A draft is
   * an event's own fields, and where it does not happen at the finger's moment its `at`, on the clock of `now`.
   */
  take(stamp, mean) {
    const turn = this.line.then(async () => {
      const now = this.look();
      const drafts = mean(now);
      if (!drafts.length) return [];
      const before = this.log;
      const own = apart(stamp, before.at(-1));
      const next = (before.at(-1)?.seq ?? 0) + 1;
      const events = drafts.map((draft) => event(draft, own, now.ahead));
      // the disk takes longer than the walk: what will be seen is reckoned meanwhile, with the numbers they should get
      const expected = [...before, ...events.map((one, n) => ({ ...one, seq: next + n }))];
      setTimeout(() => { if (this.log === before) this.foresee(expected); });
      const stored = await this.keep(events);
      this.log = merged([...before, ...stored]);
      const asExpected = stored[0].seq === next && !before.some((one) => one.device);
      if (asExpected && this.seenOf === expected) this.seenOf = this.log;
      return this.log.filter(({ id }) => stored.some((one) => one.id === id));
    });
    this.line = turn.catch(() => {});
    return turn;
  }

  keep(events) {
    return outbox.append(this.row.id, events, this);
  }

  /** Another tab, or another device, may have added to this session. */
  refresh() {
    const turn = this.line.then(async () => {
      const log = merged(await outbox.eventsOf(this.row.id));
      if (log.length >= this.log.length) this.log = log;
      else await this.keep([]); // the book was cleared: it gets back what this page knows
    });
    this.line = turn.catch(() => {});
    return turn;
  }
}

/**
 * One log out of those of several devices: each in its own order, put together by when they were made, and numbered
 * anew, for the pad alone: a device's own numbers say nothing of another's.
 */
export function merged(log) {
  const theirs = log.filter((one) => one.device).sort((a, b) => a.recorded_at - b.recorded_at);
  const ours = log.filter((one) => !one.device).sort((a, b) => (a.was ?? a.seq) - (b.was ?? b.seq));
  if (!theirs.length) return ours;
  const all = [];
  for (const own of ours) {
    while (theirs[0]?.recorded_at <= own.recorded_at) all.push(theirs.shift());
    all.push(own);
  }
  return [...all, ...theirs].map((one, n) => ({ ...one, seq: n + 1, was: one.was ?? one.seq }));
}

/** The events of one tap have one stamp, by which undo.js knows them; two thumbs in one tick of the clock are two taps. */
function apart(stamp, last) {
  return last?.load === load && last.mono === stamp.mono ? { ...stamp, mono: stamp.mono + 1 } : stamp;
}

function event({ at, changes, ...fields }, stamp, ahead = 0) {
  const moved = changes && { changes: changes.at == null ? changes : { ...changes, at: Math.round(changes.at - ahead) } };
  const when = { at: at == null ? stamp.at : Math.round(at - ahead), recorded_at: stamp.at };
  return { id: uuid7(), ...when, ...fields, ...moved, load, mono: stamp.mono };
}
