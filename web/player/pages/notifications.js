// All notifications, by day; each leads to what it is about.
import { signal } from '@preact/signals-core';
import { html } from 'lit-html';
import { day, t } from '../language/language.js';
import { empty } from '../parts/empty.js';
import { endless, moreOf } from '../parts/endless.js';
import { NOTE, note } from '../parts/note.js';
import { notice } from '../parts/notice.js';
import { ask } from '../session/api.js';
import { forget, markAllRead, meet, news, unread } from '../session/news.js';

const ROWS = `query($first: Int, $after: String) { notifications(first: $first, after: $after) { edges { node { ${NOTE} } } pageInfo { hasNextPage endCursor } } }`;
const PAGE = 30;

async function load({ abort, onLeave }) {
  const list = await endless(async (after) => (await ask(ROWS, { first: PAGE, after }, { abort })).notifications);
  meet(list.items.peek());
  const begun = Date.parse(list.items.peek()[0]?.createdAt ?? 0), gone = new Set();
  // What comes while the page is open stands at its head, and what is read elsewhere is read here.
  onLeave(news.subscribe((fresh) => {
    const live = new Map(fresh.map((one) => [one.id, one])), there = new Set([...gone, ...list.items.peek().map(({ id }) => id)]);
    list.items.value = [...fresh.filter(({ id, createdAt }) => !there.has(id) && Date.parse(createdAt) >= begun),
      ...list.items.peek().map((one) => ({ ...one, read: live.get(one.id)?.read ?? one.read }))];
  }));
  return { list, gone, busy: signal(false) };
}

async function drop({ list, gone }, { id }) {
  try {
    gone.add(id);
    await forget(id);
    list.items.value = list.items.peek().filter((one) => one.id !== id);
  } catch (error) { gone.delete(id); notice(error.message); }
}

async function readAll({ list, busy }) {
  busy.value = true;
  if (await markAllRead()) list.items.value = list.items.peek().map((one) => ({ ...one, read: true }));
  busy.value = false;
}

function days(data) {
  const groups = new Map();
  for (const one of data.list.items.value) {
    const name = day(one.createdAt, 'full');
    groups.set(name, [...groups.get(name) ?? [], one]);
  }
  return [...groups].map(([name, rows]) => html`<section><h2 class="day">${name}</h2>
    <ul class="notes">${rows.map((one) => note(one, { remove: () => drop(data, one) }))}</ul></section>`);
}

export const page = {
  areas: ['notifications'],
  needs: 'listener',
  skeleton: 'rows',
  load,
  title: () => t('frame.notifications'),
  view: (data) => html`<div class="narrow"><div class="page-head"><h1>${t('frame.notifications')}</h1>
    <p class="acts"><button class="button" ?disabled=${!unread.value || data.busy.value} @click=${() => readAll(data)}>${t('notifications.mark-all')}</button>
      <a class="button" href="/settings/notifications">${t('notifications.settings')}</a></p></div>
    ${data.list.items.value.length ? days(data) : empty({ sign: 'bell', title: t('notifications.none'), words: t('notifications.none-why') })}
    ${moreOf(data.list)}</div>`,
};
