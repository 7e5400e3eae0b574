// The last way to play a song: an <audio> element, where the browser will not give us its samples. Owns the element.
import { SoundTrouble } from './trouble.js';

const TRIES = ['opus', 'mp3', null], FADE_STEP_MS = 40;

export class ElementWay {
  constructor({ item, ms, volume, rate, address, hear }) {
    Object.assign(this, { item, address, hear, tries: 0, at: ms, heardMs: 0, last: null, loud: volume, fader: 1 });
    const audio = this.audio = new Audio();
    Object.assign(audio, { preload: 'auto', preservesPitch: true, playbackRate: rate, defaultPlaybackRate: rate });
    this.volume = volume;
    audio.onplaying = () => { this.last = performance.now(); hear({ state: 'playing' }); };
    audio.onwaiting = () => { this.count(); hear({ state: 'waiting' }); };
    audio.onended = () => { this.count(); hear({ ended: true }); };
    audio.onerror = () => this.again();
    this.wants = false;
    this.load();
  }

  async load() {
    try {
      const { url, blob } = await this.address(TRIES[this.tries]);
      if (this.closed) return;
      this.made = blob ? URL.createObjectURL(blob) : null;
      this.audio.src = this.made ?? url;
      this.audio.currentTime = this.at / 1000;
      if (this.wants) this.play();
    } catch (trouble) { this.hear({ trouble: new SoundTrouble('AWAY', trouble.message) }); }
  }

  again() {
    if (this.closed) return;
    this.at = this.positionMs();
    this.tries += 1;
    if (this.tries < TRIES.length) this.load(); else this.hear({ trouble: new SoundTrouble('MALFORMED', 'This browser cannot play the song.') });
  }

  count() {
    if (this.last !== null) this.heardMs += performance.now() - this.last;
    this.last = this.audio.paused || this.audio.ended ? null : performance.now();
  }

  play() {
    this.wants = true;
    if (this.audio.src) this.audio.play().catch(({ name }) => { if (name === 'NotAllowedError') this.hear({ state: 'waiting' }); });
  }

  pause() { this.wants = false; this.audio.pause(); this.count(); }

  seek(ms) { this.at = ms; this.audio.currentTime = ms / 1000; }

  set rate(rate) { this.audio.playbackRate = rate; }

  set volume(part) { this.loud = part; this.audio.volume = Math.min(1, part * this.fader * Math.min(1, 10 ** ((this.item.gainDb ?? 0) / 20))); }

  fade(to, ms) {
    clearInterval(this.timer);
    const from = this.fader, begun = performance.now();
    const step = () => {
      const part = ms ? Math.min(1, (performance.now() - begun) / ms) : 1;
      this.fader = from + (to - from) * part;
      this.volume = this.loud;
      if (part === 1) clearInterval(this.timer);
    };
    this.timer = setInterval(step, FADE_STEP_MS);
    step();
  }

  positionMs() { return this.audio.currentTime * 1000 || this.at; }

  bufferedMs() { const { buffered } = this.audio; return buffered.length ? buffered.end(buffered.length - 1) * 1000 : 0; }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    this.count();
    this.audio.pause();
    this.audio.removeAttribute('src');
    this.audio.load();
    if (this.made) URL.revokeObjectURL(this.made);
  }
}
