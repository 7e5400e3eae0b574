// Passing something on: the device's own sheet, its address, or a link that ends, with a code to photograph.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { areas, day, t } from '../language/language.js';
import { ask } from '../session/api.js';
import { person } from '../session/session.js';
import { openDialog } from './dialog.js';
import { icon } from './icon.js';
import { notice } from './notice.js';
import { codeOf } from './qr.js';
import { watched } from './watched.js';

const MAKE = (kind) => `mutation($id: ID!, $days: Int) { createShareLink(${kind}Id: $id, expiresInDays: $days) {
  shareLink { url expiresAt } } }`;
const DAYS = [1, 7, 30, 365];

export async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    notice(t('catalogue.copied'));
  } catch { notice(t('catalogue.copy-by-hand')); }
}

const line = (url, label) => html`<p class="copied-line"><input readonly .value=${url} aria-label=${label} @focus=${(event) => event.target.select()}>
  <button class="button" @click=${() => copy(url)}>${icon('copy')}${t('catalogue.copy')}</button></p>`;

// `kind` is 'song', 'album', 'artist' or 'playlist' for what a link can be made of, null for what has its address alone.
export async function share({ kind = null, id, title, address }) {
  await areas('catalogue');
  const url = location.origin + address, made = signal(null), failed = signal(''), code = signal(null);
  const draw = async (text) => { code.value = await codeOf(text); };
  draw(url);
  const make = async (event) => {
    event.preventDefault();
    failed.value = '';
    try {
      const { shareLink } = (await ask(MAKE(kind), { id, days: Number(new FormData(event.target).get('days')) })).createShareLink;
      made.value = { ...shareLink, url: new URL(shareLink.url, location.origin).href };
      draw(made.value.url);
    } catch (error) { failed.value = error.message; }
  };
  const pass = () => navigator.share({ title, url }).catch(() => { /* closed without passing it on */ });
  return openDialog({ title: t('catalogue.share-named', { name: title }), draw: () => html`
    ${navigator.share ? html`<p><button class="button main wide" @click=${pass}>${icon('share')}${t('catalogue.share-by')}</button></p>` : nothing}
    <h3>${t('catalogue.share-address')}</h3>
    ${line(url, t('catalogue.share-address'))}
    ${kind && person.value ? html`<h3>${t('catalogue.share-link')}</h3><p class="facts small">${t('catalogue.share-link-why')}</p>
      ${watched(() => (made.value ? html`${line(made.value.url, t('catalogue.share-link'))}
          <p class="facts small">${t('catalogue.share-until', { day: day(made.value.expiresAt) })}</p>`
    : html`<form class="in-line" @submit=${make}><label><span class="hidden-words">${t('catalogue.share-for')}</span>
          <select name="days">${DAYS.map((days) => html`<option value=${days} ?selected=${days === 30}>${t('catalogue.for-days', { n: days })}</option>`)}</select></label>
          <button class="button">${icon('link')}${t('catalogue.share-make')}</button></form>`))}
      <p class="failed" role="alert">${watched(() => failed.value)}</p>` : nothing}
    ${watched(() => (code.value ? html`<p class="qr-place"><img class="qr" src=${code.value} alt=${t('catalogue.share-code', { name: title })}></p>` : nothing))}` });
}

export const shareButton = (what) => html`<button class="round-button" aria-label=${t('frame.share')} @click=${() => share(what)}>${icon('share')}</button>`;
