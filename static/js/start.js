/** The form that begins a session. */
import { find, make, show, write } from './dom.js';
import { taskList } from './lists.js';
import { say } from './words.js';

/** @type {Map<string, object>} */
const lists = new Map();

/**
 * @param {{id: string, clinics: {slug: string, role: string}[]}} me
 * @param {(pad: object, header: object, stamp: import('./tap.js').Stamp) => Promise<void>} begin
 */
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

/** @param {{clinics: {slug: string, role: string}[]}} me */
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
