// How a room looks wherever it is shown: its members, what comes, the chat, and the picture of a song.
import { el } from '/web/page/element.js';
import { comingOf } from './state.js';

const ROLES = { host: 'host', cohost: 'co-host', member: '', guest: 'guest' };
const SHOWN = 30, LINES = 50;

export const titleOf = (item) => item?.title || (item ? 'A song you may not hear' : 'Nothing plays yet');
export const coverOf = (item, size) => (item?.coverId ? `/covers/${item.coverId}?size=${size}` : '/web/icon.svg');

export function memberRows(room, me, skews = {}) {
  return room.members.filter((one) => one.present).map((one) => {
    const skew = skews[one.id]?.skewMs;
    const words = [one.id === me ? 'you' : '', ROLES[one.role], skew == null ? '' : `${Math.abs(skew).toFixed(1)} ms off`];
    return el('li', {}, el('strong', {}, one.name), el('span', {}, words.filter(Boolean).join(' · ')));
  });
}

export function itemRows(room) {
  const coming = comingOf(room).slice(0, SHOWN);
  if (!coming.length) return [el('li', { class: 'none' }, 'Nothing yet')];
  return coming.map((item) => el('li', {}, el('img', { src: coverOf(item, 64), alt: '', width: 40, height: 40, loading: 'lazy' }),
    el('div', {}, el('strong', {}, titleOf(item)), el('span', {}, item.credit ?? ''))));
}

export function chatRows(room) {
  if (!room.chat.length) return [el('li', { class: 'none' }, 'Nothing was said yet')];
  return room.chat.slice(-LINES).map((line) => el('li', {}, el('strong', {}, line.name), ` ${line.text}`));
}

// Shows rows, and only when they differ: a screen reader says what is new, not everything again.
export function fill(list, rows) {
  const same = rows.length === list.children.length && rows.every((row, at) => row.isEqualNode(list.children[at]));
  if (same) return false;
  let kept = 0;
  while (kept < rows.length && kept < list.children.length && rows[kept].isEqualNode(list.children[kept])) kept += 1;
  while (list.children.length > kept) list.lastChild.remove();
  list.append(...rows.slice(kept));
  return true;
}
