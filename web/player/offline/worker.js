// The service worker: opens the player without a network, plays what is kept, and shows pushed notifications.
// VERSION, FILES (all modules, style sheets and signs of the player) and AREAS (of words) are put before it by the house.
/* global VERSION, FILES, AREAS */
importScripts('/web/push.js');

const SHELL = `tutti-shell-${VERSION}`, WORDS = 'tutti-words', SONGS = 'tutti-kept-songs', COVERS = 'tutti-kept-covers';
const LASTING = new Set([SHELL, WORDS, SONGS, COVERS]);
const ANSWER_WITHIN_MS = 4000;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(['/', ...FILES])));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith('tutti-') && !LASTING.has(name)).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

// The page says which language it speaks: all its words are kept, also those of pages that nobody opened yet.
self.addEventListener('message', (event) => {
  const { language } = event.data ?? {};
  if (!/^[a-z]{2}$/.test(language ?? '')) return;
  event.waitUntil(caches.open(WORDS).then((cache) => cache.addAll(AREAS.map((area) => `/web/player/language/${language}/${area}.json`))).catch(() => { /* away: the next visit */ }));
});

self.addEventListener('fetch', (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate') { if (url.pathname === '/' || !isOutside(url.pathname)) event.respondWith(page(request)); return; }
  if (FILES.includes(url.pathname)) event.respondWith(file(url.pathname, request));
  else if (url.pathname.startsWith('/web/player/language/')) event.respondWith(words(request));
  else if (url.pathname.startsWith('/stream/')) event.respondWith(sound(request, url.pathname.split('/')[2]));
  else if (url.pathname.startsWith('/covers/')) event.respondWith(fetch(request).catch(() => caches.open(COVERS).then((cache) => cache.match(url.pathname))).then((found) => found ?? Response.error()));
});

// Pages that are not the player's go to the house and nowhere else.
const OUTSIDE = ['/admin', '/studio', '/graphql', '/join/', '/share/', '/auth/', '/billing/', '/verify', '/reset', '/email', '/forgot', '/keep', '/unsubscribe/', '/appeal/', '/account-export/',
  '/export/', '/download/', '/playlists/', '/healthz', '/readyz', '/metrics', '/web/', '/stream/', '/hls/', '/covers/', '/lyrics/', '/waveform/', '/.well-known/'];
const isOutside = (path) => OUTSIDE.some((begin) => path === begin || path.startsWith(begin));

const late = () => new Promise((_, fail) => { setTimeout(() => fail(new Error('late')), ANSWER_WITHIN_MS); });

// A page from the house; the kept one where the house does not answer in time.
async function page(request) {
  try {
    return await Promise.race([fetch(request), late()]);
  } catch {
    const kept = await (await caches.open(SHELL)).match('/');
    return kept ?? fetch(request);
  }
}

async function file(path, request) {
  return await (await caches.open(SHELL)).match(path) ?? fetch(request);
}

async function words(request) {
  const cache = await caches.open(WORDS), kept = await cache.match(request.url);
  const fresh = fetch(request).then((answer) => { if (answer.ok) cache.put(request.url, answer.clone()); return answer; });
  if (!kept) return fresh;
  fresh.catch(() => { /* away */ });
  return kept;
}

// From the house while it answers; what is kept otherwise, for as long as its licence says.
async function sound(request, songId) {
  if (navigator.onLine) {
    try { return await fetch(request); } catch (error) { if (request.signal.aborted) throw error; }
  }
  const kept = await (await caches.open(SONGS)).match(`/kept/${songId}`);
  if (!kept) return Response.error();
  if (Date.parse(kept.headers.get('x-licence-until')) < Date.now()) {
    return Response.json({ error: { code: 'LICENCE_EXPIRED', message: 'This download was not renewed for too long: go online once.' } }, { status: 403 });
  }
  return part(await kept.blob(), kept.headers, request.headers.get('range'));
}

// The whole, or the one range that is asked for (RFC 9110, 14).
function part(blob, kept, range) {
  const headers = new Headers({ 'content-type': kept.get('content-type'), etag: kept.get('etag'), 'accept-ranges': 'bytes' });
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === undefined || (first === '' && last === '')) {
    headers.set('content-length', String(blob.size));
    return new Response(blob, { headers });
  }
  const begin = first === '' ? Math.max(0, blob.size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? blob.size - 1 : Math.min(Number(last), blob.size - 1);
  if (begin >= blob.size || end < begin) return new Response(null, { status: 416, headers: { 'content-range': `bytes */${blob.size}` } });
  headers.set('content-range', `bytes ${begin}-${end}/${blob.size}`);
  headers.set('content-length', String(end - begin + 1));
  return new Response(blob.slice(begin, end + 1), { status: 206, headers });
}
