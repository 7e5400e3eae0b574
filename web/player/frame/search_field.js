// The search at the head of every page: what is typed is searched as it is typed, on the page of the search, and names
// that may be meant are offered below it (a combobox: arrows choose, Enter takes, Escape closes).
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../language/language.js';
import { icon } from '../parts/icon.js';
import { watched } from '../parts/watched.js';
import { ask } from '../session/api.js';
import { go, path, rename } from './router.js';

const OFFERS = 'query($q: String!) { autocomplete(query: $q, limit: 6) { suggestions } }';
const PAUSE_MS = 120;

const offers = signal([]), chosen = signal(-1);
let waiting = null, asking = null;

const isThere = () => path.value.split('?')[0] === '/search';
const parts = () => new URLSearchParams(isThere() ? path.value.split('?')[1] : '');

// What was chosen on the page of the search stays while the words change.
function addressOf(words) {
  const all = parts();
  if (words) all.set('q', words); else all.delete('q');
  return `/search${all.size ? `?${all}` : ''}`;
}

function close() {
  clearTimeout(waiting);
  asking?.abort();
  offers.value = [];
  chosen.value = -1;
}

async function offer(words) {
  asking = new AbortController();
  try {
    const { autocomplete } = await ask(OFFERS, { q: words }, { abort: asking.signal });
    const plain = words.trim().toLowerCase();
    offers.value = autocomplete.suggestions.filter((one) => one.toLowerCase() !== plain);
    chosen.value = -1;
  } catch { /* without offers the search goes on */ }
}

const offerSoon = (field) => { if (field.value.trim()) waiting = setTimeout(() => offer(field.value), PAUSE_MS); };

async function search(field, words) {
  if (isThere()) { rename(addressOf(words)); return; }
  await go(addressOf(words));
  // Arriving at the page took the keyboard away from the field for a moment.
  field.focus();
  close();
  offerSoon(field);
}

function type({ target }) {
  close();
  search(target, target.value);
  offerSoon(target);
}

function take(field, words) {
  close();
  field.value = words;
  search(field, words);
}

function key(event) {
  const { length } = offers.value;
  if (event.key === 'Escape' && length) { event.preventDefault(); close(); return; }
  if (event.key === 'Enter') {
    event.preventDefault();
    if (chosen.value >= 0) take(event.target, offers.value[chosen.value]);
    else { close(); document.getElementById('page').focus(); }
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !length) return;
  event.preventDefault();
  // One place more than there are offers: the field itself.
  chosen.value = (chosen.value + 1 + step + length + 1) % (length + 1) - 1;
}

const option = (words, at) => html`<li role="option" id="offer-${at}" aria-selected=${at === chosen.value}
  @pointerdown=${(event) => { event.preventDefault(); take(document.getElementById('search-field'), words); }}>${icon('search')}${words}</li>`;

export const searchField = () => html`
  <form class="seeking" role="search" @submit=${(event) => event.preventDefault()}>
    ${icon('search')}
    ${watched(() => html`<input id="search-field" type="search" .value=${parts().get('q') ?? ''} placeholder=${t('frame.search-for')} aria-label=${t('frame.search-for')}
      autocomplete="off" spellcheck="false" maxlength="200" role="combobox" aria-autocomplete="list" aria-controls="search-offers"
      aria-expanded=${offers.value.length > 0} aria-activedescendant=${chosen.value >= 0 ? `offer-${chosen.value}` : nothing}
      @input=${type} @keydown=${key} @blur=${close}>
      <ul id="search-offers" class="offers" role="listbox" aria-label=${t('frame.search-offers')} ?hidden=${!offers.value.length}>${offers.value.map(option)}</ul>`)}
  </form>`;
