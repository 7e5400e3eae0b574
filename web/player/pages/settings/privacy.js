// Who sees what somebody does, whom they do not want to meet, and what children may hear.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { confirmed } from '../../parts/dialog.js';
import { check, choice, form } from '../../parts/form.js';
import { notice } from '../../parts/notice.js';
import { proven } from '../../parts/reproof.js';
import { ask } from '../../session/api.js';

const TOLD = '{ userPreferences { presenceVisibility privateSession timeZone } blockedUsers { id username } mutedUsers { id username } parentalLock { isLocked isOpen byGuardian } }';
const UPDATE = 'mutation($presenceVisibility: ProfileVisibility, $privateSession: Boolean) { updatePreferences(presenceVisibility: $presenceVisibility, privateSession: $privateSession) { preferences { privateSession } } }';

export async function load({ abort }) {
  const told = signal(await ask(TOLD, {}, { abort }));
  const again = async () => { told.value = await ask(TOLD); };
  const lock = form({ id: 'lock', button: t('settings.lock'), fields: [{ name: 'pin', words: t('settings.pin'), type: 'password', complete: 'off', required: true, max: 12, hint: t('settings.pin-why') }],
    act: async ({ pin }) => { await ask('mutation($pin: String!) { setParentalLock(pin: $pin) { lock { isLocked } } }', { pin }); await again(); } });
  return { told, again, lock };
}

async function keep(change, again) {
  try { await ask(UPDATE, change); notice(t('frame.saved')); await again(); return true; } catch (error) { notice(error.message); return false; }
}

async function let_(mutation, id, again) {
  try { await ask(`mutation($id: ID!) { ${mutation}(userId: $id) { success } }`, { id }); await again(); } catch (error) { notice(error.message); }
}

async function clearHistory() {
  if (!await confirmed({ title: t('settings.clear-history'), words: t('settings.clear-history-words'), act: t('settings.clear') })) return;
  try { await ask('mutation { clearListeningHistory { success } }'); notice(t('settings.cleared')); } catch (error) { notice(error.message); }
}

async function unlock(again) {
  const done = await proven(t('settings.unlock'), (password, { pin }) => ask('mutation($pin: String, $p: String) { removeParentalLock(pin: $pin, password: $p) { lock { isLocked } } }', { pin, p: password }),
    { fields: [{ name: 'pin', words: t('settings.pin'), type: 'password', max: 12 }], words: t('settings.unlock-why') });
  if (done) await again();
}

const people = (title, none, rows, words, act) => html`<h3>${title}</h3>${rows.length ? html`<ul class="lines">${rows.map((one) => html`<li><span class="row-words"><strong>${one.username}</strong></span>
  <button class="button" aria-label="${words}: ${one.username}" @click=${() => act(one.id)}>${words}</button></li>`)}</ul>` : html`<p class="facts">${none}</p>`}`;

function parental({ parentalLock }, { lock, again }) {
  if (!parentalLock?.isLocked) return html`<p class="facts">${t('settings.lock-why')}</p>${lock()}`;
  return html`<p role="status">${t(parentalLock.byGuardian ? 'settings.locked-by-guardian' : 'settings.locked')}</p>
    ${parentalLock.byGuardian ? nothing : html`<button class="button" @click=${() => unlock(again)}>${t('settings.unlock')}</button>`}`;
}

export function view(data) {
  const { told, again } = data, { userPreferences: now, blockedUsers, mutedUsers } = told.value;
  return html`
    ${choice({ id: 'presence', words: t('settings.presence'), hint: t('settings.presence-why'), value: now.presenceVisibility, options: ['EVERYONE', 'FOLLOWERS', 'ONLY_ME'].map((one) => [one, t(`settings.to-${one.toLowerCase().replace('_', '-')}`)]), act: (presenceVisibility) => keep({ presenceVisibility }, again) })}
    ${check({ id: 'private', words: t('settings.private'), hint: t('settings.private-why'), value: now.privateSession, act: (privateSession) => keep({ privateSession }, again) })}
    <h3>${t('settings.history')}</h3><p class="facts">${t('settings.history-why')}</p><button class="button danger" @click=${clearHistory}>${t('settings.clear-history')}</button>
    ${people(t('settings.blocked'), t('settings.blocked-none'), blockedUsers, t('settings.unblock'), (id) => let_('unblockUser', id, again))}
    ${people(t('settings.muted'), t('settings.muted-none'), mutedUsers, t('settings.unmute'), (id) => let_('unmuteUser', id, again))}
    <h3>${t('settings.parental')}</h3>${parental(told.value, data)}`;
}
