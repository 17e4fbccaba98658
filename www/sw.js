// The service worker: keeps a whole build of the site, so that the page opens and runs without a network.
//
// `cargo xtask stamp` fills in the list of the build's files with their hashes (xtask/src/offline.rs). Another build has another
// list and so another script: the browser notices, keeps that build beside the old one, and it takes over when it is complete and
// the visitor reloads. A page is answered from the build that it belongs to, or by the host: never by a mixture.
//
// Nothing is kept whose hash is not the list's: no error, no page of a captive portal, no file of another build. What is not of
// the list is none of this script's business.

/** Names of files, from the folder of this script, with their SHA-256: `needed` by every visit, `later` at a visitor's wish. */
const { build, needed, later } = {{kept}};

const HERE = registration.scope;
/** How the names of this site's caches begin: on an address that others share, theirs are there, too. */
const OURS = `tenshot ${HERE} `;
const CACHE = OURS + build;
/** What a page asks for long after it was opened, perhaps when another build has taken over. */
const LATE = [`${HERE}assets-`, `${HERE}models/`];

const address = (name) => new URL(name, HERE).href;
const hashes = new Map(Object.entries({ ...needed, ...later }).map(([name, hash]) => [address(name), hash]));

/** Why a file could not be kept: `network`, it did not come; `content`, something else came. All other errors are of the storage. */
class NotTaken extends Error {
  constructor(reason, url) {
    super(url);
    this.reason = reason;
  }
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A copy of an answer, if it is what the build has at that address. */
async function checked(url, response) {
  if (response.status !== 200) throw new NotTaken('network', url);
  const bytes = await response.arrayBuffer().catch(() => Promise.reject(new NotTaken('network', url)));
  if ((await sha256(bytes)) !== hashes.get(url)) throw new NotTaken('content', url);
  // Not the answer itself: one that was redirected may not open a page, and what is kept is no longer compressed.
  const headers = new Headers(response.headers);
  for (const name of ['content-encoding', 'vary']) headers.delete(name);
  headers.set('content-length', bytes.byteLength);
  return new Response(bytes, { headers });
}

const ours = async () => (await caches.keys()).filter((name) => name.startsWith(OURS));

/** What any build has kept of an address. */
async function kept(url) {
  for (const cacheName of await ours()) {
    const copy = await caches.match(url, { cacheName });
    if (copy) return copy;
  }
}

/** A file of this build from another one, from the browser's cache, where a visit has just put it, or past every cache. */
async function taken(url) {
  const ways = [
    () => kept(url),
    () => fetch(url, { cache: 'force-cache' }),
    () => fetch(url, { cache: 'reload' }),
  ];
  let why;
  for (const way of ways) {
    try {
      const response = await way();
      if (response) return await checked(url, response);
    } catch (error) {
      why = error instanceof NotTaken ? error : new NotTaken('network', url);
    }
  }
  throw why;
}

/** Keeps all that every visit needs and that is not kept yet, one after the other, and what else other builds had. */
async function fill() {
  const cache = await caches.open(CACHE);
  const there = new Set((await cache.keys()).map(({ url }) => url));
  for (const url of Object.keys(needed).map(address)) {
    if (!there.has(url)) await cache.put(url, await taken(url));
  }
  for (const url of Object.keys(later).map(address)) {
    const copy = there.has(url) ? undefined : await kept(url);
    if (copy) await cache.put(url, await checked(url, copy));
  }
}

const told = (error, installing) => ({ kind: 'refused', reason: error.reason ?? 'storage', installing });

async function install() {
  // A build that is not to be kept (`cargo xtask serve`, where every change is one) puts an end to what was.
  if (!build) return skipWaiting();
  try {
    await fill();
  } catch (error) {
    // What did come is there for the next attempt; where there is no room it only takes away more.
    if (!(error instanceof NotTaken)) await caches.delete(CACHE).catch(() => {});
    for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage(told(error, true));
    throw error;
  }
}

async function activate() {
  if (!build) {
    await Promise.all((await ours()).map((name) => caches.delete(name)));
    return registration.unregister();
  }
  await clear();
  await clients.claim();
}

/** Forgets other builds. While there are more pages than the one that reloads, the last of them may still ask for its engine. */
async function clear() {
  if (registration.installing || registration.waiting) return;
  const others = (await ours()).filter((name) => name !== CACHE);
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const old = pages.length > 1 ? others.slice(0, -1) : others;
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function keep(url, response) {
  const cache = await caches.open(CACHE);
  await cache.put(url, await checked(url, response));
}

async function answer(event, url) {
  const copy = await (hashes.has(url) ? caches.match(url, { cacheName: CACHE }) : kept(url)).catch(() => undefined);
  if (copy) return copy;
  const response = await fetch(event.request);
  // What is not what it should be, or finds no room, is not kept. The page checks for itself what it is given.
  if (hashes.has(url)) event.waitUntil(keep(url, response.clone()).catch(() => {}));
  return response;
}

/** The address that a request means: the page is the same one with every query. */
function meant({ mode, url }) {
  const { origin, pathname, search } = new URL(url);
  const path = origin + pathname;
  return mode === 'navigate' && [HERE, `${HERE}index.html`].includes(path) ? HERE : path + search;
}

addEventListener('install', (event) => event.waitUntil(install()));
addEventListener('activate', (event) => event.waitUntil(activate()));

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = meant(request);
  const isOurs = hashes.has(url) || LATE.some((beginning) => url.startsWith(beginning));
  if (!build || request.method !== 'GET' || !isOurs) return;
  if (request.cache === 'reload' && request.mode !== 'navigate') {
    // The page did not believe a copy and asks the host. It may have been ours.
    if (hashes.has(url)) event.waitUntil(fetch(url, { cache: 'reload' }).then((fresh) => keep(url, fresh)).catch(() => {}));
    return;
  }
  event.respondWith(answer(event, url));
});

addEventListener('message', (event) => {
  const { data, source } = event;
  if (data?.kind === 'take-over') skipWaiting();
  if (data?.kind !== 'check') return;
  // A page that registers a script which is about to go brings it back.
  if (!build) return event.waitUntil(registration.unregister());
  // A page may ask after another one has let this build take over: then it is of the build before.
  const whole = { kind: hashes.has(data.engine) ? 'kept' : 'waiting' };
  // Browsers may have thrown something away since: it is fetched again.
  const all = fill().then(() => whole, (error) => told(error, false));
  event.waitUntil(all.then((message) => source.postMessage(message)));
});
