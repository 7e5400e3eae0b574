// Requests and store commands that took long, by their shape.
import { ask } from '../player/session/api.js';
import { el, notice } from '../page/element.js';
import { choice, confirm, field } from './dialog.js';
import { count, ms, time, words } from './shown.js';
import { paged } from './table.js';

const LIST = `query($kind: SlowKind, $sort: SlowOrder!, $first: Int, $after: String) { adminSlow(kind: $kind, sort: $sort, first: $first, after: $after) {
  edges { node { id kind shape count p50Ms p95Ms worstMs lastAt trace } } pageInfo { hasNextPage endCursor } totalCount } }`;

export async function slow(page) {
  const kind = choice('kind', [['', 'Both'], ['GRAPHQL', 'Requests of the API'], ['STORE', 'Commands to the store']]);
  const took = (name) => ({ kind: 'number', value: (row) => row[name], show: (row) => ms(row[name]) });
  const list = paged('Slow queries', [
    { name: 'Shape', kind: 'wide', value: (row) => row.shape, show: (row) => el('code', {}, row.shape) }, { name: 'Kind', value: (row) => words(row.kind) },
    { name: 'Times', order: 'COUNT', kind: 'number', value: (row) => row.count, show: (row) => count(row.count) },
    { name: 'Median', ...took('p50Ms') }, { name: '95 %', ...took('p95Ms') }, { name: 'Worst', order: 'WORST', ...took('worstMs') },
    { name: 'Last', order: 'LAST', kind: 'when', value: (row) => row.lastAt, show: (row) => time(row.lastAt) }, { name: 'Request id', value: (row) => row.trace },
  ], async (part) => (await ask(LIST, { ...part, kind: kind.value || null })).adminSlow, { order: 'LAST', empty: 'Nothing took long lately.' });
  kind.onchange = () => list.again();
  const clear = async () => {
    const done = await confirm({ title: 'Forget all slow queries?', text: 'The list begins anew.', button: 'Forget them', act: () => ask('mutation { clearSlowLog { cleared } }') });
    if (done) { notice('The list is empty.'); await list.again(); }
  };
  page.replaceChildren(el('h1', {}, 'Slow queries'), el('p', { class: 'soft' }, 'Requests over a quarter of a second and store commands over 50 milliseconds, without their values. Median and 95 % are of the last hundred.'),
    el('div', { class: 'tools' }, field('Kind', kind), el('button', { class: 'danger', onclick: clear }, 'Clear')), list);
  await list.ready;
}
