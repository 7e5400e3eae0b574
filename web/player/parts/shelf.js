// A shelf: a heading and a row of cards to scroll sideways, with a way to all of them.
import { html, nothing } from 'lit-html';
import { t } from '../language/language.js';

// `id` makes the heading the row's name; `all` is the address with everything.
export const shelf = ({ id, title, words = null, all = null, cards }) => (cards.length ? html`
  <section class="shelf" aria-labelledby="shelf-${id}">
    <div class="shelf-head"><h2 id="shelf-${id}">${title}</h2>${all ? html`<a class="quiet" href=${all}>${t('frame.show-all')}</a>` : nothing}</div>
    ${words ? html`<p class="shelf-words">${words}</p>` : nothing}
    <div class="shelf-row" tabindex="0" role="group" aria-labelledby="shelf-${id}">${cards}</div>
  </section>` : nothing);
