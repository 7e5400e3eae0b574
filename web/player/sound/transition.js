// How one song goes over into the next, in milliseconds: the server's hint (`transition` in the API) and the listener's
// wish made into one plan. Pure arithmetic.

const NOTHING = { endMs: null, startMs: 0, overlapMs: 0, gapMs: 0, fadeOutMs: 0, fadeInMs: 0 };
const LEAST_OVERLAP_MS = 200;

// `wish`: null follows the hints; 0 never crossfades; more is the crossfade wherever the songs do not belong together.
// endMs null means the last sample.
export function plan(item, next, wish = null) {
  const hint = item.next ?? {};
  if (hint.kind === 'GAPLESS') return NOTHING;
  const endMs = hint.fromEndMs ?? item.soundEndMs ?? item.durationMs, startMs = hint.toStartMs ?? next.soundStartMs ?? 0;
  const most = Math.min(endMs - (item.soundStartMs ?? 0), (next.soundEndMs ?? next.durationMs) - startMs) / 2;
  if (hint.kind === 'CROSSFADE' && wish !== 0) {
    const overlapMs = Math.min(hint.overlapMs ?? hint.ms ?? 0, most);
    // What the recording fades by itself is not faded again: told as 0.
    const fade = (told) => Math.min(told ?? overlapMs, overlapMs);
    if (overlapMs > 0) return { endMs, startMs, overlapMs, gapMs: 0, fadeOutMs: fade(hint.fadeOutMs), fadeInMs: fade(hint.fadeInMs) };
  }
  const wished = Math.min(wish ?? 0, most);
  if (wished >= LEAST_OVERLAP_MS) return { endMs, startMs, overlapMs: wished, gapMs: 0, fadeOutMs: wished, fadeInMs: wished };
  if (hint.kind === 'GAP') return { ...NOTHING, endMs, startMs, gapMs: hint.gapMs ?? hint.ms ?? 0 };
  return NOTHING;
}
