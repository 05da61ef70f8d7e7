/** A task entered afterwards, from an instant to an instant within one stretch of what was coded. Pure. */

/** Edges that end what is in hand, whatever it is. */
const CLOSES = new Set(['start', 'stop', 'resume', 'end']);
const LEAVES_IT = new Set(['interrupt', 'abandon', 'pause']);

/** Where nothing changed on the first track, newest first: {start, end, task, trigger, depth}. A change of place is none. */
export function stretches({ line }) {
  const found = [];
  for (const { start, end, task, occurrence, interruption, trigger, depth } of line.segments) {
    const last = found[0];
    if (last?.end === start && last.occurrence === occurrence && last.interruption === interruption) last.end = end;
    else found.unshift({ start, end, task, occurrence, interruption, trigger, depth });
  }
  return found;
}

/** Whether the task can have been done then. */
export function fits(now, task, { from, to, beside }) {
  const stretch = within(now, from, to);
  if (!stretch || stretch.task === task) return false;
  return !beside || !now.line.parallel.some((one) => one.task === task && one.start < to && one.end > from);
}

function within(now, from, to) {
  return from < to ? stretches(now).find(({ start, end }) => start <= from && to <= end) : undefined;
}

/**
 * `beside`: while what was coded went on; else in its place, and what was cut off begins again after it.
 * Whatever was tapped outside of it stays as it was.
 */
export function entry(now, task, { from, to, beside }) {
  if (!fits(now, task, { from, to, beside })) return [];
  if (beside) return [{ kind: 'parallel_start', task, at: from }, { kind: 'parallel_stop', task, at: to }];
  const stretch = within(now, from, to);
  const edges = now.facts.filter(({ at }) => at === stretch.end).map(({ kind }) => kind);
  const start = { kind: 'start', task, at: from };
  if (to === stretch.end && edges.some((kind) => CLOSES.has(kind))) return [start];
  // what comes at the very end finds in hand what it found before
  const at = to === stretch.end && edges.some((kind) => LEAVES_IT.has(kind)) ? to - 1 : to;
  return [start, stretch.task === null ? { kind: 'stop', at } : { kind: 'start', task: stretch.task, at }];
}
