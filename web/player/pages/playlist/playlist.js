// One playlist: its head, its songs, and whatever those who may change it can do. What others do to it is seen at once.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { span, t } from '../../language/language.js';
import { addToPlaylist } from '../../parts/add_to_playlist.js';
import { bondButton, boundCount } from '../../parts/bond.js';
import { downloadButton } from '../../parts/download_button.js';
import { empty } from '../../parts/empty.js';
import { moreOf } from '../../parts/endless.js';
import { hero } from '../../parts/hero.js';
import { icon } from '../../parts/icon.js';
import { menu } from '../../parts/menu.js';
import { handle, howToMove } from '../../parts/reorder.js';
import { report } from '../../parts/report.js';
import { share, shareButton } from '../../parts/share.js';
import { shuffleButton } from '../../parts/shuffle_button.js';
import { songRows } from '../../parts/song_rows.js';
import { watched } from '../../parts/watched.js';
import { addToQueue, playSongs } from '../../playing/player.js';
import { ask, listen } from '../../session/api.js';
import { person } from '../../session/session.js';
import { openAdding } from './add_songs.js';
import { collaborators } from './collaborators.js';
import { deletePlaylist, editPlaylist, leavePlaylist } from './edit_playlist.js';
import { openEntries } from './entries.js';
import { exportPlaylist } from './export_playlist.js';

const HEAD = `id slug name description coverImage isPublic isCollaborative isEditorial duplicates followerCount songCount totalDuration rev isFollowed isMine canEdit myRole
  isSmart matchCount songLimit orderBy refreshedAt user { id username }`;
const SHOWN = `query($slug: String!) { playlist(slug: $slug) { ${HEAD} } }`;
const LIVE = `subscription($id: ID!) { playlist(id: $id) { ${HEAD} } }`;

const shared = (playlist) => ({ kind: 'playlist', id: playlist.id, title: playlist.name, address: `/playlist/${playlist.slug}` });

function acts(head, entries) {
  const playlist = head.value, songs = entries.items.value.map(({ song }) => song), ids = songs.map(({ id }) => id);
  const owner = playlist.isMine;
  return [
    songs.length ? html`<button class="button main" @click=${() => playSongs(songs, 0, { kind: 'PLAYLIST', id: playlist.id })}>${icon('play')}${t('frame.play')}</button>${shuffleButton('PLAYLIST', playlist)}` : nothing,
    downloadButton('playlist', playlist.id, playlist.name),
    owner ? html`<button class="button" @click=${() => editPlaylist(head)}>${icon('pencil')}${t('playlist.edit')}</button>` : bondButton('playlist', playlist),
    owner && playlist.isSmart ? html`<a class="button" href="/playlist/${playlist.slug}/rules">${icon('wand')}${t('playlist.rules')}</a>` : nothing,
    (owner || playlist.canEdit) && !playlist.isSmart ? html`<button class="button" @click=${() => collaborators(head)}>${icon('people')}${t('playlist.people')}</button>` : nothing,
    shareButton(shared(playlist)),
    menu({ id: `playlist-${playlist.id}`, label: t('frame.more-of', { name: playlist.name }), items: () => [
      person.value ? [t('frame.add-to-queue'), 'queue', () => addToQueue(ids)] : null,
      person.value ? [t('playlist.add-all'), 'plus', () => addToPlaylist(ids, playlist.name)] : null,
      [t('frame.share'), 'share', () => share(shared(playlist))],
      [t('playlist.export'), 'down-file', () => exportPlaylist(playlist)],
      playlist.myRole && !owner ? [t('playlist.leave'), 'close', () => leavePlaylist(playlist)] : null,
      owner ? [t('playlist.delete'), 'trash', () => deletePlaylist(playlist)] : null,
      person.value && !owner ? [t('frame.report'), 'flag', () => report({ kind: 'PLAYLIST', id: playlist.id, name: playlist.name })] : null,
      person.value && !owner && playlist.coverImage ? [t('playlist.report-cover'), 'flag', () => report({ kind: 'PLAYLIST_COVER', id: playlist.id, name: playlist.name })] : null,
    ] }),
  ];
}

function facts(playlist, entries) {
  const followers = boundCount('playlist', playlist, playlist.followerCount);
  return [t('frame.songs', { n: entries.count.value }), span(playlist.totalDuration), followers ? t('catalogue.followers', { n: followers }) : null,
    playlist.isPublic ? null : html`${icon('lock')} ${t('playlist.private')}`, playlist.isCollaborative ? t('playlist.together') : null,
    playlist.isSmart && playlist.matchCount > playlist.songLimit ? t('playlist.matches', { n: playlist.matchCount }) : null];
}

function songsOf(head, entries) {
  const playlist = head.value, mayEdit = playlist.canEdit && !playlist.isSmart;
  const those = entries.items.value, songs = those.map(({ id, song }) => ({ ...song, key: id }));
  if (!songs.length) {
    return playlist.isSmart ? empty({ sign: 'wand', title: t('playlist.no-match'), words: t('playlist.no-match-why'), way: playlist.isMine ? [`/playlist/${playlist.slug}/rules`, t('playlist.rules')] : null })
      : empty({ title: t('playlist.empty'), words: t(mayEdit ? 'playlist.empty-why' : 'playlist.empty-others') });
  }
  const extra = (_, index) => html`${playlist.isCollaborative && those[index].addedBy ? html`<a class="facts small added-by" href="/user/${encodeURIComponent(those[index].addedBy.username)}">${those[index].addedBy.username}</a>` : nothing}
    ${mayEdit ? handle({ id: those[index].id, name: those[index].song.title, move: entries.move, count: entries.count.value }) : nothing}`;
  return html`${mayEdit ? howToMove() : nothing}
    ${songRows(songs, { context: { kind: 'PLAYLIST', id: playlist.id }, album: true, moves: mayEdit, extra: mayEdit || playlist.isCollaborative ? extra : null,
    more: mayEdit ? (_, index) => [[t('playlist.remove'), 'trash', () => entries.remove(those[index])]] : null })}
    ${moreOf(entries)}`;
}

export const page = {
  areas: ['catalogue', 'offline', 'playlist'],
  skeleton: 'hero',
  load: async ({ params, abort, onLeave }) => {
    const { playlist } = await ask(SHOWN, params, { abort });
    if (!playlist) return null;
    const head = signal(playlist), entries = await openEntries(playlist.id, abort);
    onLeave(listen(LIVE, { id: playlist.id }, ({ playlist: now }) => {
      if (!now) return;
      if (now.rev !== head.value.rev || now.followerCount !== head.value.followerCount) head.value = { ...head.value, ...now };
      entries.hear(now);
    }));
    return { head, entries, adding: openAdding(entries, abort) };
  },
  title: ({ head }) => head.value.name,
  view: ({ head, entries, adding }) => html`${watched(() => {
    const playlist = head.value;
    return hero({
      noun: t(playlist.isSmart ? 'playlist.smart' : playlist.isEditorial ? 'catalogue.chosen' : 'playlist.playlist'), title: playlist.name, picture: playlist.coverImage,
      alt: t('catalogue.cover-of', { name: playlist.name }), words: playlist.description || null,
      byline: playlist.user ? html`<a href="/user/${encodeURIComponent(playlist.user.username)}">${playlist.user.username}</a>` : null,
      facts: facts(playlist, entries), acts: acts(head, entries),
    });
  })}
  ${watched(() => songsOf(head, entries))}
  ${watched(() => (head.value.canEdit && !head.value.isSmart ? adding.view(head.value) : nothing))}`,
};
