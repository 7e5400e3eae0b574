// Decides which view fills the page, and keeps the corner with the account and the socket.
import { ask, listen, logOut, onSignIn, signedIn } from './api.js';
import { el, notice } from './element.js';
import * as player from './player.js';
import { canPush, startPush } from './push.js';
import * as views from './views.js';

const view = document.getElementById('view');
const ROUTES = [
  [/^#?\/?$/, views.albums], [/^#\/songs$/, views.songs], [/^#\/artists$/, views.artists],
  [/^#\/album\/([^/]+)$/, views.album], [/^#\/artist\/([^/]+)$/, views.artist],
];
const NOW = 'subscription($user: ID!) { nowPlaying(userId: $user) { song { id title artist { name } } timestamp } }';
let deafen = null, latest = null;

// Each page is drawn aside and shown when it is there, unless the visitor has gone on meanwhile.
async function render() {
  const page = el('div'), wanted = location.hash;
  latest = page;
  try { await draw(page, wanted); } catch (error) {
    if (!signedIn()) return;
    views.broken(page, error.message, render);
  }
  if (latest !== page) return;
  view.replaceChildren(page);
  page.querySelector('[autofocus]')?.focus();
  for (const link of document.querySelectorAll('.top nav a')) {
    if (link.hash === (wanted || '#/')) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current');
  }
}

// The address as people read it; one that is no text leads to no page.
function readable(hash) {
  try { return decodeURIComponent(hash); } catch { return '#/?'; }
}

async function draw(page, hash) {
  if (!signedIn()) { views.welcome(page); return; }
  for (const [pattern, fill] of ROUTES) {
    const found = pattern.exec(readable(hash));
    if (found) { await fill(page, ...found.slice(1)); return; }
  }
  views.missing(page);
}

async function notifyMe() {
  try {
    notice(await startPush() ? 'News will be shown on this device.' : 'This browser does not allow notifications.');
  } catch { notice('That did not work. Try again later.'); }
}

function account() {
  const who = signedIn();
  document.getElementById('account').replaceChildren(...(who
    ? [el('span', {}, who.user.username), ...(canPush() ? [el('button', { class: 'link', onclick: notifyMe }, 'Notify me')] : []), el('button', { class: 'link', onclick: logOut }, 'Sign out')] : []));
  deafen?.();
  deafen = who && listen(NOW, { user: who.user.id }, ({ nowPlaying }) => {
    const elsewhere = nowPlaying?.song;
    if (elsewhere && elsewhere.id !== player.lastPlayed()) notice(`Playing elsewhere: ${elsewhere.title} · ${elsewhere.artist.name}`);
  });
}

player.start();
player.onSong((song) => {
  for (const row of document.querySelectorAll('[data-song]')) row.classList.toggle('playing', row.dataset.song === song.id);
});
onSignIn((who) => {
  if (!who) player.stop();
  account();
  render();
});
addEventListener('hashchange', () => { render(); scrollTo(0, 0); });
// A pushed notification opens the page by id; addresses here are slugs.
async function openTarget() {
  const [kind, id] = (new URLSearchParams(location.search).get('open') ?? '').split(':');
  if (!['album', 'artist'].includes(kind) || !id) return;
  history.replaceState(null, '', '/');
  try {
    const found = (await ask(`query($id: ID!) { ${kind}(id: $id) { slug } }`, { id }))[kind];
    if (found) location.hash = `#/${kind}/${found.slug}`;
  } catch { /* the page itself is there */ }
}

account();
render();
openTarget();
