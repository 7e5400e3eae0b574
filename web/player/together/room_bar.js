// The bar at the foot while one sits in a room: what the room plays, how well this page holds the moment, the way back to it.
import { html, nothing } from 'lit-html';
import { clock, t } from '../language/language.js';
import { icon } from '../parts/icon.js';
import { watched } from '../parts/watched.js';
import { cover } from '../parts/cover.js';
import { act, current, inTime, loudness, mayControl, room, roomPositionMs, setLoudness } from './seated.js';

export const titleOf = (item) => item?.title || t(item ? 'together.not-for-you' : 'together.nothing-plays');
export const coverOf = (item) => (item?.coverId ? `/covers/${item.coverId}` : null);
export const isPlaying = (where) => where.anchor.playing || Boolean(where.start);

export const playButton = (where, kind = '') => html`<button class="round-button main ${kind}" ?disabled=${!mayControl(where)} aria-label=${t(isPlaying(where) ? 'frame.pause' : 'frame.play')}
  @click=${() => act(isPlaying(where) ? 'pause' : 'play')}>${icon(isPlaying(where) ? 'pause' : 'play')}</button>`;

export const nextButton = (where) => html`<button class="round-button" ?disabled=${!mayControl(where)} aria-label=${t('frame.next')} @click=${() => act('next')}>${icon('next')}</button>`;

export const volumeSlider = () => html`<label class="room-volume">${icon('volume')}<input type="range" min="0" max="100" .value=${String(loudness.value)} aria-label=${t('together.volume')}
  @input=${({ target }) => setLoudness(target.valueAsNumber)}></label>`;

export function roomBar() {
  const where = room.value, item = current();
  if (!where) return nothing;
  return html`<footer class="bar room-bar" aria-label=${t('frame.player')}>
    <div class="bar-song">${cover(coverOf(item), 56, { lazy: false })}
      <div><a class="row-title" href="/room/${where.roomId}">${titleOf(item)}</a><span>${item?.credit ?? ''}</span></div></div>
    <div class="bar-buttons">${playButton(where)} ${nextButton(where)}</div>
    <div class="room-facts"><a class="quiet" href="/room/${where.roomId}">${icon('people')} ${where.name}</a>
      ${watched(() => html`<span class="facts small">${item ? `${clock(roomPositionMs.value / 1000)} / ${clock(item.durationMs / 1000)}` : nothing} ${inTime.value}</span>`)} ${volumeSlider()}</div>
  </footer>`;
}
