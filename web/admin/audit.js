// What people with a role did, the newest first.
import { ask } from '../player/session/api.js';
import { el } from '../page/element.js';
import { field } from './dialog.js';
import { since, dates } from './range.js';
import { time } from './shown.js';
import { paged } from './table.js';

const LIST = `query($action: String, $kind: String, $since: DateTime, $until: DateTime, $first: Int, $after: String) {
  auditLog(action: $action, kind: $kind, since: $since, until: $until, first: $first, after: $after) {
    edges { node { id at actorId actor { username } action kind targetId details { name value } } } pageInfo { hasNextPage endCursor } totalCount } }`;
const said = (row) => row.details.map((each) => `${each.name}: ${each.value}`).join('; ');

export async function audit(page) {
  const action = el('input', { name: 'action', placeholder: 'user.roles' }), kind = el('input', { name: 'kind', placeholder: 'user' });
  const range = dates(since(30), () => list.again());
  const list = paged('Audit log', [
    { name: 'When', kind: 'when', value: (row) => row.at, show: (row) => time(row.at) }, { name: 'Who', value: (row) => row.actor?.username ?? row.actorId ?? 'the house' },
    { name: 'Did', value: (row) => row.action }, { name: 'To', value: (row) => `${row.kind} ${row.targetId}`, kind: 'wide' }, { name: 'What else', kind: 'wide', value: said },
  ], async ({ first, after }) => (await ask(LIST, { first, after, action: action.value || null, kind: kind.value || null, since: range.since(), until: range.until() })).auditLog,
  { empty: 'Nothing was done in this time.' });
  page.replaceChildren(el('h1', {}, 'Audit log'), el('form', { class: 'tools', onsubmit: (event) => { event.preventDefault(); list.again(); } }, range.box, field('Action', action), field('Kind', kind),
    el('button', { class: 'primary', type: 'submit' }, 'Search')), list);
  await list.ready;
}
