/** The row at the bottom. Undo always says what it would undo. */
import { find, write } from './dom.js';
import { describe, undoable } from './gestures.js';
import { say } from './words.js';

/** @param {any} now @param {object[]} log @param {ReturnType<import('./names.js').names>} names @param {boolean} adding */
export function drawDock(now, log, names, adding) {
  const last = undoable(log);
  tapButton('undo').disabled = !last;
  write(find('undo'), last ? saysWhat(last, log, names) : say('undo_none'));
  tapButton('both').setAttribute('aria-pressed', String(adding));
  tapButton('pause').disabled = tapButton('both').disabled = now.paused;
  const flags = find('flags');
  flags.hidden = !now.flags;
  write(flags, String(now.flags));
  find('rest').hidden = !now.paused;
  find('view="session"').classList.toggle('resting', now.paused);
}

function tapButton(name) {
  return document.querySelector(`.dock [data-tap="${name}"]`);
}

/** A tap in words. */
export function saysWhat(event, log, names) {
  const { key, task, before, trigger, counter, n = 0 } = describe(event, log);
  return say(key, {
    task: task ? names.short(task) : say('idle'),
    before: before ? names.short(before) : '',
    trigger: trigger ? names.trigger(trigger) : '',
    counter: counter ? names.counter(counter) : '',
    n: n > 0 ? `+${n}` : String(n).replace('-', '\u2212'),
  });
}
