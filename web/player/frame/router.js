// Follows the address: loads the page it leads to, keeps what is shown, and gives back the place on the way back.
// A page module exports `page`:
//   areas    names of the word catalogues it needs
//   needs    'listener' when somebody has to be signed in
//   skeleton 'hero', 'grid', 'rows' or 'text': what stands there meanwhile
//   load     async ({ params, search, abort, onLeave, back }) => data, or null when it does not exist (or not for them);
//            `back` tells that this is a way back to what was seen before
//   title    (data) => the document's title
//   view     (data) => what lit-html draws; signals it reads draw it again
import { signal } from '@preact/signals-core';
import { areas, language } from '../language/language.js';
import { person } from '../session/session.js';
import { routeOf } from './routes.js';

// What fills the page: `{ state: 'loading' | 'shown' | 'absent' | 'broken' | 'sign-in', page, data, error }`.
export const shown = signal({ state: 'loading' });
export const path = signal(location.pathname + location.search);

const places = new Map();
let visit = null, visitor = person.value?.id;

// Providers lead back to the first page; who comes from one goes on at the door.
const ENTERING = /^#\/(enter\/|second-step\/)/;
const OLD = /^#\/(album|artist|playlist|person|songs|artists|settings|plan|family)(\/[^/]+)?$/;
// Addresses of earlier versions began with a hash.
function moved(url) {
  const found = OLD.exec(url.hash);
  return found && `/${found[1] === 'person' ? 'user' : found[1]}${found[2] ?? ''}`;
}

// A page of a later version of the house is at an address that this one does not know: all is fetched anew, once. Away
// from the house nothing would be gained by it.
async function anew(error) {
  const there = await fetch('/service-worker.js', { method: 'HEAD', cache: 'no-store' }).then(({ ok }) => ok, () => false);
  if (!there || sessionStorage.getItem('tutti.anew') === location.href) throw error;
  sessionStorage.setItem('tutti.anew', location.href);
  location.reload();
  return new Promise(() => { /* the page goes */ });
}

async function show(restore) {
  visit?.end();
  const abort = new AbortController(), leaving = [];
  const mine = visit = { end: () => { abort.abort(); for (const leave of leaving) leave(); } };
  const url = new URL(location.href), route = routeOf(url.pathname);
  const put = (what) => { if (visit === mine) shown.value = what; };
  if (!route) { put({ state: 'absent' }); return; }
  let page = null;
  const slow = setTimeout(() => put({ state: 'loading', page }), 120);
  try {
    ({ page } = await route.open().catch(anew));
    if (page.needs === 'listener' && !person.value) { put({ state: 'sign-in', back: url.pathname + url.search }); return; }
    const onLeave = (leave) => (visit === mine ? leaving.push(leave) : leave());
    const [data] = await Promise.all([
      page.load?.({ params: route.params, search: url.searchParams, abort: abort.signal, onLeave, back: restore }) ?? {},
      areas(...(page.areas ?? [])),
    ]);
    if (data === null) put({ state: 'absent' });
    else put({ state: 'shown', page, data, at: url.href, restore: restore ? places.get(history.state?.key) : null });
  } catch (error) {
    if (error.name !== 'AbortError') put({ state: 'broken', error, again: () => show(false) });
  } finally { clearTimeout(slow); }
}

const remember = () => { if (history.state?.key) places.set(history.state.key, scrollY); };

// Goes to an address of the player's own.
export function go(to, { replace = false } = {}) {
  remember();
  const url = new URL(to, location.origin);
  const where = url.pathname + url.search + url.hash;
  history[replace ? 'replaceState' : 'pushState']({ key: crypto.randomUUID?.() ?? String(Math.random()) }, '', where);
  path.value = url.pathname + url.search;
  return show(false);
}

// Draws this page anew with fresh data, in the same place.
export const again = () => show(false);

// Changes the address of what is shown already, as a search does with each letter.
export function rename(to) {
  history.replaceState(history.state, '', to);
  path.value = location.pathname + location.search;
}

const plain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

export function startRouter() {
  history.scrollRestoration = 'manual';
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]');
    if (!link || event.defaultPrevented || !plain(event) || link.target || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || !routeOf(url.pathname)) return;
    event.preventDefault();
    if (url.href !== location.href) go(url.href); else scrollTo({ top: 0 });
  });
  addEventListener('popstate', () => { path.value = location.pathname + location.search; show(true); });
  // Somebody else sees other things; somebody who signs in goes on where they were.
  person.subscribe((who) => {
    if (who?.id === visitor) return;
    visitor = who?.id;
    show(false);
  });
  let tongue = language.value;
  language.subscribe((now) => { if (now !== tongue) { tongue = now; show(false); } });
  const here = ENTERING.test(location.hash) ? `/welcome${location.hash}` : /^#\/connect\//.test(location.hash) ? `/settings/ways${location.hash}` : moved(new URL(location.href));
  if (here) go(here, { replace: true });
  else { history.replaceState({ key: 'first', ...history.state }, ''); show(true); }
}
