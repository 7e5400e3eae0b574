// App passwords for other players, and API keys for programs of one's own.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { ago, list, t } from '../../language/language.js';
import { notice } from '../../parts/notice.js';
import { proven } from '../../parts/reproof.js';
import { ask } from '../../session/api.js';

const KEYS = '{ myAppPasswords { ...k } myApiKeys { ...k } } fragment k on AccessKey { id name prefix scopes lastUsedAt expiresAt }';
const SCOPES = ['READ', 'WRITE', 'STREAM', 'UPLOAD', 'MANAGE'];

export async function load({ abort }) {
  const told = signal(await ask(KEYS, {}, { abort })), fresh = signal(null);
  return { told, fresh, again: async () => { told.value = await ask(KEYS); } };
}

async function make(data, kind) {
  const isKey = kind === 'api', scopes = isKey ? SCOPES.map((one) => ({ name: one, type: 'check', words: t(`settings.scope-${one.toLowerCase()}`), value: one === 'READ' })) : [];
  const made = await proven(t(isKey ? 'settings.new-key' : 'settings.new-app-password'), async (password, { name, ...ticked }) => (isKey
    ? (await ask('mutation($n: String!, $s: [KeyScope!]!, $p: String!) { createApiKey(name: $n, scopes: $s, password: $p) { secret } }', { n: name ?? '', s: SCOPES.filter((one) => ticked[one]), p: password ?? '' })).createApiKey
    : (await ask('mutation($n: String!, $p: String) { createAppPassword(name: $n, password: $p) { secret } }', { n: name ?? '', p: password })).createAppPassword),
  { fields: [{ name: 'name', words: t(isKey ? 'settings.which-program' : 'settings.which-player'), required: true, max: 60 }, ...scopes], words: t(isKey ? 'settings.keys-why' : 'settings.app-passwords-why'), button: t('settings.create') });
  if (made) { data.fresh.value = made.secret; await data.again(); }
}

async function revoke(mutation, { id }, again) {
  try { await ask(`mutation($id: ID!) { ${mutation}(id: $id) { success } }`, { id }); await again(); } catch (error) { notice(error.message); }
}

const row = (mutation, again) => (one) => html`<li><span class="row-words"><strong>${one.name}</strong>
    <span>${[`${one.prefix}…`, list(one.scopes.map((scope) => t(`settings.scope-${scope.toLowerCase()}`))), one.lastUsedAt ? ago(one.lastUsedAt) : t('settings.never-used')].join(' · ')}</span></span>
  <button class="button" aria-label=${t('settings.revoke-named', { name: one.name })} @click=${() => revoke(mutation, one, again)}>${t('settings.revoke')}</button></li>`;

export function view(data) {
  const { told, fresh, again } = data;
  return html`${fresh.value ? html`<div class="told" role="status"><p>${t('settings.copy-now')}</p><p><code class="secret">${fresh.value}</code></p><button class="button" @click=${() => { fresh.value = null; }}>${t('settings.codes-kept')}</button></div>` : nothing}
    <h3>${t('settings.app-passwords')}</h3><p class="facts">${t('settings.app-passwords-why')}</p>
    <ul class="lines">${told.value.myAppPasswords.map(row('revokeAppPassword', again))}</ul><button class="button" @click=${() => make(data, 'app')}>${t('settings.new-app-password')}</button>
    <h3>${t('settings.api-keys')}</h3><p class="facts">${t('settings.keys-why')} <a class="link" href="/graphql">${t('settings.to-api')}</a></p>
    <ul class="lines">${told.value.myApiKeys.map(row('revokeApiKey', again))}</ul><button class="button" @click=${() => make(data, 'api')}>${t('settings.new-key')}</button>`;
}
