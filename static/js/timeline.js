// What an event log means (TIMELINE.md): the rules and names of app/timeline/, on the phone, to draw the pad.
// Instants are ms since the epoch; `_ms`, `Ms` are durations.

/** @typedef {{id: string, seq: number, at: number, kind: string, [field: string]: any}} Event */
/** @typedef {Object<string, any>} Timeline the shape of `timeline` in tests/vectors */

const CUTS = ['start', 'stop', 'interrupt', 'resume', 'abandon'];
const ENDS_A_PAUSE = new Set([...CUTS, 'parallel_start', 'parallel_stop']);
const LISTED_IN_A_PAUSE = new Set([...ENDS_A_PAUSE, 'prompt', 'context']);
const CUTS_THE_SEGMENT = new Set([...CUTS, 'context']);

/**
 * @param {Iterable<Event>} events one session's log, in any order, copies allowed; never changed
 * @param {?number} asOf an open session is seen at this moment, if later than its last event
 * @returns {Timeline}
 */
export function timeline(events, asOf = null) {
  const walk = new Walk(events);
  const at = walk.moment(asOf);
  if (at !== null) walk.close(at);
  return walk.result();
}

/**
 * What the pad shows: the session as it stands at `at` (asOf, the last event if later, or the end).
 * - open, begin, end, paused, pausedSince, context, counts; observedMs: from the begin to `at` less pauses
 * - task, occurrence, since, activeMs: the work in hand, its start, its own time so far; null and 0 without
 * - stack [{interruption, trigger, task, since, work}], outermost first: the task suspended, the one inside
 * - parallel [{event, task, trigger, since, activeMs}]
 * @param {Iterable<Event>} events
 * @param {?number} asOf
 */
export function state(events, asOf = null) {
  return stateOf(new Walk(events), asOf);
}

/**
 * All of it for the price of one walk: the `state`; `line`, the timeline; `facts`, the events that stand, as amended,
 * in order; `gone`, the ids of what has no effect: facts that were voided, corrections that were taken back.
 */
export function look(events, asOf = null) {
  const walk = new Walk(events);
  const seen = stateOf(walk, asOf);
  const at = walk.moment(asOf);
  if (at !== null) walk.close(at);
  return { ...seen, line: walk.result(), facts: walk.facts, gone: walk.gone };
}

function stateOf(walk, asOf) {
  const { begin, end, open, pausedAt, context, stack } = walk;
  const at = walk.moment(asOf) ?? end;
  const observedMs = begin === null ? 0 : walk.observedMs(pausedAt ?? at);
  const paused = pausedAt !== null;
  const works = [...stack.map((episode) => episode.suspended), walk.hand].map((work) => work?.record);
  const tasks = works.map((work) => work?.task ?? null);
  const hand = works.at(-1);
  return {
    open, begin, end, at, paused, pausedSince: pausedAt, context, counts: Object.fromEntries(walk.counts),
    observedMs,
    task: tasks.at(-1),
    occurrence: hand?.id ?? null,
    since: hand?.start ?? null,
    activeMs: hand ? hand.active_ms + (paused ? 0 : at - walk.cutAt) : 0,
    stack: stack.map(({ record: { id, trigger, start } }, n) => (
      { interruption: id, trigger, task: tasks[n], since: start, work: tasks[n + 1] })),
    parallel: [...walk.beside.values()].map(({ since, begunMs, piece: { event, task, trigger } }) => (
      { event, task, trigger, since, activeMs: observedMs - begunMs })),
  };
}

/** Rules 1 and 2: the surviving events in order, the problems of the corrections, the ids of what has no effect. */
function corrected(events) {
  const log = new Map(), facts = new Map(), corrections = [], struck = new Set(), problems = [];
  for (const event of events) log.set(event.id, event);
  const isCorrection = (id) => ['void', 'amend'].includes(log.get(id)?.kind);
  for (const [id, event] of log) isCorrection(id) ? corrections.push(event) : facts.set(id, event);
  const age = (c) => c.recorded_at ?? c.at;
  corrections.sort((a, b) => age(b) - age(a) || byId(b, a));
  for (const { id, kind, target } of corrections) {
    if (!struck.has(id) && kind === 'void' && isCorrection(target)) struck.add(target);
  }
  for (const { id, kind, target, changes } of corrections.reverse()) {
    if (struck.has(id)) continue;
    if (!log.has(target)) problems.push({ code: 'unknown_target', event: id });
    else if (kind === 'void') facts.delete(target) && struck.add(target); // for the amendments after it too
    else if (isCorrection(target)) problems.push({ code: 'amended_correction', event: id });
    else if (facts.has(target)) facts.set(target, { ...facts.get(target), ...changes });
  }
  return [[...facts.values()].sort((a, b) => a.at - b.at || a.seq - b.seq || byId(a, b)), problems, struck];
}

