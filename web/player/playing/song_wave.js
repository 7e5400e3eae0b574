// `<song-wave .song=${row}>`: the outline of any song, on its page. A click plays the song from there.
import { effect } from '@preact/signals-core';
import { html, render } from 'lit-html';
import { t } from '../language/language.js';
import { durationMs, playing, playSongs, positionMs, seek, song } from './player.js';
import { drawOutline, outlineOf } from './waveform.js';

const LOOK_MS = 250;

class SongWave extends HTMLElement {
  set song(row) {
    if (this.row?.id === row?.id) return;
    this.row = row;
    if (this.isConnected) this.fetch();
  }

  connectedCallback() {
    render(html`<button aria-label=${t('playing.play-from')} @click=${(event) => this.go(event)}><canvas aria-hidden="true"></canvas></button>`, this);
    this.canvas = this.querySelector('canvas');
    this.eye = new ResizeObserver(() => this.draw());
    this.eye.observe(this.canvas);
    this.stop = effect(() => { void song.value; void playing.value; this.draw(); });
    this.timer = setInterval(() => { if (!document.hidden && playing.peek() && this.isNow) this.draw(); }, LOOK_MS);
    if (this.row) this.fetch();
  }

  disconnectedCallback() {
    this.stop();
    this.eye.disconnect();
    clearInterval(this.timer);
  }

  get isNow() { return song.peek()?.id === this.row?.id; }

  async fetch() {
    const { row } = this, peaks = await outlineOf(row.id);
    if (this.row !== row) return;
    this.peaks = peaks;
    // Without an outline there is nothing to see here; the bar has the plain line.
    this.hidden = !peaks;
    this.draw();
  }

  draw() { if (this.canvas) drawOutline(this.canvas, this.peaks, this.isNow && durationMs() ? positionMs() / durationMs() : 0); }

  async go(event) {
    // By keyboard there is no place in it: then from the beginning.
    const box = this.canvas.getBoundingClientRect(), part = event.detail ? (event.clientX - box.left) / box.width : 0;
    if (!this.isNow) await playSongs([this.row]);
    if (this.isNow) seek(part * durationMs());
  }
}

customElements.define('song-wave', SongWave);
