// What stands where nothing is: why, and what to do about it.
import { html, nothing } from 'lit-html';
import { icon } from './icon.js';

// `way` is [address, words], `act` is [what to do, words].
export const empty = ({ sign = 'note', title, words, way = null, act = null }) => html`
  <div class="empty">${icon(sign)}<h1>${title}</h1><p>${words}</p>
    ${way ? html`<a class="button main" href=${way[0]}>${way[1]}</a>` : nothing}
    ${act ? html`<button class="button main" @click=${act[0]}>${act[1]}</button>` : nothing}
  </div>`;
