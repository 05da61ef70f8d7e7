/** How the session stands, with all that the pad shows of it. Drawn from the log, never kept. */
import { steady } from './clock.js';
import { look } from './timeline.js';

/**
 * What `look` of timeline.js gives, and: wall, when it was looked; log, the events on the steady clock (as all instants
 * here); ahead, see clock.js; idleSince, before {task, ms}, suspended [{task, trigger, ms, since}], flags.
 */
export function view(log, load, reading) {
  const { events, now, ahead } = steady(log, load, reading);
  const standing = look(events, now);
  const { line } = standing;
  const occurrence = new Map(line.occurrences.map((one) => [one.id, one]));
  const suspended = standing.stack.map(({ interruption, trigger, task, since }) => {
    const { interrupted_occurrence: id } = line.interruptions.find((one) => one.id === interruption);
    return { task, trigger, since, ms: occurrence.get(id)?.active_ms ?? 0 };
  });
  const done = line.occurrences.filter((one) => one.completed && one.active_ms > 0)
    .reduce((last, one) => (last?.end > one.end ? last : one), null);
  return {
    ...standing,
    wall: reading.wall,
    log: events,
    ahead,
    idleSince: idleSince(line.segments, standing),
    before: done ? { task: done.task, ms: done.active_ms } : null,
    suspended,
    flags: line.notes.length,
  };
}

/** Since when nothing is in hand, at this depth. */
function idleSince(segments, { at, begin, stack }) {
  let since = at;
  for (const piece of [...segments].reverse()) {
    if (piece.task !== null || piece.depth !== stack.length) break;
    since = piece.start;
  }
  return Math.max(since, stack.at(-1)?.since ?? begin ?? at);
}
