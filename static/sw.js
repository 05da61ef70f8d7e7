/**
 * Opens the pad without network; taps are carried by relay.js, from the page. The server fills in the placeholders;
 * a new version waits until the people on the page agree.
 */
const VERSION = "__VERSION__";
const ASSETS = ["__ASSETS__"];
const PAD = '/pad';
const OFFLINE = '/offline';
const SCENE = '/pad/scene';
const MINE = `timesink-${VERSION}`;
const STATE = 'timesink-state';
const PATIENCE_MS = 3000;

/** Pages whose files are newer than this worker's: theirs come from the network, so that versions never mix. */
const newer = new Set();

self.addEventListener('install', (event) => event.waitUntil(install()));

async function install() {
  const cache = await caches.open(MINE);
  await cache.addAll(ASSETS.filter((url) => url !== PAD).map((url) => new Request(url, { cache: 'reload' })));
  const page = await fetch(PAD, { cache: 'reload' });
  if (isPad(page)) await cache.put(PAD, page);
}

self.addEventListener('activate', (event) => event.waitUntil(activate()));

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith('timesink-') && name !== MINE && name !== STATE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener('message', (event) => {
  if (event.data === 'take-over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate' && url.pathname === PAD) event.respondWith(pad(event));
  else if (request.mode === 'navigate') event.respondWith(fetch(request).catch(offline));
  else if (url.pathname === SCENE) event.respondWith(fetch(request).catch(() => asset(request)));
  else if (url.pathname.startsWith('/static/') && !newer.has(event.clientId)) event.respondWith(asset(request));
});

async function asset(request) {
  // fingerprints are left aside: in this cache is one version of everything
  const kept = await (await caches.open(MINE)).match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

/** A page of ours that leads to the pad, in place of the browser's own complaint. */
async function offline() {
  return (await (await caches.open(MINE)).match(OFFLINE)) ?? Response.error();
}

/** The network's page if it comes soon, else the kept one. */
async function pad(event) {
  const cache = await caches.open(MINE);
  const kept = await cache.match(PAD);
  const asked = fetch(event.request);
  if (!kept) return asked.catch(offline);
  const fresh = await Promise.race([asked.catch(() => null), later(PATIENCE_MS)]);
  if (!fresh || fresh.status >= 500) return kept;
  if (!isPad(fresh)) return (await sessionIsOpen()) ? kept : fresh;
  const [html, keptHtml] = await Promise.all([fresh.clone().text(), kept.clone().text()]);
  if (fingerprints(html) === fingerprints(keptHtml)) await cache.put(PAD, fresh.clone());
  else newer.add(event.resultingClientId);
  return fresh;
}

/** A sign-in page instead of the pad comes as a redirect. */
function isPad(response) {
  return response.status === 200 && !response.redirected;
}

/** A login that has run out must not take the pad from somebody in the middle of a session (update.js marks it). */
async function sessionIsOpen() {
  return Boolean(await (await caches.open(STATE)).match('/open-session'));
}

function fingerprints(html) {
  return (html.match(/\/static\/[^"]+\?v=\w+/g) ?? []).sort().join();
}

function later(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms, null); });
}
