// Claiming an artist of the catalogue, what became of one's claims, and giving an artist up.
import { claimState } from '../admin/claims.js';
import { ask } from '../player/session/api.js';
import { el, notice } from '../page/element.js';
import { choice, confirm, field } from '../admin/dialog.js';
import { badge, nothing, time, words } from '../admin/shown.js';
import { paged, table } from '../admin/table.js';

const MINE = `query($first: Int, $after: String) { myArtistClaims(first: $first, after: $after) {
  edges { node { id state relation reason createdAt artist { name } words { text isQuestion } } } pageInfo { hasNextPage endCursor } totalCount } }`;
const FOUND = 'query($query: String!) { searchArtists(query: $query, first: 10) { edges { node { id name verified songCount } } } }';
const OWN = '{ myArtists { id name verified songCount } }';
const RELATIONS = [['SELF', 'I am the artist'], ['MEMBER', 'I am one of the band'], ['MANAGER', 'I manage them'], ['LABEL', 'I publish them']];
const waits = (row) => ['OPEN', 'ASKED'].includes(row.state);

export async function claims(page) {
  const again = async (said) => { notice(said); await claims(page); };
  const found = el('div', { role: 'status' }), query = el('input', { type: 'search', name: 'query', required: true, maxlength: 200, autocomplete: 'off' });
  const look = async (event) => {
    event.preventDefault();
    if (!query.value.trim()) return;
    try {
      const artists = (await ask(FOUND, { query: query.value.trim() })).searchArtists.edges.map((edge) => edge.node);
      found.replaceChildren(table('Artists found', [
        { name: 'Artist', kind: 'wide', value: (row) => row.name, show: (row) => (row.verified ? [row.name, ' ', badge('Verified', 'good')] : row.name) }, { name: 'Songs', kind: 'number', value: (row) => row.songCount },
        { name: 'Claim', hidden: true, show: (row) => el('button', { class: 'primary', 'aria-label': `Claim ${row.name}`, onclick: () => claim(row, again) }, 'Claim') },
      ], artists, { empty: 'No artist of this name is here.', csv: false }));
    } catch (error) { found.replaceChildren(el('p', { class: 'failed' }, error.message)); }
  };
  const { myArtists: own } = await ask(OWN);
  const list = paged('Your claims', [
    { name: 'Artist', kind: 'wide', value: (row) => row.artist?.name ?? '' }, { name: 'As', value: (row) => words(row.relation) },
    { name: 'State', value: (row) => words(row.state), show: (row) => claimState(row.state) },
    { name: 'What was said', kind: 'wide', value: said }, { name: 'Made', kind: 'when', value: (row) => row.createdAt, show: (row) => time(row.createdAt) },
    { name: 'Do', hidden: true, show: (row) => el('span', { class: 'buttons-row' }, row.state === 'ASKED' ? el('button', { class: 'primary', onclick: () => answer(row, again) }, 'Answer') : '',
      waits(row) ? el('button', { class: 'quiet', 'aria-label': `Withdraw the claim of ${row.artist?.name ?? 'the artist'}`, onclick: () => withdraw(row, again) }, 'Withdraw') : '') },
  ], async ({ first, after }) => (await ask(MINE, { first, after })).myArtistClaims, { empty: 'You have claimed nothing.' });
  await list.ready;
  page.replaceChildren(el('h1', {}, 'Claim an artist'), el('p', {}, 'Are you an artist of this catalogue, or do you speak for one? Find them and say so. Whoever keeps the house looks at it; then you edit their pages, add music and see their figures.'),
    el('form', { class: 'tools', role: 'search', onsubmit: look }, field('Artist', query), el('button', { class: 'quiet', type: 'submit' }, 'Find')), found,
    el('h2', {}, 'Your claims'), list,
    el('h2', {}, 'Your artists'), own.length ? table('Your artists', [{ name: 'Artist', kind: 'wide', value: (row) => row.name }, { name: 'Verified', value: (row) => (row.verified ? 'Yes' : 'No') }, { name: 'Songs', kind: 'number', value: (row) => row.songCount },
      { name: 'Give up', hidden: true, show: (row) => el('button', { class: 'danger', 'aria-label': `Give up ${row.name}`, onclick: () => giveUp(row, again) }, 'Give up') }], own, { csv: false }) : nothing('No artist is yours yet.'));
}

function said(row) {
  const last = row.words.at(-1);
  return row.state === 'ASKED' && last ? last.text : row.reason || '–';
}

async function claim(artist, again) {
  const done = await confirm({ title: `Claim “${artist.name}”`, text: 'Say why it is to be believed, and where that can be seen: your own page, a profile that links here.', danger: false, button: 'Claim',
    fields: [field('What you are to them', choice('relation', RELATIONS)), field('Why', el('textarea', { name: 'evidence', required: true, maxlength: 2000 })),
      field('Links, one in a line, 8 at most', el('textarea', { name: 'links', placeholder: 'https://' }))],
    act: (form) => ask(`mutation($id: ID!, $relation: ClaimRelation!, $evidence: String!, $links: [String!]!) {
      claimArtist(artistId: $id, relation: $relation, evidence: $evidence, links: $links) { claim { id } } }`, { id: artist.id, relation: form.get('relation'), evidence: form.get('evidence'),
      links: form.get('links').split('\n').map((link) => link.trim()).filter(Boolean) }) });
  if (done) await again('Your claim waits for a decision.');
}

async function answer(row, again) {
  const done = await confirm({ title: `About “${row.artist?.name ?? 'your claim'}”`, text: said(row), danger: false, button: 'Answer', fields: [field('Your answer', el('textarea', { name: 'answer', required: true, maxlength: 1000 }))],
    act: (form) => ask('mutation($id: ID!, $answer: String!) { answerArtistClaim(id: $id, answer: $answer) { claim { id } } }', { id: row.id, answer: form.get('answer') }) });
  if (done) await again('Your answer is sent.');
}

async function withdraw(row, again) {
  const done = await confirm({ title: 'Withdraw this claim?', button: 'Withdraw', act: () => ask('mutation($id: ID!) { withdrawArtistClaim(id: $id) { claim { id } } }', { id: row.id }) });
  if (done) await again('The claim is withdrawn.');
}

async function giveUp(row, again) {
  const done = await confirm({ title: `Give up “${row.name}”?`, text: 'It is nobody’s then and loses the badge; you can no longer edit it. Its music stays in the catalogue.', button: 'Give it up',
    act: () => ask('mutation($id: ID!) { releaseArtist(artistId: $id) { artist { id } } }', { id: row.id }) });
  if (done) await again('The artist is nobody’s.');
}
