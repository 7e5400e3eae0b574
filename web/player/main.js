// Decides which view fills the page, and keeps the corner with the account and the socket.
import { listen, logOut, onSignIn, signedIn } from './api.js';
import { el, notice } from './element.js';
import * as player from './player.js';
import * as views from './views.js';

const view = document.getElementById('view');
const ROUTES = [
  [/^#?\/?$/, views.albums], [/^#\/songs$/, views.songs], [/^#\/artists$/, views.artists],
  [/^#\/album\/([^/]+)$/, views.album], [/^#\/artist\/([^/]+)$/, views.artist],
];
const NOW = 'subscription($user: ID!) { nowPlaying(userId: $user) { song { id title artist { name } } timestamp } }';
let deafen = null;

async function render() {
  if (!signedIn()) { views.welcome(view); return; }
  for (const [pattern, draw] of ROUTES) {
    const found = pattern.exec(location.hash);
    if (!found) continue;
    try { await draw(view, ...found.slice(1).map(decodeURIComponent)); } catch (error) { notice(error.message); }
    return;
  }
  views.missing(view);
}

function account() {
  const who = signedIn();
  document.getElementById('account').replaceChildren(...(who
    ? [el('span', {}, who.user.username), el('button', { class: 'link', onclick: logOut }, 'Sign out')] : []));
  deafen?.();
  deafen = who && listen(NOW, { user: who.user.id }, ({ nowPlaying }) => {
    const elsewhere = nowPlaying?.song;
    if (elsewhere && elsewhere.id !== player.playing()?.id) notice(`Playing elsewhere: ${elsewhere.title} · ${elsewhere.artist.name}`);
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
account();
render();
