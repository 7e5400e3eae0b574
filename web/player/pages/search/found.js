// What was found, of everything the best, of one kind all.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { albumCard, artistCard, grid, personCard, playlistCard } from '../../parts/card.js';
import { cover } from '../../parts/cover.js';
import { moreOf } from '../../parts/endless.js';
import { empty } from '../../parts/empty.js';
import { icon } from '../../parts/icon.js';
import { shelf } from '../../parts/shelf.js';
import { songRows } from '../../parts/song_rows.js';
import { watched } from '../../parts/watched.js';
import { playContext, playSongs } from '../../playing/player.js';
import { nearness } from './nearness.js';

export const KINDS = [['songs', 'catalogue.songs'], ['artists', 'catalogue.artists'], ['albums', 'catalogue.albums'], ['playlists', 'search.playlists'], ['users', 'search.people']];
const CARDS = { artists: artistCard, albums: albumCard, playlists: playlistCard, users: (user) => personCard(user) };
const FEW = 4;

// The one thing that was probably meant: `{ kind, thing, name }`.
export function best(found, words) {
  const firsts = [['artist', found.artists[0], 'name'], ['song', found.songs[0], 'title'], ['album', found.albums[0], 'title'], ['playlist', found.playlists[0], 'name']]
    .filter(([, thing]) => thing).map(([kind, thing, named]) => ({ kind, thing, name: thing[named] }));
  return firsts.sort((one, other) => nearness(one.name, words) - nearness(other.name, words))[0] ?? null;
}

const PLAYED = { artist: 'ARTIST', album: 'ALBUM', playlist: 'PLAYLIST' };

function bestCard({ kind, thing, name }) {
  const play = () => (kind === 'song' ? playSongs([thing]) : playContext(PLAYED[kind], thing.id));
  return html`<article class="best"><a href="/${kind}/${thing.slug}">${cover(thing.coverImage ?? thing.profileImage, 120, { round: kind === 'artist', lazy: false })}
    <strong>${name}</strong></a><p class="facts">${t(`search.is-${kind}`)}${thing.artistCredit ? html` · ${thing.artistCredit}` : nothing}</p>
    <button class="round-button main" aria-label=${t('frame.play-named', { name })} @click=${play}>${icon('play')}</button></article>`;
}

const meant = (words, change) => (words ? html`<p class="meant">${t('search.did-you-mean')} <button class="link" @click=${() => change({ q: words })}>${words}</button>?</p>` : nothing);
const nobody = (words) => empty({ sign: 'search', title: t('search.none', { words }), words: t('search.none-why') });
const told = (n) => html`<p class="hidden-words" role="status">${t('search.found', { n })}</p>`;

export function everything(found, words, change) {
  const count = found.songs.length + found.artists.length + found.albums.length + found.playlists.length + found.users.length;
  const first = best(found, words ?? '');
  if (!count) return html`${told(0)}${meant(found.didYouMean, change)}${nobody(words)}`;
  const all = (type) => `/search?${new URLSearchParams({ q: words, type })}`;
  return html`${told(count)}${meant(found.didYouMean, change)}
    <div class="best-and-songs ${found.songs.length ? '' : 'is-alone'}">
      ${first ? html`<section aria-labelledby="best"><h2 id="best" class="first">${t('search.best')}</h2>${bestCard(first)}</section>` : nothing}
      ${found.songs.length ? html`<section aria-labelledby="songs"><div class="shelf-head"><h2 id="songs" class="first">${t('catalogue.songs')}</h2>
        <a class="quiet" href=${all('songs')}>${t('frame.show-all')}</a></div>${songRows(found.songs.slice(0, FEW))}</section>` : nothing}
    </div>
    ${shelf({ id: 'artists', title: t('catalogue.artists'), all: all('artists'), cards: found.artists.map(artistCard) })}
    ${shelf({ id: 'albums', title: t('catalogue.albums'), all: all('albums'), cards: found.albums.map(albumCard) })}
    ${shelf({ id: 'playlists', title: t('search.playlists'), all: all('playlists'), cards: found.playlists.map(playlistCard) })}
    ${shelf({ id: 'people', title: t('search.people'), all: all('users'), cards: found.users.map((user) => personCard(user)) })}`;
}

export function ofKind({ kind, found, songs }, words, change) {
  if (songs) {
    return watched(() => (songs.list.items.value.length ? html`<p class="facts" role="status">${t('search.found', { n: songs.list.total.value ?? songs.list.items.value.length })}</p>
      ${meant(songs.didYouMean.value, change)}${songRows(songs.list.items.value, { album: true })}${moreOf(songs.list)}`
      : html`${told(0)}${meant(songs.didYouMean.value, change)}${nobody(words ?? '')}`));
  }
  const things = found[kind];
  return html`${meant(found.didYouMean, change)}${things.length ? html`<p class="facts" role="status">${t('search.found', { n: things.length })}</p>${grid(things.map(CARDS[kind]))}` : html`${told(0)}${nobody(words)}`}`;
}
