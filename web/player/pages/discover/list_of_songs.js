// A page about a list that the house put together: its head, why it is as it is, and its songs.
import { html, nothing } from 'lit-html';
import { span, t } from '../../language/language.js';
import { addToPlaylist } from '../../parts/add_to_playlist.js';
import { empty } from '../../parts/empty.js';
import { hero } from '../../parts/hero.js';
import { icon } from '../../parts/icon.js';
import { songRows } from '../../parts/song_rows.js';
import { addToQueue, playSongs } from '../../playing/player.js';
import { person } from '../../session/session.js';

// `why(row, index)` says of each song why it is there. `nothing` is [title, words] for a list without songs.
export function listOfSongs({ noun, title, words, facts = [], acts = [], songs, context = null, extra = null, why = null, none, picture = null }) {
  const ids = songs.map(({ id }) => id);
  return html`${hero({
    noun, title, words, picture: picture ?? songs.find(({ coverImage }) => coverImage)?.coverImage,
    facts: [songs.length ? t('frame.songs', { n: songs.length }) : null, songs.length ? span(songs.reduce((sum, { duration }) => sum + duration, 0)) : null, ...facts],
    acts: [songs.length ? html`<button class="button main" @click=${() => playSongs(songs, 0, context)}>${icon('play')}${t('frame.play')}</button>` : nothing, ...acts,
      songs.length && person.value ? html`<button class="round-button" aria-label=${t('frame.add-to-playlist')} @click=${() => addToPlaylist(ids, title)}>${icon('plus')}</button>
        <button class="round-button" aria-label=${t('frame.add-to-queue')} @click=${() => addToQueue(ids)}>${icon('queue')}</button>` : nothing],
  })}
  ${songs.length ? songRows(songs, { context, album: !why, about: why, extra })
    : empty({ title: none[0], words: none[1], way: ['/search', t('frame.search')] })}`;
}
