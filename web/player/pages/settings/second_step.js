// Two-step sign-in: setting it up with an authenticator, recovery codes, and turning it off.
import { signal } from '@preact/signals-core';
import { html } from 'lit-html';
import { day, t } from '../../language/language.js';
import { form } from '../../parts/form.js';
import { notice } from '../../parts/notice.js';
import { proven } from '../../parts/reproof.js';
import { ask } from '../../session/api.js';

const CODE = { name: 'code', complete: 'one-time-code', required: true, max: 40 };

export async function load({ abort }) {
  const state = signal((await ask('{ secondFactor { enabled since recoveryCodesLeft } }', {}, { abort })).secondFactor);
  const begun = signal(null), codes = signal(null);
  const again = async () => { state.value = (await ask('{ secondFactor { enabled since recoveryCodesLeft } }')).secondFactor; };
  const confirm = form({ id: 'confirm', button: t('settings.turn-on'), fields: [{ ...CODE, words: t('welcome.code') }], act: async ({ code }) => {
    const { confirmSecondFactor } = await ask('mutation($c: String!) { confirmSecondFactor(code: $c) { recoveryCodes } }', { c: code });
    begun.value = null;
    codes.value = confirmSecondFactor.recoveryCodes;
    await again();
  } });
  return { state, begun, codes, again, confirm };
}

async function begin({ begun }) {
  const made = await proven(t('settings.set-up'), async (password) => (await ask('mutation($p: String) { beginSecondFactor(password: $p) { secret otpauthUrl qrSvg } }', { p: password })).beginSecondFactor);
  if (made) begun.value = made;
}

async function renew({ codes, again }) {
  const made = await proven(t('settings.new-codes'), async (password, { code }) => (await ask('mutation($c: String!, $p: String) { renewRecoveryCodes(code: $c, password: $p) { recoveryCodes } }', { c: code, p: password })).renewRecoveryCodes,
    { fields: [{ ...CODE, words: t('welcome.code') }] });
  if (made) { codes.value = made.recoveryCodes; await again(); }
}

async function off({ again }) {
  const done = await proven(t('settings.turn-off'), (password, { code }) => ask('mutation($c: String!, $p: String) { turnOffSecondFactor(code: $c, password: $p) { success } }', { c: code, p: password }),
    { fields: [{ ...CODE, words: t('welcome.code') }], danger: true, words: t('settings.turn-off-words') });
  if (done) { notice(t('settings.is-off')); await again(); }
}

const kept = (codes) => html`<p role="status">${t('settings.keep-codes')}</p>
  <ul class="codes">${codes.value.map((code) => html`<li><code>${code}</code></li>`)}</ul>
  <button class="button main" @click=${() => { codes.value = null; }}>${t('settings.codes-kept')}</button>`;

export function view(data) {
  const { state, begun, codes, confirm } = data;
  if (codes.value) return kept(codes);
  if (begun.value) {
    return html`<p>${t('settings.scan')}</p>
      <img class="room-code" alt=${t('settings.code-picture')} width="200" height="200" src="data:image/svg+xml,${encodeURIComponent(begun.value.qrSvg)}">
      <p><code class="secret">${begun.value.secret}</code> <a class="link" href=${begun.value.otpauthUrl}>${t('settings.open-in-app')}</a></p>${confirm()}`;
  }
  if (!state.value.enabled) return html`<p>${t('settings.second-step-why')}</p><button class="button main" @click=${() => begin(data)}>${t('settings.set-up')}</button>`;
  return html`<p>${t('settings.on-since', { day: day(state.value.since), n: state.value.recoveryCodesLeft })}</p>
    <p class="acts"><button class="button" @click=${() => renew(data)}>${t('settings.new-codes')}</button><button class="button danger" @click=${() => off(data)}>${t('settings.turn-off')}</button></p>`;
}
