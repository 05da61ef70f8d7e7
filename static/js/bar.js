/** The row under the timer: what just happened, or the way back out of an interruption. It covers no tile. */
import { find, icon, make, write } from './dom.js';
import { say, watch } from './words.js';

/** @param {string} text screen readers say it too */
export function announce(text) {
  write(find('status'), text);
}

/**
 * @param {any} now @param {ReturnType<import('./names.js').names>} names
 * @param {boolean} offer whether the trigger just tapped may still become "only asked" or "both"
 */
export function drawBar(now, names, offer) {
  const bar = find('bar');
  const more = find('open="stack"', bar);
  const deep = now.stack.length;
  bar.classList.toggle('offering', offer);
  find('status').classList.toggle('unseen', deep > 0);
  button('stop').hidden = deep > 0 || !now.task || now.paused;
  button('resume').hidden = deep === 0;
  button('asked').hidden = button('asked-both').hidden = !offer;
  more.hidden = !deep || offer;
  if (!deep) return;
  const { task } = now.suspended.at(-1);
  write(find('resume'), task ? say('resume', { task: names.short(task) }) : say('resume_idle'));
  more.replaceChildren(deep > 1 ? `+${deep - 1}` : icon('dots'));
  tickBar(now, names, 0);
}

function button(name) {
  return document.querySelector(`[data-bar] [data-tap="${name}"]`);
}

/** @param {number} drift ms since `now` was looked at */
export function tickBar(now, names, drift) {
  const inner = now.suspended.at(-1);
  if (!inner) return;
  const away = watch(now.at - inner.since + drift);
  write(find('paused'), say('paused_by', { watch: away, trigger: names.trigger(inner.trigger) }));
}

/** The sheet behind "+1": every level, each with the way back to it. */
export function drawStack(now, names) {
  const rows = now.suspended.map(({ task, trigger, since }, depth) => {
    const says = { watch: watch(now.at - since), trigger: names.trigger(trigger), task: task && names.task(task) };
    return make('button', { type: 'button', class: 'resume', 'data-tap': 'resume-to', 'data-depth': depth },
      icon('corner-up-left'),
      make('span', {},
        make('b', {}, task ? say('resume', says) : say('resume_idle')),
        make('small', {}, say('paused_by', says))));
  });
  find('levels').replaceChildren(...rows.reverse());
  find('inner-stop').hidden = !now.task;
}
