// What plays here while the network is away: the queue as this tab goes on with it, and how the house learns of it afterwards.
// The list itself stays the house's; only what plays, where, and songs that were begun meanwhile are ours for so long.
import { signal } from '@preact/signals-core';
import { deviceId } from '../device/here.js';
import { currentOf, indexOf, positionAt } from './patches.js';

const MOVING = new Set(['play', 'jump', 'next', 'previous', 'ended', 'pause', 'resume', 'seek', 'transfer']);
const NOTHING = { rev: 0, context: null, currentId: null, playId: null, anchor: { atMs: 0, positionMs: 0, rate: 1, playing: false }, repeat: 'off',
  shuffleSeed: null, autoplay: false, deviceId: null, volume: 80, items: [], unavailable: [] };
const AT_ONCE = 500;

// `{ was, fields, list }`: what the house had last, what plays here, and the songs begun meanwhile; null with a network.
export const apart = signal(null);
// The conductor's: whether something sounds here, and where in it.
export const sounding = { isHere: () => false, positionMs: () => null };

export const isMoving = (op) => MOVING.has(op);

const fieldsOf = ({ currentId, playId, anchor, deviceId: device }) => ({ currentId, playId, anchor, deviceId: device });
const had = (told) => ({ playId: told?.playId ?? null, deviceId: told?.deviceId ?? null });

export const seenApart = (queue) => (apart.value ? { ...queue ?? NOTHING, ...apart.value.fields, ...apart.value.list } : queue);

export function part(line, told) {
  if (!apart.value && sounding.isHere()) apart.value = { was: had(told), fields: fieldsOf(line), list: null };
}

// An operation done here alone. Answers as the house would.
export function moveApart(op, line, told, predict) {
  const next = predict(line ?? { ...NOTHING, deviceId: deviceId.value });
  const list = op === 'play' ? { items: next.items, context: next.context } : apart.value?.list ?? null;
  apart.value = { was: apart.value?.was ?? had(told), fields: fieldsOf(next), list };
  return { rev: next.rev };
}

// The house is there again. Where nobody else took the music over, it learns what plays here and where; else theirs counts.
export function comeBack(told, act, houseMs) {
  const { was, fields, list } = apart.value, here = { ...told, ...fields, ...list };
  apart.value = null;
  const isOurs = told.deviceId === was.deviceId && (told.playId === was.playId || told.currentId === fields.currentId);
  if (!isOurs && (!list || told.anchor.playing)) return;
  const at = sounding.positionMs() ?? positionAt(here, houseMs());
  const shown = { ...fields, anchor: { ...fields.anchor, atMs: houseMs(), positionMs: at } };
  const predict = (queue) => ({ ...queue, ...shown, ...list, playId: list || queue.currentId !== fields.currentId ? null : queue.playId });
  const quietly = { quiet: true };
  if (told.deviceId !== fields.deviceId) act('transfer', { deviceId: fields.deviceId }, predict, quietly);
  if (list) {
    const first = Math.max(0, Math.min(indexOf(here, fields.currentId), list.items.length - AT_ONCE)), songs = list.items.slice(first, first + AT_ONCE);
    const position = Math.max(0, indexOf(here, fields.currentId) - first);
    act('play', { kind: 'songs', songIds: songs.map((item) => item.songId), position, positionMs: at }, predict, quietly);
  } else if (currentOf(here)) {
    if (told.currentId !== fields.currentId) act('jump', { itemId: fields.currentId }, predict, quietly);
    act('seek', { positionMs: at }, predict, quietly);
  }
  const plays = list || told.currentId !== fields.currentId || told.anchor.playing;
  if (fields.anchor.playing && !plays) act('resume', {}, predict, quietly);
  if (!fields.anchor.playing && plays) act('pause', {}, predict, quietly);
}
