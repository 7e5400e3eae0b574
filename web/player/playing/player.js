// What plays: the song, whether it sounds, the queue, and what can be told to the player. Pages read the signals and call
// the verbs; all of it is the server's queue, seen from here (docs/queue.md).
import { batch, computed, effect, signal, untracked } from '@preact/signals-core';
import { t } from '../language/language.js';
import { goTo } from '../parts/go_to.js';
import { notice } from '../parts/notice.js';
import { isLive, keepOpen, soonLive } from '../session/live.js';
import { person } from '../session/session.js';
import { drawnVolume, heardMs, isHere, startConducting } from './conductor.js';
import { deviceOf, startDevices } from './device/devices.js';
import { deviceId, introduction, settled } from './device/here.js';
import { guide } from './guide.js';
import { choose, manners } from './manners.js';
import { detailsOf, learn, need, needOne } from './queue/details.js';
import { act, houseMs, line, seenRev, startFollowing } from './queue/following.js';
import { added, apartQueue, begun, cleared, currentOf, followingOf, moved, paused, positionAt, previousOf, removed, resumed, sought } from './queue/patches.js';
import { soundOf } from './sounds.js';
import { wake } from './voice/voice.js';

const AT_ONCE = 500, AGAIN_MS = 3000, NEAR = 8;
const KINDS = ['ALBUM', 'PLAYLIST', 'ARTIST', 'RADIO'];

// The song that plays or is paused (as `ROW` has it), or null.
export const song = signal(null);
// Whether it plays, here or on another device.
export const playing = computed(() => Boolean(line.value?.currentId && line.value.anchor.playing && !guide.value));
// Whether it plays, or would, on another device that is there.
export const elsewhere = computed(() => {
  const id = line.value?.deviceId;
  return id && id !== deviceId.value ? deviceOf(id) : null;
});
// The songs of the queue from the one that plays on, as far as they are known: { id, title, …, itemId, origin, reason }.
export const queue = computed(() => {
  if (!line.value) return [];
  const at = line.value.items.findIndex((item) => item.id === line.value.currentId);
  return line.value.items.slice(Math.max(0, at)).map(({ id: itemId, songId, origin, reason }) => ({ ...detailsOf(songId), id: songId, itemId, origin, reason }));
});
// What the songs come from ({ kind, id, name }), how they are repeated (off, all, one), and the rest of the queue's settings.
export const context = computed(() => line.value?.context ?? null);
export const repeat = computed(() => line.value?.repeat ?? 'off');
export const shuffled = computed(() => (line.value?.shuffleSeed ?? null) !== null);
export const autoplay = computed(() => line.value?.autoplay ?? true);
export const volume = computed(() => drawnVolume.value ?? line.value?.volume ?? 70);

// Milliseconds into the song now, as it is heard here or as the house tells of another device; and how long it is.
export const positionMs = () => heardMs() ?? (line.peek() ? positionAt(line.peek(), houseMs()) : 0);
export const durationMs = () => currentOf(line.peek())?.durationMs || (song.peek()?.duration ?? 0) * 1000;

// Somebody who is not signed in is led to where they can.
function mayListen() {
  if (person.value) return true;
  notice(t('frame.sign-in-to-listen'), [t('frame.sign-in'), () => goTo(`/welcome?to=${encodeURIComponent(location.pathname + location.search)}`)]);
  return false;
}

// Where nothing plays on another device, it will play here.
function bringHere(members = {}, predict = (each) => each) {
  if (isHere() || (elsewhere.peek()?.online && playing.peek())) return false;
  act('transfer', { deviceId: deviceId.peek(), ...members }, (each) => predict({ ...each, deviceId: deviceId.peek() }));
  return true;
}

async function start(op, wanted, songs = null) {
  if (!mayListen()) return;
  wake();
  if (wanted) soundOf(wanted).catch(() => { /* told when it is to begin */ });
  await Promise.all([settled, soonLive()]);
  if (!isLive.peek()) { startApart(op, songs); return; }
  bringHere();
  const answer = await act('play', op);
  if (answer?.skipped?.length) notice(t('playing.left-out', { n: answer.skipped.length }));
  // A list that stands in another order on the page than in the house begins with the song that was meant all the same.
  if (!answer || !wanted || !line.peek() || currentOf(line.peek())?.songId === wanted) return;
  const meant = line.peek().items.find((item) => item.songId === wanted);
  if (meant) jump(meant.id);
}

// Without a network songs that a page has in its hands are played from what is kept here.
function startApart(op, songs) {
  if (!songs) { notice(t('playing.queue-away')); return; }
  act('play', op, (each) => ({ ...each, ...apartQueue(songs, op.position, `apart:${houseMs()}`, houseMs()), deviceId: deviceId.peek() }));
}

// Plays these songs from the one at `index`; `from` is { kind, id } of what they are, if they are something.
export function playSongs(songs, index = 0, from = null) {
  const wanted = songs[index];
  if (!wanted) return undefined;
  if (guide.peek()) return guide.peek().add([wanted.id]);
  learn(songs);
  if (from && KINDS.includes(from.kind)) return start({ kind: from.kind.toLowerCase(), contextId: from.id, position: index }, wanted.id, songs);
  const first = Math.max(0, Math.min(index, songs.length - AT_ONCE));
  const part = songs.slice(first, first + AT_ONCE);
  return start({ kind: 'songs', songIds: part.map(({ id }) => id), position: index - first }, wanted.id, part);
}

