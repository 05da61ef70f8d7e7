/** What the sheets hold that open over the pad: all tasks with what they mean, all triggers, the counters, the place. */
import { find, icon, make, write } from './dom.js';
import { chip, tile } from './tiles.js';
import { say } from './words.js';

/** @param {ReturnType<import('./names.js').names>} names built once a session */
export function buildSheets(names) {
  const { pad } = names;
  find('definitions').replaceChildren(...pad.categories.flatMap((category) => {
    const tasks = pad.tasks.filter((task) => task.category === category.code);
    return tasks.length ? [make('h3', {}, category.label), ...tasks.map((task) => definition(task, names))] : [];
  }));
  find('all-triggers').replaceChildren(...pad.triggers.map((trigger) => chip(trigger, trigger.label)));
  find('counters').replaceChildren(...pad.counters.map(counter));
  find('context').replaceChildren(...(pad.dimensions ?? []).filter((one) => one.values?.length).map(dimension));
}

function definition(task, names) {
  return make('div', { class: 'definition', 'data-definition': task.code },
    tile(task, names),
    make('p', {}, make('b', {}, task.label), ` ${task.includes ?? ''} `,
      make('span', { class: 'quiet' }, task.excludes ? say('not_here', { text: task.excludes }) : '')));
}

// a counter is tapped in quick succession: only a trembling finger is held back
const QUICK = { type: 'button', 'data-tap': 'count', 'data-bounce': 120 };

function counter({ code, label }) {
  const id = `counter-${code}`;
  return make('div', { class: 'counter' },
    make('span', { id }, label),
    make('button', { ...QUICK, 'data-counter': code, 'data-n': -1, 'aria-label': `${label} \u22121` }, icon('minus')),
    make('output', { 'data-total': code, 'aria-labelledby': id }, '0'),
    make('button', { ...QUICK, 'data-counter': code, 'data-n': 1, 'aria-label': `${label} +1` }, icon('plus')));
}

function dimension({ code, label, values }) {
  return make('fieldset', {}, make('legend', {}, label), make('div', { class: 'chips' }, ...values.map((value) =>
    make('button', { type: 'button', class: 'chip', 'data-tap': 'context', 'data-dimension': code,
      'data-value': value.code, 'aria-pressed': 'false' }, value.label))));
}

/** @param {any} now */
export function drawSheets(now) {
  for (const output of document.querySelectorAll('[data-total]')) {
    const n = now.counts[output.dataset.total] ?? 0;
    write(output, String(n));
    output.previousElementSibling.disabled = n <= 0;
  }
  for (const button of document.querySelectorAll('[data-dimension]')) {
    const { dimension: code, value } = button.dataset;
    button.setAttribute('aria-pressed', String(now.context[code] === value));
  }
}
