// One file on the way and the form of its song.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { number, percent, t } from '../../language/language.js';
import { cover } from '../../parts/cover.js';
import { icon } from '../../parts/icon.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { playSongs } from '../../playing/player.js';

const ALBUMS = 'query($artist: ID!) { albums(first: 100, orderBy: RECENTLY_ADDED, filters: { artistId: $artist }) { edges { node { id title } } } }';
// Albums by artist, fetched when an artist is first chosen.
const albums = new Map();

function albumsOf(artistId) {
  if (!albums.has(artistId)) {
    const found = signal([]);
    albums.set(artistId, found);
    ask(ALBUMS, { artist: artistId }).then(({ albums: { edges } }) => { found.value = edges.map(({ node }) => node); }, () => albums.delete(artistId));
  }
  return albums.get(artistId).value;
}

const madeAlbum = (artistId, album) => { const found = albums.get(artistId); if (found) found.value = [album, ...found.value]; };

const megabytes = (bytes) => number(bytes / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 });

const way = (draft) => watched(() => {
  const { state, sent, refusal } = draft.sending, { size } = draft.file;
  if (state.value === 'sent') return html`<p class="facts small" role="status">${t('add.sent', { size: megabytes(size) })}</p>`;
  if (state.value === 'failed') return html`<p class="failed" role="alert">${refusal.value} <button class="link" @click=${() => draft.again()}>${t('frame.again')}</button></p>`;
  const words = !draft.begun.value ? t('add.waits') : state.value === 'waiting' ? t('add.line') : t('add.sending', { share: percent(sent.value / size), size: megabytes(size) });
  return html`<progress max=${size} .value=${sent.value} aria-label=${t('add.progress-of', { name: draft.file.name })}></progress><p class="facts small">${words}</p>`;
});

const text = (name, value, { id, wide = false, type = 'text', required = false, max = 200, refusal = null }) => html`
  <label class="field ${wide ? 'wide' : ''}"><span>${name}</span>
    <input type=${type} .value=${value.value ?? ''} ?required=${required} maxlength=${max} min="1" max="999" aria-invalid=${refusal ? 'true' : nothing} aria-describedby=${refusal ? id : nothing}
      @input=${({ target }) => { value.value = type === 'number' ? (target.valueAsNumber || null) : target.value; }}>
    ${refusal ? html`<span class="failed" id=${id}>${refusal}</span>` : nothing}</label>`;

const choice = (name, value, options) => html`<label class="field"><span>${name}</span>
  <select @change=${({ target }) => { value.value = target.value || null; }}>${options.map(([id, words]) => html`<option value=${id} ?selected=${(value.value ?? '') === id}>${words}</option>`)}</select></label>`;

function form(draft, { myArtists, genres }) {
  const { refusal, sending, saving } = draft;
  const save = (event) => { event.preventDefault(); draft.save(madeAlbum); };
  const about = (field) => (refusal.value?.field === field ? refusal.value.message : null);
  return html`<form class="tags" @submit=${save}>
    ${text(t('add.name'), draft.title, { id: `${draft.id}-title`, required: true, refusal: about('title') })}
    ${choice(t('add.artist'), draft.artistId, myArtists.map(({ id, name }) => [id, name]))}
    ${choice(t('add.album'), draft.albumId, [['', t('add.no-album')], ['new', t('add.new-album')], ...albumsOf(draft.artistId.value).map(({ id, title }) => [id, title])])}
    ${draft.albumId.value === 'new' ? text(t('add.album-name'), draft.newAlbum, { id: `${draft.id}-album`, required: true }) : nothing}
    ${choice(t('add.genre'), draft.genre, [['', t('add.from-tags')], ...genres.map(({ id, name }) => [id, name])])}
    ${text(t('add.track'), draft.trackNumber, { id: `${draft.id}-track`, type: 'number', refusal: about('trackNumber') })}
    <label class="check"><input type="checkbox" .checked=${draft.isExplicit.value} @change=${({ target }) => { draft.isExplicit.value = target.checked; }}>${t('frame.explicit')}</label>
    <details class="wide"><summary>${t('add.lyrics')}</summary>
      <label class="field"><span>${t('add.lyrics-words')}</span><textarea rows="6" maxlength="100000" .value=${draft.lyrics.value} @input=${({ target }) => { draft.lyrics.value = target.value; }}></textarea></label></details>
    ${refusal.value && !['title', 'trackNumber'].includes(refusal.value.field) ? html`<p class="failed wide" role="alert">${refusal.value.message}</p>` : nothing}
    <p class="wide acts"><button class="button main" ?disabled=${sending.state.value !== 'sent' || saving.value}>${t(sending.state.value === 'sent' ? 'add.save' : 'add.save-later')}</button></p>
  </form>`;
}

const made = (song) => html`<div class="bar-song">${cover(song.coverImage, 56)}<div><a class="row-title" href="/song/${song.slug}">${song.title}</a><span class="facts">${song.artistCredit}</span></div>
  <button class="round-button" aria-label=${t('frame.play-named', { name: song.title })} @click=${() => playSongs([song])}>${icon('play')}</button></div>
  <p role="status">${t('add.made')}</p>`;

export const draftRow = (draft, page) => html`<li>${draft.song.value ? made(draft.song.value) : html`
  <div class="sent-head"><strong>${draft.file.name}</strong>
    <button class="link" @click=${() => page.drop(draft)}>${t('add.drop-file')}</button></div>
  ${way(draft)} ${form(draft, page)}`}</li>`;
