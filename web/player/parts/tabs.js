// Ways between pages that belong together, and choices of one among a few, as rows of pills.
import { html, nothing } from 'lit-html';
import { ref } from 'lit-html/directives/ref.js';

// Where a row of pills is wider than the window, the one that is here comes into sight.
const bring = (pill) => {
  if (!pill) return;
  requestAnimationFrame(() => {
    const row = pill.parentElement?.getBoundingClientRect(), own = pill.getBoundingClientRect();
    if (row) pill.parentElement.scrollBy({ left: (own.left + own.right - row.left - row.right) / 2, behavior: 'instant' });
  });
};

// `places` are [address, words, whether it is here].
export const tabs = (label, places) => html`<nav class="pills" aria-label=${label}>${places.map(([address, words, here]) => html`
  <a class="pill" href=${address} aria-current=${here ? 'page' : nothing} ${here ? ref(bring) : nothing}>${words}</a>`)}</nav>`;

// `choices` are [value, words]; `choose` is called with the value.
export const pills = (label, choices, chosen, choose) => html`<div class="pills" role="group" aria-label=${label}>${choices.map(([value, words]) => html`
  <button class="pill" aria-pressed=${value === chosen} @click=${() => choose(value)}>${words}</button>`)}</div>`;

// A list to choose one from, with its label before it.
export const picker = (label, choices, chosen, choose) => html`<label class="picker"><span>${label}</span>
  <select @change=${(event) => choose(event.target.value)}>${choices.map(([value, words]) => html`
    <option value=${value} ?selected=${value === chosen}>${words}</option>`)}</select></label>`;
