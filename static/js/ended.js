/** After the end: how much was watched, whether it has all arrived, and where to look through it. */
import { held } from './badge.js';
import { find, show, write } from './dom.js';
import { say, sayN, watch } from './words.js';

/** @type {import('./session.js').Session|null} */
let session = null;

/** @param {import('./session.js').Session} ended */
export function showEnded(ended) {
  session = ended;
  const now = session.look();
  const practice = session.row.mode === 'practice';
  const subject = session.row.header.subject ?? say('own_day');
  write(find('ended'), practice ? say('ended_practice') : say('ended', { subject, watch: watch(now.observedMs) }));
  const flags = find('ended-flags');
  flags.hidden = practice || !now.flags;
  write(flags, sayN('ended_flags', now.flags));
  find('timeline').href = `/sessions/${session.row.id}`;
  find('timeline').hidden = find('unend').hidden = practice;
  drawEnded();
  show('ended');
}

/** Again whenever the number that waits has changed. */
export function drawEnded() {
  if (!session) return;
  const practice = session.row.mode === 'practice';
  write(find('ended-sent'), practice ? '' : held.mine ? sayN('ended_waiting', held.mine) : say('ended_sent'));
}
