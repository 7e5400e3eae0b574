// The bell: how much is unread, told live; behind it the list of notifications, where each leads to what it is about.
import { ask as query } from './api.js';
import { el, notice } from './element.js';
import { ask, onEvent, whenOpen } from './live.js';
import { placeOf } from './targets.js';

const PAGE = 20;
const ROWS = `query($first: Int, $after: String) { notifications(first: $first, after: $after) {
  edges { node { id type title message createdAt read targetType targetId } } pageInfo { hasNextPage endCursor } } }`;
const bell = document.getElementById('bell'), panel = document.getElementById('news');
let shown = new Map(), place = null, after = null, more = false, loaded = false, unread = 0, failed = '';

export function start() {
  bell.addEventListener('click', () => (panel.hidden ? open() : close({ back: true })));
  document.addEventListener('keydown', ({ key }) => { if (key === 'Escape') close({ back: true }); });
  document.addEventListener('click', ({ target }) => {
    if (!panel.hidden && target.isConnected && !panel.contains(target) && !bell.contains(target)) close();
  });
  whenOpen(() => ask('notifications.follow', place ? { lastSeen: place } : {}));
  onEvent((event) => { if (event.ev === 'notifications') take(event); });
}

// Another person signed in, or nobody: nothing of the last one stays.
export function reset(somebody) {
  shown = new Map();
  [place, after, more, loaded, failed] = [null, null, false, false, ''];
  bell.hidden = !somebody;
  count(0);
  close();
}

function take(event) {
  const fresh = event.items.filter((one) => !shown.has(one.id));
  shown = new Map([...fresh.reverse().map((one) => [one.id, one]), ...shown]);
  // The first event only tells where we are; what comes after it is news.
  if (place && fresh.length) notice(fresh.length === 1 ? fresh[0].message : `${fresh.length} new notifications`);
  if (event.allRead) for (const one of shown.values()) one.read = true;
  for (const id of event.read ?? []) if (shown.has(id)) shown.get(id).read = true;
  place = event.place;
  count(event.unread);
  if (!panel.hidden) draw();
}

function count(number) {
  unread = number;
  const badge = document.getElementById('unread');
  badge.textContent = number > 99 ? '99+' : String(number);
  badge.hidden = !number;
  bell.setAttribute('aria-label', number ? `Notifications, ${number} unread` : 'Notifications');
}

async function open() {
  panel.hidden = false;
  bell.setAttribute('aria-expanded', 'true');
  draw();
  if (!loaded) await load();
  panel.querySelector('h2')?.focus();
}

export function close({ back = false } = {}) {
  if (panel.hidden) return;
  panel.hidden = true;
  bell.setAttribute('aria-expanded', 'false');
  if (back) bell.focus();
}

async function load() {
  failed = '';
  try {
    const { edges, pageInfo } = (await query(ROWS, { first: PAGE, after })).notifications;
    for (const { node } of edges) shown.set(node.id, node);
    after = pageInfo.endCursor ?? after;
    more = pageInfo.hasNextPage;
    loaded = true;
  } catch (error) { failed = error.message; }
  draw();
}

function draw() {
  const rows = [...shown.values()];
  const body = failed ? el('p', { class: 'empty', role: 'alert' }, failed, ' ', el('button', { class: 'link', onclick: load }, 'Try again'))
    : !loaded ? el('p', { class: 'empty' }, 'One moment…')
      : !rows.length ? el('p', { class: 'empty' }, 'Nothing yet. Follow artists and people, and you will hear of them here.')
        : el('ul', { class: 'notes' }, rows.map(row));
  panel.replaceChildren(el('header', {}, el('h2', { tabindex: '-1' }, 'Notifications'),
    el('button', { class: 'link', disabled: !unread, onclick: markAll }, 'Mark all as read'),
    el('a', { class: 'link', href: '#/settings', onclick: () => close() }, 'Settings')),
  body, ...(more && !failed ? [el('button', { class: 'more', onclick: load }, 'Show more')] : []));
}

function row(one) {
  return el('li', { class: one.read ? null : 'unread' },
    el('button', { class: 'note', onclick: () => follow(one) },
      el('strong', {}, one.title, one.read ? null : el('span', { class: 'hear' }, ' (unread)')), el('span', {}, one.message), el('time', { datetime: one.createdAt }, since(one.createdAt))),
    !one.read && el('button', { class: 'mark', title: 'Mark as read', 'aria-label': `Mark as read: ${one.title}`, onclick: () => mark(one) }));
}

async function follow(one) {
  if (!one.read) mark(one);
  try {
    const where = await placeOf(one.targetType, one.targetId);
    if (!where) { notice('What this is about is not here any more.'); return; }
    close();
    location.hash = where;
  } catch (error) { notice(error.message); }
}

// Shown at once; the answer, and the other devices' word, say the same.
async function mark(one) {
  one.read = true;
  draw();
  try { count((await ask('notifications.read', { notificationId: one.id })).unread); } catch (error) {
    one.read = false;
    notice(error.message);
  }
  draw();
}

async function markAll() {
  try { count((await ask('notifications.read', { all: true })).unread); } catch (error) { notice(error.message); return; }
  for (const one of shown.values()) one.read = true;
  draw();
  panel.querySelector('h2').focus();
}

const UNITS = [[86400, 'day'], [3600, 'hour'], [60, 'minute']];
function since(moment) {
  const seconds = Math.max(0, (Date.now() - Date.parse(moment)) / 1000);
  if (seconds > 7 * 86400) return new Date(moment).toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
  const [length, unit] = UNITS.find(([size]) => seconds >= size) ?? [];
  return length ? new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(-Math.floor(seconds / length), unit) : 'just now';
}