// Plays all of an album, an artist, a playlist or a station: `kind` as in the API's QueueContextKind.
export const playContext = (kind, id, { shuffle = false } = {}) => (guide.peek() ? notice(t('playing.in-a-room')) : start({ kind: kind.toLowerCase(), contextId: id, shuffle }));

export function toggle() {
  if (guide.peek()) { guide.peek().toggle(); return; }
  if (!mayListen()) return;
  wake();
  if (playing.peek()) { pause(); return; }
  if (!currentOf(line.peek())) return;
  const resume = (each) => resumed(each, houseMs());
  if (!bringHere({ playing: true }, resume)) act('resume', {}, resume);
}

export function pause() {
  if (!playing.peek()) return;
  // Where it stood when it fell silent, to the millisecond; the house can only reckon.
  const at = heardMs(), { currentId } = line.peek();
  batch(() => {
    act('pause', {}, (each) => paused(each, houseMs()));
    if (at !== null) act('seek', { positionMs: at }, (each) => sought(each, houseMs(), at, currentId), { quiet: true });
  });
}

export function next() {
  if (guide.peek()) { guide.peek().next(); return; }
  if (!line.peek()) return;
  const to = followingOf(line.peek());
  act('next', seenRev(), (each) => (to ? begun(each, to.id, houseMs()) : each));
}

export function previous() {
  if (guide.peek()) { guide.peek().seek(0); return; }
  if (!line.peek()) return;
  const to = previousOf(line.peek());
  if (positionMs() > AGAIN_MS || !to) seek(0);
  else jump(to.id);
}

export const jump = (itemId) => { wake(); bringHere(); return act('jump', { itemId }, (each) => begun(each, itemId, houseMs())); };

export function seek(ms) {
  if (guide.peek()) return;
  const current = line.peek()?.currentId, to = Math.max(0, Math.min(ms, durationMs()));
  if (current) act('seek', { positionMs: to, ...seenRev() }, (each) => sought(each, houseMs(), to, current));
}

function add(ids, isNext) {
  if (!mayListen() || !ids.length) return;
  if (guide.peek()) { guide.peek().add(ids); return; }
  const songs = ids.map((id) => detailsOf(id) ?? { id }), name = `new-${houseMs()}`;
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const part = songs.slice(at, at + AT_ONCE);
    act('add', { songIds: part.map(({ id }) => id), next: isNext }, (each) => added(each, part, isNext, `${name}-${at}`), { stands: false })
      .then((answer) => answer && notice(t(isNext ? 'playing.plays-next' : 'playing.queued', { n: part.length - (answer.skipped?.length ?? 0) })));
  }
}

export const playNext = (ids) => add(ids, true);
export const addToQueue = (ids) => add(ids, false);
export const moveItem = (itemId, beforeId) => act('move', { itemId, ...(beforeId ? { beforeId } : {}) }, (each) => moved(each, itemId, beforeId));
export const removeItems = (itemIds) => act('remove', { itemIds }, (each) => removed(each, itemIds, houseMs()));
export const clearQueue = (all = false) => act('clear', { all, ...seenRev() }, (each) => cleared(each, all, houseMs()));

export const setShuffle = (on) => act('shuffle', { on }, (each) => ({ ...each, shuffleSeed: on ? each.shuffleSeed ?? 0 : null }), { stands: false });
export const setRepeat = (how) => act('repeat', { repeat: how }, (each) => ({ ...each, repeat: how }));
export const setAutoplay = (on) => act('autoplay', { on }, (each) => ({ ...each, autoplay: on }));
export const turnRepeat = () => setRepeat({ off: 'all', all: 'one', one: 'off' }[repeat.peek()]);

let saying = null;
// From 0 to 100; while a slider moves, heard at once and told now and then.
export function setVolume(value) {
  const loud = Math.round(Math.max(0, Math.min(100, value)));
  drawnVolume.value = loud;
  saying ??= setTimeout(() => {
    saying = null;
    const last = drawnVolume.peek();
    drawnVolume.value = null;
    act('volume', { volume: last }, (each) => ({ ...each, volume: last }), { quiet: true });
  }, 150);
}

export function mute() {
  if (volume.peek() > 0) { choose('louder', volume.peek()); setVolume(0); } else setVolume(manners.peek().louder || 70);
}

// Plays on that device from now on, from where the song is.
export function playOn(id) {
  if (id === deviceId.peek()) wake();
  const at = positionMs();
  return act('transfer', { deviceId: id, positionMs: at }, (each) => (
    each.deviceId === id ? each : { ...sought(each, houseMs(), at, each.currentId), deviceId: id }));
}

// Begins to follow queue and devices; called once, by the page.
export async function startPlayer() {
  startFollowing();
  startDevices();
  startConducting();
  effect(() => {
    const current = currentOf(line.value), found = current && detailsOf(current.songId);
    if (!current) song.value = null;
    else if (found) song.value = found;
    else untracked(() => needOne(current.songId));
  });
  effect(() => {
    if (!line.value) return;
    const { items, currentId } = line.value, at = items.findIndex((item) => item.id === currentId);
    untracked(() => need(items, at, at + NEAR));
  });
  await settled;
  keepOpen(introduction);
}
