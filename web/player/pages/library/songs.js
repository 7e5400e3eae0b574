// The songs one likes, the latest first.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { addToPlaylist } from '../../parts/add_to_playlist.js';
import { empty } from '../../parts/empty.js';
import { endless, moreOf } from '../../parts/endless.js';
import { icon } from '../../parts/icon.js';
import { ROW, songRows } from '../../parts/song_rows.js';
import { watched } from '../../parts/watched.js';
import { playSongs } from '../../playing/player.js';
import { ask } from '../../session/api.js';
import { heading } from './heading.js';

const LIKED = `query($after: String) { likedSongs(first: 100, after: $after) { edges { node { ${ROW} } } pageInfo { hasNextPage endCursor } totalCount } }`;

export const page = {
  areas: ['library'],
  needs: 'listener',
  skeleton: 'rows',
  load: ({ abort, back }) => endless(async (after) => (await ask(LIKED, { after }, { abort })).likedSongs, { back }),
  title: () => t('library.songs'),
  view: (songs) => html`${heading('/library/songs')}${watched(() => (songs.items.value.length ? html`
    <p class="acts"><button class="button main" @click=${() => playSongs(songs.items.value)}>${icon('play')}${t('frame.play')}</button>
      <button class="button" @click=${() => addToPlaylist(songs.items.value.map(({ id }) => id), t('library.songs'))}>${icon('plus')}${t('frame.add-to-playlist')}</button>
      <span class="facts">${t('frame.songs', { n: songs.total.value ?? 0 })}</span></p>
    ${songRows(songs.items.value, { album: true })}${moreOf(songs)}`
    : empty({ sign: 'heart', title: t('library.no-songs'), words: t('library.no-songs-why'), way: ['/search', t('frame.search')] })))}`,
};
