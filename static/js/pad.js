/** The pad. A tap goes to the session's log (outbox.js), then to the server (relay.js); timeline.js draws from the log. */
import { maySleep, stayAwake } from './awake.js';
import { drawAlarmed, drawSync, inPractice, readyBadge, refresh } from './badge.js';
import { buildCounters, drawCounters, readyCounters, setCount } from './counters.js';
import { find, hide, readySheets, show, write } from './dom.js';
import { answer, explain, readyQuestions } from './explain.js';
import { announce, drawBar, drawDock, drawHead, drawStack, drawTold, longer, saysWhat, tickBar, tickHead } from './frame.js';
import { buildFix, drawFix, fixGestures, readyFix } from './fix.js';
import { FIX_LATER, resume, stop, tapTask } from './gestures.js';
import { catchUp, goesOnThere, theirTaps } from './handover.js';
import { buildMore, readyMore } from './more.js';
import { firstTime, overlong } from './nudge.js';
import { choice, choose } from './outcome.js';
import * as outbox from './outbox.js';
import { bigTiles, buzz, readySettings } from './phone.js';
import { practise } from './practice.js';
import * as relay from './relay.js';
import { Session } from './session.js';
import { drawEnded, note, readyStart, showEnded, showStart } from './start.js';
import { guardClicks, onTap } from './tap.js';
import { buildSheets, buildTiles, drawTiles } from './tiles.js';
import { train } from './training.js';
import { isUndo, redo, tapOf, undo } from './undo.js';
import { markSession, readyOffline } from './update.js';
import { buildWhere, drawWhere, readyWhere } from './where.js';
import { carried, hour, namesOf, say } from './words.js';

const { person, clinics } = carried('me');
const me = { ...person, app: '1.0.0', clinics };

let session = null;
/** the session just ended */
let left = null;
let names;
/** how the session stood at the last draw */
let now = null;
let both = { on: false };
/** whether the row offers to choose otherwise */
let offering = false;

// --- gestures ---

/** What each `data-tap` means, as drafts of events. */
const GESTURES = {
  task: (now, { task }) => tapTask(now, task, both),
  trigger: (_now, { trigger }) => [{ kind: chosenHow(), trigger }],
  stop,
  resume: (now) => resume(now),
  'resume-to': (now, { depth }) => resume(now, Number(depth)),
  abandon: (now) => (now.stack.length ? [{ kind: 'abandon' }] : []),
  switched: (now) => decide(now, 'interrupt'),
  asked: (now) => decide(now, 'prompt'),
  'asked-both': (now) => decide(now, 'parallel_start'),
  flag: () => [{ kind: 'note', text: FIX_LATER }],
  count: (_now, { counter, n }) => [{ kind: 'count', counter, n: Number(n) }],
  'set-count': (now, { counter, wanted }) => setCount(now, counter, Number(wanted)),
  context: (_now, { dimension, value }) => [{ kind: 'context', dimension, value }],
  pause: (now) => (now.paused ? [] : [{ kind: 'pause' }]),
  continue: (now) => (now.paused ? [{ kind: 'continue' }] : []),
  undo,
  redo,
  end: () => [{ kind: 'end' }],
};
/** What only adds to the log: a sheet stays open for more, and what the next tap means stays as it was. */
const BESIDES = new Set(['count', 'set-count', 'context', 'flag']);

function chosenHow() {
  const sheet = find('sheet="triggers"');
  return sheet.open ? sheet.querySelector('[name="how"]:checked').value : 'interrupt';
}

function decide(now, how) {
  const made = choice(now);
  return made && made.how !== how ? choose(now, made, how) : [];
}

