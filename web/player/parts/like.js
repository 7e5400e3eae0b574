// The heart of a song. What is liked here is known everywhere on the page at once, and taken back when it did not succeed.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../language/language.js';
import { ask } from '../session/api.js';
import { person } from '../session/session.js';
import { icon } from './icon.js';
import { notice } from './notice.js';

// Song id to whether it is liked, as far as it changed since the page was loaded.
const changed = signal(new Map());
person.subscribe(() => { changed.value = new Map(); });

export const isLiked = (song) => changed.value.get(song.id) ?? Boolean(song.isLiked);

const set = (id, value) => { changed.value = new Map(changed.value).set(id, value); };

export async function toggleLike(song) {
  const was = isLiked(song);
  set(song.id, !was);
  try {
    await ask(was ? 'mutation($id: ID!) { unlikeSong(songId: $id) { success } }' : 'mutation($id: ID!) { likeSong(songId: $id) { success } }', { id: song.id });
  } catch (error) { set(song.id, was); notice(error.message); }
}

export const like = (song) => (person.value ? html`
  <button class="like" aria-pressed=${isLiked(song)} aria-label=${t('frame.like-named', { name: song.title })} @click=${() => toggleLike(song)}>
    ${icon(isLiked(song) ? 'heart-full' : 'heart')}</button>` : nothing);
