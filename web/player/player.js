// The bar at the foot: what plays, where in it, and how it sounds. The queue is the list the song was started from.
import { ask, signedIn } from './api.js';
import { clock, cover, el, icon, notice } from './element.js';
import { draw, noOutline, outline } from './outline.js';

const $ = (id) => document.getElementById(id);
const audio = new Audio();
audio.preload = 'auto';
let queue = [], at = -1, song = null, seeking = false, lines = [], gain = 1, measured = false, comesNext = null;
// Who says what plays while people listen together, and how long the room's song is.
let guide = null, roomLengthMs = 0;
const hearers = new Set();

const SONG = `query($id: ID!) { song(id: $id) {
  id title artistCredit duration audioUrl coverImage lyrics syncedLyrics { atMs text } album { id title slug } }
  playback(songId: $id) { loudness { trackGainDb albumGainDb } sound { soundStartMs } } }`;
const PREPARE = `mutation($ids: [ID!]!, $quality: String) { prepareSongs(songIds: $ids, quality: $quality) { prepared { state } } }`;
const PLAYED = `mutation($id: ID!, $source: PlaySource, $from: ID, $play: ID) {
  playSong(songId: $id, source: $source, sourceId: $from, playId: $play) { success } }`;

export const onSong = (hear) => hearers.add(hear);
export const playing = () => song;
// What plays and what would come after it.
export const upcoming = () => (song ? queue.slice(at) : []);
// Outlives a reload of this tab, after which the server still tells what it played.
export const lastPlayed = () => sessionStorage.getItem('tutti.last-played');

export async function play(songs, index, source = null, sourceId = null) {
  if (guide) { guide.add(songs[index]); return; }
  queue = songs.map((item) => ({ ...item, source, sourceId }));
  await go(index);
}

async function go(index, resumeAt = null, on = true) {
  const entry = queue[index];
  if (!entry) return;
  if (!signedIn()) { notice('Sign in to listen.'); return; }
  try {
    const told = await ask(SONG, { id: entry.id });
    song = told.song;
    measured = Boolean(told.playback?.sound);
    gain = gainOf(told.playback?.loudness, entry.source);
  } catch (error) { notice(error.message); return; }
  if (!song?.audioUrl) { notice('This song cannot be played just now.'); return; }
  at = index;
  comesNext = null;
  level();
  const url = new URL(song.audioUrl, location.origin);
  url.searchParams.set('quality', $('quality').value);
  audio.src = url.pathname + url.search;
  audio.currentTime = resumeAt ?? 0;
  sessionStorage.setItem('tutti.last-played', song.id);
  show();
  for (const hear of hearers) hear(song);
  if (on) try { await audio.play(); } catch (error) { if (error.name === 'NotAllowedError') notice('Press play to start.'); }
  if (resumeAt === null) {
    ask(PLAYED, { id: song.id, source: entry.source, from: entry.sourceId, play: crypto.randomUUID?.() })
      .catch((error) => notice(error.message));
  }
}

function show() {
  $('bar').hidden = false;
  outline(song, measured);
  $('bar-cover').src = cover(song.coverImage, 64);
  $('bar-title').textContent = song.title;
  $('bar-artist').textContent = song.artistCredit;
  $('length').textContent = clock(song.duration);
  document.title = `${song.title} · ${song.artistCredit}`;
  lines = song.syncedLyrics?.length ? song.syncedLyrics : null;
  $('show-lyrics').hidden = !lines && !song.lyrics;
  $('lyrics').replaceChildren(...(lines
    ? lines.map((line) => el('button', { onclick: () => { audio.currentTime = line.atMs / 1000; } }, line.text || '♪'))
    : [el('pre', {}, song.lyrics ?? '')]));
  if ($('show-lyrics').hidden) hideLyrics();
  if ('mediaSession' in navigator) {
    navigator.mediaSession.metadata = new MediaMetadata({
      title: song.title, artist: song.artistCredit, album: song.album?.title ?? '',
      artwork: [{ src: cover(song.coverImage, 640), sizes: '640x640' }] });
  }
}

// Songs from everywhere are made equally loud; an album keeps its quiet songs quiet. Never louder than they are.
function gainOf(loudness, source) {
  const decibels = (source === 'ALBUM' ? loudness?.albumGainDb : null) ?? loudness?.trackGainDb ?? 0;
  return Math.min(1, 10 ** (decibels / 20));
}

function level() {
  const loudness = ($('volume').value / 100) ** 2;
  audio.volume = loudness * gain;
  guide?.loudness(loudness);
}

// The bar plays a room from now on; our own song waits where it is.
export function handOver(to) {
  audio.pause();
  guide = to;
  level();
  hideLyrics();
  $('bar').classList.add('in-room');
  for (const id of ['previous', 'show-lyrics']) $(id).hidden = true;
}

export function takeBack() {
  guide = null;
  $('bar').classList.remove('in-room');
  $('previous').hidden = false;
  for (const hear of hearers) hear(song ?? {});
  if (song) { show(); follow(); faceOf(!audio.paused); } else { $('bar').hidden = true; document.title = 'Tutti'; }
}

