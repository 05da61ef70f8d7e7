/** What the phone itself can do: a dim room and a buzz (both switches stay on it), and a screen that stays on. */
import { find } from './dom.js';

export const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* holds for this page only */ } },
};

let buzzing = store.get('timesink-buzz') !== 'no';

export function readySettings() {
  const dim = find('dim');
  const buzz = find('buzz');
  const root = document.documentElement;
  dim.checked = root.dataset.theme === 'dim';
  buzz.checked = buzzing;
  dim.addEventListener('change', () => {
    root.dataset.theme = dim.checked ? 'dim' : '';
    store.set('timesink-theme', root.dataset.theme);
  });
  buzz.addEventListener('change', () => {
    buzzing = buzz.checked;
    store.set('timesink-buzz', buzzing ? 'yes' : 'no');
  });
}

/** A bonus where it exists (never on an iPhone): the tile that turns is what counts. */
export function buzz(ms = 12) {
  if (buzzing) navigator.vibrate?.(ms);
}

let lock = null;
let wanted = false;

/** Keeps the screen on while a session runs. `tell(refused)` */
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
