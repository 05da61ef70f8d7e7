/** How many taps wait and why, in few words at the top and in whole sentences in the sheet behind it. */
import * as outbox from './outbox.js';
import { find, icon, make, write } from './dom.js';
import * as relay from './relay.js';
import { say, sayN } from './words.js';

let me = { id: '', name: '' };
let practice = false;
/** what the relay met last */
let fault = null;
/** what the red line says of taps that are not in the book */
let alarmed = '';
/** what waits, as the book said last */
export const held = { mine: 0, others: 0, refused: [] };
let afterwards = () => {};

export function readyBadge(person, onDraw) {
  me = person;
  afterwards = onDraw;
  addEventListener('offline', draw);
  addEventListener('online', draw);
  outbox.onChange(refresh);
  find('send').addEventListener('click', relay.hurry);
  find('copy').addEventListener('click', saveCopy);
  return refresh();
}

export function drawSync(found) {
  fault = found;
  draw();
}

export function drawAlarmed(words) {
  if (alarmed === words) return;
  alarmed = words;
  draw();
}

export function inPractice(on) {
  practice = on;
  draw();
}

let asking = Promise.resolve();
let queued = null;
/** One question at a time, so that an older answer never overtakes a newer one; a burst of taps asks once more. */
export function refresh() {
  queued ??= asking = asking.then(async () => {
    queued = null;
    const [{ mine, others }, refused] = await Promise.all([outbox.waiting(me.id), outbox.troubles(me.id)]);
    Object.assign(held, { mine, others, refused });
    drawTroubles(refused);
    draw();
  }).catch(() => {});
  return asking;
}

function inShort() {
  const n = held.mine;
  if (practice) return ['practice', say('practice')];
  if (alarmed) return ['bad', say('not_stored')];
  if (n && fault === 'signed_out') return ['bad', say('sign_in', { n })];
  if (n && (fault || !navigator.onLine)) return ['bad', say('offline', { n })];
  if (n) return ['some', say('kept', { n })];
  if (held.refused.length) return ['bad', say('attention', { n: held.refused.length })];
  return held.others ? ['some', say('others_short')] : ['good', say('sent')];
}

function inFull() {
  if (alarmed) return alarmed;
  if (!held.mine) return say(held.refused.length ? 'fault_refused' : 'fault_none');
  if (!navigator.onLine) return say('fault_unreachable');
  return fault ? say(`fault_${fault}`, { name: me.name }) : say('fault_soon');
}

// all of them stand in each badge from the first: a new <use> at every tap would read the whole sprite again
const SHAPES = [['good', 'k0'], ['some', 'k6'], ['bad', 'k2'], ['practice', 'k3']];

let drawn = '';

function draw() {
  const [mood, words] = inShort();
  const full = practice ? '' : inFull();
  const all = JSON.stringify([mood, words, full, held.mine, held.others, fault]);
  if (drawn === all) return afterwards();
  drawn = all;
  for (const badge of document.querySelectorAll('[data-sending]')) {
    if (badge.dataset.mood === mood && badge.textContent === words) continue;
    badge.dataset.mood = mood;
    if (!badge.firstChild) badge.append(...SHAPES.map(([, name]) => icon(name, 'shape')), make('span'));
    SHAPES.forEach(([of], n) => badge.children[n].toggleAttribute('hidden', of !== mood));
    write(badge.lastChild, words);
  }
  write(find('state-title'), words);
  write(find('state'), full);
  const others = find('others');
  others.hidden = !held.others;
  write(others, sayN('others', held.others));
  find('waiting-actions').hidden = !held.mine && !held.others && !held.refused.some(({ status }) => status === 'stuck');
  const signIn = find('sign-in');
  signIn.hidden = fault !== 'signed_out';
  write(signIn, sayN('sign_in_link', held.mine));
  afterwards();
}

function drawTroubles(rows) {
  const list = find('troubles');
  list.hidden = !rows.length;
  list.replaceChildren(...rows.map((row) => {
    const { kind, type, task, trigger } = row.body;
    return make('li', {}, make('b', {}, [kind ?? type, task ?? trigger ?? ''].join(' ')), ' ', why(row));
  }));
}

/** Why something counts nowhere. */
export function why({ status, code, detail }) {
  return status === 'quarantined' ? say('refused', { reason: detail || code }) : say(status);
}

/** The last resort: all that no server has taken, as a file that the page Import takes. */
async function saveCopy() {
  const copy = { ...await relay.introduced(), rows: await outbox.unsent() };
  const href = URL.createObjectURL(new Blob([JSON.stringify(copy)], { type: 'application/json' }));
  make('a', { href, download: 'timesink-waiting.json' }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
