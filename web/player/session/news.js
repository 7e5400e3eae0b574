// Notifications as they come over the socket: how many are unread, and the newest, told once each.
import { batch, signal } from '@preact/signals-core';
import { notice } from '../parts/notice.js';
import { t } from '../language/language.js';
import { go } from '../frame/router.js';
import { ask } from './api.js';
import { onEvent, say, whenOpen } from './live.js';
import { placeOf } from './places.js';
import { person } from './session.js';

const MOST = 50;

export const unread = signal(0);
// The newest first, as far as this page has seen them: { id, type, title, message, createdAt, read, targetType, targetId }.
export const news = signal([]);
let place = null;

person.subscribe(() => batch(() => { unread.value = 0; news.value = []; place = null; }));
whenOpen(() => say('notifications.follow', place ? { lastSeen: place } : {}).catch(() => { /* the next connection follows */ }));
onEvent((event) => { if (event.ev === 'notifications') take(event); });

function take(event) {
  const known = new Set(news.peek().map(({ id }) => id)), fresh = event.items.filter(({ id }) => !known.has(id));
  // The first event only tells where we are; what comes after it is news.
  if (place && fresh.length) notice(fresh.length === 1 ? fresh[0].message : t('frame.news', { n: fresh.length }));
  const read = new Set(event.read ?? []);
  place = event.place;
  batch(() => {
    news.value = [...fresh.reverse(), ...news.peek()].slice(0, MOST).map((one) => (event.allRead || read.has(one.id) ? { ...one, read: true } : one));
    unread.value = event.unread;
  });
}

// Notifications that were asked for stand among the news too: what happens to them elsewhere is known here.
export function meet(items) {
  const known = new Set(news.peek().map(({ id }) => id));
  news.value = [...news.peek(), ...items.filter(({ id }) => !known.has(id))]
    .sort((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt)).slice(0, MOST);
}

const set = (id, read) => { news.value = news.peek().map((one) => (one.id === id ? { ...one, read } : one)); };

export async function markRead(id) {
  set(id, true);
  try { unread.value = (await say('notifications.read', { notificationId: id })).unread; } catch (error) { set(id, false); notice(error.message); }
}

export async function markAllRead() {
  try {
    const answer = await say('notifications.read', { all: true });
    batch(() => { unread.value = answer.unread; news.value = news.peek().map((one) => ({ ...one, read: true })); });
    return true;
  } catch (error) { notice(error.message); return false; }
}

export async function forget(id) {
  await ask('mutation($id: ID!) { deleteNotification(notificationId: $id) { success } }', { id });
  news.value = news.peek().filter((one) => one.id !== id);
}

// Opens what a notification is about.
export async function follow(one) {
  if (!one.read) markRead(one.id);
  try {
    const where = await placeOf(one.targetType, one.targetId);
    if (where) go(where); else notice(t('frame.gone'));
  } catch (error) { notice(error.message); }
}
