// The songs of a playlist as they are known here: pages of entries, changed at once by what is done and by what others do.
import { signal } from '@preact/signals-core';
import { t } from '../../language/language.js';
import { notice } from '../../parts/notice.js';
import { ROW } from '../../parts/song_rows.js';
import { ask } from '../../session/api.js';

const PAGE = 100;
const ENTRY = `id song { ${ROW} } addedBy { username } createdAt`;
const PAGES = `query($id: ID!, $after: String, $first: Int!) { playlist(id: $id) { rev songCount entries(first: $first, after: $after) {
  edges { node { ${ENTRY} } } pageInfo { hasNextPage endCursor } } } }`;
const MOVE = `mutation($id: ID!, $song: ID!, $entry: ID!, $to: Int!, $before: ID) {
  reorderPlaylistSongs(playlistId: $id, songId: $song, entryId: $entry, newPosition: $to, beforeEntryId: $before) { playlist { rev } } }`;
const TAKE = 'mutation($id: ID!, $song: ID!, $entry: ID!) { removeSongFromPlaylist(playlistId: $id, songId: $song, entryId: $entry) { playlist { rev songCount } } }';
const PUT = `mutation($id: ID!, $song: ID!, $before: ID) { addSongToPlaylist(playlistId: $id, songId: $song, beforeEntryId: $before) {
  playlistSong { ${ENTRY} } playlist { rev songCount } } }`;

// `{ items, more, busy, count, load, move, remove, add, hear }` of the playlist with this id.
export async function openEntries(id, abort) {
  const items = signal([]), more = signal(false), busy = signal(false), stuck = signal(false), count = signal(0);
  let after = null, rev = 0, heard = 0, refreshing = null;

  async function fetchPage(from, first = PAGE) {
    const { playlist } = await ask(PAGES, { id, after: from, first }, { abort });
    if (!playlist) return null;
    rev = Math.max(rev, playlist.rev);
    count.value = playlist.songCount;
    return playlist.entries;
  }
  async function load() {
    busy.value = true;
    stuck.value = true;
    try {
      const page = await fetchPage(after);
      if (!page) return;
      after = page.pageInfo.endCursor;
      more.value = page.pageInfo.hasNextPage;
      items.value = [...items.value, ...page.edges.map(({ node }) => node)];
      stuck.value = false;
    } finally { busy.value = false; }
  }
  // As much as was there, anew: what others did is in it.
  async function refresh() {
    const wanted = items.value.length, fresh = [];
    let from = null, next = true;
    while (next && (fresh.length < wanted || !fresh.length)) {
      const page = await fetchPage(from);
      if (!page) return;
      fresh.push(...page.edges.map(({ node }) => node));
      from = page.pageInfo.endCursor;
      next = page.pageInfo.hasNextPage;
    }
    items.value = fresh; after = from; more.value = next;
  }
  const again = () => (refreshing ??= refresh().finally(() => { refreshing = null; }));
  // What is being fetched when it is heard of may have been read before it came about.
  async function catchUp() {
    const before = refreshing;
    await again();
    if (before && heard > rev) await again();
  }
  const known = (playlist) => { rev = Math.max(rev, playlist?.rev ?? 0); if (playlist?.songCount !== undefined) count.value = playlist.songCount; };
  const failed = async (error) => { notice(error.message); await again().catch(() => { /* the notice told */ }); };

  // Puts an entry right before another, or last of those that are known: seen at once, told one after the other.
  let moving = 0, told = Promise.resolve();
  function move(entryId, beforeId) {
    const entry = items.value.find((one) => one.id === entryId), rest = items.value.filter((one) => one !== entry);
    const at = rest.findIndex((one) => one.id === beforeId), to = at < 0 ? rest.length : at;
    if (!entry) return;
    items.value = rest.toSpliced(to, 0, entry);
    moving += 1;
    told = told.then(async () => {
      try { known((await ask(MOVE, { id, song: entry.song.id, entry: entryId, to, before: beforeId })).reorderPlaylistSongs.playlist); }
      catch (error) { await failed(error); }
      moving -= 1;
      if (!moving && heard > rev) await catchUp().catch(() => { /* told at the next event */ });
    });
  }
  async function put(song, before) {
    const { addSongToPlaylist } = await ask(PUT, { id, song, before });
    known(addSongToPlaylist.playlist);
    // The news of it may have come before the answer.
    if (items.value.some((one) => one.id === addSongToPlaylist.playlistSong.id)) return;
    const at = before ? items.value.findIndex((one) => one.id === before) : -1;
    if (at >= 0) items.value = items.value.toSpliced(at, 0, addSongToPlaylist.playlistSong);
    else if (!more.value) items.value = [...items.value, addSongToPlaylist.playlistSong];
  }
  async function remove(entry) {
    const at = items.value.indexOf(entry), before = items.value[at + 1]?.id ?? null;
    items.value = items.value.filter((one) => one !== entry);
    try {
      known((await ask(TAKE, { id, song: entry.song.id, entry: entry.id })).removeSongFromPlaylist.playlist);
      notice(t('playlist.removed', { name: entry.song.title }), [t('playlist.undo'), () => put(entry.song.id, before).catch(failed)]);
    } catch (error) { await failed(error); }
  }
  // What the subscription tells: another revision than the one known here is somebody else's doing.
  const hear = (playlist) => {
    if (!playlist || playlist.rev <= rev) return;
    heard = Math.max(heard, playlist.rev);
    // What this device still tells of would be undone for a moment.
    if (!moving) catchUp().catch(() => { /* told at the next event */ });
  };

  await load();
  return { items, more, busy, stuck, count, load, move, remove, add: (song) => put(song, null), hear };
}
