// What somebody's tier gives and why they have it; codes, the family, and proving to be a student.
import { ask, signedIn } from './api.js';
import { paying } from './billing.js';
import { el, notice } from './element.js';
import { act, day, field, form } from './security.js';

const NAMES = { FREE: 'Free', STUDENT: 'Student', PREMIUM: 'Premium', FAMILY: 'Family' };
const SOURCES = { HOUSE: 'given by this house', STRIPE: 'paid for', FAMILY: 'shared with you', STUDENT: 'as a student' };
const FAMILY = `family: myFamily { isOwner stands until people hasAddress needsAddress owner { username }
  members { userId user { username } addressDueAt } invitations { id shown expiresAt } }
  asked: myFamilyInvitations { id owner { username } expiresAt }`;
const MINE = `mine: myEntitlements { mayTry until tier { tier quality downloads downloadDevices skipsPerHour playingDevices hostRooms }
  grants { source tier endsAt } used { skips skipsFreeAt playingDevices downloadDevices } }`;
const STUDENT = 'student: myStudent { stands takesEmail takesDocuments proof { endsAt school } application { state reason } }';

export async function plan(view) {
  const show = async () => {
    const data = await ask(`{ ${MINE} ${FAMILY} ${STUDENT} }`);
    const bought = await paying(data.student.stands, show);
    view.replaceChildren(el('div', { class: 'settings' }, el('h1', {}, 'Your plan'),
      part('What you have', 'p-have', have(data.mine, show)),
      bought && part('What you pay for', 'p-pay', bought),
      data.asked.length > 0 && part('You are asked into a family', 'p-asked', data.asked.map((each) => answer(each, { id: each.id }, show))),
      data.family && part('Your family', 'p-family', family(data.family, show)),
      (data.student.takesEmail || data.student.takesDocuments || data.student.proof) && part('Student', 'p-student', student(data.student, show))));
  };
  await show();
}

// Behind a link that was sent by mail: who has it may come in, once.
export function invited(view, token) {
  const done = () => { location.hash = '#/plan'; };
  view.replaceChildren(el('div', { class: 'settings' }, el('h1', {}, 'Come into a family'),
    part('Your answer', 'p-answer', el('p', {}, `You are signed in as ${signedIn().user.username}. This account gets what the family’s plan gives.`),
      answer(null, { token }, done))));
}

const part = (title, id, ...inside) => el('section', { class: 'security', 'aria-labelledby': id }, el('h2', { id }, title), ...inside.flat());
const line = (strong, small, ...more) => el('li', {}, el('div', {}, el('strong', {}, strong), el('small', {}, small)), ...more);
const bound = (number, one, many) => (number === 1 ? one : `${number} ${many}`);

function have(mine, show) {
  const { tier, used } = mine;
  const says = [
    tier.quality === 'LOSSLESS' ? 'Lossless sound.' : `Sound up to ${tier.quality.toLowerCase()} quality.`,
    tier.downloads ? `Music on ${bound(tier.downloadDevices, 'one device', 'devices')} without a network; ${used.downloadDevices} in use.` : 'No downloads.',
    tier.skipsPerHour != null && `${tier.skipsPerHour} skips an hour; ${used.skips} used.`,
    tier.playingDevices != null && `Playing on ${bound(tier.playingDevices, 'one device', 'devices')} at a time.`,
  ].filter(Boolean);
  return [
    el('p', {}, el('strong', {}, NAMES[tier.tier]), mine.until ? ` until ${day(mine.until)}` : ''),
    el('ul', {}, says.map((each) => el('li', {}, each))),
    mine.grants.length > 0 && el('ul', { class: 'lines' }, mine.grants.map((each) => line(NAMES[each.tier],
      `${SOURCES[each.source]}${each.endsAt ? `, until ${day(each.endsAt)}` : ''}`))),
    mine.mayTry && act('Begin the free trial', '', async () => { await ask('mutation { startTrial { grant { tier } } }'); await show(); }),
    form('Redeem', [text('code', 'A code', 40)], async ({ code }) => {
      const { redeemCoupon: { grant } } = await ask('mutation($c: String!) { redeemCoupon(code: $c) { grant { tier endsAt } } }', { c: code });
      notice(`You have ${NAMES[grant.tier]} until ${day(grant.endsAt)}.`);
      await show();
    }),
  ];
}

