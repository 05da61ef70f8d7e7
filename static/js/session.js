/** The session in hand. Gestures queue, so each is judged by a log that holds the one before; stamps are the fingers'. */
import * as outbox from './outbox.js';
import { reading } from './clock.js';
import { load, uuid7 } from './ids.js';
import { view } from './view.js';

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
    return row ? new Session(row, await outbox.eventsOf(row.id)) : null;
  }

  static async begun(person, pad, header, stamp) {
    const { task_list, version, clinic } = pad;
    const whole = { id: uuid7(), at: stamp.at, load, mono: stamp.mono, clinic, task_list, version, ...header };
    const row = await outbox.addSession(person, pad, whole, event({ kind: 'begin' }, stamp));
    return new Session(row, await outbox.eventsOf(row.id));
  }

  look() {
    return view(this.log, load, reading());
  }

  /** Stores the drafts of `mean(now, log)`; resolves with the events, rejects if the phone could not keep them. */
  take(stamp, mean) {
    const turn = this.line.then(async () => {
      const drafts = mean(this.look(), this.log);
      if (!drafts.length) return [];
      const stored = await outbox.append(this.row.id, drafts.map((draft) => event(draft, stamp)));
      this.log = [...this.log, ...stored];
      return stored;
    });
    this.line = turn.catch(() => {});
    return turn;
  }

  /** Another tab may have added to this session. */
  refresh() {
    const turn = this.line.then(async () => { this.log = await outbox.eventsOf(this.row.id); });
    this.line = turn.catch(() => {});
    return turn;
  }
}

function event({ from, ...fields }, stamp) {
  return { id: uuid7(), at: from?.at ?? stamp.at, recorded_at: stamp.at, ...fields, load, mono: stamp.mono };
}
