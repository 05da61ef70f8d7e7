/**
 * The sheet that puts right what was tapped just now: begun earlier, another task, another trigger; and Redo.
 */
import { buildAfterwards, drawAfterwards, readyAfterwards, spanOf } from './afterwards.js';
import { find, make, write } from './dom.js';
import { edgeOf, saysWhat } from './frame.js';
import { earlier, lastEdge, move, tapped, triggered, wasTask, wasTrigger } from './late.js';
import { entry } from './stretches.js';
import { chip, tile } from './tiles.js';
import { redoable } from './undo.js';
import { hour, say, watch } from './words.js';

/** What the buttons of both sheets mean, as in pad.js. */
export const fixGestures = (names) => ({
  earlier: (now, { ms }) => move(now, Number(ms)),
  'was-task': (now, { task }) => wasTask(now, task),
  'was-trigger': (now, { trigger }) => wasTrigger(now, trigger),
  entered: (now, { task }) => entry(now, task, spanOf(names)),
});

export function buildFix(names) {
  buildAfterwards(names);
  const { tasks, triggers } = names.pad;
  const first = new Set(names.firstTasks);
  // what stands on the pad is where the finger expects it
  const inOrder = [...names.firstTasks, ...tasks.filter((task) => !first.has(task))];
  find('was-tasks').replaceChildren(...inOrder.map((task) => tile(task, names, 'was-task')));
  find('was-triggers').replaceChildren(...triggers.map((trigger) => chip(trigger, trigger.label, 'was-trigger')));
}

/** `look()`: how the session stands, and the names. */
export const readyFix = readyAfterwards;

export function drawFix(now, names) {
  drawAfterwards(now, names);
  drawEarlier(now, names);
  const wrong = tapped(now);
  const trigger = triggered(now);
  const tasks = about('task', wrong, names);
  // an interruption without work yet: the trigger is what may be wrong
  tasks[wrong ? 'after' : 'before'](about('trigger', trigger, names));
  for (const button of find('was-triggers').children) {
    button.classList.toggle('on', button.dataset.trigger === trigger?.trigger);
  }
  // on its side the phone has no place for it in the row while that offers to choose
  find('open="stack"', find('sheet="fix"')).hidden = !now.stack.length;
  const back = redoable(now);
  const redo = find('tap="redo"');
  redo.hidden = !back;
  if (back) write(redo, say('redo', { what: saysWhat(back, now.log, names) }));
}

/** The section that says which tap is meant, where one may be wrong. */
function about(what, tap, names) {
  const section = find(`wrong-${what}`);
  section.hidden = !tap;
  if (tap) write(section.firstElementChild, say(`wrong_${what}`, { what: edgeOf(tap, names), hour: hour(tap.since, names.pad.timezone) }));
  return section;
}

function drawEarlier(now, names) {
  const edge = lastEdge(now);
  find('late').hidden = !edge?.floor;
  if (!edge?.floor) return;
  const zone = names.pad.timezone;
  write(find('edge'), say('edge_at', { edge: edgeOf(edge.events.at(-1), names), hour: hour(edge.at, zone) }));
  const steps = earlier(edge);
  find('earlier').replaceChildren(...steps.map(({ ms, at, whole }) => make('button', {
    type: 'button', class: 'step', 'data-tap': 'earlier', 'data-ms': ms,
  }, make('b', {}, whole ? watch(ms) : say('earlier', { n: ms / 60_000 })),
  make('small', {}, hour(at, zone)))));
  const tight = steps.length < 3 || steps.some(({ whole }) => whole);
  const { floor } = edge;
  write(find('floor'), !tight ? '' : say('not_before', {
    edge: edgeOf(floor, names), hour: hour(floor.at, zone) }));
}
