/** What pages ask of the phone they are on: which taps wait there, which session runs. And a link is copied. */
import { find, write } from './dom.js';
import * as outbox from './outbox.js';

const { person } = document.body.dataset;

async function tell() {
  const [{ mine }, running] = await Promise.all([outbox.waiting(person), outbox.openSession(person)]);
  for (const line of document.querySelectorAll('[data-kept]')) {
    line.hidden = !mine;
    write(line, (mine === 1 ? line.dataset.one : line.dataset.kept).replace('{n}', mine));
  }
  const link = find('go-on');
  if (!link) return;
  link.hidden = !running;
  // a phone has one session in hand: that one has the button above
  for (const other of document.querySelectorAll('[data-go-on-here]')) other.hidden = Boolean(running);
  const code = running?.header.subject;
  if (code) write(link, link.dataset.goOn.replace('{code}', code));
}

const again = () => { tell().catch(() => {}); };
outbox.onChange(again);
again();

const copy = find('copied');
copy?.removeAttribute('hidden');
copy?.addEventListener('click', async () => {
  const field = find('link');
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch { // plain http, or not allowed
    if (!document.execCommand('copy')) return;
  }
  write(copy, copy.dataset.copied);
});
