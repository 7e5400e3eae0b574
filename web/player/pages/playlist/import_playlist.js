// A playlist out of a file of another player, with what was not found in it.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { areas, t } from '../../language/language.js';
import { openDialog } from '../../parts/dialog.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { check } from './edit_playlist.js';

const IMPORT = `mutation($text: String!, $name: String, $isPublic: Boolean) { importPlaylist(text: $text, name: $name, isPublic: $isPublic) {
  matched unmatchedCount unmatched(limit: 100) { line title artist } playlist { slug name } } }`;

function outcome({ playlist, matched, unmatchedCount, unmatched }, close) {
  return html`<p role="status">${t('playlist.import-found', { n: matched })}</p>
    ${unmatchedCount ? html`<h3>${t('playlist.import-missing', { n: unmatchedCount })}</h3>
      <ul class="missing">${unmatched.map(({ title, artist }) => html`<li>${[artist, title].filter(Boolean).join(' – ')}</li>`)}</ul>` : nothing}
    <p class="dialog-acts">${playlist ? html`<a class="button main" href="/playlist/${playlist.slug}" @click=${() => close()}>${t('playlist.to-new', { name: playlist.name })}</a>`
    : html`<button class="button" @click=${() => close()}>${t('frame.close')}</button>`}</p>`;
}

export async function importPlaylist() {
  await areas('playlist');
  const failed = signal(''), done = signal(null), busy = signal(false);
  const send = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    failed.value = '';
    busy.value = true;
    try { done.value = (await ask(IMPORT, { text: await form.get('file').text(), name: form.get('name').trim() || null, isPublic: form.has('isPublic') })).importPlaylist; }
    catch (error) { failed.value = error.message; } finally { busy.value = false; }
  };
  return openDialog({ title: t('playlist.import'), draw: (close) => html`${watched(() => (done.value ? outcome(done.value, close) : html`<form @submit=${send}>
    <p>${t('playlist.import-why')}</p>
    <label class="field"><span>${t('playlist.file')}</span><input type="file" name="file" required accept=".m3u,.m3u8,.jspf,.json,audio/x-mpegurl,application/json"></label>
    <label class="field"><span>${t('playlist.name')}</span><input name="name" maxlength="200"><span class="hint">${t('playlist.import-name')}</span></label>
    ${check('isPublic', false, t('playlist.is-public'), t('playlist.is-public-why'))}
    <p class="failed" role="alert">${failed.value}</p>
    <p class="dialog-acts"><button class="button" type="button" @click=${() => close()}>${t('frame.cancel')}</button><button class="button main" ?disabled=${busy.value}>${t('playlist.import-act')}</button></p></form>`))}` });
}
