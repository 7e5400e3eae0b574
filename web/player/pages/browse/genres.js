// The tree of genres.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { empty } from '../../parts/empty.js';
import { ask } from '../../session/api.js';
import { heading } from './choices.js';

const GENRES = 'query { genres(rootsOnly: true, limit: 500) { name slug children { name slug } } }';

export const page = {
  areas: ['catalogue'],
  skeleton: 'grid',
  load: async ({ abort }) => (await ask(GENRES, {}, { abort })).genres,
  title: () => t('catalogue.genres'),
  view: (genres) => html`${heading('/genres')}
    ${genres.length ? html`<div class="mood-tiles">${genres.map(({ slug, name, children }) => html`<div class="mood-tile is-genre"><a href="/genre/${slug}"><strong>${name}</strong></a>
      ${children.length ? html`<p class="small">${children.map((child, at) => html`${at ? ' · ' : ''}<a href="/genre/${child.slug}">${child.name}</a>`)}</p>` : nothing}</div>`)}</div>`
    : empty({ title: t('catalogue.empty'), words: t('catalogue.empty-why') })}`,
};
