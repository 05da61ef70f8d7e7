/** Sessions for tests of what taps mean. */
import { view } from '../../static/js/view.js';

const MINUTE = 60_000;

/**
 * How a session stands after these taps, one a minute: ['start', {task: 'rooming'}], or drafts, [{kind, ...}, ...], as
 * gestures make them. Events are called e0 (the begin), e1, e2... `s` (seconds after the last tap) is when it is looked at.
 */
export function session(...taps) {
  return after({ log: [] }, ['begin'], ...taps);
}

/** The same session, tapped on: one tap a minute. */
export const after = (now, ...taps) => tapped(now, MINUTE, taps);

/** ...one every five seconds. */
export const soon = (now, ...taps) => tapped(now, 5000, taps);

function tapped({ log: before }, step, taps) {
  const log = [...before];
  for (const tap of taps) {
    const at = log.length ? log.at(-1).recorded_at + step : 0;
    const drafts = typeof tap[0] === 'string' ? [{ kind: tap[0], ...tap[1] }] : tap;
    for (const draft of drafts) {
      log.push({ id: `e${log.length}`, seq: log.length + 1, at, recorded_at: at, load: 'L', mono: at, ...draft });
    }
  }
  return seen({ log });
}

/** ...looked at some seconds after the last tap. */
export function seen({ log }, s = 0) {
  const wall = log.at(-1).recorded_at + s * 1000;
  return view(log, 'L', { wall, mono: wall });
}
