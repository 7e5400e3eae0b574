// Media keys, headsets and lock screens: the browser's MediaSession told what plays, and what it asks for done.
import { effect } from '@preact/signals-core';
import { sized } from '../parts/cover.js';
import { isHere } from './conductor.js';
import { durationMs, next, pause, playing, positionMs, previous, seek, song, toggle } from './player.js';
import { manners } from './manners.js';
import { line } from './queue/following.js';

const SIZES = [96, 256, 512], STEP_MS = 10000;

export function startMedia() {
  if (!('mediaSession' in navigator)) return;
  const session = navigator.mediaSession;
  effect(() => {
    const shown = song.value;
    session.metadata = shown && isHere() ? new MediaMetadata({
      title: shown.title, artist: shown.artistCredit ?? '', album: shown.album?.title ?? '',
      artwork: shown.coverImage ? SIZES.map((size) => ({ src: sized(shown.coverImage, size), sizes: `${size}x${size}` })) : [],
    }) : null;
  });
  effect(() => {
    session.playbackState = !song.value || !isHere() ? 'none' : playing.value ? 'playing' : 'paused';
    if (!song.value || !line.value || !isHere()) return;
    const duration = durationMs() / 1000, position = Math.min(duration, positionMs() / 1000);
    if (duration > 0) session.setPositionState({ duration, position, playbackRate: manners.value.rate });
  });
  const acts = {
    play: () => { if (!playing.peek()) toggle(); },
    pause, nexttrack: next, previoustrack: previous, stop: pause,
    seekto: ({ seekTime }) => seek(seekTime * 1000),
    seekforward: ({ seekOffset }) => seek(positionMs() + (seekOffset ? seekOffset * 1000 : STEP_MS)),
    seekbackward: ({ seekOffset }) => seek(positionMs() - (seekOffset ? seekOffset * 1000 : STEP_MS)),
  };
  for (const [name, act] of Object.entries(acts)) try { session.setActionHandler(name, act); } catch { /* not known here */ }
}
