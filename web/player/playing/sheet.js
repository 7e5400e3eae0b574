// Now playing, over the whole page: the large cover in its own light, everything that the bar can do, and what is sung or comes next.
import { effect, signal } from '@preact/signals-core';
import { html, nothing, render } from 'lit-html';
import { t } from '../language/language.js';
import { cover } from '../parts/cover.js';
import { icon } from '../parts/icon.js';
import { like } from '../parts/like.js';
import { bathe } from '../parts/tint.js';
import { buttons, loudness, ways, where } from './bar.js';
import { context, jump, queue, song } from './player.js';
import { lyricsOf } from './lyrics/sheet_of.js';
import './lyrics/song_lyrics.js';
import './seek_bar.js';

const ADDRESSES = { album: 'album', playlist: 'playlist', artist: 'artist', radio: 'radio' };
const lyrics = signal(null);
let open = null;

const from = () => {
  const shown = context.value;
  if (!shown?.name) return t('playing.now');
  return html`${t('playing.from')} ${ADDRESSES[shown.kind] && shown.id ? html`<a href="/${ADDRESSES[shown.kind]}/${shown.id}">${shown.name}</a>` : shown.name}`;
};

const coming = () => {
  const rows = queue.value.slice(1, 7).filter((row) => row.title);
  return rows.length ? html`<section class="sheet-next"><h2>${t('playing.coming')}</h2><ol>${rows.map((row) => html`
    <li><button @click=${() => jump(row.itemId)}>${cover(row.coverImage, 44)}<span><strong>${row.title}</strong><span>${row.artistCredit}</span></span></button></li>`)}</ol></section>` : nothing;
};

const whole = () => html`
  <header><button class="round-button" aria-label=${t('playing.shut')} @click=${() => open.close()}>${icon('down')}</button>
    <p>${from()}</p></header>
  <div class="sheet-body">
    <div class="sheet-main">
      ${cover(song.value.coverImage, 520, { lazy: false })}
      <div class="sheet-song"><div><h1 id="sheet-title"><a href="/song/${song.value.slug}">${song.value.title}</a></h1>
        <p>${song.value.artist ? html`<a href="/artist/${song.value.artist.slug}">${song.value.artistCredit}</a>` : song.value.artistCredit}</p></div>${like(song.value)}</div>
      <seek-bar></seek-bar>
      ${buttons()}
      <div class="sheet-ways">${ways()}${loudness()}</div>
      ${where()}
    </div>
    <div class="sheet-side" data-scrolls>${lyrics.value?.lines.length ? html`<song-lyrics .lyrics=${lyrics.value}></song-lyrics>` : coming()}</div>
  </div>`;

// What is followed leads to a page: the sheet makes way.
const follow = (event) => { if (event.target.closest('a[href]')) open?.close(); };

export function openSheet() {
  if (open || !song.peek()) return;
  const dialog = open = document.createElement('dialog');
  dialog.className = 'sheet';
  dialog.setAttribute('aria-labelledby', 'sheet-title');
  document.body.append(dialog);
  let shown = null;
  const stop = effect(() => {
    if (!song.value) { dialog.close(); return; }
    render(whole(), dialog);
    if (song.value.id === shown) return;
    const { id, coverImage } = song.value;
    shown = id;
    lyrics.value = null;
    lyricsOf(id).then((found) => { if (shown === id) lyrics.value = found; });
    bathe(dialog, coverImage);
  });
  dialog.addEventListener('click', follow);
  dialog.addEventListener('close', () => { stop(); dialog.remove(); open = null; });
  dialog.showModal();
}
