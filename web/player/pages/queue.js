// The queue: what plays, what was queued by hand, what follows from the album or list, what the house adds, what was heard.
import { computed, signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { ref } from 'lit-html/directives/ref.js';
import { repeat as each } from 'lit-html/directives/repeat.js';
import { t } from '../language/language.js';
import { confirmed } from '../parts/dialog.js';
import { empty } from '../parts/empty.js';
import { icon } from '../parts/icon.js';
import { howToMove } from '../parts/reorder.js';
import { skeleton } from '../parts/skeleton.js';
import { clearQueue, context } from '../playing/player.js';
import { need } from '../playing/queue/details.js';
import { line } from '../playing/queue/following.js';
import { queueRow } from '../playing/queue/rows.js';
import { saveQueue } from '../playing/queue/save.js';

const STEP = 60;

// The items by what they are here for. A run of what was queued by hand comes first; then all the rest in its order.
function parts({ items, currentId }) {
  const at = items.findIndex((item) => item.id === currentId), later = items.slice(at + 1);
  let hand = 0;
  while (later[hand]?.origin === 'user') hand += 1;
  return { current: items[at] ?? null, heard: items.slice(0, Math.max(0, at)), hand: later.slice(0, hand), rest: later.slice(hand), at };
}

const watching = new WeakMap();
function watch(more) {
  return (button) => {
    if (!button || watching.has(button)) return;
    const eye = new IntersectionObserver(([seen]) => { if (seen.isIntersecting) more(); }, { rootMargin: '800px' });
    watching.set(button, eye);
    eye.observe(button);
  };
}

async function clear() {
  if (await confirmed({ title: t('playing.clear-title'), words: t('playing.clear-why'), act: t('playing.clear') })) clearQueue();
}

const fromWhere = () => {
  const { kind, id, name } = context.value ?? {}, room = { album: 'album', playlist: 'playlist', artist: 'artist', radio: 'radio' }[kind];
  if (!name) return t('playing.then');
  return html`${t('playing.then-from')} ${room && id ? html`<a href="/${room}/${id}">${name}</a>` : name}`;
};

const section = (id, title, rows, tools = nothing) => (rows.length ? html`
  <section class="queue-part" aria-labelledby="queue-${id}"><div class="shelf-head"><h2 id="queue-${id}">${title}</h2>${tools}</div>
    <ol class="queue-rows">${each(rows, (item) => item.id, (item) => queueRow(item, { moves: id !== 'now' && id !== 'heard' }))}</ol></section>` : nothing);

export const page = {
  areas: ['playing'],
  needs: 'listener',
  skeleton: 'rows',
  load: async () => {
    const shown = signal(STEP), past = signal(5);
    return { shown, past, parts: computed(() => line.value && parts(line.value)) };
  },
  title: () => t('playing.queue'),
  view: ({ shown, past, parts: all }) => {
    if (!all.value) return skeleton('rows');
    const { current, heard, hand, rest, at } = all.value;
    if (!current && !hand.length && !rest.length) return empty({ sign: 'queue', title: t('playing.empty'), words: t('playing.empty-why'), way: ['/', t('frame.to-home')] });
    const first = hand.slice(0, shown.value), seen = rest.slice(0, shown.value - first.length), before = past.value ? heard.slice(-past.value) : heard;
    need(line.value.items, at - before.length, at + 1 + first.length + seen.length);
    const isHouse = seen.findIndex((item) => item.origin === 'autoplay');
    const ours = isHouse < 0 ? seen : seen.slice(0, isHouse), house = isHouse < 0 ? [] : seen.slice(isHouse);
    return html`${howToMove()}<header class="page-head"><h1>${t('playing.queue')}</h1>
      <div class="acts"><button class="button" @click=${saveQueue}>${icon('list-plus')}${t('playing.save-as')}</button>
        <button class="button" ?disabled=${!hand.length && !rest.length} @click=${clear}>${icon('bin')}${t('playing.clear')}</button></div></header>
      ${section('now', t('playing.now'), current ? [current] : [])}
      ${section('hand', t('playing.next-up'), first)}
      ${section('rest', fromWhere(), ours)}
      ${house.length ? section('house', t('playing.suggested'), house) : nothing}
      ${hand.length + rest.length > shown.value ? html`<p class="more"><button class="button" @click=${() => { shown.value += STEP; }} ${ref(watch(() => { shown.value += STEP; }))}>${t('frame.more')}</button></p>` : nothing}
      ${section('heard', t('playing.heard'), before.toReversed(), heard.length > before.length
    ? html`<button class="link quiet" @click=${() => { past.value += STEP; }}>${t('playing.earlier')}</button>` : nothing)}`;
  },
};
