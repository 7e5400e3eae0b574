// The queue of reported things, and one case with everything that may be decided about it.
import { ask } from '../player/session/api.js';
import { el, notice } from '../page/element.js';
import { choice, confirm, field } from './dialog.js';
import { badge, count, facts, nothing, time, words } from './shown.js';
import { paged, table } from './table.js';

const QUEUE = `query($state: CaseState, $kind: ReportedKind, $origin: CaseOrigin, $mine: Boolean!, $first: Int, $after: String) {
  moderationQueue(state: $state, kind: $kind, origin: $origin, mine: $mine, first: $first, after: $after) {
    edges { node { id kind name state origin severity reasons reportCount openedAt updatedAt claimedBy { username } owner { username } } }
    pageInfo { hasNextPage endCursor } totalCount } }`;
const CASE = `query($id: ID!) { moderationCase(id: $id) { id kind targetId placeId name state origin severity reasons reportCount openedAt updatedAt claimedUntil resolvedAt outcome
  owner { id username } claimedBy { id username } reports { reporter { username } reason note createdAt } notes { id at by { username } text }
  evidence { at facts { name value } } decisions { decidedBy { username } answeredBy { username } decision { id action reason words at until undoneAt appealState appealText appealedAt answer } } } }`;
const STATES = ['OPEN', 'CLAIMED', 'APPEALED', 'RESOLVED'];
const KINDS = ['SONG', 'ALBUM', 'ARTIST', 'ALBUM_COVER', 'ARTIST_PICTURE', 'LYRICS', 'PLAYLIST', 'PLAYLIST_COVER', 'REVIEW', 'ROOM_MESSAGE', 'USER', 'PROFILE_PICTURE'];
const ABOUT_THING = [['', 'Nothing'], ['HIDE', 'Hide it'], ['REMOVE', 'Remove it for good'], ['DISMISS', 'Nothing is wrong: dismiss'], ['RESTORE', 'Take back what was decided']];
const ABOUT_PERSON = [['', 'Nothing'], ['WARN', 'Warn'], ['SUSPEND', 'Suspend for a while'], ['BAN', 'Ban']];
const grave = (row) => badge(['', 'Mild', 'Bad', 'Grave'][row.severity] ?? String(row.severity), row.severity > 2 ? 'bad' : '');

export async function moderation(page) {
  const codes = (list) => [['', 'All'], ...list.map((code) => [code, words(code)])];
  const state = choice('state', codes(STATES), 'OPEN'), kind = choice('kind', codes(KINDS)), origin = choice('origin', [['', 'Anybody'], ['REPORTED', 'People'], ['AUTOMATIC', 'The house itself']]);
  const mine = el('input', { type: 'checkbox', name: 'mine' });
  const list = paged('Cases', [
    { name: 'What', kind: 'wide', value: (row) => row.name, show: (row) => el('a', { href: `#/moderation/${row.id}` }, row.name || words(row.kind)) },
    { name: 'Kind', value: (row) => words(row.kind) }, { name: 'How bad', value: (row) => row.severity, show: grave },
    { name: 'Why', value: (row) => row.reasons.map(words).join(', ') }, { name: 'Reports', kind: 'number', value: (row) => row.reportCount, show: (row) => count(row.reportCount) },
    { name: 'Whose', value: (row) => row.owner?.username ?? '' }, { name: 'State', value: (row) => words(row.state) }, { name: 'Who works on it', value: (row) => row.claimedBy?.username ?? '' },
    { name: 'Opened', kind: 'when', value: (row) => row.openedAt, show: (row) => time(row.openedAt) },
  ], async ({ first, after }) => (await ask(QUEUE, { first, after, state: state.value || null, kind: kind.value || null, origin: origin.value || null, mine: mine.checked })).moderationQueue,
  { empty: 'Nothing waits here.' });
  for (const box of [state, kind, origin, mine]) box.onchange = () => list.again();
  page.replaceChildren(el('h1', {}, 'Moderation'), el('div', { class: 'tools' }, field('State', state), field('Kind', kind), field('Brought up by', origin), el('label', {}, 'Mine', mine)), list);
  await list.ready;
}

