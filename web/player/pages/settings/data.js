// One's own data: an archive of it, and closing the account.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { day, number, percent, t } from '../../language/language.js';
import { notice } from '../../parts/notice.js';
import { proven } from '../../parts/reproof.js';
import { ask } from '../../session/api.js';
import { importPlaylist } from '../playlist/import_playlist.js';
import { logOut } from '../../session/sign_in.js';

const EXPORT = '{ accountExport { id state progress url sizeBytes expiresAt requestedAt } }';
const ASK_AGAIN_MS = 1500;

export async function load({ abort, onLeave }) {
  const made = signal((await ask(EXPORT, {}, { abort })).accountExport);
  let timer = null;
  const look = async () => {
    try { made.value = (await ask(EXPORT)).accountExport; } catch { /* asked again */ }
    if (isUnderWay(made.value)) timer = setTimeout(look, ASK_AGAIN_MS);
  };
  if (isUnderWay(made.value)) timer = setTimeout(look, ASK_AGAIN_MS);
  onLeave(() => clearTimeout(timer));
  return { made, begin: async () => {
    try { await ask('mutation { exportAccount { export { id } } }'); await look(); } catch (error) { notice(error.message); }
  } };
}

const isUnderWay = (made) => Boolean(made) && !made.url && made.state !== 'FAILED' && made.state !== 'EXPIRED';
const sizeOf = (bytes) => (bytes < 1e6 ? number(bytes / 1e3, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 })
  : number(bytes / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }));

async function close() {
  const done = await proven(t('settings.close'), async (password) => (await ask('mutation($p: String) { deleteAccount(password: $p) { eraseAt } }', { p: password })).deleteAccount,
    { danger: true, words: t('settings.close-words'), button: t('settings.close') });
  if (!done) return;
  await logOut();
  notice(t('settings.closed', { day: day(done.eraseAt) }));
}

export const view = ({ made, begin }) => html`
  <h3>${t('settings.archive')}</h3><p class="facts">${t('settings.archive-why')}</p>
  ${isUnderWay(made.value) ? html`<progress max="1" .value=${made.value.progress} aria-label=${t('settings.archive')}></progress><p role="status">${percent(made.value.progress)}</p>` : nothing}
  ${made.value?.url ? html`<p><a class="button main" href=${made.value.url} download>${t('settings.archive-get', { size: sizeOf(made.value.sizeBytes) })}</a></p>
    <p class="facts small">${t('settings.archive-until', { day: day(made.value.expiresAt) })}</p>` : nothing}
  ${isUnderWay(made.value) ? nothing : html`<button class="button" @click=${begin}>${t(made.value ? 'settings.archive-again' : 'settings.archive-make')}</button>`}
  <h3>${t('settings.import')}</h3><p class="facts">${t('settings.import-why')}</p><p><button class="button" @click=${importPlaylist}>${t('settings.import-choose')}</button></p>
  <h3>${t('settings.close')}</h3><p class="facts">${t('settings.close-words')}</p>
  <button class="button danger" @click=${close}>${t('settings.close')}</button>`;
