/** Keeps the screen on while a session runs, where the phone lets us. */

let lock = null;
let wanted = false;

/** @param {(refused: boolean) => void} tell */
export function stayAwake(tell) {
  wanted = true;
  const ask = async () => {
    if (!wanted || document.hidden || (lock && !lock.released)) return;
    try {
      lock = await navigator.wakeLock.request('screen');
      tell(false);
    } catch {
      tell(true); // plain http, an old browser, or a low battery
    }
  };
  ask();
  // the lock falls whenever the page is hidden
  document.onvisibilitychange = ask;
}

export function maySleep() {
  wanted = false;
  lock?.release().catch(() => {});
  lock = null;
}
