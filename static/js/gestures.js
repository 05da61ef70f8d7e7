/** What the tiles and the bar mean: from how the session stands (`now`, see view.js) to drafts of events. Pure. */
import { choose } from './outcome.js';

/** The only text a note may have: there is no free text on the pad, so no patient can be in it. */
export const FIX_LATER = 'fix-later';

/**
 * A task tile. A second task runs until its own tile is tapped; a tap on the running one is the next patient.
 * @param {{on: boolean, choice?: object}} both the next task goes beside; `choice`: what it decides of a trigger (outcome.js)
 */
export function tapTask(now, task, both) {
  const beside = now.parallel.find((one) => one.task === task);
  if (beside) return [{ kind: 'parallel_stop', task, of: beside.event }];
  if (!both.on) return [{ kind: 'start', task }];
  if (both.choice) return choose(now, both.choice, 'parallel_start', task);
  return now.task === task ? [] : [{ kind: 'parallel_start', task }];
}

/** The task in hand; without one, the second task begun last. */
export function stop(now) {
  if (now.task) return [{ kind: 'stop' }];
  return now.parallel.slice(-1).map(({ task, event }) => ({ kind: 'parallel_stop', task, of: event }));
}

/** Back to what the `depth`-th interruption suspended (0: the outermost); those inside it are left for good. */
export function resume(now, depth = now.stack.length - 1) {
  if (depth < 0) return [];
  return [...Array(now.stack.length - 1 - depth).fill({ kind: 'abandon' }), { kind: 'resume' }];
}
