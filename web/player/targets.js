// Where in this page a thing is that a notification or a push leads to: things are told by id, pages here mostly by slug.
import { ask } from './api.js';

const ALBUM_OF = 'album { slug } artist { slug }';
const besideSong = (song) => (song?.album ? `#/album/${song.album.slug}` : song && `#/artist/${song.artist.slug}`);

const FINDERS = {
  album: async (id) => {
    const { album } = await ask('query($id: ID!) { album(id: $id) { slug } }', { id });
    return album && `#/album/${album.slug}`;
  },
  artist: async (id) => {
    const { artist } = await ask('query($id: ID!) { artist(id: $id) { slug } }', { id });
    return artist && `#/artist/${artist.slug}`;
  },
  song: async (id) => besideSong((await ask(`query($id: ID!) { song(id: $id) { ${ALBUM_OF} } }`, { id })).song),
  review: async (id) => {
    const { myReviews } = await ask(`{ myReviews(first: 100) { edges { node { id album { slug } song { ${ALBUM_OF} } } } } }`);
    const found = myReviews.edges.find(({ node }) => node.id === id)?.node;
    return found?.album ? `#/album/${found.album.slug}` : besideSong(found?.song);
  },
  playlist: async (id) => `#/playlist/${id}`,
  user: async (id) => `#/person/${id}`,
};

// The address in this page; null for what is gone, or what there is no page for.
export async function placeOf(kind, id) {
  const finder = FINDERS[kind?.toLowerCase()];
  return (finder && id && await finder(id)) || null;
}
