// The measures of a timeline, as `totals` in tests/vectors. The pad shows none of them, so no phone loads this: it is a
// second opinion on app/timeline, from what the phone's own timeline says.

// one ms in parts that 1 to 16 tasks share evenly; sums are exact for sessions of up to 140 days
const TICKS = 720720;

const add = (sums, key, n) => sums.set(key, (sums.get(key) ?? 0) + n);

/** @param {Object<string, any>} t what `timeline` of static/js/timeline.js gives */
export function totals(t) {
  const task_ms = new Map(), ticks = new Map(), trigger_ms = new Map();
  let idle_ms = 0, multitask_ms = 0, interruption_ms = 0;
  for (const { segment, ms, parallel } of pieces(t)) {
    const tasks = new Set(segment.task === null ? parallel : [segment.task, ...parallel]);
    let rest = (ms * TICKS) % tasks.size;
    const share = (ms * TICKS - rest) / tasks.size;
    for (const task of tasks) {
      add(task_ms, task, ms);
      add(ticks, task, share + (rest-- > 0 ? 1 : 0));
    }
    if (tasks.size > 1) multitask_ms += ms;
    if (segment.depth) {
      interruption_ms += ms;
      add(trigger_ms, segment.trigger, ms);
    } else if (!tasks.size) idle_ms += ms;
  }
  const person_ms = Object.fromEntries([...ticks].map(([task, n]) => [task, n / TICKS]));
  return { task_ms: Object.fromEntries(task_ms), person_ms, idle_ms, multitask_ms, interruption_ms,
    trigger_ms: Object.fromEntries(trigger_ms) };
}

/** Observed time, cut at every edge of a segment or parallel task. */
function* pieces(t) {
  const edges = t.parallel.flatMap((p, n) => [{ at: p.start, n }, { at: p.end, n }]);
  edges.sort((a, b) => a.at - b.at || a.n - b.n);
  const running = new Map();
  let next = 0;
  for (const segment of t.segments) {
    for (let at = segment.start, until; at < segment.end; at = until) {
      for (; edges[next]?.at <= at; next++) {
        const { n } = edges[next]; // its first edge lets it in, its second out
        if (!running.delete(n)) running.set(n, t.parallel[n].task);
      }
      until = Math.min(segment.end, edges[next]?.at ?? segment.end);
      yield { segment, ms: until - at, parallel: [...running.values()] };
    }
  }
}
