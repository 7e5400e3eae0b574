// The family that shares a plan: who is in it, asking people in, and saying where one lives.
import { html, nothing } from 'lit-html';
import { day, t } from '../../language/language.js';
import { form } from '../../parts/form.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';
import { person } from '../../session/session.js';

export const FAMILY = `family: myFamily { isOwner stands until people hasAddress needsAddress owner { username }
  members { userId user { username } addressDueAt } invitations { id shown expiresAt } }
  asked: myFamilyInvitations { id owner { username } expiresAt }`;

const ADDRESS = () => [['street', 'address-line1', 200], ['postalCode', 'postal-code', 20], ['city', 'address-level2', 200], ['country', 'country', 2]]
  .map(([name, complete, max]) => ({ name, complete, max, words: t(`plan.${name.toLowerCase()}`), required: name !== 'postalCode', empty: '' }));

// Forms keep what is typed in them while the page is drawn again, so each is made once for its purpose.
const forms = new Map();
const once = (id, make) => { if (!forms.has(id)) forms.set(id, make()); return forms.get(id)(); };

const declare = (words, again) => once(`declare-${words}`, () => form({ id: 'address', button: words, fields: ADDRESS(), act: async (address) => {
  await ask('mutation($a: FamilyAddressInput!) { declareFamilyAddress(address: $a) { family { hasAddress } } }', { a: address });
  notice(t('plan.address-kept'));
  await again();
} }));

const invite = (again) => once('invite', () => form({ id: 'invite', button: t('plan.ask-in'), fields: [{ name: 'who', words: t('plan.who'), required: true, max: 254 }], act: async ({ who }) => {
  await ask('mutation($e: String, $u: String) { inviteToFamily(email: $e, username: $u) { invitation { id } } }', who?.includes('@') ? { e: who } : { u: who });
  await again();
} }));

async function act(document, variables, again) {
  try { await ask(document, variables); await again(); } catch (error) { notice(error.message); }
}

// The answer to an invitation, by its id or by the token of the link that was mailed. `done` is called when it is given.
export const answer = (named, done) => {
  const types = named.id ? '$id: ID' : '$token: String', given = named.id ? 'id: $id' : 'token: $token';
  const decline = () => act(`mutation(${types}) { declineFamilyInvitation(${given}) { success } }`, named, done);
  return once(`answer-${named.id ?? named.token}`, () => form({ id: 'answer', button: t('plan.come-in'), fields: ADDRESS(), act: async (address) => {
    await ask(`mutation(${types}, $a: FamilyAddressInput) { acceptFamilyInvitation(${given}, address: $a) { family { people } } }`, { ...named, a: address });
    notice(t('plan.welcome'));
    await done();
  }, extra: () => html`<button type="button" class="button" @click=${decline}>${t('plan.no')}</button>` }));
};

const asked = (rows, again) => rows.map((one) => html`<section class="narrow"><h2>${t('plan.asked')}</h2>
  <p>${t('plan.asked-by', { name: one.owner?.username ?? '?', day: day(one.expiresAt) })}</p>${answer({ id: one.id }, again)}</section>`);

function member(mine, again) {
  const late = mine.members.some((one) => one.user?.username === person.value?.username && one.addressDueAt);
  return html`<p>${t(mine.stands ? 'plan.shares' : 'plan.shared', { name: mine.owner?.username ?? '?' })}</p>
    ${late ? html`<p role="status">${t('plan.moved')}</p>${declare(t('plan.we-live-here'), again)}` : nothing}
    <button class="button danger" @click=${() => act('mutation { leaveFamily { family { people } } }', {}, again)}>${t('plan.leave')}</button>`;
}

function owner(mine, again) {
  const free = mine.people - 1 - mine.members.length;
  return html`<p>${mine.stands ? t('plan.places', { n: free }) : t('plan.family-over')}</p>
    <ul class="lines">${mine.members.map((one) => html`<li><span class="row-words"><strong>${one.user?.username ?? '?'}</strong><span>${one.addressDueAt ? t('plan.address-due', { day: day(one.addressDueAt) }) : nothing}</span></span>
      <button class="button" aria-label=${t('plan.remove-named', { name: one.user?.username ?? '?' })} @click=${() => act('mutation($u: ID!) { removeFromFamily(userId: $u) { family { people } } }', { u: one.userId }, again)}>${t('plan.remove')}</button></li>`)}
    ${mine.invitations.map((one) => html`<li><span class="row-words"><strong>${one.shown}</strong><span>${t('plan.asked-until', { day: day(one.expiresAt) })}</span></span>
      <button class="button" aria-label=${t('plan.take-back-named', { name: one.shown })} @click=${() => act('mutation($i: ID!) { withdrawFamilyInvitation(id: $i) { success } }', { i: one.id }, again)}>${t('plan.take-back')}</button></li>`)}</ul>
    ${mine.stands && mine.needsAddress ? declare(t(mine.hasAddress ? 'plan.we-moved' : 'plan.we-live-here'), again) : nothing}
    ${mine.stands && (mine.hasAddress || !mine.needsAddress) && free > 0 ? invite(again) : nothing}`;
}

export const family = ({ family: mine, asked: rows }, again) => html`${asked(rows, again)}
  ${mine ? html`<section class="narrow"><h2>${t('plan.family')}</h2>${mine.isOwner ? owner(mine, again) : member(mine, again)}</section>` : nothing}`;
