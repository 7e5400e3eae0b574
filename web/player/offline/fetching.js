// Fetches the bytes of one song of a download: in pieces that are proven as they come, going on where it broke off.
import { dropParts, keepPart, keepSong, partsOf } from './keep.js';

const hexadecimal = (buffer) => Array.from(new Uint8Array(buffer), (each) => each.toString(16).padStart(2, '0')).join('');
const sumOf = async (blob) => hexadecimal(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));

// Cuts what streams in into the item's chunks. Yields { at, blob }.
async function* chunksOf(body, begin, size, chunkBytes) {
  const reader = body.getReader();
  let waiting = [], length = 0, at = begin;
  for (;;) {
    const { done, value } = await reader.read();
    if (value) { waiting.push(value); length += value.length; }
    while (length >= chunkBytes || (done && length > 0)) {
      const whole = new Blob(waiting), blob = whole.slice(0, Math.min(chunkBytes, size - at));
      yield { at, blob };
      at += blob.size;
      const rest = whole.slice(blob.size);
      waiting = rest.size ? [new Uint8Array(await rest.arrayBuffer())] : [];
      length = rest.size;
      if (blob.size === 0) return;
    }
    if (done) return;
  }
}

// The line broke, or what came over it.
class Broken extends Error { isBroken = true; }

// Resolves once the whole song is kept. `moved(bytes)` tells how many are here; `token` is asked for before each request.
// Throws Broken when the line broke (ask again), an Error with `code` for a refusal.
export async function fetchSong(item, licence, { token, moved, abort }) {
  const { size, etag, chunkBytes, chunks } = item;
  const here = await partsOf(etag);
  moved(here.size);
  let got = here.size;
  if (got < size) {
    const headers = { authorization: `Bearer ${token()}`, ...(got ? { range: `bytes=${got}-`, 'if-range': etag } : {}) };
    let answer;
    try { answer = await fetch(item.url, { headers, signal: abort }); } catch (error) { if (error.name === 'AbortError') throw error; throw new Broken(error.message); }
    if (!answer.ok) {
      const { error } = await answer.json().catch(() => ({}));
      if (error?.code === 'RENDITION_CHANGED') await dropParts(etag);
      throw Object.assign(new Error(error?.message ?? `The server answered ${answer.status}.`), { code: error?.code, status: answer.status });
    }
    // The whole instead of the rest: what was here is of another file.
    if (got && answer.status === 200) { await dropParts(etag); got = 0; }
    try {
      for await (const { at, blob } of chunksOf(answer.body, got, size, chunkBytes)) {
        if (await sumOf(blob) !== chunks[at / chunkBytes]) { if (at + blob.size < size && blob.size < chunkBytes) break; throw new Broken('A piece came changed.'); }
        await keepPart(etag, at, blob);
        moved(at + blob.size);
      }
    } catch (error) { if (error.name === 'AbortError' || error instanceof Broken) throw error; throw new Broken(error.message); }
  }
  const whole = await partsOf(etag);
  if (whole.size !== size) throw new Broken('The song is not whole yet.');
  await keepSong(item.songId, new Blob(whole.blobs, { type: item.contentType }), { etag, contentType: item.contentType, until: licence.expiresAt });
  await dropParts(etag);
}
