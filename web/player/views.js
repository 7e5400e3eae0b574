// What fills the page: albums, one album, songs, artists, one artist, and the way in.
import { ask, logIn, register } from './api.js';
import { codeForm } from './code.js';
import { clock, cover, el, icon, notice } from './element.js';
import { play, playing } from './player.js';

const PAGE = 48;
export const ROW = 'id slug title duration trackNumber discNumber isExplicit artistCredit coverImage artist { slug name }';
const TILE = 'id slug title coverImage albumType releaseDate artistCredit artist { slug name }';
const demo = document.querySelector('meta[name=tutti-demo]').content === 'true';

const tile = (album) => el('a', { class: 'tile', href: `#/album/${album.slug}` },
  el('img', { src: cover(album.coverImage, 300), alt: '', loading: 'lazy', width: 300, height: 300 }),
  el('strong', {}, album.title),
  el('span', {}, [album.artistCredit, album.releaseDate?.slice(0, 4)].filter(Boolean).join(' · ')));

export function rows(songs, { source, sourceId, numbered = false, discs = false } = {}) {
  const list = el('ol', { class: 'rows' });
  let disc = null;
  songs.forEach((song, index) => {
    if (discs && song.discNumber && song.discNumber !== disc) {
      disc = song.discNumber;
      list.append(el('li', { class: 'disc' }, `Disc ${disc}`));
    }
    list.append(el('li', { 'data-song': song.id, class: playing()?.id === song.id ? 'playing' : null },
      el('button', { onclick: () => play(songs, index, source, sourceId), 'aria-label': `Play ${song.title}` },
        numbered ? el('span', { class: 'number' }, String(song.trackNumber ?? index + 1))
          : el('img', { src: cover(song.coverImage, 64), alt: '', width: 40, height: 40, loading: 'lazy' }),
        el('span', { class: 'words' }, el('strong', {}, song.title, song.isExplicit ? el('em', { title: 'Explicit' }, 'E') : null),
          el('span', {}, song.artistCredit)),
        el('time', {}, clock(song.duration)))));
  });
  return list;
}

// A list that goes on: shows one page, and a button for the next while there is one.
async function pages(query, field, draw, into) {
  let after = null;
  const load = async () => {
    const { edges, pageInfo } = (await ask(query, { first: PAGE, after }))[field];
    draw(edges.map((edge) => edge.node));
    after = pageInfo.endCursor;
    if (pageInfo.hasNextPage) into.append(more); else more.remove();
  };
  const more = el('button', { class: 'more', onclick: async () => {
    more.disabled = true;
    try { await load(); } catch (error) { notice(error.message); }
    more.disabled = false;
  } }, 'Show more');
  await load();
}

const empty = () => el('p', { class: 'empty' }, 'The library is empty. Bring music in with ', el('code', {}, 'python run.py import FOLDER'), '.');

export async function albums(view) {
  const grid = el('div', { class: 'grid' });
  view.replaceChildren(el('h1', {}, 'Albums'), grid);
  await pages(`query($first: Int, $after: String) { albums(first: $first, after: $after) {
    edges { node { ${TILE} } } pageInfo { hasNextPage endCursor } } }`, 'albums',
  (found) => grid.append(...found.map(tile)), view);
  if (!grid.children.length) view.append(empty());
}

export async function songs(view) {
  const all = [], list = el('div');
  view.replaceChildren(el('h1', {}, 'Songs'), list);
  await pages(`query($first: Int, $after: String) { songs(first: $first, after: $after) {
    edges { node { ${ROW} } } pageInfo { hasNextPage endCursor } } }`, 'songs',
  (found) => { all.push(...found); list.replaceChildren(rows(all)); }, view);
  if (!all.length) view.append(empty());
}

export async function artists(view) {
  const grid = el('div', { class: 'grid' });
  view.replaceChildren(el('h1', {}, 'Artists'), grid);
  await pages(`query($first: Int, $after: String) { artists(first: $first, after: $after) {
    edges { node { id slug name profileImage albums { coverImage } } } pageInfo { hasNextPage endCursor } } }`, 'artists',
  (found) => grid.append(...found.map((artist) => el('a', { class: 'tile round', href: `#/artist/${artist.slug}` },
    el('img', { src: cover(artist.profileImage ?? artist.albums[0]?.coverImage, 300), alt: '', loading: 'lazy', width: 300, height: 300 }),
    el('strong', {}, artist.name)))), view);
  if (!grid.children.length) view.append(empty());
}

