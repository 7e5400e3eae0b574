// What is played most, and what rises: everywhere, in one's country or of a genre.
import { html } from 'lit-html';
import { ago, t } from '../../language/language.js';
import { ARTIST, artistCard } from '../../parts/card.js';
import { empty } from '../../parts/empty.js';
import { icon } from '../../parts/icon.js';
import { shelf } from '../../parts/shelf.js';
import { ROW, songRows } from '../../parts/song_rows.js';
import { picker, tabs } from '../../parts/tabs.js';
import { playSongs } from '../../playing/player.js';
import { ask } from '../../session/api.js';
import { heading } from '../browse/choices.js';
import { go } from '../../frame/router.js';
import { movement } from './movement.js';

const CHARTS = `query($range: TimeRange!, $order: ChartOrder!, $type: ChartType!, $genre: String) {
  trendingCharts(timeRange: $range, order: $order, type: $type, genre: $genre, limit: 100) { asOf songs { position change previousPosition playCount song { ${ROW} } } }
  trendingArtists(timeRange: $range, limit: 16) { ${ARTIST} } genres(limit: 500) { name slug } }`;
const RANGES = ['DAY', 'WEEK', 'MONTH', 'ALL_TIME'];

const addressOf = (chosen, change) => {
  const { range, order, genre } = { ...chosen, ...change };
  const parts = new URLSearchParams({ ...(range !== 'WEEK' && { range }), ...(order !== 'VOLUME' && { order }), ...(genre && { genre }) });
  return `/charts${parts.size ? `?${parts}` : ''}`;
};

export const page = {
  areas: ['catalogue'],
  skeleton: 'rows',
  load: async ({ search, abort }) => {
    const order = search.get('order') === 'ACCELERATION' ? 'ACCELERATION' : 'VOLUME', genre = search.get('genre');
    const asked = RANGES.includes(search.get('range')) ? search.get('range') : 'WEEK';
    const range = order === 'ACCELERATION' && asked === 'ALL_TIME' ? 'MONTH' : asked;
    return { ...await ask(CHARTS, { range, order, type: genre ? 'GENRE' : 'GLOBAL', genre }, { abort }), range, order, genre };
  },
  title: () => t('catalogue.charts'),
  view: ({ trendingCharts, trendingArtists, genres, ...chosen }) => {
    const places = trendingCharts.songs, songs = places.map(({ song, position }) => ({ ...song, trackNumber: position }));
    const ranges = chosen.order === 'ACCELERATION' ? RANGES.slice(0, -1) : RANGES;
    return html`${heading('/charts')}
      ${tabs(t('catalogue.chart-range'), ranges.map((range) => [addressOf(chosen, { range }), t(`catalogue.range-${range}`), range === chosen.range]))}
      <div class="choosing">${picker(t('catalogue.chart-order'), ['VOLUME', 'ACCELERATION'].map((order) => [order, t(`catalogue.chart-${order}`)]), chosen.order, (order) => go(addressOf(chosen, { order })))}
        ${picker(t('catalogue.genre'), [['', t('catalogue.all-genres')], ...genres.map(({ slug, name }) => [slug, name])], chosen.genre ?? '', (genre) => go(addressOf(chosen, { genre })))}
        ${songs.length ? html`<button class="button main" @click=${() => playSongs(songs)}>${icon('play')}${t('frame.play')}</button>` : ''}</div>
      ${songs.length ? html`${songRows(songs, { numbered: true, album: true, extra: (_, index) => movement(places[index]) })}
        <p class="facts small">${t('catalogue.counted', { ago: ago(trendingCharts.asOf) })}</p>`
    : empty({ sign: 'trend', title: t('catalogue.no-chart'), words: t('catalogue.no-chart-why'), way: ['/albums', t('catalogue.albums')] })}
      ${shelf({ id: 'artists', title: t('catalogue.chart-artists'), cards: trendingArtists.map(artistCard) })}`;
  },
};
