// A station that grows from an artist, a song or a genre: what it plays, and keeping it.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { ROW } from '../../parts/song_rows.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { person } from '../../session/session.js';
import { go } from '../../frame/router.js';
import { listOfSongs } from './list_of_songs.js';

const SEEDS = 'seedArtist { id slug name profileImage } seedSong { id slug title coverImage } seedGenre { id slug name }';
const STATION = `query($id: ID!) { radio(id: $id, limit: 50) { id name createdAt ${SEEDS} songs { ${ROW} } } }`;
const KEEP = 'mutation($artist: ID, $song: ID, $genre: String) { createRadio(seedArtist: $artist, seedSong: $song, seedGenre: $genre) { radio { id } } }';

async function keep(station) {
  try {
    const { createRadio } = await ask(KEEP, { artist: station.seedArtist?.id, song: station.seedSong?.id, genre: station.seedGenre?.id });
    notice(t('catalogue.radio-kept'));
    go(`/radio/${createRadio.radio.id}`, { replace: true });
  } catch (error) { notice(error.message); }
}

async function drop(station, kept) {
  try { await ask('mutation($id: ID!) { deleteRadio(radioId: $id) { success } }', { id: station.id }); kept.value = false; notice(t('catalogue.radio-dropped')); }
  catch (error) { notice(error.message); }
}

function grownFrom({ seedArtist, seedSong, seedGenre }) {
  if (seedArtist) return html`<a href="/artist/${seedArtist.slug}">${seedArtist.name}</a>`;
  if (seedSong) return html`<a href="/song/${seedSong.slug}">${seedSong.title}</a>`;
  return seedGenre && html`<a href="/genre/${seedGenre.slug}">${seedGenre.name}</a>`;
}

export const page = {
  areas: ['catalogue'],
  skeleton: 'hero',
  load: async ({ params, abort }) => {
    const { radio } = await ask(STATION, params, { abort }).catch((error) => { if (['NOT_FOUND', 'INVALID'].includes(error.code)) return {}; throw error; });
    return radio ? { station: radio, kept: signal(Boolean(radio.createdAt)) } : null;
  },
  title: ({ station }) => station.name,
  view: ({ station, kept }) => listOfSongs({
    noun: t('catalogue.radio'), title: station.name, words: t('catalogue.radio-why'), facts: [grownFrom(station)], songs: station.songs,
    picture: station.seedArtist?.profileImage ?? station.seedSong?.coverImage ?? null, context: { kind: 'RADIO', id: station.id },
    acts: [person.value ? watched(() => (kept.value ? html`<button class="button" @click=${() => drop(station, kept)}>${icon('check')}${t('frame.is-saved')}</button>`
      : html`<button class="button" @click=${() => keep(station)}>${icon('plus')}${t('frame.save')}</button>`)) : nothing],
    none: [t('catalogue.no-songs'), t('catalogue.radio-none')],
  }),
};
