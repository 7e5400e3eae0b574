// The bell: how much is unread, and behind it the latest. All of them have a page.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { areas, t } from '../language/language.js';
import { icon } from '../parts/icon.js';
import { NOTE, note } from '../parts/note.js';
import { watched } from '../parts/watched.js';
import { ask } from '../session/api.js';
import { markAllRead, meet, news, unread } from '../session/news.js';

const MOST_SHOWN = 99, LATEST = 6;
const QUERY = `query($n: Int) { notifications(first: $n) { edges { node { ${NOTE} } } } }`;
// 'closed', 'loading', 'open', or what went wrong.
const state = signal('closed');

async function unfold({ newState }) {
  if (newState !== 'open') { state.value = 'closed'; return; }
  state.value = 'loading';
  try {
    const [{ notifications }] = await Promise.all([ask(QUERY, { n: LATEST }), areas('notifications')]);
    meet(notifications.edges.map(({ node }) => node));
    if (state.value === 'loading') state.value = 'open';
  } catch (error) { state.value = error.message; }
}

// Whatever leads away closes it.
function leave({ target, currentTarget }) {
  if (target.closest('a, .note-open')) currentTarget.hidePopover();
}

function latest() {
  if (state.value === 'closed') return nothing;
  if (state.value === 'loading') return html`<p class="facts" aria-busy="true">…</p>`;
  if (state.value !== 'open') return html`<p class="failed" role="alert">${state.value}</p>`;
  return html`<div class="news-head"><h2>${t('frame.notifications')}</h2>
      <button class="link" ?disabled=${!unread.value} @click=${markAllRead}>${t('notifications.mark-all')}</button></div>
    ${news.value.length ? html`<ul class="notes">${news.value.slice(0, LATEST).map((one) => note(one))}</ul>` : html`<p class="facts">${t('notifications.none-why')}</p>`}
    <a class="button wide" href="/notifications">${t('frame.show-all')}</a>`;
}

export const bell = () => html`<button class="round-button bell" popovertarget="news" aria-haspopup="dialog" aria-label=${unread.value ? t('frame.notifications-unread', { n: unread.value }) : t('frame.notifications')}>${icon('bell')}
    ${unread.value ? html`<b aria-hidden="true">${unread.value > MOST_SHOWN ? `${MOST_SHOWN}+` : unread.value}</b>` : nothing}</button>
  <div class="news" id="news" popover role="dialog" aria-label=${t('frame.notifications')} @beforetoggle=${unfold} @click=${leave}>${watched(latest)}</div>`;
