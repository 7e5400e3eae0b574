// What the search asks the API.
import { signal } from '@preact/signals-core';
import { ALBUM, ARTIST, PERSON, PLAYLIST } from '../../parts/card.js';
import { endless } from '../../parts/endless.js';
import { ROW } from '../../parts/song_rows.js';
import { ask } from '../../session/api.js';

const SELECTED = { artists: `artists { ${ARTIST} }`, albums: `albums { ${ALBUM} }`, songs: `songs { ${ROW} }`, playlists: `playlists { ${PLAYLIST} }`, users: `users { ${PERSON} }` };
const TYPES = { artists: 'ARTIST', albums: 'ALBUM', playlists: 'PLAYLIST', users: 'USER' };
const EVERYTHING = `query($q: String!) { search(query: $q, limit: 12, types: [ARTIST, ALBUM, SONG, PLAYLIST, USER]) { ${Object.values(SELECTED).join(' ')} didYouMean } }`;
const FACETS = `facets { genres { count genre { slug name } } decades { value count } moods { value count } languages { value count } keys { value count } }`;
const songsQuery = (facets) => `query($q: String!, $filters: SearchFilters, $sort: SearchSort!, $after: String) {
  searchSongs(query: $q, filters: $filters, sort: $sort, first: 50, after: $after) {
    edges { node { ${ROW} } } pageInfo { hasNextPage endCursor } totalCount didYouMean ${facets ? FACETS : ''} } }`;
const SONGS_FIRST = songsQuery(true), SONGS = songsQuery(false);

export const findEverything = async (words, abort) => (await ask(EVERYTHING, { q: words }, { abort })).search;

export const findKind = async (words, kind, abort) => (await ask(`query($q: String!) { search(query: $q, limit: 100, types: [${TYPES[kind]}]) { ${SELECTED[kind]} didYouMean } }`, { q: words }, { abort })).search;

// Songs page by page, with what they have in common and the question as it was perhaps meant.
export async function findSongs(words, filters, sort, abort, back) {
  const facets = signal(null), didYouMean = signal(null);
  const list = await endless(async (after) => {
    const { searchSongs } = await ask(after ? SONGS : SONGS_FIRST, { q: words, filters, sort, after }, { abort });
    if (!after) { facets.value = searchSongs.facets; didYouMean.value = searchSongs.didYouMean; }
    return searchSongs;
  }, { back, name: 'search' });
  return { list, facets, didYouMean };
}
