// What is kept in this browser for times without a network: facts in IndexedDB, whole songs and covers in a cache that the
// service worker reads too. All of it belongs to one person; somebody else who signs in here begins with nothing.
import { openDB } from 'idb';

// The service worker names them too.
const SONGS = 'tutti-kept-songs', COVERS = 'tutti-kept-covers';
const songPath = (songId) => `/kept/${songId}`;

let opened = null;
// downloads: by id, what this browser knows of each. items: a song of a download, by [downloadId, songId].
// parts: bytes of songs that are on their way, by [etag, at]. plays: what was heard and is to be reported, by play id.
const base = () => (opened ??= openDB('tutti', 1, {
  upgrade(db) {
    db.createObjectStore('downloads', { keyPath: 'id' });
    db.createObjectStore('items', { keyPath: ['downloadId', 'songId'] });
    db.createObjectStore('parts', { keyPath: ['etag', 'at'] });
    db.createObjectStore('plays', { keyPath: 'playId' });
    db.createObjectStore('facts');
  },
}));

export const fact = async (name) => (await base()).get('facts', name);
export const keepFact = async (name, value) => (await base()).put('facts', value, name);

export const allDownloads = async () => (await base()).getAll('downloads');
export const keepDownload = async (download) => (await base()).put('downloads', download);
export const itemsOf = async (downloadId) => (await base()).getAll('items', IDBKeyRange.bound([downloadId], [downloadId, []]));
export const keepItem = async (item) => (await base()).put('items', item);

async function wantedElsewhere(songId, downloadId) {
  return (await (await base()).getAll('items')).some((item) => item.songId === songId && item.downloadId !== downloadId && item.isHere);
}

// Lets a song of a download go, and its bytes where no other download wants them.
export async function dropItem({ downloadId, songId }) {
  await (await base()).delete('items', [downloadId, songId]);
  if (!await wantedElsewhere(songId, downloadId)) await (await caches.open(SONGS)).delete(songPath(songId));
}

export async function dropDownload(id) {
  for (const item of await itemsOf(id)) await dropItem(item);
  await (await base()).delete('downloads', id);
}

const partsRange = (etag) => IDBKeyRange.bound([etag], [etag, []]);

export const keepPart = async (etag, at, blob) => (await base()).put('parts', { etag, at, blob });

// The bytes of a song that are here, in order from its beginning, as far as there is no gap.
export async function partsOf(etag) {
  const found = [];
  let size = 0;
  for (const { at, blob } of await (await base()).getAll('parts', partsRange(etag))) {
    if (at !== size) break;
    found.push(blob);
    size += blob.size;
  }
  return { blobs: found, size };
}

export const dropParts = async (etag) => (await base()).delete('parts', partsRange(etag));

// A whole song. `until` is when its licence ends: the service worker plays nothing after it.
export async function keepSong(songId, blob, { etag, contentType, until }) {
  const headers = { 'content-type': contentType, 'content-length': String(blob.size), etag, 'x-licence-until': until };
  await (await caches.open(SONGS)).put(songPath(songId), new Response(blob, { headers }));
}

// Says anew how long what is here may be played.
export async function prolong(songId, until) {
  const cache = await caches.open(SONGS), kept = await cache.match(songPath(songId));
  if (!kept) return;
  const headers = new Headers(kept.headers);
  headers.set('x-licence-until', until);
  await cache.put(songPath(songId), new Response(await kept.blob(), { headers }));
}

export const isKept = async (songId, etag) => {
  const kept = await (await caches.open(SONGS)).match(songPath(songId));
  return Boolean(kept) && (!etag || kept.headers.get('etag') === etag);
};

// The download that a song is here by, as proof that it may be played; undefined for none.
export const downloadOf = async (songId) => (await (await base()).getAll('items')).find((item) => item.songId === songId && item.isHere)?.downloadId;

// A picture under the path pages ask for it by.
export const keepCover = async (path, response) => (await caches.open(COVERS)).put(path, response);

export const keepPlay = async (play) => (await base()).put('plays', play);
export const waitingPlays = async (most) => (await base()).getAll('plays', null, most);
export async function dropPlays(ids) {
  const work = (await base()).transaction('plays', 'readwrite');
  await Promise.all([...ids.map((id) => work.store.delete(id)), work.done]);
}

// Everything, as when another person signs in.
export async function dropAll() {
  const db = await base();
  await Promise.all(['downloads', 'items', 'parts', 'plays', 'facts'].map((name) => db.clear(name)));
  await Promise.all([caches.delete(SONGS), caches.delete(COVERS)]);
}

// Bytes used and allowed in this browser for this house, or null where it does not say.
export async function space() {
  const told = await navigator.storage?.estimate?.();
  return told ? { used: told.usage, allowed: told.quota } : null;
}
