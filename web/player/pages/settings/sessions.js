// Where somebody is signed in, and the way to end it.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { ago, t } from '../../language/language.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';

const SESSIONS = '{ mySessions { id deviceName network lastUsedAt isCurrent isAppPassword } }';

export async function load({ abort }) {
  const found = signal((await ask(SESSIONS, {}, { abort })).mySessions);
  return { found, again: async () => { found.value = (await ask(SESSIONS)).mySessions; } };
}

async function end({ id }, again) {
  try { await ask('mutation($id: ID!) { revokeSession(id: $id) { success } }', { id }); await again(); } catch (error) { notice(error.message); }
}

async function endOthers(again) {
  try {
    const { logoutEverywhere: { ended } } = await ask('mutation { logoutEverywhere { ended } }');
    notice(t('settings.ended', { n: ended }));
    await again();
  } catch (error) { notice(error.message); }
}

const row = (one, again) => html`<li>${icon('devices')}<span class="row-words"><strong>${one.deviceName}</strong>
    <span>${[one.network === 'unknown' ? null : one.network, ago(one.lastUsedAt), one.isAppPassword && t('settings.by-app-password'), one.isCurrent && t('settings.this-one')].filter(Boolean).join(' · ')}</span></span>
  ${one.isCurrent ? nothing : html`<button class="button" aria-label=${t('settings.end-named', { name: one.deviceName })} @click=${() => end(one, again)}>${t('settings.end')}</button>`}</li>`;

export const view = ({ found, again }) => html`<p class="facts">${t('settings.sessions-why')}</p><ul class="lines">${found.value.map((one) => row(one, again))}</ul>
  ${found.value.length > 1 ? html`<button class="button danger" @click=${() => endOthers(again)}>${t('settings.end-others')}</button>` : nothing}`;
