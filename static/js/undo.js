/**
 * Undo: which tap it takes back, and what a tap did. Taps count in the order of the fingers. Read from the session's log
 * alone, so it goes back as far as the session does, and over a reload. Pure; `now` is what view.js gives.
 */
import { look } from './timeline.js';

const isVoid = ({ kind }) => kind === 'void';

/** A tap that only takes back; a choice made anew puts something in its place. */
export const isUndo = (tap) => tap.every(isVoid);

/** Taps as lists of their events, newest first. One tap may mean several events, which have one stamp. */
export function* taps(log) {
  for (let end = log.length, from; end > 0; end = from) {
    from = end - 1;
    while (from > 0 && stampOf(log[from - 1]) === stampOf(log[from])) from -= 1;
    yield log.slice(from, end);
  }
}

const stampOf = ({ load, mono, recorded_at: at }) => `${load} ${mono} ${at}`;

/** Corrections made elsewhere, on a page of the server perhaps: no taps of this pad. */
const isForeign = (tap) => tap[0].device && tap.every(({ kind }) => kind === 'void' || kind === 'amend');

/** Taps that count, newest first: no undo, nothing undone, never the begin. */
export function* standing({ log, gone }) {
  for (const tap of taps(log)) {
    if (!isUndo(tap) && !isForeign(tap) && tap[0].kind !== 'begin' && !tap.some(({ id }) => gone.has(id))) yield tap;
  }
}

/** The tap that Undo takes back, if there is one. */
export const lastTap = (now) => standing(now).next().value;

export function undo(now) {
  return (lastTap(now) ?? []).map(({ id }) => ({ kind: 'void', target: id }));
}

/** Takes the last undo back, as long as nothing was tapped after it. */
export function redo(now) {
  return (undone(now) ?? []).map(({ id }) => ({ kind: 'void', target: id }));
}

/** The undo that Redo takes back. */
function undone({ log, gone }) {
  const kinds = new Map(log.map(({ id, kind }) => [id, kind]));
  for (const tap of taps(log)) {
    if (tap.some(({ id }) => gone.has(id))) continue;
    if (!isUndo(tap)) return undefined;
    // what takes an undo back voids nothing but voids
    const targets = tap.map(({ target }) => kinds.get(target));
    if (targets.some((kind) => kind !== 'void')) return targets.includes('end') ? undefined : tap;
  }
  return undefined;
}

/** The tap that Redo would bring back. */
export function redoable(now) {
  const tap = undone(now);
  return tap && tapOf(now.log, tap[0].target);
}

export function tapOf(log, id) {
  for (const tap of taps(log)) if (tap.some((event) => event.id === id)) return tap;
  return undefined;
}

/** By log, by the id of a tap's first event: a description walks the log up to there. */
const described = new WeakMap();

/** What a tap did: the key of a message, and the codes in it. */
export function describe(tap, log) {
  if (!described.has(log)) described.set(log, new Map());
  const known = described.get(log);
  const { id } = tap[0];
  if (!known.has(id)) known.set(id, did(tap, log));
  return known.get(id);
}

function did(tap, log) {
  const main = tap.findLast((event) => !isVoid(event));
  const { kind, task, trigger, counter } = main;
  if (kind === 'count') return { key: 'did_count', counter, n: main.n ?? 1 };
  const stood = look(log.slice(0, log.indexOf(tap[0])));
  if (kind === 'amend') return corrects(main, stood);
  if (tap[0].task && tap[0].at < tap[0].recorded_at) {
    return { key: 'did_afterwards', task: tap[0].task };
  }
  if (kind === 'start' && tap.length === 1) {
    const key = stood.task === task ? 'did_next' : stood.task ? 'did_switch' : 'did_start';
    return { key, task, before: stood.task };
  }
  // they switched after all: the trigger tells more than the work that came along
  if (kind === 'start') return { key: 'did_interrupt', trigger: tap.findLast((event) => event.trigger)?.trigger };
  if (kind === 'resume') return { key: 'did_resume', task: stood.stack[stood.stack.length - tap.length]?.task ?? null };
  if (kind === 'stop') return { key: 'did_stop', task: stood.task };
  return { key: `did_${kind}`, task, trigger };
}

function corrects({ target, changes }, { facts }) {
  const was = facts.find(({ id }) => id === target) ?? {};
  if (changes.at != null) return { ...was, key: 'did_earlier', ms: was.at - changes.at };
  if (changes.trigger) return { key: 'did_other_trigger', trigger: changes.trigger, was: was.trigger };
  return { key: 'did_other_task', task: changes.task, before: was.task };
}
