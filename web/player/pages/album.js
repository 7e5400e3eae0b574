// One album: its cover, its facts, its songs, what people say about it, and more by the same artist.
import { html, nothing } from 'lit-html';
import { span, t } from '../language/language.js';
import { addToPlaylist } from '../parts/add_to_playlist.js';
import { bondButton } from '../parts/bond.js';
import { ALBUM, albumCard } from '../parts/card.js';
import { downloadButton } from '../parts/download_button.js';
import { hero } from '../parts/hero.js';
import { icon } from '../parts/icon.js';
import { later } from '../parts/later.js';
import { menu } from '../parts/menu.js';
import { report } from '../parts/report.js';
import { openReviews } from '../parts/reviews.js';
import { shuffleButton } from '../parts/shuffle_button.js';
import { share, shareButton } from '../parts/share.js';
import { shelf } from '../parts/shelf.js';
import { ROW, songRows } from '../parts/song_rows.js';
import { watched } from '../parts/watched.js';
import { addToQueue, playSongs } from '../playing/player.js';
import { ask } from '../session/api.js';
import { person } from '../session/session.js';
import { dayOf } from './catalogue/release_day.js';

const SHOWN = `query($slug: String!) { album(slug: $slug) { ${ALBUM} label copyright description totalDuration totalTracks discCount isSaved
  saveCount playCount averageRating reviewCount credits { name join artist { slug } } genres { name slug } songs { ${ROW} } artistId: artist { id } } }`;
const MORE = `query($artist: ID!) { albums(first: 13, orderBy: NEWEST, filters: { artistId: $artist }) { edges { node { ${ALBUM} } } } }`;

const shared = (album) => ({ kind: 'album', id: album.id, title: album.title, address: `/album/${album.slug}` });

const acts = (album, context) => {
  const songs = album.songs.map(({ id }) => id);
  return [
    songs.length ? html`<button class="button main" @click=${() => playSongs(album.songs, 0, context)}>${icon('play')}${t('frame.play')}</button>` : nothing,
    songs.length > 1 ? shuffleButton('ALBUM', album) : nothing,
    bondButton('album', album),
    downloadButton('album', album.id, album.title),
    shareButton(shared(album)),
    menu({ id: `album-${album.id}`, label: t('frame.more-of', { name: album.title }), items: () => [
      person.value ? [t('frame.add-to-queue'), 'queue', () => addToQueue(songs)] : null,
      person.value ? [t('frame.add-to-playlist'), 'plus', () => addToPlaylist(songs, album.title)] : null,
      album.artist ? [t('catalogue.artist-radio'), 'radio', `/radio/artist:${album.artistId.id}`] : null,
      album.artist ? [t('frame.to-artist'), 'person', `/artist/${album.artist.slug}`] : null,
      [t('frame.share'), 'share', () => share(shared(album))],
      person.value ? [t('frame.report'), 'flag', () => report({ kind: 'ALBUM', id: album.id, name: album.title })] : null,
      person.value && album.coverImage ? [t('catalogue.report-cover'), 'flag', () => report({ kind: 'ALBUM_COVER', id: album.id, name: t('catalogue.cover-of', { name: album.title }) })] : null,
    ] }),
  ];
};

// Everybody on the cover, each with the way to their page.
export const byline = (credits) => credits.map(({ name, join, artist }) => html`${artist ? html`<a href="/artist/${artist.slug}">${name}</a>` : name}${join}`);

export const page = {
  areas: ['catalogue', 'offline'],
  skeleton: 'hero',
  load: async ({ params, abort }) => {
    const { album } = await ask(SHOWN, { slug: params.slug }, { abort });
    if (!album) return null;
    return { album,
      more: later(async () => (album.artistId
        ? (await ask(MORE, { artist: album.artistId.id }, { abort })).albums.edges.map(({ node }) => node).filter(({ id }) => id !== album.id) : null)),
      reviews: await openReviews({ album: album.id, name: album.title, mean: album.averageRating, count: album.reviewCount, abort }) };
  },
  title: ({ album }) => album.title,
  view: ({ album, more, reviews }) => {
    const context = { kind: 'ALBUM', id: album.id };
    return html`${hero({
      noun: t(`catalogue.${album.albumType}`), title: album.title, picture: album.coverImage, alt: t('catalogue.cover-of', { name: album.title }),
      byline: album.credits.length ? byline(album.credits) : album.artistCredit,
      words: album.description || null,
      facts: [album.releaseDate && dayOf(album.releaseDate), t('frame.songs', { n: album.totalTracks }), span(album.totalDuration),
        album.saveCount ? t('catalogue.saves', { n: album.saveCount }) : null,
        ...album.genres.map((genre) => html`<a href="/genre/${genre.slug}">${genre.name}</a>`)],
      acts: acts(album, context),
    })}
    ${songRows(album.songs, { context, numbered: true, discs: album.discCount > 1 })}
    <p class="facts small">${[album.copyright, album.label, album.playCount ? t('catalogue.plays', { n: album.playCount }) : ''].filter(Boolean).join(' · ')}</p>
    ${watched(() => reviews.view())}
    ${watched(() => (more.value ? shelf({ id: 'more', title: t('catalogue.more-by', { name: album.artist?.name ?? album.artistCredit }),
      all: album.artist && `/artist/${album.artist.slug}`, cards: more.value.map(albumCard) }) : nothing))}`;
  },
};
