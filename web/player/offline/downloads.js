// The downloads of this browser: asked for, brought in step with the house, and fetched one song after the other.
// Pages read `downloads` and call the verbs; what is kept outlives the page, and goes on at the next visit.
import { signal } from '@preact/signals-core';
import { notice } from '../parts/notice.js';
import { ask } from '../session/api.js';
import { person, token } from '../session/session.js';
import { deviceId, deviceName } from './device.js';
import { allDownloads, dropAll, dropDownload, dropItem, fact, isKept, itemsOf, keepCover, keepDownload, keepFact, keepItem, prolong } from './keep.js';
import { online, whenOnline } from './online.js';

// Each: { id, kind, targetId, title, place, coverImage, quality, revision, order, licence, songCount, state } with `here`
// songs that are whole and `bytes` of the one that is coming. `state`: preparing, fetching, here, stopped (with `why`).
export const downloads = signal([]);
// Whether this browser can keep anything: it needs a page that came over https (or from this very machine).
export const canKeep = 'serviceWorker' in navigator && 'caches' in globalThis && Boolean(globalThis.crypto?.subtle);

const SHOWN = 'id kind revision songCount readyCount failedCount state quality album { id slug title coverImage } playlist { id slug name coverImage }';
const REQUEST = `mutation($album: ID, $playlist: ID, $songs: [ID!], $device: ID!, $name: String, $quality: AudioQuality) {
  requestDownload(albumId: $album, playlistId: $playlist, songIds: $songs, deviceId: $device, deviceName: $name, quality: $quality, format: OPUS) { download { ${SHOWN} } } }`;
const SYNC = 'mutation($id: ID!, $revision: Int!) { syncDownload(id: $id, knownRevision: $revision) { download { id } } }';
const ASK_AGAIN_MS = 4000, LONGEST_PAUSE_MS = 60000;
const OVER = new Set(['LICENCE_REVOKED', 'SOURCE_GONE', 'NOT_FOUND']);
// A song whose file became another meanwhile is prepared anew; a house that is busy is asked again.
const LATER = new Set(['NOT_READY', 'RENDITION_CHANGED']), TOO_MANY = 429, BUSY = 500;
const passes = ({ code, status }) => LATER.has(code) || status === TOO_MANY || status >= BUSY;

const put = (download) => { downloads.value = [...downloads.value.filter((one) => one.id !== download.id), download]; };
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
const change = (id, part) => { downloads.value = downloads.value.map((one) => (one.id === id ? { ...one, ...part } : one)); };

// What is written down of a download; how far it is, is counted anew.
const lasting = ({ here, bytes, state, why, ...rest }) => rest;

async function keep(id, part) {
  change(id, part);
  const found = downloads.value.find((one) => one.id === id);
  if (found) await keepDownload(lasting(found));
}

function about(download, songs) {
  const thing = download.album ?? download.playlist;
  const place = download.album ? `/album/${thing.slug}` : download.playlist ? `/playlist/${thing.slug}` : null;
  return { id: download.id, kind: download.kind, targetId: thing?.id ?? songs?.[0], title: thing?.title ?? thing?.name ?? null, place,
    coverImage: thing?.coverImage ?? null, quality: download.quality, songCount: download.songCount };
}

// Keeps an album, a playlist or songs on this browser: `{ album }`, `{ playlist }` or `{ songs: [ids] }`, each by id.
export async function download(what, quality = null) {
  if (!canKeep) throw new Error('This browser keeps nothing here: it needs a secure address (https).');
  await navigator.storage?.persist?.();
  const { requestDownload } = await ask(REQUEST, { ...what, device: deviceId(), name: deviceName(), quality });
  const fresh = { ...about(requestDownload.download, what.songs), revision: 0, order: [], licence: null, here: 0, bytes: 0, state: 'preparing' };
  const known = downloads.value.find((one) => one.id === fresh.id);
  put(known ? { ...known, state: 'preparing', why: null } : fresh);
  await keepDownload(lasting(downloads.value.find((one) => one.id === fresh.id)));
  work(fresh.id);
}

export async function remove(id) {
  working.get(id)?.abort();
  downloads.value = downloads.value.filter((one) => one.id !== id);
  await dropDownload(id);
  await ask('mutation($id: ID!) { revokeDownload(id: $id) { success } }', { id }).catch(() => { /* away: its licence runs out */ });
}

// The songs of a download in their order, as rows show them; those that are not here yet say so.
export async function songsOf(id) {
  const found = downloads.value.find((one) => one.id === id);
  const items = new Map((await itemsOf(id)).map((item) => [item.songId, item]));
  return (found?.order ?? []).map((songId) => items.get(songId)).filter(Boolean).map(({ songId, song, isHere, cover }) => ({
    id: songId, title: song.title, artistCredit: song.artist, album: { title: song.album }, duration: Math.round(song.durationMs / 1000),
    isExplicit: song.isExplicit, coverImage: cover, isHere,
  }));
}

async function fetchJson(path, abort) {
  const answer = await fetch(path, { headers: { authorization: `Bearer ${token()}` }, signal: abort });
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.error?.message ?? `The server answered ${answer.status}.`), { code: body.error?.code, status: answer.status });
  return body;
}

