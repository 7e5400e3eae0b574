// Warnings and errors of the log, folded by what they say.
import { ask } from '../player/session/api.js';
import { el, notice } from '../page/element.js';
import { choice, confirm, field } from './dialog.js';
import { badge, count, time, words } from './shown.js';
import { paged } from './table.js';

const LIST = `query($level: LogLevel, $first: Int, $after: String) { adminErrors(level: $level, first: $first, after: $after) {
  edges { node { id level logger message count firstAt lastAt trace detail } } pageInfo { hasNextPage endCursor } totalCount } }`;

export async function errors(page) {
  const level = choice('level', [['', 'All'], ['WARNING', 'Warnings'], ['ERROR', 'Errors'], ['CRITICAL', 'Critical']]);
  const list = paged('Error log', [
    { name: 'Message', kind: 'wide', value: (row) => row.message }, { name: 'Level', value: (row) => row.level, show: (row) => badge(words(row.level), row.level === 'WARNING' ? '' : 'bad') },
    { name: 'Times', kind: 'number', value: (row) => row.count, show: (row) => count(row.count) },
    { name: 'Last', kind: 'when', value: (row) => row.lastAt, show: (row) => time(row.lastAt) }, { name: 'First', kind: 'when', value: (row) => row.firstAt, show: (row) => time(row.firstAt) },
    { name: 'From', value: (row) => row.logger }, { name: 'Request id', value: (row) => row.trace }, { name: 'Where', kind: 'wide', value: (row) => row.detail },
  ], async ({ first, after }) => (await ask(LIST, { first, after, level: level.value || null })).adminErrors, { empty: 'Nothing went wrong.' });
  level.onchange = () => list.again();
  const clear = async () => {
    const done = await confirm({ title: 'Forget the error log?', text: 'What the machine writes elsewhere stays.', button: 'Forget it', act: () => ask('mutation { clearErrorLog { cleared } }') });
    if (done) { notice('The log is empty.'); await list.again(); }
  };
  page.replaceChildren(el('h1', {}, 'Error log'), el('p', { class: 'soft' }, 'Kept for thirty days, at most 500 kinds. The request id finds the line in the machine’s own log.'),
    el('div', { class: 'tools' }, field('Level', level), el('button', { class: 'danger', onclick: clear }, 'Clear')), list);
  await list.ready;
}
