// The words of what plays, as they are sung; over the whole screen for those who sing along.
import { effect, signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { list, t } from '../language/language.js';
import { empty } from '../parts/empty.js';
import { icon } from '../parts/icon.js';
import { watched } from '../parts/watched.js';
import { song } from '../playing/player.js';
import { lyricsOf } from '../playing/lyrics/sheet_of.js';
import { delayChoice, openKaraoke, translated, turnTranslations } from '../playing/lyrics/karaoke.js';
import '../playing/lyrics/song_lyrics.js';

const credits = (lyrics) => {
  const names = lyrics.agents.map((agent) => agent.name).filter(Boolean);
  return names.length ? html`<p class="facts small">${t('playing.sung-by', { names: list(names) })}</p>` : nothing;
};

const timed = (lyrics) => html`<song-lyrics class="on-page" .lyrics=${lyrics} ?translated=${translated.value}></song-lyrics>`;
const plain = (lyrics) => html`<p class="facts small">${t('playing.not-timed')}</p><p class="lyrics-plain" dir="auto" lang=${lyrics.language ?? nothing}>${lyrics.plain}</p>`;
const hasTranslations = (lyrics) => lyrics.lines.some((line) => line.translations.length);

export const page = {
  areas: ['playing'],
  skeleton: 'text',
  load: async ({ onLeave }) => {
    const found = signal(undefined);
    onLeave(effect(() => {
      const shown = song.value?.id;
      found.value = undefined;
      if (shown) lyricsOf(shown).then((lyrics) => { if (song.peek()?.id === shown) found.value = lyrics; });
    }));
    return found;
  },
  title: () => t('playing.lyrics'),
  view: (found) => {
    const lyrics = found.value;
    if (!song.value) return empty({ sign: 'lyrics', title: t('playing.nothing'), words: t('playing.lyrics-wait'), way: ['/', t('frame.to-home')] });
    if (lyrics === undefined) return nothing;
    if (lyrics === null) return empty({ sign: 'lyrics', title: t('playing.no-lyrics'), words: t('playing.no-lyrics-why', { name: song.value.title }) });
    return html`<section class="lyrics-page" data-song=${song.value.id}>
      <header class="page-head"><div><h1>${t('playing.lyrics')}</h1><p class="facts">${song.value.title} · ${song.value.artistCredit}</p>${credits(lyrics)}</div>
        <div class="acts">${lyrics.lines.length ? html`
          ${hasTranslations(lyrics) ? html`<button class="button" aria-pressed=${translated.value} @click=${turnTranslations}>${t('playing.translations')}</button>` : nothing}
          ${watched(delayChoice)}
          <button class="button main" @click=${() => openKaraoke(found)}>${icon('whole-screen')}${t('playing.karaoke')}</button>` : nothing}</div></header>
      ${lyrics.lines.length ? timed(lyrics) : plain(lyrics)}</section>`;
  },
};
