/** Volumes: one more, one less, or the number itself. */
import { find, icon, make, set, write } from './dom.js';
import { meaning } from './tiles.js';
import { say } from './words.js';

// a counter is tapped in quick succession: only a trembling finger is held back
const QUICK = { type: 'button', 'data-tap': 'count', 'data-bounce': 120 };

/** `type(field, stamp)` is called for a number that was typed. */
export function readyCounters(type) {
  find('counters').addEventListener('change', ({ target }) => {
    const stamp = { at: Date.now(), mono: performance.now() };
    write(find('miscount'), target.checkValidity() ? '' : say('miscount'));
    target.dataset.wanted = target.valueAsNumber;
    type(target, stamp);
  });
}

export function buildCounters(names) {
  write(find('miscount'), '');
  find('counters').replaceChildren(...names.pad.counters.map(({ code, label, includes, excludes }) => {
    const id = `counter-${code}`;
    return make('div', { class: 'counter' },
      make('span', { id }, label),
      includes || excludes ? make('p', {}, ...meaning({ includes, excludes })) : '',
      make('button', { ...QUICK, 'data-counter': code, 'data-n': -1, 'aria-label': `${label} \u22121` }, icon('minus')),
      make('input', { type: 'number', inputmode: 'numeric', min: 0, max: 9999, required: true, 'data-counter': code, 'aria-labelledby': id }),
      make('button', { ...QUICK, 'data-counter': code, 'data-n': 1, 'aria-label': `${label} +1` }, icon('plus')));
  }));
}

export function drawCounters(now) {
  for (const field of find('counters').querySelectorAll('input')) {
    const n = now.counts[field.dataset.counter] ?? 0;
    // a number that is being typed stays
    if (field !== document.activeElement || field.dataset.wanted) field.value = String(n);
    delete field.dataset.wanted;
    set(field.previousElementSibling, 'disabled', n <= 0);
  }
}

/** The counter shows `wanted` from now on. */
export function setCount(now, counter, wanted) {
  const n = wanted - (now.counts[counter] ?? 0);
  return Number.isInteger(n) && n !== 0 && wanted >= 0 && wanted <= 9999 ? [{ kind: 'count', counter, n }] : [];
}
