// A voice by `<audio>` elements: for browsers and sounds that the engine cannot do. The joint of an album is as short as an
// element makes it. The same interface as `engine.js`.
let hearers = null;
export const hear = (names) => { hearers = names; };

const LOOK_MS = 40;
let now = null, next = null, leaving = null, waits = null, volume = 1, rate = 1, fade = 1;

function part(sound) {
  const audio = new Audio();
  audio.preload = 'auto';
  audio.src = sound.url;
  return { ...sound, audio };
}

function end(one) {
  if (!one) return;
  one.over = true;
  one.audio.pause();
  one.audio.removeAttribute('src');
  one.audio.load();
}

// A fade is along a quarter of a sine: two of them together are as loud as one song.
const faded = (one) => {
  if (!one.fade) return 1;
  const part = Math.min(1, (performance.now() - one.fade.since) / one.fade.ms);
  return Math.sin((one.fade.out ? 1 - part : part) * Math.PI / 2);
};

function level() {
  for (const one of [now, leaving]) if (one) one.audio.volume = Math.max(0, Math.min(1, volume * volume * one.gain * fade * faded(one)));
}

// Near the end: whether it is time for what follows, as the house advises; and the fades that are under way.
function look() {
  if (leaving || now?.fade) level();
  if (leaving && (leaving.audio.ended || performance.now() - leaving.fade.since > leaving.fade.lastsMs)) { end(leaving); leaving = null; }
  const how = next?.transition;
  if (!how || waits || !now || now.audio.paused || (how.kind !== 'CROSSFADE' && how.kind !== 'GAP')) return;
  if (now.audio.currentTime * 1000 < how.fromEndMs - how.overlapMs) return;
  if (how.kind === 'CROSSFADE') goOver(how);
  else { now.audio.pause(); waits = setTimeout(() => { waits = null; if (next) goOn(); }, how.gapMs / rate); }
}

function goOver({ overlapMs, fadeOutMs, fadeInMs }) {
  const since = performance.now();
  end(leaving);
  leaving = now;
  leaving.over = true;
  leaving.fade = { since, ms: fadeOutMs ? fadeOutMs / rate : Infinity, lastsMs: overlapMs / rate, out: true };
  if (fadeInMs) next.fade = { since, ms: fadeInMs / rate };
  now = null;
  goOn(leaving.key);
}

function goOn(from = now.key) {
  const coming = next, atMs = coming.transition?.toStartMs ?? 0;
  next = null;
  take(coming, { atMs, playing: true });
  hearers.joined(from, coming.key);
}

function watch(one) {
  const { audio } = one, mine = (act) => () => { if (now === one && !one.over) act(); };
  audio.addEventListener('playing', mine(() => {
    hearers.stalled(false);
    if (one.fresh) { one.fresh = false; hearers.started(one.key); }
  }));
  audio.addEventListener('waiting', mine(() => { hearers.stalled(true); }));
  audio.addEventListener('error', mine(() => hearers.broke(one.key)));
  audio.addEventListener('ended', mine(() => {
    if (!next) hearers.ended(one.key);
    else if (!waits) goOn();
  }));
}

function take(one, { atMs, playing }) {
  if (now && now !== one) end(now);
  now = one;
  one.fresh = true;
  clearTimeout(waits);
  waits = null;
  if (atMs > 0) one.audio.currentTime = atMs / 1000;
  one.audio.defaultPlaybackRate = one.audio.playbackRate = rate;
  level();
  watch(one);
  if (playing) play();
}

// Within a gesture: lets the browser sound from now on.
export function wake() { /* an element asks for nothing beforehand */ }

// `sound` is { key, url, gain }: sounds from `atMs` on, or stands there.
export function hold(sound, { atMs = 0, playing }) {
  const ready = next?.key === sound.key ? next : part(sound);
  end(leaving);
  leaving = null;
  if (next && next !== ready) end(next);
  next = null;
  take(ready, { atMs, playing });
}

// What follows, fetched ahead, and how the one is to go over into the other; null for nothing.
export function follow(sound, transition = null) {
  if (next?.key === sound?.key) return;
  end(next);
  next = sound && { ...part(sound), transition };
}

export function play() {
  if (!now) return;
  const one = now;
  one.fresh = true;
  one.audio.play().catch((error) => {
    if (one === now && error.name === 'NotAllowedError') hearers.blocked();
  });
}

export function pause() {
  now?.audio.pause();
  end(leaving);
  leaving = null;
}

export function seek(ms) {
  if (!now) return;
  now.fresh = true;
  now.audio.currentTime = ms / 1000;
}

export function letGo() {
  for (const one of [now, next, leaving]) end(one);
  now = next = leaving = null;
}

// What follows has become what sounds; an element knows already.
export function arrived() { /* nothing to do */ }

// Milliseconds into what is held; null while it holds nothing that could tell.
export const positionMs = () => (now && now.audio.readyState > 0 ? now.audio.currentTime * 1000 : null);

// `part` from 0 to 1, as a listener means it; `falling` fades by itself for a sleep timer.
export function loudness(part, falling = 1) {
  volume = part;
  fade = falling;
  level();
}

export function pace(value) {
  rate = value;
  if (now) now.audio.defaultPlaybackRate = now.audio.playbackRate = value;
}

setInterval(look, LOOK_MS);
