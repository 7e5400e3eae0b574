// The one place that speaks to what sounds. It is told what to hold, what comes after it and how loud; it knows no queue.
// The engine sounds; what it cannot do, elements do, and after a second such song all that follow.
import { signal } from '@preact/signals-core';
import * as elements from './elements.js';
import * as engine from './later.js';

const MOST_TROUBLES = 2;

// Whether it is to sound, and waits for bytes.
export const stalled = signal(false);

const hearers = { started() {}, ended() {}, joined() {}, broke() {}, blocked() {} };
// `started(key)` once it sounds after it began or was moved, `ended(key)` at the end when nothing follows, `joined(key, next)`
// when it went on to what follows, `broke(key)` when the song cannot be played, `blocked()` when the browser wants a gesture.
export const hear = (names) => Object.assign(hearers, names);

let way = engine, troubles = 0, held = null, next = null, plays = false;

function heard(from) {
  const mine = (act) => (...given) => { if (way === from) act(...given); };
  return {
    started: mine((key) => hearers.started(key)), ended: mine((key) => hearers.ended(key)), joined: mine((key, to) => hearers.joined(key, to)),
    blocked: mine(() => hearers.blocked()), stalled: mine((is) => { stalled.value = is; }),
    broke: mine((key) => { if (from === engine && key === held?.key) useElements(); else hearers.broke(key); }),
  };
}
engine.hear(heard(engine));
elements.hear(heard(elements));

function useElements() {
  const atMs = engine.positionMs() || held.atMs;
  troubles += 1;
  engine.letGo();
  way = elements;
  way.hold(held.sound, { atMs, playing: plays });
  if (next) way.follow(...next);
}

// Within a gesture: lets the browser sound from now on.
export const wake = () => way.wake();

// `sound` is { key, songId, url, durationMs, gain, quality, edges }: sounds from `atMs` on, or stands there.
export function hold(sound, { atMs = 0, playing }) {
  const other = troubles < MOST_TROUBLES ? engine : elements;
  if (other !== way) { way.letGo(); way = other; }
  held = { key: sound.key, sound, atMs };
  next = null;
  plays = playing;
  way.hold(sound, { atMs, playing });
}

// What follows, fetched ahead, and how the one is to go over into the other; null for nothing.
export function follow(sound, transition = null) {
  next = sound && [sound, transition];
  way.follow(sound, transition);
}

// What follows has become what sounds.
export function arrived(key) {
  if (next?.[0].key === key) { held = { key, sound: next[0], atMs: 0 }; next = null; }
  way.arrived(key);
}

export function play() { plays = true; way.play(); }
export function pause() { plays = false; way.pause(); }

export function seek(ms) {
  if (held) held.atMs = ms;
  way.seek(ms);
}

export function letGo() {
  way.letGo();
  held = next = null;
  stalled.value = false;
}

// Milliseconds into what is held; null while it holds nothing that could tell.
export const positionMs = () => way.positionMs();

// `part` from 0 to 1, as a listener means it; `falling` fades by itself for a sleep timer.
export function loudness(part, falling = 1) {
  for (const each of [engine, elements]) each.loudness(part, falling);
}

export function pace(value) {
  for (const each of [engine, elements]) each.pace(value);
}
