/** What stands around the tiles: over them what is in hand, and what just happened or the way back; below them the dock. */
import { find, hide, icon, make, set, write } from './dom.js';
import { overlong } from './nudge.js';
import { describe, lastTap } from './undo.js';
import { hour, say, watch } from './words.js';

export function drawHead(now, names) {
  const head = find('head');
  head.classList.toggle('idle', !now.task && !alone(now));
  head.classList.toggle('broken', !now.task && now.stack.length > 0);
  write(find('label'), label(now, names));
  tickHead(now, names, 0);
}

/** `drift`: ms since `now` was looked at. */
export function tickHead(now, names, drift) {
  write(find('watch'), watch(elapsed(now) + drift));
  const line = find('sub');
  write(line, sub(now, names, drift));
  find('head').classList.toggle('long', Boolean(overlong(names, now, drift)));
  line.classList.toggle('beside', !now.paused && now.parallel.some((one) => one !== alone(now)));
}

function elapsed(now) {
  if (now.paused) return now.at - now.pausedSince;
  return now.task ? now.activeMs : alone(now)?.activeMs ?? now.at - now.idleSince;
}

/** The second task that Stop ends, where no first one is in hand. */
function alone(now) {
  return now.task || now.stack.length ? undefined : now.parallel.at(-1);
}

function label(now, names) {
  if (now.paused) return say('not_watching');
  const task = now.task ?? alone(now)?.task;
  if (task) return names.task(task);
  const inside = now.stack.at(-1);
  return inside ? names.trigger(inside.trigger) : say('nothing');
}

function sub(now, names, drift) {
  if (now.paused) return now.task ? say('held', { task: names.task(now.task) }) : '';
  if (now.parallel.length) {
    const left = alone(now);
    const others = now.parallel.filter((one) => one !== left).map(({ task, activeMs }) =>
      say('beside', { task: names.short(task), watch: watch(activeMs + drift) }));
    return [...others, ...(left ? [say('goes_on')] : [])].join('  ');
  }
  const long = overlong(names, now, drift);
  if (long) return longer(long);
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

/** The pad's question about a task that runs very long. */
export function longer({ usualMs }) {
  return usualMs ? say('longer', { watch: watch(usualMs) }) : say('still_going');
}

// --- the row under the timer ---

/** Screen readers say it too. */
export function announce(text) {
  write(find('status'), text);
}

/** `made`: what is chosen of the trigger just tapped, as long as it may be chosen otherwise (outcome.js). */
export function drawBar(now, names, made) {
  const bar = find('bar');
  const more = find('open="stack"', bar);
  const deep = now.stack.length;
  bar.classList.toggle('offering', Boolean(made));
  find('status').classList.toggle('unseen', deep > 0 || Boolean(made));
  const left = alone(now);
  hide(button('stop'), deep > 0 || !(now.task || left) || now.paused);
  write(find('stop'), left ? say('did_stop', { task: names.short(left.task) }) : say('stop'));
  hide(button('resume'), !deep);
  hide(button('switched'), !made || made.how === 'interrupt');
  hide(button('asked'), !made || made.how === 'prompt');
  hide(button('asked-both'), !made || made.how === 'parallel_start');
  hide(more, !deep);
  hide(find('open="fix"', bar), now.facts.length < 2); // the begin alone is never put right here
  if (!deep) return;
  const { task } = now.suspended.at(-1);
  write(find('resume'), task ? say('resume', { task: names.short(task) }) : say('resume_idle'));
  more.replaceChildren(deep > 1 ? `+${deep - 1}` : icon('dots'));
  tickBar(now, names, 0);
}

function button(name) {
  return document.querySelector(`[data-bar] [data-tap="${name}"]`);
}

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

/** How often a trigger switched them, only asked, or brought a second task: counted apart. */
export function drawTold({ line, facts }) {
  const told = { switched: line.interruptions.length, asked: line.prompts.length,
    both: facts.filter(({ kind, trigger }) => kind === 'parallel_start' && trigger).length };
  for (const place of document.querySelectorAll('[data-told]')) write(place, say('told', told));
}

// --- the dock ---

/** Undo always says what it would undo. */
export function drawDock(now, names, adding) {
  const last = lastTap(now);
  set(tapButton('undo'), 'disabled', !last);
  write(find('undo'), last ? saysWhat(last, now.log, names) : say('undo_none'));
  set(tapButton('both'), 'ariaPressed', String(adding));
  for (const name of ['pause', 'both']) set(tapButton(name), 'disabled', now.paused);
  const flags = find('flags');
  hide(flags, !now.flags);
  write(flags, String(now.flags));
  hide(find('rest'), !now.paused);
  find('view="session"').classList.toggle('resting', now.paused);
}

function tapButton(name) {
  return document.querySelector(`.dock [data-tap="${name}"]`);
}

/** An edge in words: what began there, or what happened. */
export function edgeOf({ kind, task, trigger }, names) {
  if (kind === 'parallel_stop') return say('did_parallel_stop', { task: names.short(task) });
  return task ? names.short(task) : trigger ? names.trigger(trigger) : say(`edge_${kind}`);
}

/** A tap in words. */
export function saysWhat(tap, log, names) {
  const { key, kind, task, before, trigger, was, counter, ms, n = 0 } = describe(tap, log);
  return say(key, {
    edge: ms === undefined ? '' : edgeOf({ kind, task, trigger }, names),
    task: task ? names.short(task) : say('idle'),
    before: before ? names.short(before) : '',
    trigger: trigger ? names.trigger(trigger) : '',
    was: was ? names.trigger(was) : '',
    counter: counter ? names.counter(counter) : '',
    watch: watch(ms),
    n: n > 0 ? `+${n}` : String(n).replace('-', '\u2212'),
  });
}