function family(mine, show) {
  const declare = form(mine.hasAddress && mine.isOwner ? 'We have moved' : 'This is where we live', address(), async (given) => {
    await ask('mutation($a: FamilyAddressInput!) { declareFamilyAddress(address: $a) { family { hasAddress } } }', { a: given });
    notice('Thank you. Only a fingerprint of the address is kept.');
    await show();
  });
  if (!mine.isOwner) {
    const late = mine.members.some((each) => each.user?.username === signedIn().user.username && each.addressDueAt);
    return [
      el('p', {}, `You share the plan of ${mine.owner?.username ?? 'somebody who is gone'}. ${mine.stands ? '' : 'It has ended.'}`),
      late && el('p', { role: 'status' }, 'The family has moved: say again where you live.'), late && declare,
      act('Leave this family', '', async () => { await ask('mutation { leaveFamily { family { people } } }'); await show(); }),
    ];
  }
  const free = mine.people - 1 - mine.members.length;
  return [
    el('p', {}, mine.stands ? `${bound(free, 'One place is', 'places are')} free.` : 'Your family plan has ended; your family waits for the next one.'),
    el('ul', { class: 'lines' }, mine.members.map((each) => line(each.user?.username ?? 'Somebody who is gone',
      each.addressDueAt ? `has to say where they live until ${day(each.addressDueAt)}` : 'in your family',
      act('Remove', `Remove ${each.user?.username ?? 'this person'}`, async () => {
        await ask('mutation($u: ID!) { removeFromFamily(userId: $u) { family { people } } }', { u: each.userId });
        await show();
      }))), mine.invitations.map((each) => line(each.shown, `asked until ${day(each.expiresAt)}`,
      act('Take back', `Take back the invitation to ${each.shown}`, async () => {
        await ask('mutation($i: ID!) { withdrawFamilyInvitation(id: $i) { success } }', { i: each.id });
        await show();
      })))),
    mine.stands && mine.needsAddress && declare,
    mine.stands && (mine.hasAddress || !mine.needsAddress) && free > 0 && form('Ask in', [text('who', 'Username or e-mail', 254)], async ({ who }) => {
      const named = who.includes('@') ? { e: who } : { u: who };
      await ask('mutation($e: String, $u: String) { inviteToFamily(email: $e, username: $u) { invitation { id } } }', named);
      await show();
    }),
  ];
}

function answer(invitation, named, done) {
  const types = named.id ? '$id: ID' : '$token: String', given = named.id ? 'id: $id' : 'token: $token';
  return el('div', {}, invitation && el('p', {}, `${invitation.owner?.username ?? 'Somebody'} asks you in until ${day(invitation.expiresAt)}. You have to live at the same address.`),
    form('Come in', address(), async (lives) => {
      await ask(`mutation(${types}, $a: FamilyAddressInput) { acceptFamilyInvitation(${given}, address: $a) { family { people } } }`, { ...named, a: lives });
      notice('Welcome to the family.');
      await done();
    }),
    act('No, thank you', '', async () => {
      await ask(`mutation(${types}) { declineFamilyInvitation(${given}) { success } }`, named);
      notice('You said no.');
      await done();
    }));
}

function student(mine, show) {
  const code = () => form('Confirm', [text('code', 'The eight digits', 20)], async ({ code: digits }) => {
    await ask('mutation($c: String!) { confirmStudentCode(code: $c) { proof { endsAt } } }', { c: digits });
    notice('You are a student for a year.');
    await show();
  });
  const mail = form('Send a code', [text('email', 'Your address at school', 254)], async ({ email }) => {
    await ask('mutation($e: String!) { sendStudentCode(email: $e) { success } }', { e: email });
    mail.replaceWith(el('p', { role: 'status' }, 'A code is on its way. It is good for half an hour.'), code());
  });
  const waits = mine.application?.state === 'OPEN';
  return [
    el('p', {}, mine.stands ? `You are a student (${mine.proof.school}) until ${day(mine.proof.endsAt)}.` : 'Prove that you are a student; it holds for a year.'),
    mine.application?.state === 'DENIED' && el('p', {}, `Your document was not accepted. ${mine.application.reason}`),
    mine.takesEmail && mail,
    waits && el('p', { role: 'status' }, 'Somebody will look at your document.'),
    mine.takesDocuments && !waits && form('Hand in a document', [text('school', 'Your school', 200), text('reference', 'Where it is: an address, a number', 500)],
      async (given) => {
        await ask('mutation($s: String!, $r: String!) { applyAsStudent(school: $s, reference: $r) { application { id } } }', { s: given.school, r: given.reference });
        await show();
      }),
  ];
}

const text = (name, label, maxlength) => field({ type: 'text', name, autocomplete: 'off', maxlength, 'aria-label': label });
const address = () => [['street', 'Street and number', 'address-line1', 200], ['postalCode', 'Postal code', 'postal-code', 20], ['city', 'City', 'address-level2', 200],
  ['country', 'Country, such as DE', 'country', 2]].map(([name, label, autocomplete, maxlength]) =>
  field({ type: 'text', name, autocomplete, maxlength, required: name !== 'postalCode', 'aria-label': label }));
