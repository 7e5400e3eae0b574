// The head of a page about one thing: its picture, what it is, its name and its facts, and what can be done with it.
import { html, nothing } from 'lit-html';
import { ref } from 'lit-html/directives/ref.js';
import { cover } from './cover.js';
import { tint } from './tint.js';

// `facts` are joined by dots, empty ones left out; `acts` are buttons.
export const hero = ({ noun, title, picture, byline = null, words = null, facts = [], acts = [], round = false, alt = '' }) => html`
  <section class="hero" ${ref(tint(picture))}>
    ${cover(picture, 260, { round, alt, lazy: false })}
    <div>
      <p class="hero-noun">${noun}</p>
      <h1>${title}</h1>
      ${byline ? html`<p class="hero-byline">${byline}</p>` : nothing}
      ${words ? html`<p class="hero-words">${words}</p>` : nothing}
      <p class="facts">${facts.filter(Boolean).map((fact, at) => html`${at ? ' · ' : ''}${fact}`)}</p>
      <div class="acts">${acts}</div>
    </div>
  </section>`;
