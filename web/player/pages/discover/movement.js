// How a place in a chart moved since yesterday: a sign that is also said in words.
import { html } from 'lit-html';
import { number, t } from '../../language/language.js';
import { icon } from '../../parts/icon.js';

export function movement({ change }) {
  const told = change === null ? ['new', 'catalogue.chart-new'] : change > 0 ? ['rose', 'catalogue.chart-rose'] : change < 0 ? ['fell', 'catalogue.chart-fell'] : ['stayed', 'catalogue.chart-stayed'];
  const [kind, key] = told, words = t(key, { n: Math.abs(change ?? 0) });
  return html`<span class="movement ${kind}" title=${words}><span class="hidden-words">${words}</span><span aria-hidden="true">${
    kind === 'new' ? '●' : kind === 'stayed' ? '–' : html`${icon(kind === 'rose' ? 'up' : 'down')}${number(Math.abs(change))}`}</span></span>`;
}
