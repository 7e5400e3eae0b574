// Asking for a new password.
import { ask, field, form, part } from './letter.js';

part('words').textContent = 'Tell us your e-mail address or username, and we mail you a link.';
const login = field('login', 'E-mail address or username', { autocomplete: 'username', maxLength: 254 });
form('Mail me a link', [login.label, login.input], async () => {
  await ask('mutation($l: String!) { requestPasswordReset(login: $l) { success } }', { l: login.input.value });
  return ['Look into your mail', 'If there is such an account, a link is on its way. It is good for an hour.'];
});
