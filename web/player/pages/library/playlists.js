// One's playlists: own ones, those one was let into, and those one follows.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { PLAYLIST, card, grid, playlistCard } from '../../parts/card.js';
import { empty } from '../../parts/empty.js';
import { icon } from '../../parts/icon.js';
import { ask } from '../../session/api.js';
import { newPlaylist } from '../playlist/new_playlist.js';
import { importPlaylist } from '../playlist/import_playlist.js';
import { heading } from './heading.js';

const MINE = `query { myPlaylists(limit: 100) { ${PLAYLIST} isMine isSmart isPublic } followedPlaylists(limit: 100) { ${PLAYLIST} } likedSongs(first: 1) { totalCount } }`;

const own = (playlist) => card({
  address: `/playlist/${playlist.slug}`, picture: playlist.coverImage, title: playlist.name, context: ['PLAYLIST', playlist.id],
  words: html`${playlist.isSmart ? html`<span title=${t('library.smart')}>${icon('wand')}</span> ` : nothing}${playlist.isPublic ? nothing : html`<span title=${t('library.private')}>${icon('lock')}</span> `}${
    playlist.isMine ? t('frame.songs', { n: playlist.songCount }) : t('frame.by', { name: playlist.user?.username ?? '' })}`,
});

const liked = (count) => html`<article class="card liked-card"><a href="/library/songs"><span class="cover liked">${icon('heart-full')}</span><strong>${t('library.songs')}</strong></a>
  <p>${t('frame.songs', { n: count })}</p></article>`;

export const page = {
  areas: ['library', 'playlist', 'catalogue'],
  needs: 'listener',
  skeleton: 'grid',
  load: ({ abort }) => ask(MINE, {}, { abort }),
  title: () => t('frame.library'),
  view: ({ myPlaylists, followedPlaylists, likedSongs }) => html`${heading('/library')}
    <p class="acts"><button class="button main" @click=${newPlaylist}>${icon('plus')}${t('library.new')}</button>
      <a class="button" href="/library/smart">${icon('wand')}${t('library.new-smart')}</a>
      <button class="button" @click=${importPlaylist}>${icon('up-file')}${t('library.import')}</button></p>
    ${grid([liked(likedSongs.totalCount), ...myPlaylists.map(own)])}
    ${myPlaylists.length ? nothing : empty({ sign: 'library', title: t('library.no-playlists'), words: t('library.no-playlists-why'), act: [newPlaylist, t('library.new')] })}
    ${followedPlaylists.length ? html`<section aria-labelledby="followed"><h2 id="followed">${t('library.followed')}</h2>${grid(followedPlaylists.map(playlistCard))}</section>` : nothing}`,
};
