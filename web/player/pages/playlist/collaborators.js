// Who may see and change a playlist: inviting by name or by a link, changing what somebody may, and letting them out.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { ago, day, t } from '../../language/language.js';
import { openDialog } from '../../parts/dialog.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { codeOf } from '../../parts/qr.js';
import { copy } from '../../parts/share.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';

const PEOPLE = `query($id: ID!) { playlist(id: $id) { isCollaborative collaborators { role since user { id username } } } }`;
const INVITES = 'query($id: ID!) { playlistInvites(playlistId: $id) { id role expiresAt } }';
const roleChoice = (name, chosen = 'EDITOR', change = null) => html`<label><span class="hidden-words">${t('playlist.role')}</span><select name=${name} @change=${change}>
  ${['EDITOR', 'VIEWER'].map((role) => html`<option value=${role} ?selected=${role === chosen}>${t(`playlist.role-${role}`)}</option>`)}</select></label>`;

export async function collaborators(head) {
  const { id, isMine } = head.value, people = signal([]), invites = signal([]), link = signal(null), code = signal(null), failed = signal('');
  const fetchAll = async () => {
    const [{ playlist }, { playlistInvites }] = await Promise.all([ask(PEOPLE, { id }), isMine ? ask(INVITES, { id }) : { playlistInvites: [] }]);
    people.value = playlist.collaborators;
    invites.value = playlistInvites;
    head.value = { ...head.value, isCollaborative: playlist.isCollaborative };
  };
  const trying = async (work) => {
    failed.value = '';
    try { await work(); await fetchAll(); } catch (error) { failed.value = error.message; }
  };
  const invite = (event) => {
    event.preventDefault();
    const form = new FormData(event.target), name = form.get('username').trim();
    trying(async () => {
      await ask('mutation($id: ID!, $name: String!, $role: PlaylistRole!) { inviteToPlaylist(playlistId: $id, username: $name, role: $role) { collaborator { role } } }', { id, name, role: form.get('role') });
      event.target.reset();
      notice(t('playlist.invited', { name }));
    });
  };
  const makeLink = (event) => {
    event.preventDefault();
    trying(async () => {
      const { createPlaylistInvite } = await ask('mutation($id: ID!, $role: PlaylistRole!) { createPlaylistInvite(playlistId: $id, role: $role) { token } }', { id, role: new FormData(event.target).get('role') });
      link.value = `${location.origin}/playlist/join/${createPlaylistInvite.token}`;
      code.value = await codeOf(link.value);
    });
  };
  const setRole = (user, role) => trying(() => ask('mutation($id: ID!, $user: ID!, $role: PlaylistRole!) { setPlaylistCollaboratorRole(playlistId: $id, userId: $user, role: $role) { collaborator { role } } }', { id, user: user.id, role }));
  const letOut = (user) => trying(() => ask('mutation($id: ID!, $user: ID!) { removePlaylistCollaborator(playlistId: $id, userId: $user) { success } }', { id, user: user.id }));
  const revoke = (one) => trying(() => ask('mutation($id: ID!, $invite: ID!) { revokePlaylistInvite(playlistId: $id, inviteId: $invite) { success } }', { id, invite: one.id }));
  await fetchAll().catch((error) => notice(error.message));

  const somebody = ({ user, role, since }) => html`<li class="plain-row"><span><a href="/user/${encodeURIComponent(user?.username ?? '')}"><strong>${user?.username ?? t('catalogue.somebody')}</strong></a>
    <span class="facts small">${isMine ? nothing : html`${t(`playlist.role-${role}`)} · `}${ago(since)}</span></span>
    ${isMine && user ? html`${roleChoice('role', role, ({ target }) => setRole(user, target.value))}
      <button class="round-button" aria-label=${t('playlist.let-out', { name: user.username })} @click=${() => letOut(user)}>${icon('close')}</button>` : nothing}</li>`;
  await openDialog({ title: t('playlist.people'), draw: () => html`
    ${isMine ? html`<form class="in-line" @submit=${invite}><input name="username" required maxlength="64" autocomplete="off" placeholder=${t('playlist.username')} aria-label=${t('playlist.username')}>
        ${roleChoice('role')}<button class="button main">${t('playlist.invite')}</button></form>
      <h3>${t('playlist.by-link')}</h3><p class="facts small">${t('playlist.by-link-why')}</p>
      ${watched(() => (link.value ? html`<p class="copied-line"><input readonly .value=${link.value} aria-label=${t('playlist.by-link')} @focus=${(event) => event.target.select()}>
          <button class="button" @click=${() => copy(link.value)}>${icon('copy')}${t('catalogue.copy')}</button></p>
          ${code.value ? html`<p class="qr-place"><img class="qr" src=${code.value} alt=${t('playlist.link-code')}></p>` : nothing}`
    : html`<form class="in-line" @submit=${makeLink}>${roleChoice('role')}<button class="button">${icon('link')}${t('playlist.make-link')}</button></form>`))}` : nothing}
    <p class="failed" role="alert">${watched(() => failed.value)}</p>
    ${watched(() => html`${invites.value.length ? html`<h3>${t('playlist.open-links')}</h3><ul class="plain-rows">${invites.value.map((one) => html`<li class="plain-row">
        <span>${t(`playlist.role-${one.role}`)}<span class="facts small">${t('catalogue.until', { day: day(one.expiresAt) })}</span></span>
        <button class="button small danger" @click=${() => revoke(one)}>${t('playlist.end-link')}</button></li>`)}</ul>` : nothing}
      <h3>${t('playlist.who-is-in')}</h3>${people.value.length ? html`<ul class="plain-rows">${people.value.map(somebody)}</ul>` : html`<p class="facts">${t('playlist.nobody-in')}</p>`}`)}` });
}
