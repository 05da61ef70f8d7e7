/** What stays on this phone, whoever holds it: a dim room, big tiles, the left hand, a buzz. theme.js reads them first. */

const root = globalThis.document?.documentElement;

export const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* holds for this page only */ } },
};

/** `changed()`: after a switch that the pad has to be built anew for. */
export function readySettings(changed) {
  for (const box of document.querySelectorAll('[data-keeps]')) {
    const { keeps, otherwise = '' } = box.dataset;
    box.checked = otherwise ? root.dataset[keeps] !== otherwise : root.dataset[keeps] === box.value;
    box.addEventListener('change', () => {
      root.dataset[keeps] = box.checked ? box.value : otherwise;
      store.set(`timesink-${keeps}`, root.dataset[keeps]);
      if (keeps === 'hand') mirror();
      changed();
    });
  }
  if (root.dataset.hand === 'left') mirror();
}

/** In the page's own order, not only to the eye: keyboards and screen readers go the way that is seen. */
function mirror() {
  for (const row of document.querySelectorAll('[data-mirrors]')) row.append(...[...row.children].reverse());
}

/** Big tiles for gloves and unsteady hands: about 20 mm, so fewer of them. */
export const bigTiles = () => root.dataset.size === 'big';

/** A bonus where it exists (never on an iPhone): the tile that turns is what counts. */
export function buzz(ms = 15) {
  if (root.dataset.buzz !== 'no') navigator.vibrate?.(ms);
}
