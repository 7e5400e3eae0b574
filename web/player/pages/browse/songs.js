// All songs of the library, by genre and year.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { empty } from '../../parts/empty.js';
import { endless, moreOf } from '../../parts/endless.js';
import { ROW, songRows } from '../../parts/song_rows.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { ORDERS, choices, genreChoice, heading, pick, wholeYear, yearChoice } from './choices.js';

const SONGS = `query($after: String, $filters: SongFilters, $by: CatalogueOrder!) { songs(first: 100, after: $after, filters: $filters, orderBy: $by) {
  edges { node { ${ROW} } } pageInfo { hasNextPage endCursor } totalCount } }`;

export const page = {
  areas: ['catalogue'],
  skeleton: 'rows',
  load: async ({ search, abort, back }) => {
    const by = ORDERS.includes(search.get('by')) ? search.get('by') : 'TITLE', clean = search.get('explicit') === 'no';
    const filters = { genre: search.get('genre') ?? undefined, year: wholeYear(search), ...(clean && { isExplicit: false }) };
    const [{ genres }, songs] = await Promise.all([ask('query { genres(limit: 500) { name slug } }', {}, { abort }),
      endless(async (after) => (await ask(SONGS, { after, filters, by }, { abort })).songs, { back })]);
    return { songs, genres, search, by };
  },
  title: () => t('catalogue.songs'),
  view: ({ songs, genres, search, by }) => html`${heading('/songs')}
    ${choices(t('catalogue.choose'), [pick('/songs', search, 'by', t('catalogue.order'), ORDERS.map((order) => [order, t(`catalogue.by-${order}`)]), by, 'TITLE'),
    genreChoice('/songs', search, genres), yearChoice('/songs', search),
    pick('/songs', search, 'explicit', t('frame.explicit'), [['', t('catalogue.all')], ['no', t('catalogue.without-explicit')]])])}
    ${watched(() => html`${songs.items.value.length ? html`<p class="facts">${t('frame.songs', { n: songs.total.value ?? 0 })}</p>${songRows(songs.items.value, { album: true })}`
    : search.size ? empty({ title: t('catalogue.none-like-that'), words: t('catalogue.none-why'), way: ['/songs', t('catalogue.show-everything')] })
      : empty({ title: t('catalogue.empty'), words: t('catalogue.empty-why') })}
    ${songs.more.value ? moreOf(songs) : nothing}`)}`,
};
