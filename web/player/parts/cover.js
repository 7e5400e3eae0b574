// Pictures of songs, albums, artists, playlists and people, asked for in the size they are shown in.
import { html } from 'lit-html';
import { icon } from './icon.js';

export function sized(url, size) {
  const at = new URL(url, location.origin);
  at.searchParams.set('size', size);
  return at.pathname + at.search;
}

// `size` is the side in CSS pixels. `alt` is empty where the words beside the picture say the same.
export function cover(url, size, { alt = '', round = false, lazy = true } = {}) {
  if (!url) return html`<span class="cover none ${round ? 'round' : ''}" role=${alt ? 'img' : 'presentation'} aria-label=${alt}>${icon(round ? 'person' : 'note')}</span>`;
  return html`<img class="cover ${round ? 'round' : ''}" src=${sized(url, size)} srcset="${sized(url, size)} 1x, ${sized(url, size * 2)} 2x"
    alt=${alt} width=${size} height=${size} loading=${lazy ? 'lazy' : 'eager'} decoding="async">`;
}
