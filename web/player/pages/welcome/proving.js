// After an account was made: the address is proven by the code in the mail, now or later.
import { html } from 'lit-html';
import { areas, t } from '../../language/language.js';
import { form } from '../../parts/form.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';

// The address that waits for its proof; null for one that is proven. Not being able to ask keeps nobody out.
export async function waitsForProof() {
  try {
    const [{ me }] = await Promise.all([ask('{ me { email isVerified } }'), areas('welcome')]);
    return me && !me.isVerified ? me.email : null;
  } catch { return null; }
}

async function resend() {
  try { await ask('mutation { resendVerification { success } }'); notice(t('welcome.mail-sent')); } catch (error) { notice(error.message); }
}

// Gives back what draws it; `done()` goes on to where they wanted to be.
export function proving(email, done) {
  const code = form({ id: 'prove', button: t('welcome.prove'), fields: [{ name: 'code', words: t('welcome.prove-code'), complete: 'one-time-code', required: true, max: 20 }],
    act: async ({ code: digits }) => {
      await ask('mutation($c: String!) { verifyEmailCode(code: $c) { email } }', { c: digits });
      notice(t('welcome.proven'));
      done();
    },
    extra: () => html`<button type="button" class="button" @click=${done}>${t('welcome.later')}</button>` });
  return () => html`<div class="welcome"><img src="/web/icon.svg" alt="" width="64" height="64">
    <h1>${t('welcome.prove-title')}</h1><p>${t('welcome.prove-words', { email })}</p>${code()}
    <p><button class="link" @click=${resend}>${t('welcome.resend')}</button></p></div>`;
}
