// Makes the voice of this tab do what the queue says, while the queue plays on this device; tells the queue what the voice
// does: that a song is over, and where it really is. Nobody commands it but the queue.
import { batch, effect, signal, untracked } from '@preact/signals-core';
import { notice } from '../parts/notice.js';
import { t } from '../language/language.js';
import { isLive } from '../session/live.js';
import { listen, note } from './away_plays.js';
import { deviceId } from './device/here.js';
import { guide } from './guide.js';
import { manners } from './manners.js';
import { sounding } from './queue/apart.js';
import { act, houseMs, line, seenRev } from './queue/following.js';
import { afterEndOf, begun, currentOf, paused, positionAt, repeated, sought } from './queue/patches.js';
import { gainOf, prepare, soundOf, transitionOf } from './sounds.js';
import * as voice from './voice/voice.js';

// Where it really is shows a little after a sound has begun, and once more when its buffers are full.
const SETTLED_MS = [120, 700];
const FAR_MS = 150, SEEK_TAKES_MS = 90;
const NEAR_MS = 400, CORRECT_MS = 60, CORRECT_EVERY_MS = 900, JUST_BEGUN_MS = 3000, AHEAD_MS = 45000, KEPT = 'tutti.playing', KEPT_FOR_MS = 60000, APART = 'apart:';

// The volume that a slider shows while it is moved, before the queue has it.
export const drawnVolume = signal(null);
// What plays here is told to be over by the sleep timer instead of going on.
export const ending = { atSongEnd: () => false };

// What the voice holds: { itemId, songId, playId, playing, anchor, key }. `playId` null: the house has not named it yet.
let held = null, coming = null, count = 0, corrected = 0;
// The playing that sounded on another device until now, and how long a sound takes here to begin.
let leftBehind = null, takesMs = 250;

export const isHere = () => Boolean(line.value && deviceId.value && line.value.deviceId === deviceId.value && !guide.value);
// Milliseconds into the song as it is heard here; null where nothing is held, and until it sounds.
export const heardMs = () => (held?.isThere && !(held.heldAt && held.playing) ? voice.positionMs() : null);
Object.assign(sounding, { isHere: () => Boolean(held?.playing), positionMs: heardMs });

function follow(queue, here) {
  const item = here ? currentOf(queue) : null;
  if (!here) leftBehind = queue?.anchor.playing ? queue.playId : null;
  if (!item) {
    if (guide.peek()) wait();
    letGo();
    return;
  }
  const isFound = held?.itemId !== item.id && held?.itemId.startsWith(APART) && held.songId === item.songId;
  const same = isFound || (held?.itemId === item.id && (held.playId === queue.playId || !held.playId || !queue.playId));
  if (isFound) held.itemId = item.id;
  if (!same) { begin(item, queue); leftBehind = null; return; }
  const named = held.playId === null && queue.playId;
  held.playId = queue.playId ?? held.playId;
  if (queue.anchor === held.anchor) return;
  const before = held.anchor;
  Object.assign(held, { anchor: queue.anchor, playing: queue.anchor.playing });
  if (!held.isThere) return;
  const wanted = positionAt(queue, houseMs());
  // What has just begun here is right as it is; the house learns of it when it sounds. What does not sound yet is where it was sent.
  const there = held.heldAt && before ? positionAt({ ...queue, anchor: before }, houseMs()) : voice.positionMs() ?? wanted;
  if (!named && before && Math.abs(wanted - there) > NEAR_MS) {
    if (held.playing) held.heldAt = performance.now();
    held.due = null;
    voice.seek(wanted);
  }
  if (held.playing) voice.play(); else voice.pause();
}

// Who goes into a room finds the own queue where they left it: it stands still there, also for the house.
function wait() {
  if (!held?.playing || line.peek()?.deviceId !== deviceId.peek()) return;
  const at = heardMs() ?? held.beganMs ?? held.anchor.positionMs, { itemId } = held;
  batch(() => {
    act('pause', {}, (each) => paused(each, houseMs()), { quiet: true });
    act('seek', { positionMs: at }, (each) => sought(each, houseMs(), at, itemId), { quiet: true });
  });
}

function letGo() {
  if (!held) return;
  note(held, held.sound?.durationMs, false);
  held = coming = null;
  voice.letGo();
}

