// A voice by the sound engine (`sound/`): decoded samples on the Web Audio clock, joined without a gap. Made when it is first
// needed. The same interface as `elements.js`.
import { createSound } from '../../sound/sound.js';
import { soundOf } from '../sounds.js';

const GESTURE_AFTER_MS = 700;

let hearers = null;
export const hear = (names) => { hearers = names; };

let made = null, fresh = false, volume = 1, rate = 1;

// Addresses are asked for anew whenever bytes are: a ticket is good for some hours only.
async function addressOf({ songId }, { quality, format }) {
  const sound = await soundOf(songId);
  if (!sound) throw new Error('There is no such song.');
  const url = new URL(sound.url, location.origin);
  url.searchParams.set('quality', quality);
  if (format) url.searchParams.set('format', format); else url.searchParams.delete('format');
  return { url: url.pathname + url.search };
}

function engine() {
  if (made) return made;
  made = createSound({ addressOf });
  made.volume = volume;
  made.rate = rate;
  made.on('state', ({ state }) => {
    hearers.stalled(state === 'waiting');
    if (state !== 'playing' || !fresh) return;
    fresh = false;
    hearers.started(made.item?.key);
  });
  made.on('item', ({ item, before, why }) => {
    if (why === 'ended' && before && item && before.key !== item.key) hearers.joined(before.key, item.key);
  });
  made.on('ended', ({ item, why }) => { if (why === 'ended' && item) hearers.ended(item.key); });
  made.on('problem', ({ item }) => { if (item?.key === held) hearers.broke(item.key); });
  made.on('waiting', ({ why }) => {
    // Right after a gesture a browser takes a moment to let the sound out.
    if (why === 'gesture') setTimeout(() => { if (made.waits === 'gesture') hearers.blocked(); }, GESTURE_AFTER_MS);
  });
  return made;
}

let held = null;

const itemOf = ({ key, songId, durationMs, gain, edges }) => ({
  key, songId, durationMs, gainDb: 20 * Math.log10(gain), soundStartMs: edges?.soundStartMs ?? 0, soundEndMs: edges?.soundEndMs ?? null, next: null });

// Within a gesture: lets the browser sound from now on.
export function wake() {
  engine().open();
  made.output?.resume();
}

// `sound` is { key, songId, durationMs, gain, quality, edges }: sounds from `atMs` on, or stands there.
export function hold(sound, { atMs = 0, playing }) {
  const item = itemOf(sound), ready = engine().items[made.index + 1];
  fresh = true;
  held = item.key;
  if (made.quality !== sound.quality) { made.stop(); made.quality = sound.quality; }
  if (playing && atMs === 0 && ready?.key === item.key) made.next();
  else made.line([item], 0, { atMs, play: playing });
}

// What follows, fetched ahead, and how the one is to go over into the other; null for nothing.
export function follow(sound, transition = null) {
  if (!made?.item) return;
  made.item.next = transition;
  made.replaceNext(sound ? [itemOf(sound)] : []);
}

// What follows has become what sounds.
export function arrived(key) { held = key; }

export function play() {
  if (!made?.item) return;
  if (made.state !== 'playing') fresh = true;
  made.play();
}

export const pause = () => made?.pause();

export function seek(ms) {
  if (!made?.item) return;
  fresh = true;
  made.seek(ms);
}

export function letGo() {
  held = null;
  made?.stop();
}

// Milliseconds into what is held; null while it holds nothing.
export const positionMs = () => (made?.item ? made.positionMs() : null);

// `part` from 0 to 1, as a listener means it: loudness is felt by its square. `falling` fades for a sleep timer.
export function loudness(part, falling = 1) {
  volume = part * part * falling;
  if (made) made.volume = volume;
}

export function pace(value) {
  rate = value;
  if (made) made.rate = value;
}
