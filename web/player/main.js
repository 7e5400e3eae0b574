// Decides which view fills the page, and keeps the corner with the account and the socket.
import { listen, onSignIn, signedIn } from './api.js';
import { el, notice } from './element.js';
import * as live from './live.js';
import * as news from './news.js';
import * as people from './people.js';
import { invited, plan } from './plan.js';
import * as player from './player.js';
import { forgetPush } from './push.js';
import { settings } from './settings.js';
import { placeOf } from './targets.js';
import * as together from './together.js';
import * as views from './views.js';
import { tellZone } from './zone.js';

const view = document.getElementById('view');
const ROUTES = [
  [/^#?\/?$/, views.albums], [/^#\/songs$/, views.songs], [/^#\/artists$/, views.artists],
  [/^#\/album\/([^/]+)$/, views.album], [/^#\/artist\/([^/]+)$/, views.artist],
  [/^#\/playlist\/([^/]+)$/, people.playlist], [/^#\/person\/([^/]+)$/, people.person], [/^#\/settings$/, settings],
  [/^#\/plan$/, plan], [/^#\/family\/([^/]+)$/, invited],
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

function account() {
  const who = signedIn();
  const link = document.getElementById('account');
  link.hidden = !who;
  link.querySelector('span').textContent = who?.user.username ?? '';
  link.setAttribute('aria-label', `${who?.user.username}: settings`);
  news.reset(who);
  together.reset(who);
  live.connect();
  deafen?.();
  deafen = who && listen(NOW, { user: who.user.id }, ({ nowPlaying }) => {
    const elsewhere = nowPlaying?.song;
    if (elsewhere && elsewhere.id !== player.lastPlayed()) notice(`Playing elsewhere: ${elsewhere.title} · ${elsewhere.artist.name}`);
  });
}

player.start();
news.start();
together.start();
player.onSong((song) => {
  for (const row of document.querySelectorAll('[data-song]')) row.classList.toggle('playing', row.dataset.song === song.id);
});
onSignIn((who) => {
  if (!who) { player.stop(); forgetPush(); }
  account();
  render();
  openTarget();
  tellZone();
});
addEventListener('hashchange', () => { render(); scrollTo(0, 0); });

// A pushed notification opens the page by what it is about, a room's link by the room.
async function openTarget(address = location.href) {
  const asked = new URL(address).searchParams, [kind, id] = (asked.get('open') ?? '').split(':'), room = asked.get('room');
  if ((!id && !room) || !signedIn()) return;
  if (address === location.href) history.replaceState(null, '', '/');
  if (room) { together.open(room); return; }
  try {
    const where = await placeOf(kind, id);
    if (where) location.hash = where; else notice('What this is about is not here any more.');
  } catch (error) { notice(error.message); }
}

navigator.serviceWorker?.addEventListener('message', ({ data }) => { if (data?.open) openTarget(data.open); });

account();
render();
openTarget();
tellZone();
