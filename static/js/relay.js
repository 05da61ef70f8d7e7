/**
 * Carries the outbox to the server. Only an answer that is surely ours settles anything, and only the ids it names;
 * all else stays on the phone and is tried again.
 */
import * as outbox from './outbox.js';
import { load, token, uuid7 } from './ids.js';
import { reading, since, withSample } from './clock.js';

const ITEMS = 200;
const BYTES = 256 * 1024;
const PATIENCE_MS = 20_000;
const LONGEST_MS = 60_000;
const LEAST_MS = 4000;
const LEASE_MS = 30_000;
const LOOK_MS = 5000;

let me = { id: '', app: '' };
/** Why items wait: unreachable, not_ours, busy, signed_out, other_person, forbidden, update; null: all is well. */
let fault = null;
let sending = false;
let failures = 0;
let timer = 0;
/** the server asked not to be asked before (on the monotonic clock) */
let notBefore = 0;
/** whether the server is to be heard of even if nothing waits: what it tells of the clock */
let hello = false;
/** how far the wall clock was before the monotonic one */
let apart = null;
/** how many items go at once: fewer after somebody found that too much */
let atOnce = ITEMS;
let report = () => {};
let tellElsewhere = () => {};
/** the newest clock sample that the server is known to hold: with taps travel that one and what is newer */
let told = null;
// a gap that the server names is filled once a page load: what it refuses for good must not go round for ever
const filled = new Set();

/**
 * `person.device`: what to call this phone, where nobody shall be able to tell it from others.
 * @param {(fault: ?string) => void} listener
 * @param {(session: string, events: number) => void} elsewhere how many events other devices have sent of a session
 */
export function start(person, listener, elsewhere) {
  me = person;
  report = listener;
  tellElsewhere = elsewhere;
  addEventListener('online', () => {
    notBefore = Math.min(notBefore, performance.now() + LEAST_MS);
    hurry();
  });
  outbox.tabs.addEventListener('message', ({ data }) => data === 'failed' && rest());
  addEventListener('pageshow', hurry);
  document.addEventListener('visibilitychange', hurry);
  setInterval(compareClocks, LOOK_MS);
  hurry();
}

/** Where wall and monotonic clock have parted the phone slept or was set: from here on it has to be measured anew. */
function compareClocks() {
  const { wall, mono } = reading();
  if (Math.abs(wall - mono - (apart ?? wall - mono)) > 1000) hurry();
  apart = wall - mono;
}

/**
 * Try now, and forget how often it failed. Whatever woke the page, the phone may have slept or its clock may have been
 * set: the server hears of the clock also if nothing waits, and again of what the first answer has measured.
 */
export function hurry() {
  failures = 0;
  hello ||= !document.hidden && me.clinics?.length > 0;
  later(0);
}

/** After a tap: soon, but taps in a burst travel together. */
export function soon() {
  failures = 0;
  later(400);
}

function later(ms) {
  clearTimeout(timer);
  timer = setTimeout(run, Math.max(ms, notBefore - performance.now()));
}

async function run() {
  if (sending || notBefore > performance.now()) return later(500);
  sending = true;
  let wait = 0;
  try {
    wait = await alone(drain);
  } catch {
    wait = backOff();
  }
  sending = false;
  report(fault);
  if (wait) later(wait);
}

/** However often somebody taps, or asks at once, and in however many tabs: not 20 times a minute. */
function rest() {
  notBefore = Math.max(notBefore, performance.now() + LEAST_MS);
}

/** The ms to the next try: what was `asked` for, else jitter between half and all of 1 s, 2 s, 4 s ... 60 s. */
function backOff(asked) {
  rest();
  outbox.tabs.postMessage('failed');
  return asked ?? Math.min(LONGEST_MS, 1000 * 2 ** failures++) * (0.5 + Math.random() / 2);
}

/** One upload at a time among all tabs. Two at once would be harmless, but a waste. */
async function alone(work) {
  if (navigator.locks) {
    return navigator.locks.request('timesink-relay', { ifAvailable: true }, (lock) => (lock ? work() : 2000));
  }
  const now = Date.now();
  const lease = await outbox.revise('lease', (held) =>
    (held && held.load !== load && held.until > now && held.until < now + 2 * LEASE_MS
      ? held : { load, until: now + LEASE_MS }));
  if (lease.load !== load) return 2000;
  try {
    return await work();
  } finally {
    await outbox.revise('lease', () => null);
  }
}