async function begin(item, queue) {
  if (held && held.itemId !== item.id) note(held, held.sound?.durationMs, false);
  const mine = held = { itemId: item.id, songId: item.songId, playId: queue.playId, anchor: queue.anchor, playing: queue.anchor.playing,
    comesOver: Boolean(leftBehind) && leftBehind === queue.playId, key: coming?.itemId === item.id ? coming.key : `${count += 1}`, isThere: false };
  voice.pause();
  let sound;
  try { sound = await soundOf(item.songId); } catch (error) {
    if (held !== mine) return;
    notice(error.message);
    // Without a network it waits for it; what the house refuses stands still.
    if (error.code === 'UNREACHABLE') onceLive(() => { if (held === mine) begin(item, line.peek()); });
    else act('pause', {}, (each) => paused(each, houseMs()), { quiet: true });
    return;
  }
  if (held !== mine) return;
  if (!sound) { notice(t('frame.not-playable')); over(mine); return; }
  mine.sound = sound;
  mine.isThere = true;
  coming = null;
  if (mine.comesOver && mine.playing) mine.due = { ms: positionAt(line.peek(), houseMs()), at: performance.now() };
  mine.beganMs = beginsAt(mine);
  mine.heldAt = mine.playing ? performance.now() : null;
  voice.hold(voiced(sound, mine.key), { atMs: mine.beganMs, playing: mine.playing });
}

function onceLive(go) {
  const stop = effect(() => { if (isLive.value) setTimeout(() => { stop(); go(); }); });
}

const voiced = (sound, key) => ({ ...sound, durationMs: sound.durationMs || line.peek().items.find((item) => item.songId === sound.songId)?.durationMs || 0, key, gain: gainOf(sound.loudness, { asAlbum: line.peek().context?.kind === 'album' && line.peek().shuffleSeed === null }) });

// What has just begun loses nothing of itself; what sounded on another device until now goes on as if it sounded there.
function beginsAt({ playId, anchor, comesOver }) {
  const kept = lastKept();
  if (kept && kept.playId === playId && anchor.playing) return kept.positionMs;
  if (comesOver && anchor.playing) return positionAt(line.peek(), houseMs()) + takesMs;
  const late = houseMs() - anchor.atMs;
  return anchor.playing && late > JUST_BEGUN_MS ? positionAt(line.peek(), houseMs()) : anchor.positionMs;
}

function lastKept() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    sessionStorage.removeItem(KEPT);
    return kept && Date.now() - kept.at < KEPT_FOR_MS ? kept : null;
  } catch { return null; }
}

function keep() {
  const positionMs = heardMs();
  if (held?.playId && positionMs !== null) sessionStorage.setItem(KEPT, JSON.stringify({ playId: held.playId, positionMs, at: Date.now() }));
}

// What came over from another device and began far from where it should be, because this machine is slow just now, is moved once.
function catchUp() {
  const { due } = held, positionMs = heardMs();
  if (!due || positionMs === null || !held.playing) return;
  held.due = null;
  const wanted = due.ms + (performance.now() - due.at) * manners.peek().rate;
  if (Math.abs(wanted - positionMs) > FAR_MS) voice.seek(wanted + SEEK_TAKES_MS);
}

// Tells the house where the song really is, when that is not where it thinks.
function correct() {
  const queue = line.peek(), positionMs = heardMs();
  if (!queue || positionMs === null || !held.playing || !held.playId || !('baseRev' in seenRev())) return;
  if (Math.abs(positionAt(queue, houseMs()) - positionMs) < (manners.peek().rate === 1 ? CORRECT_MS : 2000)) return;
  corrected = performance.now();
  const { itemId } = held;
  act('seek', { positionMs, ...seenRev() }, (each) => sought(each, houseMs(), heardMs() ?? positionMs, itemId), { quiet: true });
}

// The song is over: on to the next, here at once and in the queue.
function over(one, joined = null) {
  note(one, one.sound?.durationMs, true);
  one.wasApart = false;
  const queue = line.peek(), next = ending.atSongEnd() ? null : joined ?? afterEndOf(queue), { itemId, playId } = one;
  if (joined) held = { ...joined, playId: null, anchor: null, playing: true, isThere: true };
  else if (next && next.id === itemId) { held.playId = null; held.isThere = true; voice.seek(0); voice.play(); }
  const predict = (each) => {
    if (each.currentId !== itemId) return each;
    if (next?.id === itemId || next?.itemId === itemId) return repeated(each, playId, houseMs());
    return next ? begun(each, next.itemId ?? next.id, houseMs()) : paused(each, houseMs());
  };
  act('ended', { itemId, ...(playId ? { playId } : {}) }, predict, { quiet: true });
  if (ending.atSongEnd()) act('pause', {}, (each) => paused(each, houseMs()), { quiet: true });
}

