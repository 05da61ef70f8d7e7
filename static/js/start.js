/** Before a session: the form, and task lists kept for when there is no network. After it: what became of it. */
import { held, why } from './badge.js';
import { find, make, show, write } from './dom.js';
import { ask, openSessions, takeOver } from './handover.js';
import * as outbox from './outbox.js';
import { say, sayN, watch } from './words.js';

const lists = new Map();
/** of whom the form was last said to agree */
let asked = null;
/** by clinic, for the own day: which tiles {how, codes}; kept on this phone */
const tiles = new Map();

/**
 * `begin(pad, header, stamp)` is called for a filled-in form, `resume()` when a session of another device is on this
 * one, `tryOut(what, pad, stamp)` for practice and training.
 */
export function readyStart(me, begin, resume, tryOut) {
  const form = find('start');
  form.addEventListener('change', async ({ target }) => {
    const { clinic, mode, subject } = form.elements;
    if (target === clinic) mode.value = 'observed';
    subject.value = asCode(subject.value);
    if (target.name === 'tiles') await choose(clinic.value, { how: target.value });
    drawForm(me);
  });
  find('picks').addEventListener('click', async ({ target }) => {
    const { pick } = target.dataset;
    const clinic = form.elements.clinic.value;
    const codes = new Set(tiles.get(clinic)?.codes);
    if (!pick) return;
    codes.delete(pick) || codes.add(pick);
    await choose(clinic, { codes: [...codes] });
    target.setAttribute('aria-pressed', String(codes.has(pick)));
  });
  for (const button of document.querySelectorAll('[data-try]')) {
    button.addEventListener('click', () => tries(me, button.dataset.try, tryOut));
  }
  find('open-sessions').addEventListener('click', ({ target }) => {
    if (target.dataset.goOn) goOnHere(me, target.dataset.goOn, resume);
  });
  form.addEventListener('submit', async (event) => {
    const stamp = { at: Date.now(), mono: performance.now() };
    event.preventDefault();
    const clinic = form.elements.clinic.value;
    const pad = lists.get(clinic) ?? await taskList(clinic);
    if (!pad) return note(say('no_pad'));
    const { mode: { value: mode }, subject, day_type: dayType } = form.elements;
    const own = mode === 'self';
    await begin(own ? fewer(pad, tiles.get(clinic)) : pad, {
      mode, subject: own ? null : asCode(subject.value) || null, staff_role: 'MA', day_type: dayType.value,
      consent: own ? null : pad.consent?.version,
    }, stamp);
  });
  find('subjects').addEventListener('click', (event) => {
    const { code } = event.target.dataset;
    if (!code) return;
    form.elements.subject.value = code;
    drawForm(me);
  });
  form.elements.subject.addEventListener('input', () => drawForm(me));
}

export async function showStart(me, resume, tryOut) {
  show('start');
  asked = null;
  const none = me.clinics.length === 0;
  find('start').hidden = none;
  find('open-sessions').hidden = true;
  const wish = location.hash.slice(1);
  history.replaceState(null, '', location.pathname);
  if (none) {
    note(say('no_clinic'));
  } else {
    drawForm(me);
    // all of them: the phone may be without network when the other clinic is visited
    await Promise.all(me.clinics.map(async ({ slug }) => {
      const [pad, chosen] = await Promise.all([taskList(slug), outbox.read(`tiles ${slug}`)]);
      if (pad) lists.set(slug, pad);
      if (!tiles.has(slug)) tiles.set(slug, chosen); // a choice just made is newer
    }));
    note(lists.has(find('start').elements.clinic.value) ? '' : say('no_pad'));
    drawForm(me);
    await showOpen(me);
  }
  // asked for by a link of a page
  if (wish.startsWith('go-on=')) await goOnHere(me, wish.slice(6), resume);
  else if (document.querySelector(`[data-try="${CSS.escape(wish)}"]`)) await tries(me, wish, tryOut);
}

async function tries(me, what, tryOut) {
  const stamp = { at: Date.now(), mono: performance.now() };
  const clinic = find('start').elements.clinic?.value;
  const pad = clinic ? lists.get(clinic) ?? await taskList(clinic) : null;
  if (clinic && !pad) return note(say('no_pad'));
  await tryOut(what, pad, stamp);
}

// --- on more than one device ---

let found = [];

/** What is open on the server, and not ended here with the end still on its way. */
async function showOpen(me) {
  const all = await openSessions(me);
  const here = await Promise.all(all.map(({ id }) => outbox.sessionRow(id)));
  found = all.filter((_one, n) => !here[n]?.ended);
  const list = find('open-sessions');
  list.hidden = !found.length;
  list.replaceChildren(...found.map((one) => make('section', { class: 'note' },
    make('p', {}, make('b', {}, say('open_session', { subject: one.subject ?? say('own_day') })), ' ',
      say('open_since', { begin: moment(one.begin, one.clinic), last: moment(one.end, one.clinic) })),
    make('button', { type: 'button', class: 'big', 'data-go-on': one.id }, say('go_on_here')),
    make('p', { class: 'links' }, make('a', { href: `/sessions/${one.id}/close` }, say('end_afterwards'))))));
}

