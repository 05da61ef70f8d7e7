/**
 * What became of a trigger. It switches them at once; in the next seconds it may turn out that they were only asked, or
 * did both. The choice takes the tap's own moment, so the timeline is as if it had been made at once. Pure.
 */
import { standing } from './undo.js';

/** How long the choice stands in the row, from the last time it was made; later it takes an undo first. */
export const OFFER_MS = 20_000;

/** What leaves the choice as it is: taps beside it, and what puts the trigger or its work right. */
const BESIDES = new Set(['count', 'context', 'note', 'amend']);

/**
 * The trigger tapped last, if nothing but its own work was tapped since: {how, trigger, at, task, since, events}.
 * `how`: interrupt, prompt or parallel_start; `task`, `since`: the work it brought; `events`: the ids of all that.
 */
export function choice(now) {
  const facts = [];
  for (const tap of standing(now)) {
    const told = tap.filter(({ kind }) => kind !== 'void');
    if (told.every(({ kind }) => BESIDES.has(kind))) continue;
    facts.unshift(...told.map(({ id }) => now.facts.findLast((one) => one.id === id)));
    const [first, work, more] = facts;
    if (first.trigger) {
      if (more || (work && work.kind !== 'start') || now.at - first.recorded_at >= OFFER_MS) return null;
      const { kind: how, trigger, at } = first;
      const { task = null, at: since = at } = work ?? first;
      return { how, trigger, at, task, since, events: facts.map(({ id }) => id) };
    }
    if (facts.length > 1 || first.kind !== 'start') return null;
  }
  return null;
}

/** Instead of what was chosen before; empty where the second task would run beside itself. `task`: for both. */
export function choose(now, { how: was, trigger, at, task: work, since, events }, how, task = work) {
  const hand = was === 'interrupt' ? now.stack.at(-1)?.task : now.task;
  const undone = events.map((id) => ({ kind: 'void', target: id }));
  if (how === 'prompt') return [...undone, { kind: how, trigger, at }];
  if (how === 'parallel_start') {
    return task === hand ? [] : [...undone, { kind: how, task, trigger, at }];
  }
  return [...undone, { kind: how, trigger, at }, ...(work ? [{ kind: 'start', task: work, at: since }] : [])];
}
