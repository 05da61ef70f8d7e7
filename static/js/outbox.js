/**
 * The phone's own book: sessions, taps and task lists in IndexedDB. No other file knows its stores.
 * Every promise resolves when its transaction is complete, so what comes back is on disk.
 *
 * @typedef {{id, person, clinic, mode, header, pad, seq: number, ended: ?number, end: ?string}} SessionRow
 * @typedef {{n, id, session, person, body, number, waiting, trouble, status, code, detail}} ItemRow `body` is what is sent
 */
import { token } from './ids.js';

const KEEP_MS = 14 * 86_400_000;
const SPARE = 'timesink-spare';
const AFTER_THE_FRAME_MS = 50;
export const tabs = new BroadcastChannel('timesink');

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('timesink', 2);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (!oldVersion) build(request.result);
      // [session, seq] of an event that this phone made: none is given out twice
      if (oldVersion < 2) request.transaction.objectStore('items').createIndex('number', 'number', { unique: true });
    };
    request.onsuccess = () => {
      const db = request.result;
      // a newer page in another tab needs the database: open again at the next tap
      db.onversionchange = () => { db.close(); opened = null; };
      db.onclose = () => { opened = null; };
      resolve(db);
    };
    request.onerror = () => reject(request.error);
  });
  opened.catch(() => { opened = null; });
  return opened;
}

function build(db) {
  db.createObjectStore('meta').put(token(16), 'device');
  db.createObjectStore('sessions', { keyPath: 'id' });
  db.createObjectStore('pads', { keyPath: 'clinic' });
  const items = db.createObjectStore('items', { keyPath: 'n', autoIncrement: true });
  items.createIndex('id', 'id', { unique: true });
  items.createIndex('session', 'session');
  // a row has `waiting` (its owner) only while it waits, so this index is the queue, oldest first
  items.createIndex('waiting', 'waiting');
  items.createIndex('trouble', 'trouble');
}

function got(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The result of `work(tx, again)`. iOS drops connections, so a failure is tried once more on a new one (`again`). */
async function within(stores, mode, work) {
  try {
    return await transact(stores, mode, work, false);
  } catch {
    (await opened?.catch(() => null))?.close();
    opened = null;
    return transact(stores, mode, work, true);
  }
}

async function transact(stores, mode, work, again) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const tx = db.transaction(stores, mode, { durability: 'strict' });
    let result;
    let fault = null;
    tx.onerror = ({ target }) => { fault ??= target.error; };
    // some browsers complete what was committed although a part of it failed
    tx.oncomplete = () => (fault ? reject(fault) : resolve(result));
    tx.onabort = () => reject(fault ?? tx.error ?? new Error('The transaction was given up.'));
    work(tx, again).then((value) => { result = value; }, (error) => {
      fault = error;
      try { tx.abort(); } catch { reject(error); }
    });
  });
}

const listeners = new Set();
function changed() {
  tellAll(false);
  tabs.postMessage('changed');
}
function tellAll(unseen) {
  for (const listener of listeners) listener(unseen);
}
tabs.addEventListener('message', ({ data }) => data === 'changed' && tellAll(true));

/** Calls `listener(unseen)` whenever the book has changed; `unseen`: by what this page has not done itself. */
export function onChange(listener) {
  listeners.add(listener);
}

/** Stores a session's header and its `begin` together. @returns {Promise<SessionRow>} */
export async function addSession(person, pad, header, begin) {
  const row = { id: header.id, person, clinic: pad.clinic, mode: header.mode, header, pad, seq: 0, ended: null, end: null };
  await within(['sessions', 'items'], 'readwrite', async (tx, again) => {
    if (again && await got(tx.objectStore('sessions').getKey(row.id))) return;
    row.seq = 0;
    const items = tx.objectStore('items');
    items.add({ id: header.id, session: row.id, person, waiting: person, body: { type: 'session', ...header } });
    addEvents(tx, row, [begin]);
    tx.objectStore('sessions').add(row);
  });
  changed();
  return row;
}

