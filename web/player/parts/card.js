// Cards: one thing with its picture and a line or two, as they stand in grids and on shelves.
import { html, nothing } from 'lit-html';
import { t } from '../language/language.js';
import { playContext, playSongs } from '../playing/player.js';
import { cover } from './cover.js';
import { icon } from './icon.js';

// What a card needs of each kind, as GraphQL selections.
export const SONG = 'id slug title duration coverImage isExplicit isLiked artistCredit artist { id slug name } album { id slug title }';
export const PERSON = 'id username profileImage';
export const ALBUM = 'id slug title coverImage albumType releaseDate isExplicit artistCredit artist { slug name }';
export const ARTIST = 'id slug name profileImage verified';
export const PLAYLIST = 'id slug name coverImage songCount user { username }';

const SIZE = 180;

// One card. `wordy` gives its words the lines they need, for reasons; `context` or `play` what its button plays.
export function card({ address, picture, title, words, round = false, wordy = false, context = null, play = context && (() => playContext(...context)) }) {
  return html`<article class="card ${round ? 'is-round' : ''} ${wordy ? 'is-wordy' : ''}">
    <a href=${address}>${cover(picture, SIZE, { round })}<strong>${title}</strong></a>
    ${words ? html`<p>${words}</p>` : nothing}
    ${play ? html`<button class="card-play" aria-label=${t('frame.play-named', { name: title })} @click=${play}>
      ${icon('play')}</button>` : nothing}
  </article>`;
}

export const albumCard = (album) => card({
  address: `/album/${album.slug}`, picture: album.coverImage, title: album.title, context: ['ALBUM', album.id],
  words: html`${album.artist ? html`<a href="/artist/${album.artist.slug}">${album.artistCredit ?? album.artist.name}</a>` : album.artistCredit}
    ${album.releaseDate ? ` · ${album.releaseDate.slice(0, 4)}` : ''}`,
});

export const artistCard = (artist) => card({
  address: `/artist/${artist.slug}`, picture: artist.profileImage, title: artist.name, round: true, context: ['ARTIST', artist.id],
});

export const playlistCard = (playlist) => card({
  address: `/playlist/${playlist.slug ?? playlist.id}`, picture: playlist.coverImage, title: playlist.name, context: ['PLAYLIST', playlist.id],
  words: playlist.user ? t('frame.by', { name: playlist.user.username }) : t('frame.songs', { n: playlist.songCount ?? 0 }),
});

// A song as a card plays the list it stands in from it on.
export const songCard = (songs, index, { context = null, words = null } = {}) => card({
  address: `/song/${songs[index].slug}`, picture: songs[index].coverImage, title: songs[index].title,
  words: words ?? html`<a href="/artist/${songs[index].artist?.slug}">${songs[index].artistCredit}</a>`,
  play: () => playSongs(songs, index, context),
});

export const personCard = (user, words = null) => card({
  address: `/user/${encodeURIComponent(user.username)}`, picture: user.profileImage, title: user.username, round: true, words,
});

export const grid = (cards) => html`<div class="grid">${cards}</div>`;
