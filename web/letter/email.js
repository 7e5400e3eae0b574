// A change of address: one side agrees, or the old one takes it back.
import { ask, form, needsToken, part, token } from './letter.js';

const SAY = 'mutation($t: String!) { confirmEmailChange(token: $t) { isDone isOldConfirmed isNewConfirmed expiresAt } }';

if (needsToken()) {
  part('words').textContent = 'Do what the mail says: agree to the change, or take it back.';
  form('Yes, do it', [], async () => {
    const { confirmEmailChange: state } = await ask(SAY, { t: token() });
    if (state.isDone && !state.expiresAt) return ['Taken back', 'Your old address is yours again, and every device is signed out. Choose a new password now.'];
    if (state.isDone) return ['Done', 'The address of your account is the new one.'];
    return ['Agreed', `The other address has to agree too: we have mailed ${state.isOldConfirmed ? 'the new' : 'the old'} one.`];
  });
}
