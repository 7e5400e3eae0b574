// The way into a room for others: a link with its QR code, and a name to invite.
import { html, nothing } from 'lit-html';
import { signal, effect } from '@preact/signals-core';
import { language, t } from '../../language/language.js';
import { openDialog } from '../../parts/dialog.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';
import { act } from '../../together/seated.js';

const INVITE = 'mutation($id: ID!) { createRoomInvite(roomId: $id) { url qrSvg invite { expiresAt } } }';

const moment = (at) => new Intl.DateTimeFormat(language.value, { weekday: 'long', hour: '2-digit', minute: '2-digit' }).format(new Date(at));

async function copy(address) {
  try { await navigator.clipboard.writeText(address); notice(t('together.copied')); } catch { document.getElementById('room-link').select(); notice(t('together.copy-marked')); }
}

async function invite(event) {
  event.preventDefault();
  const { target } = event, username = new FormData(target).get('name').trim();
  try {
    const { user } = await ask('query($name: String!) { user(username: $name) { id } }', { name: username });
    if (!user) { notice(t('together.nobody', { name: username })); return; }
    if (await act('invite', { userIds: [user.id] })) { notice(t('together.invited', { name: username })); target.reset(); }
  } catch (error) { notice(error.message); }
}

export async function openInvitation(where) {
  let made;
  try { ({ createRoomInvite: made } = await ask(INVITE, { id: where.roomId })); } catch (error) { notice(error.message); return; }
  const address = new URL(made.url, location.origin).href;
  const draw = () => html`<img class="room-code" src="data:image/svg+xml,${encodeURIComponent(made.qrSvg)}" alt=${t('together.code')} width="200" height="200">
    <label class="field"><span>${t('together.link')}</span><input id="room-link" readonly .value=${address} @focus=${({ target }) => target.select()}></label>
    <p class="facts small">${t(where.settings.guests ? 'together.link-words' : 'together.link-words-accounts', { until: moment(made.invite.expiresAt) })}</p>
    <p class="dialog-acts">${navigator.share ? html`<button class="button" @click=${() => navigator.share({ title: where.name, url: address }).catch(() => { /* put away */ })}>${t('together.share')}</button>` : nothing}
      <button class="button main" @click=${() => copy(address)}>${t('together.copy')}</button></p>
    <form class="say" @submit=${invite}><input name="name" required maxlength="50" autocomplete="off" aria-label=${t('together.by-name')} placeholder=${t('together.by-name')}><button class="button">${t('together.invite')}</button></form>`;
  await openDialog({ title: t('together.invite-title', { name: where.name }), draw });
}
