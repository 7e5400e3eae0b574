// Money: how billing stands, what people paid, subscriptions, what the payment service told; refunds and repeats.
import { ask } from '../player/session/api.js';
import { el, notice } from '../page/element.js';
import { choice, confirm, field } from './dialog.js';
import { dates, since } from './range.js';
import { badge, count, facts, money, time, words } from './shown.js';
import { paged } from './table.js';

const MORE = 'pageInfo { hasNextPage endCursor } totalCount';
const HEALTH = '{ billingHealth { mode events { state number } subscriptions { state number } lastEventAt eventsWalkedAt subscriptionsWalkedAt } }';
const PAYMENTS = `query($first: Int, $after: String, $user: ID) { billingPayments(first: $first, after: $after, userId: $user) {
  edges { node { id kind amountMinor taxMinor refundedMinor currency tier at status number userId } } ${MORE} } }`;
const SUBSCRIPTIONS = `query($first: Int, $after: String, $status: BillingState) { billingSubscriptions(first: $first, after: $after, status: $status) {
  edges { node { id tier interval status createdAt periodEnd renewsAt endsAt cancelAtPeriodEnd } } ${MORE} } }`;
const EVENTS = `query($first: Int, $after: String, $state: BillingEventState) { billingEvents(first: $first, after: $after, state: $state) {
  edges { node { id kind happenedAt receivedAt isReplayed state attempts dueAt reason } } ${MORE} } }`;
const all = (codes) => [['', 'All'], ...codes.map((code) => [code, words(code)])];
const bad = ['FAILED', 'UNPAID', 'PAST_DUE', 'LOST', 'OPEN'];
const state = (code) => badge(words(code), bad.includes(code) ? 'bad' : '');

export async function billing(page) {
  let health;
  try { health = (await ask(HEALTH)).billingHealth; } catch (error) {
    page.replaceChildren(el('h1', {}, 'Billing'), el('p', { class: 'nothing' }, error.message));
    return;
  }
  const person = el('input', { name: 'user', autocomplete: 'off' }), status = choice('status', all(['ACTIVE', 'TRIALING', 'PAST_DUE', 'UNPAID', 'PAUSED', 'INCOMPLETE', 'INCOMPLETE_EXPIRED', 'CANCELED']));
  const told = choice('state', all(['WAITING', 'DONE', 'IGNORED', 'FAILED']));
  const payments = paged('Payments', [
    { name: 'When', kind: 'when', value: (p) => p.at, show: (p) => time(p.at) }, { name: 'Kind', value: (p) => words(p.kind) },
    { name: 'Amount', kind: 'number', value: (p) => p.amountMinor, show: (p) => money(p.amountMinor, p.currency) }, { name: 'Currency', value: (p) => p.currency.toUpperCase() },
    { name: 'Taxes', kind: 'number', value: (p) => p.taxMinor, show: (p) => money(p.taxMinor, p.currency) }, { name: 'Given back', kind: 'number', value: (p) => p.refundedMinor, show: (p) => money(p.refundedMinor, p.currency) },
    { name: 'For', value: (p) => words(p.tier) }, { name: 'State', value: (p) => words(p.status), show: (p) => state(p.status) }, { name: 'Bill', value: (p) => p.number },
    { name: 'Who', value: (p) => p.userId ?? '', show: (p) => (p.userId ? el('a', { href: `#/users/${p.userId}` }, 'Account') : '–') },
    { name: 'Refund', hidden: true, show: (p) => (p.kind === 'PAYMENT' && p.status === 'PAID' && p.refundedMinor < p.amountMinor
      ? el('button', { class: 'danger', 'aria-label': `Refund ${money(p.amountMinor, p.currency)}, bill ${p.number || p.id}`, onclick: () => refund(p, () => payments.again(false)) }, 'Refund') : '') },
  ], async ({ first, after }) => (await ask(PAYMENTS, { first, after, user: person.value.trim() || null })).billingPayments, { empty: 'Nobody has paid anything.' });
  const subscriptions = paged('Subscriptions', [
    { name: 'Tier', value: (s) => words(s.tier) }, { name: 'Each', value: (s) => words(s.interval) }, { name: 'State', value: (s) => words(s.status), show: (s) => state(s.status) },
    { name: 'Since', kind: 'when', value: (s) => s.createdAt, show: (s) => time(s.createdAt) }, { name: 'Paid until', kind: 'when', value: (s) => s.periodEnd, show: (s) => time(s.periodEnd) },
    { name: 'Renews', kind: 'when', value: (s) => s.renewsAt, show: (s) => time(s.renewsAt) }, { name: 'Ends', kind: 'when', value: (s) => s.endsAt, show: (s) => time(s.endsAt) }, { name: 'Id', value: (s) => s.id },
  ], async ({ first, after }) => (await ask(SUBSCRIPTIONS, { first, after, status: status.value || null })).billingSubscriptions, { empty: 'There are none.' });
  const events = paged('Events of the payment service', [
    { name: 'Event', value: (e) => e.kind }, { name: 'Happened', kind: 'when', value: (e) => e.happenedAt, show: (e) => time(e.happenedAt) }, { name: 'Came', kind: 'when', value: (e) => e.receivedAt, show: (e) => time(e.receivedAt) },
    { name: 'State', value: (e) => words(e.state), show: (e) => state(e.state) }, { name: 'Tries', kind: 'number', value: (e) => e.attempts }, { name: 'Asked for', value: (e) => (e.isReplayed ? 'yes' : 'no') }, { name: 'Why not', kind: 'wide', value: (e) => e.reason || '–' }, { name: 'Id', value: (e) => e.id },
    { name: 'Again', hidden: true, show: (e) => (e.state === 'FAILED' ? el('button', { class: 'quiet', 'aria-label': `Work ${e.id} again`, onclick: () => retry(e, () => events.again(false)) }, 'Work again') : '') },
  ], async ({ first, after }) => (await ask(EVENTS, { first, after, state: told.value || null })).billingEvents, { empty: 'The payment service has told nothing.' });
  status.onchange = () => subscriptions.again();
  told.onchange = () => events.again();
  const sum = (rows) => rows.map((row) => `${words(row.state)}: ${count(row.number)}`).join(', ') || 'none';
  page.replaceChildren(el('h1', {}, 'Billing'), health.mode === 'off' ? el('p', { class: 'nothing' }, 'This house takes no money: the settings have no key of a payment service.') : '',
    facts([['Mode', badge(words(health.mode.toUpperCase()), health.mode === 'live' ? 'good' : '')], ['Subscriptions', sum(health.subscriptions)], ['Events', sum(health.events)], ['Last event', time(health.lastEventAt)],
      ['Lost events looked for', time(health.eventsWalkedAt)], ['Subscriptions compared', time(health.subscriptionsWalkedAt)]]),
    el('h2', {}, 'Payments'), el('form', { class: 'tools', onsubmit: (event) => { event.preventDefault(); payments.again(); } }, field('Of the account with the id', person), el('button', { class: 'quiet', type: 'submit' }, 'Show')), payments,
    el('h2', {}, 'Subscriptions'), el('div', { class: 'tools' }, field('State', status)), subscriptions,
    el('h2', {}, 'What the payment service told'), el('div', { class: 'tools' }, field('State', told), el('button', { class: 'quiet', disabled: health.mode === 'off', onclick: () => replay(() => events.again()) }, 'Ask for lost events')), events);
  await Promise.all([payments.ready, subscriptions.ready, events.ready]);
}

