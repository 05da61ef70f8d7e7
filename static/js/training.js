/** The training scene: cards over the pad, and afterwards in words how what was tapped compares with the key. */
import { find, make, show, write } from './dom.js';
import { fetchScene, Practice } from './practice.js';
import { score } from './score.js';
import { fill, namesOf, watch } from './words.js';

/** how many times as fast as life; 0: at one's own pace */
const PACES = { own_pace: 0, by_clock: 1, twice: 2 };

class Training extends Practice {
  /** @param {number} speed @param {() => void} again */
  play(scene, speed, again) {
    Object.assign(this, { scene, speed, again, shown: [Date.now()] });
    this.strip = make('section', { class: 'card-strip', 'aria-label': scene.words.title },
      make('small', {}), make('p', { 'aria-live': 'polite' }), make('button', { type: 'button', 'data-next': '' }));
    find('view="session"').before(this.strip);
    document.body.classList.add('training');
    find('next').addEventListener('click', () => this.turn());
    this.draw();
  }

  tell(key, values) {
    return fill(this.scene.words[key], values);
  }

  get card() {
    return this.shown.length - 1;
  }

  get isLast() {
    return this.card === this.scene.cards.length - 1;
  }

  turn() {
    if (this.isLast || this.speed) return this.end?.();
    this.shown.push(Date.now());
    this.draw();
  }

  /** Every second. At speed the cards come by themselves. */
  tick(end) {
    this.end = end;
    const { cards, lasts } = this.scene;
    if (this.speed) {
      while (!this.isLast && this.played() >= cards[this.card + 1].at) {
        this.shown.push(this.shown[0] + cards[this.card + 1].at * 1000 / this.speed);
      }
      if (this.played() >= lasts) return end();
    }
    this.draw();
  }

  /** Seconds of the scene. */
  played() {
    return this.speed ? (Date.now() - this.shown[0]) * this.speed / 1000 : this.scene.cards[this.card].at;
  }

  draw() {
    const [where, text, next] = this.strip.children;
    write(where, this.tell('where', { clock: watch(this.played() * 1000), n: this.card + 1, of: this.scene.cards.length }));
    write(text, this.scene.cards[this.card].text);
    write(next, this.tell(this.isLast || this.speed ? 'finish' : 'next'));
  }

  /** When it has ended, in place of the page after a session. */
  after(toStart) {
    this.strip.remove();
    document.body.classList.remove('training');
    const { tasks, triggers } = this.pad;
    const codes = new Set([...tasks, ...triggers].map(({ code }) => code));
    const found = score(this.scene, this.shown, this.log, (code) => codes.has(code));
    const list = (some) => make('ul', {}, ...some.map((text) => make('li', {}, text)));
    page('scored', this.tell('scored'), [
      list(this.told(found)),
      make('details', {}, make('summary', {}, this.tell('step_by_step')), list(found.pairs.map((pair) => this.pair(pair)))),
      button('again', this.tell('again'), this.again, 'big go'),
      button('to-start', this.tell('back'), toStart),
    ]);
  }

  /** The score in sentences. */
  told(found) {
    const call = (code) => this.called(code);
    const all = (codes) => codes.map(call).join(', ');
    const break_ = (key) => ({ name: call(key.code), clock: watch(key.at) });
    const seconds = (ms) => Math.round(ms / 1000);
    return [
      this.tell('tasks', found.tasks),
      ...found.took.map(({ key, yours, n }) =>
        this.tell(['took', 'took_twice', 'took_often'][Math.min(n, 3) - 1], { key: call(key), yours: call(yours), n })),
      found.missed.length && this.tell('missed', { names: all(found.missed) }),
      found.extra.length && this.tell('extra', { names: all(found.extra) }),
      ...found.asMain.map((code) => this.tell('as_main', { name: call(code) })),
      ...found.asBeside.map((code) => this.tell('as_beside', { name: call(code) })),
      this.tell('breaks', found.breaks),
      ...found.breaksMissed.map((key) => this.tell('break_missed', break_(key))),
      ...found.onlyAsked.map((key) => this.tell('only_asked', break_(key))),
      ...found.switched.map((key) => this.tell('switched', break_(key))),
      ...found.notBack.map((code) => this.tell('not_back', { name: call(code) })),
      found.gaps && this.tell('gaps', {
        half: seconds(found.gaps.half), most: seconds(found.gaps.most), name: call(found.gaps.code) }),
      found.leftOut.length && this.tell('left_out', { names: all(found.leftOut) }),
    ].filter(Boolean);
  }

  pair({ key, yours }) {
    const step = ({ what, code }) => (what === 'task' ? this.called(code) : this.tell(what, { name: this.called(code) }));
    if (!key) return `${step(yours)} – ${this.tell('not_in_key')}`;
    const same = yours && yours.what === key.what && yours.code === key.code;
    const said = same ? this.tell('as_key') : yours ? this.tell('yours', { name: step(yours) }) : this.tell('not_coded');
    return `${watch(key.at)} ${step(key)} – ${said}`;
  }

  called(code) {
    const names = namesOf(this.pad);
    const [task, trigger] = [names.task(code), names.trigger(code)];
    return task !== code ? task : trigger !== code ? trigger : this.scene.names[code] ?? code;
  }
}

export async function train(person, pad, _stamp, enter, toStart) {
  const scene = await fetchScene();
  const { words } = scene;
  const open = () => page('training', words.title, [
    make('p', {}, words.intro),
    ...Object.entries(PACES).map(([name, speed], n) => button(name, words[name], async () => {
      const session = await Training.begun(person, pad ?? scene.pad, { at: Date.now(), mono: performance.now() });
      enter(session);
      session.play(scene, speed, open);
    }, n ? 'big' : 'big go')),
    button('to-start', words.back, toStart),
  ]);
  open();
}

function button(name, text, act, kind = 'big') {
  const made = make('button', { type: 'button', class: kind, [`data-${name.replace('_', '-')}`]: '' }, text);
  made.addEventListener('click', act);
  return made;
}

/** A page of its own, in place of the last one of that name. */
function page(name, title, inside) {
  find(`view="${name}"`)?.remove();
  document.body.append(make('main', { class: 'start', 'data-view': name }, make('h1', { tabindex: -1 }, title), ...inside));
  show(name);
  find(`view="${name}"`).firstChild.focus();
  scrollTo(0, 0);
}
