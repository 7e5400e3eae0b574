// The second step of signing in: asks for the code of an authenticator, or a recovery code.
import { completeLogin } from '../player/session/sign_in.js';
import { el } from '../page/element.js';

// `again` leads back to name and password, with a sentence that says why; none when somebody chose so.
export function codeForm(challenge, again) {
  const failed = el('p', { class: 'failed', role: 'alert' });
  const code = el('input', { type: 'text', name: 'code', autocomplete: 'one-time-code', placeholder: 'Code', required: true, maxlength: 40,
    spellcheck: 'false', autocapitalize: 'off', 'aria-label': 'Code of your authenticator, or a recovery code' });
  const submit = el('button', { class: 'primary', type: 'submit' }, 'Continue');
  const send = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    failed.textContent = '';
    try { await completeLogin(challenge, code.value); } catch (error) {
      if (error.code === 'CHALLENGE_INVALID') { again('That took too long, or too many tries. Sign in again.'); return; }
      failed.textContent = error.message;
      code.select();
    }
    submit.disabled = false;
  };
  const form = el('form', { onsubmit: send, class: 'code' },
    el('p', {}, 'Enter the code that your authenticator shows, or one of your recovery codes.'), code, submit,
    el('button', { type: 'button', class: 'link', onclick: () => again('') }, 'Sign in as somebody else'), failed);
  setTimeout(() => code.focus());
  return form;
}
