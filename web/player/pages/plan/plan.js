// What somebody's tier gives and why they have it, what there is to choose from, and codes.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { ago, areas, day, t } from '../../language/language.js';
import { form } from '../../parts/form.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';
import { buyButton, loadBilling, paid, paying, priceOf } from './billing.js';
import { comparison } from './comparison.js';
import { FAMILY, family } from './family.js';
import { STUDENT, student } from './student.js';

const TIER = 'tier { tier quality downloads downloadDevices skipsPerHour playingDevices hostRooms people }';
const MINE = `mine: myEntitlements { mayTry until ${TIER} grants { source tier endsAt } used { skips skipsFreeAt playingDevices downloadDevices } }
  tiers { tier quality downloads downloadDevices skipsPerHour playingDevices hostRooms people }`;
const QUERY = `{ ${MINE} ${FAMILY} ${STUDENT} }`;

async function load({ abort }) {
  const [data, billing] = await Promise.all([ask(QUERY, {}, { abort }), loadBilling(), areas('plan', 'settings')]);
  const told = signal({ ...data, billing });
  const again = async () => {
    const [fresh, bill] = await Promise.all([ask(QUERY), loadBilling()]);
    told.value = { ...fresh, billing: bill };
  };
  const redeem = form({ id: 'coupon', button: t('plan.redeem'), kind: '', fields: [{ name: 'code', words: t('plan.code'), required: true, max: 40 }], act: async ({ code }) => {
    const { redeemCoupon: { grant } } = await ask('mutation($c: String!) { redeemCoupon(code: $c) { grant { tier endsAt } } }', { c: code ?? '' });
    notice(t('plan.redeemed', { name: tierName(grant.tier), day: day(grant.endsAt) }));
    await again();
  } });
  return { told, again, redeem };
}

export const tierName = (tier) => t(`plan.tier-${tier.toLowerCase()}`);

// What a tier allows, a sentence each.
const says = (tier) => [
  t(`plan.sound-${tier.quality.toLowerCase()}`),
  tier.downloads ? t('plan.downloads', { n: tier.downloadDevices }) : t('plan.no-downloads'),
  tier.skipsPerHour === null ? t('plan.skips-free') : t('plan.skips', { n: tier.skipsPerHour }),
  tier.playingDevices === null ? null : t('plan.playing', { n: tier.playingDevices }),
  tier.hostRooms ? t('plan.rooms') : null,
  tier.people > 1 ? t('plan.people', { n: tier.people }) : null,
].filter(Boolean);

function used({ tier, used: now }) {
  return [tier.skipsPerHour === null ? null : t('plan.skips-used', { n: now.skips }) + (now.skipsFreeAt ? ` · ${ago(now.skipsFreeAt)}` : ''),
    tier.downloads ? t('plan.downloads-used', { n: now.downloadDevices }) : null, tier.playingDevices === null ? null : t('plan.playing-now', { n: now.playingDevices })].filter(Boolean);
}

async function tryIt(again) {
  try { await ask('mutation { startTrial { grant { tier } } }'); await again(); } catch (error) { notice(error.message); }
}

const card = (tier, { mine, billing, student: proof }, again) => html`<li class=${tier.tier === mine.tier.tier ? 'is-mine' : ''}>
  <h2>${tierName(tier.tier)}</h2>${priceOf(billing, tier.tier)}
  <ul>${says(tier).map((words) => html`<li>${words}</li>`)}</ul>
  ${tier.tier === mine.tier.tier ? html`<p class="facts">${t('plan.is-mine')}</p>` : tier.tier === 'STUDENT' && !proof.stands ? nothing : buyButton(billing, tier.tier, again)}</li>`;

export const page = {
  areas: ['plan', 'settings'],
  needs: 'listener',
  skeleton: 'grid',
  load,
  title: () => t('plan.title'),
  view: ({ told, again, redeem }) => {
    const { mine, tiers, billing } = told.value;
    return html`<div><h1>${t('plan.title')}</h1>
      <p class="hero-byline">${tierName(mine.tier.tier)}${mine.until ? ` ${t('plan.until', { day: day(mine.until) })}` : ''}</p>
      <p class="facts">${used(mine).join(' · ')}</p>
      ${mine.grants.length ? html`<ul class="lines">${mine.grants.map((one) => html`<li><span class="row-words"><strong>${tierName(one.tier)}</strong>
        <span>${t(`plan.by-${one.source.toLowerCase()}`)}${one.endsAt ? ` · ${t('plan.until', { day: day(one.endsAt) })}` : ''}</span></span></li>`)}</ul>` : nothing}
      ${mine.mayTry ? html`<p><button class="button main" @click=${() => tryIt(again)}>${t('plan.try')}</button></p>` : nothing}
      ${paying(billing, again)}
      <ul class="tiers">${tiers.map((tier) => card(tier, told.value, again))}</ul>
      ${comparison(tiers, tierName)}
      ${billing.prices ? nothing : html`<p class="facts">${billing.why ?? t('plan.not-sold')}</p>`}
      <div class="halves"><section class="narrow"><h2>${t('plan.coupon')}</h2>${redeem()}</section>${student(told.value.student, again)}</div>
      ${family(told.value, again)} ${paid(billing)}</div>`;
  },
};