async function act(button, stamp, tap = button.dataset.tap) {
  const held = session;
  const data = { ...button.dataset }; // as it was tapped: it may be drawn anew before it is its turn
  if (!held || answer(button, names)) return;
  if (tap === 'both') return arm();
  if (tap === 'asked-both') {
    const made = choice(held.look());
    if (made && !made.task) return arm(made);
  }
  let stored;
  try {
    stored = await held.take(stamp, (state) => (state.open ? GESTURES[tap](state, data) : []));
  } catch (fault) {
    if (held === session) draw(); // a number that was typed is not kept
    return alarm(fault);
  }
  if (held !== session) return;
  drawAlarm();
  held.cleared = false;
  if ((tap === 'task' || tap === 'asked-both') && !stored.length) return announce(say('no_second'));
  buzz(find('alarm').hidden ? 15 : 400);
  if (!BESIDES.has(tap)) {
    button.closest('dialog')?.close();
    both = { on: false };
  }
  draw();
  if (!stored.length) return;
  tell(stored);
  relay.soon();
  if (stored[0].kind === 'end') leave();
}

/** The next task goes beside the one in hand; once. `made`: the choice that this changes. */
function arm(made) {
  both = made ? { on: true, choice: made } : { on: !both.on };
  draw();
  announce(both.on ? say('tap_both') : '');
  buzz();
}

function tell([{ id, kind, target, recorded_at: at }]) {
  const { log } = now;
  const tap = tapOf(log, id);
  const when = { hour: hour(at, names.pad.timezone) };
  if (kind === 'note') return announce(say('flagged', when));
  if (!isUndo(tap)) return announce(say('status', { what: saysWhat(tap, log, names), ...when }));
  const back = tapOf(log, target);
  if (isUndo(back)) return announce(say('redo', { what: saysWhat(tapOf(log, back[0].target), log, names) }));
  announce(say('undone', { what: saysWhat(back, log, names) }));
}

function alarm(fault) {
  drawAlarm(say('not_saved', { reason: fault?.name ?? '' }));
  buzz(400);
}

/** What must not be overlooked: a tap that is lost, a book that was cleared, taps that only the emergency copy has. */
function drawAlarm(lost) {
  const n = outbox.spare().length;
  const line = find('alarm');
  const alarmed = lost || n && say('spare', { n });
  const words = alarmed || session?.cleared && say('cleared');
  hide(line, !words);
  if (words) write(line, words);
  drawAlarmed(alarmed);
}

// --- drawing ---

function draw() {
  now = session.look();
  drawTiles(now, both.on);
  drawHead(now, names);
  const made = both.on ? null : choice(now);
  offering = Boolean(made);
  drawBar(now, names, made);
  drawDock(now, names, both.on);
  drawCounters(now);
  drawWhere(now, names);
  drawTold(now);
}

/** Once a second only texts change; they are reckoned from stamps, never counted up. */
function tick() {
  if (!session || !now || document.hidden) return;
  session.tick?.(finish);
  const drift = Math.max(0, Date.now() - now.wall);
  if (offering && !choice({ ...now, at: now.at + drift })) draw();
  tickHead(now, names, drift);
  tickBar(now, names, drift);
  const long = overlong(names, now, drift);
  if (!long || !firstTime(long)) return;
  announce(say('status', { what: names.short(long.task), hour: longer(long) }));
  buzz(200);
}

/** Shows what a sheet is about before it opens. */
function open(button) {
  if (answer(button, names)) return;
  const inner = now?.task ?? now?.parallel.at(-1)?.task;
  if ('help' in button.dataset && inner) return explain({ task: inner }, names);
  const sheet = find(`sheet="${button.dataset.open}"`);
  button.closest('dialog')?.close();
  if (button.dataset.open === 'fix') {
    drawFix(session.look(), names);
  }
  if (button.dataset.open === 'tasks') {
    readyMore();
    draw();
  }
  if (button.dataset.open === 'stack') drawStack(session.look(), names);
  if (button.dataset.open === 'triggers') sheet.querySelector('[name="how"]').checked = true;
  sheet.showModal();
  sheet.scrollTop = 0;
}

// --- sessions ---