voice.hear({
  started: (key) => {
    if (held?.key === key && held.heldAt && held.playing) takesMs = Math.min(600, (takesMs + performance.now() - held.heldAt) / 2);
    if (held?.key === key) held.heldAt = null;
    for (const wait of SETTLED_MS) setTimeout(() => { if (held?.key === key) { catchUp(); correct(); } }, wait);
  },
  ended: (key) => { if (held?.key === key) over(held); },
  joined: (key, next) => { if (held?.key === key && coming?.key === next) { const to = coming; coming = null; voice.arrived(next); over(held, to); } },
  blocked: () => {
    notice(t('playing.press-play'));
    const { itemId, beganMs } = held, positionMs = heardMs() || beganMs;
    held.heldAt = null;
    batch(() => {
      act('seek', { positionMs }, (each) => sought(each, houseMs(), positionMs, itemId), { quiet: true });
      act('pause', {}, (each) => paused(each, houseMs()), { quiet: true });
    });
  },
  // An address is good for some hours; a fresh one goes on where it stopped. Twice in a row it is the song itself.
  broke: async (key) => {
    if (held?.key !== key) return;
    const mine = held, atMs = heardMs() ?? held.beganMs ?? 0;
    if (mine.failed && performance.now() - mine.failed < 20000) { notice(t('playing.broke-off')); act('pause', {}, (each) => paused(each, houseMs()), { quiet: true }); return; }
    mine.failed = performance.now();
    try {
      const sound = await soundOf(mine.songId, { anew: true });
      if (held !== mine || !sound) return;
      mine.key = `${count += 1}`;
      voice.hold(voiced(sound, mine.key), { atMs, playing: mine.playing });
    } catch (error) { if (held === mine) notice(error.message); }
  },
});

// What comes is fetched before it is needed.
async function lookAhead() {
  const queue = line.peek();
  if (!held?.isThere || !held.playing || !queue) return;
  const left = (held.sound?.durationMs ?? currentOf(queue)?.durationMs ?? 0) - (voice.positionMs() ?? 0);
  const next = ending.atSongEnd() ? null : afterEndOf(queue);
  if (coming && coming.itemId !== next?.id) { coming = null; voice.follow(null); }
  if (!next || next.id === held.itemId || coming) return;
  soundOf(next.songId).catch(() => { /* asked again when it is near */ });
  if (left > AHEAD_MS) return;
  const mine = coming = { itemId: next.id, songId: next.songId, key: `${count += 1}` };
  prepare(next.songId);
  try {
    const [sound, transition] = await Promise.all([soundOf(next.songId), transitionOf(held.songId, next.songId)]);
    if (coming !== mine || !sound) return;
    mine.sound = sound;
    voice.follow(voiced(sound, mine.key), manners.peek().join ? transition : null);
  } catch { if (coming === mine) coming = null; }
}

function tick() {
  if (!held?.isThere) return;
  listen(held, voice.positionMs() ?? 0);
  lookAhead();
  if (performance.now() - corrected > CORRECT_EVERY_MS) correct();
}

// Holds another sound of the same song from where it is: another quality was chosen.
async function holdAnew() {
  if (!held?.isThere) return;
  const mine = held, sound = await soundOf(mine.songId).catch(() => null);
  if (!sound || held !== mine || sound.url === mine.sound?.url) return;
  const atMs = voice.positionMs() ?? 0;
  Object.assign(mine, { sound, key: `${count += 1}` });
  voice.hold(voiced(sound, mine.key), { atMs, playing: mine.playing });
}

export function startConducting() {
  effect(() => {
    const queue = line.value, here = isHere();
    untracked(() => follow(queue, here));
  });
  effect(() => { if (isHere()) voice.loudness((drawnVolume.value ?? line.value.volume) / 100); });
  effect(() => voice.pace(manners.value.rate));
  let { quality } = manners.peek();
  effect(() => { if (manners.value.quality !== quality) { quality = manners.value.quality; holdAnew(); } });
  setInterval(tick, 1000);
  addEventListener('pagehide', keep);
}
