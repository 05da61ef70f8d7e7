/** A task that runs far longer than usual: the pad asks once whether it is still going, as the clinic chose. It never stops one. */
import { store } from './phone.js';

const KEY = 'timesink-asked';

/** The task in hand if it runs too long: {occurrence, task, usualMs}, usualMs null where the clinic chose a fixed time. */
export function overlong({ pad }, now, drift = 0) {
  const limit = pad.nudge?.[now.task];
  if (!limit || now.paused || now.activeMs + drift < limit.after_ms) return null;
  return { occurrence: now.occurrence, task: now.task, usualMs: limit.usual_ms };
}

/** True the first time for each occurrence, over reloads too. */
export function firstTime({ occurrence }) {
  const asked = JSON.parse(store.get(KEY) ?? '[]');
  if (asked.includes(occurrence)) return false;
  store.set(KEY, JSON.stringify([...asked, occurrence].slice(-20)));
  return true;
}
