/**
 * Put right in the moment: an edge that was tapped late, a wrong tile. All are corrections of earlier taps.
 * Pure; `now` is what view.js gives.
 */

const MINUTE = 60_000;
const CUTS = new Set(['start', 'stop', 'interrupt', 'resume', 'abandon']);
const BOUNDS = new Set(['begin', 'pause', 'continue']);
const BESIDE = new Set(['parallel_start', 'parallel_stop']);
const isEdge = ({ kind }) => CUTS.has(kind) || BESIDE.has(kind) || kind === 'pause' || kind === 'continue';

/**
 * The edge that came last: {events, at, floor}. `events`: several, if one tap meant several; `floor`: the event before
 * which it may not go.
 */
export function lastEdge({ facts }) {
  const last = facts.findLast(isEdge);
  if (!last) return null;
  const own = (one) => one.at === last.at && isEdge(one) && BESIDE.has(one.kind) === BESIDE.has(last.kind);
  const before = facts.filter((one) => !own(one) && holds(one, last) && one.at <= last.at);
  return { events: facts.filter(own), at: last.at, floor: before.at(-1) };
}

/** The tracks lie side by side: an edge of one may pass those of the other. What begins or ends watching holds both. */
function holds(one, edge) {
  if (BOUNDS.has(one.kind) || BOUNDS.has(edge.kind)) return BOUNDS.has(one.kind) || isEdge(one);
  return BESIDE.has(edge.kind) ? BESIDE.has(one.kind) && one.task === edge.task : CUTS.has(one.kind);
}

/** How much earlier it may have been: [{ms, at, whole}]. Where a step would go too far, `whole` goes as far as it can. */
export function earlier(edge) {
  const fits = [1, 2, 5].map((minutes) => ({ ms: minutes * MINUTE, at: edge.at - minutes * MINUTE, whole: false }))
    .filter(({ at }) => at > edge.floor.at);
  const room = edge.at - edge.floor.at;
  return room > 0 && fits.length < 3 ? [...fits, { ms: room, at: edge.floor.at, whole: true }] : fits;
}

/** The last edge was `ms` earlier than tapped. */
export function move(now, ms) {
  const edge = lastEdge(now);
  if (!edge?.floor) return [];
  const at = Math.max(edge.floor.at, edge.at - ms);
  return at < edge.at ? edge.events.map(({ id }) => ({ kind: 'amend', target: id, changes: { at } })) : [];
}

/** The task that a wrong tile would have begun {event, task, since}: in hand, or else the second one begun last. */
export function tapped(now) {
  if (now.task) return { event: now.occurrence, task: now.task, since: now.since };
  return now.stack.length ? undefined : now.parallel.at(-1);
}

/** It was another task, from the same moment on. */
export function wasTask(now, task) {
  const wrong = tapped(now);
  if (!wrong || wrong.task === task || now.parallel.some((one) => one.task === task)) return [];
  return [{ kind: 'amend', target: wrong.event, changes: { task } }];
}

/** It was another trigger: of the interruption in hand, or of the question asked last. */
export function wasTrigger(now, trigger) {
  const wrong = triggered(now);
  return !wrong || wrong.trigger === trigger ? [] : [{ kind: 'amend', target: wrong.event, changes: { trigger } }];
}

/** The trigger that may be wrong {event, trigger, since}. */
export function triggered(now) {
  const inside = now.stack.at(-1);
  if (inside) return { event: inside.interruption, trigger: inside.trigger, since: inside.since };
  const asked = now.facts.findLast(({ kind, trigger }) => trigger && kind !== 'interrupt');
  return asked && { event: asked.id, trigger: asked.trigger, since: asked.at };
}