/** What comes out of the emergency copy keeps its number, unless another tab has given that to a tap meanwhile. */
function eventBody(row, event) {
  row.seq = Math.max(row.seq + 1, event.seq ?? 0);
  return { type: 'event', session: row.id, ...event, seq: row.seq };
}

function addEvents(tx, row, events) {
  const bodies = events.map((event) => eventBody(row, event));
  for (const body of bodies) tx.objectStore('items').add({ ...itemRow(row, body), waiting: row.person });
  return bodies;
}

/** What other devices made (`device`) is never sent from here, and its numbers are its own. */
function itemRow({ id, person }, body) {
  return { id: body.id, session: id, person, body, ...body.device ? {} : { number: [id, body.seq] } };
}

/**
 * Stores events with the next numbers of their session, each of which is given out once, whatever other tabs do.
 * `whole` {row, log}: the session as its page knows it. Where the book cannot take them they go to the emergency copy;
 * where that cannot either this rejects.
 */
export async function append(session, events, whole) {
  try {
    await rescue().catch(() => {});
    return await storeEvents(session, events, whole);
  } catch (fault) {
    if (!whole) throw fault;
    const last = counted(whole);
    const bodies = events.map((event) => eventBody(last, event));
    keepSpare([...spare(), ...bodies.map((body) => ({ person: last.person, body }))]);
    changed();
    return bodies;
  }
}

/** The session's row with the highest number that the page has seen. */
function counted({ row, log }) {
  return { ...row, seq: log.reduce((most, one) => (one.device ? most : Math.max(most, numberOf(one))), 0) };
}

/** The emergency copy: {person, body} of each tap that the book could not take. Another storage, which may still work. */
export function spare() {
  try { return JSON.parse(localStorage.getItem(SPARE)) ?? []; } catch { return []; }
}

function keepSpare(rows) {
  localStorage.setItem(SPARE, JSON.stringify(rows));
}

/** Puts what is in the emergency copy into the book, each once. Rejects while the book still cannot take it. */
export async function rescue() {
  const rows = spare();
  for (const { body } of rows) {
    await storeEvents(body.session, [body], null, true);
    keepSpare(spare().filter((row) => row.body.id !== body.id));
  }
  if (rows.length) tellAll(true);
}

async function storeEvents(session, events, whole, rescued) {
  // a tap takes the next number that its page knows, in one exchange with the disk; where another tab took that: again
  const quick = whole && events.length && !events.some(({ kind }) => kind === 'end' || kind === 'void');
  let known;
  const stored = await within(['sessions', 'items'], 'readwrite', async (tx, again) => {
    known = quick && !again && tx.objectStore('sessions').getKey(session);
    const bodies = known ? addEvents(tx, counted(whole), events) : await addNext(tx, session, events, whole, again || rescued);
    tx.commit?.(); // without waiting to hear how each request went: if one fails, all of it does
    return bodies;
  });
  if (known && !known.result) {
    await within(['sessions', 'items'], 'readwrite', async (tx) => {
      const sessions = tx.objectStore('sessions');
      if (!await got(sessions.getKey(session))) sessions.put(putBack(tx, whole));
    });
  }
  // what asks again how many wait gives way to the picture of the tap itself
  setTimeout(changed, AFTER_THE_FRAME_MS);
  return stored;
}

/** The numbers follow on what the book holds. `doubtful`: whether these events may be in it already. */
async function addNext(tx, session, events, whole, doubtful) {
  const sessions = tx.objectStore('sessions');
  const items = tx.objectStore('items');
  if (doubtful) {
    // the first try may have been committed although its connection died before saying so
    const before = await Promise.all(events.map((event) => got(items.index('id').get(event.id))));
    if (before.length && before.every(Boolean)) return before.map((row) => row.body);
  }
  const row = await got(sessions.get(session)) ?? (whole && putBack(tx, whole));
  if (!row) throw new Error('This session is no longer on this phone.');
  const newest = await got(items.index('number').openKeyCursor(IDBKeyRange.bound([session], [session, []]), 'prev'));
  row.seq = Math.max(row.seq, newest?.key[1] ?? 0);
  const bodies = addEvents(tx, row, events);
  for (const body of bodies) follow(row, body);
  sessions.put(row);
  return bodies;
}

