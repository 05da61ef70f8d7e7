/**
 * From how the session stands (`now`, see timeline.js) to drafts of events: no id, number or stamp; `from` is an
 * earlier event whose `at` a draft takes over. Pure.
 */
import { state } from './timeline.js';

/** The only text a note may have: there is no free text on the pad, so no patient can be in it. */
export const FIX_LATER = 'fix-later';

const NEVER_UNDONE = new Set(['begin', 'void', 'amend']);

/**
 * A task tile. A second task runs until its own tile is tapped; a tap on the running one is the next patient.
 * @param {{on: boolean, asked?: string}} both the next task goes beside; `asked`: the id of the interrupt it replaces
 */
export function tapTask(now, task, both, log) {
  const beside = now.parallel.find((one) => one.task === task);
  if (beside) return [{ kind: 'parallel_stop', task, of: beside.event }];
  if (!both.on) return [{ kind: 'start', task }];
  const asked = log.find((event) => event.id === both.asked);
  if (asked) {
    return [{ kind: 'void', target: asked.id }, { kind: 'parallel_start', task, trigger: asked.trigger, from: asked }];
  }
  return now.task === task ? [] : [{ kind: 'parallel_start', task }];
}

/** The task in hand; without one, the second task begun last. */
export function stop(now) {
  if (now.task) return [{ kind: 'stop' }];
  return now.parallel.slice(-1).map(({ task, event }) => ({ kind: 'parallel_stop', task, of: event }));
}

/** Someone asked, and the work in hand went on: the switch never happened. */
export function onlyAsked(asked) {
  return [{ kind: 'void', target: asked.id }, { kind: 'prompt', trigger: asked.trigger, from: asked }];
}

/** Back to what the `depth`-th interruption suspended (0: the outermost); those inside it are left for good. */
export function resume(now, depth = now.stack.length - 1) {
  if (depth < 0) return [];
  return [...Array(now.stack.length - 1 - depth).fill({ kind: 'abandon' }), { kind: 'resume' }];
}

/** The newest tap that still counts. */
export function undoable(log) {
  const gone = new Set(log.filter((event) => event.kind === 'void').map((event) => event.target));
  return log.filter((event) => !NEVER_UNDONE.has(event.kind) && !gone.has(event.id))
    .reduce((newest, event) => (newest && newest.seq > event.seq ? newest : event), undefined);
}

/** What a tap did: the key of a message, and the codes in it. */
export function describe(event, log) {
  const { kind, task, trigger, counter } = event;
  if (kind === 'count') return { key: 'did_count', counter, n: event.n ?? 1 };
  const gone = new Set(log.filter((other) => other.kind === 'void' && other.seq < event.seq).map((other) => other.target));
  const earlier = state(log.filter((other) => other.seq < event.seq && !gone.has(other.id)));
  if (kind === 'start') {
    const key = earlier.task === task ? 'did_next' : earlier.task ? 'did_switch' : 'did_start';
    return { key, task, before: earlier.task };
  }
  if (kind === 'resume') return { key: 'did_resume', task: earlier.stack.at(-1)?.task ?? null };
  if (kind === 'stop') return { key: 'did_stop', task: earlier.task };
  return { key: `did_${kind}`, task, trigger };
}
