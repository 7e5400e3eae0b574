// `<song-lyrics>`: a song's lines as they are sung, the word under the voice filled as it goes; a click on one goes there.
// It follows by itself, until somebody scrolls; then it waits until they want to be taken along again.
import { html, nothing, render } from 'lit-html';
import { t } from '../../language/language.js';
import { icon } from '../../parts/icon.js';
import { manners } from '../manners.js';
import { playing, positionMs, seek, toggle } from '../player.js';
import { lastBegun, partOf } from './lines.js';

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches && document.documentElement.dataset.motion !== 'full'
  || document.documentElement.dataset.motion === 'less';

class SongLyrics extends HTMLElement {
  set lyrics(lyrics) {
    if (this.shown === lyrics) return;
    this.shown = lyrics;
    if (this.isConnected) this.draw();
  }

  connectedCallback() {
    this.follows = true;
    this.draw();
    // A finger or a wheel takes the lines over; our own scrolling does neither.
    this.loose = () => { if (this.follows) { this.follows = false; this.draw(); } };
    for (const kind of ['wheel', 'touchmove']) this.addEventListener(kind, this.loose, { passive: true });
    this.eye = new ResizeObserver(() => this.centre(false));
    this.eye.observe(this);
    const look = () => {
      this.look();
      this.frame = requestAnimationFrame(look);
    };
    look();
  }

  disconnectedCallback() {
    cancelAnimationFrame(this.frame);
    this.eye.disconnect();
    this.arrived = false;
  }

  draw() {
    this.line = null;
    render(html`${this.follows ? nothing : html`<button class="button lyrics-follow" @click=${() => this.take()}>${t('playing.follow')}</button>`}
      <ol class="lyrics" lang=${this.shown.language ?? nothing}>${this.shown.lines.map((line, at) => this.one(line, at))}</ol>`, this);
    this.rows = [...this.querySelectorAll('ol > li')];
  }

  one(line, at) {
    const words = ({ text, words: timed }) => html`<span class="text">${timed.length ? timed.map((word) => html`<span class="word">${word.text}</span>`) : text}</span>`;
    return html`<li class="is-${line.side}" data-at=${at}>
      <button dir="auto" @click=${() => this.go(line)}>${line.text ? words(line) : html`<span class="lyrics-rest" aria-label=${t('playing.rest')}>${icon('note')}</span>`}
        ${line.behind.map((each) => html`<small class="behind" dir="auto">${words(each)}</small>`)}
        ${this.hasAttribute('translated') ? line.translations.map((each) => html`<small class="other" dir="auto" lang=${each.language}>${each.text}</small>`) : nothing}</button></li>`;
  }

  go(line) {
    this.follows = true;
    seek(line.atMs);
    if (!playing.peek()) toggle();
  }

  take() {
    this.follows = true;
    this.draw();
  }

  look() {
    if (!this.shown || document.hidden) return;
    const { lines } = this.shown, at = positionMs() + manners.peek().lyricsDelayMs, now = lastBegun(lines, at);
    if (now !== this.line) this.arrive(now);
    if (now < 0) return;
    const row = this.rows[now], line = lines[now];
    row.classList.toggle('is-sung', at < line.untilMs);
    if (line.words.length) fill(row.querySelectorAll('button > .text > .word'), line.words, line.untilMs, at);
    line.behind.forEach((each, index) => {
      if (each.words.length) fill(row.querySelectorAll('.behind')[index].querySelectorAll('.word'), each.words, each.endMs ?? Infinity, at);
    });
  }

  arrive(now) {
    this.line = now;
    this.rows.forEach((row, index) => {
      row.classList.toggle('is-sung', index === now);
      row.classList.toggle('is-over', index < now);
      if (index === now) row.setAttribute('aria-current', 'true'); else row.removeAttribute('aria-current');
    });
    this.centre(!calm() && this.arrived);
    this.arrived = true;
  }

  // Only what the lines lie in is scrolled; nothing behind a dialogue is.
  centre(smoothly) {
    const row = this.rows[this.line], over = document.querySelector('dialog.sheet[open]');
    if (!this.follows || !row || (over && !over.contains(this))) return;
    const box = this.closest('[data-scrolls]') ?? document.scrollingElement, isPage = box === document.scrollingElement;
    const { top, height } = row.getBoundingClientRect(), above = isPage ? 0 : box.getBoundingClientRect().top;
    box.scrollTo({ top: box.scrollTop + top - above - (box.clientHeight - height) / 2, behavior: smoothly ? 'smooth' : 'instant' });
  }
}

function fill(spans, words, untilMs, at) {
  spans.forEach((span, index) => {
    const part = `${Math.round(100 * partOf(words, index, untilMs, at))}%`;
    if (span.style.getPropertyValue('--over') !== part) span.style.setProperty('--over', part);
  });
}

customElements.define('song-lyrics', SongLyrics);
