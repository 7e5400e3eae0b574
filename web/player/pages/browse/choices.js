// What the pages with everything of a kind have in common: their heading, and the choices above a list, kept in the address.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { picker, tabs } from '../../parts/tabs.js';
import { go } from '../../frame/router.js';

export const ORDERS = ['TITLE', 'NEWEST', 'MOST_PLAYED', 'RECENTLY_ADDED'];
const PLACES = [['/songs', 'catalogue.songs'], ['/albums', 'catalogue.albums'], ['/artists', 'catalogue.artists'], ['/genres', 'catalogue.genres'], ['/moods', 'catalogue.moods'], ['/charts', 'catalogue.charts'], ['/radio', 'catalogue.stations']];

export const heading = (here) => html`<h1>${t(PLACES.find(([address]) => address === here)[1])}</h1>
  ${tabs(t('catalogue.browse'), PLACES.map(([address, key]) => [address, t(key), address === here]))}`;

export const choices = (label, pickers) => html`<section class="filters" aria-label=${label}>${pickers}</section>`;

// A choice that is part of the address `page`; `usual` is what an address without it means.
export function pick(page, search, key, label, options, chosen = search.get(key) ?? '', usual = '') {
  return picker(label, options, chosen, (value) => {
    const all = new URLSearchParams(search);
    if (value === usual) all.delete(key); else all.set(key, value);
    go(`${page}${all.size ? `?${all}` : ''}`, { replace: true });
  });
}

export const genreChoice = (page, search, genres) => pick(page, search, 'genre', t('catalogue.genre'), [['', t('catalogue.all-genres')], ...genres.map(({ slug, name }) => [slug, name])]);

const FIRST_YEAR = 1900;
export function wholeYear(search) {
  const year = Number(search.get('year'));
  return Number.isInteger(year) && year >= FIRST_YEAR ? year : undefined;
}

export const yearChoice = (page, search) => html`<label class="picker"><span>${t('catalogue.year')}</span>
  <input type="number" inputmode="numeric" min=${FIRST_YEAR} max="2999" step="1" .value=${search.get('year') ?? ''} placeholder=${t('catalogue.any-year')} @change=${({ target }) => {
    if (!target.checkValidity()) return;
    const all = new URLSearchParams(search);
    if (target.value) all.set('year', target.value); else all.delete('year');
    go(`${page}${all.size ? `?${all}` : ''}`, { replace: true });
  }}></label>`;
