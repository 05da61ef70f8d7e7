/** The pad. A tap goes to the session's log (outbox.js), then to the server (relay.js); timeline.js draws from the log. */
import { drawSync, inPractice, readyBadge, refresh } from './badge.js';
import { find, readySheets, show, write } from './dom.js';
import { announce, drawBar, drawDock, drawHead, drawStack, saysWhat, tickBar, tickHead } from './frame.js';
import { FIX_LATER, onlyAsked, resume, stop, tapTask, undoable } from './gestures.js';
import { catchUp, goesOnThere, theirTaps } from './handover.js';
import * as outbox from './outbox.js';
import { buzz, maySleep, readySettings, stayAwake } from './phone.js';
import * as relay from './relay.js';
import { Session } from './session.js';
import { drawEnded, note, readyStart, showEnded, showStart } from './start.js';
import { guardClicks, onTap } from './tap.js';
import { buildSheets, buildTiles, drawSheets, drawTiles } from './tiles.js';
import { markSession, readyOffline } from './update.js';
import { carried, hour, names as namesOf, say } from './words.js';

/** How long a trigger just tapped can become "only asked" or "both" in one tap; later it takes two (undo, Other). */
const OFFER_MS = 20_000;

const { person, clinics } = carried('me');
const me = { ...person, app: '1.0.0', clinics };

let session = null;
/** the session just ended */
let left = null;
let names;
/** how the session stood at the last draw */
let now = null;
let both = { on: false };
/** the event of the trigger just tapped */
let asked = null;

// --- gestures ---

/** What each `data-tap` means, as drafts of events. */
const GESTURES = {
  task: (state, log, { task }) => tapTask(state, task, both, log),
  trigger: (_state, _log, { trigger }) => [{ kind: chosenHow(), trigger }],
  stop,
  resume: (state) => resume(state),
  'resume-to': (state, _log, { depth }) => resume(state, Number(depth)),
  abandon: (state) => (state.stack.length ? [{ kind: 'abandon' }] : []),
  asked: () => (asked ? onlyAsked(asked) : []),
  flag: () => [{ kind: 'note', text: FIX_LATER }],
  count: (_state, _log, { counter, n }) => [{ kind: 'count', counter, n: Number(n) }],
  context: (_state, _log, { dimension, value }) => [{ kind: 'context', dimension, value }],
  pause: (state) => (state.paused ? [] : [{ kind: 'pause' }]),
  continue: (state) => (state.paused ? [{ kind: 'continue' }] : []),
  undo: (_state, log) => [undoable(log)].filter(Boolean).map(({ id }) => ({ kind: 'void', target: id })),
  end: () => [{ kind: 'end' }],
};
/** What only adds to the log: a sheet stays open for more, and what the next tap means stays as it was. */
const BESIDES = new Set(['count', 'context', 'flag']);

function chosenHow() {
  const sheet = find('sheet="triggers"');
  return sheet.open ? sheet.querySelector('[name="how"]:checked').value : 'interrupt';
}

async function act(button, stamp) {
  const { tap } = button.dataset;
  const held = session;
  if (!held) return;
  if (tap === 'both' || tap === 'asked-both') return arm(tap);
  let stored;
  try {
    stored = await held.take(stamp, (state, log) => (state.open ? GESTURES[tap](state, log, button.dataset) : []));
  } catch (fault) {
    return alarm(fault);
  }
  if (held !== session) return;
  find('alarm').hidden = true;
  if (tap === 'task' && !stored.length) return announce(say('no_second'));
  buzz();
  if (!BESIDES.has(tap)) {
    button.closest('dialog')?.close();
    both = { on: false };
    asked = null;
  }
  const last = stored.at(-1);
  if (last?.kind === 'interrupt') offer(last);
  draw();
  if (!last) return;
  tell(last);
  relay.soon();
  if (last.kind === 'end') leave();
}

/** The next task goes beside the one in hand; once. */
function arm(tap) {
  both = tap === 'asked-both' ? { on: true, asked: asked?.id } : { on: !both.on };
  draw();
  announce(both.on ? say('tap_both') : '');
  buzz();
}

function offer(event) {
  asked = event;
  setTimeout(() => {
    if (asked !== event) return;
    asked = null;
    if (session) draw();
  }, OFFER_MS);
}

function tell(event) {
  const undone = event.kind === 'void' && session.log.find((one) => one.id === event.target);
  const when = { hour: hour(event.recorded_at, names.pad.timezone) };
  if (undone) return announce(say('undone', { what: saysWhat(undone, session.log, names) }));
  if (event.kind === 'note') return announce(say('flagged', when));
  announce(say('status', { what: saysWhat(event, session.log, names), ...when }));
}

function alarm(fault) {
  const line = find('alarm');
  line.hidden = false;
  write(line, say('not_saved', { reason: fault?.name ?? '' }));
  buzz(400);
}

// --- drawing ---

function draw() {
  now = session.look();
  now.wall = Date.now();
  drawTiles(now, both.on);
  drawHead(now, names);
  drawBar(now, names, Boolean(asked) && !both.on);
  drawDock(now, session.log, names, both.on);
  drawSheets(now);
}

/** Once a second only texts change; they are reckoned from stamps, never counted up. */
function tick() {
  if (!session || !now || document.hidden) return;
  session.tick?.(finish);
  const drift = Math.max(0, Date.now() - now.wall);
  tickHead(now, names, drift);
  tickBar(now, names, drift);
}

