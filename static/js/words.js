/** What people read: sentences (translated, in the page itself), numbers, names of codes. */

/** What the page carries in `<script type="application/json" data-NAME>`. */
export function carried(name) {
  return JSON.parse(document.querySelector(`script[data-${name}]`)?.textContent || '{}');
}

const words = globalThis.document ? carried('words') : {};

/** `values` are for the {placeholders}. */
export function say(key, values) {
  return fill(words[key] ?? key, values);
}

export function fill(sentence, values = {}) {
  return sentence.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? '');
}

/** "1 tap", "2 taps": the page has two forms, `key_one` and `key`. */
export function sayN(key, n, values = {}) {
  return say(n === 1 ? `${key}_one` : key, { n, ...values });
}

/** A duration as a stop-watch shows it: 0:07, 12:40, 1:02:05. */
export function watch(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, '0');
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes}:${two(s % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

// making one takes a phone longer than all else that a tap draws
const clocks = new Map();

/** The hour of an instant on the clinic's wall. */
export function hour(at, timeZone, seconds = true) {
  const name = `${timeZone} ${seconds}`;
  if (!clocks.has(name)) {
    const form = { hour: 'numeric', minute: '2-digit', second: seconds ? '2-digit' : undefined, timeZone };
    clocks.set(name, new Intl.DateTimeFormat(document.documentElement.lang || undefined, form));
  }
  return clocks.get(name).format(at);
}

// --- a task list: what its codes are called, and what stands on the first screen ---

const MOST_TILES = 24;
const MOST_BIG_TILES = 12;
const MOST_TRIGGERS = 8;

export const short = (one) => one.short || one.label;

/** `big`: whether tiles are. */
export function namesOf(pad, big) {
  const byCode = (list) => new Map((list ?? []).map((one) => [one.code, one]));
  const [tasks, triggers, counters] = [byCode(pad.tasks), byCode(pad.triggers), byCode(pad.counters)];
  const categories = new Map(pad.categories.map((category, n) => [category.code, { ...category, n }]));
  const label = (map, code) => map.get(code)?.label ?? code;
  return {
    pad,
    task: (code) => label(tasks, code),
    short: (code) => (tasks.has(code) ? short(tasks.get(code)).replace('\n', ' ') : code),
    trigger: (code) => label(triggers, code),
    counter: (code) => label(counters, code),
    category: (code) => categories.get(code) ?? { label: code, n: 5 },
    firstTasks: firsts(pad.tasks, big ? MOST_BIG_TILES : MOST_TILES),
    firstTriggers: firsts(pad.triggers, MOST_TRIGGERS),
  };
}

/** What is marked first, in the list's order; one place stays free for the button that opens all. */
function firsts(list, most) {
  const marked = list.filter((one) => one.first);
  return marked.slice(0, marked.length < list.length ? most - 1 : most);
}
