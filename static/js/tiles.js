/** The task tiles and the trigger chips. They are built once a session and never move; only their looks change. */
import { find, icon, make } from './dom.js';
import { short } from './names.js';
import { say } from './words.js';

/** @param {ReturnType<import('./names.js').names>} names */
export function buildTiles(names) {
  const tiles = names.firstTasks.map((task) => tile(task, names));
  if (tiles.length < names.pad.tasks.length) {
    tiles.push(make('button', { type: 'button', class: 'tile more', 'data-open': 'tasks' },
      icon('dots'), make('span', { class: 'name' }, say('more'))));
  }
  const root = find('tiles');
  root.replaceChildren(...tiles);
  root.classList.toggle('few', tiles.length <= 15);

  const chips = names.firstTriggers.map((trigger) => chip(trigger));
  if (chips.length < names.pad.triggers.length) {
    chips.push(make('button', { type: 'button', class: 'chip', 'data-open': 'triggers' }, say('other')));
  }
  find('triggers').replaceChildren(...chips);
}

/** @param {any} task @param {ReturnType<import('./names.js').names>} names */
export function tile(task, names) {
  const { n } = names.category(task.category);
  return make('button', {
    type: 'button', class: `tile c${n % 7}`, 'data-tap': 'task', 'data-task': task.code, 'aria-pressed': 'false',
    title: task.label,
  }, icon(`k${n % 7}`, 'shape'), task.icon ? icon(task.icon) : '', make('span', { class: 'name' }, short(task)));
}

/** @param {any} trigger */
export function chip(trigger, text = short(trigger)) {
  return make('button', { type: 'button', class: 'chip', 'data-tap': 'trigger', 'data-trigger': trigger.code,
    title: trigger.label }, text);
}

/** @param {ReturnType<import('./session.js').Session['look']>} now @param {boolean} adding */
export function drawTiles(now, adding) {
  const beside = new Set(now.parallel.map((one) => one.task));
  const suspended = new Set(now.stack.map((one) => one.task));
  for (const button of document.querySelectorAll('[data-task]')) {
    const { task } = button.dataset;
    const running = now.open && (task === now.task || beside.has(task));
    button.setAttribute('aria-pressed', String(running));
    button.classList.toggle('beside', beside.has(task));
    button.classList.toggle('suspended', !running && suspended.has(task));
  }
  const trigger = now.stack.at(-1)?.trigger;
  for (const button of document.querySelectorAll('[data-trigger]')) {
    button.classList.toggle('on', button.dataset.trigger === trigger);
  }
  find('tiles').classList.toggle('adding', adding);
}
