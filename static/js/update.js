/** The service worker: opens the pad without network. A newer one waits until people agree. */

/** `tell(ready)`: whether a newer version waits. */
export async function readyOffline(tell) {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).catch(() => null);
  if (!registration) return;
  const look = () => tell(Boolean(registration.waiting && navigator.serviceWorker.controller));
  const watch = (worker) => worker?.addEventListener('statechange', look);
  watch(registration.installing);
  registration.addEventListener('updatefound', () => watch(registration.installing));
  look();
  for (const button of document.querySelectorAll('[data-update]')) {
    button.addEventListener('click', () => {
      const anew = () => location.reload();
      navigator.serviceWorker.addEventListener('controllerchange', anew);
      // a request that comes while the workers change lets Chromium forget the newer one; opening the page reminds it
      setTimeout(anew, 3000);
      registration.waiting?.postMessage('take-over');
    });
  }
}

/** Lets the worker open the pad even for a login that has run out: a session in hand goes on. */
export async function markSession(open) {
  if (!('caches' in self)) return;
  try {
    const cache = await caches.open('timesink-state');
    await (open ? cache.put('/open-session', new Response('yes')) : cache.delete('/open-session'));
  } catch { /* the phone is full: only a login that has run out would be missed */ }
}
