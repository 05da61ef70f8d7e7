/** The report page: minutes, one tap on a tile, saved. From a poster, where nobody is known, or with an account. */
import { reading } from './clock.js';
import { find, make, write } from './dom.js';
import { load, uuid7 } from './ids.js';
import * as outbox from './outbox.js';
import * as relay from './relay.js';

const TREMBLING_MS = 400;
const FRESH_MS = 600_000; // then whoever has the phone next sees nothing of it

const words = JSON.parse(find('words').textContent);
const say = (key, values) => words[key].replace(/{(\w+)}/g, (_all, name) => values[name]);
/** With an account the address names the clinic; a poster is kept under no name. */
const clinic = new URLSearchParams(location.search).get('clinic');
const KEPT = `report-${clinic ?? ''}`;
/** what the server said of this place, as kept: clinic, tiles, consent, person ... and the poster's token */
let here = null;
/** the last report, with what was said of it since */
let last = null;
/** a code that came with the address, out of which it is taken at once, or was typed, until the server has seen it */
let scanned = location.hash.slice(1);
let fault = null;
let sends = false;
let tapped = -TREMBLING_MS;

const SCANNED = 'scanned';
const put = (key, value) => outbox.revise(key, () => value);

/** Shows a sentence where there is one. */
function tell(name, sentence) {
  find(name).hidden = !sentence;
  write(find(name), sentence);
}

// --- where we are ---

/** Asks what can be reported here; a poster's code is exchanged for the right to. What is kept stays if it fails. */
async function enter(token) {
  if (scanned) await put(SCANNED, scanned); // the page may be closed before there is network
  const asked = clinic
    ? fetch(`/api/v1/clinics/${clinic}/reporting`)
    : fetch('/api/v1/posters', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) });
  const answer = await asked.catch(() => null);
  const told = await answer?.json().catch(() => null);
  const found = told?.person && { ...told, token };
  if (found) await put(KEPT, found);
  if (found || (told?.code && answer.status < 429)) await put(SCANNED, scanned = '');
  // what waits for another clinic keeps its owner
  if (found && here && here.person !== found.person) return location.reload();
  tell('problem', found ? '' : told?.detail ?? (scanned ? say(here ? 'scanned' : 'kept_code') : here ? '' : say('no_network')));
  if (found) await settle(found);
  find('code').hidden = Boolean(clinic || here);
  if (sends) relay.hurry();
}

async function settle(found) {
  const buttons = (name, list, key, look) => find(name).replaceChildren(...list.map(({ code, label }) => (
    make('button', { class: look, 'data-say': JSON.stringify({ [key]: code }) }, label))));
  if (JSON.stringify(found) !== JSON.stringify(here)) {
    write(find('where'), [found.name, found.place].filter(Boolean).join(' · '));
    find('board').href = `/clinics/${found.clinic}/board`;
    find('text').replaceChildren(...found.consent.text.map((line) => make('p', {}, line)));
    buttons('tiles', found.tiles, 'stealer', 'big');
    buttons('triggers', found.triggers, 'trigger', 'chip');
  }
  here = found;
  await draw();
}

function met(found) {
  const lost = !fault && /signed_out|forbidden/.test(found);
  fault = found;
  draw();
  if (lost) enter(here.token); // says why, or brings the cookie back
}

// --- what is said ---

const agreement = () => `agreed-${here.person}-${here.clinic}`;

/** A report, or, without a `stealer`, a word about the last one, which can be taken back as long as it is fresh. */
async function tellOf(fields, { wall, mono }) {
  if (fields.stealer && mono - tapped < TREMBLING_MS) return;
  tapped = mono;
  const id = uuid7(wall);
  const item = { type: 'report', id, clinic: here.clinic, at: wall, load, mono, ...fields };
  if (fields.stealer) {
    const { minutes } = find('minutes');
    Object.assign(item, { minutes: Number(minutes.value), place: here.place, consent: here.consent.version });
    find('minutes').reset();
  } else item.amends = last.id;
  await outbox.addItem(here.person, item);
  last = item.amends ? { ...last, ...fields } : item;
  await put(`${KEPT}-last`, last);
  draw();
  relay.soon();
}

/** Nothing can be tapped before its text was agreed to, nor after it changed. */
async function draw() {
  if (!here) return;
  const agreed = await outbox.read(agreement());
  const { mine: n } = await outbox.waiting(here.person);
  const isAgreed = agreed === here.consent.version;
  // unfolded as long as it is to be read; then as people leave it
  if (isAgreed !== find('agree').hidden) find('consent').open = !isAgreed;
  find('consent').hidden = false;
  find('agree').hidden = isAgreed;
  find('ask').hidden = find('board').hidden = !isAgreed;
  const stuck = n && (fault || !navigator.onLine);
  write(find('sending'), say(n ? stuck ? 'waiting' : 'kept' : 'sent', { n }));
  drawAside(await outbox.troubles(here.person));
  const isFresh = last && reading().wall - last.at < FRESH_MS;
  find('saved').hidden = !isFresh;
  if (!isFresh) return;
  write(find('said'), say(last.withdrawn ? 'taken_back' : 'saved', about(last)));
  find('more').hidden = find('undo').hidden = Boolean(last.withdrawn);
  for (const button of find('more').querySelectorAll('button')) {
    const [[name, value]] = Object.entries(JSON.parse(button.dataset.say));
    button.setAttribute('aria-pressed', last[name] === value);
  }
}

const about = ({ stealer, minutes, at }) => ({
  tile: here.tiles.find(({ code }) => code === stealer)?.label ?? '',
  minutes,
  hour: new Date(at).toLocaleTimeString([], { timeStyle: 'short' }),
});

/** What the server has, but could not take as it is. */
function drawAside(rows) {
  const refused = rows.filter(({ body, status }) => body.type === 'report' && status !== 'gone');
  find('aside').hidden = !refused.length;
  find('aside').lastChild.replaceChildren(...refused.map(({ body, detail, code }) => (
    make('li', {}, say('refused', { ...about(body), why: detail ?? code })))));
}

const unsaved = () => tell('problem', say('not_saved'));

document.addEventListener('click', ({ target }) => {
  const now = reading();
  const { say: fields, agree } = target.closest('button')?.dataset ?? {};
  const done = fields ? tellOf(JSON.parse(fields), now) : agree != null && put(agreement(), here.consent.version).then(draw);
  if (done) done.catch(unsaved);
});
find('code').addEventListener('submit', (event) => {
  event.preventDefault();
  scanned = find('code').code.value;
  begin().catch(unsaved);
});
outbox.onChange(draw);
addEventListener('offline', draw);
addEventListener('online', begin);
addEventListener('hashchange', () => location.reload()); // scanned with this very page open

async function begin() {
  const kept = await outbox.read(KEPT);
  scanned ||= (!clinic && await outbox.read(SCANNED)) || '';
  last ??= await outbox.read(`${KEPT}-last`);
  if (kept && !here) await settle(kept);
  const token = scanned || kept?.token;
  if (clinic || token) await enter(token);
  else find('code').hidden = false;
  // only now: with a code that ended in its hand it would only hear so; the poster's phones all have one name
  if (here && !sends) relay.start({ id: here.person, app: '1.0.0', device: clinic ? null : 'poster' }, met, () => {});
  sends = Boolean(here);
}

if (scanned) history.replaceState(null, '', location.pathname);
outbox.tidy(Date.now()).catch(() => {});
begin().catch(unsaved);
navigator.serviceWorker?.register('/sw.js', { updateViaCache: 'none' });
