/** All buttons that a task list makes. They are built once a session and never move; only their looks change. */
import { find, icon, make, set } from './dom.js';
import { say, short } from './words.js';

export function buildTiles(names) {
  const tiles = names.firstTasks.map((task) => tile(task, names));
  if (tiles.length < names.pad.tasks.length) {
    tiles.push(make('button', { type: 'button', class: 'tile more', 'data-open': 'tasks', 'data-means': say('means_more') },
      icon('dots'), make('span', { class: 'name' }, say('more'))));
  }
  const root = find('tiles');
  root.replaceChildren(...tiles);
  root.classList.toggle('few', tiles.length <= 15);

  const chips = names.firstTriggers.map((trigger) => chip(trigger));
  if (chips.length < names.pad.triggers.length) {
    chips.push(make('button', { type: 'button', class: 'chip', 'data-open': 'triggers', 'data-means': say('means_other') },
      say('other')));
  }
  find('triggers').replaceChildren(...chips);
}

export function tile(task, names, tap = 'task') {
  const { n, label } = names.category(task.category);
  return make('button', {
    type: 'button', class: `tile c${n % 7}`, 'data-tap': tap, 'data-task': task.code, 'aria-pressed': 'false',
    title: `${task.label} · ${label}`,
  }, icon(`k${n % 7}`, 'shape'), make('span', { class: 'kind', 'aria-hidden': 'true' }, label),
  task.icon ? icon(task.icon) : '', make('span', { class: 'name' }, short(task)));
}

export function chip(trigger, text = short(trigger), tap = 'trigger') {
  return make('button', { type: 'button', class: 'chip', 'data-tap': tap, 'data-trigger': trigger.code,
    title: trigger.label }, text);
}

export function drawTiles(now, adding) {
  const beside = new Set(now.parallel.map((one) => one.task));
  const suspended = new Set(now.stack.map((one) => one.task));
  for (const button of document.querySelectorAll('[data-task]')) {
    const { task } = button.dataset;
    const running = now.open && (task === now.task || beside.has(task));
    set(button, 'ariaPressed', String(running));
    button.classList.toggle('beside', beside.has(task));
    button.classList.toggle('suspended', !running && suspended.has(task));
  }
  const [inner, ...outer] = now.stack.map((one) => one.trigger).reverse();
  for (const button of document.querySelectorAll('[data-trigger]')) {
    const { trigger } = button.dataset;
    button.classList.toggle('on', trigger === inner);
    button.classList.toggle('outer', trigger !== inner && outer.includes(trigger));
  }
  const root = find('tiles');
  root.classList.toggle('adding', adding);
  const inHand = [...beside, now.task].filter(Boolean);
  find('open="tasks"', root)?.classList.toggle('holds', now.open && inHand.some((task) => !find(`task="${task}"`, root)));
}

// --- in the sheets ---

export function buildSheets(names) {
  const { pad } = names;
  find('all-triggers').replaceChildren(...pad.triggers.map((trigger) => chip(trigger, trigger.label)));
  find('all-meanings').replaceChildren(...pad.triggers.map((trigger) =>
    make('p', {}, make('b', {}, trigger.label), ' ', ...meaning(trigger))));
}

/** A task's button beside what it means. */
export function defined(task, names) {
  return make('div', { class: 'definition', 'data-definition': task.code },
    tile(task, names), make('p', {}, make('b', {}, task.label), ' ', ...meaning(task)));
}

/** What something includes and what it does not. */
export function meaning({ includes, excludes }) {
  return [includes || say('not_defined'), ' ', excludes ? make('span', { class: 'quiet' }, say('not_here', { text: excludes })) : ''];
}