async function refund(payment, again) {
  const left = payment.amountMinor - payment.refundedMinor;
  const done = await confirm({ title: `Give back ${money(left, payment.currency)}?`, text: 'The money goes back the way it came. This cannot be taken back.', button: 'Refund',
    fields: [field(`Amount in the smallest unit (at most ${left})`, el('input', { type: 'number', name: 'amount', min: 1, max: left, value: left, required: true })),
      field('Why', choice('reason', [['REQUESTED_BY_CUSTOMER', 'They asked for it'], ['DUPLICATE', 'Paid twice'], ['FRAUDULENT', 'Not paid by them']])),
      el('label', {}, el('input', { type: 'checkbox', name: 'ends' }), ' End the subscription at once')],
    act: (form) => ask('mutation($id: ID!, $amount: Int, $reason: RefundReason!, $ends: Boolean!) { refundPayment(paymentId: $id, amountMinor: $amount, reason: $reason, endsSubscription: $ends) { payment { id } } }',
      { id: payment.id, amount: Number(form.get('amount')), reason: form.get('reason'), ends: form.has('ends') }) });
  if (done) { notice('The money is given back.'); await again(); }
}

async function retry(event, again) {
  try { await ask('mutation($id: ID!) { retryBillingEvent(id: $id) { event { id } } }', { id: event.id }); notice('It is worked again.'); await again(); } catch (error) { notice(error.message); }
}

async function replay(again) {
  const range = dates(since(7), () => {});
  const done = await confirm({ title: 'Ask for lost events', text: 'The payment service tells its events since the first day again; those that never came are taken.', danger: false, button: 'Ask', fields: [range.box],
    act: () => ask('mutation($since: DateTime!) { replayBillingEvents(since: $since) { lookedAt found } }', { since: range.since() }) });
  if (done) { notice(`${done.replayBillingEvents.found} of ${done.replayBillingEvents.lookedAt} events had been lost.`); await again(); }
}
