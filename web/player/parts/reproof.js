// Proving oneself again before something that cannot be taken back: the one dialogue that asks for the password.
import { html, nothing } from 'lit-html';
import { signal } from '@preact/signals-core';
import { go, path } from '../frame/router.js';
import { t } from '../language/language.js';
import { logOut } from '../session/sign_in.js';
import { openDialog } from './dialog.js';
import { form } from './form.js';
import { watched } from './watched.js';

// Who has no password proves themselves by a sign-in of the last minutes; they come back to where they were.
async function signInAgain(close) {
  const back = path.value;
  close();
  await logOut();
  go(`/welcome?to=${encodeURIComponent(back)}`);
}

// Calls `act(password)` until the house is content; null for somebody who has no password. What it gave, or null when it was
// given up. `fields` are asked for too and come as the second argument.
export function proven(title, act, { words = t('frame.reproof'), button = t('frame.continue'), fields = [], danger = false } = {}) {
  const stale = signal(false);
  let drawn = null;
  return openDialog({ title, draw: (close) => {
    drawn ??= form({ id: 'reproof', button, kind: danger ? 'danger' : 'main', fields: [...fields, { name: 'password', type: 'password', words: t('frame.password'), complete: 'current-password', hint: t('frame.password-none') }],
      act: async ({ password, ...more }) => {
        stale.value = false;
        try { close(await act(password, more) ?? true); } catch (error) { stale.value = error.code === 'REPROOF_NEEDED' && !password; throw error; }
      } });
    return html`<p class="facts">${words}</p>${drawn()}
      ${watched(() => (stale.value ? html`<p><button class="button" @click=${() => signInAgain(close)}>${t('frame.sign-in-again')}</button></p>` : nothing))}`;
  } });
}
