// The address and the password of an account.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { day, t } from '../../language/language.js';
import { form } from '../../parts/form.js';
import { notice } from '../../parts/notice.js';
import { strengthMeter, strengthOf } from '../welcome/strength.js';
import { ask } from '../../session/api.js';

const STATE = '{ me { email username isVerified } emailChange { newEmail expiresAt isOldConfirmed isNewConfirmed } }';

export async function load({ abort }) {
  const told = signal(await ask(STATE, {}, { abort })), strength = signal(null);
  const again = async () => { told.value = await ask(STATE); };
  const current = { name: 'password', about: 'password', type: 'password', words: t('settings.current-password'), complete: 'current-password', hint: t('frame.password-none') };
  const email = form({ id: 'email', button: t('settings.change-email'), fields: [{ name: 'newEmail', type: 'email', words: t('settings.new-email'), complete: 'email', required: true, max: 254 }, current],
    act: async ({ newEmail, password }) => { await ask('mutation($e: String!, $p: String) { changeEmail(newEmail: $e, password: $p) { isDone } }', { e: newEmail, p: password }); await again(); } });
  const change = form({ id: 'pw', button: t('settings.change-password'),
    fields: [{ name: 'newPassword', type: 'password', words: t('settings.new-password'), complete: 'new-password', required: true, hint: t('welcome.password-why'), more: strengthMeter(strength),
      input: ({ target }) => strengthOf(target.value, [told.value.me.username, told.value.me.email], strength) }, current],
    act: async ({ newPassword, password }) => { await ask('mutation($n: String!, $p: String) { changePassword(newPassword: $n, password: $p) { success } }', { n: newPassword, p: password }); strength.value = null; notice(t('settings.password-changed')); } });
  return { told, again, email, change };
}

const tell = async (mutation, words, again) => {
  try { await ask(mutation); if (words) notice(words); await again(); } catch (error) { notice(error.message); }
};

function pending({ newEmail, expiresAt, isOldConfirmed, isNewConfirmed }, again) {
  return html`<div class="told" role="status"><p>${t('settings.email-waits', { email: newEmail, day: day(expiresAt) })}</p>
    <ul><li>${t(isOldConfirmed ? 'settings.old-agreed' : 'settings.old-waits')}</li><li>${t(isNewConfirmed ? 'settings.new-agreed' : 'settings.new-waits')}</li></ul>
    <button class="button" @click=${() => tell('mutation { cancelEmailChange { success } }', null, again)}>${t('settings.email-cancel')}</button></div>`;
}

export function view({ told, again, email, change }) {
  const { me, emailChange } = told.value;
  return html`<h3>${t('settings.email')}</h3><p>${t('settings.email-is', { email: me.email ?? '' })} ${me.isVerified ? nothing : html`<span class="facts">${t('settings.email-unproven')}</span>
      <button class="link" @click=${() => tell('mutation { resendVerification { success } }', t('settings.mail-sent'), again)}>${t('settings.resend')}</button>`}</p>
    ${emailChange ? pending(emailChange, again) : email()}
    <h3>${t('settings.password-title')}</h3>${change()}`;
}
