/** The sheet of all tasks: first those without a place on the pad, then what each means. Typing finds one of hundreds. */
import { find, make, write } from './dom.js';
import { defined, tile } from './tiles.js';
import { say } from './words.js';

/** [element, what is found by typing] */
let findable = [];
let names = null;

export function buildMore(all) {
  names = all;
  const first = new Set(names.firstTasks);
  findable = [];
  find('other-tasks').replaceChildren(...names.pad.tasks.filter((task) => !first.has(task))
    .map((task) => named(task, tile(task, names))));
  find('definitions').replaceChildren();
}

/** What hundreds of tasks mean is put together only when somebody looks. */
export function readyMore() {
  const definitions = find('definitions');
  if (!definitions.children.length) {
    definitions.append(...names.pad.categories.flatMap((category) => {
      const tasks = names.pad.tasks.filter((task) => task.category === category.code);
      return tasks.length ? [make('section', {}, make('h3', {}, category.label),
        ...tasks.map((task) => named(task, defined(task, names))))] : [];
    }));
    find('search').oninput = search;
  }
  find('search').value = '';
  search();
}

/** Case and accents do not matter: "rontgen" finds Röntgen. */
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

function named(task, element) {
  const said = [task.label, task.short, task.code, task.includes, names.category(task.category).label];
  findable.push([element, plain(said.join(' '))]);
  return element;
}

function search() {
  const wanted = plain(find('search').value).split(/\s+/);
  for (const [element, said] of findable) element.hidden = !wanted.every((word) => said.includes(word));
  const found = findable.filter(([element]) => !element.hidden && element.matches('.definition')).length;
  write(find('found'), wanted[0] ? say('found', { n: found }) : '');
}
