// Other ways into the account: the providers that are connected to it.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { ago, t } from '../../language/language.js';
import { notice } from '../../parts/notice.js';
import { proven } from '../../parts/reproof.js';
import { ask } from '../../session/api.js';
import { cameBack, goToProvider } from '../../session/providers.js';

const WAYS = '{ signInProviders { name title } myIdentities { id provider email usedAt } }';

export async function load({ abort }) {
  const told = signal(await ask(WAYS, {}, { abort }));
  const again = async () => { told.value = await ask(WAYS); };
  const code = cameBack('connect');
  if (code) {
    setTimeout(async () => {
      const done = await proven(t('settings.connect-now'), (password) => ask('mutation($c: String!, $p: String) { linkIdentity(code: $c, password: $p) { identity { id } } }', { c: code, p: password }));
      if (done) { notice(t('settings.connected')); await again(); }
    });
  }
  return { told, again };
}

async function disconnect({ id }, title, again) {
  const done = await proven(t('settings.disconnect-named', { name: title }), (password) => ask('mutation($i: ID!, $p: String) { unlinkIdentity(id: $i, password: $p) { success } }', { i: id, p: password }), { danger: true });
  if (done) await again();
}

export function view({ told, again }) {
  const { signInProviders: there, myIdentities: mine } = told.value, titleOf = (name) => there.find((one) => one.name === name)?.title ?? name;
  const free = there.filter((one) => !mine.some(({ provider }) => provider === one.name));
  if (!there.length && !mine.length) return html`<p class="facts">${t('settings.ways-none')}</p>`;
  return html`<p class="facts">${t('settings.ways-why')}</p>
    <ul class="lines">${mine.map((one) => html`<li><span class="row-words"><strong>${titleOf(one.provider)}</strong><span>${[one.email, one.usedAt && ago(one.usedAt)].filter(Boolean).join(' · ')}</span></span>
      <button class="button" @click=${() => disconnect(one, titleOf(one.provider), again)}>${t('settings.disconnect')}</button></li>`)}</ul>
    ${free.length ? html`<p class="acts">${free.map(({ name, title }) => html`<button class="button" @click=${() => goToProvider(name, { connect: true })}>${t('settings.connect', { name: title })}</button>`)}</p>` : nothing}`;
}