export function showTogether(item, title, roomName) {
  $('bar').hidden = false;
  roomLengthMs = item?.durationMs ?? 0;
  noOutline();
  $('bar-cover').src = item?.coverId ? `/covers/${item.coverId}?size=64` : cover(null);
  $('bar-title').textContent = title;
  $('bar-artist').textContent = [item?.credit, `in ${roomName}`].filter(Boolean).join(' · ');
  $('length').textContent = clock(roomLengthMs / 1000);
  document.title = `${title} · ${roomName}`;
  for (const hear of hearers) hear({ id: item?.songId });
}

export function showPosition(positionMs, isPlaying) {
  if (!seeking) {
    $('position').value = roomLengthMs ? Math.round(1000 * positionMs / roomLengthMs) : 0;
    $('elapsed').textContent = clock(Math.min(positionMs, roomLengthMs) / 1000);
  }
  faceOf(isPlaying);
}

function faceOf(isPlaying) {
  const name = isPlaying ? 'Pause' : 'Play';
  if ($('toggle').getAttribute('aria-label') === name) return;
  $('toggle').replaceChildren(icon(name.toLowerCase()));
  $('toggle').setAttribute('aria-label', name);
}

// Near its end the server is told what comes, so that it begins at once.
function prepare(left) {
  const next = queue[at + 1];
  if (!next || left > 20 || comesNext === next) return;
  comesNext = next;
  ask(PREPARE, { ids: [next.id], quality: $('quality').value }).catch(() => { /* it begins a little later then */ });
}

function hideLyrics() {
  $('lyrics').hidden = true;
  $('show-lyrics').setAttribute('aria-pressed', 'false');
}

function follow() {
  if (guide) return;
  const seconds = audio.currentTime, length = song?.duration || audio.duration || 1;
  if (!seeking) $('position').value = Math.round(1000 * seconds / length);
  $('elapsed').textContent = clock(seconds);
  draw($('position').value / 1000);
  prepare(length - seconds);
  if (!lines || $('lyrics').hidden) return;
  const now = lines.findLastIndex((line) => line.atMs <= seconds * 1000);
  [...$('lyrics').children].forEach((line, index) => {
    const sung = index === now;
    if (sung && !line.classList.contains('sung')) line.scrollIntoView({ block: 'center', behavior: 'smooth' });
    line.classList.toggle('sung', sung);
  });
}

export function start() {
  level();
  audio.ontimeupdate = follow;
  audio.onended = () => go(at + 1);
  audio.onplay = audio.onpause = () => { if (!guide) faceOf(!audio.paused); };
  audio.onerror = async () => { if (audio.src && song) notice(await why(audio.src)); };
  $('toggle').onclick = () => {
    if (guide) guide.toggle();
    else if (!audio.paused) audio.pause();
    else if (audio.error) go(at, audio.currentTime);
    else audio.play();
  };
  $('next').onclick = () => (guide ? guide.next() : go(at + 1));
  $('previous').onclick = () => (audio.currentTime > 4 ? (audio.currentTime = 0) : go(Math.max(0, at - 1)));
  const length = () => (guide ? roomLengthMs / 1000 : song.duration);
  $('position').oninput = () => { seeking = true; $('elapsed').textContent = clock(length() * $('position').value / 1000); draw($('position').value / 1000); };
  $('position').onchange = () => {
    seeking = false;
    const seconds = length() * $('position').value / 1000;
    if (guide) guide.seek(1000 * seconds); else audio.currentTime = seconds;
  };
  $('volume').oninput = level;
  addEventListener('resize', () => draw($('position').value / 1000));
  $('quality').onchange = () => song && !guide && go(at, audio.currentTime, !audio.paused);
  $('show-lyrics').onclick = () => {
    $('lyrics').hidden = !$('lyrics').hidden;
    $('show-lyrics').setAttribute('aria-pressed', String(!$('lyrics').hidden));
    follow();
  };
  document.addEventListener('keydown', (event) => {
    if (event.code === 'Space' && (song || guide) && !/^(INPUT|TEXTAREA|SELECT|BUTTON|A)$/.test(event.target.tagName)) {
      event.preventDefault();
      $('toggle').click();
    }
  });
  if ('mediaSession' in navigator) {
    navigator.mediaSession.setActionHandler('nexttrack', () => $('next').click());
    navigator.mediaSession.setActionHandler('previoustrack', () => $('previous').click());
  }
}

export function stop() {
  audio.pause();
  audio.removeAttribute('src');
  song = null;
  $('bar').hidden = true;
  hideLyrics();
  document.title = 'Tutti';
}

// A player is told no more than that it failed; who asks again learns why.
async function why(address) {
  try {
    const answer = await fetch(address, { headers: { Range: 'bytes=0-0' } });
    if (!answer.ok) return (await answer.json()).error.message;
  } catch { /* away: the sentence below says it */ }
  return 'The stream broke off. Press play to go on.';
}
