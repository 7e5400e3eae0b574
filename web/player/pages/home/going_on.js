// Where somebody was: the albums, artists, playlists and stations they played last, each once, the latest first.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { cover } from '../../parts/cover.js';
import { icon } from '../../parts/icon.js';
import { playContext } from '../../playing/player.js';
import { ask } from '../../session/api.js';

export const PLAYED = `listeningHistory(limit: 80) { source sourceId song { id coverImage artist { id slug name profileImage } album { id slug title coverImage } } }`;
const MOST = 8;

const albumOf = (album) => ({ kind: 'ALBUM', id: album.id, address: `/album/${album.slug}`, picture: album.coverImage, title: album.title });

// What a play tells by itself; a playlist and a station of something else have to be asked for by their ids.
function placeOf({ source, sourceId, song }) {
  if (source === 'PLAYLIST') return { kind: 'PLAYLIST', id: sourceId };
  if (source === 'RADIO') {
    const ofArtist = song?.artist && sourceId === `artist:${song.artist.id}`;
    return ofArtist ? { kind: 'RADIO', id: sourceId, address: `/radio/${sourceId}`, picture: song.artist.profileImage ?? song.coverImage, title: t('catalogue.radio-of', { name: song.artist.name }) }
      : { kind: 'RADIO', id: sourceId };
  }
  if (source === 'ARTIST' && song?.artist?.id === sourceId) {
    return { kind: 'ARTIST', id: sourceId, round: true, address: `/artist/${song.artist.slug}`, picture: song.artist.profileImage ?? song.coverImage, title: song.artist.name };
  }
  return song?.album ? albumOf(song.album) : null;
}

async function named(places, abort) {
  const unknown = places.filter(({ title, id }) => !title && id);
  if (!unknown.length) return places;
  const parts = unknown.map(({ kind }, at) => (kind === 'PLAYLIST' ? `p${at}: playlist(id: $i${at}) { slug name coverImage }` : `p${at}: radio(id: $i${at}, limit: 1) { name songs { coverImage } }`));
  const asked = `query(${unknown.map((_, at) => `$i${at}: ID!`).join(', ')}) { ${parts.join(' ')} }`;
  const answers = await ask(asked, Object.fromEntries(unknown.map(({ id }, at) => [`i${at}`, id])), { abort }).catch(() => ({}));
  unknown.forEach((place, at) => {
    const found = answers[`p${at}`];
    if (!found) return;
    Object.assign(place, { title: found.name, picture: found.coverImage ?? found.songs?.[0]?.coverImage,
      address: place.kind === 'PLAYLIST' ? `/playlist/${found.slug}` : `/radio/${place.id}` });
  });
  return places.filter(({ title }) => title);
}

export function goingOn(plays, abort) {
  const places = new Map();
  for (const play of plays ?? []) {
    const place = placeOf(play);
    if (place && !places.has(`${place.kind}:${place.id}`)) places.set(`${place.kind}:${place.id}`, place);
    if (places.size === MOST) break;
  }
  return named([...places.values()], abort);
}

export const tile = ({ kind, id, address, picture, title, round = false }) => html`<article class="tile">
  <a href=${address}>${cover(picture, 64, { lazy: false, round })}<strong>${title}</strong></a>
  <button class="round-button" aria-label=${t('frame.play-named', { name: title })} @click=${() => playContext(kind, id)}>${icon('play')}</button>
</article>`;
