// Confirming an address.
import { ask, form, needsToken, part, token } from './letter.js';

if (needsToken()) {
  part('words').textContent = 'One click, and this address is yours here.';
  form('Confirm', [], async () => {
    const data = await ask('mutation($t: String!) { verifyEmail(token: $t) { email } }', { t: token() });
    return ['Confirmed', `${data.verifyEmail.email} is your address here.`];
  });
}
