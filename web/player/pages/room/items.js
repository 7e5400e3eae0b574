// What comes in a room, in its order: votes, and moving or taking away for those who may.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { cover } from '../../parts/cover.js';
import { icon } from '../../parts/icon.js';
import { menu } from '../../parts/menu.js';
import { coverOf, titleOf } from '../../together/room_bar.js';
import { act, coming, mayControl, meIn } from '../../together/seated.js';

const SHOWN = 60;

function row(item, at, all, where) {
  const me = meIn(where)?.id, controls = mayControl(where), ordered = where.settings.mode !== 'order', liked = item.votes.includes(me);
  const before = (to) => act('move', { itemId: item.id, ...(all[to] ? { beforeItemId: all[to].id } : {}) });
  const by = where.members.find(({ id }) => id === item.addedBy)?.name;
  return html`<li class="row">
    ${cover(coverOf(item), 44)}
    <span class="row-words"><strong class="row-title">${titleOf(item)}</strong><span>${[item.credit, by && t('together.by', { name: by })].filter(Boolean).join(' · ')}</span></span>
    ${where.settings.mode === 'votes' ? html`<button class="button small" aria-pressed=${liked} aria-label=${t('together.vote-for', { name: titleOf(item) })} @click=${() => act('vote', { itemId: item.id, up: !liked })}>${icon('up')}${item.votes.length}</button>` : nothing}
    ${controls || item.addedBy === me ? menu({ id: `item-${item.id}`, label: t('frame.more-of', { name: titleOf(item) }), items: () => [
    controls ? [t('together.play-now'), 'play', () => act('jump', { itemId: item.id })] : null,
    controls && !ordered && at > 0 ? [t('together.earlier'), 'up', () => before(at - 1)] : null,
    controls && !ordered && at < all.length - 1 ? [t('together.later'), 'down', () => before(at + 2)] : null,
    [t('together.take-away'), 'close', () => act('remove', { itemIds: [item.id] })]] }) : nothing}
  </li>`;
}

export function items(where) {
  const all = coming();
  if (!all.length) return html`<p class="facts">${t('together.coming-none')} <a class="link" href="/search">${t('together.find')}</a></p>`;
  return html`<ol class="rows room-items">${all.slice(0, SHOWN).map((item, at) => row(item, at, all, where))}</ol>
    ${all.length > SHOWN ? html`<p class="facts">${t('together.and-more', { n: all.length - SHOWN })}</p>` : nothing}`;
}
