/**
 * Before and after a session. Before: the form, and the task lists for it, fetched while there is network and kept for
 * when not. After: how much was watched, whether it has all arrived, where to look through it.
 */
import { held } from './badge.js';
import { find, make, show, write } from './dom.js';
import * as outbox from './outbox.js';
import { say, sayN, watch } from './words.js';

const lists = new Map();

/** `begin(pad, header, stamp)` is called for a filled-in form. */
export function readyStart(me, begin) {
  const form = find('start');
  form.addEventListener('change', () => drawForm(me));
  form.addEventListener('submit', async (event) => {
    const stamp = { at: Date.now(), mono: performance.now() };
    event.preventDefault();
    const practice = event.submitter?.name === 'practice';
    const clinic = form.elements.clinic.value;
    const pad = lists.get(clinic) ?? await taskList(clinic);
    if (!pad) return note(say('no_pad'));
    const subject = form.elements.subject.value.trim();
    const mode = practice ? 'practice' : form.elements.mode.value;
    await begin(pad, {
      mode, subject: subject || null, staff_role: 'MA', day_type: form.elements.day_type.value,
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

function drawForm(me) {
  const { elements } = find('start');
  const clinic = me.clinics.find((one) => one.slug === elements.clinic.value);
  const own = clinic?.role === 'assistant';
  find('modes').hidden = !own;
  if (!own) elements.mode.value = 'observed';
  const known = lists.get(clinic?.slug)?.subjects ?? [];
  find('subjects').replaceChildren(...known.map((code) => make('button', {
    type: 'button', class: 'chip', 'data-code': code, 'aria-pressed': String(code === elements.subject.value),
  }, code)));
  elements.subject.required = elements.mode.value !== 'self';
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
  find('timeline').href = `/sessions/${session.row.id}`;
  find('timeline').hidden = find('unend').hidden = practice;
  drawEnded();
  show('ended');
}

/** Again whenever the number that waits has changed. */
export function drawEnded() {
  if (!session) return;
  const practice = session.row.mode === 'practice';
  write(find('ended-sent'), practice ? '' : held.mine ? sayN('ended_waiting', held.mine) : say('ended_sent'));
}
