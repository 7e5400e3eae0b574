// One row of the queue: its song, who put it there, and where it is to go.
import { html, nothing } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import { clock, language, t } from '../../language/language.js';
import { announce } from '../../parts/announce.js';
import { cover } from '../../parts/cover.js';
import { icon } from '../../parts/icon.js';
import { isLiked, like } from '../../parts/like.js';
import { handle } from '../../parts/reorder.js';
import { jump, moveItem, playing, removeItems, toggle } from '../player.js';
import { detailsOf } from './details.js';
import { line } from './following.js';

// At the end of a part an item stands before what comes after its new neighbour, not at the end of the whole queue.
function move(id, beforeId, afterId) {
  const { items } = line.peek();
  if (beforeId) { moveItem(id, beforeId); return; }
  const rest = items.filter((item) => item.id !== id), at = rest.findIndex((item) => item.id === afterId);
  moveItem(id, rest[at + 1]?.id ?? null);
}

function remove(item, name) {
  const { items } = line.peek(), at = items.findIndex((each) => each.id === item.id), next = (items[at + 1] ?? items[at - 1])?.id;
  removeItems([item.id]);
  announce(t('playing.removed', { name }));
  requestAnimationFrame(() => document.querySelector(`.queue-row[data-item="${CSS.escape(next ?? '')}"] .queue-remove`)?.focus());
}

// A row is drawn again only when something of it changed: there may be two thousand.
export function queueRow(item, { moves = false } = {}) {
  const song = detailsOf(item.songId), isNow = item.id === line.value.currentId, isGone = Boolean(line.value.unavailable?.includes(item.id));
  const facts = { song, isNow, isGone, moves, sounds: isNow && playing.value };
  return guard([item.id, language.value, song && isLiked(song), ...Object.values(facts)], () => row(item, facts));
}

function row(item, { song, isNow, isGone, moves, sounds }) {
  const name = song?.title ?? '…';
  return html`<li class="row queue-row ${isNow ? 'is-here' : ''} ${isGone ? 'is-gone' : ''}" data-item=${item.id} data-moves=${moves ? item.id : nothing}>
    <button class="row-play" ?disabled=${isGone} aria-label=${t(sounds ? 'frame.pause-named' : 'frame.play-named', { name })} @click=${() => (isNow ? toggle() : jump(item.id))}>
      ${cover(song?.coverImage, 44)}${icon(sounds ? 'pause' : 'play')}</button>
    <span class="row-words">${song ? html`<a class="row-title" dir="auto" href="/song/${song.slug}">${song.title}</a>
      <span>${song.artist ? html`<a href="/artist/${song.artist.slug}">${song.artistCredit}</a>` : song.artistCredit}${isGone ? html` · ${t('playing.gone')}` : item.reason ? html` · ${item.reason}` : nothing}</span>`
    : html`<i class="bone line"></i>`}</span>
    ${song ? like(song) : html`<span></span>`}
    <time>${clock(Math.round(item.durationMs / 1000))}</time>
    ${moves ? handle({ id: item.id, name, move }) : html`<span class="handle-place"></span>`}
    ${isNow ? html`<span class="handle-place"></span>` : html`<button class="round-button queue-remove" aria-label=${t('playing.remove-named', { name })} title=${t('playing.remove-named', { name })} @click=${() => remove(item, name)}>${icon('close')}</button>`}
  </li>`;
}
