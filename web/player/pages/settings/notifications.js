// What somebody is told, and how: each kind in each way, the digest's rhythm, and pushes to this browser.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { choice } from '../../parts/form.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';
import { pushState, startPush, stopPush } from '../../session/push.js';

const WANTS = 'digest kinds { type inApp push email }';
const CHANGE = `mutation($digest: DigestPeriod, $kinds: [NotificationKindChoice!]) { updateNotificationPreferences(digest: $digest, kinds: $kinds) { preferences { ${WANTS} } } }`;
const WAYS = ['inApp', 'push', 'email'];

export async function load({ abort }) {
  const [{ notificationPreferences }, push] = await Promise.all([ask(`{ notificationPreferences { ${WANTS} } }`, {}, { abort }), pushState()]);
  return { wants: signal(notificationPreferences), push: signal(push), busy: signal(false) };
}

async function keep(wants, change) {
  try {
    const { updateNotificationPreferences: { preferences } } = await ask(CHANGE, change);
    wants.value = preferences;
    notice(t('frame.saved'));
    return true;
  } catch (error) { notice(error.message); return false; }
}

async function turnPush({ push, busy }) {
  busy.value = true;
  try { await (push.value === 'on' ? stopPush() : startPush()); } catch (error) { notice(error.name === 'AbortError' ? t('settings.push-away') : error.message); }
  push.value = await pushState();
  busy.value = false;
}

const named = (type) => t(`settings.kind-${type.toLowerCase().replaceAll('_', '-')}`);

const row = (kind, wants) => html`<tr><th scope="row">${named(kind.type)}</th>${WAYS.map((way) => html`<td><input type="checkbox" .checked=${kind[way]} aria-label="${named(kind.type)}: ${t(`settings.way-${way.toLowerCase()}`)}"
  @change=${async ({ target }) => { if (!await keep(wants, { kinds: [{ type: kind.type, [way]: target.checked }] })) target.checked = !target.checked; }}></td>`)}</tr>`;

export const view = (data) => html`
  <h3>${t('settings.this-device')}</h3><p role="status">${t(`settings.push-${data.push.value}`)}</p>
  ${['on', 'off'].includes(data.push.value) ? html`<button class="button" ?disabled=${data.busy.value} @click=${() => turnPush(data)}>${t(data.push.value === 'on' ? 'settings.push-stop' : 'settings.push-start')}</button>` : nothing}
  <h3>${t('settings.digest')}</h3>
  ${choice({ id: 'digest', words: t('settings.digest-when'), hint: t('settings.digest-why'), value: data.wants.value.digest, options: ['OFF', 'DAILY', 'WEEKLY'].map((one) => [one, t(`settings.digest-${one.toLowerCase()}`)]), act: (digest) => keep(data.wants, { digest }) })}
  <h3>${t('settings.told')}</h3>
  <table class="kinds"><thead><tr><th scope="col"><span class="announced">${t('settings.kind')}</span></th>${WAYS.map((way) => html`<th scope="col">${t(`settings.way-${way.toLowerCase()}`)}</th>`)}</tr></thead>
    <tbody>${data.wants.value.kinds.map((kind) => row(kind, data.wants))}</tbody></table>`;
