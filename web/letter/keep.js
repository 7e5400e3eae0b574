// Keeping an account that is about to be erased.
import { ask, form, needsToken, part, token } from './letter.js';

if (needsToken()) {
  part('words').textContent = 'Your account is closed. One click, and it stays.';
  form('Keep my account', [], async () => {
    await ask('mutation($t: String!) { keepAccount(token: $t) { success } }', { t: token() });
    return ['It stays', 'Sign in again, and everything is as it was.'];
  });
}
