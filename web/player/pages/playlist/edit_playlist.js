// What a playlist is called and looks like, who sees it, and its end.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { confirmed, openDialog } from '../../parts/dialog.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { go } from '../../frame/router.js';
import { cover } from '../../parts/cover.js';

const EDIT = `mutation($id: ID!, $name: String, $description: String, $isPublic: Boolean, $isCollaborative: Boolean, $duplicates: Duplicates, $coverImage: String) {
  updatePlaylist(playlistId: $id, name: $name, description: $description, isPublic: $isPublic, isCollaborative: $isCollaborative, duplicates: $duplicates, coverImage: $coverImage) {
    playlist { slug name description isPublic isCollaborative duplicates coverImage rev } } }`;
const EDIT_WORDS = EDIT.replace(', $coverImage: String', '').replace(', coverImage: $coverImage', '');

// A file as a data: address.
export const readFile = (file) => new Promise((done, failed) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result);
  reader.onerror = () => failed(reader.error);
  reader.readAsDataURL(file);
});

export const check = (name, checked, words, hint = null) => html`<label class="check"><input type="checkbox" name=${name} ?checked=${checked}><span>${words}${hint ? html`<span class="hint">${hint}</span>` : nothing}</span></label>`;

export async function editPlaylist(head) {
  const playlist = head.value, failed = signal(''), picture = signal(undefined);
  const choose = async ({ target }) => { if (target.files[0]) picture.value = await readFile(target.files[0]); };
  const save = async (event, close) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const changes = { id: playlist.id, name: form.get('name'), description: form.get('description'), isPublic: form.has('isPublic') };
    if (!playlist.isSmart) Object.assign(changes, { isCollaborative: form.has('isCollaborative'), duplicates: form.has('refuse') ? 'REFUSE' : 'ALLOW' });
    if (picture.value !== undefined) changes.coverImage = picture.value;
    try {
      const { updatePlaylist } = await ask(picture.value === undefined ? EDIT_WORDS : EDIT, changes);
      head.value = { ...head.value, ...updatePlaylist.playlist };
      close(true);
      if (playlist.slug !== head.value.slug) go(`/playlist/${head.value.slug}`, { replace: true });
      notice(t('playlist.changed'));
    } catch (error) { failed.value = error.message; }
  };
  await openDialog({ title: t('playlist.edit'), draw: (close) => html`<form @submit=${(event) => save(event, close)}>
    <label class="field"><span>${t('playlist.name')}</span><input name="name" required maxlength="200" .value=${playlist.name} autofocus></label>
    <label class="field"><span>${t('playlist.description')}</span><textarea name="description" rows="3" maxlength="2000" .value=${playlist.description}></textarea></label>
    <div class="field picture-field"><span>${t('playlist.cover')}</span>
      ${watched(() => html`${picture.value ? html`<img class="cover" src=${picture.value} alt="" width="96" height="96">` : cover(picture.value === null ? null : playlist.coverImage, 96)}
        <span class="acts"><label class="button small">${icon('up-file')}${t('playlist.choose-cover')}<input class="hidden-words" type="file" accept="image/*" @change=${choose}></label>
        ${playlist.coverImage && picture.value !== null ? html`<button class="button small" type="button" @click=${() => { picture.value = null; }}>${t('playlist.cover-from-songs')}</button>` : nothing}</span>`)}</div>
    ${check('isPublic', playlist.isPublic, t('playlist.is-public'), t('playlist.is-public-why'))}
    ${playlist.isSmart ? nothing : html`${check('isCollaborative', playlist.isCollaborative, t('playlist.is-together'), t('playlist.is-together-why'))}
      ${check('refuse', playlist.duplicates === 'REFUSE', t('playlist.no-duplicates'), t('playlist.no-duplicates-why'))}`}
    <p class="failed" role="alert">${watched(() => failed.value)}</p>
    <p class="dialog-acts"><button class="button" type="button" @click=${() => close()}>${t('frame.cancel')}</button><button class="button main">${t('playlist.save')}</button></p></form>` });
}

export async function deletePlaylist(playlist) {
  if (!await confirmed({ title: t('playlist.delete-title', { name: playlist.name }), words: t('playlist.delete-why'), act: t('playlist.delete') })) return;
  try {
    await ask('mutation($id: ID!) { deletePlaylist(playlistId: $id) { success } }', { id: playlist.id });
    notice(t('playlist.deleted', { name: playlist.name }));
    go('/library', { replace: true });
  } catch (error) { notice(error.message); }
}

export async function leavePlaylist(playlist) {
  if (!await confirmed({ title: t('playlist.leave-title', { name: playlist.name }), words: t('playlist.leave-why'), act: t('playlist.leave') })) return;
  try {
    await ask('mutation($id: ID!) { leavePlaylist(playlistId: $id) { success } }', { id: playlist.id });
    go('/library', { replace: true });
  } catch (error) { notice(error.message); }
}
