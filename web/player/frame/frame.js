// What stands around every page: the way through the house, the search, the account, the bar at the foot, and notices.
import { effect, signal } from '@preact/signals-core';
import { html, nothing, render } from 'lit-html';
import { t } from '../language/language.js';
import { icon } from '../parts/icon.js';
import { empty } from '../parts/empty.js';
import { skeleton } from '../parts/skeleton.js';
import { notices } from '../parts/notice.js';
import { bar } from '../playing/bar.js';
import { guide } from '../playing/guide.js';
import { song } from '../playing/player.js';
import { person } from '../session/session.js';
import { corner } from './corner.js';
import { searchField } from './search_field.js';
import { again, path, shown, startRouter } from './router.js';

// The bar of a room is fetched by those who come into one.
const roomBar = signal(null);
effect(() => { if (guide.value && !roomBar.peek()) import('../together/room_bar.js').then((found) => { roomBar.value = found.roomBar; }); });

// The rooms of the house: address, icon, words, and whether they are for those who are signed in.
const PLACES = [
  ['/', 'home', 'frame.home', false],
  ['/search', 'search', 'frame.search', false],
  ['/library', 'library', 'frame.library', true],
  ['/rooms', 'people', 'frame.rooms', true],
];

const isHere = (address) => {
  const [now] = path.value.split('?');
  return address === '/' ? now === '/' : now === address || now.startsWith(`${address}/`);
};

const place = ([address, sign, key]) => html`
  <a href=${address} aria-current=${isHere(address) ? 'page' : nothing}>${icon(sign)}<span>${t(key)}</span></a>`;

const ways = () => html`
  <nav class="ways" aria-label=${t('frame.ways')}>
    <a class="brand" href="/"><img src="/web/icon.svg" alt="" width="28" height="28"><span>Tutti</span></a>
    ${PLACES.filter(([, , , personal]) => !personal || person.value).map(place)}
  </nav>`;

function room() {
  const { state, page, data, error, back } = shown.value;
  if (state === 'shown') return page.view(data);
  if (state === 'absent') {
    return empty({ sign: 'search', title: t('frame.absent'), words: t('frame.absent-why'), way: ['/', t('frame.to-home')] });
  }
  if (state === 'sign-in') {
    return empty({ sign: 'person', title: t('frame.sign-in-first'), words: t('frame.sign-in-why'),
      way: [`/welcome?to=${encodeURIComponent(back)}`, t('frame.sign-in')] });
  }
  if (state === 'broken' && error.code === 'UNREACHABLE' && person.value) {
    return empty({ sign: 'warning', title: t('frame.unreachable'), words: t('frame.unreachable-why'), way: ['/library/downloads', t('frame.to-downloads')], act: [again, t('frame.again')] });
  }
  if (state === 'broken') return empty({ sign: 'warning', title: t('frame.broken'), words: error.message, act: [again, t('frame.again')] });
  return skeleton(page?.skeleton ?? 'grid');
}

const whole = () => html`
  <a class="skip" href="#page" @click=${skip}>${t('frame.skip')}</a>
  ${ways()}
  <header class="top">${searchField()}${corner()}</header>
  <main id="page" tabindex="-1" aria-busy=${shown.value.state === 'loading'}>${room()}</main>
  ${guide.value && roomBar.value ? roomBar.value() : song.value ? bar() : nothing}
  ${notices()}
  <div class="announced" role="status" aria-live="polite">${titleNow()}</div>`;

// The address stays as it is: only the place of the keyboard moves.
function skip(event) {
  event.preventDefault();
  document.getElementById('page').focus();
}

function titleNow() {
  const { state, page, data } = shown.value;
  if (state === 'shown') return page.title(data);
  return state === 'loading' ? '' : t(`frame.${state}`);
}

// Draws the frame into `root` and keeps it drawn.
export function open(root) {
  root.replaceChildren();
  let last = null;
  effect(() => {
    render(whole(), root);
    const title = titleNow();
    document.title = title && title !== 'Tutti' ? `${title} · Tutti` : 'Tutti';
    document.body.toggleAttribute('data-playing', Boolean(song.value || guide.value));
    if (shown.value === last || shown.value.state === 'loading') return;
    const arrived = last !== null && shown.value.at !== last.at;
    last = shown.value;
    // A page that was gone back to stands where it was left; a new one begins at its top, and the keyboard with it.
    scrollTo({ top: shown.value.restore ?? 0, behavior: 'instant' });
    if (arrived) (root.querySelector('main [autofocus]') ?? document.getElementById('page')).focus({ preventScroll: true });
  });
  startRouter();
}