function enter(begun) {
  session = begun;
  both = { on: false };
  const practice = session.row.mode === 'practice';
  find('end-kept').hidden = practice;
  write(find('subject'), practice ? say('practising') : title(session));
  announce('');
  inPractice(practice);
  show('session');
  build();
  drawAlarm();
  markSession(true);
  stayAwake(tellSleep);
  if (!practice) navigator.storage?.persist?.().then((kept) => { find('fleeting').hidden = kept; });
}

/** All buttons of the task list: for a session, and again when the phone's own settings change. */
function build() {
  if (!session) return;
  names = namesOf(session.pad, bigTiles());
  buildTiles(names);
  buildSheets(names);
  buildMore(names);
  buildCounters(names);
  buildWhere(names);
  Object.assign(GESTURES, fixGestures(names));
  buildFix(names);
  draw();
}

/** Said once in the row under the timer, then kept in the sheet behind the name. */
function tellSleep(refused) {
  const line = find('sleep');
  if (refused && line.hidden) announce(say('may_sleep'));
  line.hidden = !refused;
  write(line, say('may_sleep'));
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

const TRIALS = { practice: practise, training: train };

async function tryOut(what, pad, stamp) {
  try {
    await TRIALS[what](me.id, pad, stamp, enter, toStart);
  } catch {
    note(say('try_failed'));
  }
}

async function goOn(event) {
  const stamp = { at: Date.now(), mono: performance.now() };
  event.preventDefault();
  const back = left;
  try {
    await back.take(stamp, ({ log }) => [{ kind: 'void', target: log.findLast((one) => one.kind === 'end').id }]);
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
  relay.soon();
}

// --- on more than one device ---

/** sessions of which it was said that they go on elsewhere */
const told = new Set();
/** how long, at most, an end or a tap on another device goes unnoticed */
const ASK_MS = 20_000;
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
 * phone is taken up again (`woken`), beside the taps while it is in use. No tap waits for it.
 */
function keepUp(woken = true) {
  const held = session;
  if (!held || held.row.mode === 'practice' || document.hidden || !navigator.onLine) return;
  ask ||= woken;
  asking ??= catchUp(held.row).then((more) => (more || ask) && changedElsewhere(true)).then(() => {
    if (held !== session) return;
    write(find('subject'), title(held));
    const there = goesOnThere(held.log);
    if (!there || told.has(held.row.id)) return;
    told.add(held.row.id);
    const words = say('taps_there', { hour: hour(there.recorded_at, names.pad.timezone), what: saysWhat(tapOf(held.log, there.id), held.log, names) });
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

/** Another tab of this phone stored something, or what was in the emergency copy alone. */
async function changedElsewhere(unseen) {
  if (!unseen) return;
  await session?.refresh();
  drawAlarm();
  if (session?.look().open) draw();
  else if (session) leave();
}

async function main() {
  readySheets();
  readySettings(build);
  readyQuestions();
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
  onTap(document.body, act, () => session?.look());
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-open]');
    if (button) open(button);
  });
  readyCounters((field, stamp) => act(field, stamp, 'set-count'));
  readyWhere();
  readyFix(() => ({ now: session.look(), names }));
  find('again').addEventListener('click', toStart);
  find('leave').addEventListener('click', leaveToOther);
  find('unend').addEventListener('click', goOn);
  readyStart(me, begin, resumeHere, tryOut);
  outbox.onChange((unseen) => { changedElsewhere(unseen).catch(() => {}); });
  document.addEventListener('visibilitychange', () => { if (session && !document.hidden) draw(), keepUp(); });
  addEventListener('online', () => keepUp());
  setInterval(tick, 1000);
  setInterval(keepUp, ASK_MS, false);
  await readyBadge(me, drawEnded);
  relay.start(me, drawSync, heardOf);
  readyOffline((ready) => { for (const button of document.querySelectorAll('[data-update]')) button.hidden = !ready; });
  if (session) {
    enter(session);
    keepUp();
  } else {
    drawAlarm();
    await toStart();
  }
  outbox.tidy(Date.now()).catch(() => {});
}

main();
