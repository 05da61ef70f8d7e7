/** The sheet for a task entered afterwards: in which stretch, from when to when, and which task. */
import { find, make, write } from './dom.js';
import { fits, stretches } from './stretches.js';
import { tile } from './tiles.js';
import { hour, say, watch } from './words.js';

const MOST = 30;
const GAP_MS = 30_000;

let offered = [];

/** `look()`: how the session stands, and the names. */
export function readyAfterwards(look) {
  const sheet = find('sheet="afterwards"');
  sheet.addEventListener('change', (event) => {
    const { now, names } = look();
    if (event.target === find('stretches')) fill(offered[event.target.value], names);
    drawSpan(now, names);
  });
}

export function buildAfterwards(names) {
  find('entered').replaceChildren(...names.pad.tasks.map((task) => tile(task, names, 'entered')));
}

/** Begins with the last gap, which is what is mostly filled. */
export function drawAfterwards(now, names) {
  const zone = names.pad.timezone;
  offered = stretches(now).slice(0, MOST);
  const gap = offered.findIndex(({ start, end, task, depth }) => task === null && depth === 0 && end - start >= GAP_MS);
  const list = find('stretches');
  list.replaceChildren(...offered.map(({ start, end, task, trigger }, n) => make('option', { value: n }, say('stretch', {
    from: hour(start, zone), to: hour(end, zone), watch: watch(end - start),
    what: task ? names.task(task) : trigger ? names.trigger(trigger) : say('nothing') }))));
  if (!offered.length) return;
  list.value = String(Math.max(0, gap));
  fill(offered[list.value], names);
  drawSpan(now, names);
}

function fill({ start, end }, { pad: { timezone } }) {
  find('from').value = typed(start, timezone);
  find('to').value = typed(end, timezone);
}

function drawSpan(now, names) {
  const { start, end } = offered[find('stretches').value];
  const zone = names.pad.timezone;
  const span = spanOf(names);
  const fine = span.from < span.to && span.from >= start && span.to <= end;
  write(find('span'), fine ? '' : span.from >= span.to ? say('span_backwards')
    : say('span_within', { from: hour(start, zone), to: hour(end, zone) }));
  for (const field of [find('from'), find('to')]) field.setAttribute('aria-invalid', String(!fine));
  for (const button of find('entered').children) button.disabled = !fits(now, button.dataset.task, span);
}

/** What the sheet says: {from, to, beside}. A field left as it was filled in means the stretch's own edge, to the ms. */
export function spanOf({ pad: { timezone } }) {
  const stretch = offered[find('stretches').value];
  const read = (field, edge) => (field.value === typed(edge, timezone) ? edge : instant(field.value, stretch.start, timezone));
  return {
    from: read(find('from'), stretch.start),
    to: read(find('to'), stretch.end),
    beside: find('sheet="afterwards"').querySelector('[name="beside"]:checked').value === 'yes',
  };
}

/** An hour as a time field holds it, on the clinic's wall. */
function typed(at, timeZone) {
  const form = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone };
  return new Intl.DateTimeFormat('en-GB', form).format(at);
}

/** The first instant from `after` on at which the clinic's clock shows this. NaN for what is no time. */
function instant(text, after, timeZone) {
  const seconds = (clock) => clock.split(':').reduce((sum, part, n) => sum + Number(part) * [3600, 60, 1][n], 0);
  const from = Math.floor(after / 1000) * 1000;
  const ahead = text ? (seconds(text) - seconds(typed(from, timeZone)) + 86_400) % 86_400 : NaN;
  return from + ahead * 1000;
}
