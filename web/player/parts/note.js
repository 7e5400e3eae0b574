// One notification as a row: what it says, when, and what can be done with it.
import { html, nothing } from 'lit-html';
import { ago, t } from '../language/language.js';
import { follow, markRead } from '../session/news.js';
import { icon } from './icon.js';

// What a row needs, as a GraphQL selection. Its words are in the area `notifications`.
export const NOTE = 'id type title message createdAt read targetType targetId';

// `remove` deletes it; left out, there is no button for that.
export const note = (one, { remove = null } = {}) => html`<li class="note ${one.read ? '' : 'is-unread'}">
  <button class="note-open" @click=${() => follow(one)}><strong>${one.title}${one.read ? nothing : html`<span class="announced"> (${t('notifications.unread')})</span>`}</strong>
    <span>${one.message}</span><time class="facts small" datetime=${one.createdAt}>${ago(one.createdAt)}</time></button>
  ${one.read ? nothing : html`<button class="round-button" aria-label=${t('notifications.mark', { name: one.title })} @click=${() => markRead(one.id)}>${icon('check')}</button>`}
  ${remove ? html`<button class="round-button" aria-label=${t('notifications.delete', { name: one.title })} @click=${remove}>${icon('close')}</button>` : nothing}</li>`;
