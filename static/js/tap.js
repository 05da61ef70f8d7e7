/**
 * A tap: stamped when the finger comes down, done when it goes up inside the same button. Within 400 ms the same place
 * again is a trembling finger: the same button, or what came to lie where it was. A stamp is {at, mono}: ms since the
 * epoch, ms of this page's monotonic clock.
 */

const BOUNCE_MS = 400;
const WAKE_MS = 300;
const PAIR_MS = 700;

/** When the page came back into view: what hits it in the first moment was meant for something else. */
let awake = -WAKE_MS;
/** the button last touched, where it was, when: the page may change under a finger */
let last = null;

if (globalThis.document) {
  document.addEventListener('visibilitychange', () => { if (!document.hidden) awake = performance.now(); });
}

const touched = (event) => event.target.closest('button, a');

/** A tap may put something else under the finger before the browser's own click comes, which is not meant for that. */
export function guardClicks() {
  let down = null;
  addEventListener('pointerdown', (event) => { down = trembles(event) ? 'nothing' : touched(event); }, true);
  addEventListener('click', (event) => {
    const button = touched(event);
    if (event.detail === 0) return;
    if (button === down) {
      if (button && !('tap' in button.dataset)) remember(button);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}

function remember(button) {
  last = { button, box: button.getBoundingClientRect(), mono: performance.now() };
}

/** Whether a finger comes down again where another button was touched a moment ago. */
function trembles(event) {
  return last && touched(event) !== last.button && performance.now() - last.mono < bounce(last.button)
    && inside(last.box, event.clientX, event.clientY);
}

const bounce = (button) => Number(button.dataset.bounce ?? BOUNCE_MS);

/**
 * Calls `act(button, stamp)` for every tap on a `[data-tap]` below `root`; `ready()` while the finger is still down, for
 * what takes time.
 */
export function onTap(root, act, ready) {
  // fingers that are down: two thumbs may tap at once
  const down = new Map();
  const taken = new WeakMap();
  let pointerAt = -PAIR_MS;

  function accept(button, stamp) {
    if (button.disabled) return;
    if (stamp.mono - (taken.get(button) ?? -BOUNCE_MS) < bounce(button) || stamp.mono - awake < WAKE_MS) return;
    taken.set(button, stamp.mono);
    remember(button);
    if (document.activeElement?.matches('input')) document.activeElement.blur(); // what was typed before it counts before it
    act(button, stamp);
  }

  root.addEventListener('pointerdown', (event) => {
    const stamp = { at: Date.now(), mono: performance.now() };
    pointerAt = stamp.mono;
    const button = event.target.closest('[data-tap]');
    if (!button || event.button !== 0 || trembles(event)) return;
    down.set(event.pointerId, { button, stamp });
    ready();
  });
  root.addEventListener('pointerup', (event) => {
    pointerAt = performance.now();
    const held = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (!held?.button.isConnected) return;
    if (inside(held.button.getBoundingClientRect(), event.clientX, event.clientY)) accept(held.button, held.stamp);
  });
  root.addEventListener('pointercancel', (event) => down.delete(event.pointerId));
  // a touch's mouse events and its click would be reckoned with before the tap is stored and shown
  root.addEventListener('touchend', (event) => {
    if (event.cancelable && event.target.closest('[data-tap]')) event.preventDefault();
  }, { passive: false });
  // keyboards, switches and screen readers send a click and no pointer
  root.addEventListener('click', (event) => {
    const stamp = { at: Date.now(), mono: performance.now() };
    if (event.detail !== 0 && stamp.mono - pointerAt < PAIR_MS) return;
    const button = event.target.closest('[data-tap]');
    if (button) accept(button, stamp);
  });
}

const inside = ({ left, right, top, bottom }, x, y) => x >= left && x <= right && y >= top && y <= bottom;
