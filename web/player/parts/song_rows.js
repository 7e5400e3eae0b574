// Songs as rows: play, number or cover, names, length, and what can be done with each.
import { html, nothing } from 'lit-html';
import { clock, t } from '../language/language.js';
import { playSongs, playing, song, toggle } from '../playing/player.js';
import { cover } from './cover.js';
import { icon } from './icon.js';
import { like } from './like.js';
import { songMenu } from './song_menu.js';

// What a row needs, as a GraphQL selection.
export const ROW = 'id slug title duration trackNumber discNumber isExplicit isLiked artistCredit coverImage artist { id slug name } album { id slug title }';

// `context` is { kind, id } of what the songs are, which the queue and the history remember; `numbered` shows track numbers
// in place of covers, `discs` a heading at each disc, `album` a column with the album or `about(row, index)` with something
// else, `extra(row, index)` something before the heart, `more(row, index)` more in its menu. A song that stands there twice has a `key` of its own in each place;
// rows that `move` are known to their handles by it.
export function songRows(songs, { context = null, numbered = false, discs = false, album = false, about = null, extra = null, more = null, moves = false } = {}) {
  let disc = null;
  return html`<ol class="rows ${numbered ? 'is-numbered' : ''}">${songs.map((row, index) => {
    const heading = discs && row.discNumber && row.discNumber !== disc;
    disc = row.discNumber;
    return html`${heading ? html`<li class="disc">${t('frame.disc', { n: disc })}</li>` : nothing}
      ${songRow(row, index, () => playSongs(songs, index, context), { numbered, album, about, extra, more, moves })}`;
  })}</ol>`;
}

function songRow(row, index, play, { numbered, album, about, extra, more, moves }) {
  const here = song.value?.id === row.id, sounds = here && playing.value;
  const label = t(sounds ? 'frame.pause-named' : 'frame.play-named', { name: row.title });
  return html`<li class="row ${here ? 'is-here' : ''}" data-song=${row.id} data-moves=${moves ? row.key : nothing}>
    <button class="row-play" aria-label=${label} @click=${here ? toggle : play}>
      ${numbered ? html`<span class="row-number" data-number=${row.trackNumber ?? index + 1}></span>` : cover(row.coverImage, 44)}
      ${icon(sounds ? 'pause' : 'play')}
    </button>
    <span class="row-words">
      <a class="row-title" dir="auto" href="/song/${row.slug}">${row.title}</a>
      <span>${row.isExplicit ? html`<abbr class="explicit" title=${t('frame.explicit')}>E</abbr>` : nothing}
        ${row.artist ? html`<a href="/artist/${row.artist.slug}">${row.artistCredit}</a>` : row.artistCredit}</span>
    </span>
    ${album ? html`<a class="row-album" href="/album/${row.album?.slug}">${row.album?.title}</a>` : nothing}
    ${about ? html`<span class="row-album">${about(row, index)}</span>` : nothing}
    ${extra ? html`<span class="row-extra">${extra(row, index)}</span>` : nothing}
    ${like(row)}
    <time>${clock(row.duration)}</time>
    ${songMenu(row, more?.(row, index))}
  </li>`;
}
