// The queue as values (docs/queue.md): what a change makes of it, where its song is, and what one's own operations will
// make of it before the house has answered. Pure. A prediction may be made again on a queue that has it already.

// The queue after a change that the house told.
export function patched(queue, change) {
  const made = { ...queue, rev: change.rev, ...change.set };
  if (change.splice) {
    const { at, remove, insert } = change.splice;
    const known = new Map(queue.items.map((item) => [item.id, item]));
    made.items = [...queue.items];
    made.items.splice(at, remove, ...insert.map((item) => (typeof item === 'string' ? known.get(item) : item)));
  }
  return made;
}

// The queue after an event, or null when one was missed and the whole has to be asked for.
export function after(queue, event) {
  if (event.queue) return event.queue;
  if (!event.changes?.length) return event.rev === queue?.rev ? queue : null;
  if (!queue || event.from > queue.rev) return null;
  const fresh = event.changes.filter((change) => change.rev > queue.rev);
  return fresh.reduce(patched, queue);
}

export const indexOf = (queue, id) => queue.items.findIndex((item) => item.id === id);
export const currentOf = (queue) => queue?.items.find((item) => item.id === queue.currentId) ?? null;

const isHidden = (queue, item) => queue.unavailable?.includes(item.id) || queue.unavailable?.includes(item.songId);

// What comes after what plays and can be heard, as far as it is known here; null at the end.
export function followingOf(queue) {
  const at = indexOf(queue, queue.currentId), rest = queue.items.slice(at + 1).filter((item) => !isHidden(queue, item));
  if (rest.length) return rest[0];
  if (queue.repeat !== 'all') return null;
  return queue.items.find((item) => item.origin !== 'user' && !isHidden(queue, item)) ?? queue.items[0] ?? null;
}

// What begins when the song is over by itself.
export const afterEndOf = (queue) => (queue.repeat === 'one' ? currentOf(queue) : followingOf(queue));

export function previousOf(queue) {
  const earlier = queue.items.slice(0, Math.max(0, indexOf(queue, queue.currentId))).filter((item) => !isHidden(queue, item));
  return earlier.at(-1) ?? null;
}

// Where the song is at a moment of the house's time, in milliseconds, never beyond its end.
export function positionAt(queue, nowMs) {
  const { atMs, positionMs, rate, playing } = queue.anchor;
  const position = playing ? positionMs + Math.max(0, nowMs - atMs) * rate : positionMs;
  const length = currentOf(queue)?.durationMs;
  return length ? Math.min(position, length) : position;
}

const anchored = (queue, nowMs, positionMs, playing = queue.anchor.playing) => ({ ...queue, anchor: { atMs: nowMs, positionMs, rate: 1, playing } });

// `begin` is fresh: the playing has no name until the house gives it one.
export function begun(queue, itemId, nowMs, playing = true) {
  if (queue.currentId === itemId || indexOf(queue, itemId) < 0) return queue;
  return { ...anchored(queue, nowMs, 0, playing), currentId: itemId, playId: null };
}

// A song that begins once more is known by another name of its playing.
export const repeated = (queue, playId, nowMs) => (queue.playId === playId ? { ...anchored(queue, nowMs, 0, true), playId: null } : queue);

export const paused = (queue, nowMs) => (queue.anchor.playing ? anchored(queue, nowMs, positionAt(queue, nowMs), false) : queue);
export const resumed = (queue, nowMs) => (queue.anchor.playing ? queue : anchored(queue, nowMs, queue.anchor.positionMs, true));
export const sought = (queue, nowMs, positionMs, itemId) => (queue.currentId === itemId ? anchored(queue, nowMs, positionMs) : queue);

export function moved(queue, itemId, beforeId) {
  const item = queue.items.find((each) => each.id === itemId);
  if (!item || itemId === beforeId) return queue;
  const others = queue.items.filter((each) => each.id !== itemId);
  const at = beforeId === null ? others.length : others.findIndex((each) => each.id === beforeId);
  if (at < 0) return queue;
  return { ...queue, items: [...others.slice(0, at), item, ...others.slice(at)] };
}

export function removed(queue, itemIds, nowMs) {
  const gone = new Set(itemIds);
  if (!queue.items.some((item) => gone.has(item.id))) return queue;
  let left = queue;
  if (gone.has(queue.currentId)) {
    const next = queue.items.slice(indexOf(queue, queue.currentId) + 1).find((item) => !gone.has(item.id) && !isHidden(queue, item));
    left = { ...anchored(queue, nowMs, 0, Boolean(next) && queue.anchor.playing), currentId: next?.id ?? null, playId: null };
  }
  return { ...left, items: queue.items.filter((item) => !gone.has(item.id)) };
}

export function cleared(queue, all, nowMs) {
  if (all) return { ...anchored(queue, nowMs, 0, false), currentId: null, playId: null, context: null, items: [] };
  return { ...queue, items: queue.items.slice(0, indexOf(queue, queue.currentId) + 1) };
}

// New songs stand where the house will put them, under names of our own until it has.
export function added(queue, songs, next, name) {
  const fresh = songs.map((song, at) => ({ id: `${name}:${at}`, songId: song.id, durationMs: Math.round((song.duration ?? 0) * 1000), origin: 'user', isComing: true }));
  let at = indexOf(queue, queue.currentId) + 1;
  while (!next && queue.items[at]?.origin === 'user') at += 1;
  return { ...queue, items: [...queue.items.slice(0, at), ...fresh, ...queue.items.slice(at)] };
}

// Songs begun without a network: a list of its own, from the song at `position` on.
export function apartQueue(songs, position, name, nowMs) {
  const items = songs.map((song, at) => ({ id: `${name}:${at}`, songId: song.id, durationMs: Math.round((song.duration ?? 0) * 1000), origin: 'context' }));
  return { items, currentId: items[position].id, playId: null, context: null, anchor: { atMs: nowMs, positionMs: 0, rate: 1, playing: true } };
}
