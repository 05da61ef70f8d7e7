/**
 * A session on more than one device. The server's log is the common one: this phone takes it over, and gives its own
 * taps numbers of its own. Times of other devices come on the server's clock and are put on this phone's, to be drawn.
 */
import * as outbox from './outbox.js';

/** What the server says to a question: {body, headers}. */
export async function ask(path, patience = 15_000, headers = {}) {
  const response = await fetch(`/api/v1/${path}`, {
    headers, redirect: 'error', cache: 'no-store', signal: AbortSignal.timeout?.(patience),
  });
  if (response.status !== 200) throw new Error(response.statusText);
  return { body: await response.json(), headers: response.headers };
}

/** Sessions of this person that the server has as open. None without network. */
export async function openSessions(me) {
  const lists = await Promise.all(me.clinics.map(({ slug }) => ask(`sessions?clinic=${slug}&open=true`).catch(() => null)));
  return lists.flatMap((answer) => answer?.body.items ?? []).filter((one) => one.observer === me.id);
}

/** Takes a session over: from now on it is on this phone, with or without network. */
export async function takeOver(person, { id, clinic, mode, subject, day_type, staff_role, task_list, version }) {
  const [kept, events] = await Promise.all([outbox.pad(clinic), logOf(id)]);
  const same = kept?.pad.task_list === task_list && kept.pad.version === version;
  const { body: pad } = same ? { body: kept.pad } : await ask(`clinics/${clinic}/pad?task_list=${task_list}&version=${version}`);
  const header = { clinic, mode, subject, day_type, staff_role, task_list, version };
  await outbox.adopt({ id, person, clinic, mode, header, pad }, events, true);
}

/** Adds what came to the server since from elsewhere; resolves with whether anything did. Mostly the header says no. */
export async function catchUp(row) {
  const known = await outbox.onServer(row.id);
  if (!known || (await ask(`sessions/${row.id}`)).body.events === known) return false;
  await outbox.adopt(row, await logOf(row.id));
  return true;
}

async function logOf(session) {
  const [device, samples] = await Promise.all([outbox.read('device'), outbox.read('samples')]);
  const sent = [];
  let cursor = '';
  let ahead = 0;
  do {
    const { body, headers } = await ask(`sessions/${session}/events?limit=1000${cursor && `&cursor=${cursor}`}`);
    sent.push(...body.items);
    cursor = body.next;
    ahead = Date.parse(headers.get('date')) - Date.now();
  } while (cursor);
  // the header tells whole seconds only: enough to see a clock that is wrong, a sample knows it to the millisecond
  const offset = samples?.at(-1)?.offset_ms ?? (Math.abs(ahead) > 2000 ? ahead : 0);
  return sent.map((event) => (event.device === device ? ours(event) : onOurClock(event, Math.round(offset))));
}

function ours({ device, person, received_at, at_corrected, uncertain, ...body }) {
  return body;
}

/** What a device stamped in one go moves in one go. */
function onOurClock({ person, received_at, at_corrected, uncertain, load, mono, ...event }, offset) {
  const shift = at_corrected - event.at - offset;
  const moved = { ...event, at: event.at + shift, recorded_at: (event.recorded_at ?? event.at) + shift };
  if (event.changes?.at) moved.changes = { ...event.changes, at: event.changes.at + shift };
  return moved;
}

/** What was tapped on other devices: no corrections, which pages of the server make too. */
export const theirTaps = (log) => log.filter(({ device, kind, at, recorded_at }) => device && kind !== 'void' && at === recorded_at);

/** The newest tap of another device, where it is newer than all of this one's: then the session goes on there. */
export function goesOnThere(log) {
  const newest = (some) => some.reduce((last, one) => (last?.recorded_at > one.recorded_at ? last : one), null);
  const theirs = newest(theirTaps(log));
  const own = newest(log.filter((one) => !one.device));
  return theirs && (!own || theirs.recorded_at > own.recorded_at) ? theirs : null;
}
