/**
 * Opens the pad and the report page without network; taps are carried by relay.js, from the page. The server fills in the placeholders;
 * a new version waits until the people on the page agree.
 */
const VERSION = "__VERSION__";
const ASSETS = ["__ASSETS__"];
const PAD = '/pad';
const REPORT = '/report';
const OFFLINE = '/offline';
const SCENE = '/pad/scene';
const MINE = `timesink-${VERSION}`;
const STATE = 'timesink-state';
const PATIENCE_MS = 3000;
const SOMEBODY_ELSE = '/somebody-else';

/** Pages whose files are newer than this worker's: theirs come from the network, so that versions never mix. */
const newer = new Set();

self.addEventListener('install', (event) => {
  // what the pad sends needs no worker; where one is started for it, Chromium may never let the next one take over
  event.addRoutes?.({ condition: { urlPattern: '/api/*' }, source: 'network' });
  event.waitUntil(install());
});

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
  if (await (await caches.open(MINE)).match(PAD)) await (await caches.open(STATE)).delete(SOMEBODY_ELSE);
  await self.clients.claim();
}

self.addEventListener('message', (event) => {
  if (event.data === 'take-over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === 'POST' && /^\/(sign-|account\/sign-|invitation)/.test(url.pathname)) event.respondWith(signing(request));
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate' && [PAD, REPORT].includes(url.pathname)) event.respondWith(opened(event, url.pathname));
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

/** Somebody signed in or out: the kept pad, which carries a name, is not shown until the new one has come. */
async function signing(request) {
  const answer = await fetch(request);
  const state = await caches.open(STATE);
  if (answer.type === 'opaqueredirect' || answer.redirected) await state.put(SOMEBODY_ELSE, new Response('yes'));
  return answer;
}

/** The network's page if it comes soon, else the kept one. */
async function opened(event, path) {
  const [cache, state] = await Promise.all([caches.open(MINE), caches.open(STATE)]);
  const [kept, theirs] = await Promise.all([cache.match(path), path === PAD && state.match(SOMEBODY_ELSE)]);
  const asked = fetch(event.request);
  if (!kept) return asked.catch(offline);
  if (theirs) return asked.then((fresh) => keep(event, cache, path, kept, fresh), offline);
  const fresh = await Promise.race([asked.catch(() => null), new Promise((late) => { setTimeout(late, PATIENCE_MS); })]);
  if (!fresh || fresh.status >= 500) return kept;
  if (!isPad(fresh)) return (await sessionIsOpen()) ? kept : fresh;
  return keep(event, cache, path, kept, fresh);
}

async function keep(event, cache, path, kept, fresh) {
  if (!isPad(fresh)) return fresh;
  const [html, keptHtml] = await Promise.all([fresh.clone().text(), kept.clone().text()]);
  if (fingerprints(html) !== fingerprints(keptHtml)) {
    newer.add(event.resultingClientId);
    return fresh;
  }
  try {
    await cache.put(path, fresh.clone());
    if (path === PAD) await (await caches.open(STATE)).delete(SOMEBODY_ELSE);
  } catch { /* the phone is full: the page opens all the same */ }
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
