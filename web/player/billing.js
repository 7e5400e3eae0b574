// The subscription somebody pays for: buying one, changing it, ending it, and what was paid. Paying itself is on Stripe's pages.
import { ask } from './api.js';
import { el, notice } from './element.js';
import { act, day } from './security.js';

const NAMES = { STUDENT: 'Student', PREMIUM: 'Premium', FAMILY: 'Family' };
const SPANS = { MONTH: 'month', YEAR: 'year' };
const OVER = ['CANCELED', 'INCOMPLETE_EXPIRED'];
const PAID = 'payments(first: 12) { edges { node { kind status amountMinor currency at receiptUrl } } }';
const MINE = `myBilling { mayTry hasPortal nextRenewal cancelAtPeriodEnd status
  subscription { tier interval endsAt trialEnd nextTier nextInterval isRevoked } ${PAID} }
  billingPrices { tier interval amountMinor currency taxIsIncluded trialDays }`;

// What belongs on the page of one's plan, which `show` draws anew; nothing where nothing is for sale.
export async function paying(isStudent, show) {
  let data;
  try { data = await ask(`{ ${MINE} }`); } catch (error) {
    return error.code === 'BILLING_OFF' ? null : el('p', { role: 'status' }, error.message);
  }
  const { myBilling: mine, billingPrices: prices } = data;
  const one = mine.subscription && !OVER.includes(mine.status) ? mine.subscription : null;
  const offers = prices.filter((price) => isStudent || price.tier !== 'STUDENT').map((price) => offer(price, mine, one, show)).filter(Boolean);
  return el('div', {}, ...[one ? having(mine, one) : el('p', {}, 'You pay for nothing.'), one && el('p', {}, ways(mine, one, show)),
    offers.length > 0 && el('ul', { class: 'lines' }, offers),
    mine.hasPortal && el('p', {}, act('Bills and ways to pay', '', async () => { location.href = (await ask('mutation { createPortalSession { url } }')).createPortalSession.url; })),
    paid(mine.payments.edges)].flat().filter(Boolean));
}

const plan = (tier, interval) => `${NAMES[tier] ?? 'A plan of before'}${interval ? ` by the ${SPANS[interval]}` : ''}`;

export function money(minor, currency) {
  const shape = new Intl.NumberFormat(undefined, { style: 'currency', currency });
  return shape.format(minor / 10 ** shape.resolvedOptions().maximumFractionDigits);
}

function having(mine, one) {
  const trial = mine.status === 'TRIALING' ? 'Free of charge so far. ' : '';
  const says = mine.nextRenewal ? `${trial}You pay next on ${day(mine.nextRenewal)}.`
    : one.endsAt ? `${trial}It ends on ${day(one.endsAt)}.` : 'Its bill is not paid: please look after your way to pay.';
  return [el('p', {}, el('strong', {}, plan(one.tier, one.interval)), ` ${says}`),
    one.nextTier && el('p', {}, `From then on it is ${plan(one.nextTier, one.nextInterval)}.`),
    one.isRevoked && el('p', { role: 'status' }, 'What you paid was given back, so it gives nothing until the next payment.')];
}

function ways(mine, one, show) {
  const change = (text, field) => act(text, '', async () => { await ask(`mutation { ${field} { subscription { id } } }`); await show(); });
  return [(mine.cancelAtPeriodEnd || one.nextTier) && change('Keep it as it is', 'resumeSubscription'),
    !mine.cancelAtPeriodEnd && change(mine.nextRenewal ? 'End it when the period is over' : 'End it', 'cancelSubscription')];
}

function offer(price, mine, one, show) {
  if (one && (!(mine.nextRenewal || one.endsAt) || (price.tier === one.tier && price.interval === one.interval))) return null;
  const cost = `${money(price.amountMinor, price.currency)} a ${SPANS[price.interval]}${price.taxIsIncluded === false ? ', taxes to be added' : ''}`;
  const free = mine.mayTry && price.trialDays ? `, the first ${price.trialDays} days free` : '';
  const button = one ? act('Change to it', `Change to ${plan(price.tier, price.interval)}`, () => look(price, row, show))
    : act('Buy', `Buy ${plan(price.tier, price.interval)}`, async () => {
      const data = await ask('mutation($t: SubscriptionType!, $i: BillingInterval!) { createCheckoutSession(tier: $t, interval: $i) { url } }', { t: price.tier, i: price.interval });
      location.href = data.createCheckoutSession.url;
    });
  const row = el('li', {}, el('div', {}, el('strong', {}, plan(price.tier, price.interval)), el('small', {}, cost + free)), button);
  return row;
}

// Nothing is changed before somebody saw what it costs.
async function look(price, row, show) {
  const named = { t: price.tier, i: price.interval };
  const { previewPlanChange: seen } = await ask(`query($t: SubscriptionType!, $i: BillingInterval!) {
    previewPlanChange(tier: $t, interval: $i) { isImmediate effectiveAt amountMinor nextAmountMinor currency pricedAt } }`, named);
  const later = `then ${money(seen.nextAmountMinor, seen.currency)} a ${SPANS[price.interval]}`;
  const words = !seen.isImmediate ? `It comes on ${day(seen.effectiveAt)}, ${later}.`
    : seen.amountMinor > 0 ? `You pay ${money(seen.amountMinor, seen.currency)} now, ${later}.` : `You pay nothing now, ${later}; what is left of your plan is kept for later bills.`;
  row.replaceChildren(el('p', { role: 'status' }, words), act('Yes, change', `Change to ${plan(price.tier, price.interval)}`, async () => {
    await ask('mutation($t: SubscriptionType!, $i: BillingInterval!, $at: DateTime) { changePlan(tier: $t, interval: $i, pricedAt: $at) { subscription { id } } }', { ...named, at: seen.pricedAt });
    notice('Your plan has changed.');
    await show();
  }), act('No', 'Change nothing', show));
}

function paid(edges) {
  const words = { PAYMENT: '', REFUND: 'given back', DISPUTE: 'asked back by your bank' }, states = { PENDING: 'not paid yet', FAILED: 'not paid', VOID: 'not asked for any more' };
  return edges.length > 0 && [el('h3', {}, 'What you paid'), el('ul', { class: 'lines' }, edges.map(({ node }) => el('li', {}, el('div', {}, el('strong', {}, money(node.amountMinor, node.currency)),
    el('small', {}, [day(node.at), words[node.kind], states[node.status]].filter(Boolean).join(' · '))), node.receiptUrl && el('a', { href: node.receiptUrl, rel: 'noreferrer', target: '_blank' }, 'Bill'))))];
}
