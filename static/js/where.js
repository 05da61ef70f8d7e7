/** Where, with whom, with what: holds until it is changed. What nobody records here can be put away, list by list. */
import { find, make, set, write } from './dom.js';
import { store } from './phone.js';
import { say } from './words.js';

let key = '';
let away = new Set();
const usable = (pad) => (pad.dimensions ?? []).filter((one) => one.values?.length);

export function readyWhere() {
  find('sheet="context"').addEventListener('click', (event) => {
    const { away: code } = event.target.closest('[data-away]')?.dataset ?? {};
    if (!code) return;
    if (!away.delete(code)) away.add(code);
    store.set(key, JSON.stringify([...away]));
    drawAway();
    find(`away="${code}"`).focus();
  });
}

export function buildWhere({ pad }) {
  key = `timesink-away:${pad.clinic}/${pad.task_list}`;
  away = new Set(JSON.parse(store.get(key) ?? '[]'));
  const dimensions = usable(pad);
  find('context').replaceChildren(...dimensions.map(({ code, label, values }) => make('fieldset', { 'data-dimension-of': code },
    make('legend', {}, label),
    make('div', { class: 'chips' }, ...values.map((value) => make('button', { type: 'button', class: 'chip', 'data-tap': 'context',
      'data-dimension': code, 'data-value': value.code, 'aria-pressed': 'false' }, value.label))),
    make('button', { type: 'button', class: 'link', 'data-away': code, 'data-named': label }))));
  find('open="context"').hidden = !dimensions.length;
  drawAway();
}

function drawAway() {
  for (const group of find('context').children) {
    const button = find('away', group);
    const off = away.has(button.dataset.away);
    group.classList.toggle('away', off);
    write(button, say(off ? 'take_out' : 'put_away', { label: button.dataset.named }));
  }
}

export function drawWhere(now, { pad }) {
  for (const button of document.querySelectorAll('[data-dimension]')) {
    const { dimension: code, value } = button.dataset;
    set(button, 'ariaPressed', String(now.context[code] === value));
  }
  const shown = usable(pad).filter(({ code }) => !away.has(code) && code in now.context)
    .map(({ code, values }) => values.find((one) => one.code === now.context[code])?.label ?? now.context[code]);
  write(find('where'), shown[0] ?? say('where'));
}
