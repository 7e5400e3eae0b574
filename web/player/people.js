// What notifications about people lead to: a playlist with its songs, and a person with what they show of themselves.
import { ask, signedIn } from './api.js';
import { clock, cover, el, icon, notice } from './element.js';
import { play } from './player.js';
import { ROW, missing, rows } from './views.js';

const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

export async function playlist(view, id) {
  const { playlist: found } = await ask(`query($id: ID!) { playlist(id: $id) { id name description coverImage songCount totalDuration
    followerCount user { id username } songs { song { ${ROW} } } } }`, { id });
  if (!found) return missing(view);
  const songs = found.songs.map(({ song }) => song);
  const facts = [count(found.songCount, 'song'), clock(found.totalDuration), found.followerCount && count(found.followerCount, 'follower')];
  view.replaceChildren(el('section', { class: 'hero' },
    el('img', { src: cover(found.coverImage ?? songs[0]?.coverImage, 640), alt: '', width: 220, height: 220 }),
    el('div', {}, el('small', {}, 'playlist'), el('h1', {}, found.name),
      found.user && el('p', {}, el('a', { href: `#/person/${found.user.id}` }, found.user.username)),
      found.description && el('p', {}, found.description), el('p', { class: 'facts' }, facts.filter(Boolean).join(' · ')),
      songs.length > 0 && el('button', { class: 'primary', onclick: () => play(songs, 0, 'PLAYLIST', found.id) }, icon('play'), ' Play'))),
  songs.length ? rows(songs, { source: 'PLAYLIST', sourceId: found.id }) : el('p', { class: 'empty' }, 'No songs yet.'));
}

export async function person(view, id) {
  const { user: found } = await ask(`query($id: ID!) { user(id: $id) { id username bio profileImage firstName lastName followerCount isFollowed
    publicPlaylists(limit: 50) { id name songCount coverImage } } }`, { id });
  if (!found) return missing(view);
  const name = [found.firstName, found.lastName].filter(Boolean).join(' '), isMe = found.id === signedIn()?.user.id;
  view.replaceChildren(el('section', { class: 'hero' },
    found.profileImage && el('img', { class: 'round', src: cover(found.profileImage, 640), alt: '', width: 160, height: 160 }),
    el('div', {}, el('small', {}, 'listener'), el('h1', {}, found.username), name && el('p', {}, name), found.bio && el('p', {}, found.bio),
      el('p', { class: 'facts' }, count(found.followerCount, 'follower')),
      isMe ? el('a', { class: 'primary', href: '#/settings' }, 'Settings') : following(found))),
  ...(found.publicPlaylists.length ? [el('h2', {}, 'Playlists'), el('div', { class: 'grid' }, found.publicPlaylists.map((each) => el('a', { class: 'tile', href: `#/playlist/${each.id}` },
    el('img', { src: cover(each.coverImage, 300), alt: '', loading: 'lazy', width: 300, height: 300 }),
    el('strong', {}, each.name), el('span', {}, count(each.songCount, 'song')))))] : []));
}

function following(found) {
  let isFollowed = found.isFollowed;
  const button = el('button', { class: 'primary', onclick: async () => {
    const act = isFollowed ? 'unfollowUser' : 'followUser';
    button.disabled = true;
    try {
      await ask(`mutation($id: ID!) { ${act}(userId: $id) { success } }`, { id: found.id });
      isFollowed = !isFollowed;
      button.textContent = isFollowed ? 'Unfollow' : 'Follow';
    } catch (error) { notice(error.message); }
    button.disabled = false;
  } }, isFollowed ? 'Unfollow' : 'Follow');
  return button;
}
