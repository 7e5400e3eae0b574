// Singing along: the lines alone over the whole screen, in the light of the cover; and the listener's own correction of time.
import { effect, signal } from '@preact/signals-core';
import { html, nothing, render } from 'lit-html';
import { number, t } from '../../language/language.js';
import { icon } from '../../parts/icon.js';
import { bathe } from '../../parts/tint.js';
import { buttons } from '../bar.js';
import { choose, manners } from '../manners.js';
import { song } from '../player.js';
import './song_lyrics.js';

const STEP_MS = 100, MOST_MS = 3000;

export const translated = signal(true);
export const turnTranslations = () => { translated.value = !translated.value; };

const shift = (by) => choose('lyricsDelayMs', Math.max(-MOST_MS, Math.min(MOST_MS, manners.peek().lyricsDelayMs + by)));

// Bluetooth and slow loudspeakers are heard later than they are told: who sees the words too early moves them.
export const delayChoice = () => html`<div class="delay" role="group" aria-label=${t('playing.timing')}>
  <button class="round-button" aria-label=${t('playing.words-later')} @click=${() => shift(-STEP_MS)}>−</button>
  <output>${t('playing.seconds', { n: number(manners.value.lyricsDelayMs / 1000, { signDisplay: 'exceptZero', minimumFractionDigits: 1 }) })}</output>
  <button class="round-button" aria-label=${t('playing.words-earlier')} @click=${() => shift(STEP_MS)}>+</button></div>`;

// `found` is a signal with the lyrics of what plays: the next song's come when it does.
export function openKaraoke(found) {
  const dialog = document.createElement('dialog');
  dialog.className = 'sheet karaoke';
  dialog.setAttribute('aria-label', t('playing.karaoke'));
  document.body.append(dialog);
  const stop = effect(() => {
    const lyrics = found.value;
    if (!song.value) { dialog.close(); return; }
    const { coverImage, title, artistCredit } = song.value;
    render(html`<header><button class="round-button" aria-label=${t('frame.close')} @click=${() => dialog.close()}>${icon('close')}</button>
        <p><strong>${title}</strong> · ${artistCredit}</p></header>
      <div class="karaoke-body" data-scrolls>${lyrics?.lines.length ? html`<song-lyrics .lyrics=${lyrics} ?translated=${translated.value}></song-lyrics>`
    : html`<p class="karaoke-none">${lyrics === undefined ? nothing : t('playing.no-lyrics')}</p>`}</div>
      <footer><seek-bar></seek-bar>${buttons()}</footer>`, dialog);
    bathe(dialog, coverImage);
  });
  dialog.addEventListener('close', () => {
    stop();
    dialog.remove();
    if (document.fullscreenElement) document.exitFullscreen();
  });
  dialog.showModal();
  // Where the browser gives no whole screen, the whole page has to do.
  document.documentElement.requestFullscreen?.().catch(() => {});
  const left = () => { if (!document.fullscreenElement) dialog.close(); };
  document.addEventListener('fullscreenchange', left);
  dialog.addEventListener('close', () => document.removeEventListener('fullscreenchange', left));
}
