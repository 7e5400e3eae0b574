// All artists of the library, by genre.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { ARTIST, artistCard, grid } from '../../parts/card.js';
import { empty } from '../../parts/empty.js';
import { endless, moreOf } from '../../parts/endless.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { choices, genreChoice, heading, pick } from './choices.js';

const ARTISTS = `query($after: String, $filters: ArtistFilters, $by: ArtistOrder!) { artists(first: 60, after: $after, filters: $filters, orderBy: $by) {
  edges { node { ${ARTIST} } } pageInfo { hasNextPage endCursor } totalCount } }`;
const ORDERS = ['NAME', 'NEWEST', 'MOST_PLAYED'];

export const page = {
  areas: ['catalogue'],
  skeleton: 'grid',
  load: async ({ search, abort, back }) => {
    const by = ORDERS.includes(search.get('by')) ? search.get('by') : 'NAME', filters = { genre: search.get('genre') ?? undefined };
    const [{ genres }, artists] = await Promise.all([ask('query { genres(limit: 500) { name slug } }', {}, { abort }),
      endless(async (after) => (await ask(ARTISTS, { after, filters, by }, { abort })).artists, { back })]);
    return { artists, genres, search, by };
  },
  title: () => t('catalogue.artists'),
  view: ({ artists, genres, search, by }) => html`${heading('/artists')}
    ${choices(t('catalogue.choose'), [pick('/artists', search, 'by', t('catalogue.order'), ORDERS.map((order) => [order, t(`catalogue.artists-by-${order}`)]), by, 'NAME'),
    genreChoice('/artists', search, genres)])}
    ${watched(() => html`${artists.items.value.length ? html`<p class="facts">${t('catalogue.artists-of', { n: artists.total.value ?? 0 })}</p>${grid(artists.items.value.map(artistCard))}`
    : search.size ? empty({ sign: 'person', title: t('catalogue.none-like-that'), words: t('catalogue.none-why'), way: ['/artists', t('catalogue.show-everything')] })
      : empty({ sign: 'person', title: t('catalogue.empty'), words: t('catalogue.empty-why') })}
    ${artists.more.value ? moreOf(artists) : nothing}`)}`,
};
