// A song's lyrics, asked for once and kept for a while.
import { ask } from '../../session/api.js';
import { arranged } from './lines.js';

const MOST = 20;
const LYRICS = `query($id: ID!) { lyrics(songId: $id) { kind language plain agents { id name kind }
  lines { atMs endMs text agent isBackground words { atMs endMs text } translations { language text } } } }`;
const kept = new Map();

// `{ kind, language, plain, lines }`, lines as `arranged` gives them; null for a song without.
export function lyricsOf(songId) {
  if (!kept.has(songId)) {
    kept.set(songId, find(songId).catch(() => { kept.delete(songId); return null; }));
    if (kept.size > MOST) kept.delete(kept.keys().next().value);
  }
  return kept.get(songId);
}

async function find(songId) {
  const { lyrics } = await ask(LYRICS, { id: songId });
  if (!lyrics || (!lyrics.plain && !lyrics.lines.length)) return null;
  return { ...lyrics, lines: lyrics.kind === 'PLAIN' ? [] : arranged(lyrics) };
}
