// What a search for songs keeps: genre, time, length, mood, language, key and more, each with how many there are.
import { html, nothing } from 'lit-html';
import { language, number, t } from '../../language/language.js';
import { picker } from '../../parts/tabs.js';
import { person } from '../../session/session.js';

const SORTS = ['RELEVANCE', 'POPULARITY', 'NEWEST', 'OLDEST', 'RECENTLY_ADDED', 'TITLE', 'SHORTEST', 'LONGEST', 'SLOWEST', 'FASTEST'];
const KEYS = ['genre', 'decade', 'length', 'pace', 'mood', 'language', 'key', 'explicit', 'mine'];
// Lengths in seconds and speeds in beats a minute, from and to.
const LENGTHS = { short: [null, 179], medium: [180, 300], long: [301, null] };
const PACES = { slow: [null, 89], middle: [90, 119], fast: [120, null] };

export const isFiltered = (parts) => KEYS.some((key) => parts.has(key));

// The API's SearchFilters for what the address says.
export function songFilters(parts) {
  const filters = {};
  for (const key of ['genre', 'mood', 'language', 'key']) if (parts.get(key)) filters[key] = parts.get(key);
  const decade = Number(parts.get('decade'));
  if (decade) Object.assign(filters, { yearFrom: decade, yearTo: decade + 9 });
  const [shortest, longest] = LENGTHS[parts.get('length')] ?? [];
  if (shortest) filters.durationFrom = shortest;
  if (longest) filters.durationTo = longest;
  const [slowest, fastest] = PACES[parts.get('pace')] ?? [];
  if (slowest) filters.tempoFrom = slowest;
  if (fastest) filters.tempoTo = fastest;
  if (parts.has('explicit')) filters.isExplicit = parts.get('explicit') === 'yes';
  if (parts.get('mine') === 'liked') filters.liked = true;
  if (parts.get('mine') === 'library') filters.inLibrary = true;
  return filters;
}

const tongue = (code) => { try { return new Intl.DisplayNames(language.value, { type: 'language' }).of(code); } catch { return code; } };
const counted = (words, count) => `${words} (${number(count)})`;

export function filters(parts, facets, change) {
  const one = (key, label, choices) => {
    const there = parts.get(key);
    const all = there && !choices.some(([value]) => value === there) ? [[there, there], ...choices] : choices;
    return all.length ? picker(label, [['', t('search.any')], ...all], there ?? '', (value) => change({ [key]: value })) : nothing;
  };
  const many = (values, words = (value) => value) => (values ?? []).map(({ value, count }) => [value, counted(words(value), count)]);
  return html`<section class="filters" aria-label=${t('search.filters')}>
    ${one('genre', t('catalogue.genre'), (facets?.genres ?? []).filter(({ genre }) => genre).map(({ genre, count }) => [genre.slug, counted(genre.name, count)]))}
    ${one('decade', t('search.decade'), many(facets?.decades, (value) => t('search.decade-of', { year: value })))}
    ${one('mood', t('catalogue.mood'), many(facets?.moods))}
    ${one('length', t('search.length'), Object.keys(LENGTHS).map((length) => [length, t(`search.length-${length}`)]))}
    ${one('pace', t('catalogue.tempo'), Object.keys(PACES).map((pace) => [pace, t(`search.pace-${pace}`)]))}
    ${one('language', t('catalogue.language'), many(facets?.languages, tongue))}
    ${one('key', t('catalogue.key'), many(facets?.keys))}
    ${one('explicit', t('frame.explicit'), [['no', t('search.without')], ['yes', t('search.only')]])}
    ${person.value ? one('mine', t('search.mine'), [['liked', t('search.mine-liked')], ['library', t('search.mine-library')]]) : nothing}
    ${picker(t('search.sort'), SORTS.map((sort) => [sort, t(`search.sort-${sort}`)]), parts.get('sort') ?? 'RELEVANCE', (sort) => change({ sort: sort === 'RELEVANCE' ? null : sort }))}
    ${isFiltered(parts) ? html`<button class="button small" @click=${() => change(Object.fromEntries(KEYS.map((key) => [key, null])))}>${t('search.clear-filters')}</button>` : nothing}
  </section>`;
}
