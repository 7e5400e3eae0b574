// Imports and periodic jobs: how each went, how far it is, and running one now.
import { ask } from '../player/session/api.js';
import { el, notice } from '../page/element.js';
import { confirm } from './dialog.js';
import { onLeave } from './frame.js';
import { badge, count, ms, nothing, span, time, words } from './shown.js';
import { table } from './table.js';

const JOB = 'name seconds isRunning isWanted startedAt finishedAt nextAt outcome error failedAt durationMs runs failures phase done total';
const LOOK_MS = 3000, IMPORT = 'import folders';

export async function jobs(page) {
  const imports = el('div'), list = el('div');
  page.replaceChildren(el('h1', {}, 'Imports and jobs'), el('h2', {}, 'Import'), imports, el('h2', {}, 'Jobs'),
    el('p', { class: 'soft' }, 'Of quick jobs some runs are not written down. A job that is asked for begins within seconds, in one process.'), list);
  let drawn = '';
  const show = async () => {
    const { adminJobs: rows, adminImportFolders: folders } = await ask(`{ adminJobs { ${JOB} } adminImportFolders }`);
    // Drawn anew only when something changed, so that whoever walks by keyboard keeps their place.
    const now = JSON.stringify([rows, folders]);
    if (now === drawn || list.contains(document.activeElement) && drawn && !moves(rows)) return;
    drawn = now;
    const at = document.activeElement?.getAttribute?.('aria-label');
    imports.replaceChildren(importing(rows.find((job) => job.name === IMPORT), folders, show));
    list.replaceChildren(table('Jobs', columns(show), rows.filter((job) => job.name !== IMPORT), { empty: 'No process has told of its jobs.' }));
    if (at) [...page.querySelectorAll('[aria-label]')].find((node) => node.getAttribute('aria-label') === at)?.focus();
  };
  await show();
  const timer = setInterval(() => show().catch(() => {}), LOOK_MS);
  onLeave(() => clearInterval(timer));
}

const moves = (rows) => rows.some((job) => job.isRunning || job.isWanted);

function importing(job, folders, again) {
  if (!folders.length) return nothing('The settings name no folders: add them to library.folders, or import with run.py import.');
  return el('div', {}, el('ul', {}, folders.map((folder) => el('li', {}, el('code', {}, folder)))), el('p', {}, state(job)), progress(job),
    job?.outcome === 'failed' ? el('p', { class: 'failed' }, `${job.error}, ${job.failedAt ? new Date(job.failedAt).toLocaleString() : ''}`) : '',
    el('p', {}, el('button', { class: 'primary', disabled: job?.isRunning || job?.isWanted, onclick: () => run(IMPORT, 'Import now', again) }, 'Import now')));
}

const state = (job) => (!job ? badge('Never ran') : job.isRunning ? badge('Running', 'good') : job.isWanted ? badge('Asked for') : job.outcome === 'failed' ? badge('Failed', 'bad') : job.outcome ? badge('Done', 'good') : badge('Never ran'));

function progress(job) {
  if (!job?.isRunning) return '';
  const label = job.total ? `${words(job.phase)}: ${count(job.done)} of ${count(job.total)}` : words(job.phase || 'working');
  return el('div', {}, el('span', {}, label), el('progress', { 'aria-label': `${job.name}: ${label}`, max: job.total || 1, value: job.total ? job.done : null }));
}

const columns = (again) => [
  { name: 'Job', value: (job) => job.name, kind: 'wide' }, { name: 'Runs', value: (job) => job.seconds, show: (job) => span(job.seconds) },
  { name: 'State', value: (job) => (job.isRunning ? 'running' : job.outcome || 'never ran'), show: (job) => [state(job), progress(job)] },
  { name: 'Last run', kind: 'when', value: (job) => job.finishedAt, show: (job) => time(job.finishedAt) },
  { name: 'Took', kind: 'number', value: (job) => job.durationMs, show: (job) => (job.finishedAt ? ms(job.durationMs) : '–') },
  { name: 'Next run', kind: 'when', value: (job) => job.nextAt, show: (job) => time(job.nextAt) },
  { name: 'Failures', kind: 'number', value: (job) => job.failures, show: (job) => count(job.failures) },
  { name: 'Last error', value: (job) => job.error, show: (job) => (job.error ? [job.error, ' ', time(job.failedAt)] : '–') },
  { name: 'Run', hidden: true, show: (job) => el('button', { class: 'quiet', disabled: job.isRunning || job.isWanted, 'aria-label': `Run now: ${job.name}`, onclick: () => run(job.name, 'Run now', again) }, 'Run now') },
];

async function run(name, button, again) {
  const done = await confirm({ title: `Run “${name}” now?`, text: 'It is safe to run at any time, and may keep a processor busy for a while.', danger: false, button,
    act: () => ask('mutation($name: ID!) { runJob(name: $name) { job { name } } }', { name }) });
  if (done) { notice('It begins within seconds.'); document.activeElement?.blur?.(); await again(); }
}
