// The queue as a playlist of its owner's.
import { html } from 'lit-html';
import { day, t } from '../../language/language.js';
import { openDialog } from '../../parts/dialog.js';
import { goTo } from '../../parts/go_to.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';
import { line } from './following.js';

const AT_ONCE = 100;
const MAKE = 'mutation($name: String!) { createPlaylist(name: $name, isPublic: false) { playlist { id slug } } }';
const FILL = 'mutation($id: ID!, $songs: [ID!]!) { addSongsToPlaylist(playlistId: $id, songIds: $songs) { playlist { id } } }';

// What plays and what comes, in this order, under a name that is asked for.
export async function saveQueue() {
  const name = await openDialog({ title: t('playing.save-as'), draw: (close) => html`
    <form @submit=${(event) => { event.preventDefault(); close(new FormData(event.target).get('name').trim()); }}>
      <label class="field"><span>${t('playing.playlist-name')}</span>
        <input name="name" required maxlength="200" .value=${line.peek().context?.name || t('playing.queue-of', { day: day(Date.now()) })} autofocus></label>
      <p class="dialog-acts"><button class="button main">${t('playing.save')}</button></p></form>` });
  if (!name) return;
  try {
    const { items, currentId } = line.peek(), at = Math.max(0, items.findIndex((item) => item.id === currentId));
    const ids = items.slice(at).filter((item) => !item.isComing).map((item) => item.songId);
    const { createPlaylist: { playlist } } = await ask(MAKE, { name });
    for (let from = 0; from < ids.length; from += AT_ONCE) await ask(FILL, { id: playlist.id, songs: ids.slice(from, from + AT_ONCE) });
    notice(t('playing.saved', { name }), [t('playing.to-playlist'), () => goTo(`/playlist/${playlist.slug ?? playlist.id}`)]);
  } catch (error) { notice(error.message); }
}
