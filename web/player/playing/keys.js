// The player by keyboard alone, and the dialogue that says how. A key means nothing while somebody types or uses a control
// that has its own use for it.
import { html } from 'lit-html';
import { t } from '../language/language.js';
import { announce } from '../parts/announce.js';
import { openDialog } from '../parts/dialog.js';
import { goTo } from '../parts/go_to.js';
import { isLiked, toggleLike } from '../parts/like.js';
import { choose, manners } from './manners.js';
import { mute, next, positionMs, previous, seek, setShuffle, setVolume, shuffled, song, toggle, turnRepeat, repeat, volume } from './player.js';
import { openDevices } from './device/device_list.js';
import { openSheet } from './sheet.js';

const STEP_MS = 5000, LOUDER = 5;
let asked = false;

// A page that is there already makes way for the first one.
const turnTo = (address) => goTo(location.pathname === address ? '/' : address);

function likeIt() {
  if (!song.peek()) return;
  toggleLike(song.peek());
  announce(t(isLiked(song.peek()) ? 'playing.liked' : 'playing.unliked', { name: song.peek().title }));
}

const louder = (by) => () => { setVolume(volume.peek() + by); announce(t('playing.volume-at', { n: volume.peek() })); };
const step = (by) => () => seek(positionMs() + by);

// [the key, or its code, how it is written, what it does in words, what it does]. Letters are looked up by what is typed.
const KEYS = [
  [' ', 'playing.key-space', 'playing.key-toggle', toggle],
  ['ArrowRight', '→', 'playing.key-forward', step(STEP_MS)],
  ['ArrowLeft', '←', 'playing.key-back', step(-STEP_MS)],
  ['N', 'Shift N', 'frame.next', next],
  ['P', 'Shift P', 'frame.previous', previous],
  ['ArrowUp', '↑', 'playing.key-louder', louder(LOUDER)],
  ['ArrowDown', '↓', 'playing.key-quieter', louder(-LOUDER)],
  ['m', 'M', 'playing.mute', () => { mute(); announce(t('playing.volume-at', { n: volume.peek() })); }],
  ['s', 'S', 'playing.shuffle', () => { setShuffle(!shuffled.peek()); announce(t(shuffled.peek() ? 'playing.shuffled' : 'playing.unshuffled')); }],
  ['r', 'R', 'playing.key-repeat', () => { turnRepeat(); announce(t(`playing.repeat-${repeat.peek()}`)); }],
  ['f', 'F', 'playing.key-like', likeIt],
  ['q', 'Q', 'playing.queue', () => turnTo('/queue')],
  ['l', 'L', 'playing.lyrics', () => turnTo('/lyrics')],
  ['d', 'D', 'playing.devices', () => openDevices()],
  ['o', 'O', 'playing.open', () => openSheet()],
  ['/', '/', 'frame.search', () => document.querySelector('input[type=search]')?.focus()],
  ['?', '?', 'playing.keys', () => openKeys()],
];
const WITHOUT_SONG = new Set(['/', '?', 'q', 'd']);

export async function openKeys() {
  if (asked) return;
  asked = true;
  await openDialog({ title: t('playing.keys'), draw: (_, redraw) => html`
    <label class="switch"><input type="checkbox" role="switch" .checked=${manners.value.keys} @change=${({ target }) => { choose('keys', target.checked); redraw(); }}>
      <span><strong>${t('playing.keys-on')}</strong><span>${t('playing.keys-why')}</span></span></label>
    <dl class="keys">${KEYS.map(([, written, does]) => html`
    <div><dt><kbd>${written.startsWith('playing.') ? t(written) : written}</kbd></dt><dd>${t(does)}</dd></div>`)}</dl>` });
  asked = false;
}

const TYPES = 'input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]';

function means(event) {
  const place = event.target;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  if (place.closest?.(TYPES) || document.querySelector('dialog[open]:not(.sheet)') || document.querySelector('[popover]:popover-open')) return false;
  if (!manners.peek().keys && event.key.length === 1 && event.key !== ' ') return false;
  if (event.key === ' ') return !place.closest?.('button, a, input, summary, [role=button], [role=tab], [role=slider]');
  if (event.key.startsWith('Arrow')) return !place.closest?.('input, [role=menu], [role=tablist], [role=grid], [role=listbox], [tabindex="0"], .handle');
  return true;
}

export function startKeys() {
  document.addEventListener('keydown', (event) => {
    if (!means(event)) return;
    const found = KEYS.find(([key]) => key === event.key);
    if (!found || (!song.peek() && !WITHOUT_SONG.has(event.key))) return;
    // Up and down belong to the page, unless the keyboard is on the player itself.
    if (/ArrowUp|ArrowDown/.test(event.key) && !event.target.closest?.('.bar, .sheet')) return;
    event.preventDefault();
    found[3]();
  });
}
