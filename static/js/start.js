/** Before a session: the form, and task lists kept for when there is no network. After it: what became of it. */
import { held, why } from './badge.js';
import { find, make, show, write } from './dom.js';
import * as outbox from './outbox.js';
import { say, sayN, watch } from './words.js';

const lists = new Map();

/** `begin(pad, header, stamp)` is called for a filled-in form. */
export function readyStart(me, begin) {
  const form = find('start');
  form.addEventListener('change', ({ target }) => {
    const { clinic, mode, subject } = form.elements;
    if (target === clinic) mode.value = 'observed';
    subject.value = asCode(subject.value);
    drawForm(me);
  });
  form.addEventListener('submit', async (event) => {
    const stamp = { at: Date.now(), mono: performance.now() };
    event.preventDefault();
    const practice = event.submitter?.name === 'practice';
    const clinic = form.elements.clinic.value;
    const pad = lists.get(clinic) ?? await taskList(clinic);
    if (!pad) return note(say('no_pad'));
    const { mode: { value: mode }, subject, day_type: dayType } = form.elements;
    await begin(pad, {
      mode: practice ? 'practice' : mode, subject: mode === 'self' ? null : asCode(subject.value) || null,
      staff_role: 'MA', day_type: dayType.value,
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

export async function showStart(me) {
  show('start');
  const none = me.clinics.length === 0;
  find('start').hidden = none;
  if (none) return note(say('no_clinic'));
  drawForm(me);
  // all of them: the phone may be without network when the other clinic is visited
  await Promise.all(me.clinics.map(async ({ slug }) => {
    const pad = await taskList(slug);
    if (pad) lists.set(slug, pad);
  }));
  note(lists.has(find('start').elements.clinic.value) ? '' : say('no_pad'));
  drawForm(me);
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
  whose.hidden = whose.disabled = elements.mode.value === 'self';
  const known = new Set((lists.get(clinic?.slug)?.subjects ?? []).map(asCode));
  find('subjects').replaceChildren(...[...known].map((one) => make('button', {
    type: 'button', class: 'chip', 'data-code': one, 'aria-pressed': String(one === asCode(elements.subject.value)),
  }, one)));
}

/** The newest task list that this phone can get: from the server, or kept from an earlier time. */
async function taskList(clinic) {
  const kept = await outbox.pad(clinic);
  try {
    const response = await fetch(`/api/v1/clinics/${encodeURIComponent(clinic)}/pad`, {
      credentials: 'same-origin', redirect: 'error', cache: 'no-store',
      headers: kept?.etag ? { 'If-None-Match': kept.etag } : {},
      signal: 'timeout' in AbortSignal ? AbortSignal.timeout(kept ? 4000 : 20_000) : undefined,
    });
    if (response.status === 200) {
      const pad = await response.json();
      if (pad.clinic === clinic) {
        await outbox.keepPad({ clinic, etag: response.headers.get('ETag'), pad });
        return pad;
      }
    }
  } catch { /* offline, or not our server: what is kept will do */ }
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
  find('timeline').href = whole ? '/sessions' : `/sessions/${id}`;
}
