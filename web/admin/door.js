// The sign-in form of the back office and the studio; the sign-in itself is the player's.
import { logIn } from '../player/session/sign_in.js';
import { codeForm } from './code.js';
import { el } from '../page/element.js';

export function door(view, title) {
  const failed = el('p', { class: 'failed', role: 'alert' });
  const login = el('input', { type: 'text', autocomplete: 'username', placeholder: 'E-mail or username', required: true, 'aria-label': 'E-mail or username' });
  const password = el('input', { type: 'password', autocomplete: 'current-password', placeholder: 'Password', required: true, 'aria-label': 'Password' });
  const submit = el('button', { class: 'primary', type: 'submit' }, 'Sign in');
  const enter = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    failed.textContent = '';
    try { await logIn(login.value, password.value); } catch (error) {
      if (error.code === 'SECOND_FACTOR_REQUIRED') {
        const step = codeForm(error.extensions.challenge, (why) => { step.replaceWith(form); failed.textContent = why; password.value = ''; login.focus(); });
        form.replaceWith(step);
      } else failed.textContent = error.message;
    }
    submit.disabled = false;
  };
  const form = el('form', { onsubmit: enter }, login, password, submit, failed);
  view.replaceChildren(el('div', { class: 'welcome' }, el('h1', {}, title), el('p', {}, 'Sign in to go on.'), form));
}
