// All albums of the library, by kind, genre and year.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { ALBUM, albumCard, grid } from '../../parts/card.js';
import { empty } from '../../parts/empty.js';
import { endless, moreOf } from '../../parts/endless.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { ORDERS, choices, genreChoice, heading, pick, wholeYear, yearChoice } from './choices.js';

const PAGE = 60;
const ALBUMS = `query($after: String, $filters: AlbumFilters, $by: CatalogueOrder!) { albums(first: ${PAGE}, after: $after, filters: $filters, orderBy: $by) {
  edges { node { ${ALBUM} } } pageInfo { hasNextPage endCursor } totalCount } }`;
const KINDS = ['ALBUM', 'EP', 'SINGLE', 'COMPILATION'];

export const page = {
  areas: ['catalogue'],
  skeleton: 'grid',
  load: async ({ search, abort, back }) => {
    const by = ORDERS.includes(search.get('by')) ? search.get('by') : 'TITLE', kind = KINDS.includes(search.get('kind')) ? search.get('kind') : undefined;
    const filters = { genre: search.get('genre') ?? undefined, year: wholeYear(search), albumType: kind };
    const [{ genres }, albums] = await Promise.all([ask('query { genres(limit: 500) { name slug } }', {}, { abort }),
      endless(async (after) => (await ask(ALBUMS, { after, filters, by }, { abort })).albums, { back })]);
    return { albums, genres, search, by };
  },
  title: () => t('catalogue.albums'),
  view: ({ albums, genres, search, by }) => html`${heading('/albums')}
    ${choices(t('catalogue.choose'), [pick('/albums', search, 'by', t('catalogue.order'), ORDERS.map((order) => [order, t(`catalogue.by-${order}`)]), by, 'TITLE'),
    pick('/albums', search, 'kind', t('catalogue.kind'), [['', t('catalogue.all')], ...KINDS.map((kind) => [kind, t(`catalogue.${kind}-many`)])]),
    genreChoice('/albums', search, genres), yearChoice('/albums', search)])}
    ${watched(() => html`${albums.items.value.length ? html`<p class="facts">${t('catalogue.albums-of', { n: albums.total.value ?? 0 })}</p>${grid(albums.items.value.map(albumCard))}`
    : search.size ? empty({ sign: 'disc', title: t('catalogue.none-like-that'), words: t('catalogue.none-why'), way: ['/albums', t('catalogue.show-everything')] })
      : empty({ sign: 'disc', title: t('catalogue.empty'), words: t('catalogue.empty-why') })}
    ${albums.more.value ? moreOf(albums) : nothing}`)}`,
};
