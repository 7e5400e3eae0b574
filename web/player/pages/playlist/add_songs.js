// Finding songs for a playlist without leaving it.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { ROW, songRows } from '../../parts/song_rows.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';

const FIND = `query($q: String!) { searchSongs(query: $q, first: 10) { edges { node { ${ROW} } } } }`;
const PAUSE_MS = 200;

export function openAdding(entries, abort) {
  const found = signal([]), words = signal(''), added = signal(new Set());
  let waiting = null, current = null;
  abort.addEventListener('abort', () => { clearTimeout(waiting); current?.abort(); });
  const seek = async () => {
    current?.abort();
    const mine = current = new AbortController();
    try {
      const { searchSongs } = await ask(FIND, { q: words.value }, { abort: mine.signal });
      if (mine === current) found.value = searchSongs.edges.map(({ node }) => ({ ...node, key: `found-${node.id}` }));
    } catch (error) { if (error.name !== 'AbortError') notice(error.message); }
  };
  const type = ({ target }) => {
    words.value = target.value.trim();
    clearTimeout(waiting);
    if (words.value) waiting = setTimeout(seek, PAUSE_MS); else { current?.abort(); found.value = []; }
  };
  const add = async (song) => {
    try {
      await entries.add(song.id);
      added.value = new Set(added.value).add(song.id);
      notice(t('playlist.song-added', { name: song.title }));
    } catch (error) { notice(error.message); }
  };
  const button = (song) => html`<button class="button small" aria-label=${t('playlist.add-named', { name: song.title })} @click=${() => add(song)}>
    ${icon(added.value.has(song.id) ? 'check' : 'plus')}${t(added.value.has(song.id) ? 'playlist.once-more' : 'playlist.add-it')}</button>`;
  return { view: () => html`<section class="adding" aria-labelledby="adding"><h2 id="adding">${t('playlist.find-songs')}</h2>
    <label><span class="hidden-words">${t('playlist.find-label')}</span><input type="search" maxlength="200" placeholder=${t('playlist.find-label')} @input=${type}></label>
    ${watched(() => (found.value.length ? songRows(found.value, { extra: (row) => button(row) }) : words.value ? html`<p class="facts" role="status">${t('playlist.none-found')}</p>` : nothing))}</section>` };
}
