// All tiers beside each other: what each allows, as a table.
import { html } from 'lit-html';
import { number, t } from '../../language/language.js';

const yes = (is) => t(is ? 'plan.yes' : 'plan.not');
const most = (count) => (count === null ? t('plan.any') : number(count));

// What is compared, and what a tier has of it.
const ROWS = [
  ['sound', (tier) => t(`plan.sound-${tier.quality.toLowerCase()}`)],
  ['downloads', (tier) => (tier.downloads ? t('plan.devices', { n: tier.downloadDevices }) : t('plan.not'))],
  ['skips', (tier) => most(tier.skipsPerHour)],
  ['playing', (tier) => most(tier.playingDevices)],
  ['rooms', (tier) => yes(tier.hostRooms)],
  ['people', (tier) => number(tier.people)],
];

// `named(tier)` gives a tier's name.
export const comparison = (tiers, named) => html`<section><h2>${t('plan.compare')}</h2>
  <div class="compare" tabindex="0" role="group" aria-label=${t('plan.compare')}><table>
    <thead><tr><th scope="col"><span class="announced">${t('plan.what')}</span></th>${tiers.map(({ tier }) => html`<th scope="col">${named(tier)}</th>`)}</tr></thead>
    <tbody>${ROWS.map(([name, cell]) => html`<tr><th scope="row">${t(`plan.row-${name}`)}</th>${tiers.map((tier) => html`<td>${cell(tier)}</td>`)}</tr>`)}</tbody></table></div></section>`;