/** Its own number: the page numbers the log of two devices anew (session.js). */
const numberOf = ({ was, seq }) => was ?? seq;

/** A browser may clear its storage under an open page. What the page still knows goes to the server once more. */
function putBack(tx, whole) {
  const { row, log } = whole;
  const items = tx.objectStore('items');
  const back = { ...counted(whole), ended: null, end: null };
  if (row.header.id) {
    items.add({ id: row.id, session: row.id, person: row.person, waiting: row.person, body: { type: 'session', ...row.header } });
  }
  for (const { was, ...body } of log) {
    body.seq = was ?? body.seq;
    items.add({ ...itemRow(row, body), ...body.device ? { status: 'stored' } : { waiting: row.person } });
    follow(back, body);
  }
  whole.cleared = true;
  return back;
}

/** Stores an item that belongs to no session: a report, or a later word about one. */
export async function addItem(person, body) {
  await within(['items'], 'readwrite', async (tx, again) => {
    const items = tx.objectStore('items');
    if (again && await got(items.index('id').getKey(body.id))) return;
    items.add({ id: body.id, person, body, waiting: person });
  });
  changed();
}

/** An end, and its being taken back, stand in the session's row too. */
function follow(row, { kind, id, at, target }) {
  if (kind === 'end') Object.assign(row, { ended: at, end: id });
  if (kind === 'void' && target === row.end) Object.assign(row, { ended: null, end: null });
}

/**
 * Keeps a session of the server's with its log, or adds to it what is new: what other devices made, and what this one
 * made before it forgot the session. A session that was left stays so unless it is `taken` over.
 */
export async function adopt(session, events, taken) {
  await within(['sessions', 'items'], 'readwrite', async (tx) => {
    const sessions = tx.objectStore('sessions');
    const items = tx.objectStore('items');
    const row = await got(sessions.get(session.id)) ?? { ...session, seq: 0, ended: null, end: null };
    if (taken) delete row.left;
    for (const body of events) {
      if (await got(items.index('id').getKey(body.id))) continue;
      if (!body.device) row.seq = Math.max(row.seq, body.seq);
      const item = { ...itemRow(row, body), status: 'stored' };
      // a book that lost its newest write has given its number to another tap since
      if (item.number && await got(items.index('number').getKey(item.number))) delete item.number;
      items.add(item);
      follow(row, body);
    }
    sessions.put(row);
  });
  changed();
}

/** A session as this phone has it, if it has. */
export function sessionRow(session) {
  return within(['sessions'], 'readonly', (tx) => got(tx.objectStore('sessions').get(session)));
}

/** How many of the session's events, to this phone's knowledge, are on the server. */
export function onServer(session) {
  return within(['items'], 'readonly', async (tx) => {
    const rows = await got(tx.objectStore('items').index('session').getAll(session));
    return rows.filter(({ status, body }) => body.kind && (status === 'stored' || status === 'duplicate')).length;
  });
}

/** Leaves a session to another device, until it is taken over again. Its waiting taps go on their way all the same. */
export function leave(session, at) {
  return within(['sessions'], 'readwrite', async (tx) => {
    const sessions = tx.objectStore('sessions');
    sessions.put({ ...await got(sessions.get(session)), left: at });
  });
}

/** The newest session that this person has neither ended nor left. @returns {Promise<SessionRow|undefined>} */
export function openSession(person) {
  return within(['sessions'], 'readonly', async (tx) => {
    const rows = await got(tx.objectStore('sessions').getAll());
    return rows.filter((row) => row.person === person && row.ended === null && !row.left).pop();
  });
}

/** A session's events, in the order of their taps. */
export function eventsOf(session) {
  return within(['items'], 'readonly', async (tx) => {
    const rows = await got(tx.objectStore('items').index('session').getAll(session));
    const bodies = [...rows, ...spare()].map((row) => row.body);
    return bodies.filter((body) => body.type === 'event' && body.session === session);
  });
}

async function dropSession(tx, session) {
  const items = tx.objectStore('items');
  for (const n of await got(items.index('session').getAllKeys(session))) items.delete(n);
  tx.objectStore('sessions').delete(session);
}

