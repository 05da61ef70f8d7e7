/** Keeps the screen on while a session runs, where the browser can. */

let lock = null;
let wanted = false;

/** `tell(refused)`: whenever the screen has begun to stay on, or may go to sleep. */
export function stayAwake(tell) {
  wanted = true;
  const ask = async () => {
    if (!wanted || document.hidden || (lock && !lock.released)) return;
    try {
      const held = await navigator.wakeLock.request('screen');
      if (!wanted) return held.release();
      lock = held;
      // the system takes it back when the page is hidden (then it is asked for again), and when the battery is low
      held.addEventListener('release', () => { if (wanted && !document.hidden && held === lock) tell(true); });
      tell(false);
    } catch {
      if (wanted) tell(true); // plain http, an old browser, or a low battery
    }
  };
  ask();
  document.onvisibilitychange = ask;
}

export function maySleep() {
  wanted = false;
  lock?.release().catch(() => {});
  lock = null;
}
