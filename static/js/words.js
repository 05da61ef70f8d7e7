/**
 * The sentences and the forms of numbers that people see. The sentences come translated from the page itself, so
 * there is no second catalogue.
 */

/** @returns {any} what the page carries in `<script type="application/json" data-NAME>` */
export function carried(name) {
  return JSON.parse(document.querySelector(`script[data-${name}]`)?.textContent || '{}');
}

const words = globalThis.document ? carried('words') : {};

/** @param {string} key @param {Record<string, string|number>} [values] for the {placeholders} */
export function say(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? '');
}

/** "1 tap", "2 taps": the page has two forms, `key_one` and `key`. */
export function sayN(key, n, values = {}) {
  return say(n === 1 ? `${key}_one` : key, { n, ...values });
}

/** A duration as a stop-watch shows it: 0:07, 12:40, 1:02:05. @param {number} ms */
export function watch(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, '0');
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes}:${two(s % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

/** The hour of an instant on the clinic's wall. @param {number} at ms @param {string} [timeZone] */
export function hour(at, timeZone, seconds = true) {
  const form = { hour: 'numeric', minute: '2-digit', second: seconds ? '2-digit' : undefined, timeZone };
  return new Intl.DateTimeFormat(document.documentElement.lang || undefined, form).format(at);
}