export async function moderationCase(page, id) {
  const { moderationCase: it } = await ask(CASE, { id });
  if (!it) { page.replaceChildren(el('h1', {}, 'No case'), nothing('There is no such case, or it is about yourself.')); return; }
  const again = (said) => { notice(said); return moderationCase(page, id); };
  const act = (label, mutation, said) => el('button', { class: 'quiet', onclick: async (event) => {
    event.target.disabled = true;
    try { await ask(`mutation($id: ID!) { ${mutation}(caseId: $id) { case { id } } }`, { id }); await again(said); } catch (error) { notice(error.message); event.target.disabled = false; }
  } }, label);
  const appeal = it.decisions.find(({ decision }) => decision.appealState === 'OPEN');
  page.replaceChildren(el('p', {}, el('a', { href: '#/moderation' }, 'The queue')), el('h1', {}, it.name || words(it.kind)),
    facts([['Kind', words(it.kind)], ['Id', el('code', {}, it.targetId)], ['Whose', it.owner?.username ?? 'the house'], ['State', words(it.state)], ['How bad', grave(it)],
      ['Why', it.reasons.map(words).join(', ')], ['Reports', count(it.reportCount)], ['Brought up by', it.origin === 'AUTOMATIC' ? 'the house itself' : 'people'], ['Opened', time(it.openedAt)],
      it.claimedBy && ['Who works on it', [it.claimedBy.username, ' until ', time(it.claimedUntil)].map((part) => part).reduce((box, part) => { box.append(part); return box; }, el('span'))],
      it.resolvedAt && ['Decided', time(it.resolvedAt)]]),
    el('div', { class: 'buttons-row' }, it.state === 'OPEN' ? act('Claim it', 'claimCase', 'It is yours for half an hour.') : '', it.state === 'CLAIMED' ? act('Release it', 'releaseCase', 'Anybody may take it.') : '',
      el('button', { class: 'quiet', onclick: () => note(it, again) }, 'Write a note'), el('button', { class: 'primary', onclick: () => decide(it, again) }, 'Decide'),
      appeal ? el('button', { class: 'primary', onclick: () => answer(appeal.decision, again) }, 'Answer the appeal') : ''),
    el('h2', {}, 'What was reported'),
    table('Reports', [{ name: 'Why', value: (r) => words(r.reason) }, { name: 'What they wrote', kind: 'wide', value: (r) => r.note || '–' }, { name: 'Who', value: (r) => r.reporter?.username ?? '' },
      { name: 'When', kind: 'when', value: (r) => r.createdAt, show: (r) => time(r.createdAt) }], it.reports, { empty: 'Nobody reported it: the house itself did.', csv: false }),
    el('h2', {}, 'What it was'), it.evidence.length ? el('div', {}, it.evidence.map((each) => el('section', {}, el('p', { class: 'soft' }, time(each.at)), facts(each.facts.map((fact) => [fact.name, fact.value]))))) : nothing('Nothing was kept of it.'),
    el('h2', {}, 'Notes of the staff'),
    table('Notes', [{ name: 'Note', kind: 'wide', value: (n) => n.text }, { name: 'Who', value: (n) => n.by?.username ?? 'the house' }, { name: 'When', kind: 'when', value: (n) => n.at, show: (n) => time(n.at) }], it.notes, { empty: 'There are none.', csv: false }),
    el('h2', {}, 'Decisions'),
    table('Decisions', [{ name: 'What', value: ({ decision: d }) => words(d.action) }, { name: 'Why', value: ({ decision: d }) => words(d.reason) }, { name: 'Words', kind: 'wide', value: ({ decision: d }) => d.words || '–' },
      { name: 'Who', value: (each) => each.decidedBy?.username ?? '' }, { name: 'When', kind: 'when', value: ({ decision: d }) => d.at, show: ({ decision: d }) => time(d.at) },
      { name: 'Until', kind: 'when', value: ({ decision: d }) => d.until, show: ({ decision: d }) => time(d.until) }, { name: 'Taken back', kind: 'when', value: ({ decision: d }) => d.undoneAt, show: ({ decision: d }) => time(d.undoneAt) },
      { name: 'Appeal', kind: 'wide', value: ({ decision: d }) => (d.appealState === 'NONE' ? '–' : `${words(d.appealState)}: ${d.appealText}${d.answer ? `; answer: ${d.answer}` : ''}`) }], it.decisions, { empty: 'Nothing is decided.', csv: false }));
}

async function note(it, again) {
  const done = await confirm({ title: 'A note for other moderators', danger: false, button: 'Write it', fields: [field('Note', el('textarea', { name: 'text', required: true, maxlength: 1000 }))],
    act: (form) => ask('mutation($id: ID!, $text: String!) { noteOnCase(caseId: $id, text: $text) { case { id } } }', { id: it.id, text: form.get('text') }) });
  if (done) await again('The note is written.');
}

async function decide(it, again) {
  const { reportReasons } = await ask('{ reportReasons { code title kinds } }');
  const reasons = reportReasons.filter((reason) => reason.kinds.includes(it.kind) || it.reasons.includes(reason.code)).map((reason) => [reason.code, reason.title]);
  const done = await confirm({ title: `Decide about “${it.name || words(it.kind)}”`, text: 'Who answers for it and who reported it are told. It is written to the audit log, and can be appealed once.', button: 'Decide',
    fields: [field('About the thing', choice('thing', ABOUT_THING)), field('About the account', choice('person', ABOUT_PERSON)), field('Reason', choice('reason', [['', 'None'], ...reasons], it.reasons[0] ?? '')),
      field('Suspended until', el('input', { type: 'datetime-local', name: 'until' })), field('What the owner reads', el('textarea', { name: 'words', maxlength: 1000 }))],
    act: (form) => ask(`mutation($id: ID!, $actions: [ModerationAction!]!, $reason: ReasonCode, $words: String!, $until: DateTime) {
      decideCase(caseId: $id, actions: $actions, reason: $reason, words: $words, until: $until) { case { id } } }`, { id: it.id, actions: [form.get('thing'), form.get('person')].filter(Boolean),
      reason: form.get('reason') || null, words: form.get('words'), until: form.get('until') ? new Date(form.get('until')).toISOString() : null }) });
  if (done) await again('It is decided.');
}

async function answer(decision, again) {
  const done = await confirm({ title: 'Answer the appeal', text: decision.appealText, danger: false, button: 'Answer', fields: [field('The owner is', choice('granted', [['false', 'wrong: the decision stands'], ['true', 'right: undo the decision']])),
    field('What the owner reads', el('textarea', { name: 'words', maxlength: 1000 }))],
  act: (form) => ask('mutation($id: ID!, $granted: Boolean!, $words: String!) { answerAppeal(decisionId: $id, granted: $granted, words: $words) { case { id } } }',
    { id: decision.id, granted: form.get('granted') === 'true', words: form.get('words') }) });
  if (done) await again('The appeal is answered.');
}
