/**
 * A tap: stamped when the finger comes down, done when it goes up inside the same button. The same button again
 * within 400 ms is a trembling finger. A stamp is {at, mono}: ms since the epoch, ms of this page's monotonic clock.
 */

const BOUNCE_MS = 400;
const WAKE_MS = 300;
const PAIR_MS = 700;

/** When the page came back into view: what hits it in the first moment was meant for something else. */
let awake = -WAKE_MS;

if (globalThis.document) {
  document.addEventListener('visibilitychange', () => { if (!document.hidden) awake = performance.now(); });
}

/** A tap may put another button under the finger before the browser's own click comes, which is not that button's. */
export function guardClicks() {
  let down = null;
  addEventListener('pointerdown', (event) => { down = event.target.closest('button, a'); }, true);
  addEventListener('click', (event) => {
    const button = event.target.closest('button, a');
    if (event.detail === 0 || !button || button === down) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}

/** Calls `act(button, stamp)` for every tap on a `[data-tap]` below `root`. */
export function onTap(root, act) {
  // fingers that are down: two thumbs may tap at once
  const down = new Map();
  const last = new WeakMap();
  let pointerAt = -PAIR_MS;

  function accept(button, stamp) {
    const bounce = Number(button.dataset.bounce ?? BOUNCE_MS);
    if (button.disabled) return;
    if (stamp.mono - (last.get(button) ?? -bounce) < bounce || stamp.mono - awake < WAKE_MS) return;
    last.set(button, stamp.mono);
    act(button, stamp);
  }

  root.addEventListener('pointerdown', (event) => {
    const stamp = { at: Date.now(), mono: performance.now() };
    pointerAt = stamp.mono;
    const button = event.target.closest('[data-tap]');
    if (button && event.button === 0) down.set(event.pointerId, { button, stamp });
  });
  root.addEventListener('pointerup', (event) => {
    pointerAt = performance.now();
    const held = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (held && within(held.button, event)) accept(held.button, held.stamp);
  });
  root.addEventListener('pointercancel', (event) => down.delete(event.pointerId));
  // keyboards, switches and screen readers send a click and no pointer
  root.addEventListener('click', (event) => {
    const stamp = { at: Date.now(), mono: performance.now() };
    if (event.detail !== 0 && stamp.mono - pointerAt < PAIR_MS) return;
    const button = event.target.closest('[data-tap]');
    if (button) accept(button, stamp);
  });
}

function within(button, event) {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const { clientX: x, clientY: y } = event;
  return button.isConnected && x >= left && x <= right && y >= top && y <= bottom;
}
