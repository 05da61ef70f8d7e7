/** How a coded scene compares with its key, step by step. Pure; kept nowhere. */
import { timeline } from './timeline.js';

const FAMILY = { task: 'work', beside: 'work', broke: 'break', asked: 'break' };
const FIRST = ['broke', 'asked', 'task', 'beside'];

/** All that was begun, in order: {what: task, beside, broke or asked; code, at, outcome}. */
export function steps(log) {
  const line = timeline(log);
  const all = [
    ...line.occurrences.filter((one) => one.active_ms > 0).map(({ task, start }) => ({ what: 'task', code: task, at: start })),
    ...line.parallel.map(({ task, start }) => ({ what: 'beside', code: task, at: start })),
    ...line.interruptions.map(({ trigger, start, outcome }) => ({ what: 'broke', code: trigger, at: start, outcome })),
    ...line.prompts.map(({ trigger, at }) => ({ what: 'asked', code: trigger, at })),
  ];
  return all.sort((a, b) => a.at - b.at || FIRST.indexOf(a.what) - FIRST.indexOf(b.what));
}

/** How well two steps fit: 0 not at all. A step whose code the list lacks may stand for any of its family. */
function fit(key, yours) {
  if (FAMILY[key.what] !== FAMILY[yours.what]) return 0;
  if (key.lacking || key.code !== yours.code) return 1;
  return key.what === yours.what ? 4 : 3;
}

/** Both lists in order, side by side [{key, yours}], so that they fit best (Needleman and Wunsch, gaps cost nothing). */
export function aligned(keys, yours) {
  const best = [...Array(keys.length + 1)].map(() => Array(yours.length + 1).fill(0));
  for (let k = keys.length - 1; k >= 0; k--) {
    for (let y = yours.length - 1; y >= 0; y--) {
      const both = fit(keys[k], yours[y]);
      best[k][y] = Math.max(best[k + 1][y], best[k][y + 1], both && both + best[k + 1][y + 1]);
    }
  }
  const pairs = [];
  for (let k = 0, y = 0; k < keys.length || y < yours.length;) {
    const both = k < keys.length && y < yours.length && fit(keys[k], yours[y]);
    if (both && best[k][y] === both + best[k + 1][y + 1]) pairs.push({ key: keys[k++], yours: yours[y++] });
    else if (k < keys.length && best[k][y] === best[k + 1][y]) pairs.push({ key: keys[k++], yours: null });
    else pairs.push({ key: null, yours: yours[y++] });
  }
  return pairs;
}

/**
 * @param {{lasts: number, cards: {at: number, key: any[]}[]}} scene
 * @param {number[]} shown when each card was shown, ms on the clock of the log
 * @param {any[]} log
 * @param {(code: string) => boolean} has whether the clinic's list has a code
 */
export function score(scene, shown, log, has) {
  const events = scene.cards.flatMap(({ at, key }) => key.map((draft) => ({ ...draft, at: at * 1000 })));
  const key = [{ kind: 'begin', at: 0 }, ...events, { kind: 'end', at: scene.lasts * 1000 }]
    .map((event, n) => ({ id: `key-${n}`, seq: n, ...event }));
  const keys = steps(key).map((step) => {
    const card = scene.cards.findLastIndex(({ at }) => at * 1000 <= step.at);
    return { ...step, card, shown: shown[card], lacking: !has(step.code) };
  });
  const all = aligned(keys, steps(log));
  const pairs = all.filter((pair) => !pair.key?.lacking);
  const of = (family) => pairs.filter((pair) => FAMILY[(pair.key ?? pair.yours).what] === family);
  const work = of('work');
  const breaks = of('break');
  const both = (some) => some.filter((pair) => pair.key && pair.yours);
  const sameCode = ({ key: k, yours }) => k.code === yours.code;
  const [sameWork, sameBreaks] = [work, breaks].map((some) => both(some).filter(sameCode));
  const keysOf = (some) => some.flatMap((pair) => pair.key ?? []);
  /** Keys of what was begun as `what` where the key says `was`. */
  const taken = (some, was, what) => keysOf(some.filter(({ key: k, yours }) => k.what === was && yours.what === what));
  const codes = (some) => some.map(({ code }) => code);
  const gaps = sameWork.map(({ key: { code, shown: since }, yours }) => ({ code, ms: Math.max(0, yours.at - since) }))
    .sort((a, b) => a.ms - b.ms);
  return {
    pairs,
    tasks: { n: sameWork.filter(({ key: k, yours }) => k.what === yours.what).length, of: keysOf(work).length },
    took: confusions([...both(work), ...both(breaks)].filter((pair) => !sameCode(pair))),
    missed: codes(keysOf(work.filter((pair) => !pair.yours))),
    extra: pairs.filter((pair) => !pair.key).map((pair) => pair.yours.code),
    asMain: codes(taken(sameWork, 'beside', 'task')),
    asBeside: codes(taken(sameWork, 'task', 'beside')),
    breaks: { n: sameBreaks.length, of: keysOf(breaks).length },
    breaksMissed: keysOf(breaks.filter((pair) => !pair.yours)),
    onlyAsked: taken(both(breaks), 'asked', 'broke'),
    switched: taken(both(breaks), 'broke', 'asked'),
    notBack: both(breaks).filter(({ key: k, yours }) => yours.what === 'broke' && k.outcome === 'resumed' && yours.outcome !== 'resumed')
      .map((pair) => pair.key.code),
    gaps: gaps.length ? { half: gaps[Math.floor((gaps.length - 1) / 2)].ms, most: gaps.at(-1).ms, code: gaps.at(-1).code } : null,
    leftOut: [...new Set(keys.filter((step) => step.lacking).map((step) => step.code))],
  };
}

/** Which code was taken for which, and how often. */
function confusions(pairs) {
  const times = new Map();
  for (const { key, yours } of pairs) {
    const both = `${key.code} ${yours.code}`;
    times.set(both, { key: key.code, yours: yours.code, n: (times.get(both)?.n ?? 0) + 1 });
  }
  return [...times.values()].sort((a, b) => b.n - a.n);
}
