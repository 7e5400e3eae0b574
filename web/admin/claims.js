// Claims of artists: the queue, one claim with both sides, and what is decided.
import { ask } from '../player/session/api.js';
import { el, notice } from '../page/element.js';
import { choice, confirm, field } from './dialog.js';
import { badge, facts, nothing, time, words } from './shown.js';
import { paged, table } from './table.js';

const QUEUE = `query($first: Int, $after: String, $state: ArtistClaimState) { artistClaims(first: $first, after: $after, state: $state) {
  edges { node { id state relation isDisputed createdAt updatedAt artist { name } user { username } owner { username } } } pageInfo { hasNextPage endCursor } totalCount } }`;
const ONE = `query($id: ID!) { artistClaim(id: $id) { id state relation isDisputed evidence links reason createdAt updatedAt decidedAt words { at text isQuestion }
  artist { id slug name verified songCount } user { id username createdAt } owner { id username } decidedBy { username } } }`;
const STATES = ['OPEN', 'ASKED', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'RELEASED'];
const KINDS = { OPEN: '', ASKED: '', APPROVED: 'good', REJECTED: 'bad', WITHDRAWN: '', RELEASED: '' };
export const claimState = (state) => badge(words(state), KINDS[state] ?? '');
export const outside = (links) => (links.length ? el('ul', {}, links.map((href) => el('li', {}, el('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, href)))) : '–');

export async function claims(page) {
  const state = choice('state', [['', 'All'], ...STATES.map((code) => [code, words(code)])], 'OPEN');
  const list = paged('Claims', [
    { name: 'Artist', kind: 'wide', value: (row) => row.artist?.name ?? '', show: (row) => el('a', { href: `#/claims/${row.id}` }, row.artist?.name ?? 'An artist that is gone') },
    { name: 'Who claims', value: (row) => row.user?.username ?? '' }, { name: 'As', value: (row) => words(row.relation) },
    { name: 'Whose now', value: (row) => row.owner?.username ?? '', show: (row) => (row.isDisputed ? badge(row.owner?.username ?? 'Somebody else', 'bad') : '–') },
    { name: 'State', value: (row) => words(row.state), show: (row) => claimState(row.state) },
    { name: 'Made', kind: 'when', value: (row) => row.createdAt, show: (row) => time(row.createdAt) }, { name: 'Changed', kind: 'when', value: (row) => row.updatedAt, show: (row) => time(row.updatedAt) },
  ], async ({ first, after }) => (await ask(QUEUE, { first, after, state: state.value || null })).artistClaims, { empty: 'No claim waits here.' });
  state.onchange = () => list.again();
  page.replaceChildren(el('h1', {}, 'Claims of artists'), el('div', { class: 'tools' }, field('State', state)), list);
  await list.ready;
}

export async function claim(page, id) {
  const { artistClaim: it } = await ask(ONE, { id });
  if (!it) { page.replaceChildren(el('h1', {}, 'No claim'), nothing('There is no such claim.')); return; }
  const again = (said) => { notice(said); return claim(page, id); };
  const open = ['OPEN', 'ASKED'].includes(it.state), name = it.artist?.name ?? 'An artist that is gone';
  const button = (label, kind, act) => el('button', { class: kind, onclick: () => act(it, name, again) }, label);
  page.replaceChildren(el('p', {}, el('a', { href: '#/claims' }, 'All claims')), el('h1', {}, name),
    facts([['State', claimState(it.state)], ['Who claims', it.user?.username ?? 'an account that is gone'], ['With us since', it.user ? time(it.user.createdAt) : '–'], ['As', words(it.relation)],
      ['Whose now', it.isDisputed ? badge(it.owner?.username ?? 'somebody else', 'bad') : it.state === 'APPROVED' ? 'theirs' : 'nobody’s'], ['Verified', it.artist?.verified ? 'Yes' : 'No'],
      ['Songs', String(it.artist?.songCount ?? 0)], ['Made', time(it.createdAt)], it.decidedAt && ['Decided', time(it.decidedAt)], it.decidedBy && ['By', it.decidedBy.username], it.reason && ['What was said', it.reason]]),
    el('div', { class: 'buttons-row' }, ...(open ? [button('Ask', 'quiet', question), button('Approve', 'primary', approve), button('Refuse', 'danger', refuse)] : []),
      it.artist && (it.isDisputed || it.state === 'APPROVED') ? button('Take the artist back', 'danger', takeBack) : ''),
    el('h2', {}, 'What they say'), el('p', { class: 'as-written' }, it.evidence), el('h2', {}, 'Where it can be seen'), outside(it.links),
    el('h2', {}, 'Asked and answered'), table('Words', [{ name: 'Who', value: (w) => (w.isQuestion ? 'The staff' : it.user?.username ?? '') }, { name: 'What', kind: 'wide', value: (w) => w.text },
      { name: 'When', kind: 'when', value: (w) => w.at, show: (w) => time(w.at) }], it.words, { empty: 'Nothing was asked.', csv: false }));
}

const longer = (label, name, required, value = '') => field(label, el('textarea', { name, required, maxlength: 1000 }, value));

async function question(it, name, again) {
  const done = await confirm({ title: `Ask about “${name}”`, text: 'They are told by notification and mail.', danger: false, button: 'Ask', fields: [longer('Question', 'question', true)],
    act: (form) => ask('mutation($id: ID!, $question: String!) { askAboutArtistClaim(id: $id, question: $question) { claim { id } } }', { id: it.id, question: form.get('question') }) });
  if (done) await again('It is asked.');
}

async function approve(it, name, again) {
  const who = it.user?.username ?? 'this account', rival = it.owner?.username ?? 'somebody else';
  const text = it.isDisputed ? `${name} belongs to ${rival} now. It is taken from them and given to ${who}; both are told.` : `${name} becomes ${who}’s, who may then edit it and add music. It gets the badge.`;
  const done = await confirm({ title: it.isDisputed ? `Take “${name}” over?` : `Approve the claim of “${name}”?`, text, danger: it.isDisputed, button: it.isDisputed ? 'Take it over' : 'Approve', fields: [longer('What they read', 'reason', false)],
    act: (form) => ask('mutation($id: ID!, $reason: String!, $over: Boolean!) { approveArtistClaim(id: $id, reason: $reason, takesOver: $over) { claim { id } } }', { id: it.id, reason: form.get('reason'), over: Boolean(it.isDisputed) }) });
  if (done) await again('The artist is theirs.');
}

async function refuse(it, name, again) {
  const done = await confirm({ title: `Refuse the claim of “${name}”?`, text: 'They may claim it again in 30 days.', button: 'Refuse', fields: [longer('Why', 'reason', true)],
    act: (form) => ask('mutation($id: ID!, $reason: String!) { rejectArtistClaim(id: $id, reason: $reason) { claim { id } } }', { id: it.id, reason: form.get('reason') }) });
  if (done) await again('The claim is refused.');
}

async function takeBack(it, name, again) {
  const done = await confirm({ title: `Take “${name}” back?`, text: `It is nobody’s then, and loses the badge. ${it.owner?.username ?? it.user?.username ?? 'The owner'} is told why.`, button: 'Take it back', fields: [longer('Why', 'reason', true)],
    act: (form) => ask('mutation($id: ID!, $reason: String!) { releaseArtist(artistId: $id, reason: $reason) { artist { id } } }', { id: it.artist.id, reason: form.get('reason') }) });
  if (done) await again('The artist is nobody’s.');
}