export async function album(view, slug) {
  const { album: found } = await ask(`query($slug: String!) { album(slug: $slug) { ${TILE} label copyright totalDuration totalTracks
    genres { name } songs { ${ROW} } } }`, { slug });
  if (!found) return missing(view);
  const year = found.releaseDate?.slice(0, 4);
  const facts = [year, `${found.totalTracks} songs`, clock(found.totalDuration), ...found.genres.map((genre) => genre.name)];
  const discs = new Set(found.songs.map((song) => song.discNumber ?? 1)).size > 1;
  view.replaceChildren(el('section', { class: 'hero' },
    el('img', { src: cover(found.coverImage, 640), alt: `Cover of ${found.title}`, width: 260, height: 260 }),
    el('div', {}, el('small', {}, found.albumType.toLowerCase()), el('h1', {}, found.title),
      el('p', {}, el('a', { href: `#/artist/${found.artist.slug}` }, found.artistCredit)),
      el('p', { class: 'facts' }, facts.filter(Boolean).join(' · ')),
      el('button', { class: 'primary', onclick: () => play(found.songs, 0, 'ALBUM', found.id) }, icon('play'), ' Play'))),
  rows(found.songs, { source: 'ALBUM', sourceId: found.id, numbered: true, discs }),
  el('p', { class: 'facts small' }, [found.copyright, found.label].filter(Boolean).join(' · ')));
}

export async function artist(view, slug) {
  const { artist: found } = await ask(`query($slug: String!) { artist(slug: $slug) { id name bio profileImage monthlyListeners
    genres { name } topSongs(limit: 10) { ${ROW} } albums { ${TILE} } } }`, { slug });
  if (!found) return missing(view);
  view.replaceChildren(el('section', { class: 'hero' },
    el('img', { class: 'round', src: cover(found.profileImage ?? found.albums[0]?.coverImage, 640), alt: '', width: 220, height: 220 }),
    el('div', {}, el('small', {}, 'artist'), el('h1', {}, found.name), el('p', {}, found.bio || ''),
      el('p', { class: 'facts' }, found.genres.map((genre) => genre.name).join(' · ')))),
  el('h2', {}, 'Songs'), rows(found.topSongs), el('h2', {}, 'Albums'),
  el('div', { class: 'grid' }, found.albums.map(tile)));
}

export function missing(view) {
  view.replaceChildren(el('div', { class: 'welcome' }, el('h1', {}, 'Not here'), el('p', {}, 'This page does not exist, or not for you.'),
    el('a', { class: 'primary', href: '#/' }, 'To the albums')));
}

export function broken(view, why, again) {
  view.replaceChildren(el('div', { class: 'welcome' }, el('h1', {}, 'That did not work'), el('p', {}, why),
    el('button', { class: 'primary', onclick: again }, 'Try again')));
}

export function welcome(view) {
  let joining = false;
  const failed = el('p', { class: 'failed', role: 'alert' });
  const email = el('input', { type: 'text', autocomplete: 'username', placeholder: 'E-mail or username', required: true,
    autofocus: !demo, 'aria-label': 'E-mail or username' });
  const name = el('input', { type: 'text', autocomplete: 'nickname', placeholder: 'Username', 'aria-label': 'Username', hidden: true });
  const password = el('input', { type: 'password', autocomplete: 'current-password', placeholder: 'Password', required: true, 'aria-label': 'Password' });
  const submit = el('button', { class: 'primary', type: 'submit' }, 'Sign in');
  const other = el('button', { type: 'button', class: 'link', onclick: () => {
    joining = !joining;
    name.hidden = !joining;
    name.required = joining;
    password.autocomplete = joining ? 'new-password' : 'current-password';
    email.placeholder = email.ariaLabel = joining ? 'E-mail' : 'E-mail or username';
    failed.textContent = '';
    submit.textContent = joining ? 'Create account' : 'Sign in';
    other.textContent = joining ? 'I have an account' : 'Create an account';
  } }, 'Create an account');
  const enter = async (act) => {
    submit.disabled = true;
    failed.textContent = '';
    try { await act(); } catch (error) {
      if (error.code === 'SECOND_FACTOR_REQUIRED') askForCode(error.extensions.challenge);
      else failed.textContent = error.message;
    }
    submit.disabled = false;
  };
  const askForCode = (challenge) => {
    const step = codeForm(challenge, (why) => { step.replaceWith(form); failed.textContent = why; password.value = ''; email.focus(); });
    form.replaceWith(step);
  };
  const form = el('form', { onsubmit: (event) => {
    event.preventDefault();
    enter(() => (joining ? register(email.value, name.value, password.value) : logIn(email.value, password.value)));
  } }, email, name, password, submit, other, failed);
  view.replaceChildren(el('div', { class: 'welcome' },
    el('h1', {}, 'Your music, everyone together.'),
    el('p', {}, 'A streaming platform on your own machine: seekable in every quality, with an open API.'),
    demo && el('button', { class: 'primary big', onclick: () => enter(() => logIn('listener@demo.tutti', 'tutti-demo-2026')) },
      icon('play'), ' Listen as the demo listener'),
    form));
  // Where another way of signing in leads whoever has a second step; the challenge does not stay in the address.
  const [, waiting] = location.hash.match(/^#\/second-step\/([\w-]{20,100})$/) ?? [];
  if (waiting) {
    history.replaceState(null, '', '#/');
    askForCode(waiting);
  }
}
