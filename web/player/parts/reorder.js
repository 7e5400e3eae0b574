// Rows that are put in another order: dragged by their handle with mouse or finger, or moved with the arrows while it has
// the keyboard. Each row is an `li` in one list, all of them rows that may be moved.
import { html } from 'lit-html';
import { t } from '../language/language.js';
import { announce } from './announce.js';
import { icon } from './icon.js';

const EDGE_PX = 70, SCROLL_PX = 14;

const rowsOf = (row) => [...row.parentElement.children].filter((each) => each.hasAttribute('data-moves'));

// A row's handle. `id` names the row, also in `data-moves` of its `li`; `move(id, beforeId)` puts it right before another, null: at the end.
// `count` is how many rows there are, where not all are drawn.
export const handle = (moved) => html`
  <button class="handle" aria-label=${t('frame.move-named', { name: moved.name })} aria-describedby="how-to-move" data-handle=${moved.id}
    @keydown=${(event) => byKey(event, moved)} @pointerdown=${(event) => drag(event, moved)}>${icon('handle')}</button>`;

// Said once on a page with such rows.
export const howToMove = () => html`<p id="how-to-move" class="announced">${t('frame.how-to-move')}</p>`;

function byKey(event, moved) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step && event.key !== 'Home' && event.key !== 'End') return;
  event.preventDefault();
  const ids = rowsOf(event.currentTarget.closest('li')).map((row) => row.dataset.moves), at = ids.indexOf(moved.id);
  const to = step ? at + step : event.key === 'Home' ? 0 : ids.length - 1;
  if (to < 0 || to >= ids.length || to === at) return;
  put(ids, at, to, moved);
  requestAnimationFrame(() => document.querySelector(`[data-handle="${CSS.escape(moved.id)}"]`)?.focus());
}

function put(ids, at, to, { id, name, move, count = ids.length }) {
  const rest = ids.toSpliced(at, 1);
  move(id, rest[to] ?? null, rest[to - 1] ?? null);
  announce(t('frame.moved', { name, place: to + 1, n: count }));
}

function drag(event, moved) {
  if (event.button !== 0) return;
  event.preventDefault();
  const grip = event.currentTarget, row = grip.closest('li'), rows = rowsOf(row), at = rows.indexOf(row);
  const boxes = rows.map((each) => { const { top, height } = each.getBoundingClientRect(); return { top: top + scrollY, height }; });
  const high = row.offsetHeight, startY = event.clientY + scrollY;
  const shifts = rows.map(() => '');
  let pointerY = event.clientY, to = at, scrolling = 0;
  grip.setPointerCapture(event.pointerId);
  grip.focus({ preventScroll: true });
  row.classList.add('is-dragged');
  const look = () => {
    const by = pointerY + scrollY - startY, middle = boxes[at].top + by + high / 2;
    to = boxes.filter((box, index) => index !== at && box.top + box.height / 2 < middle).length;
    row.style.translate = `0 ${by}px`;
    rows.forEach((each, index) => {
      if (index === at) return;
      const wants = index > at && index <= to ? `0 ${-high}px` : index < at && index >= to ? `0 ${high}px` : '';
      if (shifts[index] !== wants) each.style.translate = shifts[index] = wants;
    });
  };
  const scroll = () => {
    const way = pointerY < EDGE_PX + 60 ? -SCROLL_PX : pointerY > innerHeight - EDGE_PX - 90 ? SCROLL_PX : 0;
    if (way) { scrollBy({ top: way, behavior: 'instant' }); look(); }
    scrolling = requestAnimationFrame(scroll);
  };
  const moving = ({ clientY }) => { pointerY = clientY; look(); };
  const over = (end) => {
    cancelAnimationFrame(scrolling);
    for (const each of rows) each.style.translate = '';
    row.classList.remove('is-dragged');
    for (const [kind, act] of ways) grip.removeEventListener(kind, act);
    removeEventListener('keydown', escape, true);
    if (end.type === 'pointerup' && to !== at) put(rows.map((each) => each.dataset.moves), at, to, moved);
  };
  const escape = (key) => { if (key.key === 'Escape') { key.preventDefault(); over(key); } };
  const ways = [['pointermove', moving], ['pointerup', over], ['pointercancel', over]];
  for (const [kind, act] of ways) grip.addEventListener(kind, act);
  addEventListener('keydown', escape, true);
  scroll();
}
