// The subscription somebody pays for: buying one, changing it, ending it, and what was paid. Paying itself is on Stripe's pages.
import { html, nothing } from 'lit-html';
import { day, language, t } from '../../language/language.js';
import { openDialog } from '../../parts/dialog.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';

const OVER = ['CANCELED', 'INCOMPLETE_EXPIRED'];
const MINE = `{ myBilling { mayTry hasPortal nextRenewal cancelAtPeriodEnd status
  subscription { tier interval endsAt trialEnd nextTier nextInterval isRevoked } payments(first: 12) { edges { node { kind status amountMinor currency at receiptUrl } } } }
  billingPrices { tier interval amountMinor currency taxIsIncluded trialDays } }`;

// `{ mine, prices, one (the subscription that stands) }`; without prices where nothing is sold, with `why` when it is away.
export async function loadBilling() {
  try {
    const { myBilling: mine, billingPrices: prices } = await ask(MINE);
    return { mine, prices, one: mine.subscription && !OVER.includes(mine.status) ? mine.subscription : null };
  } catch (error) { return { why: error.code === 'BILLING_OFF' ? null : error.message }; }
}

export function money(minor, currency) {
  const shape = new Intl.NumberFormat(language.value, { style: 'currency', currency });
  return shape.format(minor / 10 ** shape.resolvedOptions().maximumFractionDigits);
}

const each = (interval) => t(`plan.each-${interval.toLowerCase()}`);
const pricesOf = ({ prices }, tier) => (prices ?? []).filter((price) => price.tier === tier);
const cost = (price) => `${money(price.amountMinor, price.currency)} ${each(price.interval)}`;

export function priceOf(billing, tier) {
  const prices = pricesOf(billing, tier);
  if (!prices.length) return nothing;
  const [first, ...rest] = prices;
  return html`<p><span class="price">${money(first.amountMinor, first.currency)}</span> ${each(first.interval)}${rest.map((one) => html`<br><span class="facts small">${t('plan.or', { price: cost(one) })}</span>`)}
    ${first.taxIsIncluded === false ? html`<br><span class="facts small">${t('plan.taxes')}</span>` : nothing}
    ${billing.mine.mayTry && first.trialDays ? html`<br><span class="facts small">${t('plan.days-free', { n: first.trialDays })}</span>` : nothing}</p>`;
}

async function buy(price) {
  try {
    const { createCheckoutSession: { url } } = await ask('mutation($t: SubscriptionType!, $i: BillingInterval!) { createCheckoutSession(tier: $t, interval: $i) { url } }', { t: price.tier, i: price.interval });
    location.assign(url);
  } catch (error) { notice(error.message); }
}

// Nothing is changed before somebody saw what it costs.
async function look(price, again) {
  const named = { t: price.tier, i: price.interval };
  try {
    const { previewPlanChange: seen } = await ask(`query($t: SubscriptionType!, $i: BillingInterval!) {
      previewPlanChange(tier: $t, interval: $i) { isImmediate effectiveAt amountMinor nextAmountMinor currency pricedAt } }`, named);
    const then = { next: `${money(seen.nextAmountMinor, seen.currency)} ${each(price.interval)}`, now: money(seen.amountMinor, seen.currency), day: day(seen.effectiveAt) };
    const words = !seen.isImmediate ? t('plan.comes-on', then) : seen.amountMinor > 0 ? t('plan.pay-now', then) : t('plan.pay-nothing', then);
    const done = await openDialog({ title: t('plan.change-title'), draw: (close) => html`<p>${words}</p><p class="dialog-acts"><button class="button" @click=${() => close()}>${t('frame.cancel')}</button>
      <button class="button main" @click=${() => close(true)}>${t('plan.change')}</button></p>` });
    if (!done) return;
    await ask('mutation($t: SubscriptionType!, $i: BillingInterval!, $at: DateTime) { changePlan(tier: $t, interval: $i, pricedAt: $at) { subscription { id } } }', { ...named, at: seen.pricedAt });
    notice(t('plan.changed'));
    await again();
  } catch (error) { notice(error.message); }
}

// What buys a tier, or changes to it; a button for each rhythm it is sold in.
export function buyButton(billing, tier, again) {
  const { one, mine } = billing;
  return pricesOf(billing, tier).map((price) => {
    if (one && (!(mine.nextRenewal || one.endsAt) || (price.tier === one.tier && price.interval === one.interval))) return nothing;
    const words = t(one ? 'plan.change-to' : 'plan.buy', { rhythm: each(price.interval) });
    return html`<button class="button main" @click=${() => (one ? look(price, again) : buy(price))}>${words}</button>`;
  });
}

const tell = async (field, again) => { try { await ask(`mutation { ${field} { subscription { id } } }`); await again(); } catch (error) { notice(error.message); } };

async function portal() {
  try { location.assign((await ask('mutation { createPortalSession { url } }')).createPortalSession.url); } catch (error) { notice(error.message); }
}

// What stands of one's subscription and the ways to end or keep it.
export function paying({ mine, one }, again) {
  if (!one) return nothing;
  const words = mine.nextRenewal ? t('plan.pays-next', { day: day(mine.nextRenewal) }) : one.endsAt ? t('plan.ends', { day: day(one.endsAt) }) : t('plan.not-paid');
  return html`<div class="told"><p><strong>${t(`plan.tier-${one.tier.toLowerCase()}`)} ${each(one.interval)}.</strong> ${mine.status === 'TRIALING' ? t('plan.trialing') : ''} ${words}</p>
    ${one.nextTier ? html`<p>${t('plan.then', { name: t(`plan.tier-${one.nextTier.toLowerCase()}`) })}</p>` : nothing}
    ${one.isRevoked ? html`<p role="status">${t('plan.revoked')}</p>` : nothing}
    <p class="acts">${mine.cancelAtPeriodEnd || one.nextTier ? html`<button class="button" @click=${() => tell('resumeSubscription', again)}>${t('plan.keep')}</button>` : nothing}
      ${mine.cancelAtPeriodEnd ? nothing : html`<button class="button danger" @click=${() => tell('cancelSubscription', again)}>${t('plan.end')}</button>`}
      ${mine.hasPortal ? html`<button class="button" @click=${portal}>${t('plan.portal')}</button>` : nothing}</p></div>`;
}

export function paid({ mine }) {
  const rows = mine?.payments.edges ?? [];
  return rows.length ? html`<section><h2>${t('plan.paid')}</h2><ul class="lines">${rows.map(({ node }) => html`<li><span class="row-words"><strong>${money(node.amountMinor, node.currency)}</strong>
    <span>${[day(node.at), node.kind === 'PAYMENT' ? null : t(`plan.kind-${node.kind.toLowerCase()}`), ['PENDING', 'FAILED', 'VOID'].includes(node.status) ? t(`plan.status-${node.status.toLowerCase()}`) : null].filter(Boolean).join(' · ')}</span></span>
    ${node.receiptUrl ? html`<a class="link" href=${node.receiptUrl} rel="noreferrer" target="_blank">${t('plan.bill')}</a>` : nothing}</li>`)}</ul></section>` : nothing;
}
