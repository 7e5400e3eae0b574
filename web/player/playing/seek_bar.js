// `<seek-bar>`: where in the song it is, on the song's outline, with what is over and what is left; moved by pointer and keys.
// Time goes from left to right in every language, as on any recorder.
import { effect } from '@preact/signals-core';
import { html, render } from 'lit-html';
import { clock, t } from '../language/language.js';
import { durationMs, playing, positionMs, seek, song } from './player.js';
import { drawOutline, outlineOf } from './waveform.js';

const LOOK_MS = 250, STEP_MS = 5000, LEAP_MS = 30000;

class SeekBar extends HTMLElement {
  connectedCallback() {
    this.held = null;
    this.peaks = null;
    render(html`<time class="seek-over"></time>
      <span class="seek-line"><canvas aria-hidden="true"></canvas>
        <input type="range" min="0" step="100" aria-label=${t('playing.position')}
          @input=${({ target }) => { this.held = target.valueAsNumber; this.show(); }} @change=${() => this.go()} @keydown=${(event) => this.key(event)}></span>
      <time class="seek-left"></time>`, this);
    [this.over, this.left] = this.querySelectorAll('time');
    this.input = this.querySelector('input');
    this.canvas = this.querySelector('canvas');
    this.eye = new ResizeObserver(() => this.draw());
    this.eye.observe(this.canvas);
    this.stop = effect(() => {
      const shown = song.value?.id ?? null;
      if (shown === this.shown) return;
      this.shown = shown;
      this.peaks = null;
      this.show();
      if (shown) outlineOf(shown).then((peaks) => { if (this.shown === shown) { this.peaks = peaks; this.draw(); } });
    });
    this.timer = setInterval(() => { if (!document.hidden && (playing.peek() || this.stale)) this.show(); }, LOOK_MS);
    this.unplay = playing.subscribe(() => this.show());
  }

  disconnectedCallback() {
    this.stop();
    this.unplay();
    this.eye.disconnect();
    clearInterval(this.timer);
    this.shown = undefined;
  }

  get stale() { return this.held === null && Math.abs(positionMs() - this.at) > 200; }

  show() {
    const length = durationMs();
    this.at = this.held ?? Math.min(positionMs(), length || Infinity);
    this.input.max = Math.max(1, length);
    this.input.value = this.at;
    this.input.setAttribute('aria-valuetext', t('playing.position-of', { at: clock(this.at / 1000), length: clock(length / 1000) }));
    this.over.textContent = clock(this.at / 1000);
    this.left.textContent = `−${clock(Math.round(Math.max(0, length - this.at) / 1000))}`;
    this.draw();
  }

  draw() { drawOutline(this.canvas, this.peaks, durationMs() ? (this.at ?? 0) / durationMs() : 0); }

  go() {
    const to = this.held;
    this.held = null;
    if (to !== null) seek(to);
    this.show();
  }

  key(event) {
    const by = { ArrowLeft: -STEP_MS, ArrowRight: STEP_MS, ArrowDown: -STEP_MS, ArrowUp: STEP_MS, PageDown: -LEAP_MS, PageUp: LEAP_MS }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    seek(positionMs() + by);
    this.show();
  }
}

customElements.define('seek-bar', SeekBar);
