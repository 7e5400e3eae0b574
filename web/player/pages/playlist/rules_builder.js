// Building the rules of a smart playlist: groups of conditions, each a row of fields, with what is chosen told below.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { icon } from '../../parts/icon.js';
import { ask } from '../../session/api.js';
import { DEEPEST, FIELDS, MOST, condition, group, measure } from './rules_model.js';

const SEEK = { artist: 'query($q: String!) { search(query: $q, types: [ARTIST], limit: 8) { found: artists { id name } } }', album: 'query($q: String!) { search(query: $q, types: [ALBUM], limit: 8) { found: albums { id name: title } } }' };
const select = (label, choices, chosen, choose) => html`<select aria-label=${label} @change=${(event) => choose(event.target.value)}>${choices.map(([value, words]) => html`
  <option value=${value} ?selected=${value === chosen}>${words}</option>`)}</select>`;

// `tree` is a signal with the root group, `known` what can be chosen: { genres, moods, names } (names of artists and albums by id).
export function builder(tree, known) {
  const changed = () => { tree.value = { ...tree.value }; };
  const set = (node, values) => { Object.assign(node, values); changed(); };
  const replace = (node, fresh) => { for (const key of Object.keys(node)) delete node[key]; set(node, fresh); };
  const number = (node, key, label, { step, most }) => html`<input type="number" inputmode="decimal" min="0" max=${most ?? nothing} step=${step} aria-label=${label} placeholder=${label}
    .value=${String(node[key])} @input=${({ target }) => set(node, { [key]: target.value })}>`;

  async function seek(node, kind, words) {
    if (!words.trim()) return;
    const { search } = await ask(SEEK[kind], { q: words }).catch(() => ({ search: { found: [] } }));
    known.value = { ...known.value, offered: search.found, names: { ...known.value.names, ...Object.fromEntries(search.found.map(({ id, name }) => [id, name])) } };
    const exact = search.found.find(({ name }) => name.toLowerCase() === words.trim().toLowerCase());
    if (exact) set(node, { value: exact.id });
  }
  const thing = (node, kind) => html`<input list="offered-things" aria-label=${t(`playlist.field-${node.field}`)} placeholder=${t(`playlist.seek-${kind}`)} .value=${known.value.names[node.value] ?? ''}
    @input=${({ target }) => seek(node, kind, target.value)}>`;

  function value(node) {
    const { kind, ...limits } = FIELDS[node.field], unit = ['tempo', 'duration', 'energy', 'danceability', 'valence'].includes(node.field) ? html`<span class="facts small">${t(`playlist.unit-${node.field}`)}</span>` : nothing;
    if (kind === 'range') return html`${number(node, 'from', t('playlist.from'), limits)}<span aria-hidden="true">–</span>${number(node, 'to', t('playlist.to'), limits)}${unit}`;
    if (kind === 'span') {
      return html`${select(t('playlist.span'), [['yes', t('playlist.within')], ['no', t('playlist.not-within')]], node.within ? 'yes' : 'no', (chosen) => set(node, { within: chosen === 'yes' }))}
        <input type="number" min="1" max="36500" step="1" aria-label=${t('playlist.days')} .value=${String(node.days)} @input=${({ target }) => set(node, { days: Number(target.value) })}><span class="facts small">${t('playlist.days')}</span>`;
    }
    if (kind === 'flag') return select(t(`playlist.field-${node.field}`), [['yes', t('playlist.yes')], ['no', t('playlist.no')]], node.yes ? 'yes' : 'no', (chosen) => set(node, { yes: chosen === 'yes' }));
    if (kind === 'genre') return select(t('catalogue.genre'), [['', t('playlist.choose')], ...known.value.genres.map(({ slug, name }) => [slug, name])], node.value, (chosen) => set(node, { value: chosen }));
    if (kind === 'artist' || kind === 'album') return thing(node, kind);
    return html`<input list=${node.field === 'mood' ? 'known-moods' : nothing} maxlength="60" aria-label=${t(`playlist.field-${node.field}`)} .value=${node.value} @input=${({ target }) => set(node, { value: target.value })}>`;
  }
  const taking = (node, parent) => (parent ? html`<button class="round-button" type="button" aria-label=${t(node.group ? 'playlist.take-group' : 'playlist.take-rule')}
    @click=${() => { parent.nodes = parent.nodes.filter((one) => one !== node); changed(); }}>${icon('close')}</button>` : nothing);
  const row = (node, parent) => html`<li class="rule">
    ${select(t('playlist.field'), Object.keys(FIELDS).map((field) => [field, t(`playlist.field-${field}`)]), node.field, (field) => replace(node, condition(field)))}
    ${select(t('playlist.is-or-not'), [['is', t('playlist.is')], ['not', t('playlist.is-not')]], node.not ? 'not' : 'is', (chosen) => set(node, { not: chosen === 'not' }))}
    <span class="rule-value">${value(node)}</span>${taking(node, parent)}</li>`;

  const groupBox = (node, parent, depth) => html`<fieldset class="rule-group"><legend>${t(parent ? 'playlist.group' : 'playlist.songs-that')}</legend>
    <div class="rule-head">${select(t('playlist.how-many'), [['all', t('playlist.all-hold')], ['any', t('playlist.any-holds')]], node.group, (kind) => set(node, { group: kind }))}
      ${parent ? select(t('playlist.is-or-not'), [['is', t('playlist.holds')], ['not', t('playlist.holds-not')]], node.not ? 'not' : 'is', (chosen) => set(node, { not: chosen === 'not' })) : nothing}${taking(node, parent)}</div>
    <ul>${node.nodes.map((one) => (one.group ? html`<li>${groupBox(one, node, depth + (node.not ? 2 : 1))}</li>` : row(one, node)))}</ul>
    <p class="acts"><button class="button small" type="button" ?disabled=${measure(tree.value).count >= MOST} @click=${() => { node.nodes.push(condition()); changed(); }}>${icon('plus')}${t('playlist.add-rule')}</button>
      ${depth + 3 <= DEEPEST ? html`<button class="button small" type="button" ?disabled=${measure(tree.value).count >= MOST - 1} @click=${() => { node.nodes.push(group('any')); changed(); }}>${icon('plus')}${t('playlist.add-group')}</button>` : nothing}</p></fieldset>`;

  return () => html`${groupBox(tree.value, null, 1)}
    <datalist id="known-moods">${known.value.moods.map(({ name }) => html`<option value=${name}></option>`)}</datalist>
    <datalist id="offered-things">${known.value.offered.map(({ name }) => html`<option value=${name}></option>`)}</datalist>`;
}
