// A menu behind a button: arrows move in it, Escape and a click elsewhere close it (the browser's popover does both).
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { icon } from './icon.js';
import { watched } from './watched.js';

// Only the menu that is open has items in the page.
const opened = signal(null);

function arrows(event) {
  const items = [...event.currentTarget.querySelectorAll('[role=menuitem]')];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items.at(to % items.length)?.focus();
}

function unfold({ target: menu, newState }) {
  if (newState === 'open') opened.value = menu.id;
}

function place({ target: menu, newState }) {
  if (newState !== 'open') {
    // Only now: an item that were gone before could not give the keyboard back to the button.
    if (opened.value === menu.id) opened.value = null;
    return;
  }
  const button = document.querySelector(`[popovertarget="${menu.id}"]`), box = button.getBoundingClientRect();
  const wide = menu.offsetWidth, high = menu.offsetHeight, edge = 8;
  const start = document.dir === 'rtl' ? box.left : box.right - wide;
  const fits = box.bottom + high + edge < innerHeight;
  menu.style.left = `${Math.min(Math.max(edge, start), innerWidth - wide - edge)}px`;
  menu.style.top = `${fits ? box.bottom + 4 : Math.max(edge, box.top - high - 4)}px`;
  menu.querySelector('[role=menuitem]')?.focus();
}

const item = (menu, [words, sign, act]) => (typeof act === 'string'
  ? html`<a role="menuitem" tabindex="-1" href=${act} @click=${() => document.getElementById(menu).hidePopover()}>${icon(sign)}${words}</a>`
  : html`<button role="menuitem" tabindex="-1" @click=${() => { document.getElementById(menu).hidePopover(); act(); }}>${icon(sign)}${words}</button>`);

// `items()` gives [words, sign, what to do or an address], null for one left out; asked when the menu opens.
// `id` is its own in the page: of the noun and the thing it is about.
export const menu = ({ id, label, sign = 'more', items }) => html`
  <button class="round-button" popovertarget=${id} aria-haspopup="menu" aria-label=${label}>${icon(sign)}</button>
  <div class="menu" id=${id} popover role="menu" aria-label=${label} @keydown=${arrows} @beforetoggle=${unfold} @toggle=${place}>
    ${watched(() => (opened.value === id ? items().filter(Boolean).map((one) => item(id, one)) : nothing))}
  </div>`;
