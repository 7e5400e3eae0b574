// The bar at the foot of every page: what plays, where in it, and the buttons. On a phone it is small and opens the whole.
import { html, nothing } from 'lit-html';
import { t } from '../language/language.js';
import { cover } from '../parts/cover.js';
import { icon } from '../parts/icon.js';
import { like } from '../parts/like.js';
import { openDevices } from './device/device_list.js';
import { elsewhere, mute, next, playing, previous, repeat, setShuffle, setVolume, shuffled, song, toggle, turnRepeat, volume } from './player.js';
import { deviceId } from './device/here.js';
import { openSheet } from './sheet.js';
import { openSound } from './sound_choices.js';
import { sleepAt } from './sleep.js';
import './seek_bar.js';

const button = (words, sign, act, { pressed = null, kind = '', current = false } = {}) => html`
  <button class="round-button ${kind}" aria-label=${words} title=${words} aria-pressed=${pressed === null ? nothing : pressed} aria-current=${current ? 'true' : nothing}
    @click=${act}>${icon(sign)}</button>`;

export const playButton = (kind = 'main') => button(t(playing.value ? 'frame.pause' : 'frame.play'), playing.value ? 'pause' : 'play', toggle, { kind });
export const buttons = () => html`<div class="bar-buttons">
  ${button(t('playing.shuffle'), 'shuffle', () => setShuffle(!shuffled.peek()), { pressed: shuffled.value, kind: 'toggles wide' })}
  ${button(t('frame.previous'), 'previous', previous, { kind: 'wide' })}
  ${playButton()}
  ${button(t('frame.next'), 'next', next)}
  ${button(t(`playing.repeat-${repeat.value}`), repeat.value === 'one' ? 'repeat-one' : 'repeat', turnRepeat, { pressed: repeat.value !== 'off', kind: 'toggles wide' })}
</div>`;

export const loudness = () => html`<div class="bar-volume">
  ${button(t(volume.value ? 'playing.mute' : 'playing.unmute'), volume.value ? 'volume' : 'quiet', mute)}
  <input type="range" min="0" max="100" step="1" .value=${String(volume.value)} aria-label=${t('playing.volume')}
    aria-valuetext=${t('playing.percent', { n: volume.value })} @input=${({ target }) => setVolume(target.valueAsNumber)}>
</div>`;

// Where it plays, when that is not here. A device that is gone and plays nothing is nobody's concern.
export const where = () => (elsewhere.value && elsewhere.value.id !== deviceId.value && (elsewhere.value.online || playing.value)
  ? html`<button class="bar-where" @click=${openDevices}>${icon('devices')}${t('playing.plays-on', { name: elsewhere.value.name })}</button>` : nothing);

const way = (address, words, sign) => {
  const here = location.pathname === address;
  return html`<a class="round-button toggles" href=${here ? '/' : address} aria-label=${words} title=${words} aria-current=${here ? 'page' : nothing}>${icon(sign)}</a>`;
};

export const ways = () => html`
  ${way('/lyrics', t('playing.lyrics'), 'lyrics')}
  ${way('/queue', t('playing.queue'), 'queue')}
  ${button(t('playing.devices'), 'devices', openDevices, { kind: elsewhere.value ? 'toggles lit' : 'toggles' })}
  ${button(t('playing.sound'), 'sound', openSound, { kind: sleepAt.value ? 'toggles lit' : 'toggles' })}`;

// The names open the whole on a phone, where they are all there is.
function open(event) {
  if (matchMedia('(max-width: 40rem)').matches) { event.preventDefault(); openSheet(); }
}

export const bar = () => html`
  <footer class="bar" aria-label=${t('frame.player')}>
    <div class="bar-song">
      <button class="bar-open" aria-label=${t('playing.open')} title=${t('playing.open')} @click=${openSheet}>${cover(song.value.coverImage, 56, { lazy: false })}${icon('up')}</button>
      <div @click=${open}><a class="row-title" dir="auto" href="/song/${song.value.slug}">${song.value.title}</a>
        ${song.value.artist ? html`<a href="/artist/${song.value.artist.slug}">${song.value.artistCredit}</a>` : html`<span>${song.value.artistCredit}</span>`}</div>
      ${like(song.value)}</div>
    <div class="bar-middle">${buttons()}<seek-bar></seek-bar></div>
    <div class="bar-ways">${ways()}${loudness()}</div>
    ${where()}
  </footer>`;
