// Where in the player a thing is that a notification or a push leads to: things are told by id, pages are mostly by slug.
import { ask } from './api.js';

const SONG = 'slug';
const slugOf = (kind, address) => async (id) => {
  const found = (await ask(`query($id: ID!) { ${kind}(id: $id) { ${SONG} } }`, { id }))[kind];
  return found && `${address}/${found.slug}`;
};

const FINDERS = {
  album: slugOf('album', '/album'),
  artist: slugOf('artist', '/artist'),
  song: slugOf('song', '/song'),
  playlist: async (id) => `/playlist/${id}`,
  room: async (id) => `/room/${id}`,
  user: async (id) => {
    const { user } = await ask('query($id: ID!) { user(id: $id) { username } }', { id });
    return user && `/user/${encodeURIComponent(user.username)}`;
  },
  review: async (id) => {
    const { myReviews } = await ask('{ myReviews(first: 100) { edges { node { id album { slug } song { slug } } } } }');
    const found = myReviews.edges.find(({ node }) => node.id === id)?.node;
    return found?.album ? `/album/${found.album.slug}` : found?.song && `/song/${found.song.slug}`;
  },
};

// The address in the player; null for what is gone, or what there is no page for.
export async function placeOf(kind, id) {
  const finder = FINDERS[kind?.toLowerCase()];
  return (finder && id && await finder(id)) || null;
}
