// What binds somebody to a thing: a saved album, a followed artist, playlist or person. Known everywhere on the page at
// once, and taken back when it did not succeed.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../language/language.js';
import { ask } from '../session/api.js';
import { person } from '../session/session.js';
import { icon } from './icon.js';
import { notice } from './notice.js';

const BONDS = {
  album: { tie: 'saveAlbum(albumId: $id)', loose: 'unsaveAlbum(albumId: $id)', has: 'isSaved', off: 'frame.save', on: 'frame.is-saved' },
  artist: { tie: 'followArtist(artistId: $id)', loose: 'unfollowArtist(artistId: $id)', has: 'isFollowed', off: 'frame.follow', on: 'frame.following' },
  playlist: { tie: 'followPlaylist(playlistId: $id)', loose: 'unfollowPlaylist(playlistId: $id)', has: 'isFollowed', off: 'frame.save', on: 'frame.is-saved' },
  user: { tie: 'followUser(userId: $id)', loose: 'unfollowUser(userId: $id)', has: 'isFollowed', off: 'frame.follow', on: 'frame.following' },
};

const changed = signal(new Map());
person.subscribe(() => { changed.value = new Map(); });
const set = (id, value) => { changed.value = new Map(changed.value).set(id, value); };

export const isBound = (kind, thing) => changed.value.get(thing.id) ?? Boolean(thing[BONDS[kind].has]);

// How a count that came with the thing stands by now.
export const boundCount = (kind, thing, count) => count + (isBound(kind, thing) ? 1 : 0) - (thing[BONDS[kind].has] ? 1 : 0);

export async function toggleBond(kind, thing) {
  const was = isBound(kind, thing), { tie, loose } = BONDS[kind];
  set(thing.id, !was);
  try { await ask(`mutation($id: ID!) { ${was ? loose : tie} { success } }`, { id: thing.id }); }
  catch (error) { set(thing.id, was); notice(error.message); }
}

export const bondButton = (kind, thing) => (person.value ? html`
  <button class="button" aria-pressed=${isBound(kind, thing)} @click=${() => toggleBond(kind, thing)}>
    ${icon(isBound(kind, thing) ? 'check' : 'plus')}${t(isBound(kind, thing) ? BONDS[kind].on : BONDS[kind].off)}</button>` : nothing);
