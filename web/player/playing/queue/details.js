// What the songs of the queue are called and look like: the queue names them by id, the API is asked for those that are seen.
import { signal } from '@preact/signals-core';
import { ask } from '../../session/api.js';
import { person } from '../../session/session.js';

export const DETAILS = 'id slug title duration isExplicit isLiked artistCredit coverImage artist { slug name } album { id slug title }';
const PAGE = 60, MOST_KEPT = 4000;
const PART = `query($offset: Int!) { queue { items(offset: $offset, limit: ${PAGE}) { id reason song { ${DETAILS} } } } }`;
const ONE = `query($id: ID!) { song(id: $id) { ${DETAILS} } }`;

// Song id to what is known of it; null for one that cannot be heard any more.
const known = signal(new Map());
person.subscribe(() => { known.value = new Map(); });
const asked = new Set();

export const detailsOf = (songId) => known.value.get(songId);

// Remembers songs that a page has already; those with less than a row knows change nothing.
export function learn(songs) {
  const fresh = songs.filter((song) => song?.title && song.artistCredit && !known.peek().has(song.id));
  if (fresh.length) put(fresh.map((song) => [song.id, song]));
}

function put(pairs) {
  const all = new Map(known.peek());
  if (all.size + pairs.length > MOST_KEPT) all.clear();
  for (const [id, song] of pairs) all.set(id, song);
  known.value = all;
}

// Asks for the details of one song, once.
export async function needOne(songId) {
  if (known.peek().has(songId) || asked.has(songId)) return;
  asked.add(songId);
  try {
    const { song } = await ask(ONE, { id: songId });
    put([[songId, song]]);
  } catch { /* asked again when it is needed again */ } finally { asked.delete(songId); }
}

// Asks for those of the queue's items from one place to another that are not known yet.
export function need(items, from, to) {
  for (let page = Math.floor(Math.max(0, from) / PAGE); page * PAGE < Math.min(to, items.length); page += 1) {
    const part = items.slice(page * PAGE, (page + 1) * PAGE);
    const lacking = part.filter((item) => !item.isComing && !known.peek().has(item.songId));
    const mark = `${page}:${lacking[0]?.id}:${lacking.length}`;
    if (!lacking.length || asked.has(mark)) continue;
    asked.add(mark);
    ask(PART, { offset: page * PAGE }).then(({ queue }) => {
      put(queue.items.filter((item) => item.song).map((item) => [item.song.id, item.song]));
      // What the page did not have, because the queue had moved on, is asked for by itself.
      for (const item of lacking.slice(0, 5)) needOne(item.songId);
    }).catch(() => {}).finally(() => setTimeout(() => asked.delete(mark), 5000));
  }
}
