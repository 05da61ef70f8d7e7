/** What things mean, without leaving the pad. "?" turns the next touch into a question: it records nothing. */
import { find, icon, make, write } from './dom.js';
import { announce } from './frame.js';
import { chip, defined, meaning } from './tiles.js';
import { say } from './words.js';

/** A question forgotten must not swallow a tap much later. */
const PATIENCE_MS = 20_000;

let asking = null;

export function readyQuestions() {
  find('ask').addEventListener('click', () => turn(!asking));
  // a touch on nothing
  document.addEventListener('click', ({ target }) => { if (asking && !target.closest('button')) turn(false); });
}

function turn(on, over = '') {
  clearTimeout(asking);
  asking = on ? setTimeout(turn, PATIENCE_MS, false, say('ask_over')) : null;
  find('ask').setAttribute('aria-pressed', String(on));
  find('view="session"').classList.toggle('asking', on);
  announce(on ? say('ask') : over);
}

/** Whether this touch was a question; then it has been answered and does nothing else. */
export function answer({ dataset }, names) {
  if (!asking) return false;
  turn(false);
  if (dataset.task || dataset.trigger) explain(dataset, names);
  else show(say('what_it_does'), make('p', {}, dataset.means ?? say('not_defined')));
  return true;
}

/** Opens what a task or a trigger means, with its button to tap. */
export function explain({ task, trigger }, names) {
  const { pad } = names;
  if (task) {
    const one = pad.tasks.find(({ code }) => code === task);
    const { n, label } = names.category(one.category);
    show(one.label, make('p', { class: `meant c${n % 7}` }, icon(`k${n % 7}`, 'shape'), ` ${label}`), defined(one, names));
  } else {
    const one = pad.triggers.find(({ code }) => code === trigger);
    show(one.label, make('p', { class: 'quiet' }, say('interruption')),
      make('div', { class: 'definition' }, chip(one), make('p', {}, ...meaning(one))));
  }
}

function show(title, ...inside) {
  write(find('meaning-title'), title);
  find('meaning').replaceChildren(...inside);
  find('sheet="meaning"').showModal();
}
