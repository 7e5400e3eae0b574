// One song: whose it is, how it sounds, its words, who made it, what people say, and what is like it.
import { html, nothing } from 'lit-html';
import { clock, language, t } from '../language/language.js';
import { addToPlaylist } from '../parts/add_to_playlist.js';
import { hero } from '../parts/hero.js';
import { icon } from '../parts/icon.js';
import { later } from '../parts/later.js';
import { like } from '../parts/like.js';
import { menu } from '../parts/menu.js';
import { openReviews } from '../parts/reviews.js';
import { report } from '../parts/report.js';
import { shareButton } from '../parts/share.js';
import { songItems } from '../parts/song_menu.js';
import { ROW, songRows } from '../parts/song_rows.js';
import { watched } from '../parts/watched.js';
import { playSongs, playing, song as current, toggle } from '../playing/player.js';
import { ask } from '../session/api.js';
import { person } from '../session/session.js';
import { dayOf } from './catalogue/release_day.js';
import { sound } from './catalogue/sound_of_song.js';

const SHOWN = `query($slug: String!) { song(slug: $slug) { ${ROW} year releaseDate lyrics language mood isrc copyright playCount likeCount averageRating reviewCount
  credits { name role join artist { slug } } genres { name slug } audioFeatures { tempo key energy danceability valence } } }`;
const SIMILAR = `query($id: ID!) { similarSongs(songId: $id, limit: 10) { ${ROW} } }`;
const PARTS = ['main', 'featured', 'remixer', 'composer', 'lyricist', 'producer', 'arranger', 'engineer', 'performer', 'writer'];

function playOne(song) {
  if (current.value?.id === song.id) toggle(); else playSongs([song], 0, song.album ? { kind: 'ALBUM', id: song.album.id } : null);
}

const acts = (song) => {
  const sounds = playing.value && current.value?.id === song.id;
  return [
    html`<button class="button main" @click=${() => playOne(song)}>${icon(sounds ? 'pause' : 'play')}${t(sounds ? 'frame.pause' : 'frame.play')}</button>`,
    like(song),
    person.value ? html`<button class="round-button" aria-label=${t('frame.add-to-playlist')} @click=${() => addToPlaylist([song.id], song.title)}>${icon('plus')}</button>` : nothing,
    shareButton({ kind: 'song', id: song.id, title: song.title, address: `/song/${song.slug}` }),
    menu({ id: `song-${song.id}`, label: t('frame.more-of', { name: song.title }), items: () => [...songItems(song),
      person.value && song.lyrics ? [t('catalogue.report-lyrics'), 'flag', () => report({ kind: 'LYRICS', id: song.id, name: t('catalogue.lyrics-of', { name: song.title }) })] : null] }),
  ];
};

const tongue = (code) => { try { return new Intl.DisplayNames(language.value, { type: 'language' }).of(code); } catch { return code; } };
const partOf = (role) => (PARTS.includes(role) ? t(`catalogue.part-${role}`) : role);

function credits(song) {
  const parts = Map.groupBy(song.credits, ({ role }) => role);
  const rows = [...parts].map(([role, people]) => [partOf(role), people.map(({ name, artist }, at) => html`${at ? ', ' : ''}${artist ? html`<a href="/artist/${artist.slug}">${name}</a>` : name}`)]);
  if (song.album) rows.push([t('catalogue.album-is'), html`<a href="/album/${song.album.slug}">${song.album.title}</a>`]);
  if (song.releaseDate) rows.push([t('catalogue.released'), dayOf(song.releaseDate)]);
  if (song.genres.length) rows.push([t('catalogue.genres'), song.genres.map((genre, at) => html`${at ? ', ' : ''}<a href="/genre/${genre.slug}">${genre.name}</a>`)]);
  if (song.language && song.language !== 'zxx') rows.push([t('catalogue.language'), tongue(song.language)]);
  if (song.isrc) rows.push(['ISRC', song.isrc]);
  if (song.copyright) rows.push([t('catalogue.rights'), song.copyright]);
  return html`<section aria-labelledby="credits"><h2 id="credits">${t('catalogue.credits')}</h2>
    <dl class="pairs">${rows.map(([key, value]) => html`<div><dt>${key}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

const lyrics = (song) => (song.lyrics ? html`<section aria-labelledby="words"><h2 id="words">${t('catalogue.lyrics')}</h2>
  <p class="words">${song.lyrics}</p></section>` : nothing);

export const page = {
  areas: ['catalogue'],
  skeleton: 'hero',
  load: async ({ params, abort }) => {
    const { song } = await ask(SHOWN, { slug: params.slug }, { abort });
    return song && { song, similar: later(async () => (await ask(SIMILAR, { id: song.id }, { abort })).similarSongs),
      reviews: await openReviews({ song: song.id, name: song.title, mean: song.averageRating, count: song.reviewCount, abort }) };
  },
  title: ({ song }) => `${song.title} · ${song.artistCredit}`,
  view: ({ song, similar, reviews }) => html`${hero({
    noun: t('catalogue.song'), title: song.title, picture: song.coverImage, alt: t('catalogue.cover-of', { name: song.album?.title ?? song.title }),
    byline: song.artist ? html`<a href="/artist/${song.artist.slug}">${song.artistCredit}</a>` : song.artistCredit,
    facts: [song.isExplicit ? t('frame.explicit') : null, song.album ? html`<a href="/album/${song.album.slug}">${song.album.title}</a>` : null, song.year,
      clock(song.duration), song.playCount ? t('catalogue.plays', { n: song.playCount }) : null, song.likeCount ? t('catalogue.likes', { n: song.likeCount }) : null],
    acts: acts(song),
  })}
  <div class="two-columns">${credits(song)}${sound(song)}</div>
  ${lyrics(song)}
  ${watched(() => reviews.view())}
  ${watched(() => (similar.value?.length ? html`<section aria-labelledby="similar"><div class="shelf-head"><h2 id="similar">${t('catalogue.similar-songs')}</h2>
    <a class="quiet" href="/radio/song:${song.id}">${t('frame.start-radio')}</a></div>${songRows(similar.value, { album: true })}</section>` : nothing))}`,
};
