// One genre: what is played most of it, by whom, what is new, and what lies near it.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { ALBUM, ARTIST, PLAYLIST, albumCard, artistCard, playlistCard } from '../../parts/card.js';
import { icon } from '../../parts/icon.js';
import { shelf } from '../../parts/shelf.js';
import { ROW, songRows } from '../../parts/song_rows.js';
import { playSongs } from '../../playing/player.js';
import { ask } from '../../session/api.js';

const GENRE = `query($slug: String!) { genre(slug: $slug) { id name slug description ancestors { name slug } children { name slug }
  topSongs(limit: 20) { ${ROW} } topArtists(limit: 16) { ${ARTIST} } newReleases(limit: 16) { ${ALBUM} } relatedGenres(limit: 12) { name slug } playlists(limit: 12) { ${PLAYLIST} } } }`;
const names = (genres) => html`<div class="pills is-many">${genres.map(({ slug, name }) => html`<a class="pill" href="/genre/${slug}">${name}</a>`)}</div>`;

export const page = {
  areas: ['catalogue'],
  skeleton: 'rows',
  load: async ({ params, abort }) => (await ask(GENRE, params, { abort })).genre,
  title: (genre) => genre.name,
  view: (genre) => html`
    <nav class="trail facts" aria-label=${t('catalogue.trail')}><a href="/genres">${t('catalogue.genres')}</a>${genre.ancestors.map(({ slug, name }) => html` › <a href="/genre/${slug}">${name}</a>`)}</nav>
    <h1>${genre.name}</h1>
    ${genre.description ? html`<p class="prose">${genre.description}</p>` : nothing}
    ${genre.children.length ? names(genre.children) : nothing}
    <p class="acts">${genre.topSongs.length ? html`<button class="button main" @click=${() => playSongs(genre.topSongs)}>${icon('play')}${t('frame.play')}</button>` : nothing}
      <a class="button" href="/radio/genre:${genre.id}">${icon('radio')}${t('catalogue.radio')}</a>
      <a class="button" href="/charts?genre=${genre.slug}">${icon('trend')}${t('catalogue.charts')}</a>
      <a class="button" href="/songs?genre=${genre.slug}">${t('catalogue.all-songs')}</a></p>
    ${genre.topSongs.length ? html`<section aria-labelledby="top"><h2 id="top">${t('catalogue.top-songs')}</h2>${songRows(genre.topSongs, { album: true })}</section>` : nothing}
    ${shelf({ id: 'artists', title: t('catalogue.artists'), all: `/artists?genre=${genre.slug}`, cards: genre.topArtists.map(artistCard) })}
    ${shelf({ id: 'new', title: t('catalogue.new-releases'), all: `/albums?genre=${genre.slug}&by=NEWEST`, cards: genre.newReleases.map(albumCard) })}
    ${shelf({ id: 'playlists', title: t('catalogue.chosen'), cards: genre.playlists.map(playlistCard) })}
    ${genre.relatedGenres.length ? html`<section aria-labelledby="near"><h2 id="near">${t('catalogue.near-genres')}</h2>${names(genre.relatedGenres)}</section>` : nothing}`,
};
