// Stars: how well something is liked, and the choice of one to five of them.
import { html } from 'lit-html';
import { number, t } from '../language/language.js';
import { icon } from './icon.js';

const FIVE = [1, 2, 3, 4, 5];

// A mean, drawn to the nearest star and said exactly.
export const stars = (rating) => html`<span class="stars" role="img" aria-label=${t('catalogue.stars-of-five', { rating: number(rating) })}>
  ${FIVE.map((one) => html`${icon(one <= Math.round(rating) ? 'star-full' : 'star')}`)}</span>`;

// Radio buttons, so that arrows choose among them.
export const starChoice = (name, chosen) => html`<fieldset class="star-choice"><legend>${t('catalogue.your-rating')}</legend>
  ${FIVE.map((one) => html`<label><input type="radio" name=${name} value=${one} required ?checked=${one === chosen}>
    <span class="hidden-words">${t('catalogue.stars', { n: one })}</span>${icon('star-full')}</label>`)}</fieldset>`;
