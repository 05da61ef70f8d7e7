/** A session for trying: the same pad with the clinic's own list, in this page's memory alone, thrown away after a minute. */
import { find, write } from './dom.js';
import { Session } from './session.js';
import { say, watch } from './words.js';

const LASTS_MS = 60_000;

export class Practice extends Session {
  /** @returns {Promise<any>} */
  static async begun(person, pad, stamp) {
    const header = { clinic: pad.clinic, subject: null };
    const session = new this({ id: 'practice', person, pad, mode: 'practice', header, seq: 0 }, []);
    await session.take(stamp, () => [{ kind: 'begin' }]);
    return session;
  }

  /** Where a session would go to the outbox. */
  keep(events) {
    return events.map((event) => ({ ...event, seq: ++this.row.seq }));
  }

  async refresh() { /* nobody else knows of it */ }

  /** Every second; `end()` when the minute is over. */
  tick(end) {
    const left = LASTS_MS - (Date.now() - this.log[0].at);
    if (left <= 0) end();
    else write(find('subject'), say('practising_left', { watch: watch(left + 999) }));
  }
}

/** The training scene with its key, words and, for people without a clinic, a list. The service worker keeps it. */
export async function fetchScene() {
  return (await fetch('/pad/scene')).json();
}

export async function practise(person, pad, stamp, enter) {
  enter(await Practice.begun(person, pad ?? (await fetchScene()).pad, stamp));
}