const byId = (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const add = (sums, key, n) => sums.set(key, (sums.get(key) ?? 0) + n);

/**
 * The walk (rules 3 to 6). `hand`: the work in hand; `stack`: the interruptions around it, innermost last;
 * `beside`: what runs in parallel, by task; `cutAt`: where the open segment begins (none is, in a pause).
 * Works and interruptions carry their `record` of the result, and `begunMs`, the observed time before them.
 */
class Walk {
  facts; problems; gone; begin = null; end = null; open = true; last = null;
  hand = null; stack = []; beside = new Map(); context = {};
  cutAt = 0; pausedAt = null; pausedMs = 0; parallel = [];
  segments = []; interruptions = []; prompts = []; occurrences = []; counts = new Map(); notes = [];

  constructor(events) {
    [this.facts, this.problems, this.gone] = corrected(events);
    for (const event of this.facts) this.take(event);
    this.last = this.facts.at(-1)?.at;
  }

  /** Where an open session reaches to; null before the begin and after the end. */
  moment(asOf) { return this.begin === null || !this.open ? null : Math.max(this.last, asOf ?? this.last); }
  /** Up to `at`, which stands in no pause. */
  observedMs(at) { return at - this.begin - this.pausedMs; }
  list(code, event) { this.problems.push({ code, event: event.id }); }

  take(event) {
    const { kind, at } = event;
    const code = this.nonsense(event);
    if (code) return this.list(code, event);
    if (this.pausedAt !== null && LISTED_IN_A_PAUSE.has(kind)) {
      this.list('event_while_paused', event);
      if (ENDS_A_PAUSE.has(kind)) this.endPause(at);
    }
    if (CUTS_THE_SEGMENT.has(kind)) this.cut(at);
    STEPS[kind](this, event);
  }

  /** The code of rule 4, if the event makes no sense where it stands. */
  nonsense(event) {
    const { kind } = event, paused = this.pausedAt !== null;
    if (kind === 'count' || kind === 'note') return null;
    if (kind === 'begin') return this.begin === null ? null : 'duplicate_begin';
    if (this.begin === null) return 'outside_session';
    if (!this.open) return kind === 'end' ? 'duplicate_end' : 'outside_session';
    if (kind === 'stop' && !this.hand) return 'stop_while_idle';
    if (['resume', 'abandon'].includes(kind) && !this.stack.length) return `${kind}_without_interruption`;
    if (kind === 'parallel_start' && this.beside.has(event.task)) return 'repeated_parallel';
    if (kind === 'parallel_stop' && !this.stoppedBy(event)) return 'parallel_stop_without_start';
    if (kind === 'pause' && paused) return 'repeated_pause';
    return kind === 'continue' && !paused ? 'continue_without_pause' : null;
  }

  /** What still runs ends with the session; what is suspended has ended with its suspension. */
  close(at) {
    if (this.pausedAt !== null) this.endPause(at);
    this.cutAll(at);
    while (this.stack.length) this.endInnermost(at, 'open');
    this.putDown(at, !this.open);
    this.hand = null;
    this.beside.clear();
    this.end = at;
  }

  takeUp({ id, task, at }) {
    const record = { id, task, start: at, end: at, interruptions: 0,
      completed: false, active_ms: 0, elapsed_ms: 0 };
    this.occurrences.push(record);
    this.hand = { record, begunMs: this.observedMs(at) };
  }

  /** The work in hand ends here, or is suspended: if it is resumed, a later end overwrites this one. */
  putDown(at, completed) {
    if (!this.hand) return;
    const { record, begunMs } = this.hand;
    Object.assign(record, { end: at, elapsed_ms: this.observedMs(at) - begunMs, completed });
  }

  endInnermost(at, outcome) {
    const episode = this.stack.pop();
    Object.assign(episode.record, { end: at, outcome, gross_ms: this.observedMs(at) - episode.begunMs });
    return episode;
  }

  /** The open segment ends at `at`, the next begins there. */
  cut(at) {
    if (this.pausedAt !== null) return;
    const ms = at - this.cutAt, work = this.hand?.record, episode = this.stack.at(-1)?.record;
    if (ms > 0) {
      this.segments.push({ start: this.cutAt, end: at, task: work?.task ?? null, occurrence: work?.id ?? null,
        interruption: episode?.id ?? null, trigger: episode?.trigger ?? null,
        depth: this.stack.length, context: this.context });
      if (work) work.active_ms += ms;
      if (episode) episode.own_ms += ms;
    }
    this.cutAt = at;
  }

  cutAll(at) {
    this.cut(at);
    for (const { piece } of this.beside.values()) piece.end = at;
  }

  stoppedBy({ task, of }) {
    if (of == null) return this.beside.get(task);
    return [...this.beside.values()].find(({ piece }) => piece.event === of);
  }

  endPause(at) {
    this.pausedMs += at - this.pausedAt;
    this.pausedAt = null;
    this.cutAt = at;
    for (const beside of this.beside.values()) {
      beside.piece = { ...beside.piece, start: at, end: at };
      this.parallel.push(beside.piece);
    }
  }

  result() {
    const { begin, end, open, segments, interruptions, prompts, occurrences, notes, problems } = this;
    return { begin, end, open, observed_ms: begin === null ? 0 : this.observedMs(end), paused_ms: this.pausedMs,
      segments, parallel: this.parallel.filter((p) => p.end > p.start), interruptions, prompts, occurrences,
      counts: Object.fromEntries(this.counts), notes, problems };
  }
}

/** What each kind does where it makes sense. */
const STEPS = {
  begin(walk, { at }) { walk.begin = walk.cutAt = at; },
  end(walk, { at }) { walk.open = false; walk.close(at); },
  start(walk, event) {
    walk.putDown(event.at, true);
    walk.takeUp(event);
    walk.context = { ...walk.context, ...event.context };
  },
  stop(walk, { at }) { walk.putDown(at, true); walk.hand = null; },
  interrupt(walk, event) {
    const { id, trigger, at } = event, suspended = walk.hand, work = suspended?.record;
    walk.putDown(at, false);
    if (work) work.interruptions += 1;
    const record = { id, trigger, start: at, end: at, depth: walk.stack.length + 1, outcome: 'open',
      interrupted_task: work?.task ?? null, interrupted_occurrence: work?.id ?? null, gross_ms: 0, own_ms: 0 };
    walk.interruptions.push(record);
    walk.stack.push({ record, begunMs: walk.observedMs(at), suspended, context: walk.context });
    walk.hand = null;
    if (event.task != null) walk.takeUp(event);
  },
  resume(walk, { at }) {
    walk.putDown(at, true);
    const { suspended, context } = walk.endInnermost(at, 'resumed');
    walk.hand = suspended;
    walk.context = context;
  },
  // what is in hand goes on one level out; the suspended work keeps the end its suspension gave it
  abandon(walk, { at }) { walk.endInnermost(at, 'abandoned'); },
  context(walk, { dimension, value }) { walk.context = { ...walk.context, [dimension]: value }; },
  parallel_start(walk, { id, task, trigger = null, at }) {
    const piece = { start: at, end: at, task, event: id, trigger };
    walk.beside.set(task, { since: at, begunMs: walk.observedMs(at), piece });
    walk.parallel.push(piece);
  },
  parallel_stop(walk, event) {
    const { piece } = walk.stoppedBy(event);
    piece.end = event.at;
    walk.beside.delete(piece.task);
  },
  prompt(walk, { at, trigger }) { walk.prompts.push({ at, trigger, task: walk.hand?.record.task ?? null }); },
  pause(walk, { at }) { walk.cutAll(at); walk.pausedAt = at; },
  continue(walk, { at }) { walk.endPause(at); },
  count(walk, { counter, n }) { add(walk.counts, counter, n ?? 1); },
  note(walk, { at, text }) { walk.notes.push({ at, text }); },
};