/** Sends until nothing waits; resolves with the ms to the next try, 0 for none. */
async function drain() {
  await outbox.rescue().catch(() => {});
  for (;;) {
    const items = fitting(await outbox.oldest(me.id, atOnce));
    if (!items.length) {
      if (!hello) {
        fault = null;
        return 0;
      }
      hello = false;
    }
    report(fault);
    const answer = await post(items);
    fault = answer.fault;
    if (answer.ok) {
      atOnce = Math.min(ITEMS, 2 * atOnce);
      const taken = await accept(answer.body, items);
      if (items.length && !taken) return backOff();
      failures = 0;
    } else {
      if (items.length > 1 ? answer.split : items.length && answer.ours) {
        if (items.length === 1) await outbox.settle([{ id: items[0].id, status: 'stuck', code: `http_${answer.status}` }]);
        atOnce = Math.ceil(items.length / 2);
        answer.wait = 1;
      }
      return backOff(answer.wait);
    }
  }
}

/** As many of the oldest as one request may hold. */
function fitting(items) {
  let room = BYTES - 16 * 1024;
  const encoder = new TextEncoder();
  const end = items.findIndex((item) => (room -= encoder.encode(JSON.stringify(item)).length + 1) < 0);
  return end < 0 ? items : items.slice(0, Math.max(1, end));
}

/** What a batch tells of the phone and its clock; a copy of what waits tells it too. `from`: the first sample told. */
export async function introduced(from) {
  const [device, all] = await Promise.all([outbox.read('device'), outbox.read('samples')]);
  return { proto: 1, device: me.device ?? device, app: me.app, load, clock: { ...reading(), samples: since(all ?? [], from) } };
}

async function post(items) {
  const intro = await introduced(told);
  const { clock: sent, clock: { samples } } = intro;
  const batch = uuid7();
  const body = JSON.stringify({ ...intro, batch_id: batch, person: me.id, items });
  const giveUp = new AbortController();
  const bell = setTimeout(() => giveUp.abort(), PATIENCE_MS);
  try {
    const response = await fetch('/api/v1/batches', {
      method: 'POST', body, signal: giveUp.signal,
      headers: { 'Content-Type': 'application/json', 'X-Timesink': '1' },
      redirect: 'error', cache: 'no-store',
      keepalive: document.hidden && body.length < 60_000,
    });
    const answer = await response.json().catch(() => null);
    if (response.status === 200 && /json/.test(response.headers.get('Content-Type')) && answer?.timesink === 1 && answer.batch_id === batch) {
      const back = reading();
      told = samples.at(-1);
      await outbox.revise('samples', (old) => withSample(old ?? [], load, sent, back, answer.server));
      return { ok: true, fault: null, body: answer };
    }
    return refusal(response, answer);
  } catch {
    return { fault: 'unreachable' };
  } finally {
    clearTimeout(bell);
  }
}

/** What to make of an answer that takes nothing: always keep everything. */
function refusal(response, answer) {
  const { status } = response;
  // whoever stands between may say so too, and would find every single tap bad
  const ours = (status === 413 || status === 400) && /problem/.test(response.headers.get('Content-Type'));
  if (ours || status === 413) return { split: true, ours, status, fault: 'not_ours' };
  if (status === 401) return { fault: 'signed_out', wait: LONGEST_MS };
  if (status === 403) return { fault: answer?.code === 'other_person' ? 'other_person' : 'forbidden', wait: LONGEST_MS };
  if (status === 426) return { fault: 'update', wait: LONGEST_MS };
  if (status === 429 || status >= 500) {
    const asked = Math.min(Number(response.headers.get('Retry-After')) * 1000 || 0, 10 * LONGEST_MS);
    notBefore = performance.now() + asked;
    return { fault: 'busy', wait: asked || undefined };
  }
  return { fault: 'not_ours' };
}

/** Takes our server's answer; resolves with how many of the items it names. */
async function accept(answer, items) {
  const sentIds = new Set(items.map((item) => item.id));
  await outbox.settle(answer.results);

  const epoch = await outbox.read('epoch');
  if (epoch !== answer.db_epoch) {
    // a restored server may lack what an older one had answered for
    told = null;
    if (epoch) await outbox.requeue((row) => row.status !== 'stuck' && !sentIds.has(row.id));
    await outbox.revise('epoch', () => answer.db_epoch);
  }
  for (const { session, missing, elsewhere } of answer.sessions ?? []) {
    tellElsewhere(session, elsewhere ?? 0);
    if (!missing?.length) continue;
    await outbox.requeue((row) => {
      const { seq } = row.body;
      const wanted = missing.some(([from, to]) => seq >= from && seq <= to);
      if (!wanted || row.status === 'stuck' || filled.has(row.id)) return false;
      filled.add(row.id);
      return true;
    }, session);
  }
  return answer.results.filter((result) => sentIds.has(result.id)).length;
}
