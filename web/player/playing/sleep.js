// The sleep timer: music that falls silent by itself, after some minutes or at the end of the song.
import { effect, signal } from '@preact/signals-core';
import { ending, isHere } from './conductor.js';
import { line } from './queue/following.js';
import { pause, playing } from './player.js';
import { loudness } from './voice/voice.js';

const FALLING_MS = 10000;
export const MINUTES = [5, 10, 15, 30, 45, 60, 90];

// When it is to be silent, in milliseconds since 1970; 'song' at the end of this song; null: no timer.
export const sleepAt = signal(null);

export const sleepIn = (minutes) => { sleepAt.value = minutes === null ? null : minutes === 'song' ? 'song' : Date.now() + minutes * 60000; };
export const sleepLeftMs = () => (typeof sleepAt.value === 'number' ? Math.max(0, sleepAt.value - Date.now()) : null);

ending.atSongEnd = () => sleepAt.peek() === 'song';

function tick() {
  const left = sleepLeftMs();
  if (left === null) return;
  if (isHere()) loudness(line.peek().volume / 100, Math.min(1, left / FALLING_MS));
  if (left > 0) return;
  pause();
  sleepAt.value = null;
  setTimeout(() => { if (isHere()) loudness(line.peek().volume / 100); }, 500);
}

export function startSleeping() {
  setInterval(tick, 250);
  // The song at whose end it was to be silent is over.
  let last = null;
  effect(() => {
    const id = line.value?.currentId;
    if (sleepAt.peek() === 'song' && last && id !== last && !playing.peek()) sleepAt.value = null;
    last = id;
  });
}