async function keys(abort) {
  const fresh = await fetchJson('/.well-known/jwks.json', abort).catch(() => null);
  if (fresh) await keepFact('keys', fresh);
  return fresh ?? fact('keys');
}

// Brings the list in step: forgets what is gone, writes down what is new.
async function follow(id, abort) {
  const { readManifest } = await import('./manifest.js');
  const { revision, licence: old, order: oldOrder } = downloads.value.find((one) => one.id === id);
  const told = await readManifest((since, after) => fetchJson(`/download/${id}/manifest.json?since=${since}${after ? `&after=${encodeURIComponent(after)}` : ''}`, abort), await keys(abort), revision);
  if (told.isReset) for (const item of await itemsOf(id)) if (!told.items.some((one) => one.songId === item.songId)) await dropItem(item);
  for (const { songId } of told.removed) await dropItem({ downloadId: id, songId });
  for (const item of told.items) {
    const isHere = item.state === 'ready' && await isKept(item.songId, item.etag);
    await keepItem({ ...item, downloadId: id, isHere, cover: item.covers?.[0]?.url ?? null });
  }
  const order = told.order ?? oldOrder;
  if (old?.expiresAt !== told.licence.expiresAt) for (const songId of new Set(order)) await prolong(songId, told.licence.expiresAt);
  await keep(id, { revision: told.revision, order, licence: told.licence, songCount: told.download.songCount });
  return told.download;
}

async function fetchMissing(id, abort) {
  const { fetchSong } = await import('./fetching.js');
  const { licence } = downloads.value.find((one) => one.id === id);
  const items = await itemsOf(id);
  let here = items.filter((item) => item.isHere).length;
  change(id, { here, state: 'fetching' });
  for (const item of items) {
    if (item.isHere || item.state !== 'ready') continue;
    await fetchSong(item, licence, { token, abort, moved: (bytes) => change(id, { bytes: bytes / item.size }) });
    await Promise.all((item.covers ?? []).map(keepPicture));
    await keepItem({ ...item, isHere: true });
    here += 1;
    change(id, { here, bytes: 0 });
  }
}

async function keepPicture({ url }) {
  const answer = await fetch(url).catch(() => null);
  if (answer?.ok) await keepCover(url.split('?')[0], answer);
}

const working = new Map();

// Until everything of a download is here: follow its list, fetch what is ready, wait for what is being prepared.
async function work(id) {
  if (working.has(id)) return;
  const stop = new AbortController();
  working.set(id, stop);
  let wait = 1000;
  try {
    while (!stop.signal.aborted && online.value) {
      try {
        const { readyCount, failedCount, songCount } = await follow(id, stop.signal);
        await fetchMissing(id, stop.signal);
        if (readyCount + failedCount >= songCount) { change(id, { state: 'here', failed: failedCount }); return; }
        change(id, { state: 'preparing' });
        await pause(ASK_AGAIN_MS);
        wait = 1000;
      } catch (error) {
        if (error.name === 'AbortError') return;
        if (OVER.has(error.code)) { await remove(id); notice(error.message); return; }
        if (passes(error)) change(id, { state: 'preparing' });
        else if (error.name === 'QuotaExceededError') { change(id, { state: 'stopped', why: 'There is no room left on this device.' }); return; }
        else if (error.code) { change(id, { state: 'stopped', why: error.message }); return; }
        else if (!error.isBroken && !(error instanceof TypeError)) { change(id, { state: 'stopped', why: error.message }); return; }
        await pause(wait);
        wait = Math.min(LONGEST_PAUSE_MS, wait * 2);
      }
    }
  } finally { working.delete(id); }
}

// Everything in step again, as after a time without a network: renews the licences too.
export async function syncAll() {
  for (const { id, revision } of downloads.value) {
    try { await ask(SYNC, { id, revision }); work(id); } catch (error) {
      if (OVER.has(error.code)) { await dropDownload(id); downloads.value = downloads.value.filter((one) => one.id !== id); } else if (error.code !== 'UNREACHABLE') change(id, { state: 'stopped', why: error.message });
    }
  }
}

const stopAll = () => { for (const stop of working.values()) stop.abort(); downloads.value = []; };

// Who signs out leaves nothing behind: no song, no list, no play.
export async function forgetAll() {
  stopAll();
  await dropAll();
}

// Reads what is kept here. What is kept belongs to whoever it was kept for.
export async function openDownloads() {
  if (!canKeep) return;
  if (!person.value) { stopAll(); return; }
  const owner = await fact('owner');
  if (owner && owner !== person.value.id) await dropAll();
  await keepFact('owner', person.value.id);
  downloads.value = await Promise.all((await allDownloads()).map(async (one) => {
    const here = (await itemsOf(one.id)).filter((item) => item.isHere).length;
    return { ...one, here, bytes: 0, state: here >= one.songCount ? 'here' : 'preparing' };
  }));
  whenOnline(() => { if (downloads.value.length) syncAll(); });
}
