// The room one sits in: comes in, follows it over the socket, holds the sound to its moment, and leaves. Pages read the
// signals and call the verbs. The house's rules of who may do what come back as refusals.
import { batch, signal } from '@preact/signals-core';
import { RoomSeat } from '../../room/seat.js';
import { comingOf, currentOf } from '../../room/state.js';
import { t } from '../language/language.js';
import { notice } from '../parts/notice.js';
import { guide } from '../playing/guide.js';
import { RoomVoice } from './room_voice.js';
import { ask } from '../session/api.js';
import { isLive, onEvent, say, whenOpen } from '../session/live.js';
import { person } from '../session/session.js';

const RETURN = 'mutation($id: ID!) { joinRoom(roomId: $id) { room { id } } }';
const TICK_MS = 250, LOUDNESS = 'tutti.room-loudness';

// The room as its events tell it (docs/protocol/rooms.md), or null; and, four times a second, where its song is.
export const room = signal(null);
export const roomPositionMs = signal(0);
// How far each member is off, by id, and in words how well this page holds the moment.
export const skews = signal({});
export const inTime = signal('');
export const loudness = signal(Number(localStorage.getItem(LOUDNESS) ?? 80));

let seat = null, ticking = null;

export const meIn = (where) => where.members.find(({ id }) => id === person.value?.id) ?? null;
export const current = () => (room.value ? currentOf(room.value) : null);
export const coming = () => (room.value ? comingOf(room.value) : []);

// Whether one's words decide what plays: docs/rooms.md.
export function mayControl(where) {
  const role = meIn(where)?.role;
  return role === 'host' || (role === 'cohost' && where.settings.control !== 'host') || where.settings.control === 'everyone';
}

whenOpen(() => seat?.follow().catch(() => { /* the next connection follows */ }));
onEvent((event) => seat?.hear(event));
person.subscribe((who) => { if (!who && seat) left(); });

function words(mine) {
  const { filter } = mine.house, { skewMs, blocked } = mine.sound;
  if (!isLive.value) return t('together.lost');
  if (!filter.known) return t('together.finding');
  if (blocked) return t('together.blocked');
  const bar = Math.round(mine.house.errorMs() * 10) / 10;
  if (skewMs === null) return mine.room?.pausedBy ? t('together.paused') : t('together.in-time', { bar });
  return t(skewMs < 0 ? 'together.behind' : 'together.ahead', { ms: Math.round(Math.abs(skewMs) * 10) / 10, bar });
}

function tick(mine) {
  if (!mine.room) return;
  document.body.dataset.skew = mine.sound.skewMs ?? '';
  batch(() => { roomPositionMs.value = mine.positionMs(); inTime.value = words(mine); });
}

// Comes back into a room that one belongs to. Throws what the house refuses.
export async function enter(roomId) {
  if (seat?.roomId === roomId) return;
  await ask(RETURN, { id: roomId });
  left();
  const mine = new RoomSeat(say, roomId, {
    soundOf: (clock, ways) => new RoomVoice(clock, ways),
    changed: (now) => { if (seat === mine) batch(() => { room.value = now; skews.value = mine.skews; }); },
    over: (why) => { if (seat === mine) { left(); notice(why); } },
  });
  seat = mine;
  mine.sound.loudness(loudness.peek() / 100);
  guide.value = {
    add: (songIds) => act('add', { songIds }).then((done) => { if (done) notice(t('together.added', { n: songIds.length })); }),
    toggle: () => act(mine.room?.anchor.playing || mine.room?.start ? 'pause' : 'play'),
    next: () => act('next'),
    seek: (positionMs) => act('seek', { positionMs }),
  };
  ticking = setInterval(() => tick(mine), TICK_MS);
  // Without a connection just now, the next one follows.
  if (isLive.value) try { await mine.follow(); } catch (error) { left(); throw error; }
}

// An operation of the room; null, with a notice, when it was refused.
export async function act(op, members = {}) {
  try { return await seat.act(op, members); } catch (error) { notice(error.message); return null; }
}

export function setLoudness(percent) {
  loudness.value = percent;
  localStorage.setItem(LOUDNESS, String(percent));
  seat?.sound.loudness(percent / 100);
}

export async function leave() {
  if (await act('leave')) { left(); notice(t('together.left')); }
}

export async function closeForAll() {
  if (await act('close')) left();
}

// Gets up: the room goes on without this page, and the own queue is there again.
export function left() {
  if (!seat) return;
  seat.stop();
  seat = null;
  clearInterval(ticking);
  delete document.body.dataset.skew;
  batch(() => { room.value = null; guide.value = null; skews.value = {}; inTime.value = ''; });
}
