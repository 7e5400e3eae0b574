// Moving an entry: by dragging its grip with a pointer, or with the keys (Space takes it up and puts it down, arrows move
// it, Escape puts it back), told in words.
import { signal } from '@preact/signals-core';
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { icon } from '../../parts/icon.js';

const EDGE = 90, SPEED = 14;

// `{ grip(entry, index), told }` for these entries; `told` is a signal with what a screen reader says.
export function ordering(entries) {
  const told = signal(''), held = signal(null);
  let began = -1, scrolling = 0;
  const say = (key, entry, at) => { told.value = t(key, { name: entry.song.title, n: at + 1, of: entries.count.value }); };
  const rowsOf = (grip) => [...grip.closest('.rows').querySelectorAll('.row')];
  const focusGrip = (list, at) => requestAnimationFrame(() => list.querySelectorAll('.row')[at]?.querySelector('.grip')?.focus());

  function key(event, entry) {
    const at = entries.items.value.indexOf(entry), list = event.currentTarget.closest('.rows');
    const mine = held.value === entry.id;
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      if (!mine) { held.value = entry.id; began = at; say('playlist.taken-up', entry, at); return; }
      held.value = null;
      if (at !== began) entries.settle(entry);
      say('playlist.put-down', entry, at);
    } else if (mine && event.key === 'Escape') {
      event.preventDefault();
      held.value = null;
      entries.shift(at, began);
      focusGrip(list, began);
      say('playlist.put-back', entry, began);
    } else if (mine && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      const to = at + (event.key === 'ArrowUp' ? -1 : 1);
      if (to < 0 || to >= entries.items.value.length) return;
      entries.shift(at, to);
      focusGrip(list, to);
      say('playlist.now-at', entry, to);
    }
  }
  // Whoever leaves the grip with a song in hand puts it down where it is; drawing a moved row is no leaving.
  function left(event, entry) {
    setTimeout(() => {
      if (held.value !== entry.id || document.activeElement?.classList.contains('grip')) return;
      held.value = null;
      if (entries.items.value.indexOf(entry) !== began) entries.settle(entry);
    }, 80);
  }

  function drag(event, entry) {
    if (event.button !== 0) return;
    event.preventDefault();
    const grip = event.currentTarget, row = grip.closest('.row'), from = entries.items.value.indexOf(entry);
    let to = from;
    grip.setPointerCapture(event.pointerId);
    row.classList.add('is-dragged');
    const mark = (at) => {
      rowsOf(grip).forEach((one, index) => {
        one.classList.toggle('drop-before', at !== from && index === at && at < from);
        one.classList.toggle('drop-after', at !== from && index === at && at > from);
      });
    };
    const move = ({ clientX, clientY }) => {
      const over = document.elementFromPoint(clientX, clientY)?.closest('.row');
      const at = over ? rowsOf(grip).indexOf(over) : -1;
      if (at >= 0 && at !== to) mark(to = at);
      clearInterval(scrolling);
      const by = clientY < EDGE ? -SPEED : clientY > innerHeight - EDGE ? SPEED : 0;
      if (by) scrolling = setInterval(() => scrollBy({ top: by, behavior: 'instant' }), 16);
    };
    const end = (commit) => {
      clearInterval(scrolling);
      mark(from);
      row.classList.remove('is-dragged');
      for (const [name, does] of listening) removeEventListener(name, does, true);
      if (!commit || to === from) return;
      entries.shift(from, to);
      entries.settle(entry);
      say('playlist.put-down', entry, to);
    };
    const listening = [['pointermove', move], ['pointerup', () => end(true)], ['pointercancel', () => end(false)],
      ['keydown', (pressed) => { if (pressed.key === 'Escape') { pressed.preventDefault(); end(false); } }]];
    for (const [name, does] of listening) addEventListener(name, does, true);
  }

  const grip = (entry) => html`<button class="grip" aria-label=${t('playlist.move', { name: entry.song.title })} aria-pressed=${held.value === entry.id} aria-describedby="grip-help"
    @keydown=${(event) => key(event, entry)} @blur=${(event) => left(event, entry)} @pointerdown=${(event) => drag(event, entry)}>${icon('grip')}</button>`;
  return { grip, told };
}