function moment(at, clinic) {
  const form = { weekday: 'short', hour: 'numeric', minute: '2-digit', timeZone: lists.get(clinic)?.timezone };
  return at ? new Intl.DateTimeFormat(document.documentElement.lang || undefined, form).format(at) : '';
}

async function goOnHere(me, id, resume) {
  const one = found.find((session) => session.id === id);
  try {
    if (one) await takeOver(me.id, one);
    if (!one || !await resume()) note(say('handover_over'));
  } catch {
    note(say('handover_failed'));
  }
}

// --- fewer tiles ---

async function choose(clinic, change) {
  tiles.set(clinic, await outbox.revise(`tiles ${clinic}`, (old) => ({ how: 'all', codes: [], ...old, ...change })));
}

/** The list with only its first screen, or with a first screen of one's own. */
function fewer(pad, { how, codes } = {}) {
  if (how === 'first') return { ...pad, tasks: pad.tasks.filter((task) => task.first) };
  if (how !== 'picked' || !codes.length) return pad;
  return { ...pad, tasks: pad.tasks.map((task) => ({ ...task, first: codes.includes(task.code) })) };
}

function drawTilesChoice(clinic, own) {
  const { how = 'all', codes = [] } = tiles.get(clinic) ?? {};
  const { tiles: choice } = find('start').elements;
  find('fewer').hidden = !own;
  choice.value = how;
  const picks = find('picks');
  picks.hidden = how !== 'picked';
  if (!picks.hidden) {
    picks.replaceChildren(...(lists.get(clinic)?.tasks ?? []).map(({ code, label }) => make('button', {
      type: 'button', class: 'chip', 'data-pick': code, 'aria-pressed': String(codes.includes(code)),
    }, label)));
  }
}

export function note(text) {
  const line = find('start-note');
  line.hidden = !text;
  write(line, text);
}

/** ma-03 and MA-03 are one person. */
const asCode = (typed) => typed.trim().toUpperCase();

function drawForm(me) {
  const { elements } = find('start');
  const clinic = me.clinics.find((one) => one.slug === elements.clinic.value);
  // an assistant's session of anybody else would be refused
  const assists = find('modes').hidden = clinic?.role === 'assistant';
  if (assists) elements.mode.value = 'self';
  const whose = find('whose');
  const own = elements.mode.value === 'self';
  whose.hidden = whose.disabled = own;
  drawTilesChoice(elements.clinic.value, own);
  const of = `${clinic?.slug} ${asCode(elements.subject.value)}`;
  if (asked !== of) elements.consent.checked = false;
  asked = of;
  find('agreement').replaceChildren(...(lists.get(clinic?.slug)?.consent?.text ?? []).map((line) => make('p', {}, line)));
  const known = new Set((lists.get(clinic?.slug)?.subjects ?? []).map(asCode));
  find('subjects').replaceChildren(...[...known].map((one) => make('button', {
    type: 'button', class: 'chip', 'data-code': one, 'aria-pressed': String(one === asCode(elements.subject.value)),
  }, one)));
}

/** The newest task list that this phone can get: from the server, or kept from an earlier time. */
async function taskList(clinic) {
  const kept = await outbox.pad(clinic);
  try {
    const known = kept?.etag ? { 'If-None-Match': kept.etag } : {};
    const { body: pad, headers } = await ask(`clinics/${clinic}/pad`, kept ? 4000 : 20_000, known);
    if (pad.clinic === clinic) {
      await outbox.keepPad({ clinic, etag: headers.get('ETag'), pad });
      return pad;
    }
  } catch { /* nothing newer, offline, or not our server: what is kept will do */ }
  return kept?.pad ?? null;
}

// --- after ---

let session = null;

export function showEnded(ended) {
  session = ended;
  const now = session.look();
  const practice = session.row.mode === 'practice';
  const subject = session.row.header.subject ?? say('own_day');
  write(find('ended'), practice ? say('ended_practice') : say('ended', { subject, watch: watch(now.observedMs) }));
  const flags = find('ended-flags');
  flags.hidden = practice || !now.flags;
  write(flags, sayN('ended_flags', now.flags));
  find('timeline').hidden = find('unend').hidden = practice;
  find('ended-there').hidden = !session.log.findLast(({ kind }) => kind === 'end')?.device;
  drawEnded();
  show('ended');
}

/** Again whenever what waits or was refused has changed. All is well only where the server took every tap. */
export function drawEnded() {
  if (!session) return;
  const { id, mode } = session.row;
  const refused = held.refused.filter((row) => row.session === id);
  const whole = refused.find((row) => row.id === id);
  const line = find('ended-sent');
  line.classList.toggle('note', refused.length > 0);
  write(line, mode === 'practice' ? '' : whole ? say('ended_refused', { why: why(whole) })
    : held.mine ? sayN('ended_waiting', held.mine) : refused.length ? sayN('ended_troubles', refused.length) : say('ended_sent'));
  find('timeline').href = whole ? '/sessions' : `/sessions/${id}/review`;
}
