// Sending songs in: files are on their way while their tags are written, and become songs when both are there.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { empty } from '../../parts/empty.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { again } from '../../frame/router.js';
import { ask } from '../../session/api.js';
import { Draft } from './draft.js';
import { draftRow } from './draft_row.js';

const MINE = '{ me { isArtist } myArtists { id name slug } genres(limit: 200) { id name } }';
const AT_ONCE = 2, ACCEPTED = 'audio/*,.flac,.mp3,.m4a,.ogg,.opus,.wav,.aiff,.aif';

async function load({ abort, onLeave }) {
  const { me, myArtists, genres } = await ask(MINE, {}, { abort });
  const drafts = signal([]), over = signal(false);
  const sendMore = () => {
    const busy = drafts.value.filter((draft) => draft.isUnderWay).length;
    for (const draft of drafts.value.filter((one) => one.isNew).slice(0, Math.max(0, AT_ONCE - busy))) draft.send().then(sendMore);
  };
  const take = (files) => {
    const last = drafts.value.at(-1);
    drafts.value = [...drafts.value, ...[...files].map((file) => new Draft(file, { artistId: last?.artistId.value ?? myArtists[0]?.id, albumId: last?.albumId.value ?? null }))];
    sendMore();
  };
  const drop = (draft) => { draft.cancel(); drafts.value = drafts.value.filter((one) => one !== draft); sendMore(); };
  // Files that are under way would be lost: the browser asks first.
  const warn = (event) => { if (drafts.value.some((draft) => draft.isUnderWay || draft.isNew)) event.preventDefault(); };
  addEventListener('beforeunload', warn);
  onLeave(() => { removeEventListener('beforeunload', warn); for (const draft of drafts.value) if (!draft.song.value) draft.cancel(); });
  return { isArtist: me.isArtist, myArtists, genres, drafts, over, take, drop };
}

const CREATE = 'mutation($name: String!) { createArtist(name: $name) { artist { id } } }';

// Whoever may send music in and has no artist yet makes one; everybody else learns how to become somebody who may.
function withoutArtist({ isArtist }) {
  if (!isArtist) return empty({ sign: 'upload', title: t('add.no-artist'), words: t('add.no-artist-why'), act: [() => location.assign('/studio'), t('add.to-studio')] });
  const create = async (event) => {
    event.preventDefault();
    const button = event.target.querySelector('button');
    button.disabled = true;
    try { await ask(CREATE, { name: new FormData(event.target).get('name').trim() }); again(); } catch (error) { notice(error.message); button.disabled = false; }
  };
  return html`<h1>${t('add.title')}</h1><form class="tags new-artist" @submit=${create}>
    <label class="field"><span>${t('add.artist-name')}</span><input name="name" required maxlength="200" autocomplete="off"><span class="hint">${t('add.artist-name-why')}</span></label>
    <p class="wide"><button class="button main">${t('add.create-artist')}</button></p></form>`;
}

function dropZone({ over, take }) {
  const enter = (event) => { event.preventDefault(); over.value = true; };
  const release = (event) => { event.preventDefault(); over.value = false; take(event.dataTransfer.files); };
  return html`<div class="drop ${over.value ? 'is-over' : ''}" @dragover=${enter} @dragleave=${() => { over.value = false; }} @drop=${release}>
    ${icon('upload')}<p>${t('add.drop')}</p>
    <input id="add-files" type="file" multiple accept=${ACCEPTED} @change=${({ target }) => { take(target.files); target.value = ''; }}>
    <label class="button main" for="add-files">${t('add.choose')}</label>
    <p class="facts small">${t('add.formats')}</p></div>`;
}

export const page = {
  areas: ['add'],
  needs: 'listener',
  skeleton: 'text',
  load,
  title: () => t('add.title'),
  view: (data) => {
    if (!data.myArtists.length) return withoutArtist(data);
    const drafts = data.drafts.value;
    return html`<h1>${t('add.title')}</h1><p class="facts">${t('add.words')}</p>
      ${dropZone(data)}
      ${drafts.length ? html`<ul class="sent" aria-label=${t('add.files')}>${drafts.map((draft) => draftRow(draft, data))}</ul>` : nothing}`;
  },
};
