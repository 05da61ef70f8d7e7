/** The line under the top: what is in hand and for how long. */
import { find, write } from './dom.js';
import { hour, say, watch } from './words.js';

/** @param {any} now @param {ReturnType<import('./names.js').names>} names */
export function drawHead(now, names) {
  const head = find('head');
  head.classList.toggle('idle', !now.task);
  head.classList.toggle('broken', !now.task && now.stack.length > 0);
  write(find('label'), label(now, names));
  tickHead(now, names, 0);
}

/** @param {number} drift ms since `now` was looked at */
export function tickHead(now, names, drift) {
  write(find('watch'), watch(elapsed(now) + drift));
  const line = find('sub');
  write(line, sub(now, names, drift));
  line.classList.toggle('beside', now.parallel.length > 0 && !now.paused);
}

function elapsed(now) {
  if (now.paused) return now.at - now.pausedSince;
  return now.task ? now.activeMs : now.at - now.idleSince;
}

function label(now, names) {
  if (now.paused) return say('not_watching');
  if (now.task) return names.task(now.task);
  const inside = now.stack.at(-1);
  return inside ? names.trigger(inside.trigger) : say('nothing');
}

function sub(now, names, drift) {
  if (now.paused) return now.task ? say('held', { task: names.task(now.task) }) : '';
  if (now.parallel.length) {
    return now.parallel.map(({ task, since }) =>
      say('beside', { task: names.short(task), watch: watch(now.at - since + drift) })).join('  ');
  }
  const zone = names.pad.timezone;
  const inside = now.stack.at(-1);
  if (inside && now.task) return say('in', { trigger: names.trigger(inside.trigger), hour: hour(inside.since, zone, false) });
  if (inside) return say('tap_work');
  if (!now.task) return say('tap_task');
  const since = { hour: hour(now.since, zone, false) };
  return now.before
    ? say('before', { ...since, task: names.short(now.before.task), watch: watch(now.before.ms) })
    : say('since', since);
}