/** Shows what a sheet is about before it opens. */
function open(button) {
  const sheet = find(`sheet="${button.dataset.open}"`);
  if (button.dataset.open === 'stack') drawStack(session.look(), names);
  if (button.dataset.open === 'triggers') sheet.querySelector('[name="how"]').checked = true;
  sheet.showModal();
  if ('help' in button.dataset && now?.task) find(`definition="${now.task}"`, sheet)?.scrollIntoView({ block: 'center' });
  else sheet.scrollTop = 0;
}

// --- sessions ---

function enter(begun) {
  session = begun;
  names = namesOf(session.pad);
  both = { on: false };
  asked = null;
  const practice = session.row.mode === 'practice';
  find('end-kept').hidden = practice;
  write(find('subject'), practice ? say('practising') : title(session));
  buildTiles(names);
  buildSheets(names);
  announce('');
  inPractice(practice);
  show('session');
  draw();
  markSession(true);
  stayAwake((refused) => {
    find('sleep').hidden = !refused;
    write(find('sleep'), say('may_sleep'));
  });
}

function title({ row, log }) {
  const { subject, day_type: dayType } = row.header;
  return [subject ?? say('own_day'), say(theirTaps(log).length ? 'two_devices' : dayType ?? 'unknown')].join(' · ');
}

/** Takes the session from the pad. It may go on elsewhere. */
function putAway() {
  const away = session;
  session = null;
  for (const sheet of document.querySelectorAll('dialog[open]')) sheet.close();
  maySleep();
  markSession(false);
  return away;
}

async function leave() {
  const ended = putAway();
  left = ended;
  await refresh(); // the end itself waits by now
  inPractice(false);
  if (ended.after) return ended.after(toStart);
  showEnded(ended);
  relay.hurry();
}

/** Ends a session that has an end of its own. */
async function finish() {
  const held = session;
  const stamp = { at: Date.now(), mono: performance.now() };
  await held.take(stamp, (state) => (state.open ? [{ kind: 'end' }] : []));
  if (held === session) await leave();
}

const toStart = () => showStart(me, resumeHere, tryOut);

async function tryOut(what, pad, stamp) {
  try {
    const { run } = await import(`./${what}.js`);
    await run(me.id, pad, stamp, enter, toStart);
  } catch {
    note(say('try_failed'));
  }
}

async function goOn(event) {
  const stamp = { at: Date.now(), mono: performance.now() };
  event.preventDefault();
  const back = left;
  try {
    await back.take(stamp, (_state, log) => [{ kind: 'void', target: log.findLast((one) => one.kind === 'end').id }]);
  } catch (fault) {
    return alarm(fault);
  }
  enter(back);
  relay.soon();
}

async function begin(pad, header, stamp) {
  try {
    enter(await Session.begun(me.id, pad, header, stamp));
  } catch (fault) {
    return alarm(fault);
  }
  navigator.storage?.persist?.();
  relay.soon();
}

// --- on more than one device ---

/** sessions of which it was said that they go on elsewhere */
const told = new Set();
let asking = null;
let ask = false;

async function resumeHere() {
  const taken = await Session.resumed(me.id);
  if (taken) enter(taken);
  relay.hurry();
  return taken;
}

/**
 * Fetches what other devices have added to the session in hand. Where it goes on there this is said: in the way when the
 * phone is taken up again (`woken`), beside the taps while it is in use.
 */
function keepUp(woken = true) {
  const held = session;
  if (!held || held.row.mode === 'practice') return;
  ask ||= woken;
  asking ??= catchUp(held.row).then(() => changedElsewhere(true)).then(() => {
    if (held !== session) return;
    write(find('subject'), title(held));
    const there = goesOnThere(held.log);
    if (!there || told.has(held.row.id)) return;
    told.add(held.row.id);
    const words = say('taps_there', { hour: hour(there.recorded_at, names.pad.timezone), what: saysWhat(there, held.log, names) });
    write(find('elsewhere'), words);
    if (ask) find('sheet="elsewhere"').showModal();
    else announce(words);
  }).catch(() => { /* without network: at the next occasion */ }).finally(() => { asking = null; ask = false; });
}

/** An answer of the server: so many events of other devices does it hold. */
function heardOf(id, events) {
  if (session?.row.id === id && events !== session.log.filter((event) => event.device).length) keepUp(false);
}

async function leaveToOther() {
  await outbox.leave(session.row.id, Date.now());
  putAway();
  relay.hurry();
  await toStart();
}

/** Another tab of this phone stored something. */
async function changedElsewhere(otherTab) {
  if (!otherTab || !session) return;
  await session.refresh();
  if (session?.look().open) draw();
  else if (session) leave();
}

async function main() {
  readySheets();
  readySettings();
  if (!isSecureContext) {
    for (const line of document.querySelectorAll('[data-insecure]')) {
      line.hidden = false;
      write(line, say('insecure'));
    }
  }
  try {
    session = await Session.resumed(me.id);
  } catch {
    show('start');
    find('start').hidden = true;
    return note(say('no_storage'));
  }
  guardClicks();
  onTap(document.body, act);
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-open]');
    if (button) open(button);
  });
  find('again').addEventListener('click', toStart);
  find('leave').addEventListener('click', leaveToOther);
  find('unend').addEventListener('click', goOn);
  readyStart(me, begin, resumeHere, tryOut);
  outbox.onChange(changedElsewhere);
  document.addEventListener('visibilitychange', () => { if (session && !document.hidden) draw(), keepUp(); });
  addEventListener('online', () => keepUp());
  setInterval(tick, 1000);
  await readyBadge(me, drawEnded);
  relay.start(me, drawSync, heardOf);
  readyOffline((ready) => { for (const button of document.querySelectorAll('[data-update]')) button.hidden = !ready; });
  if (session) {
    enter(session);
    keepUp();
  } else await toStart();
  outbox.tidy(Date.now()).catch(() => {});
}

main();
