// A new playlist: its name, and who sees it.
import { signal } from '@preact/signals-core';
import { html } from 'lit-html';
import { areas, t } from '../../language/language.js';
import { openDialog } from '../../parts/dialog.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { go } from '../../frame/router.js';
import { check } from './edit_playlist.js';

const MAKE = `mutation($name: String!, $description: String, $isPublic: Boolean, $isCollaborative: Boolean, $duplicates: Duplicates) {
  createPlaylist(name: $name, description: $description, isPublic: $isPublic, isCollaborative: $isCollaborative, duplicates: $duplicates) { playlist { slug } } }`;

export async function newPlaylist() {
  await areas('playlist');
  const failed = signal('');
  const make = async (event, close) => {
    event.preventDefault();
    const form = new FormData(event.target);
    try {
      const { createPlaylist } = await ask(MAKE, { name: form.get('name'), description: form.get('description'), isPublic: form.has('isPublic'),
        isCollaborative: form.has('isCollaborative'), duplicates: form.has('refuse') ? 'REFUSE' : 'ALLOW' });
      close(true);
      go(`/playlist/${createPlaylist.playlist.slug}`);
    } catch (error) { failed.value = error.message; }
  };
  return openDialog({ title: t('playlist.new'), draw: (close) => html`<form @submit=${(event) => make(event, close)}>
    <label class="field"><span>${t('playlist.name')}</span><input name="name" required maxlength="200" autofocus></label>
    <label class="field"><span>${t('playlist.description')}</span><textarea name="description" rows="3" maxlength="2000"></textarea></label>
    ${check('isPublic', false, t('playlist.is-public'), t('playlist.is-public-why'))}
    ${check('isCollaborative', false, t('playlist.is-together'), t('playlist.is-together-why'))}
    ${check('refuse', false, t('playlist.no-duplicates'), t('playlist.no-duplicates-why'))}
    <p class="failed" role="alert">${watched(() => failed.value)}</p>
    <p class="dialog-acts"><button class="button" type="button" @click=${() => close()}>${t('frame.cancel')}</button><button class="button main">${t('playlist.make')}</button></p></form>` });
}
