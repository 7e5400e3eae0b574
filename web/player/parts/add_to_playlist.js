// Putting songs into a playlist: one of one's own, or a new one.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { areas, t } from '../language/language.js';
import { ask } from '../session/api.js';
import { cover } from './cover.js';
import { openDialog } from './dialog.js';
import { icon } from './icon.js';
import { notice } from './notice.js';
import { watched } from './watched.js';

const MINE = 'query { myPlaylists(limit: 100) { id slug name coverImage songCount canEdit isSmart } }';
const ADD = 'mutation($id: ID!, $songs: [ID!]!) { addSongsToPlaylist(playlistId: $id, songIds: $songs) { playlistSongs { id song { id } } } }';
const TAKE = 'mutation($id: ID!, $song: ID!, $entry: ID!) { removeSongFromPlaylist(playlistId: $id, songId: $song, entryId: $entry) { success } }';
const MAKE = 'mutation($name: String!, $isPublic: Boolean) { createPlaylist(name: $name, isPublic: $isPublic) { playlist { id slug name } } }';
const HUNDRED = 100;

// Any number of songs, a hundred at a time, with a way to undo it.
async function put(playlist, songs) {
  const entries = [];
  for (let at = 0; at < songs.length; at += HUNDRED) {
    const { addSongsToPlaylist } = await ask(ADD, { id: playlist.id, songs: songs.slice(at, at + HUNDRED) });
    entries.push(...addSongsToPlaylist.playlistSongs);
  }
  const undo = async () => {
    try {
      for (const { id, song } of entries) await ask(TAKE, { id: playlist.id, song: song.id, entry: id });
    } catch (error) { notice(error.message); }
  };
  notice(t('playlist.added-to', { name: playlist.name, n: songs.length }), songs.length <= 10 ? [t('playlist.undo'), undo] : null);
}

// Makes a playlist by its name; the promise is kept with it.
export async function makePlaylist(name, isPublic = false) {
  return (await ask(MAKE, { name: name.trim(), isPublic })).createPlaylist.playlist;
}

// Opens the choice of a playlist for these songs. `name` is what one of them, or all of them, are called.
export async function addToPlaylist(songs, name) {
  const [{ myPlaylists }] = await Promise.all([ask(MINE).catch((error) => { notice(error.message); return {}; }), areas('playlist')]);
  if (!myPlaylists) return;
  const mine = myPlaylists.filter((one) => one.canEdit && !one.isSmart), sought = signal(''), failed = signal('');
  const trying = async (close, work) => {
    try { await work(); close(true); } catch (error) { failed.value = error.message; }
  };
  const make = (event, close) => {
    event.preventDefault();
    const called = new FormData(event.target).get('name');
    trying(close, async () => put(await makePlaylist(called), songs));
  };
  const one = (playlist, close) => html`<li><button class="choice" @click=${() => trying(close, () => put(playlist, songs))}>
    ${cover(playlist.coverImage, 44)}<span><strong>${playlist.name}</strong><span class="facts small">${t('frame.songs', { n: playlist.songCount })}</span></span></button></li>`;
  await openDialog({ title: t('playlist.add', { name }), draw: (close) => html`
    <form class="in-line" @submit=${(event) => make(event, close)}>
      <input name="name" required maxlength="200" placeholder=${t('playlist.new-name')} aria-label=${t('playlist.new-name')}>
      <button class="button main">${icon('plus')}${t('playlist.make')}</button></form>
    <p class="failed" role="alert">${watched(() => failed.value)}</p>
    ${mine.length > 8 ? html`<input type="search" placeholder=${t('playlist.find')} aria-label=${t('playlist.find')}
      @input=${({ target }) => { sought.value = target.value.toLowerCase(); }}>` : nothing}
    <ul class="choice-list">${watched(() => mine.filter(({ name: called }) => called.toLowerCase().includes(sought.value)).map((each) => one(each, close)))}</ul>` });
}