/** Forgets what was ended, or belongs to no session, and is wholly sent, since 14 days. */
export function tidy(now) {
  return within(['sessions', 'items'], 'readwrite', async (tx) => {
    for (const row of await got(tx.objectStore('sessions').getAll())) {
      const done = row.ended ?? row.left;
      if (!done || done > now - KEEP_MS) continue;
      const rows = await got(tx.objectStore('items').index('session').getAll(row.id));
      if (!rows.some((item) => item.waiting || item.status === 'stuck')) await dropSession(tx, row.id);
    }
    for (const { n, session, waiting: owner, status, body } of await got(tx.objectStore('items').getAll())) {
      if (!session && !owner && status !== 'stuck' && body.at < now - KEEP_MS) tx.objectStore('items').delete(n);
    }
  });
}

// --- the queue ---

/** How many items wait: of this person, and of others who used this phone. */
export function waiting(person) {
  return within(['items'], 'readonly', async (tx) => {
    const index = tx.objectStore('items').index('waiting');
    const [mine, everyone] = await Promise.all([got(index.count(person)), got(index.count())]);
    return { mine: mine + spare().length, others: everyone - mine };
  });
}

/** All that no server has taken, whoever tapped it: {person, body} as it would be sent. Also where the book is broken. */
export async function unsent() {
  const rows = await within(['items'], 'readonly', async (tx) => {
    const all = ['waiting', 'trouble'].map((name) => got(tx.objectStore('items').index(name).getAll()));
    return (await Promise.all(all)).flat().filter(({ waiting, status }) => waiting || status === 'stuck');
  }).catch(() => []);
  return [...rows, ...spare()].map(({ person, body }) => ({ person, body }));
}

/** The oldest waiting items of a person, as they are sent. */
export function oldest(person, limit) {
  return within(['items'], 'readonly', async (tx) => {
    const rows = await got(tx.objectStore('items').index('waiting').getAll(person, limit));
    return rows.map((row) => row.body);
  });
}

/** Items that were refused, erased or could not be sent. @returns {Promise<ItemRow[]>} */
export function troubles(person) {
  return within(['items'], 'readonly', (tx) => got(tx.objectStore('items').index('trouble').getAll(person)));
}

/** Writes down what became of items. `stored` and `duplicate` are done with, the rest stays visible with the reason. */
export async function settle(results) {
  await within(['items'], 'readwrite', async (tx) => {
    const items = tx.objectStore('items');
    await Promise.all(results.map(async ({ id, status, code, detail }) => {
      const row = await got(items.index('id').get(id));
      if (!row) return;
      delete row.waiting;
      delete row.trouble;
      Object.assign(row, { status, code, detail });
      if (status !== 'stored' && status !== 'duplicate') row.trouble = row.person;
      items.put(row);
    }));
  });
  changed();
}

/** Puts settled items back into the queue: those `wanted(row)`, of one session or of all. */
export async function requeue(wanted, session) {
  await within(['items'], 'readwrite', async (tx) => {
    const items = tx.objectStore('items');
    const rows = await got(session ? items.index('session').getAll(session) : items.getAll());
    for (const row of rows) {
      if (row.body.device || row.waiting || !wanted(row)) continue;
      items.put({ ...row, waiting: row.person });
    }
  });
  changed();
}

// --- small things ---

export function read(key) {
  return within(['meta'], 'readonly', (tx) => got(tx.objectStore('meta').get(key)));
}

/** Replaces a value by what `change(old)` makes of it, in one transaction. */
export function revise(key, change) {
  return within(['meta'], 'readwrite', async (tx) => {
    const store = tx.objectStore('meta');
    const value = change(await got(store.get(key)));
    store.put(value, key);
    return value;
  });
}

/** A clinic's task list as kept: {clinic, etag, pad}. */
export function pad(clinic) {
  return within(['pads'], 'readonly', (tx) => got(tx.objectStore('pads').get(clinic)));
}

export function keepPad(row) {
  return within(['pads'], 'readwrite', async (tx) => { tx.objectStore('pads').put(row); });
}
