// Keeps an album or a playlist on this device, shows how far it is, and lets it go.
import { html, nothing } from 'lit-html';
import { percent, t } from '../language/language.js';
import { canKeep, download, downloads, remove } from '../offline/downloads.js';
import { person } from '../session/session.js';
import { confirmed } from './dialog.js';
import { icon } from './icon.js';
import { notice } from './notice.js';
import { watched } from './watched.js';

const progressOf = ({ here, bytes, songCount }) => (songCount ? (here + bytes) / songCount : 0);

async function keep(kind, id) {
  try { await download({ [kind]: id }); } catch (error) {
    if (error.code === 'PAYMENT_REQUIRED') notice(t('offline.needs-plan'), [t('offline.see-plans'), () => { location.href = '/plan'; }]);
    else notice(error.message);
  }
}

async function letGo(found) {
  if (await confirmed({ title: t('offline.remove-title', { name: found.title }), words: t('offline.remove-words'), act: t('offline.remove') })) remove(found.id);
}

// `kind` is 'album' or 'playlist'.
export const downloadButton = (kind, id, name) => (person.value && canKeep ? watched(() => {
  const found = downloads.value.find((one) => one.targetId === id && one.kind === kind.toUpperCase());
  if (!found) return html`<button class="button" @click=${() => keep(kind, id)} aria-label=${t('offline.download-named', { name })}>${icon('download')}${t('offline.download')}</button>`;
  if (found.state === 'here') return html`<button class="button" aria-pressed="true" @click=${() => letGo(found)} aria-label=${t('offline.downloaded-named', { name })}>${icon('downloaded')}${t('offline.downloaded')}</button>`;
  return html`<button class="button" @click=${() => letGo(found)}>${icon('download')}<span role="status">${found.state === 'stopped' ? t('offline.stopped') : percent(progressOf(found))}</span></button>`;
}) : nothing);
