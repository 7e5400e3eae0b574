// The rules of a smart playlist, new or kept: what they choose is counted and shown while they are built.
import { effect, signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { ROW, songRows } from '../../parts/song_rows.js';
import { picker } from '../../parts/tabs.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { go } from '../../frame/router.js';
import { check } from './edit_playlist.js';
import { builder } from './rules_builder.js';
import { FIELDS, RULE_FRAGMENTS, isComplete, toRule, treeOf } from './rules_model.js';

const KNOWN = 'genres(limit: 500) { slug name } moods { name }';
const KEPT = `query($slug: String!) { playlist(slug: $slug) { id slug name isMine isSmart orderBy songLimit rules { ...rule } } ${KNOWN} } ${RULE_FRAGMENTS}`;
const PREVIEW = `query($rules: SmartRule!, $by: SmartOrder) { previewSmartRules(rules: $rules, orderBy: $by, limit: 12) { matchCount songs { ${ROW} } } }`;
const MAKE = `mutation($name: String!, $description: String, $isPublic: Boolean, $rules: SmartRule!, $by: SmartOrder, $limit: Int) {
  createSmartPlaylist(name: $name, description: $description, isPublic: $isPublic, rules: $rules, orderBy: $by, limit: $limit) { playlist { slug } } }`;
const CHANGE = `mutation($id: ID!, $rules: SmartRule, $by: SmartOrder, $limit: Int) { updateSmartPlaylist(playlistId: $id, rules: $rules, orderBy: $by, limit: $limit) { playlist { slug } } }`;
const ORDERS = ['RECENTLY_ADDED', 'MOST_PLAYED', 'LEAST_RECENTLY_PLAYED', 'POPULAR', 'NEWEST', 'TITLE', 'RANDOM'];
const PAUSE_MS = 350, USUAL_LIMIT = 100;

const leaves = (node) => (node.nodes ? node.nodes.flatMap(leaves) : [node]);

// The names of the artists and albums that rules speak of, by id.
async function namesOf(tree, abort) {
  const things = leaves(tree).filter(({ field, value }) => ['artist', 'album'].includes(FIELDS[field].kind) && value);
  if (!things.length) return {};
  const parts = things.map(({ field }, at) => (field === 'artistId' ? `n${at}: artist(id: $i${at}) { id name }` : `n${at}: album(id: $i${at}) { id name: title }`));
  const found = await ask(`query(${things.map((_, at) => `$i${at}: ID!`).join(', ')}) { ${parts.join(' ')} }`, Object.fromEntries(things.map(({ value }, at) => [`i${at}`, value])), { abort });
  return Object.fromEntries(Object.values(found).filter(Boolean).map(({ id, name }) => [id, name]));
}

async function open({ params, abort, onLeave }) {
  const { playlist = null, genres, moods } = await ask(params.slug ? KEPT : `query { ${KNOWN} }`, params.slug ? params : {}, { abort });
  if (params.slug && (!playlist?.isSmart || !playlist.isMine)) return null;
  const tree = signal(treeOf(playlist?.rules)), by = signal(playlist?.orderBy ?? 'RECENTLY_ADDED'), preview = signal(null), failed = signal(''), busy = signal(false);
  const known = signal({ genres, moods, offered: [], names: await namesOf(tree.value, abort) });
  let waiting = null, current = null;
  const count = async () => {
    current?.abort();
    const mine = current = new AbortController();
    busy.value = true;
    try {
      const { previewSmartRules } = await ask(PREVIEW, { rules: toRule(tree.value), by: by.value }, { abort: mine.signal });
      if (mine === current) { preview.value = previewSmartRules; failed.value = ''; }
    } catch (error) { if (mine === current && error.name !== 'AbortError') failed.value = error.message; } finally { if (mine === current) busy.value = false; }
  };
  onLeave(effect(() => {
    const ready = isComplete(tree.value);
    void by.value;
    clearTimeout(waiting);
    if (ready) waiting = setTimeout(count, PAUSE_MS); else { current?.abort(); preview.value = null; busy.value = false; }
  }));
  onLeave(() => { clearTimeout(waiting); current?.abort(); });
  return { playlist, tree, by, preview, failed, busy, draw: builder(tree, known) };
}

async function save(event, { playlist, tree, by, failed }) {
  event.preventDefault();
  if (!isComplete(tree.value)) { failed.value = t('playlist.no-rule-yet'); return; }
  const form = new FormData(event.target), chosen = { rules: toRule(tree.value), by: by.value, limit: Number(form.get('limit')) };
  try {
    const { slug } = playlist ? (await ask(CHANGE, { id: playlist.id, ...chosen })).updateSmartPlaylist.playlist
      : (await ask(MAKE, { ...chosen, name: form.get('name'), description: form.get('description'), isPublic: form.has('isPublic') })).createSmartPlaylist.playlist;
    notice(t('playlist.changed'));
    go(`/playlist/${slug}`, { replace: true });
  } catch (error) { failed.value = error.message; }
}

const shown = ({ preview, busy, failed }) => html`<section class="preview" aria-labelledby="preview" aria-busy=${busy.value}><h2 id="preview">${t('playlist.preview')}</h2>
  <p role="status">${preview.value ? html`<strong class="count-now">${t('playlist.matches', { n: preview.value.matchCount })}</strong>` : t(busy.value ? 'playlist.counting' : 'playlist.no-rule-yet')}</p>
  ${failed.value ? html`<p class="failed" role="alert">${failed.value}</p>` : nothing}
  ${preview.value?.songs.length ? songRows(preview.value.songs, { album: true }) : nothing}</section>`;

export const page = {
  areas: ['catalogue', 'playlist'],
  needs: 'listener',
  skeleton: 'text',
  load: open,
  title: ({ playlist }) => (playlist ? t('playlist.rules-of', { name: playlist.name }) : t('playlist.new-smart')),
  view: (rules) => html`<h1>${rules.playlist ? t('playlist.rules-of', { name: rules.playlist.name }) : t('playlist.new-smart')}</h1>
    <form class="rules" @submit=${(event) => save(event, rules)}>
      ${rules.playlist ? nothing : html`<label class="field"><span>${t('playlist.name')}</span><input name="name" required maxlength="200"></label>
        <label class="field"><span>${t('playlist.description')}</span><textarea name="description" rows="2" maxlength="2000"></textarea></label>
        ${check('isPublic', false, t('playlist.is-public'), t('playlist.is-public-why'))}`}
      ${watched(rules.draw)}
      <div class="choosing">${watched(() => picker(t('playlist.order'), ORDERS.map((order) => [order, t(`playlist.order-${order}`)]), rules.by.value, (order) => { rules.by.value = order; }))}
        <label class="picker"><span>${t('playlist.limit')}</span><input type="number" name="limit" required min="1" max="1000" step="1" .value=${String(rules.playlist?.songLimit ?? USUAL_LIMIT)}></label>
        <button class="button main">${icon('wand')}${t(rules.playlist ? 'playlist.save' : 'playlist.make')}</button></div>
    </form>
    ${watched(() => shown(rules))}`,
};
