// Where a song's sound is, for this listener: its address with a ticket, how loud it is to be made, how it goes over into another.
import { ask } from '../session/api.js';
import { person } from '../session/session.js';
import { manners } from './manners.js';

const GOOD_FOR_MS = 30 * 60000, MOST = 40, REFERENCE_DB = 5;
const PLAYBACK = `query($id: ID!, $quality: AudioQuality, $plays: [String!]) { playback(songId: $id, quality: $quality, plays: $plays) {
  durationMs why ceiling chosen { url name quality codec bitrate } loudness { trackGainDb albumGainDb truePeakDbtp } sound { soundStartMs soundEndMs } }
  userPreferences { audioQuality } }`;
const TRANSITION = `query($from: ID!, $to: ID!) { transition(fromSongId: $from, toSongId: $to) {
  kind fromEndMs toStartMs overlapMs gapMs fadeOutMs fadeInMs } }`;
const PREPARE = 'mutation($ids: [ID!]!, $quality: String) { prepareSongs(songIds: $ids, quality: $quality) { prepared { state } } }';

const kept = new Map();
person.subscribe(() => kept.clear());

const element = new Audio();
const PLAYS = [['audio/ogg', 'audio/ogg; codecs=opus'], ['audio/mpeg', 'audio/mpeg'], ['audio/flac', 'audio/flac'], ['audio/mp4', 'audio/mp4'], ['audio/wav', 'audio/wav']]
  .filter(([, type]) => element.canPlayType(type)).map(([type]) => type);

// `{ url, durationMs, quality, edges, loudness, rendition, why }`; null for a song that cannot be heard. `anew` when the last address failed.
export function soundOf(songId, { anew = false } = {}) {
  const { quality } = manners.value, key = `${songId}:${quality}`, had = kept.get(key);
  if (had && !anew && performance.now() - had.at < GOOD_FOR_MS) return had.sound;
  const sound = find(songId, quality === 'AUTO' ? null : quality);
  sound.then((found) => { if (found?.isKept) kept.delete(key); }, () => kept.delete(key));
  kept.delete(key);
  kept.set(key, { at: performance.now(), sound });
  if (kept.size > MOST) kept.delete(kept.keys().next().value);
  return sound;
}

// What is kept in this browser is given out by the service worker, under the address that the house has it by.
async function isKept(songId) {
  const { isKept: asks } = await import('../offline/keep.js');
  return asks(songId).catch(() => false);
}

async function find(songId, quality) {
  let playback, userPreferences;
  try { ({ playback, userPreferences } = await ask(PLAYBACK, { id: songId, quality, plays: PLAYS })); } catch (error) {
    if (error.code !== 'UNREACHABLE' || !await isKept(songId)) throw error;
    return { songId, url: `/stream/${songId}`, durationMs: 0, rendition: null, loudness: null, edges: null, quality: 'normal', isKept: true };
  }
  if (!playback?.chosen?.url) return null;
  const at = new URL(playback.chosen.url, location.origin);
  return { songId, url: at.pathname + at.search, durationMs: playback.durationMs, rendition: playback.chosen, why: playback.why,
    loudness: playback.loudness, edges: playback.sound, quality: (quality ?? userPreferences.audioQuality).toLowerCase() };
}

// By how much to turn a song up or down, as a factor: songs from everywhere to one loudness, or, `asAlbum`, an album as a
// whole, whose quiet songs stay quiet. Never so far that a peak would clip. ReplayGain's reference is 5 dB above EBU R128's.
export function gainOf(loudness, { asAlbum = false, level = manners.value.level } = {}) {
  if (!loudness || level === 'off') return 1;
  const decibels = (asAlbum ? loudness.albumGainDb : null) ?? loudness.trackGainDb;
  if (decibels === null || decibels === undefined) return 1;
  const most = loudness.truePeakDbtp === null ? 0 : -loudness.truePeakDbtp;
  return 10 ** (Math.min(decibels + REFERENCE_DB, Math.max(0, most)) / 20);
}

// How one song goes over into another, as the house advises; null when it does not know.
export async function transitionOf(from, to) {
  try { return (await ask(TRANSITION, { from, to })).transition; } catch { return null; }
}

// Tells the house what comes, so that it begins at once then.
export function prepare(songId) {
  const { quality } = manners.value;
  ask(PREPARE, { ids: [songId], quality: quality === 'AUTO' ? null : quality.toLowerCase() }).catch(() => { /* it begins a little later then */ });
}
